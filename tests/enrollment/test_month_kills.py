"""`kill -9` in the middle of a month, twice: every household is paid once all the same."""

import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from enrollment import runs, services
from enrollment.models import Allowance, MonthChunk, MonthRun
from enrollment.tasks import take_month_chunks
from rsu.authentication import engine

from .aiding import aided
from .builders import PUPIL, child, couple

NOVEMBER = date(2026, 11, 1)
WORKER = """
import os, time
import django
django.setup()
from django.db import connection
from enrollment.runs import ledger
write = ledger._write
def slow(chunk, **how):
    write(chunk, **how)
    print("written", flush=True)
    time.sleep(0.4)
ledger._write = slow
from enrollment.tasks import take_month_chunks
take_month_chunks()
"""


def worker() -> subprocess.Popen:
    """A process that writes chunks and lingers inside each one's transaction, so that a kill falls there."""
    database = connection.settings_dict
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "rsu.settings", "PGDATABASE": database["NAME"], "PGHOST": database["HOST"]}
    env["PYTHONPATH"] = str(settings.BASE_DIR)
    return subprocess.Popen([sys.executable, "-c", WORKER], env=env, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR)


def kill_inside_a_chunk() -> None:
    process = worker()
    try:
        assert process.stdout.readline().strip() == "written"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def wait_for_the_dead() -> None:
    """PostgreSQL notices that its client is gone and gives its locks back."""
    for _ in range(100):
        stale = MonthChunk.objects.filter(status=MonthChunk.Status.CLAIMED)
        if runs.revive_stalled(at=timezone.now() + timedelta(seconds=settings.RUN_SWEEP + 1)) and not stale.exists():
            return
        time.sleep(0.1)
    raise AssertionError("the chunk was never given back")


def test_killed_twice_in_the_middle_every_household_is_paid_once(committed_db, settings):
    settings.RUN_MONTH_RANGE = 3
    households = [couple(child(date(2012, 5, 1), **PUPIL)) for _ in range(12)]
    for household in households:
        aided(household)
    run = services.start_month(NOVEMBER, on=date(2026, 11, 22), by=engine())
    for _ in range(2):
        kill_inside_a_chunk()
        wait_for_the_dead()
    take_month_chunks()
    run.refresh_from_db()
    assert (run.status, run.reason) == (MonthRun.Status.CLOSED, "")
    assert Allowance.objects.filter(month=NOVEMBER).count() == 12
    assert run.chunks.filter(attempts__gt=1).exists()
    assert sum(run.chunks.values_list("paid", flat=True)) == 12
    assert runs.differences(NOVEMBER) == []
