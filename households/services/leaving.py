"""What people who leave a household for another leave behind: a family whose answers their leaving may make incomplete."""

from .. import events
from ..models import Request

LEAVING = (Request.Occasion.SPLIT, Request.Occasion.TRANSFER)
"""Occasions whose draft edits the household people go to; the one they leave follows, with what the draft was told of it."""


def left_by(request: Request) -> dict:
    """Answers of the household left: the request's own when they found another, the other one when they come here."""
    details = request.details
    origin = details["other_before"] if request.occasion == Request.Occasion.TRANSFER else request.before
    return events.left_behind(origin, details["people"], new_head=details.get("new_head") or None, told=details.get("left", {}))
