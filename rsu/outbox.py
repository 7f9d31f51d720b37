"""Starting background work from a service, by name and after the commit: the services import no task.

The state is in the database and a sweep looks for it, so a broker that is down delays the work and loses nothing.
"""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def send(name: str, *arguments) -> None:
    """Send the task once this transaction commits; a broker out of reach is logged, never the deed's failure."""
    transaction.on_commit(partial(_send_now, name, arguments), robust=True)


def _send_now(name: str, arguments: tuple) -> None:
    try:
        current_app.send_task(name, args=arguments, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("%s was not sent, the sweep will do it: %s", name, error)
