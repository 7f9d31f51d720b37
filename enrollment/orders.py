"""Payment orders, their answers and a family's payments as pages read them, names and numbers always within the caller's area."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from eligibility.models import OPEN
from households.models import Household
from rsu.models import Region, User
from rsu.permissions import communes_of, in_area

from .models import DIFFERENCES, Payment, PaymentAccount, PaymentAnswer, PaymentFile, PaymentOrder, Placement

DIRECT_AID, PLACEMENT = "direct_aid", "placement"


@dataclass(frozen=True)
class Total:
    """What an order pays in one region under one program."""

    region: object
    program: str
    payments: int
    amount: int


def orders() -> QuerySet[PaymentOrder]:
    """Newest first, with what was answered: `paid`, `rejected`, and the differences that wait."""
    open_ones = PaymentAnswer.objects.filter(returned__order=OuterRef("pk"), outcome__in=DIFFERENCES, settled="").order_by()
    counted = open_ones.values("returned__order").annotate(n=Count("pk")).values("n")
    return PaymentOrder.objects.select_related("prepared_by").annotate(open_differences=Subquery(counted)).order_by("-id")


def states_of(order: PaymentOrder, user: User) -> dict[str, tuple[int, int]]:
    """(how many, centimes) by state, in the user's area."""
    rows = _rows_of(order, user).order_by().values("status").annotate(n=Count("pk"), amount=Sum("amount"))
    return {row["status"]: (row["n"], row["amount"]) for row in rows}


def totals_of(order: PaymentOrder, user: User) -> list[Total]:
    """By region and program, in the user's area; their sum is the order's where the area is the kingdom."""
    rows = (
        _rows_of(order, user)
        .order_by()
        .values(region=F("commune__region_id"), placed=Q(placement_month__isnull=False))
        .annotate(n=Count("pk"), sum=Sum("amount"))
        .order_by("region", "placed")
    )
    regions = Region.objects.in_bulk()
    return [Total(regions[row["region"]], PLACEMENT if row["placed"] else DIRECT_AID, row["n"], row["sum"]) for row in rows]


def _rows_of(order: PaymentOrder, user: User) -> QuerySet[Payment]:
    return Payment.objects.filter(in_area(user), order=order)


def rows_of(order: PaymentOrder, user: User, *, status: str = "") -> QuerySet[Payment]:
    """An order's payments in the user's area, in its own order."""
    rows = _rows_of(order, user).select_related("household", "placement_month__placement")
    return (rows.filter(status=status) if status in Payment.Status.values else rows).order_by("position")


def shared_accounts(order: PaymentOrder, user: User) -> QuerySet:
    """Accounts on which the order pays several payees: (account, how many, centimes)."""
    rows = _rows_of(order, user).exclude(account="").order_by()
    grouped = rows.values("account").annotate(payees=Count("payee_idcs", distinct=True), amount=Sum("amount"))
    return grouped.filter(payees__gt=1).order_by("-payees", "account")


def differences(user: User, *, order: PaymentOrder | None = None) -> QuerySet[PaymentAnswer]:
    """Answers that changed nothing and wait, oldest first; of payments outside the user's area, none."""
    rows = PaymentAnswer.objects.filter(outcome__in=DIFFERENCES, settled="").select_related("returned__order", "payment__household")
    if order:
        rows = rows.filter(returned__order=order)
    if user.area_level != User.AreaLevel.KINGDOM:
        rows = rows.filter(in_area(user, "payment__commune"))
    return rows.order_by("id")


def settled_of(order: PaymentOrder) -> QuerySet[PaymentAnswer]:
    return (
        PaymentAnswer.objects.filter(returned__order=order)
        .exclude(settled="")
        .select_related("settled_by", "payment")
        .order_by("-settled_at")
    )


def files_of(user: User) -> QuerySet[PaymentFile]:
    """Files hold the whole kingdom's payments: nothing for a smaller area."""
    whole = user.is_active and user.area_level == User.AreaLevel.KINGDOM
    return PaymentFile.objects.select_related("order") if whole else PaymentFile.objects.none()


def narrowed(user: User) -> list[int] | None:
    """The communes of the user's area for the statements of payments.py; None for the kingdom."""
    if user.is_active and user.area_level == User.AreaLevel.KINGDOM:
        return None
    return list(communes_of(user).values_list("pk", flat=True)) if user.area_level != User.AreaLevel.NOWHERE else []


def payments_of(household: Household) -> QuerySet[Payment]:
    """A family's payments, newest first; what was prepared and given up before it was sent is not theirs to read."""
    rows = household.payments.exclude(status=Payment.Status.CANCELED).select_related("order", "previous")
    return rows.annotate(renewed=Exists(Payment.objects.filter(previous=OuterRef("pk")).exclude(status="canceled"))).order_by(
        "-month", "-id"
    )


def rejected_of(placement: Placement) -> QuerySet[Payment]:
    """What came back of a child's payments and nobody has had issued again, newest first."""
    rows = Payment.objects.filter(placement_month__placement=placement, status=Payment.Status.REJECTED)
    return rows.select_related("order").order_by("-month", "-id")


def accounts_of(household: Household) -> QuerySet[PaymentAccount]:
    """Every account recorded for the people who live here, newest first, with how many other families use it today: `elsewhere`."""
    same = PaymentAccount.objects.filter(rib=OuterRef("rib"), until=OPEN).exclude(household=OuterRef("household")).order_by()
    counted = same.values("rib").annotate(n=Count("household", distinct=True)).values("n")
    people = household.members.values("idcs")
    rows = PaymentAccount.objects.filter(Q(household=household) | Q(payee_idcs__in=people))
    return rows.select_related("member", "recorded_by", "closed_by").annotate(elsewhere=Subquery(counted)).order_by("-since", "-id")


def families_on(rib: str, *, on: date) -> int:
    """How many families and children of institutions are paid on this account on the day."""
    running = PaymentAccount.objects.filter(rib=rib, since__lte=on, until__gt=on)
    children = Placement.objects.filter(account=rib, since__lte=on, until__gt=on)
    return running.values("household").distinct().count() + children.count()
