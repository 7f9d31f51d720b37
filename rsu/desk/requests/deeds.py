"""What is done to a request from its page: one service a button; done already, the page says what was done."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from households import services
from households.models import Request
from households.permissions import PEOPLE
from households.services import DeclarationRefused, RequestOutdated, RequestRefused, SecondNeeded
from rsu.authentication import role_required
from rsu.desk import casework
from rsu.models import User
from rsu.wording import day, listed

from . import effects
from .page import WORDS, find, shown, words_form

Status = Request.Status


@require_POST
@role_required(*PEOPLE)
def act(request, pk: int, deed: str):
    """Do it, once, and come back to the page; what is refused is said there, and nothing typed is lost."""
    if deed not in DEEDS:
        raise Http404
    asked = find(request.user, pk)
    done = {"on": timezone.localdate(), "by": request.user}
    if hasattr(asked, "appeal") and deed not in OF_APPEALS:
        messages.warning(request, _("Cette demande est celle d’un recours : elle reçoit sa réponse avec lui."))
        return redirect("desk:appeal", pk=asked.appeal.pk)
    if deed in ANSWERS and asked.processed_at:
        _say_already(request, asked)
        return redirect("desk:request", pk=asked.pk)
    try:
        asked = DEEDS[deed](request, asked, done) or asked
    except RequestRefused as refused:
        return _refused(request, pk, deed, refused.problems)
    except SecondNeeded as needed:
        reasons = listed(effects.reasons_in_words(needed.reasons))
        messages.info(request, _("Cette demande %(reasons)s : elle attend un superviseur.") % {"reasons": reasons})
    except (RequestOutdated, DeclarationRefused):
        return shown(request, find(request.user, pk), status=409)  # the page itself finds and shows what is in the way
    return redirect("desk:request", pk=asked.pk)


def _refused(request, pk: int, deed: str, problems: dict[str, str]):
    asked = find(request.user, pk)
    if deed not in WORDS:
        return shown(request, asked, refusal=" ".join(problems.values()), status=422)
    form = words_form(deed, request.POST)
    form.refuse(problems)
    return shown(request, asked, refused=(deed, form), status=422)


def _send(request, asked: Request, done: dict) -> Request:
    """A draft without questions of its own: what the family says is kept first."""
    if asked.status == Status.DRAFT and "reason" in request.POST:
        services.word_request(request_id=asked.pk, reason=request.POST["reason"], **done)
    return services.submit_request(token=asked.token, law=request.law, **done)


def _apply(request, asked: Request, done: dict) -> Request:
    applied, effect = casework.process(asked.pk, **done)
    if effect.pairs:
        messages.success(request, _("La demande est appliquée : le dossier, l’indice et les droits sont à jour."))
    else:
        _say_already(request, applied)
    return applied


def _say_already(request, asked: Request) -> None:
    when = date_format(timezone.localtime(asked.processed_at), "DATETIME_FORMAT")
    told = _("%(who)s avait déjà répondu à cette demande le %(day)s : %(status)s. Rien n’a été fait une seconde fois.")
    messages.warning(request, told % {"who": asked.processed_by, "day": when, "status": asked.get_status_display()})


def _answer(request, asked: Request, done: dict, status: str) -> Request:
    return services.answer_request(request_id=asked.pk, status=status, answer=request.POST.get("answer", ""), **done)


def _answered(request, asked: Request, done: dict) -> Request:
    """A complaint: accepted whole, in part, or rejected, by the button that was pressed."""
    status = request.POST.get("status", "")
    if status not in (Status.PROCESSED, Status.PARTIALLY_ACCEPTED, Status.REJECTED):
        raise RequestRefused({"": _("Choisissez une des réponses proposées.")})
    return _answer(request, asked, done, status)


def _return(request, asked: Request, done: dict) -> Request:
    return services.return_request(request_id=asked.pk, reason=request.POST.get("reason", ""), **done)


def _note(request, asked: Request, done: dict) -> None:
    services.note_request(request_id=asked.pk, text=request.POST.get("text", ""), **done)


def _assign(request, asked: Request, done: dict) -> Request:
    """`to` is me, nobody (empty) or, for a supervisor, somebody's account."""
    chosen = request.POST.get("to", "")
    to = request.user if chosen == "me" else None
    if chosen.isdecimal():
        to = User.objects.filter(pk=int(chosen), is_active=True).first()
        if to is None:
            raise RequestRefused({"": _("Cette personne n’est plus au registre des comptes.")})
    return services.assign_request(request_id=asked.pk, to=to, **done)


def _undo(request, asked: Request, done: dict) -> Request:
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    undoing = services.undo_request(request_id=asked.pk, token=token, reason=request.POST.get("reason", ""), **done)
    messages.info(request, _("L’annulation est une demande à son tour : lisez son effet, puis faites-la approuver."))
    return undoing


def _withdraw(request, asked: Request, done: dict) -> Request:
    return services.withdraw_request(token=asked.token, **done)


def _reopen(request, asked: Request, done: dict) -> Request:
    reopened = services.reopen_request(request_id=asked.pk, **done)
    told = _("La demande est de nouveau un brouillon, sur les réponses du %(day)s : vérifiez-la, puis envoyez-la.")
    messages.info(request, told % {"day": day(done["on"])})
    return reopened


ANSWERS = ("apply", "reject", "answer", "return")
"""Deeds that make no sense once the request has its answer: who comes second is told who came first."""
OF_APPEALS = ("send", "reopen", "note")
"""What may be done to the request of an appeal by itself: the rest is decided with the appeal."""
DEEDS = {
    "send": _send,
    "withdraw": _withdraw,
    "apply": _apply,
    "reject": lambda request, asked, done: _answer(request, asked, done, Status.REJECTED),
    "answer": _answered,
    "return": _return,
    "reopen": _reopen,
    "note": _note,
    "assign": _assign,
    "undo": _undo,
}
