"""Background work that needs the law and what families declare: lots of imports, and what follows a signature."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

import eligibility.queries
import households.services
from households.models import ImportChunk
from rsu.authentication import engine
from rsu.outbox import send
from rsu.working import WORK_FOR, work_through


@shared_task(name="desk.import_work")
def import_work() -> int:
    """Claim and apply lots for a while, then let other tasks have their turn; how many were done. Any number of workers at once."""
    done = take_lots(seconds=WORK_FOR)
    with transaction.atomic():
        if households.services.lots_waiting() and done:
            send("desk.import_work")
    return done


def take_lots(*, seconds: float | None = None) -> int:
    """Claim and apply lots until none is free, or until that time has passed; how many were done."""
    done = work_through(households.services.claim_lot, _apply, _give_back, seconds=seconds)
    households.services.close_imports(at=timezone.now())
    return done


def _apply(lot: ImportChunk) -> bool:
    today = timezone.localdate()
    return households.services.apply_lot(lot, on=today, at=timezone.now(), law=eligibility.queries.law(today))


def _give_back(lot: ImportChunk, error: Exception) -> None:
    households.services.give_back_lot(lot, error=error)


@shared_task(name="desk.sweep_imports")
def sweep_imports() -> int:
    """Every few seconds: lots whose worker died wait again, finished imports close, and someone is called if anything waits."""
    waiting = households.services.revive_lots(at=timezone.now())
    households.services.close_imports(at=timezone.now())
    households.services.close_taken(on=timezone.localdate())
    if waiting:
        with transaction.atomic():
            send("desk.import_work")
    return waiting


@shared_task(name="desk.forget_imports")
def forget_imports() -> int:
    """Every night: files and refused rows kept long enough."""
    return households.services.forget_imports(at=timezone.now(), by=engine())


@shared_task(name="desk.escalate_conflicts")
def escalate_conflicts() -> int:
    """Every hour: contradictions whose days have run out are the supervisors' to see."""
    return households.services.escalate_conflicts(on=timezone.localdate(), by=engine())
