"""From when a household's direct aid runs and what each month is worth: the first month seen before it is accepted, then written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, OuterRef
from django.utils.translation import gettext as _

from eligibility.law import Provision
from eligibility.models import OPEN, Determination, Program
from eligibility.queries import law as law_of
from households.models import Household, Request
from rsu.months import first_of_month_from, first_of_next_month, months_between

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
    return application_months([determination])[household.pk]


def application_months(determinations: Iterable[Determination]) -> dict[int, tuple[date, date]]:
    """{household: (first day of the right, day its first month is read on)}, of the determinations that give it.

    A family that asked is owed the month of its request, read on the day it was submitted. A right that time or the law
    opened is read, as any month, on a first day. A right that ended inside that month starts again after it.
    """
    determinations = list(determinations)
    asked_on = _asked_on(determinations)
    ended = Enrollment.objects.filter(
        household__in=[one.household_id for one in determinations], program=Program.DIRECT_AID, status=Enrollment.Status.ENDED
    )
    until = dict(ended.order_by().values_list("household_id").annotate(until=Max("until")))
    opening = {}
    for one in determinations:
        if one.reason in ASKED:
            read_on = asked_on[one.household_id] or one.since
            since = read_on.replace(day=1)
        else:
            since = read_on = first_of_month_from(one.since)
        free = until.get(one.household_id, since)
        opening[one.household_id] = (since, read_on) if free <= since else (first_of_month_from(free),) * 2
    return opening


ASKED = (Determination.Reason.DECLARATION, Determination.Reason.LOAD, Determination.Reason.APPEAL)
"""What opens a right because the family asked for it."""


def _asked_on(determinations: Sequence[Determination]) -> dict[int, date | None]:
    """The day of the request that opened each right: the last one submitted when the score was determined."""
    kinds = (Request.Kind.REGISTRATION, Request.Kind.UPDATE, Request.Kind.SCORE_REVIEW)
    processed = Request.objects.filter(household=OuterRef("household"), kind__in=kinds, status=Request.Status.PROCESSED)
    asked = processed.filter(submitted_on__lte=OuterRef("since")).order_by("-submitted_on").values("submitted_on")[:1]
    standing = Determination.objects.filter(pk__in=[one.pk for one in determinations])
    return dict(standing.annotate(asked_on=asked).values_list("household_id", "asked_on"))


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
    written = 0
    for month in months_between(since, on):
        law = law_of(month)
        if law.has(AMOUNTS):
            read = read_on if month == since else reference_day(month, law)
            written += write([household.pk], month=month, read_on=read, law=law).paid
    return written


def _sentence(finding: str) -> str:
    return {
        OTHER_ALLOWANCES: _("Le chef de famille ou son conjoint reçoit des allocations familiales d’un autre régime : pas de cumul."),
        NATIONALITY: _("La personne qui recevrait l’aide doit être de nationalité marocaine."),
    }[finding]


def end_of_right(program: str, on: date) -> date:
    """First day without the right, for a notice given on `on`."""
    key = "direct_aid.end_of_month" if program == Program.DIRECT_AID else "amo.end_of_month"
    law = law_of(on)
    return first_of_next_month(on) if law.has(key) and law.value(key) else on
