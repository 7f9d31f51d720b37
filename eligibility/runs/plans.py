"""What a run is about, written down as chunks before anything is done; `planned` is what its closing equation must find."""

from datetime import date

from django.conf import settings
from django.db import connection

from rsu.models import User

from .. import queries
from ..determinations import band_points
from ..law import Law
from ..models import OPEN, Program, Proposal, Provision, Run
from ..score import threshold_points
from .left import ABANDONED, abandoned_by
from .rehearsals import create_bare_table, reserve_formula

LISTED = "run_id, position, households, size, status, attempts, worker, applied, already, refused, error"
WHOLE = 2**62
"""Ids a chunk that must be alone: whoever holds the law for reading cannot wait for another to let it go."""
SMALLEST = 500
"""Households of a list below which sharing costs more than it saves."""
RANGED = "run_id, position, first, last, size, status, attempts, worker, applied, already, refused, error"


def plan_threshold(provision: Provision, *, program: Program, law: Law, by: User) -> Run:
    """Plan the households whose score lies between the line before and the new one, and the losses that wait: nobody else is read,
    but those an earlier run has abandoned and whose answer the new line changes.

    `law` is the law the new line replaces; where it had none, everybody stands on one side of the new one. The caller holds
    the law's exclusive lock.
    """
    new, abandoned = threshold_points(provision.value), abandoned_by(program)
    run = Run.objects.create(kind=Run.Kind.THRESHOLD, program=program, provision=provision, on=max(law.on, provision.since), by=by)
    if not law.has(program.threshold_key):
        return _plan_ranges(run)
    old = threshold_points(law.value(program.threshold_key))
    formula = law.cite("score.formula").id
    parameters = {"formula": formula, "program": program.value, "low": min(old, new), "high": max(old, new)}
    return _plan_lists(run, *_with(abandoned, _MOVED, parameters, line=new))


def _with(abandoned: list[int], numbered: str, parameters: dict, *, line: int) -> tuple[str, dict]:
    """The same households, and those of abandoned chunks that the line would answer otherwise or that have no score yet."""
    if not abandoned:
        return numbered.format(abandoned=""), parameters
    more = {"runs": abandoned, "left": [*ABANDONED], "open": OPEN, "line": line}
    return numbered.format(abandoned=_ABANDONED), parameters | more


_ABANDONED = """
        UNION
        SELECT f.household_id, coalesce(a.score, 0) FROM (
            SELECT unnest(households) AS household_id FROM eligibility_runchunk
            WHERE run_id = ANY(%(runs)s) AND status = ANY(%(left)s) AND households IS NOT NULL
            UNION
            SELECT r.household_id FROM eligibility_runchunk c JOIN eligibility_facts r ON r.household_id BETWEEN c.first AND c.last
            WHERE c.run_id = ANY(%(runs)s) AND c.status = ANY(%(left)s)
        ) c JOIN eligibility_facts f ON f.household_id = c.household_id
        LEFT JOIN eligibility_assessment a ON a.household_id = f.household_id AND a.formula_id = %(formula)s
        LEFT JOIN eligibility_determination d ON d.household_id = f.household_id AND d.program = %(program)s AND d."until" = %(open)s
        WHERE a.score IS NULL OR d.entitled IS DISTINCT FROM (a.score <= %(line)s)
"""
_MOVED = """
    SELECT household_id, row_number() OVER (ORDER BY score, household_id) AS number FROM (
        SELECT household_id, score FROM eligibility_assessment WHERE formula_id = %(formula)s AND score > %(low)s AND score <= %(high)s
        UNION ALL
        SELECT a.household_id, a.score FROM eligibility_heldloss h
        JOIN eligibility_assessment a ON a.household_id = h.household_id AND a.formula_id = %(formula)s
        WHERE h.program = %(program)s AND h.outcome = '' AND NOT (a.score > %(low)s AND a.score <= %(high)s)
        {abandoned}
    ) m
"""


def plan_held(provision: Provision, *, program: Program, on: date, by: User) -> Run:
    """Plan the losses that wait inside the borderline band, whose width has changed, and those of `on` that it now holds back.

    And those an earlier run has abandoned.
    """
    abandoned = abandoned_by(program)
    run = Run.objects.create(kind=Run.Kind.THRESHOLD, program=program, provision=provision, on=on, by=by)
    law = queries.law(on)
    has_line = law.has(program.threshold_key)
    line = threshold_points(law.value(program.threshold_key)) if has_line else 0
    held_to = line + band_points(program, law) if has_line else line
    parameters = {"formula": law.cite("score.formula").id, "program": program.value, "open": OPEN, "on": on}
    return _plan_lists(run, *_with(abandoned, _HELD, parameters | {"line": line, "held_to": held_to}, line=line))


_HELD = """
    SELECT household_id, row_number() OVER (ORDER BY household_id) AS number FROM (
        SELECT DISTINCT household_id FROM (
        SELECT household_id, score FROM eligibility_heldloss WHERE program = %(program)s AND outcome = ''
        UNION
        SELECT a.household_id, a.score FROM eligibility_assessment a
        JOIN eligibility_determination d ON d.household_id = a.household_id AND d.program = %(program)s AND d."until" = %(open)s
        WHERE a.formula_id = %(formula)s AND a.score > %(line)s AND a.score <= %(held_to)s AND NOT d.entitled AND d.since >= %(on)s
        {abandoned}
    ) s) h
"""


