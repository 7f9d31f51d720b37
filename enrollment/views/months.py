"""The months of direct aid: what each came to, and the ledger of the run that wrote it."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rsu.authentication import role_required
from rsu.models import User

from .. import months, services
from ..aid_forms import CorrectionForm, MonthForm
from ..models import MonthRun

READERS = ("supervisor", "administrator", "auditor")
PAGE = 24
REASONS = {
    "no_right": gettext_lazy("aucun droit ce jour-là"),
    "suspended": gettext_lazy("droit suspendu"),
    "struck_off": gettext_lazy("ménage radié"),
    "empty": gettext_lazy("personne dans le ménage"),
    "other_allowances": gettext_lazy("allocations familiales d’un autre régime"),
    "nationality": gettext_lazy("personne qui recevrait l’aide non marocaine"),
    "paid_elsewhere": gettext_lazy("une personne déjà payée dans un autre ménage"),
}
"""Why a household planned in a month was not paid, by the codes of its ledger."""


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*READERS)
def month_list(request):
    """Months written, newest first; an administrator starts one."""
    form = MonthForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            run = services.start_month(form.cleaned_data["month"], on=localdate(), by=request.user)
            return redirect("enrollment:month", month=run.month.strftime("%Y-%m"))
        except services.MonthRefused as refusal:
            form.add_error("month", str(refusal))
    page = Paginator(months.months_written(request.user), PAGE).get_page(request.GET.get("page"))
    under_way = months.counted_runs().filter(status__in=(MonthRun.Status.PLANNED, MonthRun.Status.RUNNING))
    context = {
        "page": page,
        "form": form,
        "under_way": under_way,
        "may_start": request.user.role == "administrator",
        "whole": request.user.area_level == User.AreaLevel.KINGDOM,
    }
    return render(request, "enrollment/months.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(*READERS)
def month(request, month: str):
    return render(request, "enrollment/month_totals.html", _month(request, _first(month)))


@require_safe
@role_required(*READERS)
def month_progress(request, month: str):
    """The ledger alone, asked for again while the run goes on."""
    return render(request, "enrollment/month_ledger.html", _ledger(request, _first(month)))


@require_POST
@role_required("administrator")
def month_retry(request, month: str):
    run = months.run_of_month(_first(month))
    if run is None:
        raise Http404
    try:
        services.retry_month(run.pk, on=localdate(), by=request.user)
    except services.MonthRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("enrollment:month", month=month)


@require_POST
@role_required("administrator")
def month_correct(request, month: str):
    """Read the month again for everyone, under the law of today for that month."""
    form, first = CorrectionForm(request.POST), _first(month)
    if form.is_valid():
        try:
            services.correct_everyone(first, reason=form.cleaned_data["reason"], on=localdate(), by=request.user)
            messages.success(request, _("La correction du mois est prévue."))
            return redirect("enrollment:month", month=month)
        except services.MonthRefused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "enrollment/month_totals.html", _month(request, first) | {"correction": form}, status=422)


def _first(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error


def _month(request, first: date) -> dict:
    totals = months.totals_of_month(first, request.user)
    ledger = _ledger(request, first)
    if not totals.regions and ledger["run"] is None:
        raise Http404
    return ledger | {
        "totals": totals,
        "sources": months.sources_of(first),
        "may_start": request.user.role == "administrator",
        "correction": CorrectionForm(),
    }


def _ledger(request, first: date) -> dict:
    run, whole = months.run_of_month(first), request.user.area_level == User.AreaLevel.KINGDOM
    if run is None:
        return {"month": first, "run": None, "whole": whole}
    refused = months.not_due(run)
    found = run.paid + run.already + sum(refused.values())
    return {
        "month": first,
        "run": run,
        "whole": whole,
        "refused": [(REASONS.get(reason, reason), number) for reason, number in refused.items()],
        "refused_sum": sum(refused.values()),
        "holds": found == run.planned,
        "finished": run.status in MonthRun.ENDED,
        "may_start": request.user.role == "administrator",
    }
