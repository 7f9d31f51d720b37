"""The pages of a registration serve the drafts of requests too; what is theirs alone: read back what changed, send, put aside."""

from collections.abc import Iterable
from dataclasses import replace

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from .. import drafts, forms, pages, services
from ..changes import by_key
from ..drafts import POINTERS
from ..forms import label
from ..models import Request
from ..problems import Problem
from ..questions import PERSON
from .drafting import on_draft, opened, present, today


def summary(request, work):
    """Only what changed, before → after; POST sends it, once, and leads to the request's own page."""
    refusal, status = "", 200
    if request.method == "POST":
        try:
            sent = services.submit_request(token=work.token, on=timezone.localdate(), by=request.user, law=request.law)
        except services.DeclarationRefused:
            status = 422
        except services.RequestRefused as refused:
            if "left" in refused.problems:
                return redirect("households:left", token=work.token)
            refusal, status = refused.problems.get("", ""), 422
        else:
            return redirect("desk:request", pk=sent.pk)
    context = pages.frame(work.answers, work.found, work.request, "summary") | {
        "problems": pages.problem_links(work.answers, work.found, work.token),
        "warnings": pages.warnings(work.answers, work.found, on=timezone.localdate()),
        "refusal": refusal,
        "refused": status == 422,
        "present": present(request, work.request),
        "by": request.user,
    }
    return render(request, "households/update_summary.html", context, status=status)


@on_draft
@require_http_methods(["GET", "POST"])
def left(request, kept: Request):
    """What the household that people leave owes because they leave: one person of it at a time, then back to the draft."""
    posted = request.method == "POST"
    if posted:
        kept = services.tell_left(token=kept.token, key=request.POST.get("person", ""), answers=_told(request, kept), **_by(request))
    problems = services.left_problems(kept, **_by(request), law=request.law)
    work = opened(request, kept)
    if not problems:
        section = {"split": "address", "transfer": "members"}[kept.occasion]
        return redirect("households:draft", kept.token, section) if work.found.problems else redirect("households:summary", kept.token)
    answers = services.left_by(kept)
    members = by_key(answers)
    place, key = next(((at, key) for at, key in enumerate(members, start=1) if _of(problems, at)), (None, ""))
    context = pages.frame(work.answers, work.found, kept, "left") | {"by": request.user, "present": present(request, kept), "key": key}
    if place is None:
        context["refusals"] = [problem.sentence for problem in problems]
    else:
        own = _of(problems, place)
        asked = {problem.path for problem in own} | kept.details.get("left", {}).get(key, {}).keys()
        context["form"] = forms.QuestionsForm(
            [question for question in PERSON if question.field in asked],
            answers=drafts.people(answers)[place - 1],
            choices=forms.Choices(**today(request), people=drafts.people(answers), own_position=place),
            problems=own if posted and request.POST.get("person") == key else [],
        )
        context["name"] = label(members[key], place)
    return render(request, "households/left.html", context, status=422 if posted else 200)


def _by(request) -> dict:
    return {"on": timezone.localdate(), "by": request.user}


def _told(request, kept: Request) -> dict:
    """Answers as typed, who is pointed to by their key."""
    keys = list(by_key(services.left_by(kept)))
    told = drafts.entered([question for question in PERSON if question.field in request.POST], request.POST)
    places = {name: told[name] for name in POINTERS if isinstance(told.get(name), int)}
    return told | {name: keys[place - 1] if 0 < place <= len(keys) else None for name, place in places.items()}


def _of(problems: Iterable[Problem], place: int) -> list[Problem]:
    start = f"members.{place}."
    return [replace(problem, path=problem.path.removeprefix(start)) for problem in problems if problem.path.startswith(start)]


def withdraw(request, kept: Request):
    """Put the draft aside and go back to the family's file."""
    services.withdraw_request(token=kept.token, on=timezone.localdate(), by=request.user)
    messages.info(request, _("La demande est abandonnée ; rien n’a changé au dossier."))
    return redirect("desk:household", code=kept.household.code)
