"""Many decisions at once give the rows that they would give one by one, whatever the families; and the money shown is the money given."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.models import Tally
from enrollment import queries, services
from enrollment.models import Allowance, DecisionChunk, Enrollment, EnrollmentMove
from enrollment.selection import Selection, selected
from households.models import Request
from rsu.authentication import engine
from rsu.models import User
from tests.eligibility.families import GUELIZ
from tests.sizes import cases

from .builders import DAY, PUPIL, child, couple, determine, family, flip, man, widow_with, woman
from .test_batches import WHY, propose, run, waiting

CHILDREN = st.lists(
    st.builds(
        lambda year, pupil, cover: child(date(year, 5, 1), cover=cover, **(PUPIL if pupil and year < 2021 else {})),
        st.integers(2000, 2025), st.booleans(), st.sampled_from(["none", "none", "amo_student"]),
    ),
    max_size=4,
)  # fmt: skip


@st.composite
def families(draw):
    answers = {"commune": draw(st.sampled_from(["06.141.01.53", GUELIZ]))}
    husband = man(
        other_allowances=draw(st.sampled_from([None, None, None, True])),
        cover=draw(st.sampled_from(["none", "none", "amo_employee"])),
        nationality=draw(st.sampled_from(["ma", "ma", "ma", "sn"])),
    )
    children = draw(CHILDREN)
    kind = draw(st.sampled_from(["couple", "widow", "adult"]))
    make = {
        "couple": lambda: family(husband, woman(spouse=1), *({"mother": 2, "father": 1} | one for one in children), **answers),
        "widow": lambda: widow_with(*children, **answers),
        "adult": lambda: family(man(marital_status="single"), **answers),
    }[kind]
    return {
        "make": make,
        "since": draw(st.dates(date(2026, 9, 1), DAY)),
        "asked": draw(st.none() | st.dates(date(2026, 8, 1), date(2026, 11, 20))),
        "reason": draw(st.sampled_from(["declaration", "load", "threshold", "time", "appeal"])),
        "before": draw(st.sampled_from(["proposed", "proposed", "accepted", "ended", "reviewed", "refused"])),
        "after": draw(st.sampled_from(["", "", "", "cover", "birth", "lost", "gone"])),
    }


def settle(specs, program, by):
    """The random kingdom, written; whatever cannot be done to a family is left undone."""
    for spec in specs:
        home = spec["make"]()
        row = determine(home, program, since=spec["since"], reason=spec["reason"])
        if spec["asked"]:
            Request.objects.create(
                token=f"00000000-0000-0000-0000-{home.pk:012d}", kind="registration", status="processed", household=home, created_by=by,
                submitted_on=spec["asked"], processed_by=by, processed_at=datetime(2026, 11, 22, tzinfo=timezone.get_current_timezone()),
            )  # fmt: skip
        services.propose_for_household(home.pk, on=DAY, by=engine())
        ids = list(home.enrollments.values_list("pk", flat=True))
        if not ids:
            continue
        try:
            with transaction.atomic():
                if spec["before"] in ("accepted", "ended", "reviewed"):
                    services.accept_enrollments(ids, on=DAY, by=by)
                if spec["before"] == "ended":
                    services.end_enrollments(ids, reason="erreur", on=DAY, by=by)
                    services.propose_for_household(home.pk, on=DAY, by=engine())
                if spec["before"] == "refused":
                    services.refuse_enrollments(ids[:1], reason="doute", on=DAY, by=by)
        except services.NotEnrollable:
            continue
        if spec["before"] == "reviewed" or spec["after"] == "lost":
            flip(row, on=DAY + timedelta(days=1))
            if spec["before"] == "reviewed":
                services.propose_for_household(home.pk, on=DAY, by=engine())
        if spec["after"] == "cover":
            home.members.filter(relation="spouse").update(cover="amo_employee")
        if spec["after"] == "gone":
            home.members.filter(relation="spouse").delete()


def photograph():
    places = Tally.objects.filter(measure="enrolled").values_list("program", "commune", "milieu").order_by("program", "commune", "milieu")
    return {
        "rights": list(
            Enrollment.objects.order_by("id").values_list(
                "id", "status", "since", "until", "determination", "people", "commune", "milieu", "decided_by", "reason"
            )
        ),
        "moves": list(EnrollmentMove.objects.order_by("enrollment", "id").values_list("enrollment", "before", "after", "by", "reason")),
        "counts": [row for row in places.annotate(h=Sum("households"), p=Sum("people")) if row[3] or row[4]],
        "months": list(
            Allowance.objects.order_by("household", "month").values_list("enrollment", "month", "read_on", "amount", "payee", "payee_idcs")
        ),
        "lines": list(
            Allowance.objects.order_by("household", "month", "lines__position").values_list(
                "household", "month", "lines__kind", "lines__member", "lines__amount", "lines__provision"
            )
        ),
    }


SINGLE = {"accept": services.accept_enrollments, "end": services.end_enrollments, "keep": services.keep_enrollments}


class Undone(Exception):
    pass


@pytest.mark.django_db
@pytest.mark.parametrize("program", ["amo_tadamon", "direct_aid"])
@pytest.mark.parametrize("deed", SINGLE)
@settings(max_examples=cases(3, 12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(specs=st.lists(families(), min_size=1, max_size=6))
def test_many_at_once_are_what_they_would_be_one_by_one(program, deed, specs, chaima):
    by = User(username="hakim", role="supervisor", area_level="kingdom")
    second = User(username="nora", role="supervisor", area_level="kingdom")
    with pytest.raises(Undone), transaction.atomic():
        by.save()
        second.save()
        settle(specs, program, by)
        rows = selected(second, deed=deed, program=program, chosen=Selection())
        by_household = {}
        for household, pk in rows.values_list("household_id", "pk"):
            by_household.setdefault(household, []).append(pk)
        taken = {}
        with pytest.raises(Undone), transaction.atomic():
            for ids in by_household.values():
                try:
                    with transaction.atomic():
                        SINGLE[deed](ids, on=DAY, by=by, **({} if deed == "accept" else {"reason": WHY}))
                except services.NotEnrollable:
                    continue
            taken = photograph()
            raise Undone
        if by_household:
            batch = propose(deed, program, second)
            services.sign_batch(batch.pk, on=DAY, by=by)
            chunk = services.claim_decisions(worker="w", at=timezone.now())
            assert services.apply_decisions(chunk, on=DAY, at=timezone.now())
        assert photograph() == taken
        raise Undone


@pytest.mark.django_db
def test_money_shown_before_is_the_money_given(salma, chaima):
    homes = [couple(*(child(date(2012 + n, 5, 1), **PUPIL) for n in range(count))) for count in (0, 1, 3)]
    for home in homes:
        determine(home, "direct_aid", since=date(2026, 11, 1), reason="threshold")
    services.propose_due(on=DAY, by=engine())
    batch = propose("accept", "direct_aid", salma)
    assert batch.monthly == 50_000 + 50_000 + 90_000
    services.sign_batch(batch.pk, on=DAY, by=chaima)
    run(batch)
    month = Allowance.objects.filter(month=date(2026, 11, 1)).aggregate(total=Sum("amount"), n=Count("pk"))
    assert month == {"total": batch.monthly, "n": 3}
    assert DecisionChunk.objects.get().applied == 3
    assert queries.work_list(salma).count() == 0


@pytest.mark.django_db
def test_what_the_state_pays_for_a_cover_is_shown_before(salma):
    waiting("amo_tadamon", 2)
    batch = propose("accept", "amo_tadamon", salma)
    assert (batch.planned, batch.people, batch.monthly) == (4, 4, 2 * 18_000)
