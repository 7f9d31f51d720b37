"""What the household that people leave owes because they leave: who becomes head, one person's answers at a time."""

from collections.abc import Iterable, Mapping

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rsu import stash
from rsu.stash import author_mark

from .. import drafts, events, forms, pages, services
from ..changes import by_key
from ..drafts import POINTERS
from ..forms import label
from ..models import Request
from ..problems import Problem
from ..questions import PERSON
from .drafting import on_draft, opened, present, today

WITH_CHARGE = {"charge", "charge_document"}
"""Asked together: the paper is needed by some of those who may have charge."""


@on_draft
@require_http_methods(["GET", "POST"])
def left(request, kept: Request):
    """The first person who owes an answer, or `?person=` to correct one given before; then back to the draft."""
    if not services.leaves(kept):
        raise Http404
    posted, typed = None, stash.take_back(request) if request.method == "GET" else None
    if request.method == "POST":
        posted = request.POST.get("person", "")
        kept = services.tell_left(
            token=kept.token, key=posted, answers=_told(kept, request.POST), new_head=request.POST.get("new_head", ""), **_by(request)
        )
    problems = services.left_problems(kept, **_by(request), law=request.law)
    answers = services.left_now(kept)
    members = by_key(answers)
    asked = typed.get("person", "") if typed else request.GET.get("person", "")
    key = posted if posted and _of(problems, members, posted) else asked if asked in members else _first(problems, members)
    if posted is not None and key != posted:
        return redirect("households:left", token=kept.token) if problems else _back(request, kept)
    if not problems and not key:
        return _back(request, kept)
    return _page(request, kept, answers, key, problems, posted=posted is not None, typed=typed)


def _by(request) -> dict:
    return {"on": timezone.localdate(), "by": request.user}


def _back(request, kept: Request):
    if not opened(request, kept).found.problems:
        return redirect("households:summary", token=kept.token)
    return redirect("households:draft", token=kept.token, section="address" if kept.occasion == Request.Occasion.SPLIT else "members")


def _page(request, kept: Request, answers: dict, key: str, problems: list[Problem], *, posted: bool, typed: Mapping | None):
    work = opened(request, kept)
    named = [(one, label(member, place)) for place, (one, member) in enumerate(by_key(answers).items(), start=1)]
    context = pages.frame(work.answers, work.found, kept, "left") | {
        "by": request.user, "present": present(request, kept), "key": key, "author": author_mark(request.user), "came_back": typed is not None,
    }  # fmt: skip
    if events.head_of(answers) is None:
        context["heads"] = named
    elif key:
        context["form"], context["name"] = _form(request, kept, answers, key, problems, posted=posted, typed=typed), dict(named)[key]
    else:
        context["refusals"] = [problem.sentence for problem in problems]
    return render(request, "households/left.html", context, status=422 if posted else 200)


def _form(
    request, kept: Request, answers: dict, key: str, problems: list[Problem], *, posted: bool, typed: Mapping | None
) -> forms.QuestionsForm:
    people, members = drafts.people(answers), by_key(answers)
    place = list(members).index(key) + 1
    own = pages.at_position(problems, place)
    asked = {problem.path for problem in own} | kept.details.get("left", {}).get(key, {}).keys()
    if asked & WITH_CHARGE:
        asked |= WITH_CHARGE
    questions = [question for question in PERSON if question.field in asked]
    shown = people[place - 1] | (drafts.entered([q for q in questions if q.field in typed], typed) if typed else {})
    choices = forms.Choices(**today(request), people=people, own_position=place)
    return forms.QuestionsForm(questions, answers=shown, choices=choices, problems=own if posted else [])


def _told(kept: Request, data: Mapping) -> dict:
    """Answers as typed, who is pointed to by their key."""
    keys = list(by_key(services.left_now(kept)))
    told = drafts.entered([question for question in PERSON if question.field in data], data)
    places = {name: told[name] for name in POINTERS if isinstance(told.get(name), int)}
    return told | {name: keys[place - 1] if 0 < place <= len(keys) else None for name, place in places.items()}


def _first(problems: list[Problem], members: Mapping) -> str:
    return next((key for key in members if _of(problems, members, key)), "")


def _of(problems: Iterable[Problem], members: Mapping, key: str) -> list[Problem]:
    return pages.at_position(problems, list(members).index(key) + 1) if key in members else []
