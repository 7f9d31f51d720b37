"""Requests that wait: whose they are, which are late, how many each person holds; always inside the caller's area."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from rsu.models import User

from .models import Member, Request
from .permissions import PEOPLE
from .queries import requests_of

Status = Request.Status

MINE, AREA, APPROVE, DRAFTS, ENDED = "mine", "area", "approve", "drafts", "ended"
CASEWORKER_LISTS = (MINE, AREA, DRAFTS, ENDED)
SUPERVISOR_LISTS = (APPROVE, AREA, MINE, DRAFTS, ENDED)
READER_LISTS = (AREA, ENDED)

WAITING = Q(status=Status.IN_PROGRESS)
TO_APPROVE = WAITING & ~Q(second=[])


def lists_of(user: User) -> tuple[str, ...]:
    """The lists a role works with, the first one shown first."""
    return {"supervisor": SUPERVISOR_LISTS, "caseworker": CASEWORKER_LISTS}.get(user.role, READER_LISTS)


def _held(name: str, user: User) -> Q:
    """What each list holds. Mine: given to me, or sent by me and in nobody's hands."""
    return {
        MINE: WAITING & (Q(assignee=user) | Q(assignee=None, submitted_by=user)),
        AREA: WAITING,
        APPROVE: TO_APPROVE,
        DRAFTS: Q(status=Status.DRAFT, created_by=user),
        ENDED: ~Q(status__in=[Status.DRAFT, Status.IN_PROGRESS]),
    }[name]


def requests_in(name: str, user: User, *, on: date, kind: str = "", status: str = "", late: bool = False) -> QuerySet[Request]:
    """One list, what is late first; `household.heads` holds the head. Ended ones and drafts, the latest first."""
    rows = requests_of(user).filter(_held(name, user))
    if kind in Request.Kind.values:
        rows = rows.filter(kind=kind)
    if status in Status.values:
        rows = rows.filter(status=status)
    if late:
        rows = rows.filter(due_on__lt=on)
    if name in (DRAFTS, ENDED):
        rows = rows.order_by("-saved_at", "-id")
    heads = Prefetch("household__members", queryset=Member.objects.filter(relation="head"), to_attr="heads")
    return rows.prefetch_related(heads)


@dataclass(frozen=True)
class Counts:
    by_list: dict[str, int]
    late: int


def counts_of(user: User, *, on: date) -> Counts:
    """How many stand in each of the user's lists, and how many are past their last day; one query."""
    names = [name for name in lists_of(user) if name != ENDED]
    asked = {name: Count("pk", filter=_held(name, user)) for name in names}
    open_ones = requests_of(user).filter(status__in=[Status.DRAFT, Status.IN_PROGRESS]).order_by()
    found = open_ones.aggregate(**asked, late=Count("pk", filter=WAITING & Q(due_on__lt=on)))
    return Counts({name: found[name] for name in names}, found["late"])


@dataclass(frozen=True)
class Share:
    """What one person holds, or nobody yet."""

    user: User | None
    waiting: int
    late: int


def shares(user: User, *, on: date) -> list[Share]:
    """The team's work, person by person, the most late first; what nobody has taken comes first."""
    rows = (
        requests_of(user).filter(WAITING).order_by().values("assignee").annotate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on)))
    )
    found = list(rows)
    people = User.objects.in_bulk([row["assignee"] for row in found if row["assignee"]])
    listed = [Share(people.get(row["assignee"]), row["n"], row["late"]) for row in found]
    return sorted(listed, key=lambda share: (share.user is not None, -share.late, -share.waiting, str(share.user)))


def assignable(user: User, request: Request) -> list[User]:
    """Who may be given the request: people of the desk whose area holds its household's commune."""
    commune = request.household.commune
    holds = (
        Q(area_level=User.AreaLevel.KINGDOM)
        | Q(area_level=User.AreaLevel.COMMUNE, commune=commune)
        | Q(area_level=User.AreaLevel.PROVINCE, province=commune.province_id)
        | Q(area_level=User.AreaLevel.REGION, region=commune.region_id)
    )
    return list(User.objects.filter(holds, is_active=True, role__in=PEOPLE).order_by("first_name", "username"))
