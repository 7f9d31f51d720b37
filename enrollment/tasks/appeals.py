"""Clocks that have run out are raised."""

from celery import shared_task
from django.utils.timezone import localdate

from rsu.authentication import engine

from .. import services


@shared_task(name="enrollment.escalate_clocks")
def escalate_clocks() -> dict[str, int]:
    """What the law's days say is to be raised today; how many by level."""
    return services.escalate_clocks(on=localdate(), by=engine())
