"""What people are enrolled in, and what they are owed."""

from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit

__all__ = [
    "COVERS",
    "Allowance",
    "AllowanceLine",
    "Enrollment",
    "EnrollmentMove",
    "Period",
    "Placement",
    "PlacementMonth",
    "Scheme",
    "Suspension",
    "Unit",
]
