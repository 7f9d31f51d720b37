"""`manage.py bench_ramed`: what a file of invented RAMED beneficiaries costs from its bytes to its covers, beside the bare COPY of the same rows."""

import os
import tempfile
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Max, Min, Sum
from django.utils import timezone

from enrollment import moved, services
from enrollment.models import MigratedCover, RamedMigration
from enrollment.tasks import take_ramed_lots
from rsu import embedded
from rsu.bench import machine
from rsu.bench.pool import Workers
from rsu.management.commands.bench import own_server
from rsu.models import User

NIGHT = "2022-12-01"
COLUMNS = (
    "migration_id, number, idcs, principal_idcs, quality, card, last_name_fr, first_name_fr, last_name_ar, first_name_ar, sex, born_on,"
    " birth_precision, commune_id, milieu, status, since, until, synthetic"
)


class Command(BaseCommand):
    help = "Mesure la bascule d’un fichier inventé, à côté du COPY nu des mêmes lignes ; base à part, effacée à la fin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--principals", type=int, default=410_000, help="nombre d’assurés principaux (410000 : un million de lignes)")
        parser.add_argument("--defects", default="3%", help="part des lignes avec un défaut (3%%)")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="processus qui se partagent les lots")
        parser.add_argument("--data", type=Path, default=embedded.BENCH_RAMED, help="dossier des serveurs privés")

    def handle(self, *, principals: int, defects: str, workers: int, data: Path, **options: object) -> None:
        with ExitStack() as stack:
            stack.enter_context(own_server(data, keep=False))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings.FILES_ROOT = os.environ["FILES_ROOT"] = str(folder / "files")
            self.measure(principals, defects, workers, folder)

    def measure(self, principals: int, defects: str, workers: int, folder: Path) -> None:
        call_command("migrate", verbosity=0)
        if RamedMigration.objects.exists():
            raise CommandError("Cette base a déjà servi : effacez le dossier, ou choisissez un autre --data.")
        for command in ("load_geography", "load_law", "seed_personas"):
            call_command(command, verbosity=0, stdout=self.stderr)
        file, begun = folder / "ramed.csv", time.perf_counter()
        call_command("make_ramed_file", str(file), "--principals", str(principals), "--defects", defects, stdout=self.stderr)
        written = time.perf_counter() - begun
        pool, begun = Workers(workers), time.perf_counter()
        with file.open("rb") as sent:
            by = User.objects.get(username="chaima")
            made = services.receive_ramed(file=sent, name=file.name, covered_from=_night(), on=timezone.localdate(), by=by)
        received = time.perf_counter() - begun
        done = pool.each(work, [(made.pk,)] * workers)
        pool.stop()
        made.refresh_from_db()
        counts = moved.ramed_counts(made)
        steps = {step: _seconds(made, step) for step in ("1_read", "2_check", "3_load")}
        bare = _bare_copy(folder)
        described = machine.describe()
        size = file.stat().st_size / 1e6
        self.stdout.write(
            f"{described['processor']}, {described['cores']} cores, {workers} processes\n"
            f"file {size:.0f} MB written in {written:.0f} s; {counts.rows} rows, {principals} principals; {made.status}: {counts}\n"
            f"received {received:.1f} s; read {steps['1_read']:.1f} s ({_rate(counts.rows, steps['1_read'])} rows/s);"
            f" checked {steps['2_check']:.1f} s ({_rate(counts.rows, steps['2_check'])} rows/s);"
            f" loaded {steps['3_load']:.1f} s ({_rate(counts.rows, steps['3_load'])} rows/s,"
            f" {_rate(counts.principals, steps['3_load'])} principals/s)\n"
            f"bare COPY of the covers {bare:.1f} s ({_rate(counts.covered, bare)} rows/s): loading is {steps['3_load'] / bare:.1f} times\n"
            f"memory {done.memory_mb} MB at most in a worker, from its start\n"
        )
        connection.close()


def work(migration_id: int) -> int:
    """One worker's lots until the migration has ended: between two steps there may be none to take."""
    done = 0
    while not RamedMigration.objects.get(pk=migration_id).ended:
        done += take_ramed_lots()
        time.sleep(0.05)
    return done


def _night():
    from datetime import date

    return date.fromisoformat(NIGHT)


def _seconds(made: RamedMigration, step: str) -> float:
    """From the first claim to the last end of the step's lots."""
    seen = made.lots.filter(step=step).aggregate(first=Min("claimed_at"), last=Max("done_at"), rows=Sum("size"))
    return (seen["last"] - seen["first"]).total_seconds()


def _rate(rows: int, seconds: float) -> int:
    return round(rows / seconds) if seconds else 0


def _bare_copy(folder: Path) -> float:
    """The same rows into a table without key, index or trigger."""
    file = folder / "covers.copy"
    with connection.cursor() as cursor:
        with file.open("wb") as written, cursor.copy(f"COPY {MigratedCover._meta.db_table} ({COLUMNS}) TO STDOUT") as copy:
            for block in copy:
                written.write(block)
        cursor.execute(f"CREATE TABLE bare AS SELECT {COLUMNS} FROM {MigratedCover._meta.db_table} LIMIT 0")
        begun = time.perf_counter()
        with file.open("rb") as read, cursor.copy(f"COPY bare ({COLUMNS}) FROM STDIN") as copy:
            while block := read.read(1 << 20):
                copy.write(block)
        return time.perf_counter() - begun
