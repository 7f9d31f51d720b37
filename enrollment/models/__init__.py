"""What people are enrolled in, and what they are owed."""

from .achamil import Adhesion, Contribution
from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit
from .directions import SCHEMES, Direction, DirectionMove
from .following import CoverNight, CoverWatch, Forewarning

__all__ = [
    "COVERS",
    "SCHEMES",
    "Adhesion",
    "Allowance",
    "AllowanceLine",
    "Contribution",
    "CoverNight",
    "CoverWatch",
    "Direction",
    "DirectionMove",
    "Enrollment",
    "EnrollmentMove",
    "Forewarning",
    "Period",
    "Placement",
    "PlacementMonth",
    "Scheme",
    "Suspension",
    "Unit",
]
