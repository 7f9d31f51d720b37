"""Suspension: the place is kept, nothing is given, and what is taken up again is taken up once."""

from datetime import date

import pytest
from django.db.models import Sum

from eligibility.models import OPEN, Tally
from enrollment import services
from enrollment.models import Allowance, EnrollmentMove, Suspension
from enrollment.services import NotEnrollable
from rsu.authentication import engine
from rsu.models import AuditEvent
from rsu.permissions import Forbidden

from .builders import DAY, PUPIL, child, couple, determine, flip

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER, JANUARY, FEBRUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)


@pytest.fixture
def aided(amina):
    """A couple with one pupil, aided from the month of DAY: 22 November 2026."""
    household = couple(child(date(2012, 5, 1), **PUPIL))
    determine(household, "direct_aid")
    services.propose_due(on=DAY, by=engine())
    services.accept_household(household, "direct_aid", on=DAY, by=amina)
    return household


def aid_of(household):
    return household.enrollments.get(program="direct_aid")


def suspend(household, by, on=DAY):
    return services.suspend_enrollments([aid_of(household).pk], reason="payé ailleurs ?", on=on, by=by)


def resume(household, by, *, restore, on):
    return services.resume_enrollments([aid_of(household).pk], reason="vérifié", restore=restore, on=on, by=by)


def written(household):
    return list(Allowance.objects.filter(household=household).order_by("month").values_list("month", flat=True))


def test_a_month_whose_reference_day_is_suspended_is_not_written(aided, amina):
    suspend(aided, amina, on=date(2026, 11, 25))
    assert services.write_months(aided, since=DECEMBER, read_on=DECEMBER, on=JANUARY) == 0
    resume(aided, amina, restore=False, on=date(2027, 1, 10))
    assert services.write_months(aided, since=DECEMBER, read_on=DECEMBER, on=FEBRUARY) == 1
    assert written(aided) == [NOVEMBER, FEBRUARY]


def test_given_back_every_month_is_written_and_no_day_was_suspended(aided, amina):
    suspend(aided, amina, on=date(2026, 11, 25))
    resume(aided, amina, restore=True, on=date(2027, 1, 10))
    assert written(aided) == [NOVEMBER, DECEMBER, JANUARY]
    assert set(Allowance.objects.values_list("amount", flat=True)) == {50000}  # one pupil: 300, brought to 500
    row = Suspension.objects.get()
    assert row.since == row.until == date(2026, 11, 25)


def test_suspended_twice_it_is_suspended_once_and_resumed_once(aided, amina):
    suspend(aided, amina)
    suspend(aided, amina)
    assert Suspension.objects.count() == 1 and AuditEvent.objects.filter(verb="suspend_enrollment").count() == 1
    resume(aided, amina, restore=True, on=date(2026, 12, 2))
    resume(aided, amina, restore=True, on=date(2026, 12, 3))
    assert AuditEvent.objects.filter(verb="resume_enrollment").count() == 1
    assert list(EnrollmentMove.objects.filter(enrollment=aid_of(aided)).order_by("id").values_list("after", flat=True)) == [
        "proposed", "active", "suspended", "active",
    ]  # fmt: skip


def test_a_suspended_right_keeps_its_place_and_is_not_proposed_again(aided, amina):
    suspend(aided, amina)
    services.propose_for_household(aided.pk, on=DAY, by=engine())
    assert [one.status for one in aided.enrollments.filter(program="direct_aid")] == ["suspended"]
    with pytest.raises(NotEnrollable, match="se reprend"):
        services.accept_enrollment(aid_of(aided).pk, on=DAY, by=amina)
    counted = Tally.objects.filter(measure="enrolled", program="direct_aid").aggregate(n=Sum("households"))["n"]
    assert counted == 1
    services.end_enrollment(aid_of(aided).pk, reason="départ", on=DAY, by=amina)
    assert Tally.objects.filter(measure="enrolled", program="direct_aid").aggregate(n=Sum("households"))["n"] == 0


def test_what_the_score_no_longer_gives_is_taken_up_in_review(aided, amina):
    suspend(aided, amina)
    flip(aided.determinations.get(until=OPEN), on=date(2026, 12, 1))
    resume(aided, amina, restore=False, on=date(2026, 12, 2))
    assert aid_of(aided).status == "in_review"


def test_only_what_runs_is_suspended_and_only_what_is_suspended_resumed(aided, amina):
    with pytest.raises(NotEnrollable, match="motif"):
        services.suspend_enrollments([aid_of(aided).pk], reason=" ", on=DAY, by=amina)
    services.end_enrollment(aid_of(aided).pk, reason="départ", on=DAY, by=amina)
    with pytest.raises(NotEnrollable, match="en cours"):
        suspend(aided, amina)
    with pytest.raises(NotEnrollable, match="suspendue"):
        resume(aided, amina, restore=False, on=DAY)


def test_the_insured_is_not_suspended_without_the_dependants(amina):
    household = couple()
    determine(household, "amo_tadamon")
    services.propose_due(on=DAY, by=engine())
    services.accept_household(household, "amo_tadamon", on=DAY, by=amina)
    head = household.enrollments.get(quality="insured")
    with pytest.raises(NotEnrollable, match="ayants droit"):
        services.suspend_enrollments([head.pk], reason="doute", on=DAY, by=amina)
    ids = list(household.enrollments.values_list("pk", flat=True))
    assert {one.status for one in services.suspend_enrollments(ids, reason="doute", on=DAY, by=amina)} == {"suspended"}


def test_nobody_suspends_outside_the_area_and_an_auditor_never(aided, brahim, yassine):
    for somebody in (brahim, yassine):
        with pytest.raises(Forbidden):
            suspend(aided, somebody)
