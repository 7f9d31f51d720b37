"""`manage.py simulate_paying_agency ORDER`: an invented agency answers a sent order with a pain.002, read by the page's own service."""

import tempfile
from argparse import ArgumentParser
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from enrollment import services
from enrollment.models import PaymentOrder, PaymentReturn
from enrollment.paying import simulator
from enrollment.services.ordering import rows_of
from rsu.models import User


def answer_order(order: PaymentOrder, *, reject_every: int, errors: bool, on: date, by: User) -> PaymentReturn:
    """Have the invented agency answer the whole order, and record what it says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{order.reference}-retour.xml"
        with open(path, "wb") as out:
            simulator.answer(out, rows_of(order), reference=order.reference, on=on, reject_every=reject_every, errors=errors)
        return services.record_return(order.pk, path=path, name=path.name, on=on, by=by)


class Command(BaseCommand):
    help = "Fait répondre un organisme payeur inventé à un ordre envoyé (démonstration seulement)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("order", type=int, metavar="ORDRE")
        parser.add_argument("--reject-every", type=int, default=9, metavar="N", help="un versement sur N est rejeté")
        parser.add_argument("--errors", action="store_true", help="avec un identifiant inconnu et un montant faux")

    def handle(self, *args, order: int, reject_every: int, errors: bool, **options):
        found = PaymentOrder.objects.filter(pk=order).select_related("prepared_by").first()
        if found is None:
            raise CommandError(f"Aucun ordre n° {order}.")
        try:
            made = answer_order(found, reject_every=reject_every, errors=errors, on=timezone.localdate(), by=found.prepared_by)
        except services.ReturnRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{made.lines} réponses : {made.paid} payées, {made.rejected} rejetées, {made.differences} différences.")
