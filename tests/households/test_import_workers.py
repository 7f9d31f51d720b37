"""Imports with real commits: two workers at once, a person claimed twice at the same instant, a worker killed in the middle."""

import io
from datetime import timedelta
from time import monotonic

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from households import services
from households.models import Household, Import, ImportChunk, Member, Request
from rsu import celery_app
from rsu.models import AuditEvent
from tests.eligibility.test_workers import at_once, blocked, broker, kill, send, until, worker

from .families import DAY, OTHER, law
from .files import as_csv, rows_of
from .test_imports import alone, counts, refusals, valid

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path, monkeypatch):
    settings.FILES_ROOT = str(tmp_path)
    settings.IMPORT_CHUNK = 2
    monkeypatch.setenv("FILES_ROOT", str(tmp_path))
    monkeypatch.setenv("IMPORT_CHUNK", "2")


def receive(by, rows) -> Import:
    return services.receive_import(file=io.BytesIO(as_csv(rows)), name="jour.csv", kind="households", on=DAY, by=by)


def lot_done(name="test") -> bool:
    lot = services.claim_lot(worker=name, at=timezone.now())
    return bool(lot) and services.apply_lot(lot, on=localdate(), at=timezone.now(), law=law())


def test_the_same_file_sent_twice_at_once_is_one_import(amina):
    rows = rows_of("A", alone(OTHER))
    answers = at_once(*(lambda: receive(amina, rows).pk for _n in range(3)))
    assert len(set(answers)) == 1
    assert ImportChunk.objects.count() == 1


def test_two_workers_share_the_lots_and_do_each_once(amina):
    importing = receive(amina, [row for n in range(8) for row in rows_of(n, alone(valid(n)))])
    lot_done()
    assert at_once(*(lambda: lot_done() for _n in range(4))) == [True] * 4
    services.close_imports(at=timezone.now())
    importing.refresh_from_db()
    assert (importing.status, counts(importing)) == ("closed", {"applied": 8, "households": 8})


def test_who_loses_a_race_for_a_person_is_refused_alone(amina, salma):
    """Another registration of the same person is under way, unseen, when the lot is checked, and commits before it is written."""
    importing = receive(amina, rows_of("A", alone(OTHER)) + rows_of("B", alone(valid(5))))
    lot_done()
    sent = services.Sent("00000000-0000-0000-0000-00000000000a", alone(OTHER, first_name_fr="Hassan"))
    done = []

    def slow():
        with transaction.atomic():
            services.register_many([sent], on=DAY, by=salma, law=law())
            done.append(_wait_until(blocked))

    at_once(slow, lambda: (_wait_until(lambda: _writing()), lot_done()))
    assert done == [True]
    services.close_imports(at=timezone.now())
    importing.refresh_from_db()
    assert counts(importing) == {"applied": 1, "refused": 1, "households": 1}
    assert refusals(importing) == [(2, "idcs", OTHER, "Cet IDCS est déjà enregistré dans un ménage.")]
    assert Member.objects.get(idcs=OTHER).first_name_fr == "Hassan"


def _wait_until(condition) -> bool:
    deadline = monotonic() + 20
    while monotonic() < deadline:
        if condition():
            return True
    return False


def _writing() -> bool:
    """Whether some other connection holds rows of members not committed yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'households_member'::regclass AND mode = 'RowExclusiveLock'"
            " AND pid <> pg_backend_pid())"
        )
        return cursor.fetchone()[0]


def _nobody_holds_the_lot() -> bool:
    with transaction.atomic():
        return bool(ImportChunk.objects.filter(status="claimed").select_for_update(skip_locked=True).first())


def test_a_worker_killed_in_the_middle_of_a_file_loses_nothing_and_registers_nobody_twice(amina, tmp_path):
    rows = [row for n in range(10) for row in rows_of(n, alone(valid(n)))]
    importing = receive(amina, rows)
    with celery_app.connection_for_write(broker()) as channel:
        celery_app.control.purge(connection=channel)
    with worker(tmp_path / "log") as first, transaction.atomic():
        # The worker stops inside the third lot: one of its people is being registered here, and never is.
        services.register_many(
            [services.Sent("00000000-0000-0000-0000-00000000000b", alone(valid(5)))], on=DAY, by=amina, law=law()
        )  # fmt: skip
        send("desk.import_work")
        until(first, blocked)
        kill(first)
        transaction.set_rollback(True)
    importing.refresh_from_db()
    statuses = list(importing.chunks.order_by("position").values_list("status", flat=True))
    assert (importing.status, statuses) == ("running", ["done", "done", "done", "claimed", "waiting", "waiting"])
    assert Household.objects.count() == 4

    assert _wait_until(_nobody_holds_the_lot)  # the dead worker's connection ends a moment after it
    ImportChunk.objects.filter(status="claimed").update(claimed_at=timezone.now() - timedelta(minutes=1))
    with worker(tmp_path / "log") as second:
        send("desk.sweep_imports")
        send("desk.import_work")
        until(second, lambda: Import.objects.filter(pk=importing.pk, status="closed").exists())
    importing.refresh_from_db()
    assert counts(importing) == {"applied": 10, "households": 10}
    assert importing.rows == 10
    assert sorted(Member.objects.values_list("idcs", flat=True)) == sorted(valid(n) for n in range(10))
    assert Request.objects.filter(status="processed").count() == Household.objects.count() == 10
    assert importing.chunks.get(position=3).attempts == 2
    assert AuditEvent.objects.filter(verb="import.applied").count() == 5
