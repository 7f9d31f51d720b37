"""The work list of decisions, and the page where one is taken."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from eligibility import losses
from eligibility.models import Program
from eligibility.programs import grace_sentence, kept_sentence
from households.models import Household, Member
from households.permissions import mark_own
from rsu import audit
from rsu.authentication import role_required

from .. import queries, services
from ..forms import DEEDS, DecisionForm
from ..lifecycle import COVERING
from ..models import AllowanceLine, Enrollment, Unit
from ..permissions import may_decide
from ..units import NO_INSURED, OTHER_COVER, PERMIT_ENDED

READERS = ("caseworker", "supervisor", "auditor")
PAGE = 25
SERVICES = {
    "accept": services.accept_enrollments,
    "refuse": services.refuse_enrollments,
    "keep": services.keep_enrollments,
    "end": services.end_enrollments,
    "suspend": services.suspend_enrollments,
    "resume": services.resume_enrollments,
}


@dataclass(frozen=True)
class Decision:
    """One form of the page: the enrollments it is about, by unit, and what may be done with them."""

    title: str
    units: list[tuple[Unit | None, list[Enrollment]]]
    deeds: dict[str, str]
    form: DecisionForm


@require_safe
@role_required(*READERS)
def work(request):
    """Decisions waiting in the area, oldest first."""
    program, status = request.GET.get("program", ""), request.GET.get("status", "")
    page = Paginator(queries.work_list(request.user, program=program, status=status), PAGE).get_page(request.GET.get("page"))
    mark_own(request.user, [row.household for row in page.object_list])
    return render(
        request,
        "enrollment/work.html",
        {
            "page": page,
            "programs": Program.choices,
            "statuses": [(one.value, one.label) for one in queries.WAITING],
            "program": program,
            "status": status,
            "losses_count": losses.waiting_losses(request.user).count(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*READERS)
def decide(request, pk: int):
    """Everything the decision rests on; a POST takes it and goes back to the household's file. AMO ACHAMIL is not decided: it is paid."""
    asked = get_object_or_404(queries.enrollments_of(request.user), pk=pk)
    if asked.program not in Program.values:
        return redirect("desk:cover", code=asked.household.code)
    household, program = asked.household, Program(asked.program)
    shown = household.enrollments.filter(program=program, status__in=queries.ON_TODAY).order_by("id")
    bound = None
    if request.method == "POST":
        bound = DecisionForm(request.POST, enrollments=shown)
        if bound.is_valid() and _take(request, household, bound):
            return redirect("desk:household", code=household.code)
    else:
        audit.record(by=request.user, verb="read_household", household=household, subject=f"enrollment:{pk}")
    context = _context(request, household, program, bound)
    return render(request, "enrollment/decide.html", context, status=422 if bound else 200)


def _take(request, household: Household, form: DecisionForm) -> bool:
    """Take the decision, or put on the form why it cannot be taken."""
    deed, on = form.cleaned_data["deed"], localdate()
    ids = [one.pk for one in form.cleaned_data["enrollments"]]
    reason = {} if deed == "accept" else {"reason": form.cleaned_data["reason"]}
    if deed == "end":
        reason["other_cause"] = form.cleaned_data["other_cause"]
    if deed == "resume":
        reason["restore"] = form.cleaned_data["restore"]
    try:
        SERVICES[deed](ids, on=on, by=request.user, **reason)
    except services.ProposalOutgrown as outgrown:
        services.propose_for_household(household.pk, on=on, by=request.user)
        renewed = _("Une nouvelle proposition a été préparée.")
        messages.warning(request, f"{outgrown} {renewed}")
        return True
    except services.NotEnrollable as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _DONE[deed]())
    return True


_DONE = {
    "accept": lambda: _("Inscription acceptée."),
    "refuse": lambda: _("Proposition refusée ; le motif est gardé au dossier."),
    "keep": lambda: _("Inscription maintenue ; le motif est gardé au dossier."),
    "suspend": lambda: _("Inscription suspendue ; le motif est gardé au dossier."),
    "resume": lambda: _("Inscription reprise ; le motif est gardé au dossier."),
    "end": lambda: _("Fin du droit enregistrée ; le motif est gardé au dossier."),
}


