"""Payment orders too large for a page."""

import logging
from datetime import date

from celery import shared_task

from rsu.models import User

from .. import services

logger = logging.getLogger(__name__)


@shared_task(name="enrollment.prepare_order")
def prepare_order(month: str, reissues_only: bool, on: str, by: int) -> None:
    """What the page asked for, in somebody's name; delivered twice, the second finds nothing owed."""
    person = User.objects.get(pk=by)
    try:
        services.prepare_order(month=date.fromisoformat(month), reissues_only=reissues_only, on=date.fromisoformat(on), by=person)
    except services.OrderRefused as refusal:
        logger.warning("no order was prepared: %s", refusal)


ORDER_DEEDS = {"freeze": services.freeze_order, "export": services.export_order}


@shared_task(name="enrollment.order_deed")
def order_deed(deed: str, order: int, on: str, by: int) -> None:
    """Freeze an order or write its files; delivered twice, it is done once."""
    try:
        ORDER_DEEDS[deed](order, on=date.fromisoformat(on), by=User.objects.get(pk=by))
    except services.OrderRefused as refusal:
        logger.warning("order %s: %s refused: %s", order, deed, refusal)
