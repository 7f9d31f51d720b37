"""`kill -9` in the middle of a migration, twice, at random places: started again it goes on, and every row is counted once."""

import csv
import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, Q

from eligibility.models import Tally
from enrollment import moved, services
from enrollment.models import MigratedCover, MigratedMove, RamedLot, RamedMigration, RamedRow
from households.sheets.writing import OURS
from rsu.models import User
from tests.kills.conftest import DEFAULTS

pytestmark = pytest.mark.usefixtures("committed_db")
PATIENCE = 1800
SMALL = 20_000


def lots_of(principals: int) -> dict[str, int]:
    """Rows of a lot read, and of one checked or loaded: those of the settings, or many small ones in a small file."""
    if principals >= SMALL:
        return {"RAMED_READ": settings.RAMED_READ, "RAMED_LOT": settings.RAMED_LOT}
    return {"RAMED_READ": 120, "RAMED_LOT": 60}


def start(path: Path, folder: Path, lots: dict[str, int]) -> subprocess.Popen:
    sizes = {name: str(size) for name, size in lots.items()}
    environment = {**os.environ, **sizes, "RUN_SWEEP": "1", "PGDATABASE": connection.settings_dict["NAME"], "FILES_ROOT": str(folder)}
    argv = [sys.executable, "manage.py", "migrate_ramed", str(path), "--by", "chaima", "--quiet"]
    return subprocess.Popen(argv, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def inside_a_lot(*, after: int) -> bool:
    counts = RamedLot.objects.aggregate(done=Count("pk", filter=Q(status="done")), claimed=Count("pk", filter=Q(status="claimed")))
    return counts["done"] >= after and counts["claimed"] > 0


def kill_once(running: subprocess.Popen, *, after: int) -> None:
    """Kill it inside the lot it has taken after so many are done."""
    deadline = time.monotonic() + PATIENCE
    try:
        while not inside_a_lot(after=after):
            assert running.poll() is None, running.stdout.read()
            assert time.monotonic() < deadline, "it never came to that lot"
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.005)
    finally:
        running.kill()
        running.communicate()


def test_a_migration_killed_twice_accounts_for_every_row_once(tmp_path, request, record_property):
    principals = request.config.getoption("--principals", DEFAULTS["--principals"])
    path, random, lots = (
        tmp_path / "ramed.csv",
        Random(f"ramed:{request.config.getoption('--seed', DEFAULTS['--seed'])}"),
        lots_of(principals),
    )
    call_command("make_ramed_file", str(path), "--principals", str(principals), "--defects", "3%")
    with path.open(encoding="utf-8") as file:
        rows = sum(1 for _row in csv.reader(file)) - 1
    reads, each = rows // lots["RAMED_READ"] + 1, rows // lots["RAMED_LOT"] + 1
    # Once while it reads or checks, once while it loads.
    for least, most in ((1, reads + each // 2), (reads + each + 1, reads + 2 * each - 2)):
        kill_once(start(path, tmp_path / "files", lots), after=random.randint(least, most))
    last = start(path, tmp_path / "files", lots)
    said, _none = last.communicate(timeout=PATIENCE)
    assert last.returncode == 0, said
    made = RamedMigration.objects.get()
    counts = moved.ramed_counts(made)
    assert (made.status, counts.rows, counts.holds) == ("closed", rows, True)
    assert f"{rows} = {counts.covered} + 0 + 0 + {counts.queued} + {counts.refused}" in said
    numbers = [*made.covers.values_list("number", flat=True), *made.unmoved.values_list("number", flat=True)]
    assert sorted(numbers) == list(range(2, rows + 2))
    assert MigratedMove.objects.count() == MigratedCover.objects.count() == counts.covered
    assert MigratedMove.objects.values("cover").distinct().count() == counts.covered
    counted = sum(Tally.objects.filter(measure="enrolled").values_list("people", flat=True))
    assert counted == MigratedCover.objects.filter(commune__isnull=False).count()
    assert RamedRow.objects.count() == rows - counts.covered
    if principals >= SMALL:
        assert len(moved.ramed_kinds(made)) >= 20
    chaima = User.objects.get(username="chaima")
    back = services.write_ramed_refused(made, tmp_path / "refused.csv", workbook=False, on=date(2026, 11, 22), by=chaima)
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig") as file:
        assert back == counts.refused and len({row[f"{OURS}ligne"] for row in csv.DictReader(file, delimiter=";")}) == back
    again = start(path, tmp_path / "files", lots)
    assert f"{rows} = " in again.communicate(timeout=PATIENCE)[0]
    assert MigratedCover.objects.count() == counts.covered and transaction.get_autocommit()
    tried = made.lots.filter(attempts__gt=1).count()
    assert tried == 2 or (principals < SMALL and tried < 2)  # a small lot may end under the very blow
    record_property("kills", f"{rows} rows, killed twice, {made.lots.count()} lots, {tried} done again: {' '.join(said.split())}")
