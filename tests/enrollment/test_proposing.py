"""What the score opens and closes becomes proposals and reviews, by chunks, twice, by two workers."""

import threading
from datetime import date

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from eligibility.models import Determination
from enrollment import services, tasks
from enrollment.models import Enrollment, EnrollmentMove, Unit
from households.models import Household, Member
from rsu.authentication import engine
from rsu.models import AuditEvent

from .builders import DAY, PUPIL, child, couple, determine, family, flip, man, woman

LATER = date(2026, 12, 3)


def propose(on=DAY, limit=500):
    return services.propose_due(limit=limit, on=on, by=engine())


def standing(household, program="amo_tadamon"):
    rows = household.enrollments.filter(program=program).order_by("id")
    return [(row.quality, row.status) for row in rows]


def accepted(household, program, by, on=DAY):
    determination = determine(household, program)
    propose()
    services.accept_household(household, program, on=on, by=by)
    return determination


@pytest.mark.django_db
class TestOpening:
    def test_each_person_of_each_unit_is_proposed_once_with_its_move(self):
        household = couple(child(date(2012, 1, 1), **PUPIL), child(date(1998, 1, 1)))
        determine(household, "amo_tadamon")
        assert propose() == 1
        assert standing(household) == [
            ("insured", "proposed"),
            ("dependant", "proposed"),
            ("dependant", "proposed"),
            ("insured", "proposed"),
        ]
        assert list(Unit.objects.filter(household=household).order_by("id").values_list("kind", flat=True)) == ["family", "adult"]
        moves = EnrollmentMove.objects.filter(enrollment__household=household)
        assert set(moves.values_list("before", "after", "by__username")) == {("", "proposed", "engine")}
        assert moves.count() == 4

    def test_direct_aid_is_proposed_to_the_household(self):
        household = couple()
        determine(household, "direct_aid")
        propose()
        assert standing(household, "direct_aid") == [("household", "proposed")]

    def test_a_person_with_another_cover_is_not_proposed(self):
        household = family(man(), woman(spouse=1, cover="amo_employee"))
        determine(household, "amo_tadamon")
        propose()
        assert standing(household) == [("insured", "proposed")]

    def test_the_second_time_there_is_nothing_to_do(self):
        household = couple()
        determine(household, "amo_tadamon")
        assert [propose(), propose()] == [1, 0]
        assert not Determination.objects.filter(handled=False).exists()
        assert len(standing(household)) == 2

    def test_a_chunk_leaves_one_event_and_takes_no_more_than_it_was_told(self):
        for _number in range(3):
            determine(couple(), "direct_aid")
        assert [propose(limit=2), propose(limit=2), propose(limit=2)] == [2, 1, 0]
        events = AuditEvent.objects.filter(verb="propose_enrollments").order_by("id")
        assert [event.details["proposed"] for event in events] == [2, 1]

    def test_a_longer_chunk_asks_no_more_questions(self):
        engine()
        assert questions_asked(1) == questions_asked(9)

    def test_the_task_takes_chunk_after_chunk_until_none_is_left(self):
        for _number in range(3):
            determine(couple(), "direct_aid", since=date(2026, 11, 2))
        assert tasks.propose_due.name == "enrollment.propose_due"
        assert [tasks.propose_due(), tasks.propose_due()] == [3, 0]
        assert Enrollment.objects.filter(status="proposed").count() == 3

    def test_a_period_already_closed_only_stops_waiting(self):
        household = couple()
        row = determine(household, "direct_aid")
        Determination.objects.filter(pk=row.pk).update(until=LATER)
        assert propose() == 1
        assert standing(household, "direct_aid") == []


@pytest.mark.django_db
class TestClosing:
    def test_a_lost_right_puts_what_runs_in_review(self, amina):
        household = couple()
        flip(accepted(household, "amo_tadamon", amina), on=LATER)
        propose(on=LATER)
        assert standing(household) == [("insured", "in_review"), ("dependant", "in_review")]
        assert set(household.enrollments.values_list("reason", flat=True)) == {"L’indice du ménage ne donne plus ce droit."}

    def test_a_lost_right_refuses_what_was_only_proposed(self):
        household = couple()
        gained = determine(household, "direct_aid")
        propose()
        flip(gained, on=LATER)
        propose(on=LATER)
        assert standing(household, "direct_aid") == [("household", "refused")]

    def test_what_the_engine_refused_is_proposed_again_when_the_right_comes_back(self):
        household = couple()
        gained = determine(household, "direct_aid")
        propose()
        flip(flip(gained, on=LATER), on=date(2026, 12, 10))
        Determination.objects.filter(household=household, since=LATER).update(handled=False)
        propose(on=date(2026, 12, 10))
        assert standing(household, "direct_aid") == [("household", "proposed")]

    def test_a_right_regained_runs_again_by_the_engine(self, amina):
        household = couple()
        lost = flip(accepted(household, "amo_tadamon", amina), on=LATER)
        propose(on=LATER)
        flip(lost, on=date(2026, 12, 10))
        propose(on=date(2026, 12, 10))
        assert standing(household) == [("insured", "active"), ("dependant", "active")]
        last = EnrollmentMove.objects.filter(enrollment__household=household).latest("id")
        assert (last.before, last.after, last.by.username) == ("in_review", "active", "engine")


