"""Counts folded into one row each, and the tally of scores made from nothing.

It is made again when a formula's table is loaded, and when amounts change what a family counts for.
"""

from django.db import connection

from . import prices
from .assessments import bucket_sql
from .law import Law
from .models import Proposal, Provision, Run, ScoreTally


def count_formula(formula_id: int, *, law: Law) -> int:
    """Count every score of a formula, each with the facts it was made from; how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eligibility_scoretally WHERE formula_id = %s", [formula_id])
        cursor.execute(_COUNT.format(aid=prices.aid_sql(law, "f")), {"formula": formula_id})
        cursor.execute("SELECT coalesce(sum(households), 0) FROM eligibility_scoretally WHERE formula_id = %s", [formula_id])
        return int(cursor.fetchone()[0])


def count_again(*, law: Law) -> int:
    """The same for every formula somebody may still ask about: amounts in force have changed. How many scores the law's own has.

    The counts of the others, which will never be in force again, are taken away.
    """
    asked = _asked(law)
    ScoreTally.objects.exclude(formula_id__in=asked).delete()
    counted = set(ScoreTally.objects.values_list("formula_id", flat=True).distinct())
    counts = {formula_id: count_formula(formula_id, law=law) for formula_id in sorted(asked & counted)}
    return counts.get(law.cite("score.formula").id, 0)


def _asked(law: Law) -> set[int]:
    """The formula in force, those signed for later days, and those rehearsed for a proposal that nobody has decided."""
    coming = Provision.objects.filter(key="score.formula", since__gt=law.on).values_list("id", flat=True)
    rehearsed = Run.objects.filter(kind=Run.Kind.REHEARSAL, proposal__status=Proposal.Status.OPEN).values_list("formula_id", flat=True)
    return {law.cite("score.formula").id, *coming, *rehearsed}


_COUNTED = """
    SELECT c.province_id, f.milieu, {bucket} AS bucket, f.size, {{aid}} AS aid, coalesce(f.insured, 0) AS insured
    FROM eligibility_assessment a JOIN {facts} f ON f.id = a.facts_id
    JOIN rsu_commune c ON c.id = f.commune_id WHERE a.formula_id = %(formula)s
"""
_BUCKET = bucket_sql("a.score")
_COUNT = f"""
INSERT INTO eligibility_scoretally (formula_id, province_id, milieu, bucket, households, people, aid, insured)
SELECT %(formula)s, province_id, milieu, bucket, count(*), sum(size), sum(aid), sum(insured) FROM (
    {_COUNTED.format(bucket=_BUCKET, facts="eligibility_facts")}
    UNION ALL
    {_COUNTED.format(bucket=_BUCKET, facts="eligibility_pastfacts")}
) s GROUP BY province_id, milieu, bucket
"""


def _folding(table: str, keys: tuple[str, ...], sums: tuple[str, ...]) -> str:
    """Sum repeated rows into one; what stands in one row already is left alone. A reader sees the rows before or the sum after."""
    key, total = ", ".join(keys), ", ".join(f"sum({name})" for name in sums)
    same = f"({', '.join(f't.{name}' for name in keys)}) = ({', '.join(f'r.{name}' for name in keys)})"
    return f"""
        WITH repeated AS (SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1),
        folded AS (DELETE FROM {table} t USING repeated r WHERE {same} RETURNING t.*)
        INSERT INTO {table} ({key}, {", ".join(sums)})
        SELECT {key}, {total} FROM folded GROUP BY {key} HAVING {" OR ".join(f"sum({name}) <> 0" for name in sums)}
    """


FOLDS = (
    _folding("eligibility_tally", ("measure", "program", "commune_id", "milieu"), ("households", "people")),
    _folding("eligibility_scoretally", ("formula_id", "province_id", "milieu", "bucket"), ("households", "people", "aid", "insured")),
)


def fold() -> int:
    """Sum the delta rows into one row each, so that readers stay fast; the sums do not change. How many rows it wrote."""
    folded = 0
    with connection.cursor() as cursor:
        for statement in FOLDS:
            cursor.execute(statement)
            folded += cursor.rowcount
    return folded
