"""What the calendar does by itself: provisions that start, and households a birthday has changed."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from rsu.models import User

from .. import queries, runs
from ..models import Provision, Run
from .starting import STARTING, call_workers, start


@transaction.atomic
def pass_time(*, on: date, by: User) -> list[Run]:
    """Plan what the days until `on` ask for and has no run yet; doing it twice plans nothing more.

    One day of birthdays at a time, the earliest first, once the runs before it have ended: after days without a worker each
    household is read on its own day, under the law of that day. On one day the law starts before the birthdays. A run that was
    paused holds back nobody but its own households.
    """
    runs.lock_law_for_writing()
    day = runs.stale_day(on)
    planned = _starting(until=day or on, by=by, on=on)
    at_work = Run.objects.filter(status__in=runs.AT_WORK).exclude(kind=Run.Kind.REHEARSAL)
    if day and not planned and not at_work.exists():
        stale = runs.plan_stale(law=queries.law(day), today=on, by=by)
        planned += [stale] if stale else []
    if planned:
        call_workers()
    return planned


def _starting(*, until: date, on: date, by: User) -> list[Run]:
    """Approved provisions now in force whose run was not planned at approval, in the order they start.

    Of several signed for one day, the last stands: the others were never in force and ask for nothing.
    """
    newer = Provision.objects.filter(key=OuterRef("key"), since=OuterRef("since"), id__gt=OuterRef("id"))
    waiting = Provision.objects.filter(~Exists(newer), key__in=STARTING, since__lte=until, proposal__isnull=False, runs=None)
    waiting = waiting.order_by("since", "id")
    planned = [start(row, before=queries.law(row.since - timedelta(days=1)), on=row.since, by=by) for row in waiting]
    return [run for run in planned if run]
