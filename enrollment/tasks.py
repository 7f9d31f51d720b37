"""Enrollment in the background: the engine proposes what the score opened."""

from celery import shared_task
from django.utils.timezone import localdate

from rsu.authentication import engine

from . import services


@shared_task(name="enrollment.propose_due")
def propose_due() -> int:
    """Chunk after chunk until none is free; how many determinations were handled."""
    total, by = 0, engine()
    while handled := services.propose_due(on=localdate(), by=by):
        total += handled
    return total


@shared_task(name="enrollment.escalate_clocks")
def escalate_clocks() -> dict[str, int]:
    """What the law's days say is to be raised today; how many by level."""
    return services.escalate_clocks(on=localdate(), by=engine())
