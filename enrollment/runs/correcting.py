"""Compare a month with what was written for it, for many households in one statement: what is missing waits to be written with the
next month, what is too much is recorded as an overpayment and takes nothing back.

The lines of the month, those of every correction of it and those of its overpayments always sum to what the month is worth.
"""

from collections.abc import Sequence
from datetime import date, datetime

from eligibility.models import OPEN
from rsu.models import User

from ..allowances import fetch, parameters_of, steps
from .writing import REASON, RIGHT

_CORRECT = f"""
compared AS (
  SELECT household_id, l.kind, l.member_id, l.rank, l.amount
  FROM month CROSS JOIN LATERAL unnest(kinds, members, ranks, amounts) AS l(kind, member_id, rank, amount) WHERE {REASON} IS NULL
  UNION ALL
  SELECT a.household_id, l.kind, l.member_id, l.rank, -l.amount
  FROM enrollment_allowance a CROSS JOIN LATERAL unnest(kinds, members, ranks, amounts, months) AS l(kind, member_id, rank, amount, month)
  WHERE a.household_id = ANY(%(ids)s) AND a.month = %(month)s AND l.month IS NULL AND l.kind NOT IN ('birth_grant', 'recovery')
  UNION ALL
  SELECT household_id, kind, member_id, rank, -amount FROM enrollment_dueline
  WHERE household_id = ANY(%(ids)s) AND belongs_to = %(month)s AND correction_id IS NOT NULL AND kind <> 'recovery'
),
differing AS MATERIALIZED (
  SELECT household_id, kind, member_id, rank, sum(amount)::int AS amount FROM compared GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0
),
nets AS MATERIALIZED (SELECT household_id, sum(amount)::int AS amount FROM differing GROUP BY household_id),
-- What is owed after all first makes up for what was received too much for the same month.
made_up AS MATERIALIZED (
  SELECT id, household_id, least(remaining, greatest(0, net - before))::int AS amount FROM (
    SELECT o.id, o.household_id, n.amount AS net, o.amount - o.recovered AS remaining,
      coalesce(sum(o.amount - o.recovered) OVER (PARTITION BY o.household_id ORDER BY o.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM enrollment_overpayment o JOIN nets n ON n.household_id = o.household_id
    WHERE o.month = %(month)s AND n.amount > 0 AND o.recovered < o.amount
  ) o WHERE net > before
),
settled AS (
  UPDATE enrollment_overpayment o SET recovered = o.recovered + m.amount, made_up = o.made_up + m.amount,
    state = CASE WHEN o.recovered + m.amount = o.amount THEN 'recovered' ELSE o.state END
  FROM made_up m WHERE m.id = o.id
),
overpaid AS (
  INSERT INTO enrollment_overpayment (household_id, month, amount, recovered, made_up, state, reason, decision, recorded_by_id, recorded_at)
  SELECT household_id, %(month)s, -amount, 0, 0, 'recorded', %(reason)s, '', %(by)s, statement_timestamp() FROM nets WHERE amount < 0 ORDER BY 1
  RETURNING id, household_id
),
corrected AS (
  INSERT INTO enrollment_correction (household_id, month, amount, overpayment_id, reason, by_id, at)
  SELECT n.household_id, %(month)s, n.amount, o.id, %(reason)s, %(by)s, statement_timestamp()
  FROM nets n LEFT JOIN overpaid o ON o.household_id = n.household_id ORDER BY 1
  RETURNING id, household_id, amount
),
waiting AS (
  INSERT INTO enrollment_dueline (household_id, belongs_to, kind, member_id, rank, amount, provision_id, correction_id, withheld)
  SELECT d.household_id, %(month)s, d.kind, d.member_id, d.rank, d.amount,
    CASE d.kind WHEN 'school_start' THEN coalesce(%(school)s, %(provision)s) ELSE %(provision)s END, c.id, c.amount < 0
  FROM differing d JOIN corrected c ON c.household_id = d.household_id
  UNION ALL
  SELECT m.household_id, %(month)s, 'recovery', NULL, NULL, -m.amount, %(provision)s, c.id, false
  FROM made_up m JOIN corrected c ON c.household_id = m.household_id WHERE m.amount > 0
  ORDER BY 1, 5 NULLS LAST, 3
),
schooled AS (
  INSERT INTO enrollment_schoolgrant (idcs, year, household_id)
  SELECT m.idcs, extract(year FROM %(month)s::date), d.household_id FROM differing d JOIN households_member m ON m.id = d.member_id
  WHERE d.kind = 'school_start' AND d.amount > 0 ON CONFLICT (idcs, year) DO NOTHING
)
SELECT household_id, amount FROM corrected ORDER BY 1
"""


def correct(ids: Sequence[int], *, month: date, read_on: date, law, then: datetime | None, reason: str, by: User) -> list[tuple[int, int]]:
    """(household, centimes owed or received too much) for each month that differs."""
    parameters = parameters_of(ids, month=month, read_on=read_on, law=law, then=then)
    statement = f"{steps(RIGHT, parameters)}, {_CORRECT}"
    told = {"open": OPEN, "reason": reason, "by": by.pk, "school": parameters.get("school_provision")}
    return fetch(statement, parameters | told)
