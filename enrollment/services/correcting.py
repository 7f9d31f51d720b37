"""A month read again when something is known that was not: the difference waits for the next month, or is an overpayment."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from eligibility.runs import lock_households
from households.models import Household, MonthsToReview
from rsu import audit
from rsu.models import User
from rsu.months import months_between
from rsu.permissions import Forbidden, check_role, in_area

from ..lifecycle import ENGINE, PEOPLE
from ..runs.rereading import reread

PARTNER_SPOKE = gettext_noop("Un partenaire a fait connaître après coup ce qui valait ce mois-là.")


@transaction.atomic
def correct_months(
    *, households: Sequence[int], months: Iterable[date], reason: str, on: date, by: User, as_written: bool = False
) -> dict[tuple[int, date], int]:
    """What each of these months of these households should have been, less what was written: {(household, month): centimes}.

    Owed: lines of their own, dated by their month, written with the next one. Too much: an overpayment, nothing taken back. A month
    due and never written is written now; one to come is left to its day. The family is read with its present answers (dated ones by
    their dates), or `as_written` as it was when the month was written. Doing it twice corrects once. Raises Forbidden.
    """
    check_role(by, *PEOPLE, *ENGINE, "administrator")
    ids = sorted(set(households))
    if Household.objects.filter(in_area(by), pk__in=ids).count() != len(ids):
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))
    lock_households(ids)
    found = {}
    for month in sorted({day.replace(day=1) for day in months if day <= on}):
        for household, amount in reread(ids, month=month, reason=reason, by=by, as_written=as_written):
            found[household, month] = amount
    audit.record_each(
        by=by,
        verb="correct_month",
        about=[
            (household, {"month": str(month), "amount": amount, "reason": reason, "on": str(on)})
            for (household, month), amount in found.items()
        ],
    )
    return found


@transaction.atomic
def correct_reopened_months(*, limit: int = 500, on: date, by: User) -> int:
    """Months that were read before a partner spoke of them are read again, the family as it was then; how many households.

    Households are locked before their rows are taken away: whoever reopens a month meanwhile comes after, and is not lost.
    """
    ids = list(MonthsToReview.objects.order_by("household_id").values_list("household_id", flat=True)[:limit])
    lock_households(ids)
    rows = MonthsToReview.objects.filter(household__in=ids)
    groups: dict[date, list[int]] = {}
    for household, since in rows.select_for_update().order_by("household_id").values_list("household_id", "since"):
        groups.setdefault(since, []).append(household)
    for since, households in groups.items():
        correct_months(households=households, months=months_between(since, on), reason=PARTNER_SPOKE, on=on, by=by, as_written=True)
    rows.filter(household__in=[one for group in groups.values() for one in group]).delete()
    return len(ids)
