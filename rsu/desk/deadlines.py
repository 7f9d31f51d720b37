"""Every legal clock that runs in the area, what is late first; counted as it is listed."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from enrollment import clocks
from enrollment.clocks import Running
from enrollment.models import Escalation
from households.permissions import mark_own
from rsu.authentication import PEOPLE, role_required
from rsu.models import User

PAGE, AT_HOME = 50, 5
ADDRESSES = {
    "application": "enrollment:decide",
    "appeal": "desk:appeal",
    "request": "desk:request",
    "conflict": "desk:conflict",
    "loss": "eligibility:loss",
}
OPENED_BY = {"application": ("caseworker", "supervisor", "auditor"), "appeal": ("caseworker", "supervisor", "auditor"),
             "request": ("caseworker", "supervisor", "auditor"), "loss": ("caseworker", "supervisor", "auditor"), "conflict": PEOPLE}  # fmt: skip
LEVELS = {User.Role.SUPERVISOR: Escalation.Level.SUPERVISOR, User.Role.ADMINISTRATOR: Escalation.Level.ADMINISTRATOR}
"""To whom a clock is raised."""


@require_safe
@role_required(*PEOPLE)
def deadlines(request):
    """Filters narrow the list and stay in the address; the totals are those of the whole area, or of one's own hands."""
    user, today, law = request.user, timezone.localdate(), request.law
    clock, state, mine = request.GET.get("clock", ""), request.GET.get("state", ""), bool(request.GET.get("mine"))
    raised = LEVELS.get(user.role, "") if request.GET.get("raised") else ""
    narrowed = {"mine": mine, "raised": str(raised), "late": {"late": True, "running": False}.get(state)}
    if clock in Escalation.Clock.values:
        narrowed["clocks"] = [clock]
    page = Paginator(clocks.running(user, law=law, **narrowed), PAGE).get_page(request.GET.get("page"))
    rows = told(page.object_list, user, on=today)
    counts = clocks.counts(user, law=law, mine=mine)
    context = {
        "page": page,
        "rows": rows,
        "counts": counts,
        "total": {name: sum(getattr(one, name) for one in counts) for name in ("running", "late", "soon")},
        "kinds": Escalation.Clock.choices,
        "clock": clock,
        "state": state,
        "mine": mine,
        "raisable": user.role in LEVELS,
        "only_raised": bool(raised),
        "soon": law.cite(clocks.SOON) if law.has(clocks.SOON) else None,
        "on": today,
    }
    return render(request, "desk/deadlines.html", context)


def told(rows, user: User, *, on) -> list[tuple[Running, str]]:
    """Each clock with the page where it is answered; empty where the reader has no such page."""
    found = clocks.told(rows, on=on)
    mark_own(user, [one.household for one in found])
    return [(one, reverse(ADDRESSES[one.clock], args=[one.subject]) if user.role in OPENED_BY[one.clock] else "") for one in found]


def of_home(user: User, *, law, on) -> dict:
    """The most urgent clocks of the area, how many are late, and those raised to this role."""
    counts = clocks.counts(user, law=law)
    shown = {
        "deadlines": told(clocks.running(user, law=law)[:AT_HOME], user, on=on),
        "deadlines_running": sum(one.running for one in counts),
        "deadlines_late": sum(one.late for one in counts),
    }
    if user.role in LEVELS:
        shown["raised"] = told(clocks.running(user, law=law, raised=str(LEVELS[user.role]))[:AT_HOME], user, on=on)
    return shown
