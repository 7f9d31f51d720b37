"""Requests that wait: mine, my area's, those to approve; for a supervisor, who holds what."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from households import queue
from households.lifecycle import ENDED
from households.models import Request
from households.permissions import mark_own
from rsu.authentication import role_required
from rsu.models import User

from .page import READERS

PAGE = 25

TITLES = {
    queue.MINE: gettext_lazy("Les miennes"),
    queue.AREA: gettext_lazy("Mon territoire"),
    queue.APPROVE: gettext_lazy("À approuver"),
    queue.DRAFTS: gettext_lazy("Mes brouillons"),
    queue.ENDED: gettext_lazy("Terminées"),
}


@require_safe
@role_required(*READERS)
def requests(request):
    """One list at a time, late ones first; filters narrow it and stay in the address."""
    user, today = request.user, timezone.localdate()
    offered = queue.lists_of(user)
    shown = request.GET.get("list", "")
    shown = shown if shown in offered else offered[0]
    kind, status, late = request.GET.get("kind", ""), request.GET.get("status", ""), bool(request.GET.get("late"))
    rows = queue.requests_in(shown, user, on=today, kind=kind, status=status, late=late)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    mark_own(user, [row.household for row in page.object_list])
    counts = queue.counts_of(user, on=today)
    context = {
        "page": page,
        "lists": [(name, TITLES[name], counts.by_list.get(name)) for name in offered],
        "shown": shown,
        "counts": counts,
        "kinds": [choice for choice in Request.Kind.choices if choice[0] != Request.Kind.REGISTRATION],
        "statuses": [choice for choice in Request.Status.choices if choice[0] in ENDED],
        "kind": kind,
        "status": status,
        "only_late": late,
        "shares": queue.shares(user, on=today) if user.role == User.Role.SUPERVISOR else [],
        "on": today,
    }
    return render(request, "desk/requests/requests.html", context)
