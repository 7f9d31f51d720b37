"""The budget as it is read: sums already kept, within the reader's regions; no family is read here."""

from .cells import BUDGETED, READERS, Amount, Cell, check_read, latest_forecasts, merge_small, money, opening_forecasts, regions_of, total
from .gaps import Gap, MonthGap, gaps
from .months import KindRow, MonthView, PlaceRow, decided_since, month_money, month_view
from .paths import Envelope, Path, PathMonth, envelope_of, months_of_year, paths
from .scenarios import ChangeRow, ScenarioView, merged_changes, scenario_view, scenarios

__all__ = [
    "BUDGETED",
    "READERS",
    "Amount",
    "Cell",
    "ChangeRow",
    "Envelope",
    "Gap",
    "KindRow",
    "MonthGap",
    "MonthView",
    "Path",
    "PathMonth",
    "PlaceRow",
    "ScenarioView",
    "check_read",
    "decided_since",
    "envelope_of",
    "gaps",
    "latest_forecasts",
    "merge_small",
    "merged_changes",
    "money",
    "month_money",
    "month_view",
    "months_of_year",
    "opening_forecasts",
    "paths",
    "regions_of",
    "scenario_view",
    "scenarios",
    "total",
]
