"""Reading, scoring and keeping: households in, facts and scores out, in two statements whatever their number.

The caller holds the transaction and has locked the households in an earlier statement: one statement for both would
read the answers as they were before the lock was granted.
"""

from django.db import connection

from . import facts, prices
from .law import Law
from .models import OPEN
from .scope import Scope
from .score import Formula

BUCKET = 100_000
"""Width of a tally bucket, in ten-millionths of score: one hundredth."""

_PRICED = [*prices.HOUSEHOLD_COLUMNS]
_COLUMNS = ["household_id", "on", "stale_on", "commune_id", "milieu", "region", "size", *_PRICED, *(fact.name for fact in facts.FACTS)]
_COMPARED = [name for name in _COLUMNS if name not in ("household_id", "on")]


def _quoted(names, alias: str = "") -> str:
    prefix = f"{alias}." if alias else ""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def bucket_sql(score: str) -> str:
    """The hundredth a score stands in; floor, below zero too."""
    return f"floor({score}::numeric / {BUCKET})::int"


def reading_parameters(law: Law) -> dict:
    """What a reading of the answers is bound with on the law's day."""
    values = {key: law.value(key) for key in facts.LAW_LISTS}
    return facts.parameters(on=law.on, values=values) | prices.parameters(law)


def reading_sql(scope: Scope) -> str:
    """The facts and prices of the households of a scope, as the law's day reads them, with what is missing.

    OFFSET 0 keeps the planner from working every fact out a second time to see whether it is missing.
    """
    reading = facts.reading_sql(scope.sql, member_columns=prices.MEMBER_COLUMNS, household_columns=prices.HOUSEHOLD_COLUMNS)
    return f'SELECT r.*, %(on)s::date AS "on", {facts.missing_sql("r")} AS missing FROM ({reading} OFFSET 0) r'


