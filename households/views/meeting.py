"""Whoever is being registered, met with those who are registered already; nothing here blocks a registration."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from .. import drafts, met, services
from ..models import Request
from ..questions import person_questions
from .drafting import amend, on_draft


@on_draft
@require_POST
def alike(request, kept: Request, key: str):
    """The part of a person's page that follows what is being typed; nothing is kept."""
    if drafts.position_of(kept.answers, key) is None:
        raise Http404
    answers = drafts.person_amended(kept.answers, key, drafts.entered(person_questions(None), request.POST), [])
    found = services.read_declaration(answers, on=timezone.localdate(), by=request.user, law=request.law)
    return render(
        request,
        "households/_met.html",
        met.context(kept, found, answers, by=request.user, only=key) | {"token": kept.token, "inside": True},
    )


@on_draft
@require_POST
def not_same(request, kept: Request):
    """One click: these are not the same; what else was typed on the page is kept too."""
    mark, key = request.POST.get("not_same", "")[:60], request.POST.get("person", "")
    services.set_apart(
        token=kept.token,
        mark=mark,
        change=lambda answers: _typed(answers, key, request.POST),
        reason=request.POST.get(f"why:{mark}", "")[:200],
        on=timezone.localdate(),
        by=request.user,
    )
    return _back(kept, key, request)


@on_draft
@require_POST
def claim(request, kept: Request, key: str):
    """The IDCS is borne by somebody else, and the caseworker says that it is this person's."""
    amend(request, kept, lambda answers: _typed(answers, key, request.POST) if "first_name_fr" in request.POST else answers)
    try:
        services.claim_idcs(
            token=kept.token, key=key, reason=request.POST.get("claim_reason", ""), on=timezone.localdate(), by=request.user
        )
    except services.PairRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(
            request, _("Le superviseur du territoire est prévenu ; sa réponse se lira ici. Aucun des deux dossiers n’a changé.")
        )
    return redirect("households:person", token=kept.token, key=key)


def _typed(answers: dict, key: str, data) -> dict:
    if not key or "first_name_fr" not in data or drafts.position_of(answers, key) is None:
        return answers
    return drafts.person_amended(answers, key, drafts.entered(person_questions(None), data), data.getlist("confirm"))


def _back(kept: Request, key: str, request):
    if key and drafts.position_of(kept.answers, key) is not None:
        return redirect("households:person", token=kept.token, key=key)
    if request.POST.get("page") == "members":
        return redirect("households:draft", token=kept.token, section="members")
    return redirect("households:summary", token=kept.token)
