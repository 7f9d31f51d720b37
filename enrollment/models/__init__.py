"""What people are enrolled in, and what they are owed."""

from .achamil import Adhesion, Contribution
from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .appeals import Appeal, AppealMove, AppealNote, Escalation
from .budget import BudgetForecast, ForecastDifference, ForecastLine, Scenario, Spending, SpendingFold
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit
from .directions import SCHEMES, Direction, DirectionMove
from .following import CoverNight, CoverWatch, Forewarning
from .months import BirthClaim, Correction, DueLine, MonthChunk, MonthRun, MonthTally, Overpayment, SchoolGrant
from .payments import DIFFERENCES, OrderApproval, Payment, PaymentAccount, PaymentAnswer, PaymentFile, PaymentOrder, PaymentReturn
from .ramed import MigratedCover, MigratedMove, RamedLot, RamedMigration, RamedRow

__all__ = [
    "COVERS",
    "DIFFERENCES",
    "SCHEMES",
    "Adhesion",
    "Allowance",
    "AllowanceLine",
    "Appeal",
    "AppealMove",
    "AppealNote",
    "BirthClaim",
    "BudgetForecast",
    "Contribution",
    "Correction",
    "CoverNight",
    "CoverWatch",
    "Direction",
    "DirectionMove",
    "DueLine",
    "Enrollment",
    "EnrollmentMove",
    "Escalation",
    "ForecastDifference",
    "ForecastLine",
    "Forewarning",
    "MigratedCover",
    "MigratedMove",
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
    "RamedLot",
    "RamedMigration",
    "RamedRow",
    "Scenario",
    "Scheme",
    "SchoolGrant",
    "Spending",
    "SpendingFold",
    "Suspension",
    "Unit",
]
