"""What direct aid came to: a month by region, kind and provision; a household's months; what was received too much."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum

from households.models import Household, Member
from rsu.models import Region, User
from rsu.permissions import in_area

from .models import Allowance, AllowanceLine, MonthChunk, MonthRun, MonthTally, Overpayment, Placement, PlacementMonth


@dataclass(frozen=True)
class RegionTotal:
    """`lines` is the sum of the lines and equals `amount`, the sum of what households are paid: counted apart, shown together."""

    region: Region | None
    households: int
    amount: int
    lines: int


@dataclass(frozen=True)
class KindTotal:
    """`correction`: lines that belong to an earlier month than the one they were written with."""

    kind: str
    label: str
    provision: object
    correction: bool
    count: int
    amount: int


@dataclass(frozen=True)
class MonthTotals:
    """All of a month that the user may see; `regions` and `kinds` each sum to `amount`, what households are paid.

    `placed` children in institutions are owed `placed_amount` beside it: both together are what orders pay and budgets count.
    """

    month: date
    regions: list[RegionTotal]
    kinds: list[KindTotal]
    households: int
    amount: int
    placed: int = 0
    placed_amount: int = 0

    @property
    def whole(self) -> int:
        return self.amount + self.placed_amount

    @property
    def holds(self) -> bool:
        by_region, by_kind = sum(row.amount for row in self.regions), sum(row.amount for row in self.kinds)
        return self.amount == by_region == by_kind == sum(row.lines for row in self.regions)


def totals_of_month(month: date, user: User) -> MonthTotals:
    """What the month came to in the user's area, read from the rows counted with it: four queries, whatever its size."""
    placed = PlacementMonth.objects.filter(in_area(user, "placement__commune"), month=month)
    children = placed.aggregate(n=Count("placement", distinct=True), sum=Sum("amount", default=0))
    rows = MonthTally.objects.filter(in_area(user), month=month)
    by_region = list(
        rows.order_by("commune__region")
        .values("commune__region")
        .annotate(
            n=Sum("count", filter=Q(kind=""), default=0),
            paid=Sum("amount", filter=Q(kind=""), default=0),
            lines=Sum("amount", filter=~Q(kind=""), default=0),
        )
    )
    regions = Region.objects.in_bulk()
    found = [RegionTotal(regions.get(row["commune__region"]), row["n"], row["paid"], row["lines"]) for row in by_region]
    households, amount = sum(row.households for row in found), sum(row.amount for row in found)
    return MonthTotals(month, found, _kinds(rows), households, amount, children["n"], children["sum"])


def _kinds(rows: QuerySet[MonthTally]) -> list[KindTotal]:
    from eligibility.models import Provision

    labels, order = dict(AllowanceLine.Kind.choices), [kind.value for kind in AllowanceLine.Kind]
    found = (
        rows.exclude(kind="")
        .order_by("kind")
        .values("kind", "provision", late=Q(belongs_to__isnull=False))
        .annotate(n=Sum("count"), sum=Sum("amount"))
    )
    provisions = Provision.objects.in_bulk({row["provision"] for row in found})
    kinds = [
        KindTotal(row["kind"], labels[row["kind"]], provisions.get(row["provision"]), row["late"], row["n"], row["sum"]) for row in found
    ]
    return sorted(kinds, key=lambda one: (one.correction, order.index(one.kind)))


def months_written(user: User) -> QuerySet:
    """{month, households, amount}, newest first, within the user's area."""
    rows = MonthTally.objects.filter(in_area(user), kind="")
    return rows.order_by("-month").values("month").annotate(households=Sum("count"), paid=Sum("amount"))


def run_of_month(month: date) -> MonthRun | None:
    """The latest run of the month, with its ledger counted."""
    return counted_runs().filter(month=month).first()


def counted_runs() -> QuerySet[MonthRun]:
    """Runs, newest first, with what their chunks did."""
    done = Q(chunks__status=MonthChunk.Status.DONE)
    return (
        MonthRun.objects.select_related("by", "provision")
        .annotate(
            done=Sum("chunks__size", filter=done, default=0),
            paid=Sum("chunks__paid", default=0),
            already=Sum("chunks__already", default=0),
            amount=Sum("chunks__amount", default=0),
            failed=Count("chunks", filter=Q(chunks__status=MonthChunk.Status.FAILED)),
        )
        .order_by("-id")
    )


@dataclass(frozen=True)
class Sources:
    """Where the households of a month come from, in the whole kingdom: the runs that wrote some, and everything written otherwise, when
    a file was accepted, by an appeal or by a correction. Together they are `households` and `amount`.
    """

    runs: list[MonthRun]
    households: int
    amount: int

    @property
    def otherwise(self) -> int:
        return self.households - sum(run.paid for run in self.runs)

    @property
    def otherwise_amount(self) -> int:
        return self.amount - sum(run.amount for run in self.runs)


def sources_of(month: date) -> Sources:
    """Runs are counted before what they wrote, so that one under way is never ahead of its month."""
    runs = list(counted_runs().filter(month=month, kind=MonthRun.Kind.PAYMENT).order_by("id"))
    written = MonthTally.objects.filter(month=month, kind="").aggregate(n=Sum("count", default=0), sum=Sum("amount", default=0))
    return Sources(runs, written["n"], written["sum"])


def not_due(run: MonthRun) -> dict[str, int]:
    """{reason: households} of the run, the most frequent first."""
    total: dict[str, int] = {}
    for reasons in run.chunks.values_list("not_due", flat=True):
        for reason, number in reasons.items():
            total[reason] = total.get(reason, 0) + number
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


def year_of_aid(household: Household, year: int) -> list[Allowance]:
    """The months written for the household that year, in order, each with its lines."""
    rows = household.allowances.filter(month__year=year).select_related("payee")
    return list(rows.prefetch_related("lines__member", "lines__provision").order_by("month"))


def years_of_aid(household: Household) -> list[int]:
    """The years in which something was written, newest first."""
    return sorted({day.year for day in household.allowances.values_list("month", flat=True)}, reverse=True)


def overpayments_of(user: User, *, state: str = "") -> QuerySet[Overpayment]:
    """Overpayments of the area where the household lives today, newest first, with the household's head (`heads`)."""
    rows = Overpayment.objects.filter(in_area(user, "household__commune"))
    heads = Prefetch("household__members", queryset=Member.objects.filter(relation="head"), to_attr="heads")
    rows = rows.select_related("household__commune", "proposed_by", "decided_by").prefetch_related(heads)
    return (
        (rows.filter(state=state) if state in Overpayment.State.values else rows)
        .annotate(rest=F("amount") - F("recovered"))
        .order_by("-id")
    )


def placements_of(user: User) -> QuerySet[Placement]:
    """Placements in institutions of the user's area, newest first, with what each received."""
    rows = Placement.objects.filter(in_area(user)).select_related("commune")
    return rows.annotate(received=Sum("months__amount", default=0)).order_by("-since", "-id")
