from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from enrollment import services
from enrollment.models import DecisionBatch
from enrollment.selection import Selection
from enrollment.tasks import take_decisions
from households.models import Household
from rsu.authentication import engine
from rsu.models import User

WITH_A_PHONE, WITH_AN_ADDRESS = 120, 6
FIRST_NUMBER = 600_000_000
"""Numbers of no operator: nothing that leaves the demo by mistake reaches anybody."""


class Command(BaseCommand):
    help = "Gives invented families invented telephones, decides some of what waits in a batch, and tells them (demo only)."

    def handle(self, *args, **options):
        if DecisionBatch.objects.exists():
            return
        on, people = timezone.localdate(), {one.username: one for one in User.objects.filter(username__in=["salma", "nadia", "chaima"])}
        self._reach(people["nadia"], on=on)
        applied = self._batch("accept", "amo_tadamon", people["nadia"], on=on, reason="Droits ouverts par l’indice, réponses relues.")
        if applied:
            services.sign_batch(applied.pk, on=on, by=people["chaima"])
            take_decisions()
        soon = on + timedelta(days=21)
        self._batch("visit", "direct_aid", people["salma"], on=on, reason="Vérifier sur place avant d’accorder l’aide.", look_again_on=soon)
        told = 0
        while written := services.notify_due(at=timezone.now(), by=engine()):
            told += written
        while services.send_due(at=timezone.now()):
            pass
        self.stdout.write(f"{told} décisions notifiées ; une décision en lot appliquée, une autre attend une signature.")

    def _reach(self, by: User, *, on) -> None:
        families = list(Household.objects.filter(synthetic=True, phone="").order_by("pk")[: 3 * WITH_A_PHONE : 3])
        for number, family in enumerate(families, start=FIRST_NUMBER):
            family.phone = f"0{number}"
        Household.objects.bulk_update(families, ["phone"])
        for number, family in enumerate(families[:WITH_AN_ADDRESS]):
            language = ("fr", "ar", "")[number % 3]
            services.change_contact(
                household=family,
                language=language,
                email=f"famille{number}@example.org",
                no_sms=number % 2 == 0,
                no_email=False,
                on=on,
                by=by,
            )

    def _batch(self, deed: str, program: str, by: User, **more) -> DecisionBatch | None:
        chosen = Selection(region=6) if deed == "accept" else Selection()
        try:
            return services.propose_batch(deed=deed, program=program, chosen=chosen, by=by, **more)
        except services.BatchRefused:
            return None
