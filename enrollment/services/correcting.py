"""A month read again when something is known that was not: the difference waits for the next month, or is an overpayment."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.runs import lock_households
from households.models import Household
from rsu import audit
from rsu.models import User
from rsu.permissions import Forbidden, check_role, in_area

from ..lifecycle import ENGINE, PEOPLE
from ..runs.rereading import reread


@transaction.atomic
def correct_months(
    *, households: Sequence[int], months: Iterable[date], reason: str, on: date, by: User, as_written: bool = False
) -> dict[tuple[int, date], int]:
    """What each of these months of these households should have been, less what was written: {(household, month): centimes}.

    Owed: lines of their own, dated by their month, written with the next one. Too much: an overpayment, nothing taken back. The
    family is read with its present answers (dated ones by their dates), or `as_written` as it was when the month was written.
    Doing it twice corrects once. Raises Forbidden.
    """
    check_role(by, *PEOPLE, *ENGINE, "administrator")
    ids = sorted(set(households))
    if Household.objects.filter(in_area(by), pk__in=ids).count() != len(ids):
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))
    lock_households(ids)
    found = {}
    for month in sorted({day.replace(day=1) for day in months}):
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