def read_facts(scope: Scope, *, law: Law, run_id: int | None) -> int:
    """Store today's facts of these households where they differ from the last; how many did.

    A household with a question unanswered keeps its last facts and its last score, and stands in Refusal with what is missing.
    """
    statement = _READ_FACTS.format(
        reading=reading_sql(scope),
        scope=scope.sql("f.household_id"),
        refusals=scope.sql("e.household_id"),
        chains=scope.sql("d.household_id"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, reading_parameters(law) | scope.parameters | {"run": run_id, "open": OPEN})
        return cursor.rowcount


# A household that moves or changes size while its right stands is counted again where it now lives. Every table bears the scope
# itself: a planner that joins twenty thousand households to one that does not would rather read it whole.
_READ_FACTS = f"""
WITH reading AS MATERIALIZED (
    SELECT r.*, f.id AS old_id, f.commune_id AS old_commune, f.milieu AS old_milieu, f.size AS old_size,
        r.missing = '{{{{}}}}' AND (f.id IS NULL OR ({_quoted(_COMPARED, "f")}) IS DISTINCT FROM ({_quoted(_COMPARED, "r")})) AS is_new
    FROM ({{reading}}) r LEFT JOIN (SELECT * FROM eligibility_facts f WHERE {{scope}}) f ON f.household_id = r.household_id
), refused AS (
    INSERT INTO eligibility_refusal (household_id, missing, "on", run_id, refused_at)
    SELECT household_id, missing, "on", %(run)s, now() FROM reading WHERE missing <> '{{{{}}}}'
    ON CONFLICT (household_id) DO UPDATE SET missing = excluded.missing, "on" = excluded."on", run_id = excluded.run_id, refused_at = now()
), answered AS (
    DELETE FROM eligibility_refusal e USING reading r WHERE e.household_id = r.household_id AND r.missing = '{{{{}}}}' AND {{refusals}}
), changed AS NOT MATERIALIZED (
    SELECT * FROM reading WHERE is_new
), kept AS (
    INSERT INTO eligibility_pastfacts (id, read_at, replaced_at, {_quoted(_COLUMNS)})
    SELECT f.id, f.read_at, now(), {_quoted(_COLUMNS, "f")} FROM eligibility_facts f JOIN changed c ON c.old_id = f.id
    WHERE {{scope}}
), moved AS MATERIALIZED (
    SELECT * FROM changed WHERE old_id IS NOT NULL AND (commune_id, milieu, size) IS DISTINCT FROM (old_commune, old_milieu, old_size)
), tallied AS (
    INSERT INTO eligibility_tally (measure, program, commune_id, milieu, households, people)
    SELECT 'registered', '', commune_id, milieu, sum(households), sum(people) FROM (
        SELECT commune_id, milieu, 1 AS households, size AS people FROM changed
        UNION ALL SELECT old_commune, old_milieu, -1, -old_size FROM changed WHERE old_id IS NOT NULL
    ) d GROUP BY commune_id, milieu HAVING sum(households) <> 0 OR sum(people) <> 0
    UNION ALL
    SELECT 'entitled', program, commune_id, milieu, sum(households), sum(people) FROM (
        SELECT d.program, c.commune_id, c.milieu, 1 AS households, c.size AS people FROM moved c
        JOIN eligibility_determination d ON d.household_id = c.household_id AND d.entitled AND d."until" = %(open)s AND {{chains}}
        UNION ALL
        SELECT d.program, c.old_commune, c.old_milieu, -1, -c.old_size FROM moved c
        JOIN eligibility_determination d ON d.household_id = c.household_id AND d.entitled AND d."until" = %(open)s AND {{chains}}
    ) d GROUP BY program, commune_id, milieu HAVING sum(households) <> 0 OR sum(people) <> 0
)
INSERT INTO eligibility_facts (read_at, {_quoted(_COLUMNS)})
SELECT now(), {_quoted(_COLUMNS)} FROM changed
ON CONFLICT (household_id) DO UPDATE SET id = excluded.id, read_at = excluded.read_at,
    {", ".join(f'"{name}" = excluded."{name}"' for name in _COLUMNS[1:])}
"""


def score_facts(scope: Scope, *, law: Law, run_id: int | None) -> None:
    """Give these households' current facts their score under the formula in force; the score it replaces is kept.

    A score is of the law's day, or of the day its facts were read where that is later: a run done late gives newer facts no
    earlier right.
    """
    provision = law.cite("score.formula")
    statement = _SCORE.format(
        expression=Formula.from_value(provision.value).sql_any("f"),
        scope=scope.sql("f.household_id"),
        assessed=scope.sql("a.household_id"),
        past=scope.sql("p.household_id"),
        aid=prices.aid_sql(law, "f"),
        old_aid=prices.aid_sql(law, "p"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, scope.parameters | {"formula": provision.id, "on": law.on, "run": run_id})


_SCORE = f"""
WITH changed AS MATERIALIZED (
    SELECT s.*, a.score AS old_score, a.facts_id AS old_facts
    FROM (
        SELECT f.household_id, f.id AS facts_id, f.commune_id, f.milieu, f.size, f.insured, f."on", {{aid}} AS aid, {{expression}} AS score
        FROM eligibility_facts f WHERE {{scope}}
    ) s
    LEFT JOIN (SELECT * FROM eligibility_assessment a WHERE a.formula_id = %(formula)s AND {{assessed}}) a
      ON a.household_id = s.household_id
    WHERE a.facts_id IS DISTINCT FROM s.facts_id OR a.score IS DISTINCT FROM s.score
), kept AS (
    INSERT INTO eligibility_pastassessment (formula_id, household_id, facts_id, score, "on", assessed_at, replaced_at, run_id)
    SELECT a.formula_id, a.household_id, a.facts_id, a.score, a."on", a.assessed_at, now(), %(run)s
    FROM changed c JOIN eligibility_assessment a ON a.household_id = c.household_id AND a.formula_id = %(formula)s
    WHERE c.old_score IS NOT NULL AND {{assessed}}
), before AS (
    SELECT p.commune_id, p.milieu, c.old_score AS score, p.size, {{old_aid}} AS aid, p.insured FROM changed c
    JOIN eligibility_pastfacts p ON p.id = c.old_facts AND {{past}} WHERE c.old_facts <> c.facts_id
    UNION ALL
    SELECT c.commune_id, c.milieu, c.old_score, c.size, c.aid, c.insured FROM changed c WHERE c.old_facts = c.facts_id
), tallied AS (
    INSERT INTO eligibility_scoretally (formula_id, province_id, milieu, bucket, households, people, aid, insured)
    SELECT %(formula)s, (SELECT c.province_id FROM rsu_commune c WHERE c.id = d.commune_id) AS province, d.milieu,
        {bucket_sql("d.score")} AS bucket, sum(d.sign), sum(d.sign * d.size), sum(d.sign * d.aid), sum(d.sign * coalesce(d.insured, 0))
    FROM (
        SELECT 1 AS sign, commune_id, milieu, score, size, aid, insured FROM changed
        UNION ALL SELECT -1, commune_id, milieu, score, size, aid, insured FROM before
    ) d GROUP BY province, d.milieu, bucket
    HAVING sum(d.sign) <> 0 OR sum(d.sign * d.size) <> 0 OR sum(d.sign * d.aid) <> 0 OR sum(d.sign * coalesce(d.insured, 0)) <> 0
)
INSERT INTO eligibility_assessment (formula_id, household_id, facts_id, score, "on", assessed_at)
SELECT %(formula)s, household_id, facts_id, score, greatest(%(on)s, "on"), now() FROM changed
ON CONFLICT (formula_id, household_id) DO UPDATE
SET facts_id = excluded.facts_id, score = excluded.score, "on" = excluded."on", assessed_at = excluded.assessed_at
"""
