"""Which enrollments a decision in a batch is about: a filter that can be written down, and the rows it chooses in somebody's area."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Abs, Length

from eligibility.facts import FACTS
from eligibility.models import OPEN, Determination, Facts, Provision, Run
from eligibility.score import threshold_points
from households.models import AnswerConflict, Request
from rsu.models import User
from rsu.permissions import in_area

from .appeal_lifecycle import OPEN as OPEN_APPEALS
from .models import Appeal, DecisionBatch, Enrollment, Hold

Status, Deed = Enrollment.Status, DecisionBatch.Deed

BEFORE = {
    Deed.ACCEPT: (Status.PROPOSED,),
    Deed.END: (Status.IN_REVIEW,),
    Deed.KEEP: (Status.IN_REVIEW,),
    Deed.SUSPEND: (Status.IN_REVIEW,),
    Deed.HOLD: (Status.PROPOSED, Status.IN_REVIEW),
    Deed.REQUEST: (Status.PROPOSED, Status.IN_REVIEW),
    Deed.VISIT: (Status.PROPOSED, Status.IN_REVIEW),
}
"""Statuses a deed is about; any other met when it is applied was decided otherwise meanwhile."""

AFTER = {Deed.ACCEPT: Status.ACTIVE, Deed.END: Status.ENDED, Deed.KEEP: Status.ACTIVE, Deed.SUSPEND: Status.SUSPENDED}
"""The status a deed leads to; those that are not here leave the enrollment where it waits."""


@dataclass(frozen=True)
class Selection:
    """What was chosen; None or "" is no choice. `near` and `far` are distances to the line in ten-millionths of a point."""

    region: int | None = None
    province: int | None = None
    commune: int | None = None
    milieu: str = ""
    run: int | None = None
    provision: int | None = None
    caused_by: str = ""
    waiting_until: str = ""
    size_from: int | None = None
    size_to: int | None = None
    near: int | None = None
    far: int | None = None
    children: bool | None = None
    spending_only: bool = False
    request: bool | None = None
    conflict: bool | None = None
    appeal: bool | None = None
    held: bool | None = None

    def written(self) -> dict[str, Any]:
        """What was chosen and nothing else, fit to be kept."""
        told = {name: value for name, value in asdict(self).items() if value is not None and value != ""}
        return told if self.spending_only else {name: value for name, value in told.items() if name != "spending_only"}

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "Selection":
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in written.items() if name in known})


def selected(user: User, *, deed: str, program: str, chosen: Selection) -> QuerySet[Enrollment]:
    """The rows of the user's area that the deed is about, in the order of households; whoever left the household is not among them."""
    rows = Enrollment.objects.filter(in_area(user, "household__commune"), program=program, status__in=BEFORE[deed])
    for narrow in (_by_place, _by_cause, _by_family, _by_what_is_open):
        rows = rows.filter(narrow(chosen, program))
    return rows.order_by("household_id", "id")


def _by_place(chosen: Selection, program: str) -> Q:
    wanted = Q()
    if chosen.commune:
        wanted &= Q(household__commune=chosen.commune)
    elif chosen.province:
        wanted &= Q(household__commune__province=chosen.province)
    elif chosen.region:
        wanted &= Q(household__commune__region=chosen.region)
    return wanted & Q(household__milieu=chosen.milieu) if chosen.milieu else wanted


def _by_cause(chosen: Selection, program: str) -> Q:
    """The determination in force says what opened or closed the right, and when."""
    standing = Determination.objects.filter(household=OuterRef("household"), program=program, until=OPEN)
    narrowed = standing
    if chosen.run:
        narrowed = narrowed.filter(run=chosen.run)
    if chosen.provision:
        narrowed = narrowed.filter(run__provision=chosen.provision)
    if chosen.caused_by:
        narrowed = narrowed.filter(reason=chosen.caused_by)
    if chosen.waiting_until:
        narrowed = narrowed.filter(since__lte=date.fromisoformat(chosen.waiting_until))
    if chosen.near is not None or chosen.far is not None:
        narrowed = _by_distance(narrowed, chosen, program)
    if chosen.spending_only:
        narrowed = narrowed.filter(household__in=_flipped_by_spending(program))
    return Q() if narrowed is standing else Q(Exists(narrowed))


