"""Background work: chunks of runs, the sweep that revives them, the passing of time."""

import logging
import os
import socket
from datetime import timedelta

from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone

from rsu.authentication import engine
from rsu.outbox import send

from . import queries, runs, services
from .models import RunChunk

logger = logging.getLogger(__name__)

MESSAGE_LOST_AFTER = timedelta(seconds=20)


@shared_task(name="eligibility.work")
def work() -> int:
    """Claim and apply chunks until none waits; how many were done. Any number of workers may do this at once."""
    worker, done = f"{socket.gethostname()}:{os.getpid()}", 0
    while chunk := runs.claim(worker=worker, at=timezone.now()):
        done += _apply(chunk)
        runs.close_finished(at=timezone.now())
    runs.close_finished(at=timezone.now())
    with transaction.atomic():
        send("enrollment.propose_due")
    return done


def _apply(chunk: RunChunk) -> bool:
    try:
        return runs.apply(chunk, on=timezone.localdate(), at=timezone.now())
    except Exception as error:
        logger.exception("chunk %s of run %s", chunk.position, chunk.run_id)
        runs.give_back(chunk, error=f"{type(error).__name__}: {error}")
        return False


@shared_task(name="eligibility.sweep_runs")
def sweep_runs() -> int:
    """Every few seconds: chunks whose worker died wait again, finished runs close, and someone is called if anything waits."""
    waiting = runs.revive_stalled(at=timezone.now())
    runs.close_finished(at=timezone.now())
    if waiting:
        with transaction.atomic():
            send("eligibility.work")
    return waiting


@shared_task(name="eligibility.assess_due")
def assess_due(household_id: int) -> bool:
    """A household whose answers changed, if no page has assessed it first."""
    return services.assess_due(household_id, on=timezone.localdate(), by=engine())


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
    with connection.cursor() as cursor:
        cursor.execute(queries.FOLD_TALLY)
        return cursor.rowcount
