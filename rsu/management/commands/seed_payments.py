"""`manage.py seed_payments`: accounts, a sent and answered order, and one that waits for its second signature (demo only)."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from enrollment import payments, services
from enrollment.models import Allowance, Payment, PaymentOrder
from enrollment.paying.rib import with_key
from rsu.management.commands.simulate_paying_agency import answer_order
from rsu.models import User

BANKED = 3
"""Two payees in this many have an account."""
REJECTED = 7
PAYEES = 400


class Command(BaseCommand):
    help = "Fait payer les aides des familles inventées par un organisme payeur inventé (démonstration seulement)."

    def handle(self, *args, **options):
        if PaymentOrder.objects.exists():
            return
        today = timezone.localdate()
        people = {name: User.objects.get(username=name) for name in ("nadia", "chaima", "driss")}
        self._record_accounts(today, by=people["nadia"])
        month = today.replace(day=1)
        before = month.replace(year=month.year - (month.month == 1), month=(month.month - 2) % 12 + 1)
        first = next((one for one in (before, month) if _payable(one, today)), None)
        if first is None:
            self.stdout.write("Aucune aide n’est due : aucun ordre de versement.")
            return
        order = services.prepare_order(month=first, on=today, by=people["chaima"])
        for name in ("chaima", "driss"):
            services.approve_order(order.pk, on=today, by=people[name])
        services.freeze_order(order.pk, on=today, by=people["driss"])
        order = services.export_order(order.pk, on=today, by=people["driss"])
        returned = answer_order(order, reject_every=_reject_every(order), errors=True, on=today, by=people["driss"])
        self._give_up_some(order, today, by=people["nadia"])
        self._wait_for_a_signature(month, today, by=people["chaima"])
        self.stdout.write(
            f"{order.reference} : {returned.paid} versements payés, {returned.rejected} rejetés, {returned.differences} différences."
        )

    def _record_accounts(self, today, *, by: User) -> None:
        """An invented account for two payees in three; the first two share one, which the order flags."""
        payees = Allowance.objects.filter(household__synthetic=True, payee__isnull=False).order_by("household_id", "month")
        for number, allowance in enumerate(
            payees.distinct("household_id").select_related("household", "payee").order_by("household_id")[:PAYEES]
        ):
            if number % BANKED:
                services.record_account(
                    allowance.household, member_id=allowance.payee_id, rib=with_key(f"999000{max(number, 2):016d}"),
                    holder=allowance.payee.name_fr, reason="Relevé d’identité bancaire remis au guichet", on=today, by=by,
                )  # fmt: skip

    def _give_up_some(self, order: PaymentOrder, today, *, by: User) -> None:
        """Of what was rejected, what no account is at fault for is issued again; one family's is left for the desk to mend."""
        rejected = order.rows.filter(status=Payment.Status.REJECTED)
        left = rejected.filter(household__isnull=False).order_by("position").first()
        for payment in rejected.filter(household__isnull=False, account="").exclude(pk=left and left.pk)[:2]:
            services.reissue_payment(payment.pk, reason="Pièce d’identité vérifiée avec la famille", on=today, by=by)

    def _wait_for_a_signature(self, month, today, *, by: User) -> None:
        try:
            order = services.prepare_order(month=month, on=today, by=by)
        except services.NothingOwed:
            return
        services.approve_order(order.pk, on=today, by=by)


def _reject_every(order: PaymentOrder) -> int:
    """One payment in seven, or as many more as it takes for a family's to be among them; the first is answered for another sum."""
    families = order.rows.filter(household__isnull=False, position__range=(2, REJECTED))
    found = families.exclude(account="").order_by("-position").first() or families.order_by("-position").first()
    return found.position if found else REJECTED


def _payable(month, today) -> bool:
    """Whether an order would pay a family: what waits for an account is owed too, and children in institutions alone show nothing of it."""
    owed = payments.owed_until(month, on=today, communes=None)
    return any(not waits and not placed for _month, placed, waits, _number, _amount in owed)