def _by_distance(standing: QuerySet, chosen: Selection, program: str) -> QuerySet:
    """Lines are few and dated: each with its own range of scores."""
    lines = Provision.objects.filter(key=f"{program}.threshold").values_list("pk", "value")
    wanted = Q(pk__in=[])
    for pk, value in lines:
        reach = Q(threshold=pk)
        away = Abs(F("score") - threshold_points(value))
        name = f"away_{pk}"
        standing = standing.annotate(**{name: away})
        if chosen.near is not None:
            reach &= Q(**{f"{name}__gte": chosen.near})
        if chosen.far is not None:
            reach &= Q(**{f"{name}__lte": chosen.far})
        wanted |= reach
    return standing.filter(wanted)


def _flipped_by_spending(program: str) -> RawSQL:
    """Households whose answer changed under the same law with no fact changed but money: the bills alone made the difference."""
    columns = ", ".join(f'"{one.column}"' for one in Facts._meta.concrete_fields)
    same = " AND ".join(f"n.{name} IS NOT DISTINCT FROM o.{name}" for name in (*NOT_MONEY, "milieu", "region"))
    reading = "SELECT {0} FROM eligibility_facts WHERE id = {1} UNION ALL SELECT {0} FROM eligibility_pastfacts WHERE id = {1}"
    sql = f"""
        SELECT d.household_id FROM enrollment_enrollment e
        JOIN eligibility_determination d ON d.household_id = e.household_id AND d.program = e.program AND d."until" = %s
        JOIN eligibility_determination p ON p.household_id = d.household_id AND p.program = d.program AND p."until" = d.since
          AND p.formula_id = d.formula_id AND p.threshold_id = d.threshold_id
        JOIN LATERAL ({reading.format(columns, "p.facts_id")}) o ON true
        JOIN LATERAL ({reading.format(columns, "d.facts_id")}) n ON o.id <> n.id AND {same}
        WHERE e.program = %s AND e.status IN ('proposed', 'in_review')"""
    return RawSQL(sql, [OPEN, program])


NOT_MONEY = tuple(fact.name for fact in FACTS if not fact.money)


def _by_family(chosen: Selection, program: str) -> Q:
    facts = Facts.objects.filter(household=OuterRef("household"))
    narrowed = facts
    if chosen.size_from:
        narrowed = narrowed.filter(size__gte=chosen.size_from)
    if chosen.size_to:
        narrowed = narrowed.filter(size__lte=chosen.size_to)
    if chosen.children is not None:
        counted = narrowed.annotate(counted=Length("children"))
        narrowed = counted.filter(counted__gt=0) if chosen.children else counted.exclude(counted__gt=0)
    return Q() if narrowed is facts else Q(Exists(narrowed))


def _by_what_is_open(chosen: Selection, program: str) -> Q:
    wanted = Q()
    for choice, found in (
        (chosen.request, open_requests()),
        (chosen.conflict, AnswerConflict.objects.filter(member__household=OuterRef("household"), status=AnswerConflict.Status.OPEN)),
        (chosen.appeal, open_appeals()),
        (chosen.held, Hold.objects.filter(enrollment=OuterRef("pk"), settled_at=None, status=OuterRef("status"))),
    ):
        if choice is not None:
            wanted &= Q(Exists(found)) if choice else ~Q(Exists(found))
    return wanted


def open_requests() -> QuerySet[Request]:
    """Requests of the row's household that await their answer."""
    return Request.objects.filter(household=OuterRef("household"), status=Request.Status.IN_PROGRESS)


def open_appeals() -> QuerySet[Appeal]:
    """Appeals of the row's household, against this program or the score, that await their answer."""
    about = Q(program="") | Q(program=OuterRef("program"))
    return Appeal.objects.filter(about, household=OuterRef("household"), status__in=OPEN_APPEALS)


def causes(user: User) -> list[tuple[int, str, date]]:
    """The runs whose flips wait in the area: (run, kind, day), the latest first."""
    waiting = Enrollment.objects.filter(in_area(user, "household__commune"), status__in=(Status.PROPOSED, Status.IN_REVIEW))
    run = Determination.objects.filter(household=OuterRef("household"), program=OuterRef("program"), until=OPEN).values("run")
    found = waiting.annotate(caused=Subquery(run)).filter(caused__isnull=False).order_by().values_list("caused", flat=True).distinct()
    return list(Run.objects.filter(pk__in=list(found)).order_by("-id").values_list("pk", "kind", "on"))


def cause(run: int | None) -> list[tuple[int, str, date]]:
    """The run of a filter, as `causes` gives it."""
    return list(Run.objects.filter(pk=run).values_list("pk", "kind", "on"))
