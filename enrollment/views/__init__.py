"""Pages of enrollment: decisions, the months of direct aid, what was received too much, children in institutions."""

from .aid import birth_grant, household_aid, overpayment, overpayments
from .deciding import decide, work
from .months import month, month_correct, month_list, month_progress, month_retry
from .placements import new_placement, placement, placements

__all__ = [
    "birth_grant",
    "decide",
    "household_aid",
    "month",
    "month_correct",
    "month_list",
    "month_progress",
    "month_retry",
    "new_placement",
    "overpayment",
    "overpayments",
    "placement",
    "placements",
    "work",
]
