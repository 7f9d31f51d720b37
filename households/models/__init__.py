"""Who lives together, what they declared, and who may be recorded twice."""

from .duplicates import DuplicatePair, DuplicatePass
from .names import Spelling
from .people import Bills, Household, Member, keeps_what_it_replaces
from .requests import Request, RequestMove, RequestNote

__all__ = [
    "Bills",
    "DuplicatePair",
    "DuplicatePass",
    "Household",
    "Member",
    "Request",
    "RequestMove",
    "RequestNote",
    "Spelling",
    "keeps_what_it_replaces",
]