def plan_everyone(kind: str, *, on: date, by: User, provision: Provision | None = None) -> Run:
    """Plan every household registered, by ranges; a change of amounts counts them all in one. The caller holds the law's exclusive lock."""
    run = Run.objects.create(kind=kind, on=on, provision=provision, by=by)
    return _plan_ranges(run, width=WHOLE if kind == Run.Kind.AMOUNTS else settings.RUN_RANGE)


def plan_households(first: int, last: int, *, law: Law, by: User) -> Run:
    """Plan the first reading of a range of households that was just loaded."""
    return _plan_ranges(Run.objects.create(kind=Run.Kind.LOAD, on=law.on, by=by), first=first, last=last)


def plan_rehearsal(proposal: Proposal, *, on: date, digest: str, by: User) -> Run:
    """Plan the score of everyone under a proposed formula, in a bare table that nobody reads yet."""
    formula_id = reserve_formula()
    create_bare_table(formula_id)
    run = Run.objects.create(kind=Run.Kind.REHEARSAL, proposal=proposal, formula_id=formula_id, digest=digest, on=on, by=by)
    return _plan_ranges(run)


_STALE = """
    FROM eligibility_facts f LEFT JOIN eligibility_refusal r ON r.household_id = f.household_id
    WHERE f.stale_on <= %(today)s AND (r."on" IS NULL OR r."on" < %(today)s) AND f.household_id NOT IN (
        SELECT unnest(c.households) FROM eligibility_runchunk c JOIN eligibility_run p ON p.id = c.run_id
        WHERE p.kind = 'time' AND p.status = 'paused' AND c.status IN ('waiting', 'claimed')
    )
"""


def stale_day(today: date) -> date | None:
    """The first day, until today, on which time changed a household that has not been read again since.

    A household that was refused stays stale: it is tried again today, never on a day gone by. Those that a paused run keeps
    are read when it is resumed.
    """
    with connection.cursor() as cursor:
        day = "CASE WHEN r.household_id IS NULL THEN f.stale_on ELSE %(today)s END"
        cursor.execute(f"SELECT min({day}) {_STALE}", {"today": today})
        return cursor.fetchone()[0]


def plan_stale(*, law: Law, today: date, by: User) -> Run | None:
    """Plan the households whose facts time alone had changed by the law's day; None when there is none.

    Those refused that very day are left out: asking again would find the same answer missing.
    """
    stale = f"""
        SELECT f.household_id, row_number() OVER (ORDER BY f.household_id) AS number {_STALE}
        AND f.stale_on <= %(on)s AND (r.household_id IS NULL OR %(on)s = %(today)s)
    """
    run = _plan_lists(Run.objects.create(kind=Run.Kind.TIME, on=law.on, by=by), stale, {"on": law.on, "today": today})
    if run.planned == 0:
        run.delete()
        return None
    return run


def _plan_lists(run: Run, numbered: str, parameters: dict) -> Run:
    """Chunks of RUN_CHUNK households at most, smaller where the workers would otherwise not share, from (household_id, number)."""
    chunks = f"""
        INSERT INTO eligibility_runchunk ({LISTED})
        SELECT %(run)s, (number - 1) / width + 1, array_agg(household_id ORDER BY number), count(*), 'waiting', 0, '', 0, 0, 0, ''
        FROM (SELECT n.*, least(%(chunk)s, greatest({SMALLEST}, (count(*) OVER () - 1) / %(parts)s + 1)) AS width FROM ({numbered}) n) n
        GROUP BY (number - 1) / width
    """
    return _planned(run, chunks, parameters | {"chunk": settings.RUN_CHUNK, "parts": 2 * settings.RUN_WORKERS})


def _plan_ranges(run: Run, first: int = 0, last: int | None = None, width: int | None = None) -> Run:
    """Chunks of `width` ids each, or RUN_RANGE, over the households there are; a registration under way ends before they are counted."""
    chunks = f"""
        INSERT INTO eligibility_runchunk ({RANGED})
        SELECT %(run)s, row_number() OVER (ORDER BY block), greatest(block * %(chunk)s, %(first)s),
            least(block * %(chunk)s + %(chunk)s - 1, %(last)s), size, 'waiting', 0, '', 0, 0, 0, ''
        FROM (SELECT id / %(chunk)s AS block, count(*) AS size FROM households_household
              WHERE id BETWEEN %(first)s AND %(last)s AND struck_off_on IS NULL GROUP BY 1) b
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE households_household IN SHARE MODE")
        if last is None:
            cursor.execute("SELECT coalesce(max(id), 0) FROM households_household")
            last = cursor.fetchone()[0]
    return _planned(run, chunks, {"first": first, "last": last, "chunk": width or settings.RUN_RANGE})


def _planned(run: Run, chunks: str, parameters: dict) -> Run:
    with connection.cursor() as cursor:
        cursor.execute(chunks, parameters | {"run": run.pk})
        cursor.execute("SELECT coalesce(sum(size), 0) FROM eligibility_runchunk WHERE run_id = %s", [run.pk])
        run.planned = cursor.fetchone()[0]
    run.save(update_fields=["planned"])
    return run
