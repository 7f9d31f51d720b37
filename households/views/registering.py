"""The pages of a registration: any section in any order, kept at each step, read whole at the end."""

import uuid
from dataclasses import dataclass
from functools import wraps

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from rsu.authentication import role_required

from .. import drafts, forms, occupations, pages, queries, services, transliteration
from ..declaration import Declaration
from ..models import Request
from ..permissions import PEOPLE
from ..questions import PERSON_PARTS, SECTIONS, person_questions

register_role = role_required(*PEOPLE)


@register_role
@require_http_methods(["GET", "POST"])
def register(request):
    """The token comes with the page: its button pressed twice starts one registration."""
    if request.method == "GET":
        mine = [(draft, pages.draft_title(draft)) for draft in queries.drafts_of(request.user)[:50]]
        context = {"token": uuid.uuid4(), "drafts": mine}
        return render(request, "households/register.html", context)
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    communes = list(queries.communes_offered(request.user)[:2])
    first = {"commune": communes[0].code} if len(communes) == 1 else {}
    first |= queries.begun_from(request.POST.get("looked_for", "").replace("\0", "").strip()[:100], drafts.new_key())
    services.amend_draft(token=token, change=lambda kept: kept or first, by=request.user, on=timezone.localdate())
    return redirect("households:draft", token=token, section="address")


@dataclass(frozen=True)
class Open:
    """A draft under work: what was typed, and what reads well or badly in it today."""

    request: Request
    answers: dict
    found: Declaration

    @property
    def token(self):
        return self.request.token


def _open(request, kept: Request) -> Open:
    found = services.read_declaration(kept.answers, on=timezone.localdate(), by=request.user, law=request.law)
    return Open(kept, kept.answers, found)


def on_draft(view):
    """Find the user's own draft, 404 for anybody else's; one already sent leads to its household."""

    @register_role
    @wraps(view)
    def found(request, token, **kwargs):
        kept = queries.registration(request.user, token)
        if kept is None or kept.status == Request.Status.REJECTED:
            raise Http404
        if kept.status == Request.Status.PROCESSED:
            return redirect("desk:household", code=kept.household.code)
        if any(not member.get("key") for member in drafts.people(kept.answers)):
            kept = _amend(request, kept, drafts.keyed)  # a draft begun elsewhere than on these pages
        return view(request, kept, **kwargs)

    return found


def _amend(request, kept: Request, change) -> Request:
    return services.amend_draft(token=kept.token, change=change, by=request.user, on=timezone.localdate())


def _answer(request, kept: Request, page, following):
    """After saving: nothing to say to an autosave, elsewhere when all is well or put off, the same page with what is wrong."""
    if request.headers.get("X-Autosave"):
        return HttpResponse(status=204)
    if "later" in request.POST:
        return redirect("households:summary", token=kept.token)
    work = _open(request, kept)
    if problems := page(work):
        return work, problems
    return redirect(following(work))


def _today(request) -> dict:
    return {"on": timezone.localdate(), "adult_age": request.law.value("registration.adult_age")}


def _choices(request, work: Open, position: int | None = None) -> forms.Choices:
    return forms.Choices(
        **_today(request),
        communes=list(queries.communes_offered(request.user)) if position is None else (),
        people=drafts.people(work.answers),
        own_position=position,
    )


@on_draft
@require_http_methods(["GET", "POST"])
def draft(request, kept: Request, section: str):
    """One section of the household's own questions, or the list of its people."""
    if section not in SECTIONS:
        raise Http404
    if section == "members":
        return _members(request, kept)
    work, checked = _open(request, kept), "check" in request.GET
    if request.method == "POST":
        changes = drafts.entered(pages.questions_of(work.found, section), request.POST)
        kept = _amend(request, kept, lambda answers: drafts.amended(answers, changes, request.POST.getlist("confirm")))
        answered = _answer(
            request, kept, lambda now: pages.of_section(now.found.problems, section), lambda now: pages.after(now.token, section)
        )
        if isinstance(answered, HttpResponse):
            return answered
        (work, _problems), checked = answered, True
    questions = pages.questions_of(work.found, section)
    choices = _choices(request, work)
    if not any(commune.has_urban_center for commune in choices.communes):
        questions = [question for question in questions if question.field != "inside_center"]
    problems = [problem for problem in pages.of_section(work.found.problems, section) if checked or not problem.missing]
    form = forms.QuestionsForm(questions, answers=work.answers, choices=choices, problems=problems)
    context = pages.frame(work.answers, work.found, kept, section) | {"form": form, "section": section, "title": SECTIONS[section]}
    return render(request, "households/draft.html", context, status=422 if request.method == "POST" else 200)


