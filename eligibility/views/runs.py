"""Runs, as administrators follow them and auditors read them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rsu.authentication import role_required

from .. import permissions, queries, services
from ..models import Run


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
        "may_run": permissions.may_run(request.user),
    }


@role_required("administrator")
@require_POST
def retry(request, pk: int):
    get_object_or_404(Run, pk=pk)
    services.retry_run(pk, on=timezone.localdate(), by=request.user)
    messages.info(request, _("Les lots en échec attendent de nouveau : les lots faits ne sont pas refaits."))
    return redirect("eligibility:run", pk=pk)
