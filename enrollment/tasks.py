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


@shared_task(name="enrollment.follow_covers")
def follow_covers() -> int:
    """The night of covers: what the day changes, chunk after chunk, then who is forewarned, the months called and the rights opened.

    How many households were followed. Killed at any instant and started again, it goes on where it stood.
    """
    on, by, followed = localdate(), engine(), 0
    services.open_night(on=on, by=by)
    while handled := services.follow_covers(on=on, by=by):
        followed += handled
    while services.forewarn_covers(on=on, by=by):
        pass
    services.call_contributions(on=on, by=by)
    while services.open_rights(on=on, by=by):
        pass
    services.close_night(followed=followed, on=on)
    return followed
