"""What people are enrolled in, and what they are owed."""

from .achamil import Adhesion, Contribution
from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .appeals import Appeal, AppealMove, AppealNote, Escalation
from .batches import BatchRefusal, DecisionBatch, DecisionChunk, Hold
from .budget import BudgetForecast, ForecastDifference, ForecastLine, Scenario, Spending, SpendingFold
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit
from .directions import SCHEMES, Direction, DirectionMove
from .following import CoverNight, CoverWatch, Forewarning
from .messages import Contact, Message, RightNotice, ToldFact, ToldFactFloor, ToldFloor, ToldMove
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
    "BatchRefusal",
    "BirthClaim",
    "BudgetForecast",
    "Contact",
    "Contribution",
    "Correction",
    "CoverNight",
    "CoverWatch",
    "DecisionBatch",
    "DecisionChunk",
    "Direction",
    "DirectionMove",
    "DueLine",
    "Enrollment",
    "EnrollmentMove",
    "Escalation",
    "ForecastDifference",
    "ForecastLine",
    "Forewarning",
    "Hold",
    "Message",
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
    "RightNotice",
    "Scenario",
    "Scheme",
    "SchoolGrant",
    "Spending",
    "SpendingFold",
    "Suspension",
    "ToldFact",
    "ToldFactFloor",
    "ToldFloor",
    "ToldMove",
    "Unit",
]
