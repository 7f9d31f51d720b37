"""My work: what waits for whoever has just sat down."""

from django.shortcuts import render
from django.utils import timezone

import eligibility.losses
import eligibility.permissions
import eligibility.queries
import enrollment.queries
import households.queries
from households import queue
from households.permissions import PEOPLE as HANDLERS
from rsu.authentication import PEOPLE, role_required


@role_required(*PEOPLE)
def home(request):
    user, today = request.user, timezone.localdate()
    work = enrollment.queries.work_list(user)
    context = {
        "drafts": households.queries.drafts_of(user)[:20],
        "recent": households.queries.households_of(user).prefetch_related("members")[:10],
        "to_decide_count": work.filter(status="proposed").count(),
        "to_decide": work.filter(status="proposed")[:10],
        "in_review_count": work.filter(status="in_review").count(),
        "in_review": work.filter(status="in_review")[:10],
        "on": today,
    }
    if user.role in HANDLERS:
        context |= _asked(user, today)
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
        "asked": queue.requests_in(first, user, on=today)[:5],
        "asked_counts": queue.counts_of(user, on=today),
        "request_drafts": queue.requests_in(queue.DRAFTS, user, on=today)[:10],
    }
