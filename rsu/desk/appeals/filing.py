"""Where an appeal is filed: what is contested is chosen, or comes with the link that led here; then what the family says is true."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import households.queries
from enrollment import contested, services
from enrollment.appeal_lifecycle import DECIDERS, PEOPLE
from enrollment.permissions import check_decide
from enrollment.services import AppealRefused, Piece
from households.declared import answers_of
from rsu import audit
from rsu.authentication import role_required
from rsu.desk.household import bring_up_to_date
from rsu.wording import day

from .forms import AppealForm, StartForm, claims_of


@role_required(*PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def file(request, code: str):
    """Step one by GET; step two posts. The token in the form makes one appeal of a double click."""
    today = timezone.localdate()
    family = get_object_or_404(households.queries.households_of(request.user), code=code)
    check_decide(request.user, family)
    bring_up_to_date(family, on=today)
    offered, known = contested.contestable(family), claims_of(answers_of(family), family.milieu)
    chosen = request.GET if {"ground", "claims"} & request.GET.keys() else None
    start = StartForm(chosen, offered=offered, claims=known, initial={"against": _chosen(request, offered), "ground": "answer"})
    context = {"household": family, "offered": offered, "form": start, "on": today}
    if chosen is None or not start.is_valid():
        if request.method != "POST":
            audit.record(by=request.user, verb="read_household", household=family)
        return render(request, "desk/appeals/start.html", context, status=422 if start.errors else 200)
    found = next(one for one in offered if one.key == start.cleaned_data["against"])
    ground = start.cleaned_data["ground"]
    claimed = [one for one in known if one.path in start.cleaned_data["claims"]] if ground == "answer" else []
    form = AppealForm(
        request.POST or None, request.FILES or None, claims=claimed, ground=ground, contested=found,
        may_admit=request.user.role in DECIDERS, initial={"token": uuid.uuid4()},
    )  # fmt: skip
    if form.is_bound and form.is_valid() and (appeal := _filed(request, family, found, ground, form)):
        return redirect("desk:appeal", pk=appeal.pk)
    context |= {"form": form, "contested": found, "ground": ground, "last_day": _last_day(found)}
    return render(request, "desk/appeals/file.html", context, status=422 if form.errors else 200)


def _chosen(request, offered: list[contested.Contested]) -> str:
    """What the link that led here is about: a thing itself, or the right that a paper told first."""
    reference = request.GET.get("notice", "")
    told = [one.key for one in offered if reference and one.notice and one.notice.reference == reference]
    return request.GET.get("against") or next(iter(told), "")


def _last_day(found: contested.Contested):
    return services.last_day_to_file(found.notice.counts_from) if found.notice else None


def _filed(request, family, found: contested.Contested, ground: str, form: AppealForm):
    """The appeal, or None with what is wrong on the form."""
    cleaned, at = form.cleaned_data, timezone.now()
    pieces = [Piece(cleaned["file"].read(), cleaned["proves"])] if cleaned.get("file") else []
    try:
        appeal = services.file_appeal(
            household_id=family.pk, key=found.key, ground=ground, words=cleaned["words"], token=cleaned["token"], claims=form.claims(),
            provision=cleaned.get("provision", ""), notified_on=cleaned.get("notified_on"), pieces=pieces,
            admitted_because=cleaned.get("admitted_because", ""), at=at, on=timezone.localdate(at), by=request.user,
        )  # fmt: skip
    except AppealRefused as refused:
        form.refuse(refused.problems)
        return None
    if appeal.waits_for_admission:
        told = _("Le recours est reçu, mais hors délai depuis le %(day)s : un superviseur l’admet avec son motif, ou le rejette.")
        messages.warning(request, told % {"day": day(appeal.last_day)})
    else:
        messages.success(request, _("Le recours est reçu : la réponse est due au plus tard le %(day)s.") % {"day": day(appeal.due_on)})
    return appeal
