"""Legal clocks: which run, until which day, in whose area; and what is raised when they are left to run."""

from datetime import date, timedelta

import pytest

from eligibility.models import HeldLoss, Provision
from enrollment import clocks, services
from enrollment.models import Escalation
from rsu.authentication import engine
from rsu.models import AuditEvent
from tests.eligibility.families import GUELIZ, family, person
from tests.households.requesting import opened, send

from .appealing import FILED_ON, filed, law, made_richer, registered
from .builders import couple, determine

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


def proposed(household, *, since=date(2026, 11, 2)):
    determine(household, "direct_aid", since=since)
    services.propose_for_household(household.pk, on=DAY, by=engine())
    return household


def held(household, *, on):
    formula = Provision.objects.filter(key="score.formula").first()
    line = Provision.objects.filter(key="direct_aid.threshold").first()
    return HeldLoss.objects.create(
        household=household,
        program="direct_aid",
        on=on,
        score=97500000,
        facts_id=0,
        formula=formula,
        threshold=line,
        held_at="2026-11-22T08:00Z",
    )


def seen(user, on=DAY, **narrowed):
    return [(one.clock, one.started, one.due, one.left) for one in clocks.told(clocks.running(user, law=law(on), **narrowed), on=on)]


def test_each_clock_runs_from_its_day_to_its_last_day(amina):
    proposed(couple())  # no request: from the day the score opened it, 2 November; 30 days: 2 December
    held(family(person()), on=date(2026, 11, 10))  # 30 days: 10 December
    assert seen(amina) == [
        ("application", date(2026, 11, 2), date(2026, 12, 2), 10),
        ("loss", date(2026, 11, 10), date(2026, 12, 10), 18),
    ]


def test_the_day_an_aid_is_applied_for_starts_its_clock(amina):
    household = registered(amina)
    rows = household.enrollments.filter(program="direct_aid")
    assert not seen(amina, household=household)  # decided
    assert rows.get().status == "active"


def test_an_appeal_and_its_request_are_one_clock(amina, nadia):
    household = registered(amina)
    made_richer(household, amina, nadia)
    filed(household, amina)
    assert seen(amina, on=FILED_ON) == [("appeal", FILED_ON, date(2026, 12, 20), 30)]


def test_a_request_in_progress_runs_and_belongs_to_whoever_sent_it(amina):
    household = registered(amina)
    send(amina, opened(amina, household, kind="complaint", reason="Rien ne vient."))
    [row] = clocks.told(clocks.running(amina, law=law(DAY)), on=DAY)
    assert (row.clock, row.due, row.owner) == ("request", date(2026, 12, 22), amina)
    assert [one.subject for one in clocks.told(clocks.running(amina, law=law(DAY), mine=True), on=DAY)] == [row.subject]


def test_the_last_day_is_not_late_and_the_next_is(amina):
    proposed(couple())
    [on_the_day] = clocks.told(clocks.running(amina, law=law(date(2026, 12, 2))), on=date(2026, 12, 2))
    [after] = clocks.told(clocks.running(amina, law=law(date(2026, 12, 3))), on=date(2026, 12, 3))
    assert (on_the_day.late, on_the_day.left, after.late, after.days_late) == (False, 0, True, 1)


def test_nobody_sees_the_clocks_of_another_area(brahim, salma):
    proposed(couple())
    proposed(couple(commune=GUELIZ), since=date(2026, 11, 3))
    assert [row[1] for row in seen(brahim)] == [date(2026, 11, 3)]
    assert [row[1] for row in seen(salma)] == [date(2026, 11, 2)]


def test_what_is_counted_is_what_is_listed(amina):
    for days in range(5):
        proposed(couple(), since=date(2026, 10, 20) + timedelta(days=days))  # due from 19 to 23 November
        held(family(person()), on=date(2026, 11, 1) + timedelta(days=days))
    found = {one.clock: one for one in clocks.counts(amina, law=law(DAY))}
    assert (found["application"].running, found["application"].late, found["application"].soon) == (5, 3, 2)
    assert sum(one.running for one in found.values()) == len(seen(amina)) == 10
    assert len(seen(amina, late=True)) == 3 and len(seen(amina, clocks=["loss"])) == 5


def test_the_queries_do_not_grow_with_the_rows(amina, django_assert_num_queries):
    rules = law(DAY)
    for number in (1, 4):
        for _ in range(number):
            proposed(couple())
        with django_assert_num_queries(3):  # the union, the households, their heads
            clocks.told(clocks.running(amina, law=rules), on=DAY)
        with django_assert_num_queries(5):
            clocks.counts(amina, law=rules)


class TestEscalation:
    def test_the_supervisor_five_days_before_and_the_administrator_the_day_after(self, db):
        proposed(couple())  # due on 2 December
        raised = [
            (day, services.escalate_clocks(on=day, by=engine())) for day in (date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 2))
        ]
        assert raised == [
            (date(2026, 11, 26), {"supervisor": 0, "administrator": 0}),
            (date(2026, 11, 27), {"supervisor": 1, "administrator": 0}),
            (date(2026, 12, 2), {"supervisor": 0, "administrator": 0}),
        ]
        assert services.escalate_clocks(on=date(2026, 12, 3), by=engine()) == {"supervisor": 0, "administrator": 1}
        assert Escalation.objects.count() == 2 and AuditEvent.objects.filter(verb="escalate_clocks").count() == 2

    def test_raised_twice_it_is_raised_once(self, db):
        proposed(couple(), since=date(2026, 9, 1))
        assert services.escalate_clocks(on=DAY, by=engine()) == {"supervisor": 1, "administrator": 1}
        assert services.escalate_clocks(on=DAY, by=engine()) == {"supervisor": 0, "administrator": 0}

    def test_it_is_shown_to_the_level_it_was_raised_to_while_the_clock_runs(self, salma, chaima, amina):
        household = proposed(couple(), since=date(2026, 10, 26))  # due on 25 November
        services.escalate_clocks(on=DAY, by=engine())
        assert len(seen(salma, raised="supervisor")) == 1 and not seen(chaima, raised="administrator")
        services.accept_household(household, "direct_aid", on=DAY, by=amina)
        assert not seen(salma, raised="supervisor")

    def test_the_days_are_the_laws(self, db):
        Provision.objects.create(
            key="appeal.escalation_days", since=DAY, value={"before": 20, "after": 0}, source="Circulaire", confidence="H"
        )
        proposed(couple())
        assert services.escalate_clocks(on=DAY, by=engine()) == {"supervisor": 1, "administrator": 0}

    def test_a_row_is_never_written_twice_nor_changed(self, db):
        from django.db import IntegrityError, transaction

        proposed(couple(), since=date(2026, 9, 1))
        services.escalate_clocks(on=DAY, by=engine())
        row = Escalation.objects.first()
        with pytest.raises(IntegrityError, match="escalated_once"), transaction.atomic():
            Escalation.objects.create(
                clock=row.clock,
                subject_id=row.subject_id,
                level=row.level,
                household=row.household,
                commune=row.commune,
                due_on=DAY,
                raised_on=DAY,
            )
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            Escalation.objects.update(due_on=DAY)
