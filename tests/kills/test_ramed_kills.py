"""`kill -9` in the middle of a migration, twice, at random places: started again it goes on, and every row is counted once."""

import csv
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from eligibility.models import Tally
from enrollment import moved
from enrollment.models import MigratedCover, MigratedMove, RamedLot, RamedMigration, RamedRow

pytestmark = pytest.mark.usefixtures("committed_db")
PATIENCE = 600
PRINCIPALS = 400
LOTS = {"RAMED_READ": "120", "RAMED_LOT": "60", "RUN_SWEEP": "1"}


def start(path: Path, folder: Path) -> subprocess.Popen:
    environment = {**os.environ, **LOTS, "PGDATABASE": connection.settings_dict["NAME"], "FILES_ROOT": str(folder)}
    argv = [sys.executable, "manage.py", "migrate_ramed", str(path), "--by", "chaima", "--quiet"]
    return subprocess.Popen(argv, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def kill_once(path: Path, folder: Path, *, after: int) -> None:
    """Kill it as soon as so many lots are done, wherever it stands then."""
    running, deadline = start(path, folder), time.monotonic() + PATIENCE
    try:
        while RamedLot.objects.filter(status="done").count() < after:
            assert running.poll() is None, running.stdout.read()
            assert time.monotonic() < deadline, "it never came to that lot"
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.005)
    finally:
        running.kill()
        running.communicate()


def test_a_migration_killed_twice_accounts_for_every_row_once(tmp_path, request):
    path, random = tmp_path / "ramed.csv", Random(f"ramed:{request.config.getoption('--seed', 20261122)}")
    call_command("make_ramed_file", str(path), "--principals", str(PRINCIPALS), "--defects", "3%")
    with path.open(encoding="utf-8") as file:
        rows = sum(1 for _row in csv.reader(file)) - 1
    reads, lots = rows // 120 + 1, rows // 60 + 1
    for least, most in ((1, reads + lots // 2), (reads + lots + 1, reads + 2 * lots - 2)):
        kill_once(path, tmp_path / "files", after=random.randint(least, most))
    last = start(path, tmp_path / "files")
    said, _none = last.communicate(timeout=PATIENCE)
    assert last.returncode == 0, said
    made = RamedMigration.objects.get()
    counts = moved.ramed_counts(made)
    assert (made.status, counts.rows, counts.holds) == ("closed", rows, True)
    assert f"{rows} = {counts.covered} + 0 + 0 + {counts.queued} + {counts.refused}" in said
    numbers = [*made.covers.values_list("number", flat=True), *made.unmoved.values_list("number", flat=True)]
    assert sorted(numbers) == list(range(2, rows + 2))
    assert MigratedMove.objects.count() == MigratedCover.objects.count() == counts.covered
    counted = sum(Tally.objects.filter(measure="enrolled").values_list("people", flat=True))
    assert counted == MigratedCover.objects.filter(commune__isnull=False).count()
    assert RamedRow.objects.count() == rows - counts.covered
    again = start(path, tmp_path / "files")
    assert f"{rows} = " in again.communicate(timeout=PATIENCE)[0]
    assert MigratedCover.objects.count() == counts.covered and transaction.get_autocommit()
