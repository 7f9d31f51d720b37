"""The pages with questions on them: a section of the household's own, the list of its people, one person."""

from collections.abc import Mapping

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rsu import stash

from .. import drafts, forms, merging, met, occupations, pages, services, transliteration
from ..composition import family_of
from ..models import Request
from ..questions import PERSON_PARTS, SECTIONS, person_questions
from ..services import Saved
from .drafting import (
    Open,
    amend,
    answered_autosave,
    choices,
    on_draft,
    opened,
    page_fields,
    present,
    sent_page,
    today,
)

REFUSED, TO_SETTLE = 422, 409


@on_draft
@require_http_methods(["GET", "POST"])
def draft(request, kept: Request, section: str):
    """One section of the household's own questions, or the list of its people."""
    if section not in SECTIONS:
        raise Http404
    if section == "members":
        return _members(request, kept)
    work = opened(request, kept)
    if request.method != "POST":
        return _section(request, work, section, checked="check" in request.GET)
    questions = pages.questions_of(work.found, section)
    saved = services.save_section(
        token=kept.token,
        questions=questions,
        entered=drafts.entered(questions, request.POST),
        confirmed=request.POST.getlist("confirm"),
        page=sent_page(request),
        by=request.user,
        at=timezone.now(),
        on=timezone.localdate(),
    )
    if request.headers.get("X-Autosave"):
        return answered_autosave(request, saved.request, saved, drafts.people(saved.request.answers))
    work = opened(request, saved.request)
    if saved.clashes:
        return _section(request, work, section, saved=saved, status=TO_SETTLE)
    if "later" in request.POST:
        return redirect("households:summary", token=kept.token)
    if pages.of_section(work.found.problems, section):
        return _section(request, work, section, saved=saved, status=REFUSED)
    return redirect(pages.after(kept.token, section))


def _section(request, work: Open, section: str, *, saved: Saved | None = None, checked: bool = False, status: int = 200):
    offered = choices(request, work)
    questions = pages.questions_of(work.found, section)
    shown, order = _shown(request, questions, work.answers, work, saved)
    if not any(commune.has_urban_center for commune in offered.communes):
        questions = [question for question in questions if question.field != "inside_center"]
    problems = [problem for problem in pages.of_section(work.found.problems, section) if saved or checked or not problem.missing]
    clashes = pages.settlings(saved.clashes if saved else [], drafts.people(work.answers))
    form = forms.QuestionsForm(questions, answers=shown["answers"], choices=offered, problems=problems, clashes=clashes)
    context = pages.frame(work.answers, work.found, work.request, section) | {
        "form": form,
        "section": section,
        "title": SECTIONS[section],
        "page": page_fields(request, mark=shown["mark"], base=shown["base"], order=order),
        "came_back": shown["came_back"],
        "present": present(request, work.request),
        "by": request.user,
    }
    return render(request, "households/draft.html", context, status=status)


def _shown(request, questions, stored: Mapping, work: Open, saved: Saved | None) -> tuple[dict, list[str]]:
    """The answers to show, the page's mark and base: as stored, with what a session that ended had kept, or what is to settle."""
    order = drafts.keys(work.answers)
    if saved is not None:
        mine = {name: value for clash in saved.clashes for name, value in clash.mine.items()}
        shown = {"answers": {**stored, **mine}, "mark": sent_page(request).mark or merging.new_mark(), "base": saved.base}
        return shown | {"came_back": False}, order
    typed = stash.take_back(request) if request.method == "GET" else None
    if typed is None:
        shown = {"answers": stored, "mark": merging.new_mark(), "base": merging.digests(questions, stored, order)}
        return shown | {"came_back": False}, order
    page = merging.read_page(typed)
    entered = merging.repointed(questions, drafts.entered(questions, typed), before=page.order, now=order)
    return {"answers": {**stored, **entered}, "mark": page.mark, "base": page.base, "came_back": True}, order


def _members(request, kept: Request):
    if request.method == "POST":
        return redirect(pages.to_members(kept.token))
    work = opened(request, kept)
    people = pages.people(work.answers, work.found, **today(request))
    context = pages.frame(work.answers, work.found, kept, "members") | {
        "title": SECTIONS["members"],
        "people": people,
        "branches": family_of(people),
        "problems": [problem for problem in pages.of_section(work.found.problems, "members") if problem.path == "members"],
        "key": drafts.new_key(),
        "present": present(request, kept),
        "by": request.user,
        "page_name": "members",
    }
    context |= met.context(kept, work.found, work.answers, by=request.user)
    return render(request, "households/members.html", context)


