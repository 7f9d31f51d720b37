"""What people are enrolled in, and what they are owed."""

from .aid import Allowance, AllowanceLine, Placement, PlacementMonth
from .batches import BatchRefusal, DecisionBatch, DecisionChunk, Hold
from .cover import COVERS, Enrollment, EnrollmentMove, Period, Scheme, Suspension, Unit
from .messages import Contact, Message, RightNotice, ToldFloor, ToldMove

__all__ = [
    "COVERS",
    "Allowance",
    "AllowanceLine",
    "BatchRefusal",
    "Contact",
    "DecisionBatch",
    "DecisionChunk",
    "Enrollment",
    "EnrollmentMove",
    "Hold",
    "Message",
    "Period",
    "Placement",
    "PlacementMonth",
    "RightNotice",
    "Scheme",
    "Suspension",
    "ToldFloor",
    "ToldMove",
    "Unit",
]
