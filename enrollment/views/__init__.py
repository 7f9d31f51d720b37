"""Pages of enrollment."""

from .budget import file as budget_file
from .budget import forecasts as budget_forecasts
from .budget import month as budget_month
from .budget import year as budget_year
from .deciding import decide, work
from .scenarios import scenario as budget_scenario
from .scenarios import scenario_file as budget_scenario_file
from .scenarios import scenarios as budget_scenarios

__all__ = [
    "budget_file",
    "budget_forecasts",
    "budget_month",
    "budget_scenario",
    "budget_scenario_file",
    "budget_scenarios",
    "budget_year",
    "decide",
    "work",
]
