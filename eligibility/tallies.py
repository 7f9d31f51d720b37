"""The tally of scores made from nothing: when a formula's table is loaded, and when amounts change what a family counts for."""

from django.db import connection

from . import prices
from .assessments import bucket_sql
from .law import Law


def count_formula(formula_id: int, *, law: Law) -> int:
    """Count every score of a formula, each with the facts it was made from; how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eligibility_scoretally WHERE formula_id = %s", [formula_id])
        cursor.execute(_COUNT.format(aid=prices.aid_sql(law, "f")), {"formula": formula_id})
        cursor.execute("SELECT coalesce(sum(households), 0) FROM eligibility_scoretally WHERE formula_id = %s", [formula_id])
        return int(cursor.fetchone()[0])


def count_again(*, law: Law) -> int:
    """The same for every formula that is counted: amounts in force have changed. How many scores the law's own formula has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT formula_id FROM eligibility_scoretally ORDER BY formula_id")
        counted = [row[0] for row in cursor.fetchall()]
    counts = {formula_id: count_formula(formula_id, law=law) for formula_id in counted}
    return counts.get(law.cite("score.formula").id, 0)


_COUNTED = """
    SELECT c.province_id, f.milieu, {bucket} AS bucket, f.size, {{aid}} AS aid, coalesce(f.insured, 0) AS insured
    FROM eligibility_assessment a JOIN {facts} f ON f.household_id = a.household_id AND f.id = a.facts_id
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
