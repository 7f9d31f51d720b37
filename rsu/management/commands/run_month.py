"""`manage.py run_month 2026-12`: the month of direct aid for every household due it, its progress told as it goes."""

import time
from argparse import ArgumentParser
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q, Sum
from django.utils.timezone import localdate

from enrollment import services
from enrollment.models import MonthChunk, MonthRun
from enrollment.tasks import take_month_chunks
from rsu.authentication import engine


class Command(BaseCommand):
    help = "Écrit l’aide sociale directe d’un mois pour tous les ménages à qui elle est due ; reprend où un passage s’est arrêté."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="le mois : 2026-12")
        parser.add_argument("--plan", action="store_true", help="prévoir seulement : les processus de fond écriront")

    def handle(self, *, month: str, plan: bool, **options: object) -> None:
        try:
            first = date.fromisoformat(f"{month}-01")
        except ValueError as error:
            raise CommandError("Donnez le mois comme 2026-12.") from error
        try:
            run = services.start_month(first, on=localdate(), by=engine())
        except services.MonthRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{first:%Y-%m} : {run.planned} ménages prévus.")
        if plan:
            return
        begun = time.monotonic()
        while take_month_chunks(seconds=1):
            self._tell(run, time.monotonic() - begun)
        run.refresh_from_db()
        self._tell(run, time.monotonic() - begun)
        if run.status == MonthRun.Status.FAILED:
            raise CommandError(run.reason)

    def _tell(self, run: MonthRun, seconds: float) -> None:
        done = run.chunks.filter(status=MonthChunk.Status.DONE).aggregate(
            size=Sum("size", default=0), paid=Sum("paid", default=0), already=Sum("already", default=0), amount=Sum("amount", default=0)
        )
        held = run.chunks.filter(~Q(status=MonthChunk.Status.DONE)).count()
        rate = done["size"] / seconds if seconds else 0
        self.stdout.write(
            f"{done['size']} sur {run.planned} ménages · {done['paid']} payés, {done['already']} déjà écrits,"
            f" {done['size'] - done['paid'] - done['already']} non dus · {done['amount'] / 100:.2f} MAD · {rate:.0f} ménages/s · {held} lots restants"
        )
        self.stdout.flush()
