"""Households struck off the registry: what was read of them is kept as past, their rights close, and no count holds them any more."""

from django.db import connection

from . import prices
from .assessments import bucket_sql
from .determinations import determine
from .law import Law
from .models import DeterminationColumns, Program
from .models.rights import FactColumns
from .scope import Scope

_COLUMNS = ", ".join(f'"{field.column}"' for field in FactColumns._meta.fields)


def close_struck_off(scope: Scope, *, law: Law, run_id: int | None) -> set[int]:
    """Take the struck off households of a scope out of readings, scores and counts; whose right closed.

    The caller has locked them. A household that is not struck off, or was closed already, is left alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STRUCK.format(scope=scope.sql("h.id"), facts=scope.sql("f.household_id")), scope.parameters)
        struck = Scope([row[0] for row in cursor.fetchall()])
    if not struck.ids:
        return set()
    closed: set[int] = set()
    for program in Program:
        if law.has(program.threshold_key):
            reason = DeterminationColumns.Reason.STRUCK_OFF
            closed.update(determine(struck, program=program, law=law, run_id=run_id, reason=reason, struck_off=True).changed)
    with connection.cursor() as cursor:
        for statement in (_SCORES, _FACTS):
            text = statement.format(
                facts=struck.sql("f.household_id"), scores=struck.sql("a.household_id"), refusals=struck.sql("e.household_id"),
                aid=prices.aid_sql(law, "f"), bucket=bucket_sql("g.score"),
            )  # fmt: skip
            cursor.execute(text, struck.parameters | {"run": run_id})
    return closed


_STRUCK = """
SELECT h.id FROM households_household h WHERE h.struck_off_on IS NOT NULL AND {scope}
  AND EXISTS (SELECT FROM eligibility_facts f WHERE f.household_id = h.id AND {facts}) ORDER BY h.id
"""

# Scores under every formula, a rehearsed one included, leave the count they were made in.
_SCORES = """
WITH gone AS (
    DELETE FROM eligibility_assessment a WHERE {scores} RETURNING a.*
), kept AS (
    INSERT INTO eligibility_pastassessment (formula_id, household_id, facts_id, score, "on", assessed_at, replaced_at, run_id)
    SELECT formula_id, household_id, facts_id, score, "on", assessed_at, now(), %(run)s FROM gone
)
INSERT INTO eligibility_scoretally (formula_id, province_id, milieu, bucket, households, people, aid, insured)
SELECT g.formula_id, c.province_id, f.milieu, {bucket} AS bucket, -count(*), -sum(f.size), -sum({aid}), -sum(coalesce(f.insured, 0))
FROM gone g JOIN eligibility_facts f ON f.household_id = g.household_id AND {facts} JOIN rsu_commune c ON c.id = f.commune_id
GROUP BY 1, 2, 3, 4
"""

_FACTS = f"""
WITH gone AS (
    DELETE FROM eligibility_facts f WHERE {{facts}} RETURNING f.*
), kept AS (
    INSERT INTO eligibility_pastfacts (id, household_id, replaced_at, {_COLUMNS}) SELECT id, household_id, now(), {_COLUMNS} FROM gone
), refused AS (
    DELETE FROM eligibility_refusal e WHERE {{refusals}}
)
INSERT INTO eligibility_tally (measure, program, commune_id, milieu, households, people)
SELECT 'registered', '', commune_id, milieu, -count(*), -sum(size) FROM gone GROUP BY commune_id, milieu
"""
