from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from enrollment import services
from enrollment.models import Adhesion, Contribution, Direction
from enrollment.services import NotDirectable, NotEnrollable
from households.models import Household, Member
from rsu.authentication import engine
from rsu.models import User

DIRECTED, JOINED = 40, 24
MONTHS_BEFORE = timedelta(days=125)


class Command(BaseCommand):
    help = "Follows the invented families' covers; directs some people to the scheme of their work, has some join AMO ACHAMIL (demo only)."

    def handle(self, *args, **options):
        on, by = timezone.localdate(), User.objects.get(username="nadia")
        while services.follow_covers(on=on, by=engine()):
            pass
        while services.forewarn_covers(on=on, by=engine()):
            pass
        directed = 0 if Direction.objects.exists() else self._direct(on=on, by=by)
        joined = 0 if Adhesion.objects.exists() else self._join(on=on, by=by)
        self.stdout.write(f"{directed} personnes orientées vers un autre régime, {joined} adhésions à l’AMO ACHAMIL.")

    def _spread(self, rows, wanted: int):
        """A few all over the kingdom, and all of the demo's own arrondissement."""
        here = list(rows.filter(household__commune__code="06.141.01.53")[: wanted // 4])
        every = list(rows.exclude(pk__in=[one.pk for one in here])[: wanted * 40])
        return here + every[:: max(1, len(every) // wanted)]

    def _direct(self, *, on, by) -> int:
        working = Member.objects.filter(household__synthetic=True, situation="employed", work_status="employee_private", cover="none")
        done = 0
        for place, member in enumerate(self._spread(working.select_related("household").order_by("pk"), DIRECTED)):
            try:
                one = services.direct(member_id=member.pk, scheme="amo_employee", on=on - timedelta(days=place), by=by)
                if place % 3 == 1:
                    services.advance(direction_id=one.pk, state="applied", reference=f"D{place:04d}", on=on, by=by)
                if place % 6 == 5:
                    services.confirm_direction(idcs=member.idcs, scheme="amo_employee", since=on - timedelta(days=3), on=on, by=by)
                done += 1
            except NotDirectable as refusal:
                self.stderr.write(str(refusal))
        return done

    def _join(self, *, on, by) -> int:
        heads = Member.objects.filter(household__synthetic=True, relation="head", cover="none").exclude(situation="employed")
        done = 0
        for head in self._spread(heads.select_related("household").order_by("pk"), JOINED * 4):
            if done == JOINED:
                break
            try:
                household = Household.objects.get(pk=head.household_id)
                adhesion = services.join_achamil(
                    household_id=household.pk, insured_id=head.pk, acknowledged=True, on=on - MONTHS_BEFORE, by=by
                )  # fmt: skip
            except NotEnrollable:
                continue
            services.call_contributions(on=on, by=engine(), household_id=household.pk)
            for row in Contribution.objects.filter(adhesion=adhesion).order_by("month")[: 2 + done % 3]:
                services.record_contribution(
                    adhesion_id=adhesion.pk,
                    month=row.month,
                    amount=row.amount,
                    paid_on=row.due_on,
                    reference=f"V{row.pk:06d}",
                    on=on,
                    by=by,
                )
            done += 1
        return done
