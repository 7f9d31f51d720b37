"""Sums of people and money, from what was written and from forecasts, within the reader's regions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from rsu.models import Region, User
from rsu.permissions import Forbidden, check_role

from .. import spending
from ..models import BudgetForecast, ForecastLine, Scheme

READERS = ("administrator", "auditor")
BUDGETED = (Scheme.DIRECT_AID, Scheme.AMO_TADAMON)
"""Programs that the State pays."""


@dataclass(frozen=True)
class Amount:
    """People counted once, and centimes."""

    households: int = 0
    people: int = 0
    children: int = 0
    insured: int = 0
    lines: int = 0
    centimes: int = 0
    one_more: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(*(a + b for a, b in zip(self.counts, other.counts, strict=True)))

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(*(a - b for a, b in zip(self.counts, other.counts, strict=True)))

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.households, self.people, self.children, self.insured, self.lines, self.centimes, self.one_more)


NOTHING = Amount()


@dataclass(frozen=True)
class Cell:
    """One sum, whatever it comes from: a forecast (`enrolled` or everybody let in), or what was written."""

    month: date
    program: str
    kind: str
    band: int
    region: int
    milieu: str
    enrolled: bool
    amount: Amount


def check_read(user: User) -> None:
    """An administrator or an auditor of the kingdom or of a region: the budget is counted by region."""
    check_role(user, *READERS)
    if user.area_level not in (User.AreaLevel.KINGDOM, User.AreaLevel.REGION):
        raise Forbidden(_("Le budget se compte par région : il se lit à l’échelle d’une région ou du royaume."))


def regions_of(user: User) -> dict[int, Region]:
    """The regions whose money the reader sees, in order."""
    if user.area_level == User.AreaLevel.KINGDOM and user.is_active:
        return {region.pk: region for region in Region.objects.order_by("id")}
    if user.area_level == User.AreaLevel.REGION and user.is_active:
        return {region.pk: region for region in Region.objects.filter(pk=user.region_id)}
    return {}


def spent_cells(user: User, *, first: date, last: date) -> list[Cell]:
    regions = regions_of(user)
    return [
        Cell(row.month, row.program, row.kind, row.band, row.region, row.milieu, True, _spent_amount(row))
        for row in spending.spent(first=first, last=last)
        if row.region in regions
    ]


def _spent_amount(row: spending.Spent) -> Amount:
    return Amount(row.households, row.people, row.children, row.insured, row.lines, row.centimes)


def forecast_cells(user: User, forecasts: Iterable[BudgetForecast], *, whole: bool = False) -> list[Cell]:
    """The lines of these forecasts; `whole`: only where people are counted once."""
    months = {one.pk: one.month for one in forecasts}
    rows = ForecastLine.objects.filter(in_regions(user), forecast__in=list(months)).order_by("id")
    if whole:
        rows = rows.filter(kind="")
    names = ("households", "people", "children", "insured", "lines", "centimes", "one_more")
    found = rows.values_list("forecast_id", "program", "kind", "band", "region_id", "milieu", "enrolled", *names)
    return [Cell(months[row[0]], *row[1:7], Amount(*row[7:])) for row in found]


def in_regions(user: User) -> Q:
    if user.area_level not in (User.AreaLevel.KINGDOM, User.AreaLevel.REGION) or not user.is_active:
        return Q(pk__in=[])
    return Q() if user.area_level == User.AreaLevel.KINGDOM else Q(region=user.region_id)


def total(cells: Iterable[Cell], wanted: Callable[[Cell], bool] = lambda cell: True) -> Amount:
    """The sum of the cells wanted, those where people are counted once."""
    return sum((cell.amount for cell in cells if cell.kind == "" and wanted(cell)), NOTHING)


def money(cells: Iterable[Cell], wanted: Callable[[Cell], bool] = lambda cell: True) -> int:
    """The sum of the lines wanted, in centimes: the same figure as `total` says, from the other side."""
    return sum(cell.amount.centimes for cell in cells if cell.kind and wanted(cell))


def latest_forecasts(*, first: date, last: date) -> dict[date, BudgetForecast]:
    """The last forecast of each month under the law as it is voted."""
    rows = BudgetForecast.objects.filter(scenario=None, month__gte=first, month__lte=last).order_by("month", "made_on", "id")
    return {row.month: row for row in rows}


def opening_forecasts(*, first: date, last: date) -> dict[date, BudgetForecast]:
    """What each month was foreseen to cost when it opened: the last forecast made by its first day, or else the first one made."""
    found: dict[date, BudgetForecast] = {}
    for row in BudgetForecast.objects.filter(scenario=None, month__gte=first, month__lte=last).order_by("month", "made_on", "id"):
        if row.month not in found or row.made_on <= row.month:
            found[row.month] = row
    return found


def merge_small(rows: list, *, least: int, size: Callable[[Any], int], merged: Callable[[list], Any]) -> list:
    """Rows of fewer than `least` households are one row at the end, with as many of the smallest others as it takes to reach it: the
    sums stay whole and nobody is found by subtraction."""
    ranked = sorted(rows, key=size)
    small = [row for row in ranked if 0 < size(row) < least]
    others = [row for row in ranked if size(row) >= least]
    if not small:
        return rows
    while others and (len(small) < 2 or sum(map(size, small)) < least):
        small.append(others.pop(0))
    kept = [row for row in rows if row not in small]
    return [*kept, merged(small)]
