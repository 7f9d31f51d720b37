"""`manage.py bench_import`: what a file of invented households costs from its bytes to its rows, beside the bare COPY of the same rows."""

import os
import tempfile
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from households import services
from households.models import Household, Import
from households.services import lots_waiting
from rsu import embedded
from rsu.bench import importing, machine
from rsu.bench.pool import Workers
from rsu.desk.tasks import take_lots
from rsu.management.commands.bench import own_server
from rsu.management.loading import load
from rsu.models import User
from rsu.synthesis.plan import Plan

SEED = 1


class Command(BaseCommand):
    help = "Mesure l’import d’un fichier de ménages inventés, à côté du COPY nu des mêmes lignes ; base à part, effacée à la fin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=20_000, help="nombre de ménages (20000)")
        parser.add_argument("--workbook", action="store_true", help="un classeur XLSX au lieu d’un CSV")
        parser.add_argument("--data", type=Path, default=embedded.BENCH_IMPORT, help="dossier des serveurs privés")

    def handle(self, *, households: int, workbook: bool, data: Path, **options: object) -> None:
        with ExitStack() as stack:
            stack.enter_context(own_server(data, keep=False))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings.FILES_ROOT = os.environ["FILES_ROOT"] = str(folder / "files")
            limits = {"IMPORT_MOST_ROWS": 10**7, "IMPORT_MOST_BYTES": 10**9}
            for name, most in limits.items():
                setattr(settings, name, most)
                os.environ[name] = str(most)
            self.measure(households, folder, workbook=workbook)

    def measure(self, households: int, folder: Path, *, workbook: bool) -> None:
        call_command("migrate", verbosity=0)
        if Import.objects.exists() or Household.objects.exists():
            raise CommandError("Cette base a déjà servi : effacez le dossier, ou choisissez un autre --data.")
        for command in ("load_geography", "load_law", "seed_personas"):
            call_command(command, verbosity=0, stdout=self.stderr)
        with transaction.atomic():
            load(Plan(households, SEED), seed=SEED, on=timezone.localdate(), processes=2, due_since=None)
        file = folder / ("file.xlsx" if workbook else "file.csv")
        rows = importing.write_file(file, workbook=workbook)
        begun = time.perf_counter()
        with file.open("rb") as sent:
            supervisor = User.objects.get(username="nadia")
            made = services.receive_import(file=sent, name=file.name, kind=Import.Kind.HOUSEHOLDS, on=timezone.localdate(), by=supervisor)
        received = time.perf_counter() - begun
        worker = Workers(1)
        at_rest = worker.all(lots_waiting).memory_mb
        begun = time.perf_counter()
        done = worker.all(take_lots)
        seconds, memory = time.perf_counter() - begun, done.memory_mb - at_rest
        worker.stop()
        made.refresh_from_db()
        counts = made.chunks.aggregate(**{name: Sum(name) for name in ("applied", "already", "refused", "households")})
        bare = importing.bare_copy(folder)
        claims = made.chunks.order_by("position").values_list("claimed_at", flat=True)[:2]
        first = (claims[1] - claims[0]).total_seconds()
        described = machine.describe()
        self.stdout.write(
            f"{described['processor']}, {described['cores']} cores\n"
            f"file {file.stat().st_size / 1e6:.1f} MB, {rows} rows, {households} households: {made.status}, {counts}\n"
            f"received {received:.1f} s; read {first:.1f} s; applied {seconds - first:.1f} s; in all {rows / seconds:.0f} rows a second,"
            f" {counts['households'] / seconds:.0f} households a second\n"
            f"bare COPY of the rows made {bare:.1f} s: {seconds / bare:.1f} times\n"
            f"memory {at_rest} MB at rest, {memory} MB more at work; {done.queries} queries\n"
            f"registered {Household.objects.count()}; due {Household.objects.filter(due_since__isnull=False).count()}\n"
        )
        connection.close()
