"""The month of direct aid: its chunks, its day, what is corrected afterwards."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from rsu.authentication import engine
from rsu.ledger import words_of
from rsu.outbox import send
from rsu.working import WORK_FOR, work_through

from .. import runs, services
from ..models import MonthChunk


@shared_task(name="enrollment.write_months")
def write_months() -> int:
    """Claim and write chunks for a while, then let other tasks have their turn. Any number of workers may do this at once."""
    done = take_month_chunks(seconds=WORK_FOR)
    if done and runs.something_waits():
        with transaction.atomic():
            send("enrollment.write_months")
    return done


def take_month_chunks(*, seconds: float | None = None) -> int:
    """Claim and write chunks until none is free, or until that time has passed; how many were done."""
    done = work_through(runs.claim, _apply, _give_back, seconds=seconds)
    runs.close_finished(at=timezone.now())
    return done


def _apply(chunk: MonthChunk) -> bool:
    return runs.apply(chunk, at=timezone.now())


def _give_back(chunk: MonthChunk, error: Exception) -> None:
    runs.give_back(chunk, error=words_of(error))


@shared_task(name="enrollment.sweep_months")
def sweep_months() -> int:
    """Every few seconds: chunks whose worker died wait again, finished months close, and someone is called if anything waits."""
    waiting = runs.revive_stalled(at=timezone.now())
    runs.close_finished(at=timezone.now())
    if waiting:
        with transaction.atomic():
            send("enrollment.write_months")
    return waiting


@shared_task(name="enrollment.start_month")
def start_month() -> bool:
    """Every hour, so that a day missed is caught up: the month that begins, months whose amounts the law has changed since, and what
    children in institutions are owed.
    """
    on, by = localdate(), engine()
    started = services.start_month_of_today(on=on, by=by)
    changed = services.correct_changed_amounts(on=on, by=by)
    return any((started, changed, services.write_placements(on=on, by=by)))


@shared_task(name="enrollment.correct_reopened_months")
def correct_reopened_months() -> int:
    """Every quarter of an hour: months that a partner spoke of after they were written; how many households."""
    total, by = 0, engine()
    while done := services.correct_reopened_months(on=localdate(), by=by):
        total += done
    return total
