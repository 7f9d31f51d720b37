"""A request that the household outgrew goes back to its pages, on today's answers; words are corrected before they are sent."""

from dataclasses import asdict
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from rsu import audit
from rsu.models import User

from ..models import Household, Request
from .registering import plain
from .requesting import RequestRefused, locked_request, move_request
from .settling import RequestOutdated, bring_up_to_date, households_of_request

Status = Request.Status

OUTGROWN = gettext_noop("Le ménage a changé depuis : à relire.")
"""Kept as written here with the step, and said in the reader's language."""


@transaction.atomic
def reopen_request(*, request_id: int, on: date, by: User) -> Request:
    """Back to a draft on what the registry says now; where both changed one answer, the draft keeps its own and both are shown.

    Reopened already, it is given back unchanged. Raises Forbidden, RequestRefused.
    """
    request = locked_request(request_id, by)
    if request.status == Status.DRAFT:
        return request
    if request.status != Status.IN_PROGRESS or request.undoes_id:
        raise RequestRefused({"": _("Cette demande n’attend pas de réponse.")})
    rows = Household.objects.filter(pk__in=households_of_request(request)).order_by("pk").select_for_update(of=("self",))
    households = {row.pk: row for row in rows.select_related("commune")}
    try:
        conflicts = bring_up_to_date(request, households[request.household_id], households.get(request.other_id))
    except RequestOutdated as outdated:
        sentence = _("Une personne de cette demande ne vit plus dans ce ménage : rejetez-la, puis ouvrez-en une autre.")
        raise RequestRefused({"": sentence}) from outdated
    request.details["conflicts"] = plain([asdict(conflict) for conflict in conflicts])
    request.answers, request.before, request.second = plain(request.answers), plain(request.before), []
    move_request(request, Status.DRAFT, by=by, reason=OUTGROWN)
    request.save()
    audit.record(
        by=by, verb="request.reopened", household=request.household, subject=f"request:{request.pk}", conflicts=len(conflicts)
    )  # fmt: skip
    return request


@transaction.atomic
def word_request(*, request_id: int, reason: str, on: date, by: User) -> Request:
    """What the family says, corrected while the request is a draft. Raises Forbidden, RequestRefused."""
    request = locked_request(request_id, by)
    if request.status != Status.DRAFT:
        raise RequestRefused({"": _("Cette demande est envoyée : ajoutez plutôt une remarque.")})
    if not reason.strip():
        raise RequestRefused({"reason": _("Écrivez ce que la famille demande, avec ses mots.")})
    if request.reason != reason.strip():
        request.reason = reason.strip()
        request.save(update_fields=["reason", "saved_at"])
        audit.record(by=by, verb="request.worded", household=request.household, subject=f"request:{request.pk}")
    return request
