"""Losses that wait for somebody to verify the answers, and rights that run on after one: lists and look-ups, within the caller's area."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import TruncDate

from households.models import Household, Member
from rsu.models import User
from rsu.permissions import in_area

from . import queries
from .levers import Lever, levers
from .models import Determination, HeldLoss, Program
from .programs import facts_of, grace_on
from .score import Formula, threshold_points

__all__ = ["Waiting", "grace_on", "grace_until", "losses_of", "told", "waiting", "waiting_losses", "waiting_on"]

SHOWN_LEVERS = 3


@dataclass(frozen=True)
class Waiting:
    """A held loss as it is shown: how far above its line, and the answers whose smallest change would bring it back under.

    Those are what is cheapest to verify: an error there alone would explain the loss.
    """

    loss: HeldLoss
    threshold: int
    levers: list[Lever]

    @property
    def above(self) -> int:
        return self.loss.score - self.threshold


def losses_of(user: User) -> QuerySet[HeldLoss]:
    """Every loss ever held in the area, settled ones included, with its household, head (`household.heads`) and line."""
    heads = Prefetch("household__members", queryset=Member.objects.filter(relation="head"), to_attr="heads")
    rows = HeldLoss.objects.filter(in_area(user, "household__commune"))
    return rows.select_related("household__commune", "threshold").prefetch_related(heads).order_by("id")


def waiting_losses(user: User, *, program: str = "") -> QuerySet[HeldLoss]:
    """Those that wait, the oldest first."""
    rows = losses_of(user).filter(outcome="")
    return rows.filter(program=program) if program in Program.values else rows


def told(rows: list[HeldLoss]) -> list[Waiting]:
    """Any number of losses in the queries of one."""
    readings = queries.readings({row.facts_id for row in rows})
    provisions = queries.provisions().filter(pk__in={row.formula_id for row in rows}) if rows else ()
    formulas = {provision.pk: Formula.from_value(provision.value) for provision in provisions}
    return [_told(row, formulas[row.formula_id], readings.get(row.facts_id)) for row in rows]


def _told(row: HeldLoss, formula: Formula, reading) -> Waiting:
    line = threshold_points(row.threshold.value)
    return Waiting(row, line, levers(formula, facts_of(reading), line)[:SHOWN_LEVERS] if reading else [])


def waiting(household: Household, program: str) -> HeldLoss | None:
    return HeldLoss.objects.filter(household=household, program=program, outcome="").first()


def waiting_on(household: Household, on: date) -> dict[str, date]:
    """{program: day the score crossed the line} for the losses that were waiting at the end of that day."""
    rows = HeldLoss.objects.filter(household=household, on__lte=on).annotate(settled_on=TruncDate("settled_at"))
    return dict(rows.filter(Q(settled_at=None) | Q(settled_on__gt=on)).order_by("id").values_list("program", "on"))


def grace_until(household: Household, program: str, *, on: date) -> date | None:
    """The first day without the right, for a household whose lost right still runs on that day."""
    period = Determination.objects.filter(household=household, program=program, since__lte=on, until__gt=on).first()
    return grace_on(period, on) if period else None
