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


@shared_task(name="enrollment.keep_spending")
def keep_spending() -> int:
    """Every minute: what was written is folded into the sums that the budget's pages read; how many cells."""
    return services.keep_spending(on=localdate())


@shared_task(name="enrollment.forecast_months")
def forecast_months() -> int:
    """Every hour: the months ahead are foreseen once a day, and again when the law changes. On the first, this opens the month."""
    return services.forecast_months(on=localdate(), by=engine())


@shared_task(name="enrollment.count_scenarios")
def count_scenarios() -> int:
    """Scenarios too large for a page; how many months were counted."""
    return services.count_scenarios(on=localdate(), by=engine())
