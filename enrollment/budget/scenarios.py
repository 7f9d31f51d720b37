"""Another law beside the one that is voted: by program, by place, by provision, and who gains or loses."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from rsu.models import Region, User

from ..models import BudgetForecast, ForecastDifference, Scenario
from .cells import BUDGETED, Amount, Cell, forecast_cells, in_regions, regions_of, total
from .months import summed


@dataclass(frozen=True)
class ChangeRow:
    """A program in one place under both laws, summed over the months counted; households gaining and losing are those of the first."""

    program: str
    region: Region | None
    before: Amount
    after: Amount
    could_before: Amount
    could_after: Amount
    gaining: int = 0
    losing: int = 0
    gained: int = 0
    lost: int = 0

    @property
    def smallest(self) -> int:
        """The fewest households that one of its figures tells of, nobody left aside."""
        counts = (self.before.households, self.after.households, self.could_before.households, self.could_after.households)
        return min((n for n in (*counts, self.gaining, self.losing) if n), default=0)

    @property
    def change(self) -> int:
        """For those enrolled today."""
        return self.after.centimes - self.before.centimes

    @property
    def could_change(self) -> int:
        """If everybody let in came."""
        return self.could_after.centimes - self.could_before.centimes

    @property
    def likely_change(self) -> int | None:
        """If as many of those let in come as today: money enrolled for money owed to all, kept the same."""
        if not self.could_before.centimes:
            return None
        return self.before.centimes * self.could_after.centimes // self.could_before.centimes - self.before.centimes


def merged_changes(rows: list[ChangeRow]) -> ChangeRow:
    """One row of a program for several places."""
    amounts = [sum((getattr(row, name) for row in rows), Amount()) for name in ("before", "after", "could_before", "could_after")]
    counts = [sum(getattr(row, name) for row in rows) for name in ("gaining", "losing", "gained", "lost")]
    return ChangeRow(rows[0].program, None, *amounts, *counts)


@dataclass(frozen=True)
class ScenarioView:
    scenario: Scenario
    months: list[date]
    totals: list[ChangeRow]
    month_totals: list[ChangeRow]
    places: list[ChangeRow]
    kinds: list[tuple[str, str, int, Amount, Amount]]
    who: dict[str, dict[bool, dict[str, int]]]


def scenario_view(user: User, scenario: Scenario) -> ScenarioView:
    forecasts = list(BudgetForecast.objects.filter(scenario=scenario).order_by("month", "id"))
    sides = {changed: [one for one in forecasts if one.changed == changed] for changed in (False, True)}
    before, after = (forecast_cells(user, sides[changed]) for changed in (False, True))
    months = [one.month for one in sides[True]]
    differences = list(_differences(user, scenario, months[:1]))
    regions = regions_of(user)
    programs = sorted({cell.program for cell in (*before, *after)} & {program.value for program in BUDGETED})
    first = [[cell for cell in cells if cell.month in months[:1]] for cells in (before, after)]
    return ScenarioView(
        scenario,
        months,
        [_change(program, None, before, after, differences) for program in programs],
        [_change(program, None, *first, differences) for program in programs],
        [
            _change(program, region, *first, differences)
            for program in programs
            for region in regions.values()
            if any(cell.program == program and cell.region == region.pk for cells in first for cell in cells)
        ],
        _kind_changes(*first),
        {program: {enrolled: _who(differences, program, enrolled) for enrolled in (True, False)} for program in programs},
    )


def _differences(user: User, scenario: Scenario, months: list[date]) -> QuerySet[ForecastDifference]:
    wanted = ForecastDifference.objects.filter(in_regions(user), forecast__scenario=scenario, forecast__month__in=months)
    return wanted.order_by("program", "region", "milieu", "enrolled")


NAMES = ("gaining", "losing", "coming_in", "going_out", "gained", "lost")


def _who(differences: list[ForecastDifference], program: str, enrolled: bool) -> dict[str, int]:
    rows = [row for row in differences if row.program == program and row.enrolled == enrolled]
    return {name: sum(getattr(row, name) for row in rows) for name in NAMES}


def _change(program, region, before, after, differences) -> ChangeRow:
    def of(cells, enrolled: bool) -> Amount:
        return total(cells, lambda c: c.program == program and c.enrolled == enrolled and (region is None or c.region == region.pk))

    here = [row for row in differences if region is None or row.region_id == region.pk]
    told = _who(here, program, enrolled=True)
    counts = [told[name] for name in ("gaining", "losing", "gained", "lost")]
    return ChangeRow(program, region, of(before, True), of(after, True), of(before, False), of(after, False), *counts)


def _kind_changes(before: list[Cell], after: list[Cell]) -> list[tuple[str, str, int, Amount, Amount]]:
    old, new = ([cell for cell in cells if cell.enrolled and cell.kind] for cells in (before, after))
    keys = sorted({(cell.program, cell.kind, cell.band) for cell in (*old, *new)})
    rows = [(*key, summed(old, key), summed(new, key)) for key in keys]
    return [row for row in rows if row[3].centimes != row[4].centimes or row[3].lines != row[4].lines]


def scenarios() -> QuerySet[Scenario]:
    return Scenario.objects.select_related("proposal", "asked_by").order_by("-id")
