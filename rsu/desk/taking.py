"""A partner's value taken in place of a family's answer: an update request like any other, opened, sent and processed for a person."""

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

import eligibility.queries
import households.services
from households.models import AnswerConflict, Request
from households.services import ConflictRefused, DeclarationRefused, RequestOutdated, RequestRefused, SecondNeeded
from rsu.models import User

from . import casework


@dataclass(frozen=True)
class Taken:
    conflict: AnswerConflict
    waits: bool = False
    """The update is sent and waits for a second signature: the value is taken when it is signed."""


def take_verified(conflict_id: int, *, reason: str, on: date, by: User) -> Taken:
    """The verified value becomes the answer, by an update of the household; taken twice, taken once.

    Three transactions, since the update takes its locks in their own order: it is sent with the contradiction bound to it, processed,
    and the contradiction closed. What a kill leaves undone is taken up by the same button, or by the sweep once it is signed.
    Raises Forbidden, ConflictRefused.
    """
    conflict = _send(conflict_id, reason=reason, on=on, by=by)
    if conflict.status == AnswerConflict.Status.TAKEN:
        return Taken(conflict)
    try:
        casework.process(conflict.request_id, on=on, by=by)
    except SecondNeeded:
        return Taken(conflict, waits=True)
    except RequestRefused as refusal:
        raise ConflictRefused(str(refusal)) from refusal
    except RequestOutdated as outdated:
        raise ConflictRefused(_("Le ménage a changé depuis que la demande a été préparée. Rien n’a été appliqué.")) from outdated
    except DeclarationRefused as refusal:
        why = _sentences(refusal)
        raise ConflictRefused(_("La mise à jour est envoyée et ne peut pas être appliquée ainsi : %(why)s") % {"why": why}) from refusal
    closed = _close(conflict_id, reason=reason, on=on, by=by)
    if closed.status == AnswerConflict.Status.OPEN:
        raise ConflictRefused(
            _(
                "La mise à jour a été corrigée avant d’être appliquée : la réponse n’est pas la valeur vérifiée, la contradiction reste à régler."
            )
        )
    return Taken(closed)


@transaction.atomic
def _send(conflict_id: int, *, reason: str, on: date, by: User) -> AnswerConflict:
    conflict = households.services.open_conflict(conflict_id, by=by)
    sent = conflict.request and conflict.request.status == Request.Status.IN_PROGRESS and not conflict.request.second
    if conflict.status == AnswerConflict.Status.TAKEN or sent:
        return conflict
    households.services.check_take(conflict, reason=reason, on=on)
    law = eligibility.queries.law(on)
    token = uuid4()  # what makes it one is the locked contradiction, bound to its request in this transaction
    words = _("Valeur vérifiée par %(agency)s.") % {"agency": conflict.agency}
    try:
        request = households.services.open_request(
            household_id=conflict.member.household_id, kind=Request.Kind.UPDATE, token=token, reason=f"{words} {reason}".strip(),
            on=on, by=by, law=law,
        )  # fmt: skip
        key = f"m{conflict.member_id}"
        households.services.amend_draft(token=token, change=lambda answers: _with(answers, key, conflict.verified), on=on, by=by)
        request = households.services.submit_request(token=token, on=on, by=by, law=law)
    except DeclarationRefused as refusal:
        why = _sentences(refusal)
        raise ConflictRefused(_("La mise à jour ne peut pas être envoyée ainsi : %(why)s") % {"why": why}) from refusal
    except RequestRefused as refusal:
        raise ConflictRefused(" ".join(refusal.problems.values())) from refusal
    conflict.request = request
    conflict.save(update_fields=["request"])
    return conflict


def _sentences(refusal: DeclarationRefused) -> str:
    return " ".join(dict.fromkeys(problem.sentence for problem in refusal.problems))


def _with(answers: dict, key: str, verified: dict) -> dict:
    """The declaration with this person's verified answers; one that is no answer is taken out, a birth is told by its parts."""
    if born_on := verified.get("born_on"):
        parts = zip(("birth_year", "birth_month", "birth_day"), born_on.split("-"), strict=True)
        verified = {name: str(int(part)) for name, part in parts}
    members = [
        {name: value for name, value in (person | verified).items() if value is not None} if person.get("key") == key else person
        for person in answers["members"]
    ]
    return {**answers, "members": members}


@transaction.atomic
def _close(conflict_id: int, *, reason: str, on: date, by: User) -> AnswerConflict:
    conflict = households.services.open_conflict(conflict_id, by=by)
    if conflict.status == AnswerConflict.Status.OPEN:
        households.services.settle_taken(conflict, reason=reason.strip(), on=on, by=by)
    return conflict
