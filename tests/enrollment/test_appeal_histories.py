"""Whatever the order and the days of losses, ends, appeals and answers: nobody is covered twice a day, no month is written twice, and
what was contested and granted has no hole."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.models import OPEN
from enrollment import services
from enrollment.services import AppealRefused, NotEnrollable
from enrollment.services.restoring import joined, windows, without
from rsu.models import User
from tests.sizes import cases

from .appealing import bring_up_to_date, filed, made_richer, registered, truth

FIRST = date(2026, 10, 6)
steps = st.lists(
    st.tuples(st.sampled_from(["lose", "end", "appeal", "uphold", "dismiss", "suspend", "resume"]), st.integers(0, 20)),
    min_size=3,
    max_size=9,
)


def _walk(household, amina, nadia, salma, history) -> None:
    on, state = FIRST, {"appeal": None, "first": truth(household)}
    for deed, days in history:
        on += timedelta(days=days)
        try:
            _do(deed, household, amina, nadia, salma, on, state)
        except (AppealRefused, NotEnrollable):
            continue  # not the moment for it: the history goes on


def _do(deed, household, amina, nadia, salma, on, state) -> None:
    rights = household.enrollments.filter(program="direct_aid")
    match deed:
        case "lose":
            household.refresh_from_db()
            if not household.second_home and state["appeal"] is None:
                made_richer(household, amina, nadia, on=on)
        case "end":
            for program in ("amo_tadamon", "direct_aid"):
                ids = list(household.enrollments.filter(program=program, status="in_review").values_list("pk", flat=True))
                if ids:
                    services.end_enrollments(ids, reason="indice", on=on, by=amina)
        case "appeal":
            lost = household.determinations.filter(program="direct_aid", entitled=False, until=OPEN).first()
            if lost and state["appeal"] is None and lost.since <= on:
                appeal = filed(household, amina, key=f"determination:{lost.pk}", claims=state["first"], on=on, notified_on=on)
                state["appeal"] = services.examine_appeal(appeal_id=appeal.pk, on=on, by=amina)
        case "uphold" | "dismiss":
            if state["appeal"]:
                if deed == "uphold":
                    services.uphold_appeal(appeal_id=state["appeal"].pk, answer="Oui.", on=on, by=salma)
                else:
                    services.dismiss_appeal(appeal_id=state["appeal"].pk, answer="Non.", on=on, by=salma)
                state["appeal"] = None
        case "suspend":
            services.suspend_enrollments(list(rights.filter(status="active").values_list("pk", flat=True)), reason="doute", on=on, by=amina)
        case "resume":
            ids = list(rights.filter(status="suspended").values_list("pk", flat=True))
            services.resume_enrollments(ids, reason="levé", restore=True, on=on, by=amina)
    bring_up_to_date(household, on=on)


@pytest.mark.django_db
@settings(max_examples=cases(5, 40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=steps)
def test_random_histories_never_overlap_nor_write_a_month_twice(history):
    from django.db import transaction

    amina, nadia, salma = (User.objects.get(username=name) for name in ("amina", "nadia", "salma"))
    with transaction.atomic():
        household = registered(amina)
        _walk(household, amina, nadia, salma, history)
        _check(household)
        transaction.set_rollback(True)


def _check(household) -> None:
    rows = household.enrollments.filter(since__isnull=False).exclude(status="refused").order_by("idcs", "since")
    by_person: dict[tuple, list] = {}
    for one in rows:
        by_person.setdefault((one.program, one.idcs), []).append((one.since, one.until))
    for spans in by_person.values():
        assert all(until <= since for (_first, until), (since, _last) in pairwise(spans))
    months = list(household.allowances.values_list("month", flat=True))
    assert len(months) == len(set(months))
    aided = [span for (program, _idcs), spans in by_person.items() if program == "direct_aid" for span in spans]
    assert all(any(since <= month < until for since, until in aided) for month in months)
    # Everybody's cover is one piece wherever the score never stopped giving the right.
    if all(row.entitled for row in household.determinations.filter(program="amo_tadamon")):
        assert {len(joined(spans)) for (program, _idcs), spans in by_person.items() if program == "amo_tadamon"} == {1}


day = st.integers(0, 400).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
period = st.tuples(day, st.integers(1, 60)).map(lambda one: (one[0], one[0] + timedelta(days=one[1])))
periods = st.lists(period, max_size=6)


def _days(spans) -> set[date]:
    return {since + timedelta(days=n) for since, until in spans for n in range((until - since).days)}


@given(periods, periods)
def test_without_keeps_exactly_the_days_that_are_free(wanted, taken):
    found = without(joined(wanted), taken)
    assert _days(found) == _days(wanted) - _days(taken)
    assert sum((until - since).days for since, until in found) == len(_days(found))


@given(periods, periods, day)
def test_windows_hold_every_day_gained_since_and_no_day_before(before, after, since):
    found = windows(joined(before), joined(after), since=since)
    gained = {one for one in _days(after) - _days(before) if one >= since}
    assert gained <= _days(found) <= {one for one in _days(after) if one >= since}
