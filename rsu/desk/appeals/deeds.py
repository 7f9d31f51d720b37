"""What is done to an appeal from its page: one service a button; done already, the page says what was done."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enrollment import services
from enrollment.appeal_lifecycle import PEOPLE
from enrollment.models import Appeal
from enrollment.services import AppealDecided, AppealRefused
from households import entries
from households.entries import Unreadable
from households.services import DeclarationRefused, RequestOutdated
from rsu import audit
from rsu.authentication import role_required
from rsu.models import User

from .page import find, shown


@require_POST
@role_required(*PEOPLE)
def act(request, pk: int, deed: str):
    """Do it, once, and come back to the page; what is refused is said there, and nothing typed is lost."""
    if deed not in DEEDS:
        raise Http404
    appeal = find(request.user, pk)
    done = {"appeal_id": appeal.pk, "on": timezone.localdate(), "by": request.user}
    try:
        DEEDS[deed](request, appeal, done)
    except AppealDecided as decided:
        messages.warning(request, str(decided))
    except AppealRefused as refused:
        return shown(request, find(request.user, pk), refused=deed, problems=refused.problems, status=422)
    except (RequestOutdated, DeclarationRefused):
        return shown(request, find(request.user, pk), refused=deed, status=409)  # the page itself finds and shows what is in the way
    return redirect("desk:appeal", pk=pk)


@require_POST
@role_required(*PEOPLE)
def weigh(request, pk: int):
    """The page with the effect of what is chosen on it: nothing is done, and all that was typed stands."""
    appeal = find(request.user, pk)
    if not appeal.is_open:
        return redirect("desk:appeal", pk=pk)
    audit.record(by=request.user, verb="read_household", household=appeal.household_id, subject=f"appeal:{pk}")
    return shown(request, appeal, weighed=True)


def _examine(request, appeal: Appeal, done: dict) -> None:
    services.examine_appeal(**done)


def _admit(request, appeal: Appeal, done: dict) -> None:
    services.admit_appeal(reason=request.POST.get("admitted_because", ""), **done)


def _uphold(request, appeal: Appeal, done: dict) -> None:
    accepted = request.POST.getlist("accepted") if request.POST.get("claims") else None
    judged, _repair = services.uphold_appeal(
        answer=request.POST.get("answer", ""), accepted=accepted, since=_since(request), **done
    )  # fmt: skip
    if judged.status == Appeal.Status.PARTLY_UPHELD:
        told = _("Le recours est accueilli en partie : ce qui est accordé est réparé, le reste ne change pas. Imprimez la réponse.")
    else:
        told = _("Le recours est accueilli : le dossier, les droits et les mois sont réparés. Imprimez la réponse.")
    messages.success(request, told)


def _dismiss(request, appeal: Appeal, done: dict) -> None:
    services.dismiss_appeal(answer=request.POST.get("answer", ""), **done)
    messages.success(request, _("Le recours est rejeté ; la réponse est gardée au dossier. Imprimez-la."))


def _refuse_late(request, appeal: Appeal, done: dict) -> None:
    services.dismiss_appeal(answer=request.POST.get("answer", ""), as_late=True, **done)
    messages.success(request, _("Le recours est rejeté comme tardif ; la réponse est gardée au dossier. Imprimez-la."))


def _complete(request, appeal: Appeal, done: dict) -> None:
    services.complete_appeal(reason=request.POST.get("reason", ""), **done)


def _withdraw(request, appeal: Appeal, done: dict) -> None:
    services.withdraw_appeal(reason=request.POST.get("reason", ""), **done)


def _note(request, appeal: Appeal, done: dict) -> None:
    services.note_appeal(text=request.POST.get("text", ""), **done)


def _assign(request, appeal: Appeal, done: dict) -> None:
    """`to` is me, nobody (empty) or, for a supervisor, somebody's account."""
    chosen = request.POST.get("to", "")
    to = request.user if chosen == "me" else None
    if chosen.isdecimal():
        to = User.objects.filter(pk=int(chosen), is_active=True).first()
        if to is None:
            raise AppealRefused({"": _("Cette personne n’est plus au registre des comptes.")})
    services.assign_appeal(to=to, **done)


def _since(request):
    text = request.POST.get("since", "")
    if not text.strip():
        return None
    try:
        return entries.day(text)
    except Unreadable as wrong:
        raise AppealRefused({"since": str(wrong)}) from wrong


DEEDS = {
    "examine": _examine,
    "admit": _admit,
    "uphold": _uphold,
    "dismiss": _dismiss,
    "refuse_late": _refuse_late,
    "complete": _complete,
    "withdraw": _withdraw,
    "note": _note,
    "assign": _assign,
}
