import tempfile
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from enrollment import services
from enrollment.models import Enrollment, RamedMigration
from enrollment.services.moves import NotEnrollable
from households.models import Household
from rsu.authentication import engine
from rsu.management.appeals import seed_appeals
from rsu.management.seeding_aid import seed_aid
from rsu.models import User

SEED = 29
"""Not that of a file made by hand, which would name the same people."""
CHUNKS = 12
"""Of proposals made before the demo opens; in a larger kingdom the worker makes the others."""


class Command(BaseCommand):
    help = "Proposes what the invented families are entitled to and accepts it for some of them, all over the kingdom (demo only)."

    def add_arguments(self, parser):
        parser.add_argument("--accept", type=int, default=240, help="decisions to take, one family and program each")

    def handle(self, *args, accept: int, **options):
        call_command("seed_deliveries", stdout=self.stdout)
        on = timezone.localdate()
        self._enroll(accept, on=on)
        services.keep_spending(on=on)
        services.forecast_months(on=on, by=engine())

    def _enroll(self, accept: int, *, on) -> None:
        """Each part finds out by itself that it is done: a first start cut short is completed by the next."""
        for _ in range(CHUNKS):
            if not services.propose_due(on=on, by=engine()):
                break
        if not Enrollment.objects.filter(status=Enrollment.Status.ACTIVE).exists():
            self._accept_some(accept, on=on)
        if not RamedMigration.objects.exists():
            self._move_beneficiaries()
        self.stdout.write(seed_aid(on=on))
        call_command("seed_payments", stdout=self.stdout)
        call_command("seed_messages", stdout=self.stdout)
        self.stdout.write(f"{seed_appeals(on=on)} recours dans la préfecture d’Amina.")

    def _accept_some(self, accept: int, *, on) -> None:
        """At most every other pair: even a small demo has something left to decide."""
        by = User.objects.get(username="nadia")
        waiting = Enrollment.objects.filter(status=Enrollment.Status.PROPOSED, household__synthetic=True)
        pairs = list(waiting.order_by("household_id", "program").values_list("household_id", "program").distinct())
        accepted = sum(
            self._accept(household, program, on=on, by=by) for household, program in pairs[:: max(2, len(pairs) // max(accept, 1))]
        )
        self.stdout.write(f"{accepted} décisions d’inscription prises, les autres attendent un agent.")

    def _move_beneficiaries(self) -> None:
        """An invented file of 1,000 former RAMED beneficiaries, some of them registered here, with defects of every kind."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ramed-1000.csv"
            call_command("make_ramed_file", str(path), principals=420, defects="8%", registered=60, seed=SEED, stdout=self.stderr)
            call_command("migrate_ramed", str(path), "--by", "chaima", "--quiet", stdout=self.stderr)
        services.settle_migrated(on=timezone.localdate(), by=engine())

    def _accept(self, household_id: int, program: str, *, on, by) -> bool:
        try:
            services.accept_household(Household.objects.get(pk=household_id), program, on=on, by=by)
        except NotEnrollable:
            return False
        return True
