"""Who lives together, and what they declared."""

from .people import Bills, Household, Member, keeps_what_it_replaces
from .requests import Request, RequestMove, RequestNote

__all__ = ["Bills", "Household", "Member", "Request", "RequestMove", "RequestNote", "keeps_what_it_replaces"]
