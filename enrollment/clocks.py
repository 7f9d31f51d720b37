"""Every legal clock that runs in an area: what waits for an answer, since when, until which day, in whose hands.

One row a clock, from one union of five selections that bear the same columns; days are added as `eligibility.limits` counts them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from eligibility.law import Law
from eligibility.limits import span
from eligibility.models import Determination, HeldLoss, Program
from households.models import AnswerConflict, Household, Member, Request
from rsu.models import User
from rsu.permissions import in_area

from .appeal_lifecycle import OPEN
from .models import Appeal, Enrollment, Escalation, Scheme

Clock, Level = Escalation.Clock, Escalation.Level
COLUMNS = ("clock", "subject", "home", "place", "started", "due", "owner", "of_program", "raised")
SOON, DECISION = "appeal.escalation_days", "direct_aid.decision_days"
ASKING = (Request.Kind.REGISTRATION, Request.Kind.UPDATE, Request.Kind.SCORE_REVIEW)


@dataclass(frozen=True)
class Running:
    """One clock; `left` is how many days remain after today, 0 on the last day, below once it is late."""

    clock: str
    subject: int
    household: Household
    started: date
    due: date
    owner: User | None
    program: str
    raised: bool
    on: date

    @property
    def left(self) -> int:
        return (self.due - self.on).days

    @property
    def late(self) -> bool:
        return self.due < self.on

    @property
    def days_late(self) -> int:
        return -self.left

    @property
    def what(self) -> str:
        return str(Clock(self.clock).label)

    @property
    def about(self) -> str:
        return str(Scheme(self.program).label) if self.program in Scheme.values else ""


@dataclass(frozen=True)
class Counted:
    """How many clocks of a kind run, are late, end soon."""

    clock: str
    label: str
    running: int
    late: int
    soon: int


def running(
    user: User, *, law: Law, clocks: Iterable[str] = (), household: Household | None = None, mine: bool = False, late: bool | None = None,
    raised: str = "",
) -> QuerySet:  # fmt: skip
    """Clocks as dicts of COLUMNS, the most urgent first; the law's day is today. `raised` keeps those escalated to that level."""
    wanted = [one for one in Clock.values if one in set(clocks)] or Clock.values
    parts = []
    for clock in wanted:
        rows = _narrowed(_clock(user, clock, law), household=household, owner=user if mine else None, late=late, law=law)
        told = Escalation.objects.filter(clock=clock, subject_id=OuterRef("pk"))
        rows = rows.annotate(raised=Exists(told.filter(level=raised) if raised else told))
        rows = rows.filter(raised=True) if raised else rows
        parts.append(rows.order_by().values(*COLUMNS))
    return parts[0].union(*parts[1:], all=True).order_by("due", "clock", "subject")


def counts(user: User, *, law: Law, household: Household | None = None, mine: bool = False) -> list[Counted]:
    """By kind; their sum is the number of rows of `running`. One query a kind."""
    soon = law.on + before(law)
    found = []
    for clock in Clock.values:
        rows = _narrowed(_clock(user, clock, law), household=household, owner=user if mine else None, late=None, law=law)
        counted = rows.order_by().aggregate(
            n=Count("pk"), late=Count("pk", filter=Q(due__lt=law.on)), soon=Count("pk", filter=Q(due__gte=law.on, due__lte=soon))
        )
        found.append(Counted(clock, str(Clock(clock).label), counted["n"], counted["late"], counted["soon"]))
    return found


def told(rows: Iterable[dict], *, on: date) -> list[Running]:
    """Rows with their households (`heads` holds the head) and owners, in the queries of one."""
    rows = list(rows)
    heads = Prefetch("members", queryset=Member.objects.filter(relation="head"), to_attr="heads")
    homes = Household.objects.select_related("commune").prefetch_related(heads).in_bulk({row["home"] for row in rows})
    owners = User.objects.in_bulk({row["owner"] for row in rows if row["owner"]})
    return [
        Running(
            row["clock"],
            row["subject"],
            homes[row["home"]],
            row["started"],
            row["due"],
            owners.get(row["owner"]),
            row["of_program"],
            row["raised"],
            on,
        )
        for row in rows
    ]


def before(law: Law) -> timedelta:
    """How long before its last day a clock is raised to the supervisor; at once where no provision says."""
    return timedelta(days=law.value(SOON)["before"] if law.has(SOON) else 0)


def after(law: Law) -> timedelta:
    """How long after its last day it is raised to the administrator."""
    return timedelta(days=law.value(SOON)["after"] if law.has(SOON) else 0)


def _narrowed(rows: QuerySet, *, household: Household | None, owner: User | None, late: bool | None, law: Law) -> QuerySet:
    if household is not None:
        rows = rows.filter(home=household.pk)
    if owner is not None:
        rows = rows.filter(owner=owner.pk)
    if late is not None:
        rows = rows.filter(due__lt=law.on) if late else rows.filter(due__gte=law.on)
    return rows


