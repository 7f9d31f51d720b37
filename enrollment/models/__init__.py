"""What people are enrolled in, and what they are owed."""

from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit
from .ramed import MigratedCover, MigratedMove, RamedLot, RamedMigration, RamedRow

__all__ = [
    "COVERS",
    "Allowance",
    "AllowanceLine",
    "Enrollment",
    "EnrollmentMove",
    "MigratedCover",
    "MigratedMove",
    "Period",
    "Placement",
    "PlacementMonth",
    "RamedLot",
    "RamedMigration",
    "RamedRow",
    "Scheme",
    "Suspension",
    "Unit",
]
