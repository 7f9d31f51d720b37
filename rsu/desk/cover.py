"""A household's health cover: units, periods, who has none and what to do, AMO ACHAMIL, other schemes."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import eligibility.queries
import enrollment.moved
import enrollment.permissions
import enrollment.queries
import enrollment.services
import households.queries
from eligibility.forewarnings import cost_of_cover
from eligibility.traps import BANDS, achamil_trap, contribution
from enrollment.models import Adhesion, Contribution, Direction, Forewarning
from enrollment.services import NotDirectable, NotEnrollable, TrapNotAcknowledged
from households.changes import by_key, placed
from households.declared import answers_of
from households.models import Household, Member
from rsu import audit
from rsu.authentication import PEOPLE, role_required

from .cover_forms import FORMS, JoinForm
from .cover_picture import groups, legend, timeline
from .household import bring_up_to_date
from .simulate_household import told
from .uncovered import uncovered
from .what_if import WhatIf, imagine

DECIDERS = ("caseworker", "supervisor")
WAITING = (Direction.State.DIRECTED, Direction.State.APPLIED)


@dataclass(frozen=True)
class Offer:
    """AMO ACHAMIL for one unit: what it costs today, how many months it waits."""

    insured: Member
    people: int
    monthly: int | None
    waiting: int


@dataclass(frozen=True)
class Asked:
    """One form of the page: a deed on a target, bound where it was sent and refused."""

    deed: str
    target: int
    form: object


@require_safe
@role_required(*PEOPLE)
def open_cover(request, pk: int):
    """The way from a list to the page: the list's links would tell the codes that it masks."""
    return redirect("desk:cover", code=get_object_or_404(households.queries.households_of(request.user), pk=pk).code)


@require_safe
@role_required(*PEOPLE)
def cover(request, code: str):
    family = _family(request, code)
    audit.record(by=request.user, verb="read_household", household=family, subject="cover")
    return render(request, "desk/cover.html", _context(request, family))


@require_POST
@role_required(*DECIDERS)
def cover_deed(request, code: str, deed: str, target: int):
    """One deed of the page, then the page again; refused, the form keeps what was typed and says why."""
    family, today = _family(request, code), timezone.localdate()
    if deed not in FORMS:
        raise Http404
    form = FORMS[deed](request.POST, prefix=f"{deed}-{target}")
    if form.is_valid():
        try:
            sentence = DEEDS[deed](family, target, form.cleaned_data, on=today, by=request.user)
        except (NotDirectable, NotEnrollable) as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, sentence)
            return redirect("desk:cover", code=family.code)
    return render(request, "desk/cover.html", _context(request, family, Asked(deed, target, form)), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*DECIDERS)
def join(request, code: str, target: int):
    """Before and after, by the engine itself; then the adhesion, which asks that the family has been told what it costs."""
    family, today = _family(request, code), timezone.localdate()
    enrollment.permissions.check_decide(request.user, family)
    insured = get_object_or_404(family.members, pk=target)
    standing = eligibility.queries.standing(family, on=today)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            adhesion = enrollment.services.join_achamil(
                household_id=family.pk, insured_id=insured.pk, on=today, by=request.user, **form.cleaned_data
            )
        except TrapNotAcknowledged as refusal:
            form.add_error("acknowledged", str(refusal))
        except NotEnrollable as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _joined(adhesion))
            return redirect("desk:cover", code=family.code)
    context = {"household": family, "insured": insured, "form": form, "trap": achamil_trap(standing, request.law)}
    context |= _offer_of_join(family, insured, standing, request, on=today)
    return render(request, "desk/cover_join.html", context, status=422 if form.is_bound else 200)