@on_draft
@require_http_methods(["GET", "POST"])
def person(request, kept: Request, key: str):
    """One person's questions, in parts, on one page."""
    if request.method != "POST":
        if drafts.position_of(kept.answers, key) is None:
            raise Http404
        return _person(request, opened(request, kept), key, checked="check" in request.GET)
    entered = drafts.entered(person_questions(None), request.POST)
    if (accepted := request.POST.get("accept", "")) in transliteration.OTHER:
        entered |= {accepted: transliteration.suggestion(accepted, entered) or entered[accepted]}
    try:
        saved = services.save_person(
            token=kept.token,
            key=key,
            questions=person_questions(None),
            entered=entered,
            confirmed=request.POST.getlist("confirm"),
            page=sent_page(request),
            restore="restore" in request.POST,
            by=request.user,
            at=timezone.now(),
            on=timezone.localdate(),
        )
    except services.PersonGone as gone:
        return _gone(request, kept, key, entered, gone)
    return _person_saved(request, saved, key)


def _person_saved(request, saved: Saved, key: str):
    if request.headers.get("X-Autosave"):
        return answered_autosave(request, saved.request, saved, drafts.people(saved.request.answers))
    work = opened(request, saved.request)
    if saved.clashes:
        return _person(request, work, key, saved=saved, status=TO_SETTLE)
    if request.POST.get("accept"):
        return redirect("households:person", token=work.token, key=key)
    if "later" in request.POST:
        return redirect("households:summary", token=work.token)
    if pages.of_person(work, key):
        return _person(request, work, key, saved=saved, status=REFUSED)
    if "another" in request.POST:
        another = drafts.clean_key(request.POST["another"])
        amend(request, saved.request, lambda answers: drafts.with_person(answers, another))
        return redirect("households:person", token=work.token, key=another)
    return redirect(pages.to_members(work.token))


def _person(request, work: Open, key: str, *, saved: Saved | None = None, checked: bool = False, status: int = 200):
    position = drafts.position_of(work.answers, key)
    member = drafts.people(work.answers)[position - 1]
    problems = [problem for problem in pages.of_person(work, key) if saved or checked or not problem.missing]
    shown, order = _shown(request, person_questions(None), member, work, saved)
    clashes = pages.settlings(saved.clashes if saved else [], drafts.people(work.answers))
    offered = choices(request, work, position)
    form = forms.QuestionsForm(
        person_questions(work.found.milieu), answers=shown["answers"], choices=offered, problems=problems, clashes=clashes
    )  # fmt: skip
    context = _around_person(request, work, form, key, offered, title=forms.label(member, position)) | {
        "page": page_fields(request, mark=shown["mark"], base=shown["base"], order=order),
        "came_back": shown["came_back"],
        "couple": pages.couple_of(work.answers, besides=position),
        "member": member,
        "inside": True,
    }
    context |= met.context(work.request, work.found, work.answers, by=request.user, only=key)
    return render(request, "households/person.html", context, status=status)


def _around_person(request, work: Open, form: forms.QuestionsForm, key: str, offered: forms.Choices, *, title: str) -> dict:
    return pages.frame(work.answers, work.found, work.request, "members") | {
        "form": form,
        "parts": pages.parts(form, PERSON_PARTS),
        "key": key,
        "another": drafts.new_key(),
        "title": title,
        "occupations": occupations.listed(),
        "last_names": pages.last_names(work.answers),
        "on": offered.on,
        "present": present(request, work.request),
        "by": request.user,
    }


def _gone(request, kept: Request, key: str, entered: dict, gone: services.PersonGone) -> HttpResponse:
    """Somebody took this person out meanwhile: what was typed stays on the page, and its button puts the person back."""
    told = pages.gone_sentence(gone.written)
    if request.headers.get("X-Autosave"):
        return JsonResponse({"kept": "", "base": {}, "clashes": {}, "said": told})
    work = opened(request, kept)
    order = drafts.keys(work.answers)
    entered = merging.repointed(person_questions(None), entered, before=sent_page(request).order, now=order)
    offered = choices(request, work, len(order) + 1)
    form = forms.QuestionsForm(person_questions(work.found.milieu), answers=entered, choices=offered)
    context = _around_person(request, work, form, key, offered, title=forms.label(entered, len(order) + 1)) | {
        "page": page_fields(request, mark=sent_page(request).mark, base={}, order=order),
        "member": entered,
        "gone": told,
    }
    return render(request, "households/person.html", context, status=TO_SETTLE)
