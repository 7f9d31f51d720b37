"""The law and its runs, as administrators change them and auditors read them."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from eligibility.law.files import entries
from rsu import charts, numerals
from rsu.authentication import role_required
from rsu.models import Milieu, Region, User

from . import permissions, queries, services, wording
from .forms import DayForm, ProposalForm, RejectionForm
from .models import Program, Proposal, Run
from .score import Formula, Variable, threshold_points

# The law


@dataclass(frozen=True)
class Told:
    """A key of the law as the page tells it: its words, what is in force, what comes."""

    key: str
    label: str
    now: object
    lines: list[wording.Line]
    confidence: str
    coming: list[tuple[object, list[wording.Line]]]


@dataclass(frozen=True)
class FormulaTable:
    """The formula of one milieu; `coefficients` pairs each variable with its figure as it is written here."""

    label: str
    constant: str
    coefficients: list[tuple[Variable, str]]


@role_required(*permissions.READERS)
@require_GET
def policy(request):
    """Every provision in force on a day, `on` or today, by program, and what comes next."""
    form = DayForm(request.GET)
    day = (form.is_valid() and form.cleaned_data["on"]) or timezone.localdate()
    dated = queries.provisions_on(day)
    formula = dated["score.formula"].now if "score.formula" in dated else None
    context = {
        "form": form if form.data.get("on") else DayForm(initial={"on": day}),
        "on": day,
        "groups": _groups(dated),
        "off": [(wording.KEYS[entry["key"]].label, entry["note"]) for entry in entries() if entry.get("off") and entry["key"] not in dated],
        "formula": formula,
        "formula_tables": formula and _formula_tables(formula.value),
        "formula_regions": formula and _formula_regions(formula.value),
        "proposals_open": _listed(queries.proposals().filter(status=Proposal.Status.OPEN)),
        "proposals_decided": _listed(queries.proposals().exclude(status=Proposal.Status.OPEN)[:20]),
        "may_propose": permissions.may_propose(request.user),
    }
    return render(request, "eligibility/policy.html", context)


def _listed(proposals) -> list[tuple[Proposal, Program, int]]:
    return [(row, services.THRESHOLDS[row.key], threshold_points(row.value)) for row in proposals]


def _groups(dated: dict[str, queries.Dated]) -> list[tuple[str, str, list[Told]]]:
    """(name, words, keys), in the order the law is read; within a group as the code declares the keys."""
    told = [_told(key, dated[key]) for key in wording.KEYS if key in dated]
    grouped = [(name, label, [entry for entry in told if wording.group_of(entry.key) == name]) for name, label in wording.GROUPS]
    return [group for group in grouped if group[2]]


def _told(key: str, dated: queries.Dated) -> Told:
    now = dated.now
    return Told(
        key=key,
        label=wording.KEYS[key].label,
        now=now,
        lines=wording.lines(key, now.value) if now else [],
        confidence=wording.CONFIDENCES[now.confidence] if now else "",
        coming=[(row, wording.lines(key, row.value) if row.value is not None else []) for row in dated.coming],
    )


def _formula_tables(value: dict) -> list[FormulaTable]:
    formula = Formula.from_value(value)
    return [
        FormulaTable(
            label=milieu.label,
            constant=numerals.coefficient(formula.constants[milieu].text),
            coefficients=[(variable, numerals.coefficient(variable.text)) for variable in formula.variables[milieu]],
        )
        for milieu in Milieu
    ]


def _formula_regions(value: dict) -> list[tuple[Region, list[str]]]:
    regions = Formula.from_value(value).regions
    return [
        (region, [numerals.coefficient(regions[milieu][region.pk].text) for milieu in Milieu]) for region in Region.objects.order_by("id")
    ]


# Proposals


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
    return {
        "effect": queries.effect_of_line(user, low=min(old, new), high=max(old, new), on=timezone.localdate()),
        "histogram": charts.score_histogram(queries.score_histogram(user), sorted(lines, key=lambda line: line.score)),
    }


# Runs


@role_required(*permissions.READERS)
@require_GET
def runs(request):
    page = Paginator(queries.counted_runs(), 25).get_page(request.GET.get("page"))
    now = timezone.now()
    return render(request, "eligibility/runs.html", {"page": page, "ledgers": [queries.Ledger(run, now) for run in page]})


@role_required(*permissions.READERS)
@require_GET
def run(request, pk: int):
    return render(request, "eligibility/run.html", _run_context(request, pk))


@role_required(*permissions.READERS)
@require_GET
def run_progress(request, pk: int):
    """The part of the page that lives; without htmx the whole page, where a link asks again."""
    template = "eligibility/run_progress.html" if request.htmx else "eligibility/run.html"
    return render(request, template, _run_context(request, pk))


def _run_context(request, pk: int) -> dict:
    wanted = get_object_or_404(queries.counted_runs(), pk=pk)
    return {
        "run": wanted,
        "ledger": queries.Ledger(wanted, timezone.now()),
        "page": Paginator(queries.chunks_of(wanted), 50).get_page(request.GET.get("page")),
        "refusals": queries.refusals_of(wanted, request.user)[:50],
        "may_retry": permissions.may_retry(request.user),
    }


@role_required("administrator")
@require_POST
def retry(request, pk: int):
    get_object_or_404(Run, pk=pk)
    services.retry_run(pk, on=timezone.localdate(), by=request.user)
    messages.info(request, _("Les lots en échec attendent de nouveau : les lots faits ne sont pas refaits."))
    return redirect("eligibility:run", pk=pk)