def _offer_of_join(family: Household, insured: Member, standing, request, *, on) -> dict:
    """What it costs and what it would change; `why` not, where it cannot be."""
    law = request.law
    try:
        unit = enrollment.services.joining_family(family, insured.pk, on=on, law=law)
        enrollment.services.check_joinable(standing, unit, law)
    except NotEnrollable as refusal:
        return {"why_not": str(refusal)}
    found = _imagined(family, [one.id for one in unit.people], insured.pk, request, on=on)
    context = {
        "monthly": contribution(standing.score, law),
        "bands": law.cite(BANDS),
        "waiting": enrollment.services.waiting_months(insured.idcs, law),
        "first_month": enrollment.services.first_month_due(on, law),
        "people": [member for member in family.members.order_by("position") if member.pk in {one.id for one in unit.people}],
    }
    if found.after is None:
        return context | {"unread": [problem.sentence for problem in found.problems]}
    return context | told(found)


def _imagined(family: Household, people: list[int], insured: int, request, *, on) -> WhatIf:
    """The household with this cover, as if its rights were open already."""
    answers = answers_of(family)
    members = by_key(answers)
    for pk in people:
        members[f"m{pk}"] |= {"cover": "amo_achamil", "cover_quality": "principal" if pk == insured else "dependant"}
    return imagine(family, {**answers, "members": placed(members)}, on=on, by=request.user, law=request.law)


def _joined(adhesion: Adhesion) -> str:
    if adhesion.waiting_months:
        return _("Adhésion enregistrée : les droits s’ouvrent après %(n)s mois de cotisation.") % {"n": adhesion.waiting_months}
    return _("Adhésion enregistrée : les droits sont ouverts.")


# Deeds -----------------------------------------------------------------------------------------------------------------


def _direct(family: Household, target: int, given: dict, *, on, by) -> str:
    member = get_object_or_404(family.members, pk=target)
    enrollment.services.direct(member_id=member.pk, on=on, by=by, **given)
    return _("Orientation enregistrée.")


def _applied(family: Household, target: int, given: dict, *, on, by) -> str:
    direction = get_object_or_404(family.directions, pk=target)
    enrollment.services.advance(direction_id=direction.pk, state=Direction.State.APPLIED, on=on, by=by, **given)
    return _("Demande au régime notée.")


def _refused(family: Household, target: int, given: dict, *, on, by) -> str:
    direction = get_object_or_404(family.directions, pk=target)
    enrollment.services.advance(direction_id=direction.pk, state=Direction.State.REFUSED, on=on, by=by, **given)
    return _("Refus du régime noté ; le motif est gardé.")


def _confirm(family: Household, target: int, given: dict, *, on, by) -> str:
    direction = get_object_or_404(family.directions, pk=target)
    enrollment.services.confirm_direction(idcs=direction.idcs, scheme=direction.scheme, on=on, by=by, **given)
    return _("Couverture confirmée : celle du registre finit la veille.")


def _end(family: Household, target: int, given: dict, *, on, by) -> str:
    direction = get_object_or_404(family.directions, pk=target)
    enrollment.services.end_direction(idcs=direction.idcs, scheme=direction.scheme, on=on, by=by, **given)
    return _("Fin de l’autre couverture enregistrée.")


def _pay(family: Household, target: int, given: dict, *, on, by) -> str:
    row = get_object_or_404(Contribution, pk=target, adhesion__enrollment__household=family)
    enrollment.services.record_contribution(adhesion_id=row.adhesion_id, month=row.month, on=on, by=by, **given)
    return _("Cotisation enregistrée.")


def _leave(family: Household, target: int, given: dict, *, on, by) -> str:
    adhesion = get_object_or_404(Adhesion, pk=target, enrollment__household=family)
    enrollment.services.leave_achamil(adhesion_id=adhesion.pk, on=on, by=by, **given)
    return _("Fin de l’adhésion enregistrée.")


DEEDS = {"direct": _direct, "applied": _applied, "refused": _refused, "confirm": _confirm, "end": _end, "pay": _pay, "leave": _leave}


# The page --------------------------------------------------------------------------------------------------------------


def _family(request, code: str) -> Household:
    family = get_object_or_404(households.queries.households_of(request.user), code=code)
    bring_up_to_date(family, on=timezone.localdate())
    return family


