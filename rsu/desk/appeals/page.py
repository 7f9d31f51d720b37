"""The page of one appeal: what is contested and why, the evidence, before and after, and the deed that comes next."""

from datetime import date

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

import enrollment.permissions
from enrollment import appeals
from enrollment.appeal_lifecycle import DECIDERS
from enrollment.contested import title_of
from enrollment.models import Appeal
from households import entries
from households.entries import Unreadable
from households.permissions import may_handle_request
from households.queue import assignable
from households.updates import Side, parted, sides_of
from rsu import audit
from rsu.authentication import role_required
from rsu.models import User

from . import effects
from .words import WORDS, forms_of

READERS = ("caseworker", "supervisor", "auditor")


@require_safe
@role_required(*READERS)
def page(request, pk: int):
    """Reading it is reading the family's file."""
    appeal = find(request.user, pk)
    audit.record(by=request.user, verb="read_household", household=appeal.household_id, subject=f"appeal:{pk}")
    return shown(request, appeal)


def find(user: User, pk: int) -> Appeal:
    """An appeal of the user's area, or 404."""
    rows = appeals.appeals_of(user).select_related(
        "household__commune", "request__created_by", "request__submitted_by", "notice", "filed_by", "assignee", "decided_by",
        "contested_by", "admitted_by", "enrollment", "allowance",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def shown(request, appeal: Appeal, *, refused: str = "", problems: dict[str, str] | None = None, status: int = 200):
    """The page as it stands; `problems` of the deed refused stand beside what was typed for it."""
    user, today = request.user, timezone.localdate()
    handles = enrollment.permissions.may_decide(user, appeal.household)
    sent = request.POST if request.method == "POST" else request.GET
    since, accepted = _asked_since(sent), sent.getlist("accepted") or None
    seen = effects.foresee(appeal, accepted=accepted, since=since, on=today, by=user) if appeal.is_open else None
    sides, carried = parted(sides_of(appeal.request), appeal.request.touched) if appeal.ground == "answer" else ([], [])
    why_not = enrollment.permissions.why_not_judge(user, appeal)
    context = {
        "appeal": appeal,
        "title": title_of(appeal),
        "household": appeal.household,
        "asked": appeal.request,
        "sides": sides,
        "carried": carried,
        "claims": _claims(appeal, sides, accepted),
        "evidence": list(appeal.request.evidence.select_related("added_by").order_by("id")),
        "foreseen": seen and seen.foreseen,
        "given": seen.given if seen else effects.given(appeal, appeal.effect),
        "replayed": effects.replayed(appeal),
        "moves": appeal.moves.select_related("by").order_by("id"),
        "notes": appeal.notes.select_related("by").order_by("id"),
        "handles": handles,
        "completing": appeal.is_open and appeal.request.status == "draft",
        "works": handles and may_handle_request(user, appeal.request),
        "admits": handles and user.role in DECIDERS,
        "judges": handles and not why_not,
        "why_not": why_not,
        "people": assignable(user, appeal.request) if handles and user.role == User.Role.SUPERVISOR else [],
        "forms": forms_of(refused, request.POST if refused else None, problems or {}),
        "refused": refused,
        "refusal": "" if refused in (*WORDS, "dismiss") else (problems or {}).get("", ""),
        "since": since or appeal.since,
        "changed_since": _changed_since(appeal),
        "late_answer": appeal.is_open and appeal.due_on < today,
        "on": today,
    }
    return render(request, "desk/appeals/appeal.html", context, status=status)


def _asked_since(sent) -> date | None:
    try:
        return entries.day(sent["since"]) if sent.get("since", "").strip() else None
    except Unreadable:
        return None


def _claims(appeal: Appeal, sides: list[Side], accepted) -> list[tuple[str, str, bool]]:
    """(path, question, granted) for each answer claimed."""
    lines = [(party, line) for side in sides for party in side.parties for line in party.lines]
    if len(lines) != len(appeal.request.touched):
        return []  # somebody comes or goes: granted whole or not at all
    named = [f"{party.name} · {line.question}" if party.key else str(line.question) for party, line in lines]
    return [(path, words, accepted is None or path in accepted) for path, words in zip(appeal.request.touched, named, strict=True)]


def _changed_since(appeal: Appeal) -> bool:
    """Whether other requests have changed the family's answers since the contested day: they count in what is shown."""
    others = appeal.household.requests.filter(status="processed", submitted_on__gt=appeal.since).exclude(pk=appeal.request_id)
    return appeal.is_open and others.exclude(touched=[]).exists()
