"""Everything that waits, by state, age and place."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rsu.authentication import role_required
from rsu.permissions import in_area

from .. import clocks, permissions, reports, services
from ..models import Hold, Scheme

PLACES = ("region", "province")


@require_safe
@role_required(*permissions.WAITING_READERS)
def waiting(request):
    """The whole area, or a region or province of it; its lines add up to the statuses."""
    today, user = localdate(), request.user
    within = {name: request.GET[name] for name in PLACES if request.GET.get(name, "").isdigit()}
    rows = reports.waiting_of(user, law=request.law, on=today)
    program = request.GET.get("program", "")
    if program in Scheme.values:
        rows = rows.filter(program=program)
    for name, value in within.items():
        rows = rows.filter(**{f"household__commune__{name}": value})
    lines = reports.by_state(rows, on=today)
    whole = not within and program not in Scheme.values
    statuses = reports.statuses(user) if whole else {}
    context = {
        "lines": lines,
        "places": reports.by_place(rows, user, on=today, within=within),
        "ages": reports.AGES,
        "total": sum(line.total for line in lines),
        "whole": whole,
        "counted": sum(statuses.values()),
        "late": sum(line.late for line in lines),
        "soon": sum(line.soon for line in lines),
        "beside": reports.waiting_beside(user, on=today),
        "programs": Scheme.choices,
        "program": program,
        "within": within,
        "decision_days": request.law.cite(clocks.DECISION) if request.law.has(clocks.DECISION) else None,
        "may_batch": user.role in permissions.BATCH_READERS,
    }
    return render(request, "enrollment/waiting.html", context)


@require_POST
@role_required("caseworker", "supervisor")
def settle_hold(request, pk: int):
    """What the visit or the papers showed; back to the decision."""
    hold = get_object_or_404(Hold.objects.filter(in_area(request.user, "enrollment__household__commune")), pk=pk)
    try:
        services.settle_hold(hold.pk, outcome=request.POST.get("outcome", ""), on=localdate(), by=request.user)
    except services.NotEnrollable as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("L’attente est close ; la décision reste à prendre."))
    return redirect("enrollment:decide", pk=hold.enrollment_id)
