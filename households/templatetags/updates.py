"""What the draft of a request shows beside its answers: the same pages as a registration's, which has nothing to compare with."""

from django import template

from households import updates
from households.changes import by_key
from households.forms import label
from households.models import Request
from households.services import origin_of
from rsu.wording import listed

register = template.Library()


@register.simple_tag
def update_of(draft: Request) -> updates.Update | None:
    """None for a registration."""
    return None if draft.kind == Request.Kind.REGISTRATION else updates.update_of(draft)


@register.simple_tag
def stood(update: updates.Update | None, field: str, key: str = "") -> str | None:
    """What the answer was before it changed, in words; None when it has not changed."""
    return update.stood.get(f"{key}.{field}" if key else field) if update else None


@register.simple_tag
def changed(update: updates.Update | None, section: str) -> int:
    return update.changed.get(section, 0) if update else 0


@register.filter
def concerned(request: Request) -> str:
    """Names of those who come, leave, have died or ask to be struck off, as they stood when the request was opened."""
    stood = origin_of(request)
    known = by_key(stood) if stood else {}
    places = {key: place for place, key in enumerate(known, start=1)}
    return listed([label(known[key], places[key]) for key in request.details.get("people", []) if key in known])
