"""A batch is a ledger of chunks: planned once with its households, claimed by whoever is free, closed when it adds up.

Claiming commits by itself, so that the page sees it and a chunk that kills its worker is tried five times, not for
ever. Rows and the chunk's own state are one transaction: a kill leaves either nothing or all of it, and a chunk
delivered twice is done once.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from households.models import Household
from rsu import audit

from . import queries
from .assessments import read_facts, score_facts
from .determinations import determine
from .law import Law
from .models import Program, Provision, Refusal, Run, RunChunk
from .programs import programs_in_force
from .score import threshold_points

LAW_LOCK = 7_205_002
STALLED_AFTER = timedelta(seconds=10)
"""Between a claim and the lock of its work stand milliseconds: a chunk nobody has locked for that long has lost its worker."""


def lock_law_for_reading() -> None:
    """Until this transaction ends the law stands still; a change of the law waits."""
    _lock("SELECT pg_advisory_xact_lock_shared(%s)")


def lock_law_for_writing() -> None:
    """Wait for every assessment under way, then change the law alone."""
    _lock("SELECT pg_advisory_xact_lock(%s)")


def _lock(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [LAW_LOCK])


def lock_households(ids: list[int]) -> list[int]:
    """Lock in id order, in a statement of its own: the next one then sees what the last holder wrote."""
    rows = Household.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    return list(rows.values_list("pk", flat=True))


def assess_locked(ids: list[int], *, law: Law, run_id: int | None, reason: str) -> tuple[int, int]:
    """Facts, scores and chains of locked households; how many facts and how many standings changed."""
    read = read_facts(ids, law=law, run_id=run_id)
    score_facts(ids, law=law, run_id=run_id)
    flips = sum(determine(ids, program=program, law=law, run_id=run_id, reason=reason) for program in programs_in_force(law))
    Household.objects.filter(pk__in=ids, due_since__isnull=False).update(due_since=None)
    return read, flips


# Plan ------------------------------------------------------------------------------------------------------------


def plan_threshold(provision: Provision, *, program: Program, law: Law, by) -> Run:
    """Plan the households whose score lies between the line before and the new one: nobody else is read.

    `law` is the law the new line replaces. The caller holds the law's exclusive lock.
    """
    new = threshold_points(provision.value)
    old = threshold_points(law.value(program.threshold_key))
    run = Run.objects.create(kind=Run.Kind.THRESHOLD, program=program, provision=provision, on=max(law.on, provision.since), by=by)
    between = """
        SELECT household_id, row_number() OVER (ORDER BY score, household_id) AS number FROM eligibility_assessment
        WHERE formula_id = %(formula)s AND score > %(low)s AND score <= %(high)s
    """
    _plan(run, between, {"formula": law.cite("score.formula").id, "low": min(old, new), "high": max(old, new)})
    return run


def plan_stale(*, law: Law, by) -> Run | None:
    """Plan the households whose facts time alone has changed by the law's day; None when there is none.

    Those refused that very day are left out: asking again would find the same answer missing.
    """
    stale = """
        SELECT household_id, row_number() OVER (ORDER BY household_id) AS number FROM eligibility_facts f WHERE stale_on <= %(on)s
        AND NOT EXISTS (SELECT FROM eligibility_refusal r WHERE r.household_id = f.household_id AND r."on" >= %(on)s)
    """
    run = Run.objects.create(kind=Run.Kind.TIME, on=law.on, by=by)
    _plan(run, stale, {"on": law.on})
    if run.planned == 0:
        run.delete()
        return None
    return run


def plan_households(first: int, last: int, *, law: Law, by) -> Run:
    """Plan the first reading of a range of households that was just loaded."""
    run = Run.objects.create(kind=Run.Kind.LOAD, on=law.on, by=by)
    loaded = """
        SELECT id AS household_id, row_number() OVER (ORDER BY id) AS number FROM households_household
        WHERE id BETWEEN %(first)s AND %(last)s
    """
    _plan(run, loaded, {"first": first, "last": last})
    return run


def _plan(run: Run, numbered: str, parameters: dict) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO eligibility_runchunk (run_id, position, households, status, attempts, worker, applied, already, refused, error)
            SELECT %(run)s, (number - 1) / %(chunk)s + 1, array_agg(household_id ORDER BY number), 'waiting', 0, '', 0, 0, 0, ''
            FROM ({numbered}) n GROUP BY (number - 1) / %(chunk)s
            """,
            parameters | {"run": run.pk, "chunk": settings.RUN_CHUNK},
        )
        cursor.execute("SELECT coalesce(sum(cardinality(households)), 0) FROM eligibility_runchunk WHERE run_id = %s", [run.pk])
        run.planned = cursor.fetchone()[0]
    run.save(update_fields=["planned"])


