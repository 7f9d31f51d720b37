"""What people are enrolled in, and what they are owed."""

from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .budget import BudgetForecast, ForecastDifference, ForecastLine, Scenario, Spending, SpendingFold
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit
from .months import BirthClaim, Correction, DueLine, MonthChunk, MonthRun, MonthTally, Overpayment, SchoolGrant
from .payments import DIFFERENCES, OrderApproval, Payment, PaymentAccount, PaymentAnswer, PaymentFile, PaymentOrder, PaymentReturn

__all__ = [
    "COVERS",
    "DIFFERENCES",
    "Allowance",
    "AllowanceLine",
    "BirthClaim",
    "BudgetForecast",
    "Correction",
    "DueLine",
    "Enrollment",
    "EnrollmentMove",
    "ForecastDifference",
    "ForecastLine",
    "MonthChunk",
    "MonthRun",
    "MonthTally",
    "OrderApproval",
    "Overpayment",
    "Payment",
    "PaymentAccount",
    "PaymentAnswer",
    "PaymentFile",
    "PaymentOrder",
    "PaymentReturn",
    "Period",
    "Placement",
    "PlacementMonth",
    "Scenario",
    "Scheme",
    "SchoolGrant",
    "Spending",
    "SpendingFold",
    "Suspension",
    "Unit",
]