def _context(request, household: Household, program: Program, bound: DecisionForm | None) -> dict:
    today, law = localdate(), request.law
    rows = [one for one in queries.household_enrollments(household) if one.program == program and one.status in queries.ON_TODAY]
    members = {member.pk: member for member in household.members.order_by("position")}
    determination = queries.open_determination(household, program)
    grace_until = losses.grace_on(determination, today) if determination else None
    context = {
        "household": household,
        "program": program,
        "today": today,
        "members": members.values(),
        "determination": determination,
        "grace_until": grace_until,
        "kept": _kept(household, program, grace_until),
        "threshold": law.cite(program.threshold_key) if law.has(program.threshold_key) else None,
        "can_decide": may_decide(request.user, household),
        "decisions": _decisions(rows, bound),
        "holds": [hold for hold in queries.holds_of(household) if hold.enrollment.program == program],
    }
    if program == Program.AMO_TADAMON:
        return context | _cover(household, members, today, law)
    return context | _aid(household, members, determination, rows, today)


def _kept(household: Household, program: Program, grace_until) -> str:
    """Why the right runs above its line; empty when it does not."""
    if grace_until:
        return grace_sentence(grace_until)
    waiting = losses.waiting(household, program)
    return kept_sentence(waiting.on) if waiting else ""


def _decisions(rows: list[Enrollment], bound: DecisionForm | None) -> list[Decision]:
    groups = (
        (_("Proposées"), [one for one in rows if one.status == Enrollment.Status.PROPOSED], ("accept", "refuse")),
        (_("À revoir"), [one for one in rows if one.status == Enrollment.Status.IN_REVIEW], ("keep", "end", "suspend")),
        (_("En cours"), [one for one in rows if one.status == Enrollment.Status.ACTIVE], ("suspend", "end")),
        (_("Suspendues"), [one for one in rows if one.status == Enrollment.Status.SUSPENDED], ("resume", "end")),
    )
    return [
        Decision(title, _by_unit(group), {deed: DEEDS[deed] for deed in deeds}, _form(deeds, bound))
        for title, group, deeds in groups
        if group
    ]


def _form(deeds: tuple[str, ...], bound: DecisionForm | None) -> DecisionForm:
    """The form that was sent keeps its errors; the others start empty, each with its own field names for the page."""
    if bound is not None and bound.data.get("deed") in deeds:
        return bound
    return DecisionForm(enrollments=Enrollment.objects.none(), auto_id=f"{deeds[0]}_%s")


def _by_unit(rows: list[Enrollment]) -> list[tuple[Unit | None, list[Enrollment]]]:
    groups: dict[int | None, tuple[Unit | None, list[Enrollment]]] = {}
    for one in rows:
        groups.setdefault(one.unit_id, (one.unit, []))[1].append(one)
    return list(groups.values())


def _cover(household: Household, members: dict[int, Member], today, law) -> dict:
    """Who cannot be in a unit and why, who is left without cover."""
    sentences = {
        OTHER_COVER: _("a une autre couverture obligatoire"),
        PERMIT_ENDED: _("son titre de séjour n’est plus valable"),
        NO_INSURED: _("dépend de proches couverts ailleurs : à rattacher à leur couverture"),
    }
    found = queries.sorted_members(household, today, law)
    return {
        "aside": [(members[one.person.id], sentences[one.reason]) for one in found.aside],
        "aside_source": law.cite("amo_tadamon.excluding_covers"),
        "without_cover": queries.members_without_cover(household, today, law),
    }


def _aid(household: Household, members: dict[int, Member], determination, rows: list[Enrollment], today) -> dict:
    """The month line by line: the one written, or the first one as it would be."""
    running = next((one for one in rows if one.status in COVERING), None)
    if running is None and (determination is None or not determination.entitled):
        return {"month": None}
    if running is None:
        since, read_on = services.application_month(household, determination)
        month = services.month_of(household, month=since, read_on=read_on)
    else:
        since = running.since
        first = max(since, today.replace(day=1))
        month = services.written_month(household, month=first) or services.month_of(household, month=first, read_on=first)
    kinds = dict(AllowanceLine.Kind.choices)
    return {"month": month, "since": since, "lines": [(line, kinds[line.kind], members.get(line.member_id)) for line in month.lines]}
