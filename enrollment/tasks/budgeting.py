"""The budget: what was spent is folded, what comes is foreseen."""

from datetime import date

from celery import shared_task
from django.utils.timezone import localdate

from rsu.authentication import engine
from rsu.models import User

from .. import services


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


@shared_task(name="enrollment.recount_month")
def recount_month(month: str, on: str, by: int) -> None:
    """A month that somebody asked to foresee anew, in a registry too large for a page; delivered twice, it is counted twice, the same."""
    services.count_month_again(month=date.fromisoformat(month), on=date.fromisoformat(on), by=User.objects.get(pk=by))
