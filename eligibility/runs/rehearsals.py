"""A proposed formula is tried on everyone in a table of its own, that nobody reads: bare while it is filled, keyed when it is full.

The table becomes the partition of the formula if the proposal is approved (`reserve_formula` gave it the number its
provision will bear), and is dropped otherwise.
"""

from datetime import date

from django.db import connection

from .. import prices, queries
from ..law import Law
from ..models import LosingFamily, Program, Proposal, Provision, Run, Transition
from ..programs import programs_in_force
from ..scope import Scope
from ..score import Formula, entitled_sql, threshold_points
from ..tallies import count_formula

LARGEST_CLASS = 8
"""Members of a household in the last class of the transition table: that many or more."""
SAMPLE = 60
"""Families shown among those that would lose a program."""


def reserve_formula() -> int:
    """A number that no other provision will get."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('eligibility_provision', 'id'))")
        return cursor.fetchone()[0]


def table_of(formula_id: int) -> str:
    return f"eligibility_assessment_{int(formula_id)}"


def create_bare_table(formula_id: int) -> None:
    """Without a key and outside the partitioned table; the check spares the scan when it is attached."""
    formula_id = int(formula_id)
    _execute(
        f"CREATE TABLE {table_of(formula_id)} (LIKE eligibility_assessment INCLUDING DEFAULTS,"
        f" CONSTRAINT {table_of(formula_id)}_is_its_own CHECK (formula_id = {formula_id}))"
    )


def create_partition(formula_id: int) -> None:
    """The partition of a formula that was not rehearsed, with its keys."""
    _execute(f"CREATE TABLE {table_of(formula_id)} PARTITION OF eligibility_assessment FOR VALUES IN ({int(formula_id)})")


def is_kept(run: Run) -> bool:
    """Whether the scores of the rehearsal are still there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table_of(run.formula_id)])
        return cursor.fetchone()[0]


def discard(run: Run) -> None:
    """Nobody will want these scores: the proposal was rejected, or a newer rehearsal stands."""
    table = table_of(run.formula_id)
    _execute(f"DROP TABLE IF EXISTS {table}")
    _execute("DELETE FROM eligibility_scoretally WHERE formula_id = %s", [run.formula_id])
    run.losing_families.all().delete()


def score_range(scope: Scope, *, run: Run) -> int:
    """Score a range of households under the proposal's formula; how many had facts."""
    expression = Formula.from_value(run.proposal.value).sql_any("f")
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {table_of(run.formula_id)} (formula_id, household_id, facts_id, score, "on", assessed_at)'
            f" SELECT %(formula)s, f.household_id, f.id, {expression}, %(on)s, now()"
            f" FROM eligibility_facts f WHERE {scope.sql('f.household_id')}",
            scope.parameters | {"formula": run.formula_id, "on": run.on},
        )
        return cursor.rowcount


def build_keys(formula_id: int) -> None:
    """The keys of a full table, then its place among the partitions; all at once, in the caller's transaction."""
    formula_id, table = int(formula_id), table_of(formula_id)
    _execute("SET LOCAL maintenance_work_mem = '256MB'")
    _execute(f"ALTER TABLE {table} ADD PRIMARY KEY (formula_id, household_id)")
    _execute(f"CREATE INDEX {table}_by_score ON {table} (formula_id, score, household_id)")
    _execute(f"ALTER TABLE eligibility_assessment ATTACH PARTITION {table} FOR VALUES IN ({formula_id})")
    _execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_is_its_own")


def finish(run: Run) -> None:
    """Key the table, count its curve, and write what the formula would change; or drop it if the rehearsal was canceled.

    A rehearsal that failed keeps its bare table: it can be taken up again. One whose proposal was rejected meanwhile is
    canceled, whatever its chunks say.
    """
    if run.proposal.status == Proposal.Status.REJECTED:
        run.status = Run.Status.CANCELED
    if run.status == Run.Status.CANCELED:
        discard(run)
    elif run.status == Run.Status.CLOSED:
        build_keys(run.formula_id)
        _execute(f"ANALYZE {table_of(run.formula_id)}")
        count_formula(run.formula_id, law=law_of(run.proposal, on=run.on))
        law = law_met(run)
        for program in programs_in_force(law):
            _report(run, program, law)


def law_met(run: Run) -> Law:
    """The law that a rehearsal was made under, as it was known when it was planned: what was signed later bears a higher number."""
    day = max(run.on, run.proposal.since)
    return Law(list(Provision.objects.filter(pk__lt=run.formula_id, since__lte=day).order_by("id")), day)


def formula_before(run: Run) -> Provision:
    """The formula that was in force when the rehearsal was planned: the one its report compares with."""
    rows = Provision.objects.filter(pk__lt=run.formula_id, key="score.formula", since__lte=run.on)
    return rows.order_by("since", "id").last()


def law_of(proposal: Proposal, *, on: date) -> Law:
    """The law that the formula would meet: that of its first day, provisions already voted for later included."""
    return queries.law(max(on, proposal.since))


def _report(run: Run, program: Program, law: Law) -> None:
    cost = prices.month_sql(program, law, aid=prices.aid_sql(law, "f"), insured="coalesce(f.insured, 0)")
    points = "%(points)s"
    parameters = {
        "run": run.pk,
        "program": program.value,
        "new": run.formula_id,
        "now": formula_before(run).pk,
        "points": threshold_points(law.value(program.threshold_key)),
        "class": LARGEST_CLASS,
        "sample": SAMPLE,
    }
    rehearsed = f"(CASE WHEN s.facts_id = f.id THEN s.score ELSE {Formula.from_value(run.proposal.value).sql_any('f')} END)"
    both = _BOTH.format(rehearsed=rehearsed, before=entitled_sql("a.score", points), after=entitled_sql(rehearsed, points), cost=cost)
    _execute(_TRANSITIONS.format(both=both, table=Transition._meta.db_table), parameters)
    _execute(_LOSERS.format(both=both, table=LosingFamily._meta.db_table), parameters)


# A family that declared while the rehearsal went on is compared by its newer answers, under both formulas.
_BOTH = """
    SELECT f.household_id, f.id AS facts_id, f.region, f.milieu, f.size, coalesce(f.head_sex, '') AS head_sex,
        a.facts_id AS old_facts, a.score AS old_score, {rehearsed} AS new_score, {before} AS before, {after} AS after, {cost} AS cost
    FROM eligibility_assessment s
    JOIN eligibility_assessment a ON a.household_id = s.household_id AND a.formula_id = %(now)s
    JOIN eligibility_facts f ON f.household_id = s.household_id
    WHERE s.formula_id = %(new)s
"""
_TRANSITIONS = """
INSERT INTO {table} (run_id, program, region_id, milieu, size, head_sex, before, after, households, people, centimes)
SELECT %(run)s, %(program)s, region, milieu, least(size, %(class)s), head_sex, before, after, count(*), sum(size), sum(cost)
FROM ({both}) b GROUP BY region, milieu, least(size, %(class)s), head_sex, before, after
"""
# In the order of a hash of the id: the same families whoever asks, and none chosen by place or by age in the registry.
_LOSERS = """
INSERT INTO {table} (run_id, program, household_id, facts_id, before, after)
SELECT %(run)s, %(program)s, household_id, facts_id, old_score, new_score
FROM ({both}) b WHERE before AND NOT after AND old_facts = facts_id ORDER BY hashint8(household_id) LIMIT %(sample)s
"""


def _execute(statement: str, parameters=None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
