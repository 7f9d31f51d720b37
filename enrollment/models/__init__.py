"""What people are enrolled in, and what they are owed."""

from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .budget import BudgetForecast, ForecastDifference, ForecastLine, Scenario, Spending, SpendingFold
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit

__all__ = [
    "COVERS",
    "Allowance",
    "AllowanceLine",
    "BudgetForecast",
    "Enrollment",
    "EnrollmentMove",
    "ForecastDifference",
    "ForecastLine",
    "Period",
    "Placement",
    "PlacementMonth",
    "Scenario",
    "Scheme",
    "Spending",
    "SpendingFold",
    "Suspension",
    "Unit",
]
