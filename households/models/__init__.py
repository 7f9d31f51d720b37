"""Who lives together, and what they declared."""

from .drafts import DraftHand, DraftPresence, DraftTrail
from .evidence import Evidence
from .people import Bills, Household, Member, keeps_what_it_replaces
from .requests import Request

__all__ = ["Bills", "DraftHand", "DraftPresence", "DraftTrail", "Evidence", "Household", "Member", "Request", "keeps_what_it_replaces"]
