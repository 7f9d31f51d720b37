"""What a family may contest: a right the score denies, a decision on its enrollments, the amount of a month, the score itself.

Each thing has a key that a page may carry (`determination:12`), read again under the household's lock when the appeal is filed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from eligibility.models import OPEN, Assessment, Determination, HeldLoss, Notice, Program
from households.models import Household, Request
from rsu.models import User
from rsu.wording import day

from .lifecycle import PEOPLE
from .models import Allowance, Appeal, Enrollment, Scheme, Suspension

Contests, Status = Appeal.Contests, Enrollment.Status
MONTHS_OFFERED = 24
"""Of direct aid, the latest first: a longer list helps nobody, an older month is still contested through the right it comes from."""
ONE_DEED = timedelta(minutes=1)
"""A request and the right it moves are of one transaction; the right bears the instant it began, the request that of its own row."""
DECISIONS = (Status.REFUSED, Status.ENDED, Status.SUSPENDED)
"""What people do to an enrollment that takes something away."""


@dataclass(frozen=True)
class Contested:
    """One thing a family may contest. `by` is the person who decided it, None when it was the engine; `since` the day it applies from."""

    kind: str
    since: date
    decided_on: date
    program: str = ""
    determination: Determination | None = None
    enrollments: list[Enrollment] = field(default_factory=list)
    allowance: Allowance | None = None
    by: User | None = None
    notice: Notice | None = None

    @property
    def key(self) -> str:
        of = self.determination or (self.enrollments[0] if self.enrollments else None) or self.allowance
        return f"{self.kind}:{of.pk}" if of else self.kind

    @property
    def decided_as(self) -> str:
        return self.enrollments[0].status if self.enrollments else ""

    @property
    def title(self) -> str:
        return title(self.kind, self.program, since=self.since, on=self.decided_on, decided_as=self.decided_as)


def title(kind: str, program: str, *, since: date, on: date, decided_as: str = "") -> str:
    """What is contested, in words; what was decided about an enrollment is said with its day."""
    name = capfirst(Scheme(program).label) if program else ""
    if kind == Contests.DETERMINATION:
        return _("{program} : droit non ouvert par l’indice depuis le {day}").format(program=name, day=day(since))
    if kind == Contests.MONTH:
        return _("Aide de {month} : son montant").format(month=day(since, "F Y"))
    if kind == Contests.SCORE:
        return _("L’indice, depuis le {day}").format(day=day(since))
    sentence = {
        Status.REFUSED: _("{program} : inscription refusée le {day}"),
        Status.ENDED: _("{program} : fin du droit décidée le {day}"),
        Status.SUSPENDED: _("{program} : suspension décidée le {day}"),
    }[decided_as]
    return sentence.format(program=name, day=day(on))


def title_of(appeal: Appeal) -> str:
    return title(appeal.contests, appeal.program, since=appeal.since, on=appeal.contested_on, decided_as=appeal.decided_as)


def contestable(household: Household) -> list[Contested]:
    """Everything the family may contest today, decisions of people first, then the score's, the months, the score."""
    return [*_decisions(household), *_determinations(household), *_months(household), *_score(household)]


def find(household: Household, key: str) -> Contested | None:
    return next((one for one in contestable(household) if one.key == key), None)


def _decisions(household: Household) -> Iterator[Contested]:
    """One decision is all that one person took at one instant about one program."""
    rows = household.enrollments.filter(status__in=DECISIONS, decided_by__role__in=PEOPLE)
    groups: dict[tuple, list[Enrollment]] = {}
    for one in rows.select_related("decided_by", "member", "determination").order_by("id"):
        groups.setdefault((one.program, one.status, one.decided_at, one.decided_by_id), []).append(one)
    lost = dict(household.determinations.filter(until=OPEN, entitled=False).values_list("program", "since"))
    suspended = dict(Suspension.objects.filter(enrollment__household=household, until=OPEN).values_list("enrollment_id", "since"))
    for (program, status, decided_at, _by), group in sorted(groups.items(), key=lambda item: item[0][2], reverse=True):
        on = timezone.localdate(decided_at)
        since = {
            Status.SUSPENDED: suspended.get(group[0].pk, on),
            Status.ENDED: min(on, lost.get(program, on)),
            Status.REFUSED: _opened_on(group[0], on),
        }[status]
        yield Contested(Contests.ENROLLMENT, since, on, program, enrollments=group, by=group[0].decided_by)


def _opened_on(refused: Enrollment, on: date) -> date:
    """Aid is owed from the month of the application, whenever it is accepted; cover begins the day it would have been."""
    row = refused.determination if refused.program == Program.DIRECT_AID else None
    return min(on, row.since) if row else on


def _determinations(household: Household) -> Iterator[Contested]:
    rows = list(household.determinations.filter(entitled=False).order_by("-since", "program"))
    told: dict[int, Notice] = {}
    for notice in household.notices.defer("pdf", "content").order_by("-id"):
        told |= dict.fromkeys(notice.determinations, notice)
    for row in rows:
        decided_on = timezone.localdate(row.determined_at)
        yield Contested(
            Contests.DETERMINATION, row.since, decided_on, row.program, determination=row, by=_who_determined(row), notice=told.get(row.pk)
        )


def _who_determined(row: Determination) -> User | None:
    """Who confirmed the loss, or applied the request that changed the score; nobody when it was a run."""
    if row.reason == Determination.Reason.VERIFIED:
        held = HeldLoss.objects.filter(household_id=row.household_id, program=row.program, settled_by__isnull=False)
        found = held.order_by("-settled_at").first()
        return found and found.settled_by
    if row.reason != Determination.Reason.DECLARATION:
        return None
    applied = Request.objects.filter(Q(household_id=row.household_id) | Q(other_id=row.household_id), status=Request.Status.PROCESSED)
    last = (
        applied.filter(processed_at__lte=row.determined_at + ONE_DEED)
        .select_related("processed_by")
        .order_by("-processed_at", "-id")
        .first()
    )
    return last.processed_by if last and last.processed_by.role in PEOPLE else None


def _months(household: Household) -> Iterator[Contested]:
    rows = household.allowances.select_related("enrollment__decided_by").order_by("-month")[:MONTHS_OFFERED]
    for row in rows:
        by = row.enrollment.decided_by
        by = by if by and by.role in PEOPLE else None
        yield Contested(Contests.MONTH, row.month, timezone.localdate(row.computed_at), Program.DIRECT_AID, allowance=row, by=by)


def _score(household: Household) -> Iterator[Contested]:
    row = Assessment.objects.filter(household=household).order_by("-on", "-formula").first()
    if row:
        yield Contested(Contests.SCORE, row.on, row.on)
