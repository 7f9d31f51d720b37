"""Everything that waits, by state, age and place."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from households.permissions import mark_own
from rsu.authentication import role_required
from rsu.permissions import in_area

from .. import clocks, permissions, reports, services
from ..models import Enrollment, Hold, Scheme
from .deciding import READERS as DECISION_READERS

PLACES = ("region", "province")
PAGE = 25
ONLY = {
    "held": gettext_lazy("en attente d’un jour donné"),
    "soon": gettext_lazy("délai proche"),
    "late": gettext_lazy("délai passé"),
}
"""Columns beside the ages, in words."""


@require_safe
@role_required(*permissions.WAITING_READERS)
def waiting(request):
    """The whole area, or a region or province of it; its lines add up to the statuses."""
    today, user = localdate(), request.user
    within = {name: str(number) for name in PLACES if (number := _number(request.GET.get(name)))}
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
        "narrowed": "".join(f"&{name}={value}" for name, value in within.items()),
        "chosen": f"&program={program}" if program in Scheme.values else "",
        "decision_days": request.law.cite(clocks.DECISION) if request.law.has(clocks.DECISION) else None,
        "may_batch": user.role in permissions.BATCH_READERS,
    }
    return render(request, "enrollment/waiting.html", context)


@require_safe
@role_required(*permissions.WAITING_READERS)
def waiting_list(request):
    """The enrollments behind one figure of the page, the longest waiting first: what the address asks for, within the area."""
    today, user, asked = localdate(), request.user, request.GET
    rows = reports.waiting_of(user, law=request.law, on=today)
    program, status, only = asked.get("program", ""), asked.get("status", ""), asked.get("only", "")
    if program in Scheme.values:
        rows = rows.filter(program=program)
    if status in reports.STATES:
        rows = rows.filter(status=status)
    for place in (*PLACES, "commune"):
        if number := _number(asked.get(place)):
            rows = rows.filter(**{f"household__commune{'' if place == 'commune' else f'__{place}'}": number})
    if only in ONLY:
        rows = rows.filter(**{only: True})
    age = asked.get("age", "")
    if age in map(str, range(len(reports.AGES) + 1)):
        rows = reports.of_age(rows, int(age), on=today)
    found = reports.with_heads(reports.with_day(rows)).order_by("waited_since", "id")
    page = Paginator(found, PAGE).get_page(asked.get("page"))
    mark_own(user, [row.household for row in page.object_list])
    told = [dict(Scheme.choices).get(program), dict(Enrollment.Status.choices).get(status), ONLY.get(only), _age(age)]
    context = {"page": page, "may_open": user.role in DECISION_READERS, "told": [one for one in told if one]}
    return render(request, "enrollment/waiting_list.html", context)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _age(column: str) -> str:
    if column == str(len(reports.AGES)):
        return _("attend depuis plus de %(n)d jours") % {"n": reports.AGES[-1]}
    return _("attend depuis %(n)d jours au plus") % {"n": reports.AGES[int(column)]} if column in map(str, range(len(reports.AGES))) else ""


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
