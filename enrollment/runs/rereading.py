"""A month read again for some households, each on the day its month was read on; written, where it never was."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from itertools import zip_longest

from eligibility.queries import law as law_of
from rsu.models import User

from ..allowances import AMOUNTS, end_of, reference_day
from ..models import Allowance
from .correcting import correct
from .writing import write


def reread(ids: Sequence[int], *, month: date, reason: str, by: User, as_written: bool) -> list[tuple[int, int]]:
    """(household, centimes) of each difference. `as_written`: the family as it was when the month was written, under today's law of
    that month; otherwise the family's present answers.

    A month that was never written is written now, as any month is, on the reference day: corrected, it would be paid once more by
    whoever writes it after.
    """
    law = law_of(month)
    if not law.has(AMOUNTS):
        return []
    found: list[tuple[int, int]] = []
    written = {row.household_id: row for row in Allowance.objects.filter(household__in=ids, month=month).only(*_READ)}
    found += _write([one for one in ids if one not in written], month=month, law=law, as_written=as_written)
    groups: dict[tuple[date, datetime | None], list[int]] = defaultdict(list)
    for household, row in written.items():
        groups[row.read_on, row.family_as_of if as_written else None].append(household)
    for (read_on, then), households in groups.items():
        found += correct(households, month=month, read_on=read_on, law=law, then=then, reason=reason, by=by)
    return sorted(found)


_READ = ("household_id", "read_on", "read_at", "computed_at")


def _write(ids: list[int], *, month: date, law, as_written: bool) -> list[tuple[int, int]]:
    """(household, centimes) of the months written here that give something; what was written with them for other months apart."""
    if not ids:
        return []
    read_on = reference_day(month, law)
    write(ids, month=month, read_on=read_on, law=law, then=end_of(read_on) if as_written else None)
    rows = Allowance.objects.filter(household__in=ids, month=month).values_list("household_id", "amounts", "months")
    own = [(one, sum(amount for amount, of in zip_longest(amounts, months or ()) if of is None)) for one, amounts, months in rows]
    return [(household, amount) for household, amount in own if amount]
