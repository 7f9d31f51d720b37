"""Partners have spoken of families of the demo: deliveries with agreements, contradictions, refusals, and a clock that has run out."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management.base import BaseCommand
from django.utils import timezone

import eligibility.queries
from households import services
from households.models import AnswerConflict, Import
from households.sheets import writing
from rsu.authentication import engine
from rsu.models import Agency, User
from rsu.partners.deliveries import AGENCIES, NotEnough, Shares, columns, make_rows

PLAN = (
    ("schooling", 40, 30), ("cover", 6, 30), ("allowances", 5, 30), ("disability", 4, 20), ("births", 3, 12), ("deaths", 2, 4),
    ("marriages", 1, 20),
)  # fmt: skip
"""(kind, days before today, rows) in the caseworker's commune; the first is old enough for the families' days to have run out."""


class Command(BaseCommand):
    help = "Livre ce que diraient des partenaires inventés de familles de la commune de l’agent de la démonstration (demo only)."

    def handle(self, *args, **options) -> None:
        if Import.objects.exclude(kind=Import.Kind.HOUSEHOLDS).exists():
            return
        today, amina = timezone.localdate(), User.objects.get(username="amina")
        done = sum(self._deliver(kind, rows, on=today - timedelta(days=ago), commune=amina.commune.code) for kind, ago, rows in PLAN)
        self._tell(amina, today)
        services.escalate_conflicts(on=today, by=engine())
        self.stdout.write(f"{done} lignes de partenaires traitées, {AnswerConflict.objects.filter(status='open').count()} contradictions.")

    def _deliver(self, kind: str, rows: int, *, on: date, commune: str) -> int:
        try:
            made = make_rows(kind, rows, shares=Shares(15, 7, 7), on=on, commune=commune)
        except NotEnough:
            return 0
        agency, names = Agency.objects.select_related("user").get(code=AGENCIES[kind]), columns(kind)
        with NamedTemporaryFile(suffix=".csv") as file:
            writing.write_rows(Path(file.name), [names, *([row.get(name, "") for name in names] for row in made)])
            services.receive_import(file=file, name=f"{kind}-{on}.csv", kind=kind, agency=agency, as_of=on, on=on, by=agency.user)
        while lot := services.claim_lot(worker="seed", at=timezone.now()):
            services.apply_lot(lot, on=on, at=timezone.now(), law=eligibility.queries.law(on))
        services.close_imports(at=timezone.now())
        return len(made)

    def _tell(self, by: User, today: date) -> None:
        """Some families were told the day after, some not yet."""
        for conflict in AnswerConflict.objects.filter(status="open").order_by("id")[::2]:
            day = min(conflict.opened_on + timedelta(days=1), today)
            services.tell_family(conflict.pk, on=day, by=by, law=eligibility.queries.law(day))
