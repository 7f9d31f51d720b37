"""Proposing a change of the law, and deciding on what another administrator proposes."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rsu import charts
from rsu.authentication import role_required
from rsu.models import User

from .. import permissions, queries, services
from ..forms import ProposalForm, RejectionForm
from ..models import Program, Proposal
from ..score import threshold_points


@role_required("administrator")
def propose(request):
    permissions.check_propose(request.user)
    today = timezone.localdate()
    form = ProposalForm(request.POST or None, initial={"key": request.GET.get("key"), "since": today})
    if request.method == "POST":
        made = _proposed(form, on=today, by=request.user)
        if made:
            messages.success(request, _("La proposition est enregistrée. Un autre administrateur doit l’approuver pour qu’elle ait effet."))
            return redirect("eligibility:proposal", pk=made.pk)
    law = request.law
    lines = [(program, law.cite(program.threshold_key)) for program in Program if law.has(program.threshold_key)]
    in_force = [(program.label, threshold_points(cited.value), cited) for program, cited in lines]
    return render(request, "eligibility/propose.html", {"form": form, "in_force": in_force}, status=422 if form.errors else 200)


def _proposed(form: ProposalForm, *, on: date, by: User) -> Proposal | None:
    """The proposal made; or None and every mistake at once beside its field: what cannot be read and what cannot stand."""
    if form.is_valid():
        try:
            return services.propose_provision(**form.cleaned_data, on=on, by=by)
        except services.ProposalRefused as refusal:
            problems = refusal.problems
    else:
        read = {name: form.cleaned_data.get(name, "") for name in ("key", "value", "source", "reason")}
        problems = services.proposal_problems(**read, since=form.cleaned_data.get("since"), on=on)
    for name in problems.keys() - form.errors.keys():
        form.add_error(name, problems[name])
    return None


@role_required(*permissions.READERS)
@require_GET
def proposal(request, pk: int):
    return _proposal_page(request, get_object_or_404(queries.proposals(), pk=pk), RejectionForm())


@role_required("administrator")
@require_POST
def approve(request, pk: int):
    """Approving twice changes nothing more: the second time says so."""
    wanted = get_object_or_404(Proposal, pk=pk)
    today = timezone.localdate()
    try:
        services.approve_proposal(wanted.pk, on=today, by=request.user)
    except services.ProposalRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        if wanted.since <= today:
            messages.success(request, _("La valeur est en vigueur. Les ménages entre les deux seuils sont en train d’être relus."))
        else:
            messages.success(request, _("La valeur est approuvée. Elle prendra effet son jour venu, sans autre démarche."))
    return redirect("eligibility:proposal", pk=pk)


@role_required("administrator")
@require_POST
def reject(request, pk: int):
    wanted = get_object_or_404(queries.proposals(), pk=pk)
    permissions.check_decide(request.user, wanted)
    form = RejectionForm(request.POST)
    if not form.is_valid():
        return _proposal_page(request, wanted, form, status=422)
    try:
        services.reject_proposal(pk, reason=form.cleaned_data["reason"], on=timezone.localdate(), by=request.user)
    except services.ProposalRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("La proposition est rejetée : la loi reste ce qu’elle était."))
    return redirect("eligibility:proposal", pk=pk)


def _proposal_page(request, wanted: Proposal, form: RejectionForm, status: int = 200):
    before = queries.line_before(wanted)
    old = threshold_points(before.value) if before and before.value else None
    new = threshold_points(wanted.value)
    run = wanted.status == Proposal.Status.APPROVED and wanted.provision.runs.first()
    context = {
        "proposal": wanted,
        "program": services.THRESHOLDS[wanted.key],
        "before": before,
        "old": old,
        "new": new,
        "difference": None if old is None else new - old,
        "rises": old is not None and new > old,
        "run": run,
        "form": form,
        "why_not": permissions.why_not_decide(request.user, wanted),
        "open": wanted.status == Proposal.Status.OPEN,
    }
    if old is not None and not run and wanted.status != Proposal.Status.REJECTED:
        context |= _preview(request.user, old, new)
    return render(request, "eligibility/proposal.html", context, status=status)


def _preview(user, old: int, new: int) -> dict:
    """Who would cross, and both lines over the scores of today."""
    lines = [charts.ThresholdLine(_("avant"), old), charts.ThresholdLine(_("après"), new)]
    formula = queries.law(timezone.localdate()).cite("score.formula").id
    return {
        "effect": queries.effect_of_line(user, low=min(old, new), high=max(old, new), on=timezone.localdate()),
        "histogram": charts.score_histogram(queries.score_histogram(user, formula=formula), sorted(lines, key=lambda line: line.score)),
    }
