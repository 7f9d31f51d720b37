"""What the calendar does by itself: lines that start today, and households a birthday has changed."""

from datetime import date, timedelta

from django.db import transaction

from rsu.models import User
from rsu.outbox import send

from .. import queries, runs
from ..models import Provision, Run
from .legislating import THRESHOLDS


@transaction.atomic
def pass_time(*, on: date, by: User) -> list[Run]:
    """Plan what the day asks for and has no run yet; doing it twice plans nothing more."""
    runs.lock_law_for_writing()
    planned = [*_starting_lines(on=on, by=by)]
    stale = None
    if not Run.objects.filter(kind=Run.Kind.TIME, on=on).exclude(status__in=[Run.Status.CLOSED, Run.Status.FAILED]).exists():
        stale = runs.plan_stale(law=queries.law(on), by=by)
    if stale:
        planned.append(stale)
    if planned:
        send("eligibility.work")
    return planned


def _starting_lines(*, on: date, by: User):
    """Approved lines now in force whose run was not planned at approval, in the order they start."""
    waiting = Provision.objects.filter(key__in=THRESHOLDS, since__lte=on, proposal__isnull=False, runs=None).order_by("since", "id")
    for provision in waiting:
        before = queries.law(provision.since - timedelta(days=1))
        yield runs.plan_threshold(provision, program=THRESHOLDS[provision.key], law=before, by=by)