# Claim, apply, close -----------------------------------------------------------------------------------------------


@transaction.atomic
def claim(*, worker: str, at: datetime) -> RunChunk | None:
    """Take one waiting chunk, oldest run first; committed by itself before any work begins."""
    waiting = RunChunk.objects.filter(status=RunChunk.Status.WAITING).order_by("run", "position")
    chunk = waiting.select_for_update(skip_locked=True, of=("self",)).defer("households").first()
    if chunk is None:
        return None
    chunk.status, chunk.worker, chunk.claimed_at, chunk.attempts = RunChunk.Status.CLAIMED, worker, at, chunk.attempts + 1
    chunk.save(update_fields=["status", "worker", "claimed_at", "attempts"])
    Run.objects.filter(pk=chunk.run_id, status=Run.Status.PLANNED).update(status=Run.Status.RUNNING, started_at=at)
    return chunk


@transaction.atomic
def apply(chunk: RunChunk, *, law: Law | None = None, on: date, at: datetime) -> bool:
    """Do the chunk and close it, in one transaction; False if another worker has done it or taken it meanwhile."""
    held = RunChunk.objects.select_for_update(of=("self",)).select_related("run").get(pk=chunk.pk)
    if held.status != RunChunk.Status.CLAIMED or held.attempts != chunk.attempts:
        return False
    lock_law_for_reading()
    law = law or queries.law(on)
    ids = lock_households(held.households)
    gone = len(held.households) - len(ids)
    if held.run.kind == Run.Kind.THRESHOLD:
        held.applied = determine(ids, program=Program(held.run.program), law=law, run_id=held.run_id, reason=held.run.kind)
        held.refused = gone
    else:
        held.applied, _flips = assess_locked(ids, law=law, run_id=held.run_id, reason=held.run.kind)
        held.refused = gone + Refusal.objects.filter(household__in=ids).count()
    held.already = len(held.households) - held.applied - held.refused
    held.status, held.done_at, held.error = RunChunk.Status.DONE, at, ""
    held.save(update_fields=["status", "done_at", "applied", "already", "refused", "error"])
    audit.record(by=held.run.by, verb="apply_chunk", subject=f"run:{held.run_id}", chunk=held.position, applied=held.applied)
    return True


def give_back(chunk: RunChunk, *, error: str) -> None:
    """The chunk's transaction failed: it waits for its next attempt, or has failed after the last, its error kept."""
    failed = chunk.attempts >= RunChunk.MAX_ATTEMPTS
    mine = RunChunk.objects.filter(pk=chunk.pk, status=RunChunk.Status.CLAIMED, attempts=chunk.attempts)
    mine.update(status=RunChunk.Status.FAILED if failed else RunChunk.Status.WAITING, error=error[:2000])


@transaction.atomic
def revive_stalled(*, at: datetime) -> int:
    """Chunks whose worker has gone silent wait again, or have failed after the last attempt; how many chunks wait.

    A chunk at work is locked by its transaction, however long it lasts, and is passed over.
    """
    claimed = RunChunk.objects.filter(status=RunChunk.Status.CLAIMED, claimed_at__lt=at - STALLED_AFTER)
    silent = RunChunk.objects.filter(pk__in=[*claimed.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)])
    silent.filter(attempts__gte=RunChunk.MAX_ATTEMPTS).update(
        status=RunChunk.Status.FAILED, error=_("Le processus qui traitait ce lot a disparu à chaque tentative.")
    )
    silent.filter(attempts__lt=RunChunk.MAX_ATTEMPTS).update(status=RunChunk.Status.WAITING)
    return RunChunk.objects.filter(status=RunChunk.Status.WAITING).count()


def close_finished(*, at: datetime) -> int:
    """Close the runs that have no chunk left to do; a run with a failed chunk ends failed. Running twice changes nothing."""
    unfinished = RunChunk.objects.filter(run=OuterRef("pk")).exclude(status__in=[RunChunk.Status.DONE, RunChunk.Status.FAILED])
    failed = RunChunk.objects.filter(run=OuterRef("pk"), status=RunChunk.Status.FAILED)
    done = Run.objects.filter(~Exists(unfinished), status__in=[Run.Status.PLANNED, Run.Status.RUNNING])
    ended = done.filter(Exists(failed)).update(status=Run.Status.FAILED, finished_at=at)
    return ended + done.filter(~Exists(failed)).update(status=Run.Status.CLOSED, finished_at=at)


def reopen(run: Run) -> int:
    """The failed chunks of a run wait again, their attempts counted from none; how many."""
    run.status, run.finished_at = Run.Status.RUNNING, None
    run.save(update_fields=["status", "finished_at"])
    return run.chunks.filter(status=RunChunk.Status.FAILED).update(status=RunChunk.Status.WAITING, attempts=0)
