"""What people who leave a household for another leave behind: a family whose answers their leaving may make incomplete.

The draft edits the household they go to; the one they leave follows by itself, with the few answers that the draft was told of it.
"""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone

from rsu.models import User

from .. import events
from ..changes import by_key
from ..declared import answers_of
from ..models import Household, Request
from ..permissions import check_handle_request
from .registering import plain, take_in_hand

LEAVING = (Request.Occasion.SPLIT, Request.Occasion.TRANSFER)


def leaves(request: Request) -> bool:
    """Whether its people leave a household that stays, and the request does it rather than undoes it."""
    return request.occasion in LEAVING and bool(request.details.get("people")) and request.undoes_id is None


def people_of(request: Request) -> list[str]:
    """Who leaves for the draft's household: somebody chosen at first and taken out of it since stays where they are."""
    there = by_key(request.answers)
    return [key for key in request.details["people"] if key in there]


def household_left(request: Request) -> Household:
    return request.other if request.occasion == Request.Occasion.TRANSFER else request.household


def origin_of(request: Request) -> dict:
    """Answers of the household left as they stood when the request was last brought up to date."""
    return request.details["other_before"] if request.occasion == Request.Occasion.TRANSFER else request.before


def left_by(request: Request, *, origin: Mapping | None = None) -> dict:
    """The household left once they have gone, from what the request knows of it, or from `origin`."""
    details = request.details
    origin = origin_of(request) if origin is None else origin
    return events.left_behind(
        origin,
        people_of(request),
        new_head=details.get("new_head") or None,
        told=_still_told(origin, details.get("left", {})),
        on=timezone.localdate(request.created_at),
    )


def _still_told(origin: Mapping, left: Mapping[str, Mapping]) -> dict[str, dict]:
    """Of the answers told, those that the registry has not learnt otherwise since: {key: {field: answer}}."""
    members = by_key(origin)
    return {
        key: {field: answer for field, (was, answer) in told.items() if members[key].get(field) == was}
        for key, told in left.items()
        if key in members
    }


def left_now(request: Request) -> dict:
    """The same from today's answers of the household left."""
    return left_by(request, origin=answers_of(household_left(request)))


@transaction.atomic
def tell_left(*, token, key: str, answers: dict, on: date, by: User, new_head: str = "") -> Request:
    """Keep with the draft answers of somebody who stays where others leave, or who becomes head there. Raises Forbidden."""
    request = Request.objects.select_for_update(of=("self",)).select_related("household", "other").get(token=token)
    check_handle_request(by, request)
    if request.status != Request.Status.DRAFT or not leaves(request):
        return request
    staying = by_key(answers_of(household_left(request)))
    if new_head in staying:
        request.details["new_head"] = new_head
    if key in staying:
        told = request.details.setdefault("left", {}).setdefault(key, {})
        told |= {field: [staying[key].get(field), answer] for field, answer in plain(answers).items()}
    take_in_hand(request, by)
    request.save(update_fields=["details", "saved_at"])
    return request
