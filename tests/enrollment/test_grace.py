"""Months of grace: a right lost by the score runs on, enrollments and allowances with it, until the day that was written down."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from eligibility.models import OPEN, Determination
from enrollment import queries, services
from enrollment.services import NotEnrollable
from rsu.authentication import engine

from .builders import couple, determine, flip

pytestmark = pytest.mark.django_db
FIRST, LOSS, LAST = date(2026, 11, 2), date(2027, 1, 31), date(2027, 2, 28)
"""LAST is the first day without the right: 31 January and one month, the law of PostgreSQL's intervals."""


def lost(household, program, by, *, on=LOSS, until=LAST):
    """Enrolled on FIRST, lost on LOSS with grace until LAST, the enrollment put in review; its rows."""
    row = determine(household, program, since=FIRST)
    services.propose_due(on=FIRST, by=engine())
    services.accept_household(household, program, on=FIRST, by=by)
    Determination.objects.filter(pk=flip(row, on=on).pk).update(grace_until=until)
    services.propose_due(on=on, by=engine())
    return list(household.enrollments.filter(program=program).order_by("id"))


def ids(rows):
    return [row.pk for row in rows]


@pytest.mark.parametrize("program", ["amo_tadamon", "direct_aid"])
def test_the_loss_ends_nothing_before_the_last_day_of_grace(program, amina):
    rows = lost(couple(), program, amina)
    with pytest.raises(NotEnrollable, match="jusqu’au 27 février 2027 inclus"):
        services.end_enrollments(ids(rows), reason="indice", on=date(2027, 2, 27), by=amina)
    assert {row.status for row in rows[0].household.enrollments.all()} == {"in_review"}
    services.end_enrollments(ids(rows), reason="indice", on=LAST, by=amina)
    assert set(rows[0].household.enrollments.values_list("status", "until")) == {("ended", date(2027, 3, 1))}


def test_another_cause_ends_it_with_the_month_of_the_notice(amina):
    rows = lost(couple(), "amo_tadamon", amina)
    services.end_enrollments(ids(rows), reason="décès", on=date(2027, 1, 31), by=amina, other_cause=True)
    assert set(rows[0].household.enrollments.values_list("status", "until")) == {("ended", date(2027, 2, 1))}


def test_the_person_is_covered_during_the_grace_and_until_somebody_ends_it(amina):
    household = couple()
    rows = lost(household, "amo_tadamon", amina)
    idcs = household.members.get(relation="head").idcs
    assert queries.current_cover(idcs, date(2027, 2, 27)).household == household
    services.end_enrollments(ids(rows), reason="indice", on=LAST, by=amina)
    assert queries.current_cover(idcs, LAST).household == household
    assert queries.current_cover(idcs, date(2027, 3, 1)) is None


def test_the_months_of_grace_are_owed(amina):
    household = couple()
    rows = lost(household, "direct_aid", amina)
    services.write_months(household, since=date(2026, 12, 1), read_on=date(2026, 12, 1), on=date(2027, 2, 1))
    services.end_enrollments(ids(rows), reason="indice", on=LAST, by=amina)
    services.write_months(household, since=date(2027, 3, 1), read_on=date(2027, 3, 1), on=date(2027, 3, 1))
    assert [str(row.month) for row in household.allowances.order_by("month")] == ["2026-11-01", "2026-12-01", "2027-01-01", "2027-02-01"]


def test_entitled_again_in_grace_nothing_was_interrupted(amina):
    household = couple()
    lost(household, "amo_tadamon", amina)
    flip(Determination.objects.get(household=household, program="amo_tadamon", until=OPEN), on=date(2027, 2, 10))
    services.propose_due(on=date(2027, 2, 10), by=engine())
    assert set(household.enrollments.values_list("status", "since", "until")) == {("active", FIRST, OPEN)}


def test_without_grace_the_loss_ends_with_its_month(amina):
    rows = lost(couple(), "amo_tadamon", amina, until=None)
    services.end_enrollments(ids(rows), reason="indice", on=LOSS, by=amina)
    assert set(rows[0].household.enrollments.values_list("status", "until")) == {("ended", date(2027, 2, 1))}


# The pages


@pytest.fixture
def in_grace(client, amina):
    """A household that lost its aid today, its rights running on until the next 15th of a month far ahead."""
    client.force_login(amina)
    household = couple()
    return client, lost(household, "direct_aid", amina, on=localdate(), until=date(9998, 6, 16))


def test_the_decision_page_says_until_when_and_asks_for_another_cause(in_grace):
    client, [row] = in_grace
    address = reverse("enrollment:decide", args=[row.pk])
    page = client.get(address).content.decode()
    assert "court encore jusqu’au 15 juin 9998 inclus" in page and 'name="other_cause"' in page
    answers = {"enrollments": [row.pk], "deed": "end", "reason": "indice"}
    refused = client.post(address, answers)
    assert refused.status_code == 422 and "15 juin 9998 inclus" in refused.content.decode()
    assert client.post(address, answers | {"other_cause": "on"}).status_code == 302
    row.refresh_from_db()
    assert row.status == "ended"


def test_the_work_list_says_until_when(in_grace):
    client, _rows = in_grace
    assert "le droit court jusqu’au 15 juin 9998 inclus" in client.get(reverse("enrollment:work")).content.decode()
