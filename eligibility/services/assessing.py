"""One household or many, read, scored and determined by the same statements."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from households.models import Household
from rsu import audit
from rsu.models import User

from .. import law as legal
from .. import queries, runs
from ..models import Assessment, Facts, Provision
from ..scope import Scope


@transaction.atomic
def assess_households(ids: list[int], *, on: date, by: User, law: legal.Law | None = None, run=None, reason: str = "declaration") -> int:
    """Facts, score and standing of these households as of `on`; how many had their standing changed.

    One transaction, one audit event for all. The law is read after the shared lock: a provision approved meanwhile
    waits for this to end, or is seen here.
    """
    runs.lock_law_for_reading()
    law = law or queries.law(on)
    locked = runs.lock_households(ids)
    _read, flipped = runs.assess_locked(Scope(locked), law=law, run_id=run and run.pk, reason=reason)
    runs.clear_due(locked)
    single = ids[0] if len(ids) == 1 else None
    audit.record(
        by=by, verb="assess", household=single, subject=f"run:{run.pk}" if run else "", count=len(ids), on=str(on), changed=len(flipped)
    )
    return len(flipped)


@transaction.atomic
def assess_due(household_id: int, *, on: date, by: User) -> bool:
    """Assess the household if its answers changed since it was last read, or if a formula new today has not reached it.

    Whether there was anything to do. Asked twice at once, by the page and by the worker, the second waits and finds it done.
    """
    if not _is_due(household_id, on):
        return False
    runs.lock_law_for_reading()
    runs.lock_blocks([household_id])
    Household.objects.filter(pk=household_id).select_for_update(of=("self",)).first()
    if not _is_due(household_id, on):
        return False
    assess_households([household_id], on=on, by=by)
    return True


def _is_due(household_id: int, on: date) -> bool:
    """A score from older answers, as a rehearsal leaves it, has not reached the household either."""
    formulas = Provision.objects.filter(key="score.formula", since__lte=on).order_by("-since", "-id").values("pk")
    scored = Assessment.objects.filter(household=household_id, formula=Subquery(formulas[:1]), facts_id=OuterRef("pk"))
    behind = Facts.objects.filter(household=household_id).exclude(Exists(scored))
    return Household.objects.filter(Q(due_since__isnull=False) | Exists(behind), pk=household_id).exists()


def assess_listed(ids: list[int], *, on: date, by: User) -> int:
    """Assess those of these households whose answers changed since they were last read, all at once; how many."""
    due = sorted(Household.objects.filter(pk__in=ids, due_since__isnull=False).values_list("pk", flat=True))
    if due:
        assess_households(due, on=on, by=by)
    return len(due)


def assess_waiting(*, before: datetime, limit: int = 500, on: date, by: User) -> int:
    """Assess households left due since before that instant: nobody opened their file and their message was lost; how many."""
    due = Household.objects.filter(due_since__lt=before).order_by("due_since", "id")
    ids = sorted(due.values_list("pk", flat=True)[:limit])
    if ids:
        assess_households(ids, on=on, by=by)
    return len(ids)
