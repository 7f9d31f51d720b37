"""Standing by score: a contiguous chain of yes and no, written only when the answer changes.

Three statements for any number of households, in the caller's transaction, the households locked before: what a
same-day or retroactive change cuts is moved to PastDetermination, the last period is closed or taken up again, and
the new one opened. The chain's foreign key is deferred; its unique keys hold after every statement.
"""

from django.db import connection

from .law import Law
from .models import OPEN, Program
from .score import entitled_sql, threshold_points


def determine(ids: list[int], *, program: Program, law: Law, run_id: int | None, reason: str) -> int:
    """Bring the program's chain of these households in line with their current score from `law.on`; how many changed.

    Households without a score are left alone. A first "no" opens a chain and asks nothing of enrollment.
    """
    threshold = law.cite(program.threshold_key)
    parameters = {
        "ids": ids,
        "program": program.value,
        "on": law.on,
        "open": OPEN,
        "formula": law.cite("score.formula").id,
        "threshold": threshold.id,
        "points": threshold_points(threshold.value),
        "run": run_id,
        "reason": reason,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FLIPS, parameters)
        flips = cursor.fetchall()
        if not flips:
            return 0
        parameters |= {"ids": [household for household, _standing in flips]}
        parameters |= {"first": [household for household, standing in flips if not standing]}
        for statement in (_CUT, _CLOSE, _OPEN):
            cursor.execute(statement, parameters)
    return len(flips)


_SCORED = f"""
    SELECT a.household_id, a.score, a.facts_id, {entitled_sql("a.score", "%(points)s")} AS wanted FROM eligibility_assessment a
    WHERE a.formula_id = %(formula)s AND a.household_id = ANY(%(ids)s)
"""

_FLIPS = f"""
SELECT s.household_id, d.id IS NOT NULL FROM ({_SCORED}) s
LEFT JOIN eligibility_determination d ON d.household_id = s.household_id AND d.program = %(program)s AND d."until" = %(open)s
WHERE d.entitled IS DISTINCT FROM s.wanted ORDER BY s.household_id
"""

_PERIOD = (
    'household_id, program, since, "until", previous_until, entitled, score, facts_id, formula_id, threshold_id, run_id, reason,'
    " determined_at"
)

_CUT = f"""
WITH gone AS (
    DELETE FROM eligibility_determination WHERE household_id = ANY(%(ids)s) AND program = %(program)s AND since >= %(on)s
    RETURNING *
)
INSERT INTO eligibility_pastdetermination (determination_id, {_PERIOD}, cut_on, replaced_at, replaced_by_id)
SELECT id, {_PERIOD}, %(on)s, now(), %(run)s FROM gone
"""

# After the cut, one period at most reaches `on`: it ends there, or runs on again if it already said what is wanted.
_CLOSE = f"""
UPDATE eligibility_determination d
SET "until" = CASE WHEN d.entitled = s.wanted THEN %(open)s ELSE %(on)s END, handled = d.entitled <> s.wanted
FROM ({_SCORED}) s
WHERE d.household_id = s.household_id AND d.program = %(program)s AND d."until" >= %(on)s
"""

_OPEN = f"""
INSERT INTO eligibility_determination ({_PERIOD}, handled)
SELECT s.household_id, %(program)s, %(on)s, %(open)s,
    (SELECT max(d."until") FROM eligibility_determination d WHERE d.household_id = s.household_id AND d.program = %(program)s),
    s.wanted, s.score, s.facts_id, %(formula)s, %(threshold)s, %(run)s, %(reason)s, now(),
    NOT s.wanted AND s.household_id = ANY(%(first)s)
FROM ({_SCORED}) s
WHERE NOT EXISTS (SELECT FROM eligibility_determination d
                  WHERE d.household_id = s.household_id AND d.program = %(program)s AND d."until" = %(open)s)
"""
