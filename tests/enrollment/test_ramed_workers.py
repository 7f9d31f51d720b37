"""Migrations with real commits: one file sent twice at once, lots shared by workers, an enrollment opened while covers are loaded."""

from datetime import date, timedelta
from time import monotonic

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from enrollment import moved, services
from enrollment.models import Enrollment, MigratedCover, MigratedMove, RamedLot, RamedMigration
from enrollment.tasks import take_ramed_lots
from tests.eligibility.test_workers import at_once, blocked

from .builders import couple
from .ramed_files import as_csv, dependant, number, principal, receive
from .test_ramed import ends
from .test_ramed_settling import cover, enrolled

pytestmark = pytest.mark.usefixtures("committed_db")
JUNE = date(2023, 6, 14)


@pytest.fixture(autouse=True)
def small_lots(own_folder, settings):
    settings.RAMED_READ, settings.RAMED_LOT = 1000, 4


def wait_until(condition) -> bool:
    deadline = monotonic() + 35
    while monotonic() < deadline:
        if condition():
            return True
    return False


def lot_done(name="test") -> bool:
    lot = services.claim_ramed_lot(worker=name, at=timezone.now())
    return bool(lot) and services.apply_ramed_lot(lot, at=timezone.now())


def writing(table: str) -> bool:
    """Whether some other connection has written this table and not committed yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted"
            " AND pid <> pg_backend_pid())",
            [table],
        )
        return cursor.fetchone()[0]


def held_until_blocked(deed, seen: list):
    """The deed in a transaction that stays open until somebody waits for it."""

    def slow():
        with transaction.atomic():
            deed()
            seen.append(wait_until(blocked))

    return slow


def test_the_same_file_sent_twice_at_once_is_one_migration(chaima, driss):
    content = as_csv([principal(1)])
    answers = at_once(*(lambda by=by: receive(content, by=by).pk for by in (chaima, driss, chaima)))
    assert len(set(answers)) == 1
    assert RamedMigration.objects.count() == RamedLot.objects.count() == 1


def test_workers_share_the_lots_of_a_step_and_the_next_begins_when_all_are_done(chaima):
    made = receive(as_csv([row for n in range(1, 25, 3) for row in (principal(n), dependant(n + 1, n), dependant(n + 2, n))]), by=chaima)
    assert lot_done()
    for _step in ("2_check", "3_load"):
        waiting = RamedLot.objects.filter(status="waiting").count()
        assert waiting == 7 and len(set(RamedLot.objects.filter(status="waiting").values_list("step", flat=True))) == 1
        assert at_once(*(lambda: lot_done() for _n in range(waiting))) == [True] * waiting
    services.close_ramed(at=timezone.now())
    made.refresh_from_db()
    counts = moved.ramed_counts(made)
    assert (made.status, counts.covered, counts.holds) == ("closed", 24, True)
    assert MigratedMove.objects.count() == MigratedCover.objects.count() == 24


def test_a_lot_delivered_twice_is_done_once(chaima):
    receive(as_csv([principal(1)]), by=chaima)
    lot = services.claim_ramed_lot(worker="first", at=timezone.now() - timedelta(hours=1))
    services.revive_ramed_lots(at=timezone.now())
    again = services.claim_ramed_lot(worker="second", at=timezone.now())
    assert services.apply_ramed_lot(again, at=timezone.now()) is True
    assert services.apply_ramed_lot(lot, at=timezone.now()) is False
    assert RamedLot.objects.filter(step="1_read").count() == 1


def test_a_lot_whose_worker_always_dies_fails_in_the_end_and_is_taken_up_again_by_hand(chaima):
    made = receive(as_csv([principal(1)]), by=chaima)
    for _attempt in range(RamedLot.MAX_ATTEMPTS):
        assert services.claim_ramed_lot(worker="dies", at=timezone.now() - timedelta(hours=1))
        services.revive_ramed_lots(at=timezone.now())
    services.close_ramed(at=timezone.now())
    made.refresh_from_db()
    assert made.status == "failed"
    services.retry_ramed(made.pk, on=JUNE, by=chaima)
    take_ramed_lots()
    made.refresh_from_db()
    assert (made.status, moved.ramed_counts(made).covered) == ("closed", 1)


def test_an_enrollment_under_way_makes_a_cover_wait_and_be_refused():
    couple()
    seen: list = []
    answers = at_once(
        held_until_blocked(lambda: enrolled("2000000006", JUNE), seen),
        lambda: wait_until(lambda: writing("enrollment_enrollment")) and cover("2000000006"),
    )
    assert seen == [True] and isinstance(answers[1], IntegrityError) and "person_covered_in_one_table" in str(answers[1])
    assert (Enrollment.objects.count(), MigratedCover.objects.count()) == (1, 0)


def test_a_cover_under_way_makes_an_enrollment_wait_and_be_refused():
    couple()
    seen: list = []
    answers = at_once(
        held_until_blocked(lambda: cover("2000000006"), seen),
        lambda: wait_until(lambda: writing("enrollment_migratedcover")) and enrolled("2000000006", JUNE),
    )
    assert seen == [True] and isinstance(answers[1], IntegrityError) and "person_covered_in_one_table" in str(answers[1])
    assert (Enrollment.objects.count(), MigratedCover.objects.count()) == (0, 1)


def test_who_is_enrolled_while_the_lot_is_loaded_is_set_aside_and_the_lot_passes(chaima):
    couple()
    made = receive(as_csv([principal(1), dependant(2, 1)]), by=chaima)
    assert lot_done() and lot_done()
    seen: list = []
    answers = at_once(
        held_until_blocked(lambda: enrolled(number(1), JUNE), seen),
        lambda: wait_until(lambda: writing("enrollment_enrollment")) and lot_done(),
    )
    assert seen == [True] and answers[1] is True
    assert ends(made) == {2: "enrolled", 3: "dependant"}
