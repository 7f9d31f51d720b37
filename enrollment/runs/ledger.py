"""The states of a month's chunks.

Claiming commits by itself, so that the page sees it and a chunk that kills its worker is tried five times, not for
ever. Rows and the chunk's own state are one transaction: a kill leaves either nothing or all of it, and a chunk
delivered twice is done once.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.timezone import localdate

from eligibility.queries import law as law_of
from eligibility.runs import make_room
from eligibility.runs.locks import lock_range
from eligibility.scope import Scope
from rsu import audit, ledger

from ..allowances import end_of
from ..models import MonthChunk, MonthRun
from .rereading import reread
from .writing import write

AT_WORK = (MonthRun.Status.PLANNED, MonthRun.Status.RUNNING)
UNFINISHED = (MonthChunk.Status.WAITING, MonthChunk.Status.CLAIMED)


@transaction.atomic
def claim(*, worker: str, at: datetime) -> MonthChunk | None:
    """Take one waiting chunk of the oldest run, committed by itself before any work begins; months are done one after the other."""
    unfinished = MonthChunk.objects.filter(run=OuterRef("pk"), status__in=UNFINISHED)
    run = MonthRun.objects.filter(Exists(unfinished), status__in=AT_WORK).order_by("id").first()
    if run is None:
        return None
    free = run.chunks.filter(status=MonthChunk.Status.WAITING).order_by("position")
    chunk = free.select_for_update(skip_locked=True, of=("self",)).defer("households").first()
    if chunk is None:
        return None
    ledger.take(chunk, worker=worker, at=at)
    MonthRun.objects.filter(pk=run.pk, status=MonthRun.Status.PLANNED).update(status=MonthRun.Status.RUNNING)
    MonthRun.objects.filter(pk=run.pk, started_at=None).update(started_at=at)
    return chunk


@transaction.atomic
def apply(chunk: MonthChunk, *, at: datetime) -> bool:
    """Do the chunk and close it, in one transaction; False if another worker has done it or taken it meanwhile."""
    held = MonthChunk.objects.select_for_update(of=("self",)).select_related("run__by").get(pk=chunk.pk)
    if not ledger.is_still(held, chunk):
        return False
    make_room()
    lock_range(Scope(first=held.households[0], last=held.households[-1]))
    _write(held, on=localdate(at)) if held.run.kind == MonthRun.Kind.PAYMENT else _correct(held)
    held.status, held.done_at, held.error = MonthChunk.Status.DONE, at, ""
    held.save(update_fields=["status", "done_at", "paid", "already", "not_due", "lines", "amount", "error"])
    audit.record(
        by=held.run.by, verb="write_month_chunk", subject=f"month:{held.run_id}", chunk=held.position, paid=held.paid, amount=held.amount
    )
    return True


def _write(chunk: MonthChunk, *, on) -> None:
    """Families are read as they were on the reference day: whoever changed since is read in the row that was replaced."""
    run = chunk.run
    then = end_of(run.read_on) if on > run.read_on else None
    done = write(chunk.households, month=run.month, read_on=run.read_on, law=law_of(run.month), then=then)
    chunk.paid, chunk.already, chunk.not_due, chunk.lines, chunk.amount = done.paid, done.already, done.not_due, done.lines, done.amount


def _correct(chunk: MonthChunk) -> None:
    found = reread(chunk.households, month=chunk.run.month, reason=chunk.run.reason, by=chunk.run.by, as_written=True)
    chunk.paid, chunk.already, chunk.lines = len(found), chunk.size - len(found), len(found)
    chunk.amount = sum(amount for _household, amount in found)


def give_back(chunk: MonthChunk, *, error: str) -> None:
    """The chunk's transaction failed: it waits for its next attempt, or has failed after the last, its error kept."""
    ledger.give_back(chunk, error=error)


@transaction.atomic
def revive_stalled(*, at: datetime) -> int:
    """Chunks whose worker has gone silent wait again, or have failed after the last attempt; how many chunks wait.

    One at work is locked by its transaction, however long it lasts, and is passed over.
    """
    ledger.revive_silent(MonthChunk, at=at)
    return MonthChunk.objects.filter(status=MonthChunk.Status.WAITING, run__status__in=AT_WORK).count()


def something_waits() -> bool:
    """Whether a chunk of a month waits for a worker."""
    return MonthChunk.objects.filter(status=MonthChunk.Status.WAITING, run__status__in=AT_WORK).exists()


def reopen(run: MonthRun) -> int:
    """The chunks of a run that failed wait again, their attempts counted from none; how many. The caller holds the run."""
    run.status, run.finished_at, run.reason = MonthRun.Status.RUNNING, None, ""
    run.save(update_fields=["status", "finished_at", "reason"])
    return run.chunks.filter(status=MonthChunk.Status.FAILED).update(status=MonthChunk.Status.WAITING, attempts=0)
