"""Who lives together, and what they declared."""

from .imports import Import, ImportChunk, ImportRow
from .people import Bills, Household, Member, keeps_what_it_replaces
from .requests import Request, RequestMove, RequestNote
from .verifications import AnswerConflict, Verification

__all__ = [
    "AnswerConflict",
    "Bills",
    "Household",
    "Import",
    "ImportChunk",
    "ImportRow",
    "Member",
    "Request",
    "RequestMove",
    "RequestNote",
    "Verification",
    "keeps_what_it_replaces",
]
