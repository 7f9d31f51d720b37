"""What a caseworker said while registering, "not the same", found again for whoever settles the pair."""

from dataclasses import dataclass
from datetime import datetime

from rsu.models import AuditEvent, User

from .. import drafts
from ..declared import key_of
from ..entries import compact
from ..models import DuplicatePair, Member, Request

SET_APART = "duplicate.set_apart"


@dataclass(frozen=True)
class Apart:
    """A word said on a draft that became one side of the pair: of its two people, or of their households when `people` is false."""

    by: User
    at: datetime
    reason: str
    people: bool


def said_of(pair: DuplicatePair) -> list[Apart]:
    """The latest first, in two queries; what was said of others of the same households is left out of a pair of people."""
    sides = {pair.household_low_id: pair.member_low, pair.household_high_id: pair.member_high}
    events = AuditEvent.objects.filter(household_id__in=[pk for pk in sides if pk], verb=SET_APART).select_related("by").order_by("-id")
    asked = {event.pk: int(event.subject.removeprefix("request:")) for event in events}
    requests = Request.objects.only("household_id", "answers").in_bulk(set(asked.values()))
    return [
        Apart(event.by, event.at, event.reason, "member" in event.details)
        for event in events
        if (request := requests.get(asked[event.pk])) and _about(pair, event, request, sides)
    ]


def _about(pair: DuplicatePair, event: AuditEvent, request: Request, sides: dict[int | None, Member | None]) -> bool:
    registered, key = sides[event.household_id], event.details.get("person", "")
    if pair.kind == DuplicatePair.Kind.IDCS_CLAIMED:
        return request.pk == pair.request_id and key in ("", pair.person_key) and _is(registered, event)
    others = [household for household in sides if household != event.household_id]
    if request.household_id not in others:
        return False
    if pair.kind == DuplicatePair.Kind.HOUSEHOLDS or not key:
        return True
    return _is(registered, event) and _named(request, key, sides[request.household_id])


def _is(registered: Member | None, event: AuditEvent) -> bool:
    return "member" not in event.details or (registered is not None and registered.pk == event.details["member"])


def _named(request: Request, key: str, member: Member | None) -> bool:
    """Whether the person the draft calls by this key is that member, by the number both bear."""
    if member is None:
        return False
    position = drafts.position_of(request.answers, key)
    declared = drafts.people(request.answers)[position - 1] if position else {}
    return key == key_of(member) or compact(declared.get("idcs")) == member.idcs