@pytest.mark.django_db
class TestOneHousehold:
    def test_a_child_born_under_an_old_determination_joins_the_unit(self, amina):
        household = couple()
        accepted(household, "amo_tadamon", amina)
        wife = household.members.get(relation="spouse")
        Member.objects.create(
            household=household, position=3, idcs="2000000047", first_name_fr="Fictif", last_name_fr="Né", relation="child", sex="male",
            born_on=LATER, marital_status="single", mother=wife, cover="none",
        )  # fmt: skip
        services.propose_for_household(household.pk, on=LATER, by=amina)
        assert standing(household) == [("insured", "active"), ("dependant", "active"), ("dependant", "active")]
        assert Unit.objects.filter(household=household).count() == 1
        services.accept_household(household, "amo_tadamon", on=LATER, by=amina)
        assert standing(household)[2] == ("dependant", "active")

    def test_nothing_to_do_leaves_no_trace(self, amina):
        household = couple()
        determine(household, "amo_tadamon")
        services.propose_for_household(household.pk, on=DAY, by=amina)
        services.propose_for_household(household.pk, on=DAY, by=amina)
        assert AuditEvent.objects.filter(verb="propose_enrollments", household_id=household.pk, by=amina).count() == 1

    def test_what_a_caseworker_refused_is_not_asked_again_under_the_same_answer(self, amina):
        household = couple()
        row = determine(household, "amo_tadamon")
        propose()
        wife = household.enrollments.get(quality="dependant")
        services.refuse_enrollment(wife.pk, reason="séparée", on=DAY, by=amina)
        services.propose_for_household(household.pk, on=DAY, by=amina)
        assert standing(household) == [("insured", "proposed"), ("dependant", "refused")]
        flip(flip(row, on=LATER), on=date(2026, 12, 10))
        services.propose_for_household(household.pk, on=date(2026, 12, 10), by=amina)
        assert standing(household) == [("insured", "proposed"), ("dependant", "refused"), ("dependant", "proposed")]

    def test_a_proposal_that_the_family_outgrew_is_replaced(self, amina):
        household = couple(child(date(2005, 12, 1), schooling="no"))
        determine(household, "amo_tadamon")
        propose()
        services.propose_for_household(household.pk, on=LATER, by=amina)
        assert standing(household) == [
            ("insured", "proposed"),
            ("dependant", "proposed"),
            ("dependant", "refused"),
            ("insured", "proposed"),
        ]


def questions_asked(households: int) -> int:
    for _number in range(households):
        row = couple(child(date(2012, 1, 1), **PUPIL))
        determine(row, "amo_tadamon")
        determine(row, "direct_aid")
    with CaptureQueriesContext(connection) as captured:
        propose()
    return len(captured)


def test_two_workers_share_the_work_and_propose_once(committed_db):
    for _number in range(12):
        row = couple()
        determine(row, "amo_tadamon")
        determine(row, "direct_aid")
    by, errors = engine(), []

    def work():
        try:
            while services.propose_due(limit=3, on=DAY, by=by):
                pass
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    propose()
    assert errors == []
    assert not Determination.objects.filter(handled=False).exists()
    assert Enrollment.objects.filter(program="amo_tadamon").count() == 24
    assert Enrollment.objects.filter(program="direct_aid").count() == 12


def test_a_household_that_somebody_holds_is_left_for_the_next_turn(committed_db):
    held, free = couple(), couple()
    determine(held, "direct_aid")
    determine(free, "direct_aid")
    by, handled = engine(), []

    def work():
        handled.append(services.propose_due(on=DAY, by=by))
        connections.close_all()

    with transaction.atomic():
        Household.objects.select_for_update().get(pk=held.pk)
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
    assert handled == [1]
    assert propose() == 1
