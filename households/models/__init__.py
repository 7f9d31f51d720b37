"""Who lives together, and what they declared."""

from .names import Spelling
from .people import Bills, Household, Member, keeps_what_it_replaces
from .requests import Request

__all__ = ["Bills", "Household", "Member", "Request", "Spelling", "keeps_what_it_replaces"]
