"""A settlement made true: the same person leaves one household, two households become one; both by a request like any other.

The request is opened, sent and, where one signature is enough, applied; where the law wants a second one it waits for it. What a
choice will do is foreseen by the same services, and undone.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

import eligibility.queries
import eligibility.runs
import households.services
from households import events
from households.changes import by_key, placed
from households.declared import key_of
from households.duplicates import pairs
from households.models import DuplicatePair, Household, Member, Request
from households.services import DeclarationRefused, PairRefused, RequestOutdated, RequestRefused, SecondNeeded, Settlement
from rsu.models import User

from . import casework
from .undone import undone


@dataclass(frozen=True)
class Done:
    """A settlement and its request: applied, waiting for a second signature, or a draft in which something is left to say."""

    settlement: Settlement
    request: Request | None


def answered(*, pair_id: int, status: str, reason: str, on: date, by: User) -> Settlement:
    """A word that changes nothing in the registry: two that are different, or the answer to a claim, that its author reads.

    Those said to be different are not proposed again while the answers that agree stay the same. Raises Forbidden, PairRefused.
    """
    return households.services.settle_pair(pair_id=pair_id, status=status, reason=reason, on=on, by=by)


def same_person(*, pair_id: int, leaves: int, new_head: int | None, token: UUID, reason: str, on: date, by: User) -> Done:
    """`leaves` is the record that leaves its household: one member by himself, or the whole household where nobody else lives in it.

    Raises Forbidden, DoesNotExist, PairRefused, RequestRefused.
    """
    with transaction.atomic():
        pair = households.services.lock_pair(pair_id, by=by)
        if not pair.is_open:
            return Done(Settlement(pair, already=True), pair.request)
        request = _leaving(pair, leaves, new_head, token=token, reason=reason, on=on, by=by)
        settlement = households.services.settle_pair(pair_id=pair_id, status="same_person", reason=reason, on=on, by=by, request=request)
    return Done(settlement, _as_far_as_it_goes(request, on=on, by=by))


def _leaving(pair: DuplicatePair, leaves: int, new_head: int | None, *, token, reason: str, on: date, by: User) -> Request:
    if pair.kind != DuplicatePair.Kind.PEOPLE or leaves not in (pair.member_low_id, pair.member_high_id):
        raise PairRefused(_("Dites laquelle des deux fiches quitte son ménage."), "leaves")
    if not reason.strip():
        raise PairRefused(_("Dites ce qui a été vérifié : le journal le garde."), "reason")
    people = Member.objects.select_related("household").in_bulk([pair.member_low_id, pair.member_high_id])
    if len(people) < 2:  # whoever takes away the record that is left takes the person out of the registry
        raise PairRefused(_outgrown())
    gone = people[leaves]
    alone = not Member.objects.filter(household=gone.household_id).exclude(pk=leaves).exists()
    return households.services.open_request(
        household_id=gone.household_id, kind="striking_off", token=token, on=on, by=by, law=eligibility.queries.law(on), reason=reason,
        people=() if alone else (key_of(gone),), new_head=f"m{new_head}" if new_head and not alone else "",
    )  # fmt: skip


def same_household(*, pair_id: int, kept: int, token: UUID, reason: str, on: date, by: User) -> Done:
    """The other household joins `kept`: those recorded in both leave it with it, the others come along.

    Raises Forbidden, DoesNotExist, PairRefused, RequestRefused.
    """
    with transaction.atomic():
        pair = households.services.lock_pair(pair_id, by=by)
        if not pair.is_open:
            return Done(Settlement(pair, already=True), pair.request)
        request = _merging(pair, kept, token=token, reason=reason, on=on, by=by)
        settlement = households.services.settle_pair(pair_id=pair_id, status="same_household", reason=reason, on=on, by=by, request=request)
    return Done(settlement, _as_far_as_it_goes(request, on=on, by=by))


def _merging(pair: DuplicatePair, kept: int, *, token, reason: str, on: date, by: User) -> Request:
    sides = (pair.household_low_id, pair.household_high_id)
    if pair.kind == DuplicatePair.Kind.IDCS_CLAIMED or kept not in sides or sides[0] == sides[1]:
        raise PairRefused(_("Dites lequel des deux ménages est gardé."), "kept")
    if not reason.strip():
        raise PairRefused(_("Dites ce qui a été vérifié : le journal le garde."), "reason")
    absorbed = sides[0] if kept == sides[1] else sides[1]
    opened = households.services.open_request(
        household_id=kept, other_id=absorbed, kind="update", occasion="merge", token=token, on=on, by=by,
        law=eligibility.queries.law(on), reason=reason,
    )  # fmt: skip
    doubles = doubles_in(pair, absorbed)
    return households.services.amend_draft(token=opened.token, change=lambda answers: _once(answers, doubles), by=by, on=on)


def doubles_in(pair: DuplicatePair, household_id: int) -> dict[str, str]:
    """{key of a record of this household: key of the same person's record in the other}.

    The search is of the night before: raises PairRefused when one of them has left his household since.
    """
    if pair.kind == DuplicatePair.Kind.PEOPLE:
        people = Member.objects.in_bulk([pair.member_low_id, pair.member_high_id])
        if len(people) < 2 or {one.household_id for one in people.values()} != {pair.household_low_id, pair.household_high_id}:
            raise PairRefused(_outgrown())
        couples = [(people[pair.member_low_id], people[pair.member_high_id])]
    else:
        couples = [(one.low, one.high) for one in pairs.alike(pair)]
    found = {}
    for low, high in couples:
        ours, theirs = (low, high) if low.household_id == household_id else (high, low)
        found[key_of(ours)] = key_of(theirs)
    return found


def _outgrown() -> str:
    return _(
        "Une de ces deux personnes n’est plus dans le ménage où elle a été trouvée : la prochaine recherche de doublons relira cette paire."
    )


def _once(answers: dict, doubles: dict[str, str]) -> dict:
    """Each person once: whoever pointed to a record that goes points to the one that stays."""
    members = by_key(answers)
    for member in members.values():
        member |= {role: doubles[member[role]] for role in ("spouse", "mother", "father") if member.get(role) in doubles}
    return events.without({**answers, "members": placed(members)}, doubles)


def _as_far_as_it_goes(request: Request, *, on: date, by: User) -> Request:
    """Sent if nothing is left to say in it, applied if one signature is enough. Raises PairRefused if the household has changed since."""
    law = eligibility.queries.law(on)
    try:
        sent = households.services.submit_request(token=request.token, on=on, by=by, law=law)
    except (DeclarationRefused, RequestRefused):
        return Request.objects.get(pk=request.pk)
    try:
        return casework.process(sent.pk, on=on, by=by)[0]
    except (SecondNeeded, DeclarationRefused, RequestRefused):
        return Request.objects.get(pk=request.pk)
    except RequestOutdated as outdated:
        raise PairRefused(
            _("La paire est réglée, mais le ménage a changé depuis que sa demande a été préparée : rouvrez la demande pour la relire.")
        ) from outdated


@dataclass(frozen=True)
class Foreseen:
    """What a choice would do: who leaves, who comes along, and the households before and after; `todo`: what must be said first."""

    effect: casework.Effect | None
    leaving: list[Member]
    joining: list[Member]
    todo: str


def foresee(pair: DuplicatePair, *, choice: str, side: int, new_head: int | None, token: UUID, on: date, by: User) -> Foreseen:
    """What `same_person` or `same_household` would do, undone. Raises PairRefused, RequestRefused."""
    with undone():
        seen = _foreseen(pair, choice, side, new_head, token=token, on=on, by=by)
    return seen


def _foreseen(pair: DuplicatePair, choice: str, side: int, new_head: int | None, *, token: UUID, on: date, by: User) -> Foreseen:
    seen = "-"  # undone with the rest
    _lock(pair, side if choice == "same_person" else None)
    if choice == "same_person":
        leaving, joining = list(Member.objects.filter(pk=side)), []
        request = _leaving(pair, side, new_head, token=token, reason=seen, on=on, by=by)
    else:
        absorbed = pair.household_low_id if side == pair.household_high_id else pair.household_high_id
        doubles = doubles_in(pair, absorbed)
        people = list(Member.objects.filter(household=absorbed).order_by("position"))
        leaving = [member for member in people if key_of(member) in doubles]
        joining = [member for member in people if key_of(member) not in doubles]
        request = _merging(pair, side, token=token, reason=seen, on=on, by=by)
    try:
        return Foreseen(casework.foresee_sent(request, on=on, by=by), leaving, joining, "")
    except DeclarationRefused as refusal:
        return Foreseen(None, leaving, joining, refusal.problems[0].sentence)


def _lock(pair: DuplicatePair, leaves: int | None) -> None:
    """The law, then the blocks of the households, before any row of them: the order that every assessment keeps."""
    now = Member.objects.filter(pk=leaves).values_list("household_id", flat=True)
    eligibility.runs.lock_law_for_reading()
    eligibility.runs.lock_blocks([pk for pk in (pair.household_low_id, pair.household_high_id, *now) if pk])


def members_left(household: Household, leaves: int) -> list[Member]:
    """Who may become head when this one leaves."""
    return list(Member.objects.filter(household=household).exclude(pk=leaves).order_by("position"))
