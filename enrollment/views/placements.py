"""Children in institutions: who is placed where, what each account received."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rsu.authentication import role_required
from rsu.permissions import Forbidden, communes_of

from .. import months, orders, services
from ..aid_forms import LeavingForm, PlacementAccountForm, PlacementForm
from ..models import Placement
from ..paying.reasons import reason_of
from ..paying.rib import grouped, masked

PAGE = 25
READERS = ("supervisor", "auditor")


@require_safe
@role_required(*READERS)
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
@role_required(*READERS)
def placement(request, pk: int):
    """What the account received month by month and what came back; its number corrected, or the end for good, by a supervisor."""
    row = get_object_or_404(months.placements_of(request.user), pk=pk)
    deed, may_record = request.POST.get("deed"), request.user.role == "supervisor"
    leaving = LeavingForm(request.POST if deed == "end" else None, auto_id="end_%s")
    account = PlacementAccountForm(request.POST if deed == "account" else None, auto_id="account_%s")
    if request.method == "POST" and _take(request, row, leaving, account):
        return redirect("enrollment:placement", pk=pk)
    rejected = list(orders.rejected_of(row))
    for one in rejected:
        one.why = reason_of(one.reason_code)
    context = {
        "row": row,
        "number": grouped(row.account) if may_record else masked(row.account),
        "lines": row.months.select_related("provision").order_by("month", "kind"),
        "rejected": rejected,
        "form": leaving,
        "account": account,
        "may_record": may_record,
        "may_end": may_record and row.until.year == 9999,
    }
    return render(request, "enrollment/placement.html", context, status=422 if request.method == "POST" else 200)


def _take(request, row: Placement, leaving: LeavingForm, account: PlacementAccountForm) -> bool:
    """Do what was asked, or put on its form why not."""
    asked, deed = (account, services.correct_account) if account.is_bound else (leaving, services.end_placement)
    if not asked.is_valid():
        return False
    try:
        deed(row.pk, **asked.cleaned_data, on=localdate(), by=request.user)
    except services.PlacementRefused as refusal:
        asked.add_error(refusal.field or None, str(refusal))
    except Forbidden as refusal:
        asked.add_error(None, str(refusal))
    else:
        if asked is account:
            messages.success(request, _("Le RIB est corrigé : un versement rejeté peut être réémis, les suivants y vont."))
        return True
    return False
