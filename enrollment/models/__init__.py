"""What people are enrolled in, and what they are owed."""

from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit
from .months import BirthClaim, Correction, DueLine, MonthChunk, MonthRun, MonthTally, Overpayment, SchoolGrant

__all__ = [
    "COVERS",
    "Allowance",
    "AllowanceLine",
    "BirthClaim",
    "Correction",
    "DueLine",
    "Enrollment",
    "EnrollmentMove",
    "MonthChunk",
    "MonthRun",
    "MonthTally",
    "Overpayment",
    "Period",
    "Placement",
    "PlacementMonth",
    "Scheme",
    "SchoolGrant",
    "Suspension",
    "Unit",
]
