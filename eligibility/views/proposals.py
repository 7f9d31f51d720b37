"""Proposing a change of the law, and deciding on what another administrator proposes."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rsu import charts
from rsu.authentication import role_required
from rsu.models import User
from rsu.months import first_of_next_month

from .. import changes, formulas, permissions, queries, services, wording
from ..forms import ApprovalForm, CitedForm, FormulaTableForm, FormulaTextForm, ProposalForm, RejectionForm, changed_rows
from ..law import FORMULA, MONTHLY, Law
from ..models import Program, Proposal, Provision, Run
from ..score import threshold_points
from .simulation import compare


@role_required("administrator")
def propose(request):
    """Choose what to change, then fill in its own form beside what is in force."""
    permissions.check_propose(request.user)
    key = request.POST.get("key") or request.GET.get("key")
    if not key:
        words = request.GET.get("q", "")
        return render(request, "eligibility/choose.html", {"words": words, "groups": wording.keys_with(words)})
    if key not in wording.KEYS:
        raise Http404
    return _propose_formula(request) if key == FORMULA else _propose_value(request, key)


def _propose_value(request, key: str):
    dated = queries.provisions_on(timezone.localdate()).get(key)
    value = dated and dated.now and dated.now.value
    if request.method != "POST":
        simulated = {"value": request.GET["value"]} if key in services.THRESHOLDS and "value" in request.GET else {}
        form = ProposalForm(key=key, value=value, initial={"since": _first_day(key)} | simulated)
    elif "add" in request.POST or "remove" in request.POST:
        form = ProposalForm(key=key, value=value, initial=changed_rows(request.POST, key))
    else:
        form = ProposalForm(request.POST, key=key, value=value)
    return _proposed_page(request, "eligibility/propose.html", form, {"dated": dated})


def _propose_formula(request):
    """The table of coefficients beside those in force; or a file, with `way=file`."""
    today = timezone.localdate()
    dated = queries.provisions_on(today).get(FORMULA)
    if not dated or not dated.now:
        raise Http404
    initial, typed = {"since": today}, request.POST if request.method == "POST" else None
    by_file = request.GET.get("way") == "file"
    if by_file:
        form = FormulaTextForm(typed, request.FILES or None, initial=initial)
    else:
        base = get_object_or_404(Provision, pk=_number(request.POST.get("base")) or dated.now.pk, key=FORMULA, value__isnull=False)
        form = FormulaTableForm(typed, base=base, initial=initial)
    return _proposed_page(request, "eligibility/propose_formula.html", form, {"dated": dated, "by_file": by_file})


def _proposed_page(request, template: str, form: CitedForm, context: dict):
    """The proposal made and shown; or the form, with every mistake beside its field."""
    made = form.is_bound and _proposed(form, on=timezone.localdate(), by=request.user)
    if made:
        messages.success(request, _("La proposition est enregistrée. Un autre administrateur doit l’approuver pour qu’elle ait effet."))
        return redirect("eligibility:proposal", pk=made.pk)
    dated = context["dated"]
    shown = context | {
        "form": form,
        "key": form.key,
        "label": wording.KEYS[form.key].label,
        "lines": wording.lines(form.key, dated.now.value) if dated and dated.now else [],
        "work": services.work_of_key(form.key, households=_registered(request.user)),
        "shows_effect": form.key in services.THRESHOLDS,
        "coming": [(row, wording.summary(form.key, row.value)) for row in dated.coming] if dated else [],
    }
    return render(request, template, shown, status=422 if form.errors else 200)


def _proposed(form: CitedForm, *, on: date, by: User) -> Proposal | None:
    """The proposal made; or None and every mistake at once beside its field: what cannot be read and what cannot stand."""
    if form.is_valid():
        cited = {name: form.cleaned_data[name] for name in CitedForm.CITATION}
        try:
            return services.propose_provision(key=form.key, value=form.proposed, **cited, on=on, by=by)
        except services.ProposalRefused as refusal:
            problems = refusal.problems
    else:
        read = {name: form.cleaned_data.get(name, "") for name in ("source", "reason")}
        since = form.cleaned_data.get("since")
        problems = services.proposal_problems(key=form.key, value=form.proposed, since=since, **read, on=on)
    form.refuse(problems)
    return None


def _first_day(key: str) -> date:
    """The day a proposal starts unless another is typed."""
    today = timezone.localdate()
    if key not in MONTHLY or today.day == 1:
        return today
    return first_of_next_month(today)


def _number(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 10 else None


@role_required(*permissions.READERS)
@require_GET
def proposal(request, pk: int):
    return _proposal_page(request, get_object_or_404(queries.proposals(), pk=pk))


@role_required(*permissions.READERS)
@require_GET
def proposal_file(request, pk: int):
    """The proposed formula, whole, as a file that whoever signs may read and run elsewhere."""
    wanted = get_object_or_404(queries.proposals(), pk=pk, key=FORMULA)
    headers = {"Content-Disposition": f'attachment; filename="proposal-{pk}.toml"'}
    return HttpResponse(formulas.to_toml(wanted.value), content_type="application/toml; charset=utf-8", headers=headers)


@role_required("administrator")
@require_POST
def approve(request, pk: int):
    """Approving twice changes nothing more: the second time says so."""
    wanted = get_object_or_404(queries.proposals(), pk=pk)
    today = timezone.localdate()
    form = ApprovalForm(request.POST)
    form.is_valid()
    try:
        services.approve_proposal(wanted.pk, without_report=form.cleaned_data["without_report"], on=today, by=request.user)
    except services.ProposalRefused as refusal:
        if refusal.field in form.fields:
            form.add_error(refusal.field, refusal.problems[refusal.field])
            return _proposal_page(request, wanted, approval=form, status=422)
        messages.warning(request, str(refusal))
    else:
        if Run.objects.filter(provision__proposal=wanted).exists():
            messages.success(request, _("La valeur est en vigueur. Les ménages qu’elle touche sont en train d’être relus."))
        elif wanted.since <= today:
            messages.success(request, _("La valeur est en vigueur. Elle ne fait relire aucun ménage."))
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


def _proposal_page(
    request, wanted: Proposal, form: RejectionForm | None = None, *, approval: ApprovalForm | None = None, status: int = 200
):
    before = queries.line_before(wanted)
    is_open = wanted.status == Proposal.Status.OPEN
    run = wanted.status == Proposal.Status.APPROVED and wanted.provision.runs.first()
    registered = _registered(request.user) if is_open else 0
    before_it = queries.law(wanted.since) if is_open else request.law
    context = {
        "work": services.work_of_proposal(wanted, before=before_it, households=registered),
        "proposal": wanted,
        "label": wording.KEYS[wanted.key].label,
        "kind": _kind(wanted),
        "before": before,
        "run": run,
        "form": form or RejectionForm(),
        "why_not": permissions.why_not_decide(request.user, wanted),
        "open": is_open,
    }
    if is_open and (relay := _relay(wanted)):
        context |= {"relay": relay, "relay_value": wording.summary(wanted.key, relay.value)}
    if context["kind"] == "threshold":
        context |= _line_change(request, wanted, before, previewed=not run and wanted.status != Proposal.Status.REJECTED)
    elif context["kind"] == "formula":
        rows = changes.coefficients_of(before and before.value, wanted.value)
        context |= {"coefficients": [row for row in rows if row.differs], "untouched": [row for row in rows if not row.differs]}
        if is_open and not services.fresh_report(wanted, on=timezone.localdate()):
            context["approval"] = approval or ApprovalForm()
    else:
        context["pairs"] = changes.pairs_of(wanted.key, before and before.value, wanted.value)
    return render(request, "eligibility/proposal.html", context, status=status)


def _registered(user: User) -> int:
    """Households of the area, from the tally: those who change the law have the whole kingdom."""
    return sum(row["households"] for row in queries.registered_by(user, queries.Level.REGION))


def _relay(wanted: Proposal) -> Provision | None:
    """What is already voted for a later day and will replace it then."""
    return Provision.objects.filter(key=wanted.key, since__gt=wanted.since).order_by("since", "-id").first()


def _kind(wanted: Proposal) -> str:
    """How its page tells the change: by the line that moves, by coefficients, or line by line."""
    if wanted.key in services.THRESHOLDS and wanted.value is not None:
        return "threshold"
    return "formula" if wanted.key == FORMULA else "values"


def _line_change(request, wanted: Proposal, before: Provision | None, *, previewed: bool) -> dict:
    old = threshold_points(before.value) if before and before.value else None
    new = threshold_points(wanted.value)
    context = {"old": old, "new": new, "difference": None if old is None else new - old, "rises": old is not None and new > old}
    if previewed and old is not None and request.law.has(FORMULA):
        context |= _preview(request.user, services.THRESHOLDS[wanted.key], old, new, request.law)
    return context


def _preview(user: User, program: Program, old: int, new: int, law: Law) -> dict:
    """Who would cross, what each line costs, and both over the scores of today."""
    lines = sorted([charts.ThresholdLine(_("avant"), old), charts.ThresholdLine(_("après"), new)], key=lambda line: line.score)
    scores = queries.score_histogram(user, formula=law.cite(FORMULA).id)
    return {
        "effect": queries.effect_of_line(user, low=min(old, new), high=max(old, new), on=law.on),
        "cost": compare(user, program=program, old=old, new=new, law=law),
        "histogram": charts.score_histogram(scores, lines),
    }
