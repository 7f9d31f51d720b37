"""What a chunk asks for, by kind of run. The caller holds the transaction and the law's shared lock."""

from datetime import date

from django.db import connection

from households.models import Household

from .. import queries
from ..assessments import read_facts, score_facts
from ..closing import close_struck_off
from ..determinations import BANDS, determine
from ..law import Law
from ..models import Facts, Program, Provision, Refusal, Run, RunChunk
from ..programs import programs_in_force
from ..scope import Scope
from ..tallies import count_again, fold
from . import rehearsals
from .locks import lock_households, lock_law_for_writing, lock_range


def assess_locked(scope: Scope, *, law: Law, run_id: int | None, reason: str) -> tuple[int, set[int]]:
    """Facts, scores and chains of locked households: how many facts changed, whose standing did. Those struck off are closed."""
    closed = close_struck_off(scope, law=law, run_id=run_id)
    read = read_facts(scope, law=law, run_id=run_id)
    score_facts(scope, law=law, run_id=run_id)
    return read, closed | _determine(scope, programs_in_force(law), law=law, run_id=run_id, reason=reason)


def clear_due(ids: list[int]) -> None:
    """These households were locked before their answers were read: nothing newer waits."""
    Household.objects.filter(pk__in=ids, due_since__isnull=False).update(due_since=None)


def do(chunk: RunChunk, *, on: date) -> tuple[int, int]:
    """(applied, refused) of the chunk's households."""
    return DEEDS[chunk.run.kind](chunk, on)


def _determine(scope: Scope, programs: list[Program], *, law: Law, run_id: int | None, reason: str) -> set[int]:
    flipped: set[int] = set()
    for program in programs:
        flips = determine(scope, program=program, law=law, run_id=run_id, reason=reason)
        flipped.update(flips.changed, flips.first)
    return flipped


def _decide(scope: Scope, run: Run, on: date, programs: list[Program] | None = None) -> set[int]:
    """Standings on the run's day, then on every later day the law changed until today: a chunk done late misses none."""
    flipped: set[int] = set()
    for law in _laws(run.on, on):
        in_force = [program for program in programs_in_force(law) if programs is None or program in programs]
        flipped |= _determine(scope, in_force, law=law, run_id=run.pk, reason=run.kind)
    return flipped


def _laws(first: date, last: date) -> list[Law]:
    if first >= last:
        return [queries.law(first)]
    keys = ["score.formula", *(program.threshold_key for program in Program), *BANDS.values()]
    changed = Provision.objects.filter(key__in=keys, since__gt=first, since__lte=last).values_list("since", flat=True)
    return [queries.law(day) for day in sorted({first, last, *changed})]


def _listed(chunk: RunChunk) -> Scope:
    return Scope(lock_households(chunk.households))


def make_room() -> None:
    """For wide statements over one range, beside other workers, until this transaction ends: memory instead of files, no parallel plans."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL max_parallel_workers_per_gather = 0")


def _ranged(chunk: RunChunk) -> Scope:
    make_room()
    return Scope(first=chunk.first, last=chunk.last)


def _locked(chunk: RunChunk) -> Scope:
    if chunk.households is not None:
        return _listed(chunk)
    scope = _ranged(chunk)
    lock_range(scope)
    return scope


def _move_line(chunk: RunChunk, on: date) -> tuple[int, int]:
    scope = _locked(chunk)
    flipped = _score_abandoned(scope, chunk.run, on) | _decide(scope, chunk.run, on, [Program(chunk.run.program)])
    found = len(scope.ids) if scope.ids is not None else _assessed(scope, queries.law(chunk.run.on))
    return len(flipped), chunk.size - found


def _score_abandoned(scope: Scope, run: Run, on: date) -> set[int]:
    """Households that a formula's own run never reached get their score first, and their answer in every program."""
    law = queries.law(run.on)
    scored = "SELECT FROM eligibility_assessment a WHERE a.household_id = f.household_id AND a.formula_id = %(formula)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT household_id FROM eligibility_facts f WHERE {scope.sql('f.household_id')} AND NOT EXISTS ({scored})",
            scope.parameters | {"formula": law.cite("score.formula").id},
        )
        abandoned = Scope([row[0] for row in cursor.fetchall()])
    if not abandoned.ids:
        return set()
    score_facts(abandoned, law=law, run_id=run.pk)
    return _decide(abandoned, run, on)


