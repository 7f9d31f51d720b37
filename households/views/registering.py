"""The pages of a questionnaire: any section in any order, kept at each step, read whole at the end."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from .. import drafts, pages, queries, sentences, services
from ..composition import family_of
from ..differences import differences
from ..models import Request
from ..permissions import may_resume, may_work_on
from .drafting import Open, amend, on_draft, opened, present, register_role, today, window_of


@register_role
@require_http_methods(["GET", "POST"])
def register(request):
    """The token comes with the page: its button pressed twice starts one registration."""
    if request.method == "GET":
        mine = [(draft, pages.draft_title(draft)) for draft in queries.drafts_of(request.user)[:50]]
        nearby = [(draft, pages.veiled_title(draft)) for draft in queries.drafts_nearby(request.user)[:50]]
        return render(request, "households/register.html", {"token": uuid.uuid4(), "drafts": mine, "nearby": nearby})
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    communes = list(queries.communes_offered(request.user)[:2])
    first = {"commune": communes[0].code} if len(communes) == 1 else {}
    services.amend_draft(token=token, change=lambda kept: kept or first, by=request.user, on=timezone.localdate())
    return redirect("households:draft", token=token, section="address")


@register_role
@require_http_methods(["GET", "POST"])
def resume(request, token):
    """Take up a colleague's draft, knowingly; a draft already one's own opens."""
    kept = queries.questionnaire(request.user, token)
    if kept is None:
        raise Http404
    if request.method == "POST" and may_resume(request.user, kept):
        services.resume_draft(token=token, at=timezone.now(), on=timezone.localdate(), by=request.user)
    return redirect("households:summary", token=token)


@register_role
@require_http_methods(["GET"])
def presence(request, token):
    """Who else has the draft open: asked every half minute by each page, which says so that it is there itself."""
    kept = queries.questionnaire(request.user, token)
    if kept is None or not may_work_on(request.user, kept):
        raise Http404
    services.be_present(request=kept, window=window_of(request), at=timezone.now(), by=request.user)
    return render(request, "households/_presence.html", {"present": present(request, kept), "token": token, "by": request.user})


@on_draft
@require_http_methods(["GET", "POST"])
def add_person(request, kept):
    """GET is where a login that came in between leads: nothing was asked of it."""
    if request.method == "GET":
        return redirect(pages.to_members(kept.token))
    key = drafts.clean_key(request.POST.get("key", ""))
    amend(request, kept, lambda answers: drafts.with_person(answers, key))
    return redirect("households:person", token=kept.token, key=key)


@on_draft
@require_http_methods(["GET", "POST"])
def remove_person(request, kept, key: str):
    if request.method == "POST":
        services.remove_person(token=kept.token, key=key, by=request.user, at=timezone.now(), on=timezone.localdate())
    return redirect(pages.to_members(kept.token))


@on_draft
@require_http_methods(["GET", "POST"])
def summary(request, kept):
    """The whole declaration read back before it is sent; POST sends it, once, and not behind the back of whoever is on it too."""
    status, others = 200, present(request, kept)
    if request.method == "POST":
        if others and not request.POST.get("together"):
            status = 409
        else:
            try:
                sent = services.submit_registration(token=kept.token, on=timezone.localdate(), by=request.user, law=request.law)
            except services.DeclarationRefused:
                status = 422
            else:
                return redirect("desk:household", code=sent.household.code)
    return _summary(request, opened(request, kept), others, status)


def _summary(request, work: Open, others: list, status: int) -> HttpResponse:
    people = pages.people(work.answers, work.found, **today(request))
    context = pages.frame(work.answers, work.found, work.request, "summary") | {
        "sentence": sentences.portrait(work.answers, work.found, place=work.request.commune, on=timezone.localdate()),
        "sections": pages.read_back(work.answers, work.found),
        "people": people,
        "branches": family_of(people),
        "problems": pages.problem_links(work.answers, work.found, work.token),
        "warnings": pages.warnings(work.answers, work.found, on=timezone.localdate()),
        "evidence": list(work.request.evidence.order_by("id")),
        "differences": _differences(work),
        "refused": status == 422,
        "asked_together": status == 409,
        "present": others,
        "by": request.user,
    }
    return render(request, "households/summary.html", context, status=status)


def _differences(work: Open) -> list | None:
    """For an update, only what changed since its draft began; None for a registration, where everything is new."""
    before = work.request.before
    if work.request.kind != Request.Kind.UPDATE or not isinstance(before, dict):
        return None
    return differences(before, work.answers, milieu=work.found.milieu)


@on_draft
@require_http_methods(["GET", "POST"])
def discard(request, kept):
    if request.method == "GET":
        return redirect("households:summary", token=kept.token)
    others = present(request, kept)
    if others:
        sentence = _("%(name)s a ce brouillon ouvert : convenez-en d’abord, il ne peut pas être abandonné maintenant.")
        messages.warning(request, sentence % {"name": others[0].user})
        return redirect("households:summary", token=kept.token)
    services.discard_draft(token=kept.token, on=timezone.localdate(), by=request.user)
    return redirect("households:register")
