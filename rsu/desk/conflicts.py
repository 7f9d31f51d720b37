"""Contradictions between a family's answer and a partner's: the queue, and the page on which somebody settles one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import households.permissions
import households.queries
import households.services
from households.declared import plain_answer
from households.models import AnswerConflict, Member
from households.pages import shown
from households.questions import BY_FIELD
from rsu import audit
from rsu.authentication import role_required

from . import taking

READERS = ("caseworker", "supervisor", "administrator", "auditor")
SETTLERS = ("caseworker", "supervisor")


FIELDS = {
    "cover": gettext_lazy("couverture maladie"),
    "other_allowances": gettext_lazy("allocations familiales"),
    "schooling": gettext_lazy("scolarité"),
    "disability": gettext_lazy("handicap"),
    "marital_status": gettext_lazy("situation familiale"),
    "birth": gettext_lazy("naissance"),
    "death": gettext_lazy("décès"),
    "born_on": gettext_lazy("date de naissance"),
}
"""What a contradiction may be about."""
DAYS = {"died_on": gettext_lazy("Date du décès"), "born_on": gettext_lazy("Date de naissance")}
"""What a register says of an event, that no question asks so."""


@role_required(*READERS)
@require_GET
def conflicts(request):
    """What waits to be settled, the nearest deadline first; `late` shows those whose days have run out, `field` those of one subject."""
    field, late, today = request.GET.get("field", ""), bool(request.GET.get("late")), timezone.localdate()
    waiting = households.queries.open_conflicts(request.user)
    counts = households.queries.conflict_counts(request.user, on=today)
    if field in FIELDS:
        waiting = waiting.filter(field=field)
    if late:
        waiting = waiting.filter(due_on__lt=today)
    if delivery := _delivery(request):
        waiting = waiting.filter(importing=delivery)
    page = Paginator(waiting, 25).get_page(request.GET.get("page"))
    households.permissions.mark_own(request.user, [one.member.household for one in page])
    rows = [(one, FIELDS.get(one.field, one.field), answers_of(one), clock_of(one, today)) for one in page]
    context = {"page": page, "rows": rows, "counts": counts, "fields": FIELDS.items(), "field": field, "late": late, "delivery": delivery}
    return render(request, "desk/conflicts.html", context)


def _delivery(request) -> int | None:
    number = request.GET.get("delivery", "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None


@dataclass(frozen=True)
class Clock:
    """The family's days: how many are left, 0 on the last one; below, they have run out."""

    told_on: date | None
    due_on: date
    left: int
    escalated_on: date | None

    @property
    def late(self) -> bool:
        return self.left < 0


def clock_of(conflict: AnswerConflict, on: date) -> Clock:
    return Clock(conflict.told_on, conflict.due_on, (conflict.due_on - on).days, conflict.escalated_on)


def answers_of(conflict: AnswerConflict) -> list[tuple[str, str, str]]:
    """(question, what was declared, what the partner says), in words."""
    declared = conflict.declared
    return [
        (_label(name), "" if conflict.is_event else in_words(name, declared.get(name)), in_words(name, value))
        for name, value in conflict.verified.items()
    ]


def marked_answers(member: Member, marks: Mapping) -> list[tuple[str, str, object]]:
    """(question, answer in words, mark) of what partners said of a person beside the cover, in the order of the questionnaire."""
    said = {name: mark for (pk, name), mark in marks.items() if pk == member.pk and name not in ("cover", "cover_quality")}
    order = list(BY_FIELD)
    return [
        (_label(name), in_words(name, plain_answer(member, name)), said[name])
        for name in sorted(said, key=lambda name: order.index(name) if name in order else -1)
    ]


def _label(name: str) -> str:
    return str(DAYS[name] if name in DAYS else BY_FIELD[name].label)


def in_words(name: str, value) -> str:
    if value in (None, ""):
        return _("sans objet")
    question = BY_FIELD.get(name)
    if name in DAYS or (question and question.kind == "day"):
        return date_format(date.fromisoformat(value))
    return str(shown(question, {name: value}, []))


@role_required(*READERS)
@require_GET
def conflict(request, pk: int):
    return _page(request, pk)


def _page(request, pk: int, *, refusal: str = "", beside: str = "", asked: str = "", status: int = 200):
    """The page, and after a refusal its reason, `beside` the field it is about where there is one, and what was typed."""
    found = get_object_or_404(households.queries.conflicts_of(request.user), pk=pk)
    household = found.member.household
    audit.record(by=request.user, verb="read_household", household=household)
    context = {
        "conflict": found,
        "household": household,
        "answers": answers_of(found),
        "may_settle": households.permissions.may_handle(request.user, household),
        "waits": found.request is not None and found.request.status == "in_progress",
        "early": timezone.localdate() <= found.due_on,
        "clock": clock_of(found, timezone.localdate()),
        "subject": FIELDS.get(found.field, found.field),
        "refusal": refusal,
        "wrong": asked if beside else "",
        "asked": asked,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "desk/conflict.html", context, status=status)


@role_required(*SETTLERS)
@require_POST
def tell_family(request, pk: int):
    return _settled(
        request, pk, "tell", lambda one: households.services.tell_family(one, on=timezone.localdate(), by=request.user, law=request.law)
    )


@role_required(*SETTLERS)
@require_POST
def keep_answer(request, pk: int):
    reason = request.POST.get("reason", "")
    return _settled(
        request, pk, "keep", lambda one: households.services.keep_answer(one, reason=reason, on=timezone.localdate(), by=request.user)
    )


@role_required(*SETTLERS)
@require_POST
def take_verified(request, pk: int):
    reason = request.POST.get("reason", "")
    return _settled(request, pk, "take", lambda one: taking.take_verified(one, reason=reason, on=timezone.localdate(), by=request.user))


def _settled(request, pk: int, asked: str, deed):
    """Do it to a contradiction the user sees; refused, the same page with the reason and what was typed."""
    found = get_object_or_404(households.queries.conflicts_of(request.user), pk=pk)
    try:
        done = deed(found.pk)
    except households.services.ConflictRefused as refusal:
        return _page(request, pk, refusal=str(refusal), beside=refusal.field, asked=asked, status=422)
    messages.info(request, _told(asked, waits=getattr(done, "waits", False)))
    return redirect("desk:conflict", pk=pk)


def _told(asked: str, *, waits: bool) -> str:
    if waits:
        return _("La mise à jour est envoyée : elle change un droit et attend la signature d’un superviseur.")
    return {
        "tell": _("Le jour où la famille a été prévenue est gardé : elle a jusqu’à la fin du délai pour répondre."),
        "keep": _("La réponse de la famille est gardée, avec le motif."),
        "take": _("La valeur vérifiée est devenue la réponse du ménage, par une mise à jour : l’indice et les droits la suivent."),
    }[asked]
