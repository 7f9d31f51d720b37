"""`manage.py bench_month`: what a month of direct aid costs, households computed and stored a second, beside the bare cost of the same rows."""

import os
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils.timezone import localdate

from enrollment import services
from enrollment.models import Allowance, MonthRun
from enrollment.tasks import take_month_chunks
from households.models import Household, Member
from rsu import embedded
from rsu.authentication import engine
from rsu.bench import machine
from rsu.bench.pool import Workers, copy_range
from rsu.bench.repeating import repeat
from rsu.management.commands.bench import own_server
from rsu.management.loading import load
from rsu.synthesis.plan import Plan

DRAWN, SEED = 50_000, 1
SINCE = date(2026, 1, 1)
_ENROLL = """
    INSERT INTO enrollment_enrollment (program, household_id, idcs, quality, status, since, until, commune_id, milieu, people, proposed_at, reason)
    SELECT 'direct_aid', id, '', 'household', 'active', %s, '9999-12-31', commune_id, milieu, 1, now(), '' FROM households_household ORDER BY id
"""
_BARE = """
    INSERT INTO bench_allowance (enrollment_id, household_id, commune_id, month, read_on, amount, payee_id, payee_idcs, provision_id,
      kinds, members, ranks, amounts, computed_at)
    SELECT e.id, h.id, h.commune_id, '2026-11-01', '2026-11-01', 50000, m.payee, m.idcs, 1,
      '{child,child,floor}', ARRAY[m.payee, m.payee, NULL], '{1,2,NULL}', '{20000,20000,10000}', now()
    FROM households_household h JOIN enrollment_enrollment e ON e.household_id = h.id JOIN (
      SELECT household_id, min(id) AS payee, min(idcs) AS idcs, count(*) FILTER (WHERE born_on > '2005-11-01' AND schooling <> 'no'
        AND marital_status = 'single' AND relation = 'child' AND charge IS NULL AND disability = 'none') AS children
      FROM households_member WHERE household_id BETWEEN %(first)s AND %(last)s GROUP BY household_id
    ) m ON m.household_id = h.id WHERE h.id BETWEEN %(first)s AND %(last)s ORDER BY h.id
"""


class Command(BaseCommand):
    help = "Mesure l’écriture d’un mois d’aide pour un royaume inventé, à côté du coût nu des mêmes lignes ; base à part, effacée à la fin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=200_000, help="nombre de ménages, tous aidés (200000)")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="processus qui se partagent les lots")
        parser.add_argument("--months", type=int, default=2, help="mois écrits l’un après l’autre (2)")
        parser.add_argument("--data", type=Path, default=embedded.BENCH_MONTH, help="dossier des serveurs privés")
        parser.add_argument("--keep", action="store_true", help="garder la base")

    def handle(self, *, households: int, workers: int, months: int, data: Path, keep: bool, **options: object) -> None:
        with ExitStack() as stack:
            stack.enter_context(own_server(data, keep=keep))
            self.load(households)
            pool = Workers(workers)
            stack.callback(pool.stop)
            bare = self.bare(pool, households)
            self.stdout.write(f"nu : {bare:.2f} s, {households / bare:.0f} ménages/s")
            for number in range(months):
                self.month(pool, date(2026, 9 + number, 1), households)
            described = machine.describe()
            self.stdout.write(
                f"{described['processor']}, {described['cores']} cœurs, {workers} processus, {Member.objects.count()} personnes"
            )

    def load(self, households: int) -> None:
        call_command("migrate", verbosity=0)
        for command in ("load_geography", "load_law", "seed_personas"):
            call_command(command, verbosity=0, stdout=self.stderr)
        if not Household.objects.exists():
            with transaction.atomic():
                load(Plan(min(households, DRAWN), SEED), seed=SEED, on=localdate(), processes=2, due_since=None)
            if households > DRAWN:
                repeat(households)
        tables = "monthtally monthchunk monthrun schoolgrant suspension birthclaim dueline correction overpayment allowance enrollmentmove enrollment"
        listed = ", ".join(f"enrollment_{name}" for name in tables.split())
        # An earlier measure may have left rows, append-only ones among them: only a database that measures may forget.
        _execute(f"SET session_replication_role = replica; TRUNCATE {listed} CASCADE; SET session_replication_role = origin")
        _execute(_ENROLL, [SINCE])
        _execute("VACUUM ANALYZE households_member, households_household, enrollment_enrollment")

    def bare(self, pool: Workers, households: int) -> float:
        """Seconds to read the same people and insert as many constant rows into a table with the same keys."""
        _execute("DROP TABLE IF EXISTS bench_allowance")
        _execute("CREATE TABLE bench_allowance (LIKE enrollment_allowance INCLUDING ALL)")
        begun = time.perf_counter()
        pool.each(copy_range, [(_BARE, first, first + 19_999) for first in range(0, households + 20_000, 20_000)])
        seconds = time.perf_counter() - begun
        _execute("DROP TABLE bench_allowance")
        return seconds

    def month(self, pool: Workers, month: date, households: int) -> None:
        begun = time.perf_counter()
        run = services.start_month(month, on=localdate(), by=engine())
        planned = time.perf_counter()
        pool.all(take_month_chunks)
        written = time.perf_counter()
        run.refresh_from_db()
        took = written - begun
        self.stdout.write(
            f"{month:%Y-%m} : {run.get_status_display()} {run.reason} {run.planned} ménages prévus en {planned - begun:.2f} s, écrits et vérifiés en"
            f" {written - planned:.2f} s ; {households / took:.0f} ménages/s ; {Allowance.objects.filter(month=month).count()} aides"
        )
        last = run.chunks.order_by("-done_at").values_list("done_at", flat=True).first()
        if run.status == MonthRun.Status.CLOSED:
            self.stdout.write(
                f"   lots : {(last - run.started_at).total_seconds():.2f} s ; clôture {(run.finished_at - last).total_seconds():.2f} s"
            )


def _execute(statement: str, parameters=None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
