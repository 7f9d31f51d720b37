"""My work: what waits for whoever has just sat down."""

from django.shortcuts import render
from django.utils import timezone

import eligibility.losses
import eligibility.permissions
import eligibility.queries
import enrollment.queries
import households.permissions
import households.queries
from enrollment.permissions import PEOPLE as DECIDERS
from households import queue
from households.duplicates import pairs
from households.permissions import PEOPLE as HANDLERS
from rsu.authentication import PEOPLE, role_required

from . import deadlines, duplicates


@role_required(*PEOPLE)
def home(request):
    """Each role sees the tasks it can do; what it only reads has its own pages in the bar."""
    user, today = request.user, timezone.localdate()
    recent = list(households.queries.households_of(user).prefetch_related("members")[:10])
    tasks = _tasks(user, today)
    listed = (*tasks.get("to_decide", ()), *tasks.get("in_review", ()), *tasks.get("asked", ()))
    households.permissions.mark_own(user, [*recent, *(row.household for row in listed)])
    tasks |= deadlines.of_home(user, law=request.law, on=today)
    context = {"recent": recent, "seen": households.queries.recently_seen(user), "on": today} | tasks
    if eligibility.permissions.may_propose(user):
        context["proposals_open"] = eligibility.queries.proposals().filter(status="open")[:10]
    if eligibility.permissions.may_read_runs(user):
        context["runs"] = eligibility.queries.runs()[:5]
    return render(request, "desk/home.html", context)


def _tasks(user, today) -> dict:
    """What waits for the deeds of this role, each counted where the service that does it would let it."""
    tasks = {}
    if user.role in HANDLERS:
        tasks |= {"drafts": households.queries.drafts_of(user)[:20]} | _asked(user, today)
        tasks["conflict_counts"] = households.queries.conflict_counts(user, on=today)
        tasks["losses_count"] = eligibility.losses.waiting_losses(user).count()
    if user.role in DECIDERS:
        work = enrollment.queries.work_list(user)
        tasks["to_decide_count"] = work.filter(status="proposed").count()
        tasks |= {name: list(work.filter(status=status)[:10]) for name, status in (("to_decide", "proposed"), ("in_review", "in_review"))}
    if user.role in duplicates.SETTLERS:
        tasks["duplicates_count"] = pairs.count_to_settle(user)
    return tasks


def _asked(user, today) -> dict:
    """What families ask: the first of the list this role begins with, and how many wait."""
    first = queue.lists_of(user)[0]
    return {
        "asked_list": first,
        "asked": list(queue.requests_in(first, user, on=today)[:5]),
        "asked_counts": queue.counts_of(user, on=today),
        "request_drafts": queue.requests_in(queue.DRAFTS, user, on=today)[:10],
    }
