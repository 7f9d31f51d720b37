"""Everything that waits, counted so that nothing waits unseen: by state, program, age and place, with the clock the law sets."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, TruncDate

from eligibility.law import Law
from eligibility.losses import waiting_losses
from eligibility.models import Determination
from households.models import Member
from rsu.models import Commune, Province, Region, User
from rsu.permissions import in_area

from . import clocks
from .models import DecisionBatch, Enrollment, Hold, Message, Scheme

Status = Enrollment.Status
STATES = (Status.PROPOSED, Status.MIGRATED, Status.IN_REVIEW, Status.SUSPENDED)
"""Statuses in which something is still to be decided."""
AGES = (7, 15, 30)
"""Days at which the columns of ages part; the last one is open."""


@dataclass(frozen=True)
class Line:
    """Enrollments of one program and state, or of one place: how many, since how many days at most each."""

    label: str
    key: str
    ages: list[int]
    held: int
    late: int
    soon: int

    @property
    def asked(self) -> str:
        """What asks for these enrollments in an address."""
        program, _slash, status = self.key.partition("/")
        return f"program={program}&status={status}" if status else self.key

    @property
    def total(self) -> int:
        return sum(self.ages)


def waiting_of(user: User, *, law: Law, on: date) -> QuerySet[Enrollment]:
    """Every enrollment of the area that awaits a decision: `waited_since`, `held` while somebody has given it a date, and where its
    legal clock stands, the one of `clocks`.
    """
    open_hold = Hold.objects.filter(enrollment=OuterRef("pk"), settled_at=None, status=OuterRef("status"))
    rows = Enrollment.objects.filter(in_area(user, "household__commune"), status__in=STATES)
    rows = clocks.with_application_clock(rows, law).annotate(
        waited_since=TruncDate(Coalesce("decided_at", "proposed_at")), held=Exists(open_hold)
    )
    return rows.annotate(late=_where(due_on__lt=on), soon=_where(due_on__range=(on, on + clocks.before(law))))


def _where(**condition) -> Case:
    """Whether a condition holds, false where it says nothing."""
    return Case(When(**condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def with_day(rows: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """`look_again_on`: the day somebody has given it, if so."""
    open_hold = Hold.objects.filter(enrollment=OuterRef("pk"), settled_at=None, status=OuterRef("status"))
    return rows.annotate(look_again_on=Subquery(open_hold.values("look_again_on")[:1]))


def by_state(rows: QuerySet[Enrollment], *, on: date) -> list[Line]:
    """One line a program and state, in one query."""
    found = rows.order_by().values("program", "status").annotate(**_counts(on)).order_by("program", "status")
    programs, states = dict(Scheme.choices), dict(Status.choices)
    order = {(program, state): place for place, (program, state) in enumerate((p, s) for p in programs for s in STATES)}
    lines = [_line(f"{programs[row['program']]} · {states[row['status']]}", f"{row['program']}/{row['status']}", row) for row in found]
    return sorted(lines, key=lambda line: order[tuple(line.key.split("/"))])


def by_place(rows: QuerySet[Enrollment], user: User, *, on: date, within: dict) -> list[Line]:
    """One line a region, province or commune: the level under the one that is looked at."""
    model, path = _level(user, within)
    found = rows.order_by().values(place=F(path)).annotate(**_counts(on)).order_by("place")
    names = {one.pk: one.name for one in model.objects.filter(pk__in=[row["place"] for row in found])}
    return [_line(names[row["place"]], f"{model._meta.model_name}={row['place']}", row) for row in found]


def _level(user: User, within: dict) -> tuple[type, str]:
    if within.get("province") or user.area_level in (User.AreaLevel.PROVINCE, User.AreaLevel.COMMUNE):
        return Commune, "household__commune"
    if within.get("region") or user.area_level == User.AreaLevel.REGION:
        return Province, "household__commune__province"
    return Region, "household__commune__region"


def _counts(on: date) -> dict:
    bounds, counts, newer = [on - timedelta(days=age) for age in AGES], {}, None
    for place, bound in enumerate([*bounds, None]):
        span = Q() if bound is None else Q(waited_since__gte=bound)
        counts[f"age_{place}"] = Count("pk", filter=(span & Q(waited_since__lt=newer)) if newer else span)
        newer = bound
    return counts | {
        "given": Count("pk", filter=Q(held=True)),
        "over": Count("pk", filter=Q(late=True)),
        "near": Count("pk", filter=Q(soon=True)),
    }


def _line(label: str, key: str, row: dict) -> Line:
    ages = [row[f"age_{place}"] for place in range(len(AGES) + 1)]
    return Line(label, key, ages, row["given"], row["over"], row["near"])


def of_age(rows: QuerySet[Enrollment], column: int, *, on: date) -> QuerySet[Enrollment]:
    """Those of one column of ages, the last one open."""
    bounds = [on - timedelta(days=age) for age in AGES]
    if column < len(AGES):
        rows = rows.filter(waited_since__gte=bounds[column])
    return rows.filter(waited_since__lt=bounds[column - 1]) if column else rows


def listed_of(batch: DecisionBatch, user: User, *, law: Law) -> QuerySet[Enrollment]:
    """The frozen list of a batch, of the user's area alone, as its enrollments are today, each with its clock, `late` once it is over, and
    its household's head; the law's day is today.
    """
    listed = RawSQL("SELECT unnest(enrollments) FROM enrollment_decisionchunk WHERE batch_id = %s", [batch.pk])
    return with_heads(
        clocks.with_application_clock(Enrollment.objects.filter(in_area(user, "household__commune"), pk__in=listed), law)
    ).order_by("household_id", "id")


def with_heads(rows: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """`household.heads` holds the head, if there is one."""
    heads = Prefetch("household__members", queryset=Member.objects.filter(relation="head"), to_attr="heads")
    return rows.select_related("household__commune", "member").prefetch_related(heads)


@dataclass(frozen=True)
class Beside:
    """What waits elsewhere than in a status: losses held, answers the engine has not taken up, dates gone by, messages in doubt."""

    losses: int
    unhandled: int
    dates_over: int
    doubtful: int


def waiting_beside(user: User, *, on: date) -> Beside:
    area = in_area(user, "household__commune")
    held = Hold.objects.filter(in_area(user, "enrollment__household__commune"), settled_at=None, status=F("enrollment__status"))
    return Beside(
        losses=waiting_losses(user).count(),
        unhandled=Determination.objects.filter(area, handled=False).count(),
        dates_over=held.filter(look_again_on__lte=on).count(),
        doubtful=Message.objects.filter(area, status=Message.Status.DOUBTFUL).count(),
    )


def statuses(user: User) -> dict[str, int]:
    """How many enrollments of the area have each status: what the lines above must add up to."""
    counted = Enrollment.objects.filter(in_area(user, "household__commune"), status__in=STATES).order_by().values_list("status")
    return dict(counted.annotate(n=Count("pk")))
