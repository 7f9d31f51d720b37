"""Background work: chunks of runs, the sweep that revives them, the passing of time."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rsu.authentication import engine
from rsu.ledger import words_of
from rsu.outbox import send
from rsu.working import WORK_FOR, work_through

from . import runs, services, tallies
from .models import RunChunk

MESSAGE_LOST_AFTER = timedelta(seconds=20)


@shared_task(name="eligibility.work")
def work() -> int:
    """Claim and apply chunks for a while, then let other tasks have their turn; how many were done.

    Any number of workers may do this at once.
    """
    done = take_chunks(seconds=WORK_FOR)
    with transaction.atomic():
        if done and runs.something_waits():
            send("eligibility.work")
        send("enrollment.propose_due")
    return done


def take_chunks(*, seconds: float | None = None) -> int:
    """Claim and apply chunks until none is free, or until that time has passed; how many were done."""
    done = work_through(runs.claim, _apply, _give_back, seconds=seconds, after=lambda _chunk: _close_finished())
    _close_finished()
    return done


def _close_finished() -> None:
    """A day of birthdays that is done may leave a later one to do; one that failed would only fail again."""
    closed = runs.close_finished(at=timezone.now())
    if any(run.kind == run.Kind.TIME and run.status == run.Status.CLOSED for run in closed):
        with transaction.atomic():
            send("eligibility.pass_time")


def _apply(chunk: RunChunk) -> bool:
    return runs.apply(chunk, on=timezone.localdate(), at=timezone.now())


def _give_back(chunk: RunChunk, error: Exception) -> None:
    runs.give_back(chunk, error=words_of(error))


@shared_task(name="eligibility.sweep_runs")
def sweep_runs() -> int:
    """Every few seconds: chunks whose worker died wait again, finished runs close, and someone is called if anything waits."""
    waiting = runs.revive_stalled(at=timezone.now())
    _close_finished()
    if waiting:
        with transaction.atomic():
            services.call_workers(busy=runs.at_work())
    return waiting


@shared_task(name="eligibility.assess_due")
def assess_due(household_id: int) -> bool:
    """A household whose answers changed, if no page has assessed it first."""
    return services.assess_due(household_id, on=timezone.localdate(), by=engine())


@shared_task(name="eligibility.assess_listed")
def assess_listed(household_ids: list[int]) -> int:
    """Households registered together, those of them that nobody has assessed yet; how many."""
    return services.assess_listed(household_ids, on=timezone.localdate(), by=engine())


@shared_task(name="eligibility.assess_waiting")
def assess_waiting() -> int:
    """Every few seconds: households whose own message never arrived."""
    now = timezone.now()
    return services.assess_waiting(before=now - MESSAGE_LOST_AFTER, on=timezone.localdate(), by=engine())


@shared_task(name="eligibility.pass_time")
def pass_time() -> int:
    """Every hour, so that a day missed is caught up: lines that start, birthdays."""
    return len(services.pass_time(on=timezone.localdate(), by=engine()))


@shared_task(name="eligibility.fold_tally")
def fold_tally() -> int:
    """Sum the delta rows into one row each, so that readers stay fast; the sums do not change."""
    with transaction.atomic():
        return tallies.fold()


@shared_task(name="eligibility.replay_sample")
def replay_sample() -> int:
    """Every night: rights are made again from what was stored; how many could not be."""
    sample = services.replay_sample(size=settings.REPLAY_SAMPLE, on=timezone.localdate(), by=engine())
    return len(sample.mismatches)
