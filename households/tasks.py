"""What households leave behind, swept at night."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(name="households.sweep_files")
def sweep_files() -> int:
    """Remove evidence files without a row."""
    return services.sweep_files(before=timezone.now())