def _context(request, family: Household, asked: Asked | None = None) -> dict:
    today, law = timezone.localdate(), request.law
    members = list(households.queries.members_of(family, on=today))
    standing = eligibility.queries.standing(family, on=today)
    rights = list(enrollment.queries.household_enrollments(family))
    can = enrollment.permissions.may_decide(request.user, family) and family.struck_off_on is None
    without = uncovered(family, rights, standing, on=today, law=law)
    directions = list(family.directions.select_related("member").prefetch_related("moves__by").order_by("-directed_on", "-id"))
    adhesions = list(
        Adhesion.objects.filter(enrollment__household=family)
        .select_related("enrollment__member")
        .prefetch_related("contributions__band")
        .order_by("-joined_on")
    )
    asked_forms = _Forms(asked)
    followed = {one.idcs for one in directions if one.state in WAITING}
    return {
        "household": family,
        "members": members,
        "on": today,
        "can": can,
        "groups": groups(family),
        "moved": enrollment.moved.running_of(members, on=today),
        "legend": legend(),
        "waiting": next((row for row in rights if row.program == "amo_tadamon" and row.status in ("proposed", "in_review")), None),
        "timeline": timeline(family, members, on=today),
        "without": [(one, _direct_form(one.member, law, followed, asked_forms) if can else None) for one in without],
        "offers": _offers(family, standing, rights, law, on=today),
        "trap": achamil_trap(standing, law),
        "cost": cost_of_cover(standing, law),
        "bands": law.cite(BANDS) if law.has(BANDS) else None,
        "directions": [(one, _direction_forms(one, asked_forms) if can else []) for one in directions],
        "adhesions": [(one, _adhesion_rows(one, asked_forms, can)) for one in adhesions],
        "coming": Forewarning.objects.filter(household=family, on_day__gt=today, lapsed_on=None)
        .select_related("member")
        .order_by("on_day"),
        "form": asked.form if asked else None,
    }


class _Forms:
    """The form that was sent keeps its errors and what was typed; the others start empty."""

    def __init__(self, asked: Asked | None) -> None:
        self.asked = asked

    def of(self, deed: str, target: int, **initial) -> Asked:
        if self.asked and (self.asked.deed, self.asked.target) == (deed, target):
            return self.asked
        return Asked(deed, target, FORMS[deed](prefix=f"{deed}-{target}", initial=initial))


def _direct_form(member: Member, law, followed: set[str], forms: _Forms) -> Asked | None:
    scheme = enrollment.services.scheme_of(member, law)
    return forms.of("direct", member.pk, scheme=scheme) if scheme and member.idcs not in followed else None


def _direction_forms(one: Direction, forms: _Forms) -> list[Asked]:
    deeds = {
        Direction.State.DIRECTED: ("applied", "confirm", "refused"),
        Direction.State.APPLIED: ("confirm", "refused"),
        Direction.State.CONFIRMED: ("end",),
    }
    return [forms.of(deed, one.pk) for deed in deeds.get(one.state, ())]


def _adhesion_rows(adhesion: Adhesion, forms: _Forms, can: bool) -> dict:
    rows = [(row, forms.of("pay", row.pk) if can and row.paid_on is None else None) for row in adhesion.contributions.all()]
    return {"contributions": rows, "leave": forms.of("leave", adhesion.pk) if can and adhesion.left_on is None else None}


def _offers(family: Household, standing, rights: list, law, *, on) -> list[Offer]:
    """The units of a household above the line of AMO-TADAMON that AMO ACHAMIL is for."""
    amo = standing.by_program.get("amo_tadamon")
    if family.struck_off_on or standing.score is None or (amo is not None and amo.entitled):
        return []
    held = {row.idcs for row in rights if row.program == "amo_achamil" and row.status not in ("ended", "refused")}
    by_id = {member.pk: member for member in family.members.order_by("position")}
    found = []
    for unit in enrollment.queries.sorted_members(family, on, law).units:
        if unit.insured.idcs in held or unit.insured.cover not in (None, "none", "ramed", "amo_tadamon"):
            continue
        try:
            joining = enrollment.services.joining_family(family, unit.insured.id, on=on, law=law)
        except NotEnrollable:
            continue
        waiting = enrollment.services.waiting_months(unit.insured.idcs, law)
        found.append(Offer(by_id[unit.insured.id], len(joining.people), contribution(standing.score, law), waiting))
    return found