def _change_formula(chunk: RunChunk, on: date) -> tuple[int, int]:
    """Scores that are not there yet, or older than the facts, as of the run's day, then every standing that the new scores change."""
    scope, law = _locked(chunk), queries.law(chunk.run.on)
    score_facts(scope, law=law, run_id=chunk.run_id)
    return len(_decide(scope, chunk.run, on)), chunk.size - _assessed(scope, law)


def _read_again(chunk: RunChunk, on: date) -> tuple[int, int]:
    """Everyone of a range is read as of the run's day; whoever was read on a later day, or never, as of today.

    Households left due stay due: what they answered meanwhile is read after this.
    """
    scope, run, read = _locked(chunk), chunk.run, 0
    today = scope
    if run.on < on:
        before, today = _read_until(scope, run.on)
        read, _flipped = assess_locked(before, law=queries.law(run.on), run_id=run.pk, reason=run.kind)
        _decide(before, run, on)
    changed, _flipped = assess_locked(today, law=queries.law(on), run_id=run.pk, reason=run.kind)
    return read + changed, chunk.size - _answered(scope)


def _read_until(scope: Scope, day: date) -> tuple[Scope, Scope]:
    """The households of a range last read by that day, and the others: what they say now is newer."""
    read = Facts.objects.filter(household__gte=scope.first, household__lte=scope.last, on__lte=day)
    before = set(read.values_list("household_id", flat=True))
    ids = Household.objects.filter(pk__range=(scope.first, scope.last)).order_by("pk").values_list("pk", flat=True)
    return Scope(sorted(before)), Scope([household for household in ids if household not in before])


def _pass_time(chunk: RunChunk, on: date) -> tuple[int, int]:
    """Who is still stale is read as of the run's day, under the law of that day."""
    locked = lock_households(chunk.households)
    stale = Facts.objects.filter(household__in=locked, stale_on__lte=chunk.run.on)
    scope, law = Scope(sorted(stale.values_list("household_id", flat=True))), queries.law(chunk.run.on)
    read, _flipped = assess_locked(scope, law=law, run_id=chunk.run_id, reason=chunk.run.kind)
    if chunk.run.on < on:
        _decide(scope, chunk.run, on)
    else:
        clear_due(scope.ids)
    refused = Refusal.objects.filter(household__in=scope.ids).count()
    return read, chunk.size - len(locked) + refused


def _rehearse(chunk: RunChunk, on: date) -> tuple[int, int]:
    scored = rehearsals.score_range(_ranged(chunk), run=chunk.run)
    return scored, chunk.size - scored


def _price_again(chunk: RunChunk, on: date) -> tuple[int, int]:
    """The one chunk of a change of amounts: everyone is counted again, while nobody is assessed."""
    lock_law_for_writing()
    return min(chunk.size, count_again(law=queries.law(on))), 0


DEEDS = {
    Run.Kind.THRESHOLD: _move_line,
    Run.Kind.FORMULA: _change_formula,
    Run.Kind.READING: _read_again,
    Run.Kind.LOAD: _read_again,
    Run.Kind.TIME: _pass_time,
    Run.Kind.REHEARSAL: _rehearse,
    Run.Kind.AMOUNTS: _price_again,
}


def _assessed(scope: Scope, law: Law) -> int:
    """Households of the scope that have a score under the formula in force."""
    return _count(
        f"SELECT count(*) FROM eligibility_assessment WHERE formula_id = %(formula)s AND {scope.sql('household_id')}",
        scope.parameters | {"formula": law.cite("score.formula").id},
    )


def _answered(scope: Scope) -> int:
    """Households of the scope that were read and not refused."""
    refused = "SELECT FROM eligibility_refusal r WHERE r.household_id = f.household_id"
    return _count(
        f"SELECT count(*) FROM eligibility_facts f WHERE {scope.sql('f.household_id')} AND NOT EXISTS ({refused})", scope.parameters
    )


OVER_EVERYONE = (Run.Kind.LOAD, Run.Kind.READING, Run.Kind.FORMULA)
WRITTEN = ("eligibility_facts", "eligibility_assessment", "eligibility_determination", "eligibility_tally", "eligibility_scoretally")


def settle(run: Run) -> None:
    """After a run over everyone: counts folded, and the planner told how large the tables have become."""
    if run.kind in OVER_EVERYONE:
        fold()
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(WRITTEN)}")


def orphans(run: Run) -> int:
    """Rows of a household that does not exist, where a run over everyone could have written some: no foreign key looks."""
    if run.kind not in OVER_EVERYONE:
        return 0
    return _count(
        "SELECT count(*) FROM eligibility_facts f LEFT JOIN households_household h ON h.id = f.household_id WHERE h.id IS NULL", {}
    )


def _count(statement: str, parameters: dict) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]
