"""A proposed formula tried on everyone: asked for on its proposal, followed there, and read as a report."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rsu import audit, charts
from rsu.authentication import role_required
from rsu.models import User

from .. import permissions, queries, reports, services
from ..models import Program, Proposal, Run


@dataclass(frozen=True)
class Panel:
    """Where the rehearsal of a proposal stands; `run` is the last one, None when there was none."""

    run: Run | None
    ledger: queries.Ledger | None
    doubts: list[str]
    why_not: str


def panel_of(proposal: Proposal, user: User) -> Panel:
    run = queries.counted_runs().filter(proposal=proposal).select_related("proposal").first()
    ledger = run and queries.Ledger(run, timezone.now())
    doubts = services.report_doubts(run, on=timezone.localdate()) if run and run.status == Run.Status.CLOSED else []
    return Panel(run, ledger, doubts, permissions.why_not_propose(user))


@role_required("administrator")
@require_POST
def rehearse(request, pk: int):
    """Asked twice, the second finds the rehearsal under way."""
    get_object_or_404(Proposal, pk=pk)
    try:
        services.rehearse_formula(pk, on=timezone.localdate(), by=request.user)
    except services.ProposalRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.info(request, _("La formule est répétée sur tout le registre : aucun droit ne bouge. Le rapport paraîtra ici."))
    return redirect("eligibility:proposal", pk=pk)


@role_required(*permissions.READERS)
@require_GET
def rehearsal_progress(request, pk: int):
    """The part of the proposal's page that lives; without htmx the page itself."""
    wanted = get_object_or_404(queries.proposals(), pk=pk)
    if not request.htmx:
        return redirect("eligibility:proposal", pk=pk)
    return render(request, "eligibility/proposal_rehearsal.html", {"proposal": wanted})


@role_required(*permissions.READERS)
@require_GET
def rehearsal(request, pk: int):
    """The report of one program, counted by one kind of household; reading the families of the sample is written in the journal."""
    wanted = _report(pk)
    programs = reports.programs_of(wanted)
    program = _chosen(Program, request.GET.get("program"), programs)
    breakdown = _chosen(reports.Breakdown, request.GET.get("by"), list(reports.Breakdown))
    rows = reports.by_kind(wanted, program, breakdown, request.user)
    families = reports.losing_families(wanted, request.user).filter(program=program)
    context = {
        "run": wanted,
        "programs": programs,
        "program": program,
        "breakdowns": list(reports.Breakdown),
        "breakdown": breakdown,
        "whole": reports.whole(wanted, program, request.user),
        "rows": rows,
        "chart": charts.moves(
            [charts.Moved(row.label, row.goes_out.households, row.comes_in.households) for row in rows], kind=breakdown.label
        ),
        "losers": reports.losers(wanted, families),
        "doubts": services.report_doubts(wanted, on=timezone.localdate()),
        "line": reports.line_of(wanted, program),
        "reads_reports": reports.reads_reports(request.user),
        "may_sign": wanted.proposal.status == Proposal.Status.OPEN,
    }
    if context["losers"]:
        audit.record(by=request.user, verb="read_losing_families", subject=f"run:{wanted.pk}", program=program.value)
    return render(request, "eligibility/rehearsal.html", context)


@role_required(*permissions.READERS)
@require_GET
def losing_family(request, pk: int, family: int):
    """Everything the formula changes in one family's score: reading it is written in the family's trace."""
    wanted = _report(pk)
    row = get_object_or_404(reports.losing_families(wanted, request.user), pk=family)
    found = reports.losers(wanted, [row])
    if not found:
        raise Http404
    audit.record(by=request.user, verb="read_losing_family", household=row.household_id, subject=f"run:{wanted.pk}")
    return render(request, "eligibility/losing_family.html", {"run": wanted, "loser": found[0], "program": Program(row.program)})


def _report(pk: int) -> Run:
    rehearsed = queries.runs().select_related("proposal").filter(kind=Run.Kind.REHEARSAL, status=Run.Status.CLOSED)
    return get_object_or_404(rehearsed, pk=pk)


def _chosen(kind, asked: str | None, among: list):
    """What the address asks for if it is among them, or else the first."""
    wanted = next((one for one in among if one.value == asked), None) or next(iter(among), None)
    if wanted is None:
        raise Http404
    return kind(wanted)
