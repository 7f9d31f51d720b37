"""The states of chunks and runs.

Claiming commits by itself, so that the page sees it and a chunk that kills its worker is tried five times, not for
ever. Rows and the chunk's own state are one transaction: a kill leaves either nothing or all of it, and a chunk
delivered twice is done once.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from rsu import audit, ledger

from ..models import Run, RunChunk
from . import rehearsals
from .locks import lock_law_for_reading
from .work import do, orphans, settle

AT_WORK = (Run.Status.PLANNED, Run.Status.RUNNING)
UNFINISHED = (RunChunk.Status.WAITING, RunChunk.Status.CLAIMED)


@transaction.atomic
def claim(*, worker: str, at: datetime) -> RunChunk | None:
    """Take one waiting chunk; committed by itself before any work begins.

    Runs that decide are done one after the other, oldest first: a later law never meets an earlier one half done.
    A rehearsal decides nothing and takes what time is left.
    """
    chunk = _waiting(_deciding()) or _waiting(Run.objects.filter(kind=Run.Kind.REHEARSAL, status__in=AT_WORK).order_by("id"))
    if chunk is None:
        return None
    ledger.take(chunk, worker=worker, at=at)
    Run.objects.filter(pk=chunk.run_id, status=Run.Status.PLANNED).update(status=Run.Status.RUNNING)
    Run.objects.filter(pk=chunk.run_id, started_at=None).update(started_at=at)
    return chunk


def _deciding():
    return Run.objects.filter(status__in=AT_WORK).exclude(kind=Run.Kind.REHEARSAL).order_by("id")


def _waiting(runs) -> RunChunk | None:
    """A free chunk of the first of these runs that is not finished."""
    unfinished = RunChunk.objects.filter(run=OuterRef("pk"), status__in=UNFINISHED)
    run = runs.filter(Exists(unfinished)).first()
    if run is None:
        return None
    free = run.chunks.filter(status=RunChunk.Status.WAITING).order_by("position")
    return free.select_for_update(skip_locked=True, of=("self",)).defer("households").first()


@transaction.atomic
def apply(chunk: RunChunk, *, on: date, at: datetime) -> bool:
    """Do the chunk and close it, in one transaction; False if another worker has done it or taken it meanwhile."""
    held = RunChunk.objects.select_for_update(of=("self",)).select_related("run__proposal").get(pk=chunk.pk)
    if not ledger.is_still(held, chunk):
        return False
    lock_law_for_reading()
    held.applied, held.refused = do(held, on=on)
    held.already = held.size - held.applied - held.refused
    held.status, held.done_at, held.error = RunChunk.Status.DONE, at, ""
    held.save(update_fields=["status", "done_at", "applied", "already", "refused", "error"])
    audit.record(by=held.run.by, verb="apply_chunk", subject=f"run:{held.run_id}", chunk=held.position, applied=held.applied)
    return True


def give_back(chunk: RunChunk, *, error: str) -> None:
    """The chunk's transaction failed: it waits for its next attempt, or has failed after the last, its error kept."""
    ledger.give_back(chunk, error=error)


@transaction.atomic
def revive_stalled(*, at: datetime) -> int:
    """Chunks whose worker has gone silent wait again, or have failed after the last attempt; how many chunks wait.

    Between a claim and the lock of its work stand milliseconds: a chunk nobody has locked since the last sweep has lost its
    worker. One at work is locked by its transaction, however long it lasts, and is passed over.
    """
    ledger.revive_silent(RunChunk, at=at)
    return RunChunk.objects.filter(status=RunChunk.Status.WAITING, run__status__in=AT_WORK).count()


def at_work() -> int:
    """Chunks in the hands of a worker."""
    return RunChunk.objects.filter(status=RunChunk.Status.CLAIMED).count()


def something_waits() -> bool:
    """Whether a chunk of a run that is not paused waits for a worker."""
    return RunChunk.objects.filter(status=RunChunk.Status.WAITING, run__status__in=AT_WORK).exists()


def close_finished(*, at: datetime) -> list[Run]:
    """Close the runs that have no chunk left to do; those that were closed here. Running twice changes nothing."""
    unfinished = RunChunk.objects.filter(run=OuterRef("pk"), status__in=UNFINISHED)
    done = Run.objects.filter(~Exists(unfinished), status__in=AT_WORK).order_by("id")
    closed = [_close(pk, at=at) for pk in done.values_list("pk", flat=True)]
    return [run for run in closed if run]


@transaction.atomic
def _close(pk: int, *, at: datetime) -> Run | None:
    """Whoever holds the run closes it: the others pass. A rehearsal's table is keyed and reported in the same transaction."""
    run = Run.objects.filter(pk=pk, status__in=AT_WORK).select_for_update(skip_locked=True, of=("self",)).first()
    if run is None or run.chunks.filter(status__in=UNFINISHED).exists():
        return None
    counts = run.chunks.aggregate(
        failed=Count("pk", filter=Q(status=RunChunk.Status.FAILED)),
        canceled=Count("pk", filter=Q(status=RunChunk.Status.CANCELED)),
        found=Sum("applied", default=0) + Sum("already", default=0) + Sum("refused", default=0),
    )
    run.status, run.finished_at = Run.Status.CLOSED, at
    if counts["canceled"]:
        run.status = Run.Status.CANCELED
    elif counts["failed"]:
        run.status = Run.Status.FAILED
    elif counts["found"] != run.planned:
        run.status, run.reason = Run.Status.FAILED, _("Le compte n’y est pas.")
    elif lost := orphans(run):
        run.status, run.reason = Run.Status.FAILED, _("%(n)d lignes sans ménage.") % {"n": lost}
    if run.kind == Run.Kind.REHEARSAL:
        rehearsals.finish(run)
    settle(run)
    run.save(update_fields=["status", "finished_at", "reason"])
    return run


# By hand, between chunks ---------------------------------------------------------------------------------------------


def pause(run: Run, *, reason: str) -> bool:
    """No further chunk is taken; those under way end. The run is locked by the caller; whether there was anything to pause."""
    if run.status not in AT_WORK:
        return False
    _set(run, Run.Status.PAUSED, reason)
    return True


def resume(run: Run) -> bool:
    if run.status != Run.Status.PAUSED:
        return False
    _set(run, Run.Status.RUNNING, "")
    return True


def cancel(run: Run, *, reason: str) -> int:
    """The chunks that wait will not be done; the run closes when those under way have ended; how many were given up."""
    if run.status not in (*AT_WORK, Run.Status.PAUSED):
        return 0
    _set(run, Run.Status.RUNNING, reason)
    return run.chunks.filter(status=RunChunk.Status.WAITING).update(status=RunChunk.Status.CANCELED)


def _set(run: Run, status: str, reason: str) -> None:
    run.status, run.reason = status, reason
    run.save(update_fields=["status", "reason"])


def reopen(run: Run) -> int:
    """The chunks of a run that failed or were given up wait again, their attempts counted from none; how many."""
    run.status, run.finished_at, run.reason = Run.Status.RUNNING, None, ""
    run.save(update_fields=["status", "finished_at", "reason"])
    left = run.chunks.filter(status__in=(RunChunk.Status.FAILED, RunChunk.Status.CANCELED))
    return left.update(status=RunChunk.Status.WAITING, attempts=0)
