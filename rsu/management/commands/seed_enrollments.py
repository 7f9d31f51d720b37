from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from enrollment import services
from enrollment.models import Enrollment
from enrollment.services.moves import NotEnrollable
from households.models import Household
from rsu.authentication import engine
from rsu.models import User

CHUNKS = 12
"""Of proposals made before the demo opens; in a larger kingdom the worker makes the others."""


class Command(BaseCommand):
    help = "Proposes what the invented families are entitled to and accepts it for some of them, all over the kingdom (demo only)."

    def add_arguments(self, parser):
        parser.add_argument("--accept", type=int, default=240, help="decisions to take, one family and program each")

    def handle(self, *args, accept: int, **options):
        call_command("seed_deliveries", stdout=self.stdout)
        on = timezone.localdate()
        for _ in range(CHUNKS):
            if not services.propose_due(on=on, by=engine()):
                break
        if Enrollment.objects.filter(status=Enrollment.Status.ACTIVE).exists():
            return
        by = User.objects.get(username="nadia")
        waiting = Enrollment.objects.filter(status=Enrollment.Status.PROPOSED, household__synthetic=True)
        pairs = list(waiting.order_by("household_id", "program").values_list("household_id", "program").distinct())
        accepted = sum(
            self._accept(household, program, on=on, by=by) for household, program in pairs[:: max(1, len(pairs) // max(accept, 1))]
        )
        self.stdout.write(f"{accepted} décisions d’inscription prises, les autres attendent un agent.")

    def _accept(self, household_id: int, program: str, *, on, by) -> bool:
        try:
            services.accept_household(Household.objects.get(pk=household_id), program, on=on, by=by)
        except NotEnrollable:
            return False
        return True
