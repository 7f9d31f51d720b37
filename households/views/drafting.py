"""What every page of a draft has around it: whose it is, who else is on it, and how what it sends is kept and answered."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from rsu.authentication import role_required
from rsu.stash import author_mark

from .. import drafts, family, forms, merging, pages, queries, services
from ..declaration import Declaration
from ..models import Request
from ..permissions import PEOPLE, may_resume, may_work_on
from ..services import Saved

register_role = role_required(*PEOPLE)


@dataclass(frozen=True)
class Open:
    """A draft under work: what was typed, and what reads well or badly in it today."""

    request: Request
    answers: dict
    found: Declaration

    @property
    def token(self):
        return self.request.token


def opened(request, kept: Request) -> Open:
    found = services.read_draft(kept, on=timezone.localdate(), by=request.user, law=request.law)
    return Open(kept, kept.answers, found)


def on_draft(view):
    """Find a draft the user works on. A colleague's is first to take up; one sent leads to its household; any other is a 404."""

    @register_role
    @wraps(view)
    def found(request, token, **kwargs):
        kept = queries.questionnaire(request.user, token)
        if kept is not None and _stands_elsewhere(kept):
            return redirect("desk:request", pk=kept.pk)
        if kept is None or kept.status == Request.Status.REJECTED:
            raise Http404
        if kept.status != Request.Status.DRAFT:
            return _sent(request, kept)
        if not may_work_on(request.user, kept):
            return _to_take_up(request, kept)
        if any(not member.get("key") for member in drafts.people(kept.answers)):
            kept = amend(request, kept, drafts.keyed)  # a draft begun elsewhere than on these pages
        services.be_present(request=kept, window=window_of(request), at=timezone.now(), by=request.user)
        return view(request, kept, **kwargs)

    return found


def _stands_elsewhere(kept: Request) -> bool:
    """Whether the request has a page of its own rather than questions: sent already, put aside, or asked in words."""
    return kept.kind != Request.Kind.REGISTRATION and (kept.status != Request.Status.DRAFT or not kept.answers)


def _sent(request, kept: Request) -> HttpResponse:
    """One's own registration already sent leads to its file; what another page still sends to it is not added, and that is said."""
    if kept.household_id is None or not (may_work_on(request.user, kept) or kept.status == Request.Status.PROCESSED):
        raise Http404
    if request.headers.get("X-Autosave"):
        return HttpResponse(status=410)
    if request.method == "POST" and kept.processed_by_id not in (None, request.user.pk):
        words = {"name": kept.processed_by, "time": timezone.localtime(kept.processed_at).strftime("%H:%M")}
        messages.warning(request, _("%(name)s a enregistré ce ménage à %(time)s : votre dernière page n’y a pas été ajoutée.") % words)
    return redirect("desk:household", code=kept.household.code)


def _to_take_up(request, kept: Request) -> HttpResponse:
    if not may_resume(request.user, kept):
        raise Http404
    context = {"draft": kept, "title": pages.veiled_title(kept), "present": present(request, kept), "by": request.user}
    return render(request, "households/resume.html", context, status=200 if request.method == "GET" else 409)


def amend(request, kept: Request, change: Callable[[dict], dict]) -> Request:
    return services.amend_draft(token=kept.token, change=change, by=request.user, on=timezone.localdate())


def window_of(request) -> str:
    """A mark of this browser, the same for all its tabs and after another login; the cookie itself is kept nowhere."""
    return hashlib.sha256(str(request.browser).encode()).hexdigest()[:12]


def present(request, kept: Request) -> list:
    since = timezone.now() - services.FADES_AFTER
    return queries.present_on(kept, since=since, besides=request.user, window=window_of(request))


def today(request) -> dict:
    return {"on": timezone.localdate(), "adult_age": request.law.value("registration.adult_age")}


def choices(request, work: Open, position: int | None = None) -> forms.Choices:
    return forms.Choices(
        **today(request),
        communes=list(queries.communes_for(request.user, work.request)) if position is None else (),
        people=drafts.people(work.answers),
        own_position=position,
        offered=_offered(request, work, position) if position is not None else {},
    )


def _offered(request, work: Open, position: int) -> dict[str, list[int]]:
    """From what is saved; a page without scripts offers the same."""
    roles = ("spouse", *family.PARENTS)
    return {role: family.offered(role, work.found.members, position, on=timezone.localdate(), law=request.law) for role in roles}


def page_fields(request, *, mark: str, base: Mapping[str, str], order) -> dict:
    """What a page says of itself, as the hidden fields of its form."""
    return {"mark": mark, "base": base, "order": " ".join(order), "author": author_mark(request.user)}


def answered_autosave(request, kept: Request, saved: Saved, members: list) -> JsonResponse:
    """What the page may say it was opened with from now on, the answers to settle, and who else is there."""
    shown = pages.settlings(saved.clashes, members)
    return JsonResponse(
        {
            "kept": timezone.localtime(kept.saved_at).strftime("%H:%M"),
            "base": saved.base,
            "clashes": {name: render_to_string("households/_clash.html", {"clash": clash}) for name, clash in shown.items()},
            "said": _("Une réponse est à départager.") if shown else "",
        },
        status=200,
    )


def sent_page(request) -> merging.Page:
    return merging.read_page(request.POST)
