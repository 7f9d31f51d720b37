"""Who lives together, what they declared, what partners verified, and who may be recorded twice."""

from .duplicates import DuplicatePair, DuplicatePass
from .imports import Import, ImportChunk, ImportRow
from .names import Spelling
from .people import Bills, Household, Member, keeps_what_it_replaces
from .requests import Request, RequestMove, RequestNote
from .verifications import AnswerConflict, Verification

__all__ = [
    "AnswerConflict",
    "Bills",
    "DuplicatePair",
    "DuplicatePass",
    "Household",
    "Import",
    "ImportChunk",
    "ImportRow",
    "Member",
    "Request",
    "RequestMove",
    "RequestNote",
    "Spelling",
    "Verification",
    "keeps_what_it_replaces",
]
