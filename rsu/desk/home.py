"""My work: what waits for whoever has just sat down."""

from django.shortcuts import render
from django.utils import timezone

import eligibility.losses
import eligibility.permissions
import eligibility.queries
import enrollment.queries
import households.permissions
import households.queries
from households import queue
from households.duplicates import pairs
from households.permissions import PEOPLE as HANDLERS
from rsu.authentication import PEOPLE, role_required

from . import duplicates


@role_required(*PEOPLE)
def home(request):
    user, today = request.user, timezone.localdate()
    work = enrollment.queries.work_list(user)
    recent = list(households.queries.households_of(user).prefetch_related("members")[:10])
    to_decide, in_review = (list(work.filter(status=status)[:10]) for status in ("proposed", "in_review"))
    asked = _asked(user, today) if user.role in HANDLERS else {}
    listed = (*to_decide, *in_review, *asked.get("asked", ()))
    households.permissions.mark_own(user, [*recent, *(row.household for row in listed)])
    context = {
        "drafts": households.queries.drafts_of(user)[:20],
        "recent": recent,
        "seen": households.queries.recently_seen(user),
        "to_decide_count": work.filter(status="proposed").count(),
        "to_decide": to_decide,
        "in_review_count": work.filter(status="in_review").count(),
        "in_review": in_review,
        "on": today,
    } | asked
    if user.role in duplicates.READERS:
        context["duplicates_count"] = pairs.count_to_settle(user)
    if user.role in eligibility.permissions.LOSS_READERS:
        context["losses_count"] = eligibility.losses.waiting_losses(user).count()
    if user.role in ("administrator", "auditor"):
        context["proposals_open"] = eligibility.queries.proposals().filter(status="open")[:10]
    if eligibility.permissions.may_read_runs(user):
        context["runs"] = eligibility.queries.runs()[:5]
    return render(request, "desk/home.html", context)


def _asked(user, today) -> dict:
    """What families ask: the first of the list this role begins with, and how many wait."""
    first = queue.lists_of(user)[0]
    return {
        "asked_list": first,
        "asked": list(queue.requests_in(first, user, on=today)[:5]),
        "asked_counts": queue.counts_of(user, on=today),
        "request_drafts": queue.requests_in(queue.DRAFTS, user, on=today)[:10],
    }
