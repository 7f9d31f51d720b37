"""Children in institutions: who is placed where, what each account received."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from rsu.authentication import role_required
from rsu.permissions import Forbidden, communes_of

from .. import months, services
from ..aid_forms import LeavingForm, PlacementForm

PAGE = 25


@require_safe
@role_required("supervisor", "auditor")
def placements(request):
    page = Paginator(months.placements_of(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "enrollment/placements.html", {"page": page, "may_record": request.user.role == "supervisor"})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("supervisor")
def new_placement(request):
    form = PlacementForm(request.POST or None, communes=communes_of(request.user).order_by("name_fr"))
    if request.method == "POST" and form.is_valid():
        try:
            placement = services.record_placement(**form.cleaned_data, on=localdate(), by=request.user)
            return redirect("enrollment:placement", pk=placement.pk)
        except services.PlacementRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
    return render(request, "enrollment/new_placement.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("supervisor", "auditor")
def placement(request, pk: int):
    """What the account received month by month; the end for good, by a supervisor."""
    row = get_object_or_404(months.placements_of(request.user), pk=pk)
    form = LeavingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.end_placement(row.pk, **form.cleaned_data, on=localdate(), by=request.user)
            return redirect("enrollment:placement", pk=pk)
        except services.PlacementRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        except Forbidden as refusal:
            form.add_error(None, str(refusal))
    lines = row.months.select_related("provision").order_by("month", "kind")
    may_end = request.user.role == "supervisor" and row.until.year == 9999
    return render(
        request,
        "enrollment/placement.html",
        {"row": row, "lines": lines, "form": form, "may_end": may_end},
        status=422 if form.errors else 200,
    )
