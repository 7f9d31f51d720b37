"""`manage.py migrate_ramed FILE`: former RAMED beneficiaries moved to AMO, by the services of the page; killed, start it again."""

import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from enrollment import moved, services
from enrollment.models import RamedMigration
from enrollment.tasks import take_ramed_lots
from households.sheets.reading import Unusable
from rsu.models import User
from rsu.permissions import Forbidden


class Command(BaseCommand):
    help = (
        "Bascule à l’AMO les anciens bénéficiaires du RAMED d’un fichier CSV (UTF-8) ou XLSX. Arrêtée n’importe où, relancée sur le même "
        "fichier, elle reprend ; le même fichier deux fois ne change rien. `make_ramed_file` en écrit un exemple."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--on", type=date.fromisoformat, default=date(2022, 12, 1), help="premier jour de couverture (2022-12-01)")
        parser.add_argument("--by", required=True, help="compte de l’administrateur au nom de qui la bascule est faite")
        parser.add_argument("--quiet", action="store_true", help="sans avancement, le bilan seul")

    def handle(self, *, file: Path, on: date, by: str, quiet: bool, **options: object) -> None:
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"Aucun compte « {by} ».")
        try:
            with file.open("rb") as sent:
                migration = services.receive_ramed(file=sent, name=file.name, covered_from=on, on=timezone.localdate(), by=user)
            if migration.status == RamedMigration.Status.FAILED:
                services.retry_ramed(migration.pk, on=timezone.localdate(), by=user)
        except (Unusable, Forbidden, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self._work(migration, quiet=quiet)
        migration.refresh_from_db()
        self._tell(migration)

    def _work(self, migration: RamedMigration, *, quiet: bool) -> None:
        """Lots until the migration has ended: this process's, and whatever other workers hold."""
        while True:
            take_ramed_lots(each=None if quiet else lambda _lot: self._progress(migration))
            migration.refresh_from_db()
            if migration.ended:
                return
            services.revive_ramed_lots(at=timezone.now())
            time.sleep(0.2)

    def _progress(self, migration: RamedMigration) -> None:
        seen = moved.ramed_progress(migration, at=timezone.now())
        rate = f", {seen.rate} lignes par seconde" if seen.rate else ""
        self.stdout.write(f"{seen.step.label} : {seen.done} / {seen.total or '…'}{rate}", ending="\r")
        self.stdout.flush()

    def _tell(self, migration: RamedMigration) -> None:
        counts = moved.ramed_counts(migration)
        if migration.status == RamedMigration.Status.FAILED:
            raise CommandError(
                migration.reason or "Des lots ont échoué à chaque tentative : relancez la commande quand la cause est réglée."
            )
        self.stdout.write(f"\n{migration.name} : couverture du {migration.covered_from} jusqu’au {migration.covered_until}, exclu.")
        self.stdout.write("lues = basculées + déjà basculées + écartées + à régler + refusées")
        sign = "=" if counts.holds else "≠"
        self.stdout.write(f"{counts.rows} {sign} {counts.covered} + {counts.already} + {counts.aside} + {counts.queued} + {counts.refused}")
        for kind, outcome, count in moved.ramed_kinds(migration):
            self.stdout.write(f"  {outcome} {kind} {count}")
