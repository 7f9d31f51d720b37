"""Decisions in a batch: chosen and counted, proposed, signed by another, followed until the account is closed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from households.permissions import mark_own
from rsu.authentication import role_required

from .. import permissions, queries, reports, services
from ..forms import AnswerForm, BatchForm, ProposeBatchForm
from ..models import DecisionBatch
from ..selection import cause, causes, selected
from .deciding import READERS as DECISION_READERS

PAGE = 25
PROPOSE = ("supervisor", "administrator")
"""Roles that may come to the page; provision batch.proposers says which of them propose."""


@require_safe
@role_required(*permissions.BATCH_READERS)
def batches(request):
    page = Paginator(queries.batches_of(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_propose": permissions.may_propose_batch(request.user, request.law)}
    return render(request, "enrollment/batches.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*PROPOSE)
def new_batch(request):
    """The choice stands in the address: what is shown is what will be proposed, counted again when it is."""
    permissions.check_propose_batch(request.user, request.law)
    form = BatchForm(request.GET or None, user=request.user, runs=causes(request.user))
    if not form.is_valid():
        return render(request, "enrollment/new_batch.html", {"form": form, "shown": None}, status=422 if form.is_bound else 200)
    deed, program, today = form.cleaned_data["deed"], form.cleaned_data["program"], localdate()
    asked = ProposeBatchForm(request.POST or None, deed=deed)
    if request.method == "POST" and asked.is_valid():
        try:
            batch = services.propose_batch(
                deed=deed, program=program, chosen=form.chosen, on=today, by=request.user, **asked.cleaned_data
            )  # fmt: skip
        except services.BatchRefused as refusal:
            asked.add_error(refusal.field if refusal.field in asked.fields else None, str(refusal))
        else:
            messages.success(request, _("La liste est figée ; une autre personne doit la signer."))
            return redirect("enrollment:batch", pk=batch.pk)
    rows = selected(request.user, deed=deed, program=program, chosen=form.chosen)
    shown = services.figures(rows, deed=deed, program=program, on=today)
    context = {"form": form, "shown": shown, "asked": asked, "deed": DecisionBatch.Deed(deed).label}
    return render(request, "enrollment/new_batch.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@role_required(*permissions.BATCH_READERS)
def batch(request, pk: int):
    return render(request, "enrollment/batch.html", _context(request, pk))


@require_safe
@role_required(*permissions.BATCH_READERS)
def batch_progress(request, pk: int):
    """The part of the page that lives; without htmx the whole page, where a link asks again."""
    return render(request, "enrollment/batch_live.html" if request.htmx else "enrollment/batch.html", _context(request, pk))


@require_POST
@role_required(*PROPOSE)
def sign_batch(request, pk: int):
    return _answered(request, pk, services.sign_batch, "answer", _("La décision est signée : elle est appliquée à présent."))


@require_POST
@role_required(*PROPOSE)
def reject_batch(request, pk: int):
    return _answered(request, pk, services.reject_batch, "reason", _("La décision est rejetée : rien n’a été changé."))


@require_POST
@role_required(*PROPOSE)
def retry_batch(request, pk: int):
    """The parts that failed wait again."""
    get_object_or_404(queries.batches_of(request.user), pk=pk)
    services.retry_batch(pk, on=localdate(), by=request.user)
    return redirect("enrollment:batch", pk=pk)


def _answered(request, pk: int, deed, name: str, done: str):
    """One service, its refusal beside the field where it was typed."""
    get_object_or_404(queries.batches_of(request.user), pk=pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            deed(pk, on=localdate(), by=request.user, **{name: form.cleaned_data["answer"]})
        except services.BatchRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("enrollment:batch", pk=pk)
    return render(request, "enrollment/batch.html", _context(request, pk, form), status=422)


def _context(request, pk: int, form: AnswerForm | None = None) -> dict:
    found = get_object_or_404(queries.batches_of(request.user), pk=pk)
    page = Paginator(queries.refusals_of(found, request.user), PAGE).get_page(request.GET.get("page"))
    mark_own(request.user, [row.enrollment.household for row in page.object_list])
    listed = Paginator(reports.listed_of(found, request.user, law=request.law), PAGE).get_page(request.GET.get("list"))
    mark_own(request.user, [row.household for row in listed.object_list])
    told = BatchForm(_typed(found), user=request.user, runs=cause(found.filter.get("run")))
    waits = found.status == DecisionBatch.Status.PROPOSED
    return {
        "batch": found,
        "counted": found.applied + found.already + found.refused,
        "page": page,
        "listed": listed,
        "elsewhere": found.planned - listed.paginator.count,
        "may_open": request.user.role in DECISION_READERS,
        "choices": [(field.label, _word(field)) for field in told if field.name in found.filter],
        "form": form or AnswerForm(),
        "why_not": permissions.why_not_sign_batch(request.user, found, request.law) if waits else "",
        "mine": found.proposed_by_id == request.user.pk,
        "may_act": permissions.may_propose_batch(request.user, request.law),
    }


def _typed(found: DecisionBatch) -> dict:
    """The filter as the form would have been filled."""
    typed = {"deed": found.deed, "program": found.program}
    for name, value in found.filter.items():
        if name in ("near", "far"):
            value = f"{value / 10**7:.7f}".rstrip("0").rstrip(".")
        typed[name] = (
            {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) and name != "spending_only" else str(value)
        )
    return typed


def _word(field) -> str:
    """What was chosen, in the words of the form."""
    choices = dict((str(value), label) for value, label in getattr(field.field, "choices", ()))
    value = str(field.value())
    return str(choices.get(value, _("oui") if value == "True" else value))
