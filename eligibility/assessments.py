"""Reading, scoring and keeping: households in, facts and scores out, in three statements whatever their number.

The caller holds the transaction and has locked the households in an earlier statement: one statement for both would
read the answers as they were before the lock was granted.
"""

from django.db import connection

from . import facts
from .law import Law
from .score import Formula

BUCKET = 100_000
"""Width of a tally bucket, in ten-millionths of score: one hundredth."""

_COLUMNS = ["household_id", "on", "stale_on", "commune_id", "milieu", "region", "size", *(fact.name for fact in facts.FACTS)]
_COMPARED = [name for name in _COLUMNS if name not in ("household_id", "on")]


def _quoted(names, alias: str = "") -> str:
    prefix = f"{alias}." if alias else ""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def read_facts(ids: list[int], *, law: Law, run_id: int | None) -> int:
    """Store today's facts of these households where they differ from the last; how many did.

    A household with a question unanswered keeps its last facts and its last score, and stands in Refusal with what is missing.
    """
    parameters = facts.parameters(on=law.on, values={key: law.value(key) for key in facts.LAW_LISTS})
    with connection.cursor() as cursor:
        cursor.execute(_READ_FACTS, parameters | {"ids": ids, "run": run_id})
        return cursor.rowcount


_READ_FACTS = f"""
WITH reading AS MATERIALIZED (
    SELECT r.*, %(on)s::date AS "on", {facts.missing_sql("r")} AS missing FROM ({facts.reading_sql("m.household_id = ANY(%(ids)s)")}) r
), refused AS (
    INSERT INTO eligibility_refusal (household_id, missing, "on", run_id, refused_at)
    SELECT household_id, missing, "on", %(run)s, now() FROM reading WHERE missing <> '{{}}'
    ON CONFLICT (household_id) DO UPDATE SET missing = excluded.missing, "on" = excluded."on", run_id = excluded.run_id, refused_at = now()
), answered AS (
    DELETE FROM eligibility_refusal USING reading r WHERE eligibility_refusal.household_id = r.household_id AND r.missing = '{{}}'
), changed AS MATERIALIZED (
    SELECT r.*, f.id AS old_id, f.commune_id AS old_commune, f.milieu AS old_milieu, f.size AS old_size
    FROM reading r LEFT JOIN eligibility_facts f ON f.household_id = r.household_id
    WHERE r.missing = '{{}}' AND (f.id IS NULL OR ({_quoted(_COMPARED, "f")}) IS DISTINCT FROM ({_quoted(_COMPARED, "r")}))
), kept AS (
    INSERT INTO eligibility_pastfacts (id, read_at, replaced_at, {_quoted(_COLUMNS)})
    SELECT f.id, f.read_at, now(), {_quoted(_COLUMNS, "f")} FROM eligibility_facts f JOIN changed c ON c.old_id = f.id
), tallied AS (
    INSERT INTO eligibility_tally (measure, program, commune_id, milieu, households, people, centimes)
    SELECT 'registered', '', commune_id, milieu, sum(households), sum(people), 0 FROM (
        SELECT commune_id, milieu, 1 AS households, size AS people FROM changed
        UNION ALL SELECT old_commune, old_milieu, -1, -old_size FROM changed WHERE old_id IS NOT NULL
    ) d GROUP BY commune_id, milieu HAVING sum(households) <> 0 OR sum(people) <> 0
)
INSERT INTO eligibility_facts (read_at, {_quoted(_COLUMNS)})
SELECT now(), {_quoted(_COLUMNS)} FROM changed
ON CONFLICT (household_id) DO UPDATE SET id = excluded.id, read_at = excluded.read_at,
    {", ".join(f'"{name}" = excluded."{name}"' for name in _COLUMNS[1:])}
"""


def score_facts(ids: list[int], *, law: Law, run_id: int | None) -> None:
    """Give these households' current facts their score under the formula in force; the score it replaces is kept."""
    provision = law.cite("score.formula")
    expression = Formula.from_value(provision.value).sql_any("f")
    parameters = {"ids": ids, "formula": provision.id, "on": law.on, "run": run_id}
    with connection.cursor() as cursor:
        cursor.execute(_SCORE.format(expression=expression), parameters)


_SCORE = f"""
WITH scored AS MATERIALIZED (
    SELECT f.household_id, f.id AS facts_id, f.commune_id, f.milieu, f.size, {{expression}} AS score,
        a.score AS old_score, a.facts_id AS old_facts
    FROM eligibility_facts f
    LEFT JOIN eligibility_assessment a ON a.household_id = f.household_id AND a.formula_id = %(formula)s
    WHERE f.household_id = ANY(%(ids)s)
), changed AS MATERIALIZED (
    SELECT s.*, coalesce(p.commune_id, s.commune_id) AS old_commune, coalesce(p.milieu, s.milieu) AS old_milieu,
        coalesce(p.size, s.size) AS old_size
    FROM scored s LEFT JOIN eligibility_pastfacts p ON p.id = s.old_facts
    WHERE s.old_facts IS DISTINCT FROM s.facts_id OR s.old_score IS DISTINCT FROM s.score
), kept AS (
    INSERT INTO eligibility_pastassessment (formula_id, household_id, facts_id, score, "on", assessed_at, replaced_at, run_id)
    SELECT a.formula_id, a.household_id, a.facts_id, a.score, a."on", a.assessed_at, now(), %(run)s
    FROM eligibility_assessment a JOIN changed c ON c.household_id = a.household_id WHERE a.formula_id = %(formula)s
), tallied AS (
    INSERT INTO eligibility_tally (measure, program, commune_id, milieu, bucket, households, people, centimes)
    SELECT 'scored', '', commune_id, milieu, bucket, sum(households), sum(people), 0 FROM (
        SELECT commune_id, milieu, floor(score::numeric / {BUCKET})::int AS bucket, 1 AS households, size AS people FROM changed
        UNION ALL
        SELECT old_commune, old_milieu, floor(old_score::numeric / {BUCKET})::int, -1, -old_size FROM changed WHERE old_score IS NOT NULL
    ) d GROUP BY commune_id, milieu, bucket HAVING sum(households) <> 0 OR sum(people) <> 0
)
INSERT INTO eligibility_assessment (formula_id, household_id, facts_id, score, "on", assessed_at)
SELECT %(formula)s, household_id, facts_id, score, %(on)s, now() FROM changed
ON CONFLICT (formula_id, household_id) DO UPDATE
SET facts_id = excluded.facts_id, score = excluded.score, "on" = excluded."on", assessed_at = excluded.assessed_at
"""