def _members(request, kept: Request):
    work = _open(request, kept)
    context = pages.frame(work.answers, work.found, kept, "members") | {
        "title": SECTIONS["members"],
        "people": pages.people(work.answers, work.found, **_today(request)),
        "problems": pages.of_section(work.found.problems, "members"),
        "key": drafts.new_key(),
    }
    return render(request, "households/members.html", context)


@on_draft
@require_POST
def add_person(request, kept: Request):
    key = request.POST.get("key", "")
    key = key if key.isalnum() and len(key) <= 16 else drafts.new_key()
    _amend(request, kept, lambda answers: drafts.with_person(answers, key))
    return redirect("households:person", token=kept.token, key=key)


@on_draft
@require_POST
def remove_person(request, kept: Request, key: str):
    _amend(request, kept, lambda answers: drafts.without_person(answers, key))
    return redirect("households:draft", token=kept.token, section="members")


@on_draft
@require_http_methods(["GET", "POST"])
def person(request, kept: Request, key: str):
    """One person's questions, in parts, on one page."""
    if drafts.position_of(kept.answers, key) is None:
        raise Http404
    checked = False
    if request.method == "POST":
        changes = drafts.entered(person_questions(None), request.POST)
        if (accepted := request.POST.get("accept", "")) in transliteration.OTHER:
            changes |= {accepted: transliteration.suggestion(accepted, changes) or changes[accepted]}
        kept = _amend(request, kept, lambda answers: drafts.person_amended(answers, key, changes, request.POST.getlist("confirm")))
        if accepted:
            return redirect("households:person", token=kept.token, key=key)
        answered = _answer(request, kept, lambda now: pages.of_person(now, key), lambda now: pages.to_members(now.token))
        if isinstance(answered, HttpResponse):
            return answered
        (work, _problems), checked = answered, True
    else:
        work = _open(request, kept)
    position = drafts.position_of(work.answers, key)
    member = drafts.people(work.answers)[position - 1]
    checked = checked or "check" in request.GET
    problems = [problem for problem in pages.of_person(work, key) if checked or not problem.missing]
    choices = _choices(request, work, position)
    form = forms.QuestionsForm(person_questions(work.found.milieu), answers=member, choices=choices, problems=problems)
    context = pages.frame(work.answers, work.found, kept, "members") | {
        "form": form,
        "parts": pages.parts(form, PERSON_PARTS),
        "key": key,
        "member": member,
        "title": forms.label(member, position),
        "occupations": occupations.listed(),
        "on": choices.on,
    }
    return render(request, "households/person.html", context, status=422 if request.method == "POST" else 200)


@on_draft
@require_http_methods(["GET", "POST"])
def summary(request, kept: Request):
    """The whole declaration read back before it is sent; POST sends it, once."""
    if request.method == "POST":
        try:
            sent = services.submit_registration(token=kept.token, on=timezone.localdate(), by=request.user, law=request.law)
        except services.DeclarationRefused:
            status = 422
        else:
            return redirect("desk:household", code=sent.household.code)
    else:
        status = 200
    work = _open(request, kept)
    context = pages.frame(work.answers, work.found, kept, "summary") | {
        "sections": pages.read_back(work.answers, work.found),
        "people": pages.people(work.answers, work.found, **_today(request)),
        "problems": pages.problem_links(work.answers, work.found, kept.token),
        "warnings": pages.warnings(work.answers, work.found, on=timezone.localdate()),
        "refused": status == 422,
    }
    return render(request, "households/summary.html", context, status=status)


@on_draft
@require_POST
def discard(request, kept: Request):
    services.discard_draft(token=kept.token, on=timezone.localdate(), by=request.user)
    return redirect("households:register")
