"""Signed batches are applied; families are told."""

import time

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from rsu.authentication import engine
from rsu.outbox import send
from rsu.working import WORK_FOR, work_through

from .. import services
from ..models import DecisionChunk


@shared_task(name="enrollment.decide_batches")
def decide_batches() -> int:
    """Claim and apply chunks for a while, then let other tasks have their turn; how many were done. Any number of workers at once."""
    done = take_decisions(seconds=WORK_FOR)
    with transaction.atomic():
        if done and services.decisions_waiting():
            send("enrollment.decide_batches")
    return done


def take_decisions(*, seconds: float | None = None) -> int:
    """Claim and apply chunks until none is free, or until that time has passed; how many were done."""
    done = work_through(services.claim_decisions, _apply, _give_back, seconds=seconds)
    services.close_batches(at=timezone.now())
    return done


def _apply(chunk: DecisionChunk) -> bool:
    return services.apply_decisions(chunk, on=localdate(), at=timezone.now())


def _give_back(chunk: DecisionChunk, error: Exception) -> None:
    services.give_back_decisions(chunk, error=error)


@shared_task(name="enrollment.sweep_batches")
def sweep_batches() -> int:
    """Every few seconds: chunks whose worker died wait again, finished batches close, and someone is called if anything waits."""
    waiting = services.revive_decisions(at=timezone.now())
    services.close_batches(at=timezone.now())
    if waiting:
        with transaction.atomic():
            send("enrollment.decide_batches")
    return waiting


@shared_task(name="enrollment.notify_families")
def notify_families() -> int:
    """Chunk after chunk until none is free; how many notices were written and months compared."""
    total, by = 0, engine()
    for tell in (services.notify_due, services.announce_due):
        while written := tell(at=timezone.now(), by=by):
            total += written
    for compare in (services.announce_amounts, services.announce_unpaid):
        while looked_at := compare(at=timezone.now(), by=by):
            total += looked_at
    if total:
        with transaction.atomic():
            send("enrollment.send_messages")
    return total


@shared_task(name="enrollment.send_messages")
def send_messages() -> int:
    """What is due goes out for a while, what was left in a dead worker's hands is in doubt; how many were handed over."""
    services.doubt_silent(at=timezone.now())
    total, begun = 0, time.monotonic()
    while time.monotonic() < begun + WORK_FOR and (sent := services.send_due(at=timezone.now())):
        total += sent
    return total


@shared_task(name="enrollment.withdraw_lapsed")
def withdraw_lapsed() -> int:
    """After the night of covers: what it found will not come goes out no more, chunk after chunk; how many forewarnings."""
    total = 0
    while turned := services.withdraw_lapsed(at=timezone.now()):
        total += turned
    return total


@shared_task(name="enrollment.raise_told_floor")
def raise_told_floor() -> int:
    services.raise_fact_floors(at=timezone.now())
    return services.raise_told_floor(at=timezone.now())
