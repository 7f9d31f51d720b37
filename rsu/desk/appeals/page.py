"""The page of one appeal: what is contested and why, the evidence, before and after, and the deed that comes next."""

from datetime import date

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

import enrollment.permissions
from enrollment import appeals
from enrollment.appeal_lifecycle import DECIDERS
from enrollment.contested import title_of
from enrollment.models import Appeal
from households.permissions import may_handle_request
from households.queue import assignable
from households.updates import Side, parted, sides_of
from rsu import audit
from rsu.authentication import role_required
from rsu.models import User

from . import effects
from .judging import JudgeForm
from .words import WORDS, forms_of

JUDGED = ("uphold", "dismiss")
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


def shown(request, appeal: Appeal, *, refused: str = "", problems: dict[str, str] | None = None, status: int = 200, weighed: bool = False):
    """The page as it stands; `problems` of the deed refused stand beside what was typed for it. `weighed`, it shows the effect of what
    was chosen on it, and nothing is done."""
    user, today = request.user, timezone.localdate()
    handles = enrollment.permissions.may_decide(user, appeal.household)
    sides, carried = parted(sides_of(appeal.request), appeal.request.touched) if appeal.ground == "answer" else ([], [])
    judging = JudgeForm(appeal, request.POST if weighed or refused in JUDGED else None, claims=_claims(appeal, sides))
    seen = _seen(appeal, judging, on=today, by=user)
    if weighed:
        found = seen.refused if seen else {}
        problems = judging.unchosen() | {name: said for name, said in found.items() if name}  # the effect's own card says the rest
    if judging.is_bound:
        judging.refuse(problems or {})
        status = 422 if judging.errors else status
    why_not = enrollment.permissions.why_not_judge(user, appeal)
    context = {
        "appeal": appeal,
        "title": title_of(appeal),
        "household": appeal.household,
        "asked": appeal.request,
        "sides": sides,
        "carried": carried,
        "evidence": list(appeal.request.evidence.select_related("added_by").order_by("id")),
        "foreseen": seen and seen.foreseen,
        "given": seen.given if seen else effects.given(appeal, {} if appeal.is_open else appeal.effect),
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
        "judging": judging,
        "forms": forms_of(refused, request.POST if refused else None, problems or {}),
        "refused": refused,
        "refusal": "" if weighed or refused in (*WORDS, *JUDGED) else (problems or {}).get("", ""),
        "changed_since": _changed_since(appeal),
        "late_answer": appeal.is_open and appeal.due_on < today,
        "on": today,
    }
    return render(request, "desk/appeals/appeal.html", context, status=status)


def _seen(appeal: Appeal, judging: JudgeForm, *, on: date, by: User) -> effects.Seen | None:
    """What upholding would do as it is chosen on the form; None where it is decided, or where the day typed is no day."""
    chosen = judging.chosen()
    if not appeal.is_open or chosen is None:
        return None
    accepted, since = chosen
    return effects.foresee(appeal, accepted=accepted, since=since, on=on, by=by)


def _claims(appeal: Appeal, sides: list[Side]) -> list[tuple[str, str]]:
    """(path, whose and which question) for each answer claimed."""
    lines = [(party, line) for side in sides for party in side.parties for line in party.lines]
    if len(lines) != len(appeal.request.touched):
        return []  # somebody comes or goes: granted whole or not at all
    named = [format_html("<bdi>{}</bdi> · {}", party.name, line.question) if party.key else line.question for party, line in lines]
    return list(zip(appeal.request.touched, named, strict=True))


def _changed_since(appeal: Appeal) -> bool:
    """Whether other requests have changed the family's answers since the contested day: they count in what is shown."""
    others = appeal.household.requests.filter(status="processed", submitted_on__gt=appeal.since).exclude(pk=appeal.request_id)
    return appeal.is_open and others.exclude(touched=[]).exists()
