"""Files of former RAMED beneficiaries, and what becomes of them."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from rsu.authentication import engine
from rsu.outbox import send
from rsu.working import WORK_FOR, work_through

from .. import services
from ..models import RamedLot


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
    done = work_through(services.claim_ramed_lot, _apply, _give_back, seconds=seconds, after=each)
    services.close_ramed(at=timezone.now())
    return done


def _apply(lot: RamedLot) -> bool:
    return services.apply_ramed_lot(lot, at=timezone.now())


def _give_back(lot: RamedLot, error: Exception) -> None:
    services.give_back_ramed_lot(lot, error=error)


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
