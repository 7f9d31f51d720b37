"""What was foreseen beside what was spent, and why they differ as far as it is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rsu.models import User

from ..models import BudgetForecast, Scheme
from .cells import BUDGETED, Amount, forecast_cells, opening_forecasts, regions_of, spent_cells, total
from .months import summed


@dataclass(frozen=True)
class Gap:
    """What was foreseen beside what was spent, and the difference in two parts that sum to it exactly.

    `by_count`: more or fewer households (insured, for a contribution) at the mean foreseen, rounded half up to a centime; `by_mean`:
    the rest, a mean that is not the one foreseen.
    """

    label: object
    foreseen: Amount
    spent: Amount
    counted: str = "households"

    @property
    def difference(self) -> int:
        return self.spent.centimes - self.foreseen.centimes

    @property
    def more(self) -> int:
        return getattr(self.spent, self.counted) - getattr(self.foreseen, self.counted)

    @property
    def by_count(self) -> int:
        before, centimes = getattr(self.foreseen, self.counted), self.foreseen.centimes
        if not before:
            return self.difference
        return (2 * self.more * centimes + before) // (2 * before)

    @property
    def by_mean(self) -> int:
        return self.difference - self.by_count


@dataclass(frozen=True)
class MonthGap:
    """A month of a program whole, then its regions; `law_changed`: the month was paid under other words than it was foreseen under."""

    month: date
    program: Scheme
    forecast: BudgetForecast
    whole: Gap
    regions: list[Gap]
    kinds: list[Gap]
    law_changed: bool


def gaps(user: User, *, first: date, last: date, digests: Mapping[date, str]) -> list[MonthGap]:
    """Every month between these that was foreseen and of which something is written, the latest first; `digests` fingerprints a
    month's law as it is known now."""
    forecasts = opening_forecasts(first=first, last=last)
    written = spent_cells(user, first=first, last=last)
    foreseen = [cell for cell in forecast_cells(user, forecasts.values()) if cell.enrolled]
    regions, found = regions_of(user), []
    for month in sorted({cell.month for cell in written} & forecasts.keys(), reverse=True):
        for program in BUDGETED:
            of = [c for c in foreseen if c.month == month and c.program == program]
            then = [c for c in written if c.month == month and c.program == program]
            changed = forecasts[month].digest != digests.get(month)
            found.append(_gap(month, program, forecasts[month], of, then, regions, law_changed=changed))
    return found


def _gap(month, program, forecast, foreseen, written, regions, *, law_changed: bool) -> MonthGap:
    counted = "households" if program == Scheme.DIRECT_AID else "insured"
    places = sorted({cell.region for cell in (*foreseen, *written)})
    keys = sorted({(program, cell.kind, cell.band) for cell in (*foreseen, *written) if cell.kind})
    return MonthGap(
        month, program, forecast, Gap("", total(foreseen), total(written), counted),
        [Gap(regions[r], *(total(cells, lambda c, r=r: c.region == r) for cells in (foreseen, written)), counted) for r in places],
        [Gap(key[1:], summed(foreseen, key), summed(written, key), "lines") for key in keys],
        law_changed,
    )  # fmt: skip
