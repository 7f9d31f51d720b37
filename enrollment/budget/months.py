"""One month: by place, by provision, and the money that the dashboard shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from rsu.models import Region, User

from ..models import BudgetForecast, EnrollmentMove
from .cells import BUDGETED, NOTHING, Amount, Cell, forecast_cells, latest_forecasts, regions_of, spent_cells, total


@dataclass(frozen=True)
class PlaceRow:
    """A program in a region and a milieu: who could, who does, what was written."""

    program: str
    region: Region | None
    milieu: str
    entitled: Amount = NOTHING
    enrolled: Amount = NOTHING
    spent: Amount = NOTHING

    @property
    def smallest(self) -> int:
        """The fewest households that one of its figures tells of, nobody left aside."""
        counts = [amount.households or amount.people for amount in (self.entitled, self.enrolled, self.spent) if amount != NOTHING]
        return min(counts, default=0)


@dataclass(frozen=True)
class KindRow:
    """What one provision costs: a kind of line, for everybody let in, for those enrolled, and as it was written."""

    program: str
    kind: str
    band: int
    entitled: Amount = NOTHING
    enrolled: Amount = NOTHING
    spent: Amount = NOTHING


@dataclass(frozen=True)
class MonthView:
    """`forecast` is the last one under the law as voted; None where nobody has foreseen the month."""

    month: date
    forecast: BudgetForecast | None
    cells: list[Cell] = field(repr=False)
    written: list[Cell] = field(repr=False)
    regions: dict[int, Region] = field(repr=False)

    @property
    def places(self) -> list[PlaceRow]:
        keys = sorted({(cell.program, cell.region, cell.milieu) for cell in (*self.cells, *self.written)})
        return [
            PlaceRow(
                program,
                self.regions[region],
                milieu,
                *self._amounts(program, lambda cell, r=region, m=milieu: (cell.region, cell.milieu) == (r, m)),
            )
            for program, region, milieu in keys
        ]

    @property
    def totals(self) -> list[PlaceRow]:
        """Each program whole."""
        return [PlaceRow(program, None, "", *self._amounts(program, lambda cell: True)) for program in self._programs()]

    @property
    def kinds(self) -> list[KindRow]:
        keys = sorted({(cell.program, cell.kind, cell.band) for cell in (*self.cells, *self.written) if cell.kind})
        return [KindRow(*key, *(summed(cells, key) for cells in self._sides())) for key in keys]

    def _programs(self) -> list[str]:
        return sorted({cell.program for cell in (*self.cells, *self.written)})

    def _sides(self) -> tuple[list[Cell], list[Cell], list[Cell]]:
        return [c for c in self.cells if not c.enrolled], [c for c in self.cells if c.enrolled], self.written

    def _amounts(self, program: str, here: Callable[[Cell], bool]) -> list[Amount]:
        return [total(cells, lambda cell: cell.program == program and here(cell)) for cells in self._sides()]


def summed(cells: Iterable[Cell], key: tuple[str, str, int]) -> Amount:
    return sum((cell.amount for cell in cells if (cell.program, cell.kind, cell.band) == key), NOTHING)


def decided_since(forecast: BudgetForecast | None) -> bool:
    """Whether an enrollment has changed state since the forecast was counted."""
    last = EnrollmentMove.objects.order_by("-id").values_list("at", flat=True).first()
    return bool(forecast and last and last > forecast.made_at)


def month_view(user: User, *, month: date) -> MonthView:
    forecast = latest_forecasts(first=month, last=month).get(month)
    cells = forecast_cells(user, [forecast] if forecast else [])
    return MonthView(month, forecast, cells, spent_cells(user, first=month, last=month), regions_of(user))


def month_money(user: User, *, month: date) -> dict[int, dict[str, int]]:
    """Region → program → centimes written for the month: the sum of its lines, and of its contributions."""
    found: dict[int, dict[str, int]] = {region: dict.fromkeys(map(str, BUDGETED), 0) for region in regions_of(user)}
    for cell in spent_cells(user, first=month, last=month):
        if cell.kind and cell.program in found[cell.region]:
            found[cell.region][cell.program] += cell.amount.centimes
    return found