def _clock(user: User, clock: str, law: Law) -> QuerySet:
    return {
        Clock.APPLICATION: _applications,
        Clock.APPEAL: _appeals,
        Clock.REQUEST: _requests,
        Clock.CONFLICT: _conflicts,
        Clock.LOSS: _losses,
    }[Clock(clock)](user, law)


def _rows(rows: QuerySet, clock: str, *, home: str, place: str, started, due, owner=None, program=None) -> QuerySet:
    """The same columns, whatever the clock."""
    return rows.annotate(
        clock=Value(clock, CharField()),
        subject=Cast("pk", BigIntegerField()),
        home=F(home),
        place=F(place),
        started=Cast(started, DateField()),
        due=Cast(due, DateField()),
        owner=Cast(owner if owner is not None else Value(None), BigIntegerField()),
        of_program=Cast(program if program is not None else Value(""), CharField()),
    )


def _plus(started, days: timedelta) -> ExpressionWrapper:
    return ExpressionWrapper(started + Value(days), output_field=DateField())


def with_application_clock(rows: QuerySet[Enrollment], law: Law) -> QuerySet[Enrollment]:
    """Direct aid proposed and not decided, its `asked_on` and `due_on`: from the day the family asked, by a request or an appeal; what
    time or the law opened, from that day. No `due_on` where nothing of the kind waits, or the law sets no limit.
    """
    reasons = Determination.Reason
    asked = Request.objects.filter(
        household=OuterRef("household"),
        kind__in=ASKING,
        status=Request.Status.PROCESSED,
        submitted_on__lte=OuterRef("determination__since"),
    )
    by_request = Subquery(asked.order_by("-submitted_on").values("submitted_on")[:1])
    opened = Case(
        When(
            determination__reason__in=[reasons.DECLARATION, reasons.LOAD, reasons.APPEAL],
            then=Coalesce(by_request, F("determination__since")),
        ),
        default=F("determination__since"),
        output_field=DateField(),
    )
    started = Coalesce(opened, Cast("proposed_at", DateField()))
    if not law.has(DECISION):
        return rows.annotate(asked_on=started, due_on=Value(None, DateField()))
    waits = Q(program=Program.DIRECT_AID, status=Enrollment.Status.PROPOSED)
    due = Case(When(waits, then=_plus(started, span(law, DECISION))), default=Value(None), output_field=DateField())
    return rows.annotate(asked_on=started, due_on=due)


def _applications(user: User, law: Law) -> QuerySet:
    rows = Enrollment.objects.filter(in_area(user, "household__commune"), program=Program.DIRECT_AID, status=Enrollment.Status.PROPOSED)
    if not law.has(DECISION):
        return rows.none()
    of = {"home": "household_id", "place": "household__commune_id", "started": F("asked_on"), "due": F("due_on")}
    return _rows(with_application_clock(rows, law), Clock.APPLICATION, program=F("program"), **of)


def _appeals(user: User, law: Law) -> QuerySet:
    rows = Appeal.objects.filter(in_area(user, "household__commune"), status__in=OPEN)
    of = {"home": "household_id", "place": "household__commune_id", "started": F("filed_on"), "due": F("due_on")}
    return _rows(rows, Clock.APPEAL, owner=F("assignee_id"), program=F("program"), **of)


def _requests(user: User, law: Law) -> QuerySet:
    """Those of an appeal run with the appeal."""
    rows = Request.objects.filter(
        in_area(user, "household__commune"), household__isnull=False, status=Request.Status.IN_PROGRESS, due_on__isnull=False, appeal=None
    )
    of = {"home": "household_id", "place": "household__commune_id", "started": F("submitted_on"), "due": F("due_on")}
    return _rows(rows, Clock.REQUEST, owner=Coalesce(F("assignee_id"), F("submitted_by_id")), **of)


def _conflicts(user: User, law: Law) -> QuerySet:
    """The days left to the family; counted from the opening until it is told, as the queue orders them."""
    rows = AnswerConflict.objects.filter(
        in_area(user, "member__household__commune"), member__isnull=False, status=AnswerConflict.Status.OPEN
    )
    of = {"home": "member__household_id", "place": "member__household__commune_id", "due": F("due_on")}
    return _rows(rows, Clock.CONFLICT, started=Coalesce(F("told_on"), F("opened_on")), **of)


def _losses(user: User, law: Law) -> QuerySet:
    key = "check.loss_days"
    rows = HeldLoss.objects.filter(in_area(user, "household__commune"), outcome="")
    if not law.has(key):
        return rows.none()
    of = {"home": "household_id", "place": "household__commune_id", "started": F("on"), "due": _plus(F("on"), span(law, key))}
    return _rows(rows, Clock.LOSS, program=F("program"), **of)
