"""`manage.py record_return ORDER FILE --by USER`: what the page does with the agency's answer, for files too large to send by hand."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from enrollment import services
from enrollment.models import PaymentOrder
from rsu.models import User
from rsu.permissions import Forbidden


class Command(BaseCommand):
    help = "Enregistre la réponse de l’organisme payeur (pain.002 ou CSV) à un ordre envoyé ; deux fois le même fichier n’en font qu’une."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("order", type=int, metavar="ORDRE", help="numéro interne de l’ordre")
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--by", required=True, metavar="COMPTE", help="qui répond de cette réponse")

    def handle(self, *args, order: int, file: Path, by: str, **options):
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"Aucun compte « {by} ».")
        if not file.is_file():
            raise CommandError(f"Aucun fichier {file}.")
        try:
            made = services.record_return(order, path=file, name=file.name, on=timezone.localdate(), by=user)
        except PaymentOrder.DoesNotExist:
            raise CommandError(f"Aucun ordre n° {order}.") from None
        except (services.ReturnRefused, Forbidden) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{made.lines} lignes = {made.paid} payées + {made.rejected} rejetées + {made.pending} en cours"
            f" + {made.already} déjà ainsi + {made.differences} différences"
        )
