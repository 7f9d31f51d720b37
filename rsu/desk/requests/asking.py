"""Where a request begins: what happened, in the words of the counter, then only the questions that it needs."""

import uuid
from collections.abc import Mapping

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import households.queries
import households.services
from households import events
from households.ages import age_on
from households.changes import by_key
from households.declared import answers_of, key_of
from households.forms import label
from households.lifecycle import ENDED
from households.models import Household
from households.permissions import PEOPLE, check_handle
from households.services import RequestRefused
from rsu import audit
from rsu.authentication import role_required

from .forms import EMPTIED, HAPPENED, AskForm


@role_required(*PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request, code: str):
    """Without `what`, the choice; with it, its questions. The token in the form makes one request of a double click."""
    family = get_object_or_404(households.queries.households_of(request.user), code=code)
    check_handle(request.user, family)
    what = request.POST.get("what") or request.GET.get("what", "")
    context = {"household": family, "happened": HAPPENED, "what": what}
    if not what:
        context["open"] = households.queries.requests_about(family).exclude(status__in=ENDED)
    if family.struck_off_on or not what:
        return render(request, "desk/requests/happened.html", context)
    if what not in HAPPENED:
        raise Http404
    answers = answers_of(family)
    form = _form(request, what, family, answers)
    emptied = False
    if request.method == "POST" and form.is_valid():
        emptied = what in EMPTIED and {*form.leaving()} >= {*by_key(answers)}
        opened = _open(request, what, family, form)
        if opened is not None:
            return _go_on(opened)
    context |= {"form": form, "deed": HAPPENED[what], "emptied": emptied}
    return render(request, "desk/requests/asked.html", context, status=422 if request.method == "POST" else 200)


def _form(request, what: str, family: Household, answers: Mapping) -> AskForm:
    today, law = timezone.localdate(), request.law
    named = [(key, label(member, place)) for place, (key, member) in enumerate(by_key(answers).items(), start=1)]
    grown = {
        key_of(member)
        for member in family.members.all()
        if age_on(today, member.born_on) >= law.value("registration.adult_age")
    }  # fmt: skip
    head = events.head_of(answers)
    proposed = events.proposed_head(answers, gone=[head] if head else [], on=today, law=law)
    adults = [(key, name) for key, name in named if key in grown]
    first = {"token": uuid.uuid4(), "new_head": proposed}
    if what == "striking_off":
        first["reason"] = EMPTIED.get(request.GET.get("because", ""), "")
    return AskForm(HAPPENED[what], request.POST or None, people=named, adults=adults, initial=first)


def _open(request, what: str, family: Household, form: AskForm):
    """The draft, or None with what is wrong on the form."""
    deed, cleaned = HAPPENED[what], form.cleaned_data
    other = _other(request, form) if "other" in form.fields else None
    if form.errors:
        return None
    try:
        return households.services.open_request(
            household_id=family.pk, kind=deed.kind, occasion=deed.occasion, token=cleaned["token"], reason=cleaned.get("reason", ""),
            people=form.leaving(), new_head=cleaned.get("new_head", ""), died_on=cleaned.get("died_on"), other_id=other and other.pk,
            on=timezone.localdate(), by=request.user, law=request.law,
        )  # fmt: skip
    except RequestRefused as refused:
        for name, sentence in refused.problems.items():
            near = "person" if name == "people" and "person" in form.fields else name
            form.add_error(near if near in form.fields else None, sentence)
        return None


def _other(request, form: AskForm) -> Household | None:
    """The household given by its code or by somebody's IDCS, of the user's area; what is outside it is said and no more."""
    text = form.cleaned_data["other"]
    kind, number = households.queries.looked_for(text)
    found = households.queries.search(request.user, text) if kind in ("code", "idcs") else None
    if found is None:
        form.add_error("other", _("Écrivez un code de ménage (onze chiffres) ou un IDCS (dix chiffres)."))
        return None
    audit.record(by=request.user, verb="search", kind=kind, found=len(found.results), number=audit.veiled(number))
    if found.results:
        return found.results[0]
    if found.registered_elsewhere:
        form.add_error("other", _("Ce ménage est enregistré hors de votre territoire : adressez-vous à votre superviseur."))
    else:
        form.add_error("other", _("Aucun ménage ne porte ce numéro."))
    return None


def _go_on(opened):
    """To the questions of the draft when it has some, to the request's own page when it is only words."""
    if not opened.answers:
        return redirect("desk:request", pk=opened.pk)
    section = {"move": "address", "split": "address", "merge": "members"}.get(opened.occasion)
    if section:
        return redirect("households:draft", token=opened.token, section=section)
    return redirect("households:summary", token=opened.token)
