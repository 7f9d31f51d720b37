"""Possible duplicates settled, and an IDCS that a draft claims from whoever bears it. Nothing here changes a household."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User
from rsu.permissions import check_role, in_area

from .. import drafts
from ..duplicates import pairs
from ..duplicates.apart import SET_APART
from ..entries import Unreadable
from ..entries import idcs as idcs_of
from ..models import DuplicatePair, Household, Member, Request
from ..permissions import check_work_on
from .registering import amend_draft

Kind, Status = DuplicatePair.Kind, DuplicatePair.Status


class PairRefused(Exception):
    """The pair cannot be settled so, or the IDCS cannot be claimed: a sentence for the screen; `field` is what it is about."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Settlement:
    """A settled pair; `already`: it was before, and what was said now is not kept."""

    pair: DuplicatePair
    already: bool


@transaction.atomic
def settle_pair(*, pair_id: int, status: str, reason: str, on: date, by: User, request: Request | None = None) -> Settlement:
    """Say what two records are. Settled twice, by one supervisor or by two, it is settled once: the first word stands.

    For one person or one household `request` is the one that makes it true. Raises Forbidden, PairRefused, DoesNotExist outside the area.
    """
    pair = lock_pair(pair_id, by=by)
    if not pair.is_open:
        return Settlement(pair, already=True)
    if not reason.strip():
        raise PairRefused(_("Dites ce qui a été vérifié : le journal le garde."), "reason")
    if status not in (Status.DIFFERENT, Status.SAME_PERSON, Status.SAME_HOUSEHOLD):
        raise PairRefused(_("Choisissez une des réponses proposées."), "status")
    pair.status, pair.reason, pair.settled_by, pair.settled_at = status, reason.strip(), by, Now()
    if pair.kind != Kind.IDCS_CLAIMED:
        pair.request = request
    pair.save()
    pair.refresh_from_db(fields=["settled_at"])
    sides = {"low": pair.household_low_id, "high": pair.household_high_id, "people": [pair.member_low_id, pair.member_high_id]}
    audit.record(
        by=by,
        verb=f"duplicate.{status}",
        household=pair.household_low_id,
        subject=f"duplicate:{pair.pk}",
        reason=pair.reason,
        on=str(on),
        **sides,
    )
    return Settlement(pair, already=False)


def lock_pair(pair_id: int, *, by: User) -> DuplicatePair:
    """The pair, locked, if the caller sees both its sides. Raises Forbidden, DoesNotExist."""
    check_role(by, User.Role.SUPERVISOR)
    return pairs.pairs_of(by).select_for_update(of=("self",)).get(pk=pair_id)


@transaction.atomic
def claim_idcs(*, token, key: str, reason: str, on: date, by: User) -> DuplicatePair:
    """The draft says that the IDCS of one of its people is not its bearer's; the claim is kept with it, nobody is changed.

    Claimed twice, it is one claim. Raises Forbidden, PairRefused.
    """
    request = Request.objects.select_for_update(of=("self",)).get(token=token)
    check_work_on(by, request)
    position = drafts.position_of(request.answers, key)
    if position is None:
        raise PairRefused(_("Cette personne n’est plus dans le brouillon."))
    try:
        number = idcs_of(drafts.people(request.answers)[position - 1].get("idcs"))
    except Unreadable as unreadable:
        raise PairRefused(str(unreadable), "claim_reason") from unreadable
    bearer = Member.objects.filter(idcs=number).first()
    if bearer is None:
        raise PairRefused(_("Cet IDCS n’est plus enregistré dans un ménage : gardez cette personne et continuez."), "claim_reason")
    known = DuplicatePair.objects.filter(request=request, person_key=key, member_low=bearer).first()
    if known is not None:
        return known
    if not reason.strip():
        raise PairRefused(_("Dites pourquoi cet IDCS est celui de la personne qui est devant vous."), "claim_reason")
    claim = DuplicatePair.objects.create(
        kind=Kind.IDCS_CLAIMED, member_low=bearer, household_low_id=bearer.household_id, request=request, person_key=key,
        claim_reason=reason.strip(), proposed_by=by,
    )  # fmt: skip
    audit.record(
        by=by, verb="duplicate.claimed", household=bearer.household_id, subject=f"duplicate:{claim.pk}", reason=reason.strip(), on=str(on)
    )
    return claim


@transaction.atomic
def set_apart(*, token, mark: str, change: Callable[[dict], dict], reason: str, on: date, by: User) -> Request:
    """Somebody of the draft is said not to be a registered person (`key:number`), or not to be of a household (`household:number`).

    The word is kept with the draft and traced with its reason, for whoever settles the pair the night may propose; said twice, it is
    traced once. `change` is what else was typed on the page. Raises Forbidden.
    """
    said = Request.objects.select_for_update(of=("self",)).get(token=token).answers.get("not_same")
    request = amend_draft(token=token, change=lambda answers: drafts.set_apart(change(answers), mark), by=by, on=on)
    key, _colon, number = mark.partition(":")
    if not number.isdecimal() or len(number) > 18 or (isinstance(said, list) and mark in said) or request.status != Request.Status.DRAFT:
        return request
    if key == "household":
        household, whom = Household.objects.filter(in_area(by), pk=number).first(), {}
    else:
        member = Member.objects.filter(in_area(by, "household__commune"), pk=number).first()
        household, whom = getattr(member, "household_id", None), {"member": int(number), "person": key}
    if household is not None:
        audit.record(by=by, verb=SET_APART, household=household, subject=f"request:{request.pk}", reason=reason.strip(), on=str(on), **whom)
    return request
