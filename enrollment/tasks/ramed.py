"""Files of former RAMED beneficiaries, and what becomes of them."""

import logging
import os
import socket
import time

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from rsu.authentication import engine
from rsu.outbox import send

from .. import services

logger = logging.getLogger(__name__)

WORK_FOR = 10

"""Seconds that one message keeps a worker; a migration is many messages."""


@shared_task(name="enrollment.migrate_ramed")
def migrate_ramed() -> int:
    """Claim and apply lots for a while, then let other tasks have their turn; how many were done. Any number of workers at once."""
    done = take_ramed_lots(seconds=WORK_FOR)
    with transaction.atomic():
        if services.ramed_lots_waiting() and done:
            send("enrollment.migrate_ramed")
    return done


def take_ramed_lots(*, seconds: float | None = None, each=None) -> int:
    """Claim and apply lots until none is free, or until that time has passed; how many were done. `each` is called after every one."""
    worker, done, begun = f"{socket.gethostname()}:{os.getpid()}", 0, time.monotonic()
    while seconds is None or time.monotonic() < begun + seconds:
        lot = services.claim_ramed_lot(worker=worker, at=timezone.now())
        if lot is None:
            break
        try:
            done += services.apply_ramed_lot(lot, at=timezone.now())
        except Exception as error:
            logger.exception("lot %s of migration %s", lot.first, lot.migration_id)
            services.give_back_ramed_lot(lot, error=error)
        if each:
            each(lot)
    services.close_ramed(at=timezone.now())
    return done


@shared_task(name="enrollment.sweep_ramed")
def sweep_ramed() -> int:
    """Every few seconds: lots whose worker died wait again, finished migrations close, and someone is called if anything waits."""
    waiting = services.revive_ramed_lots(at=timezone.now())
    services.close_ramed(at=timezone.now())
    if waiting:
        with transaction.atomic():
            send("enrollment.migrate_ramed")
    return waiting


@shared_task(name="enrollment.settle_migrated")
def settle_migrated() -> int:
    """Every night: who was moved and has a score now is kept or told of the end; how many."""
    return services.settle_migrated(on=localdate(), by=engine()).total


@shared_task(name="enrollment.forget_ramed")
def forget_ramed() -> int:
    """Every night: files kept long enough."""
    return services.forget_ramed(at=timezone.now(), by=engine())
