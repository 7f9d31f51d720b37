"""What people are enrolled in, and what they are owed."""

from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .appeals import Appeal, AppealMove, AppealNote, Escalation
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit

__all__ = [
    "COVERS",
    "Allowance",
    "AllowanceLine",
    "Appeal",
    "AppealMove",
    "AppealNote",
    "Enrollment",
    "EnrollmentMove",
    "Escalation",
    "Period",
    "Placement",
    "PlacementMonth",
    "Scheme",
    "Suspension",
    "Unit",
]
