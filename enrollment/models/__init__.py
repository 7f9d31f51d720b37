"""What people are enrolled in, and what they are owed."""

from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit
from .payments import DIFFERENCES, OrderApproval, Payment, PaymentAccount, PaymentAnswer, PaymentFile, PaymentOrder, PaymentReturn

__all__ = [
    "COVERS",
    "DIFFERENCES",
    "Allowance",
    "AllowanceLine",
    "Enrollment",
    "EnrollmentMove",
    "OrderApproval",
    "Payment",
    "PaymentAccount",
    "PaymentAnswer",
    "PaymentFile",
    "PaymentOrder",
    "PaymentReturn",
    "Period",
    "Placement",
    "PlacementMonth",
    "Scheme",
    "Suspension",
    "Unit",
]
