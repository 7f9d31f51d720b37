"""`manage.py bench_feed`: what a partner's delivery about invented people costs, first and said again, beside the bare COPY of its rows."""

import os
import tempfile
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from households import services
from households.models import AnswerConflict, Household, Import, PeriodStatement, Verification, VerifiedPeriod
from households.services import lots_waiting
from households.sheets import writing
from rsu import embedded
from rsu.bench import importing, machine
from rsu.bench.pool import Workers
from rsu.desk.tasks import take_lots
from rsu.management.commands.bench import own_server
from rsu.management.loading import load
from rsu.models import Agency, User
from rsu.partners.deliveries import AGENCIES, Shares, columns, make_rows
from rsu.synthesis.plan import Plan

SEED = 1
MADE = tuple(model._meta.db_table for model in (PeriodStatement, VerifiedPeriod, Verification, AnswerConflict))
"""What a delivery writes."""


class Command(BaseCommand):
    help = "Mesure une livraison inventée, à côté du COPY nu des lignes qu’elle écrit ; base à part, effacée à la fin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=100_000, help="nombre de lignes (100000)")
        parser.add_argument("--households", type=int, default=60_000, help="ménages du registre (60000)")
        parser.add_argument("--kind", default="allowances", help="ce qui est livré (allowances)")
        parser.add_argument("--data", type=Path, default=embedded.BENCH_FEED, help="dossier des serveurs privés")

    def handle(self, *, rows: int, households: int, kind: str, data: Path, **options: object) -> None:
        with ExitStack() as stack:
            stack.enter_context(own_server(data, keep=False))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings.FILES_ROOT = os.environ["FILES_ROOT"] = str(folder / "files")
            self.measure(rows, households, kind, folder)

    def measure(self, rows: int, households: int, kind: str, folder: Path) -> None:
        call_command("migrate", verbosity=0)
        if Import.objects.exists() or Household.objects.exists():
            raise CommandError("Cette base a déjà servi : effacez le dossier, ou choisissez un autre --data.")
        for command in ("load_geography", "load_law", "seed_personas"):
            call_command(command, verbosity=0, stdout=self.stderr)
        with transaction.atomic():
            load(Plan(households, SEED), seed=SEED, on=timezone.localdate(), processes=2, due_since=None)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        made = make_rows(kind, rows, shares=Shares(), on=timezone.localdate())
        names, file = columns(kind), folder / "delivery.csv"
        writing.write_rows(file, [names, *([row.get(name, "") for name in names] for row in made)])
        described = machine.describe()
        self.stdout.write(
            f"{described['processor']}, {described['cores']} cores; {file.stat().st_size / 1e6:.1f} MB, {rows} rows of {kind}"
        )
        worker = Workers(1)
        for label, ago in (("first", 1), ("said again a day later", 0)):
            self.deliver(worker, file, kind, label, ago, rows)
            if ago:
                bare = importing.bare_copy(folder, MADE)
                self.stdout.write(f"bare COPY of the rows made, same keys: {bare:.2f} s\n")
        worker.stop()
        connection.close()

    def deliver(self, worker: Workers, file: Path, kind: str, label: str, ago: int, rows: int) -> None:
        today = timezone.localdate()
        agency, by = Agency.objects.get(code=AGENCIES[kind]), User.objects.get(username="nadia")
        at_rest = worker.all(lots_waiting).memory_mb
        begun = time.perf_counter()
        with file.open("rb") as sent:
            as_of = today - timedelta(days=ago)
            made = services.receive_import(file=sent, name=file.name, kind=kind, agency=agency, as_of=as_of, on=today, by=by)
        done = worker.all(take_lots)
        seconds = time.perf_counter() - begun
        made.refresh_from_db()
        names = ("applied", "already", "contradicted", "unknown", "refused")
        counts = made.chunks.aggregate(**{name: Sum(name) for name in names})
        lots = made.chunks.filter(position__gt=0).count()
        self.stdout.write(
            f"{label}: {made.status}, {counts}; {seconds:.1f} s, {rows / seconds:.0f} rows a second,"
            f" {(done.queries or 0) / max(lots, 1):.0f} statements a lot, {done.memory_mb - at_rest} MB more at work"
        )
