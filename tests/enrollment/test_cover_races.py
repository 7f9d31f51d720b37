"""Two transactions at once, a worker that dies: a person is covered once, a household is followed once."""

import threading
from datetime import date

import pytest
from django.db import connections, transaction
from psycopg.errors import DeadlockDetected, ExclusionViolation

from enrollment import services
from enrollment.models import CoverWatch, Enrollment
from enrollment.services import covering
from rsu.authentication import engine

from .builders import DAY, child, couple
from .lives import covered, people, periods

BIRTHDAY = date(2026, 12, 5)


def grown_up_soon(amina, number):
    return [covered(couple(child(date(2005, 12, 5), schooling="no")), by=amina) for _ in range(number)]


def together(*deeds):
    """Each deed in a thread and a connection of its own, all started together; what each raised, if anything."""
    start, raised = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place, deed):
        try:
            start.wait(timeout=30)
            deed()
        except Exception as wrong:
            raised[place] = wrong
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


@pytest.mark.usefixtures("committed_db")
class TestTogether:
    def test_two_schemes_opened_at_once_leave_one(self, amina):
        household = couple()
        father = people(household)[0]

        def opened(program):
            def deed():
                with transaction.atomic():
                    Enrollment.objects.create(
                        program=program, household=household, member=father, idcs=father.idcs, quality="insured", status="active",
                        since=DAY, commune_id=household.commune_id, milieu="urban",
                    )  # fmt: skip

            return deed

        (refused,) = filter(None, together(opened("amo_tadamon"), opened("amo_achamil")))
        # Each may meet the other's row before either is committed: PostgreSQL then refuses one of them as a deadlock.
        assert isinstance(refused.__cause__, ExclusionViolation | DeadlockDetected)
        assert "person_covered_once" in str(refused) or isinstance(refused.__cause__, DeadlockDetected)
        assert Enrollment.objects.filter(idcs=father.idcs).count() == 1

    def test_two_workers_follow_each_household_once(self, amina):
        grown_up_soon(amina, 6)
        handled = []

        def work():
            while found := services.follow_covers(limit=2, on=BIRTHDAY, by=engine()):
                handled.append(found)

        assert together(work, work) == [None, None]
        assert sum(handled) == 6
        assert Enrollment.objects.filter(status="proposed", since=BIRTHDAY).count() == 6

    def test_a_deed_and_the_night_at_once_make_one_period(self, amina):
        (household,) = grown_up_soon(amina, 1)
        son = people(household)[2]

        def night():
            services.follow_covers(on=BIRTHDAY, by=engine())

        def deed():
            services.propose_for_household(household.pk, on=BIRTHDAY, by=engine())

        assert together(night, deed) == [None, None]
        assert periods(son) == [("ended", "dependant", "2026-11-22", "2026-12-05"), ("proposed", "insured", "2026-12-05", "")]


@pytest.mark.django_db
def test_a_chunk_that_dies_leaves_nothing_and_is_taken_up_again(amina, monkeypatch):
    (household,) = grown_up_soon(amina, 1)
    son = people(household)[2]

    def killed(*args, **kwargs):
        raise RuntimeError("the worker died")

    with monkeypatch.context() as patch:
        patch.setattr(covering, "_watch", killed)
        with pytest.raises(RuntimeError), transaction.atomic():
            services.follow_covers(on=BIRTHDAY, by=engine())
    assert periods(son) == [("active", "dependant", "2026-11-22", "")]
    assert CoverWatch.objects.get(household=household).next_on == BIRTHDAY
    assert services.follow_covers(on=BIRTHDAY, by=engine()) == 1
    assert periods(son)[0][3] == "2026-12-05"
