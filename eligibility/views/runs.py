"""Runs, as administrators follow and command them and auditors read them."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from rsu.authentication import role_required

from .. import permissions, queries, reports, services
from ..models import Run
from ..runs import is_kept

FIRST_REFUSALS = 10
"""Shown on the run's own page; the others have a page of their own."""
DOES = {
    Run.Kind.THRESHOLD: _("Les ménages dont l’indice est entre les deux seuils changent de réponse ; les autres ne sont pas lus."),
    Run.Kind.FORMULA: _("Chaque ménage reçoit son indice par la nouvelle formule ; seuls changent les droits dont la réponse change."),
    Run.Kind.REHEARSAL: _("Chaque ménage reçoit un indice d’essai par la formule proposée : aucun droit ne bouge."),
    Run.Kind.READING: _("Les réponses de chaque ménage sont relues sous la loi du jour, puis son indice et ses droits."),
    Run.Kind.AMOUNTS: _("Ce que chaque famille recevrait est recompté aux nouveaux montants : aucun droit ne s’ouvre ni ne se ferme."),
    Run.Kind.TIME: _("Les ménages qu’un anniversaire ou une échéance a changés sont relus à ce jour."),
    Run.Kind.LOAD: _("Les ménages qui viennent d’être chargés sont lus pour la première fois."),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif"), help_text=_("Gardé avec l’exécution et au journal."), widget=forms.Textarea(attrs={"rows": 2})
    )


@role_required(*permissions.READERS)
@require_GET
def runs(request):
    permissions.check_read_runs(request.user)
    page = Paginator(queries.counted_runs(), 25).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "page": page,
        "ledgers": [queries.Ledger(run, now) for run in page],
        "reads_samples": permissions.may_read_samples(request.user),
    }
    return render(request, "eligibility/runs.html", context)


@role_required(*permissions.READERS)
@require_GET
def run(request, pk: int):
    permissions.check_read_runs(request.user)
    return _run_page(request, pk)


@role_required(*permissions.READERS)
@require_GET
def run_progress(request, pk: int):
    """The part of the page that lives; without htmx the whole page, where a link asks again.

    The commands stand beside it, for what is typed there to stay: they come again when the state they were written for is over.
    """
    permissions.check_read_runs(request.user)
    if not request.htmx:
        return _run_page(request, pk)
    context = _run_context(request, pk)
    context["new_commands"] = request.GET.get("was") not in (None, context["run"].status)
    return render(request, "eligibility/run_live.html", context)


def _run_page(request, pk: int, form: ReasonForm | None = None, status: int = 200):
    return render(request, "eligibility/run.html", _run_context(request, pk, form), status=status)


def _run_context(request, pk: int, form: ReasonForm | None = None) -> dict:
    wanted = get_object_or_404(queries.counted_runs().select_related("proposal"), pk=pk)
    ledger = queries.Ledger(wanted, timezone.now())
    refusals = reports.refused_households(wanted, request.user)
    return {
        "run": wanted,
        "does": DOES[wanted.kind],
        "ledger": ledger,
        "everyone": reports.everyone_of(wanted) if ledger.finished else None,
        "page": Paginator(queries.chunks_of(wanted), 50).get_page(request.GET.get("page")),
        "refusals": refusals[:FIRST_REFUSALS],
        "refusal_count": refusals.count() if wanted.refused else 0,
        "commands": _commands(wanted),
        "why_not": permissions.why_not_run(request.user),
        "form": form or ReasonForm(),
    }


def _commands(wanted: Run) -> list[str]:
    """What may be done with a run in its state, by whoever may command it."""
    if wanted.status == Run.Status.PAUSED:
        return ["resume", "cancel"]
    if wanted.status not in Run.ENDED:
        return ["pause", "cancel"]
    if wanted.status == Run.Status.CLOSED:
        return []
    return ["rehearse"] if wanted.kind == Run.Kind.REHEARSAL and not is_kept(wanted) else ["retry"]


@role_required(*permissions.READERS)
@require_GET
def run_refusals(request, pk: int):
    permissions.check_read_runs(request.user)
    wanted = get_object_or_404(queries.runs(), pk=pk)
    page = Paginator(reports.refused_households(wanted, request.user), 50).get_page(request.GET.get("page"))
    return render(request, "eligibility/run_refusals.html", {"run": wanted, "page": page})


@role_required("administrator")
@require_POST
def pause(request, pk: int):
    return _commanded(request, pk, services.pause_run, _("L’exécution est suspendue : les lots déjà pris finissent, les autres attendent."))


@role_required("administrator")
@require_POST
def cancel(request, pk: int):
    return _commanded(
        request, pk, services.cancel_run, _("L’exécution est annulée : les lots déjà pris finissent, les autres sont abandonnés.")
    )


@role_required("administrator")
@require_POST
def resume(request, pk: int):
    return _commanded(request, pk, services.resume_run, _("L’exécution reprend où elle s’était arrêtée."), asks_why=False)


@role_required("administrator")
@require_POST
def retry(request, pk: int):
    told = _("Les lots qui restaient attendent de nouveau : les lots faits ne sont pas refaits.")
    return _commanded(request, pk, services.retry_run, told, asks_why=False)


def _commanded(request, pk: int, deed: Callable, told, *, asks_why: bool = True):
    """Done once however often it is asked; the reason missing, the page again with what was typed."""
    get_object_or_404(Run, pk=pk)
    permissions.check_run(request.user)
    form = ReasonForm(request.POST)
    if asks_why and not form.is_valid():
        return _run_page(request, pk, form, status=422)
    given = {"reason": form.cleaned_data["reason"]} if asks_why else {}
    try:
        deed(pk, **given, on=timezone.localdate(), by=request.user)
    except services.RunRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.info(request, told)
    return redirect("eligibility:run", pk=pk)
