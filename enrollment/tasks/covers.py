"""Covers follow their families, night after night."""

from celery import shared_task
from django.utils.timezone import localdate

from rsu.authentication import engine

from .. import services


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
    services.open_rights(on=on, by=by)
    services.close_night(followed=followed, on=on)
    return followed
