"""Appeals found: those of an area, those that wait, what one of them keeps from being lost."""

from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from eligibility.law import Law
from households.models import Household, Member
from rsu.models import User
from rsu.permissions import in_area

from .appeal_lifecycle import OPEN
from .models import Appeal

SUSPENDS = "appeal.suspends"
IN_TIME = Q(last_day=None) | Q(filed_on__lte=F("last_day")) | Q(admitted_by__isnull=False)
"""Appeals filed in time, or admitted although late."""
ABOUT_A_RIGHT = (Appeal.Contests.DETERMINATION, Appeal.Contests.SCORE, Appeal.Contests.ENROLLMENT)

LISTS = {
    "open": Q(status__in=OPEN),
    "late": Q(status="filed") & ~IN_TIME,
    "decided": ~Q(status__in=OPEN),
}


def appeals_of(user: User) -> QuerySet[Appeal]:
    """Every appeal of the area, the nearest deadline first; `household.heads` holds the head."""
    heads = Prefetch("household__members", queryset=Member.objects.filter(relation="head"), to_attr="heads")
    rows = Appeal.objects.filter(in_area(user, "household__commune")).prefetch_related(heads)
    return rows.select_related("household__commune", "filed_by", "assignee", "decided_by", "contested_by").order_by("due_on", "id")


def appeals_in(name: str, user: User, *, on: date, contests: str = "", overdue: bool = False) -> QuerySet[Appeal]:
    """One list: `open`, `late` (filed too late, nobody has admitted them), `decided` (the latest first)."""
    rows = appeals_of(user).filter(LISTS[name])
    if contests in Appeal.Contests.values:
        rows = rows.filter(contests=contests)
    if overdue:
        rows = rows.filter(due_on__lt=on, status__in=OPEN)
    return rows.order_by("-decided_at", "-id") if name == "decided" else rows


def counts_of(user: User, *, on: date) -> dict[str, int]:
    """How many stand in each list, and how many are past their last day (`overdue`); one query."""
    counted = {name: Count("pk", filter=held) for name, held in LISTS.items()}
    rows = Appeal.objects.filter(in_area(user, "household__commune"))
    return rows.aggregate(**counted, overdue=Count("pk", filter=Q(status__in=OPEN, due_on__lt=on)))


def appeals_of_household(household: Household) -> QuerySet[Appeal]:
    return household.appeals.select_related("filed_by", "decided_by", "assignee").order_by("-id")


def suspends_losses(law: Law) -> bool:
    """Whether, on the law's day, an open appeal keeps a right from being lost."""
    return law.has(SUSPENDS) and law.value(SUSPENDS)


def suspended_by_appeal(law: Law) -> Q:
    """Enrollments whose loss waits for the answer to an appeal; none where the provision is off. For `filter` and `exclude`."""
    if not suspends_losses(law):
        return Q(pk__in=[])
    appeals = Appeal.objects.filter(
        IN_TIME,
        Q(program="") | Q(program=OuterRef("program")),
        household=OuterRef("household"),
        status__in=OPEN,
        contests__in=ABOUT_A_RIGHT,
    )
    return Q(Exists(appeals))
