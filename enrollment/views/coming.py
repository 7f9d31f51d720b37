"""Work lists of covers: coming changes, directions waiting."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from households.permissions import mark_own
from rsu.authentication import role_required

from ..coming import AWAITED, coming_changes, directions_waiting
from ..models import Direction

READERS = ("caseworker", "supervisor", "auditor")
PAGE = 25


@require_safe
@role_required(*READERS)
def coming(request):
    """Who will lose their place in a unit, the nearest first."""
    rows = coming_changes(request.user, on=localdate())
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    mark_own(request.user, [row.household for row in page.object_list])
    days = request.law.cite("amo.majority_notice_days") if request.law.has("amo.majority_notice_days") else None
    return render(request, "enrollment/coming.html", {"page": page, "notice": days})


@require_safe
@role_required(*READERS)
def directions(request):
    """Persons directed to another scheme, the longest waiting first."""
    state = request.GET.get("state", "")
    page = Paginator(directions_waiting(request.user, state=state), PAGE).get_page(request.GET.get("page"))
    mark_own(request.user, [row.household for row in page.object_list])
    states = [(one.value, one.label) for one in (Direction.State(value) for value in AWAITED)]
    return render(request, "enrollment/directions.html", {"page": page, "state": state, "states": states})
