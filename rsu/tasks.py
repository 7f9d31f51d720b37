"""The sealer's heartbeat, and the nightly search for duplicates, which reads the law for an app that stands below it."""

from celery import shared_task
from django.utils import timezone

import eligibility.queries
import households.services
from rsu import audit
from rsu.authentication import engine

SEARCH_FOR = 480
"""Seconds that one message keeps a worker; the next beat goes on from there."""


@shared_task(name="rsu.seal_audit")
def seal_audit() -> int:
    """Chain what was committed since the last beat."""
    return audit.seal()


@shared_task(name="rsu.find_duplicates")
def find_duplicates() -> int:
    """Every ten minutes of the night: begin the day's search, or go on with it where it was left; how many pairs it proposed."""
    today = timezone.localdate()
    if households.services.searched_on(today):
        return 0
    law = eligibility.queries.law(today)
    return households.services.find_duplicates(law=law, on=today, by=engine(), seconds=SEARCH_FOR).proposed
