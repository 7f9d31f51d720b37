"""The page of one request: what was asked, what it changes, what it would do, and the one deed that comes next."""

import uuid

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import households.queries
from households.lifecycle import ENDED
from households.models import Request
from households.permissions import may_handle_request, why_not_approve
from households.queue import assignable
from households.services import may_be_undone
from households.updates import sides_of
from rsu import audit
from rsu.authentication import role_required
from rsu.desk.casework import SIGNED
from rsu.models import User

from . import effects
from .forms import WordsForm

READERS = ("caseworker", "supervisor", "auditor")

Kind, Status = Request.Kind, Request.Status

WORDS = {
    "return": ("reason", lambda: _("Ce qui est à corriger"), lambda: _("La personne qui a préparé la demande le lira.")),
    "reject": ("answer", lambda: _("Motif du rejet"), lambda: _("La famille le recevra.")),
    "answer": ("answer", lambda: _("Réponse à la famille"), lambda: _("La famille la recevra telle qu’elle est écrite.")),
    "undo": ("reason", lambda: _("Pourquoi l’annuler ?"), lambda: _("Le journal le garde.")),
    "note": ("text", lambda: _("Remarque"), lambda: _("Pour celles et ceux qui suivent la demande ; la famille ne la reçoit pas.")),
    "word": ("reason", lambda: _("Ce que dit la famille, avec ses mots"), lambda: ""),
}
"""Deeds that go with a text: its field, its label, who reads it."""


def words_form(deed: str, data=None, **first) -> WordsForm:
    name, label, who = WORDS[deed]
    return WordsForm(name, label(), data, help_text=who(), auto_id=f"{deed}_%s", initial=first)


@require_safe
@role_required(*READERS)
def page(request, pk: int):
    """Reading it is reading the file of each family it shows: the one that asks, the one it absorbs or has founded."""
    asked = find(request.user, pk)
    if hasattr(asked, "appeal"):
        return redirect("desk:appeal", pk=asked.appeal.pk)
    for family in filter(None, (asked.other_id, asked.household_id)):
        audit.record(by=request.user, verb="read_household", household=family, subject=f"request:{pk}")
    return shown(request, asked)


def find(user: User, pk: int) -> Request:
    """A request of the user's area, or 404."""
    return get_object_or_404(households.queries.requests_of(user).select_related("undoes", "processed_by"), pk=pk)


def shown(request, asked: Request, *, refused: tuple[str, WordsForm] | None = None, refusal: str = "", status: int = 200):
    """The page as it stands; `refused` is the form of a deed that was not done, with what was typed and why."""
    user, today = request.user, timezone.localdate()
    handles = may_handle_request(user, asked)
    foreseen = None
    if asked.kind != Kind.COMPLAINT and asked.status in (Status.DRAFT, Status.IN_PROGRESS):
        foreseen = effects.foresee(asked, on=today, by=user)
    forms = {deed: words_form(deed, reason=asked.reason if deed == "word" else "") for deed in WORDS} | dict([refused] if refused else [])
    context = {
        "asked": asked,
        "household": asked.household,
        "reached": households.queries.households_of(user).filter(pk=asked.household_id).exists(),
        "sides": sides_of(asked),
        "foreseen": foreseen,
        "moves": asked.moves.select_related("by").order_by("id"),
        "notes": asked.notes.select_related("by").order_by("id"),
        "meeting": households.queries.meeting(asked) if asked.status not in ENDED else [],
        "late": asked.status == Status.IN_PROGRESS and asked.due_on and asked.due_on < today,
        "handles": handles,
        "people": assignable(user, asked) if handles and user.role == User.Role.SUPERVISOR else [],
        "forms": forms,
        "refused": refused and refused[0],
        "refusal": refusal,
        "undone_by": asked.undone_by.exclude(status=Status.REJECTED).first(),
        "undoable": may_be_undone(asked),
        "token": uuid.uuid4(),
        "on": today,
    } | _signature(request, asked, foreseen)
    return render(request, "desk/requests/request.html", context, status=status)


def _signature(request, asked: Request, foreseen) -> dict:
    """Whether the law wants a second person, and whether this user may be that person."""
    if asked.status != Status.IN_PROGRESS:
        return {}
    reasons = foreseen.reasons if foreseen and foreseen.ready else effects.reasons_in_words(asked.second)
    return {
        "second": reasons,
        "waits": bool(asked.second),
        "signed_by": request.law.cite(SIGNED),
        "why_not": why_not_approve(request.user, asked),
    }
