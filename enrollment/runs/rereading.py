"""A month read again for some households, each on the day its month was read on."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from eligibility.queries import law as law_of
from rsu.models import User

from ..allowances import AMOUNTS, end_of, reference_day
from ..models import Allowance
from .correcting import correct


def reread(ids: Sequence[int], *, month: date, reason: str, by: User, as_written: bool) -> list[tuple[int, int]]:
    """(household, centimes) of each correction. `as_written`: the family as it was when the month was written, under today's law of
    that month; otherwise the family's present answers. A month that was never written is read on the reference day.
    """
    law = law_of(month)
    if not law.has(AMOUNTS):
        return []
    found: list[tuple[int, int]] = []
    for (read_on, then), households in _readings(ids, month=month, usual=reference_day(month, law), as_written=as_written).items():
        found += correct(households, month=month, read_on=read_on, law=law, then=then, reason=reason, by=by)
    return sorted(found)


def _readings(ids: Sequence[int], *, month: date, usual: date, as_written: bool) -> dict[tuple[date, datetime | None], list[int]]:
    """Households by (day to read on, instant to read as of)."""
    written = Allowance.objects.filter(household__in=ids, month=month).values_list("household_id", "read_on", "computed_at")
    known = {household: (read_on, at) for household, read_on, at in written}
    groups: dict[tuple[date, datetime | None], list[int]] = defaultdict(list)
    for household in ids:
        read_on, at = known.get(household, (usual, end_of(usual)))
        groups[read_on, at if as_written else None].append(household)
    return groups
