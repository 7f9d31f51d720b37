"""The sealer's heartbeat."""

from celery import shared_task

from rsu import audit


@shared_task(name="rsu.seal_audit")
def seal_audit() -> int:
    """Chain what was committed since the last beat."""
    return audit.seal()
