"""Who lives together, what they declared, what partners verified, and who may be recorded twice."""

from .drafts import DraftHand, DraftPresence, DraftTrail
from .duplicates import DuplicatePair, DuplicatePass
from .evidence import Evidence
from .imports import Import, ImportChunk, ImportRow
from .names import Spelling
from .people import Bills, Household, Member, keeps_what_it_replaces
from .periods import OPEN, MonthsToReview, PeriodKind, PeriodStatement, VerifiedPeriod
from .requests import Request, RequestMove, RequestNote
from .verifications import AnswerConflict, Verification

__all__ = [
    "OPEN",
    "AnswerConflict",
    "Bills",
    "DraftHand",
    "DraftPresence",
    "DraftTrail",
    "DuplicatePair",
    "DuplicatePass",
    "Evidence",
    "Household",
    "Import",
    "ImportChunk",
    "ImportRow",
    "Member",
    "MonthsToReview",
    "PeriodKind",
    "PeriodStatement",
    "Request",
    "RequestMove",
    "RequestNote",
    "Spelling",
    "Verification",
    "VerifiedPeriod",
    "keeps_what_it_replaces",
]
