"""Where a request begins: what happened, in the words of the counter, then only the questions that it needs."""

import uuid

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
        context["open"] = households.queries.requests_about(family, request.user).exclude(status__in=ENDED)
    if family.struck_off_on or not what:
        return render(request, "desk/requests/happened.html", context)
    if what not in HAPPENED:
        raise Http404
    origin = family
    if what == "transfer":
        first, origin = _come_from(request, family)
    emptied = False
    form = first if origin is None else _form(request, what, origin)
    if form.is_bound and origin is not None and form.is_valid():
        emptied = what in EMPTIED and {*form.leaving()} >= {*by_key(answers_of(family))}
        other = origin if what == "transfer" else _other(request, form) if "other" in form.fields else None
        opened = _open(request, what, family, other, form)
        if opened is not None:
            return _go_on(request, opened)
    context |= {"form": form, "deed": HAPPENED[what], "emptied": emptied, "origin": None if origin == family else origin}
    return render(request, "desk/requests/asked.html", context, status=422 if form.errors else 200)


def _come_from(request, family: Household) -> tuple[AskForm, Household | None]:
    """The question of which household somebody comes from, and that household once it is known."""
    form = AskForm(HAPPENED["transfer"], request.POST or None, people=[], adults=[], asks=("other",), initial={"token": uuid.uuid4()})
    origin = _other(request, form) if form.is_valid() else None
    if origin == family:
        form.add_error("other", _("Cette personne vit déjà dans ce ménage."))
        return form, None
    if origin is not None and origin.struck_off_on:
        form.add_error("other", _("Cet autre ménage est radié : enregistrez cette personne comme nouvelle par une mise à jour."))
        return form, None
    if origin is not None and "step" not in request.POST:
        audit.record(by=request.user, verb="read_household", household=origin)
    return form, origin


def _form(request, what: str, family: Household) -> AskForm:
    """Its questions about the people of the household that some may leave."""
    today, law, answers = timezone.localdate(), request.law, answers_of(family)
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
    posted = request.POST or None
    if what == "transfer" and "step" not in request.POST:  # the household has only just been found: who comes is asked now
        number = households.queries.looked_for(request.POST["other"])[1]
        arriving = [key_of(member) for member in family.members.all() if member.idcs == number]
        first |= {"token": request.POST["token"], "other": family.code, "people": arriving}
        posted = None
    return AskForm(HAPPENED[what], posted, people=named, adults=adults, initial=first)


def _open(request, what: str, family: Household, other: Household | None, form: AskForm):
    """The draft, or None with what is wrong on the form."""
    deed, cleaned = HAPPENED[what], form.cleaned_data
    if form.errors:
        return None
    try:
        return households.services.open_request(
            household_id=family.pk, kind=deed.kind, occasion=deed.occasion, token=cleaned["token"], reason=cleaned.get("reason", ""),
            people=form.leaving(), new_head=cleaned.get("new_head", ""), died_on=cleaned.get("died_on"), other_id=other and other.pk,
            told=bool(cleaned.get("told")), on=timezone.localdate(), by=request.user, law=request.law,
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


def _go_on(request, opened):
    """To the questions of the draft when it has some, to the request's own page when it is only words."""
    if not opened.answers:
        return redirect("desk:request", pk=opened.pk)
    if households.services.left_problems(opened, on=timezone.localdate(), by=request.user, law=request.law):
        return redirect("households:left", token=opened.token)
    section = {"move": "address", "split": "address", "merge": "members", "transfer": "members"}.get(opened.occasion)
    if section:
        return redirect("households:draft", token=opened.token, section=section)
    return redirect("households:summary", token=opened.token)
