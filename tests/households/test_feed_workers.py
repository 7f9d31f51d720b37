"""A delivery with real commits: a worker killed in the middle of its lots, and another that takes it up."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from households.models import AnswerConflict, Import, ImportChunk, Member, PeriodStatement, VerifiedPeriod
from rsu import celery_app
from tests.eligibility.families import family, person
from tests.eligibility.test_workers import blocked, broker, kill, send, until, worker

from .delivering import counts, paid, received
from .test_import_workers import _nobody_holds_the_lot, _wait_until
from .test_imports import valid

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path, monkeypatch):
    settings.FILES_ROOT = str(tmp_path)
    settings.IMPORT_CHUNK = 1
    monkeypatch.setenv("FILES_ROOT", str(tmp_path))
    monkeypatch.setenv("IMPORT_CHUNK", "1")


def test_a_worker_killed_in_the_middle_of_a_delivery_loses_nothing_and_says_nothing_twice(salma, tmp_path):
    people = [family(person(other_allowances=False)).members.get().idcs for _n in range(28)]
    rows = [paid(idcs, "2026-02-01") for idcs in people] + [paid(valid(1), "2026-02-01"), paid("12", "2026-02-01")]
    importing = received(salma, "allowances", *rows, agency="cnss", as_of=localdate(), on=localdate())
    with celery_app.connection_for_write(broker()) as channel:
        celery_app.control.purge(connection=channel)
    with worker(tmp_path / "log") as first, transaction.atomic():
        Member.objects.select_for_update().get(idcs=people[15])  # of the second lot of ten
        send("desk.import_work")
        until(first, blocked)
        kill(first)
        transaction.set_rollback(True)
    statuses = list(importing.chunks.order_by("position").values_list("status", flat=True))
    assert statuses == ["done", "done", "claimed", "waiting"]
    assert PeriodStatement.objects.count() == AnswerConflict.objects.count() == 10

    assert _wait_until(_nobody_holds_the_lot)
    ImportChunk.objects.filter(status="claimed").update(claimed_at=timezone.now() - timedelta(minutes=1))
    with worker(tmp_path / "log") as second:
        send("desk.sweep_imports")
        send("desk.import_work")
        until(second, lambda: Import.objects.filter(pk=importing.pk, status="closed").exists())
    importing.refresh_from_db()
    assert (importing.rows, counts(importing)) == (30, {"contradicted": 28, "unknown": 1, "refused": 1})
    assert PeriodStatement.objects.count() == VerifiedPeriod.objects.filter(held=True).count() == AnswerConflict.objects.count() == 28
    assert importing.chunks.get(position=2).attempts == 2
