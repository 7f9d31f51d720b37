"""From when a household's direct aid runs and what each month is worth: the first month seen before it is accepted, then written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from eligibility.law import Provision
from eligibility.models import OPEN, Determination, Program
from eligibility.queries import law as law_of
from households.models import Household, Request

from ..allowances import AMOUNTS, NATIONALITY, OTHER_ALLOWANCES, Line, allowance_findings, allowance_lines, reference_day
from ..models import Enrollment
from ..runs import write


@dataclass(frozen=True)
class Month:
    """One month of direct aid as it would be written; `findings` are the sentences that forbid paying it."""

    month: date
    read_on: date
    lines: list[Line]
    findings: list[str]
    citation: Provision | None

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


def application_month(household: Household, determination: Determination) -> tuple[date, date]:
    """(first day of the right, day its first month is read on).

    A family that asked is owed the month of its request, read on the day it was submitted. A right that time or the law
    opened is read, as any month, on a first day. A right that ended inside that month starts again after it.
    """
    if determination.reason in (Determination.Reason.DECLARATION, Determination.Reason.LOAD, Determination.Reason.APPEAL):
        read_on = _asked_on(household, determination) or determination.since
        since = read_on.replace(day=1)
    else:
        since = read_on = first_of_month_from(determination.since)
    ended = household.enrollments.filter(program=Program.DIRECT_AID, status=Enrollment.Status.ENDED)
    until = ended.aggregate(until=Max("until"))["until"]
    return (until, until) if until and until > since else (since, read_on)


def _asked_on(household: Household, determination: Determination) -> date | None:
    """The day of the request that opened the right: the last one submitted when the score was determined."""
    kinds = (Request.Kind.REGISTRATION, Request.Kind.UPDATE, Request.Kind.SCORE_REVIEW)
    asked = Request.objects.filter(
        household=household, kind__in=kinds, status=Request.Status.PROCESSED, submitted_on__lte=determination.since
    )
    return asked.order_by("-submitted_on").values_list("submitted_on", flat=True).first()


def written_month(household: Household, *, month: date) -> Month | None:
    """The month as it was written, whatever the family has become since; None if it was not."""
    allowance = household.allowances.prefetch_related("lines__provision").filter(month=month).first()
    if allowance is None:
        return None
    rows = list(allowance.lines.all())
    lines = [Line(household.pk, row.position, row.kind, row.member_id, row.rank, row.amount) for row in rows]
    return Month(month, allowance.read_on, lines, [], rows[0].provision if rows else None)


def month_of(household: Household, *, month: date, read_on: date) -> Month:
    """What the month is worth to the household, the right supposed open."""
    law = law_of(month)
    if not law.has(AMOUNTS):
        return Month(month, read_on, [], [_("Les montants de ce mois ne sont pas en vigueur.")], None)
    reading = {"month": month, "read_on": read_on, "law": law}
    found = dict.fromkeys(finding for _household, finding, _member in allowance_findings([household.pk], **reading))
    return Month(month, read_on, allowance_lines([household.pk], **reading), [_sentence(one) for one in found], law.cite(AMOUNTS))


def month_of_application(ids: Sequence[int], *, on: date, law) -> list[Line]:
    """The month of `on` for those of these households whose score gives them the aid, read on `on`."""
    month = on.replace(day=1)
    law = law if law.on == month else law_of(month)
    entitled = Determination.objects.filter(household__in=ids, program=Program.DIRECT_AID, until=OPEN, entitled=True)
    paid = list(entitled.order_by("household_id").values_list("household_id", flat=True))
    return allowance_lines(paid, month=month, read_on=on, law=law) if law.has(AMOUNTS) else []


def write_months(household: Household, *, since: date, read_on: date, on: date) -> int:
    """Write every month from `since` to the month of `on`; the first is read on `read_on`, the others on their own day."""
    written, month = 0, since
    while month <= on:
        law = law_of(month)
        if law.has(AMOUNTS):
            read = read_on if month == since else reference_day(month, law)
            written += write([household.pk], month=month, read_on=read, law=law).paid
        month = first_of_next_month(month)
    return written


def _sentence(finding: str) -> str:
    return {
        OTHER_ALLOWANCES: _("Le chef de famille ou son conjoint reçoit des allocations familiales d’un autre régime : pas de cumul."),
        NATIONALITY: _("La personne qui recevrait l’aide doit être de nationalité marocaine."),
    }[finding]


def first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def first_of_month_from(day: date) -> date:
    """The day itself if it is the first of a month, otherwise the next first."""
    return day if day.day == 1 else first_of_next_month(day)
