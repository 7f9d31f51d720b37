"""A month of direct aid, line by line, for one household or all of them: one statement, the law's figures bound into it.

Law 58-23, decree 2-23-1067. Two days matter: rates are those of the month's first day; composition, ages, schooling and
certificates are read on `read_on` (the first of the month, or the day of submission for the month of application).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from eligibility.facts import years_before
from households.verified_periods import VERIFIED, allowances_elsewhere, disability_degree, in_school

AMOUNTS = "direct_aid.amounts"

OTHER_ALLOWANCES = "other_allowances"
NATIONALITY = "nationality"
FINDINGS = (OTHER_ALLOWANCES, NATIONALITY)
"""Why a household within the threshold is not paid: family allowances from another scheme; a payee who is not Moroccan."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a month; `kind` is one of AllowanceLine.Kind, `amount` is in centimes."""

    household_id: int
    position: int
    kind: str
    member_id: int | None
    rank: int | None
    amount: int


# The payee is the husband when he is here, else the head; his spouse's other allowances count as his own.
_PAYEES = f"""
verified AS ({VERIFIED}),
payees AS (
  SELECT m.household_id, m.id, m.idcs, m.nationality,
    {allowances_elsewhere("m", "w")} AS allowed_elsewhere,
    row_number() OVER (
      PARTITION BY m.household_id
      ORDER BY NOT EXISTS (
        SELECT FROM households_member h WHERE h.household_id = m.household_id AND h.relation = 'head' AND h.spouse_id = m.id
      ), m.relation <> 'head', m.position
    ) AS turn
  FROM households_member m
  LEFT JOIN verified w ON w.idcs = m.idcs
  WHERE m.household_id = ANY(%(ids)s) AND m.relation IN ('head', 'spouse')
)"""

_FINDINGS = f"""
WITH {_PAYEES}
SELECT household_id, '{OTHER_ALLOWANCES}', id FROM payees WHERE allowed_elsewhere
UNION ALL
SELECT household_id, '{NATIONALITY}', id FROM payees WHERE turn = 1 AND nationality <> %(nationality)s
ORDER BY 1, 2, 3
"""

_LINES = f"""
WITH {_PAYEES},
paid AS (
  SELECT h.id FROM households_household h
  WHERE h.id = ANY(%(ids)s) AND NOT EXISTS (
    SELECT FROM payees p
    WHERE p.household_id = h.id AND (p.allowed_elsewhere OR (p.turn = 1 AND p.nationality <> %(nationality)s))
  )
),
children AS (
  SELECT m.household_id, m.id,
    row_number() OVER (PARTITION BY m.household_id ORDER BY m.born_on, m.position, m.idcs)::int AS rank,
    m.born_on > %(young_after)s OR {in_school("m", "w")} AS favored,
    m.father_id IS NULL AND m.father_status = 'deceased'
      AND (m.father_died_on IS NULL OR m.father_died_on <= %(read_on)s) AS fatherless,
    coalesce({disability_degree("m", "w")} = ANY(%(disabilities)s), false) AS disabled
  FROM households_member m
  JOIN paid ON paid.id = m.household_id
  LEFT JOIN verified w ON w.idcs = m.idcs
  WHERE m.household_id = ANY(%(ids)s) AND m.born_on > %(child_after)s AND m.born_on <= %(read_on)s
    AND m.marital_status = 'single' AND m.relation NOT IN ('head', 'spouse')
    AND (m.relation IN ('child', 'grandchild') OR m.charge IN ('custody', 'kafala', 'guardian') OR EXISTS (
      SELECT FROM households_member p
      WHERE p.id IN (m.mother_id, m.father_id) AND p.household_id = m.household_id AND p.born_on <= %(adult_until)s
    ))
),
bands AS (
  SELECT * FROM jsonb_to_recordset(%(bands)s::jsonb)
    AS b(first int, last int, young_or_in_school int, out_of_school int, orphan int)
),
basic AS (
  SELECT c.household_id, c.id, c.rank, x.kind,
    CASE x.kind WHEN 'orphan' THEN b.orphan WHEN 'child' THEN b.young_or_in_school ELSE b.out_of_school END AS amount
  FROM children c
  JOIN bands b ON c.rank BETWEEN b.first AND b.last AND c.rank <= %(ranks_counted)s
  CROSS JOIN LATERAL (SELECT CASE
    WHEN c.fatherless AND b.orphan IS NOT NULL AND (c.favored OR %(orphan_not_in_school)s) THEN 'orphan'
    WHEN c.favored THEN 'child' ELSE 'child_not_in_school' END AS kind) x
),
lines AS (
  SELECT household_id, id, rank, 1 AS place, kind, amount FROM basic
  UNION ALL
  SELECT household_id, id, rank, 2, 'disability', %(disability_supplement)s FROM children WHERE disabled
),
completed AS (
  SELECT * FROM lines
  UNION ALL
  SELECT c.household_id, NULL, NULL, 3, 'floor', %(floor)s - coalesce(sum(l.amount), 0)::int
  FROM (SELECT DISTINCT household_id FROM children) c LEFT JOIN lines l ON l.household_id = c.household_id
  GROUP BY c.household_id HAVING coalesce(sum(l.amount), 0) < %(floor)s
  UNION ALL
  SELECT paid.id, NULL, NULL, 4, 'flat', %(flat_aid)s FROM paid
  WHERE NOT EXISTS (SELECT FROM children c WHERE c.household_id = paid.id)
    AND EXISTS (SELECT FROM households_member m WHERE m.household_id = paid.id)
)
SELECT household_id, row_number() OVER (PARTITION BY household_id ORDER BY rank, place)::int AS position,
  kind, id AS member_id, rank, amount
FROM completed
"""

_STORE = f"""
WITH computed AS MATERIALIZED ({_LINES}),
{_PAYEES},
entitled AS (
  SELECT e.id, e.household_id FROM enrollment_enrollment e
  WHERE e.household_id = ANY(%(ids)s) AND e.program = 'direct_aid' AND e.status IN ('active', 'in_review', 'ended')
    AND e.since <= %(month)s AND e.until > %(month)s
),
stored AS (
  INSERT INTO enrollment_allowance (enrollment_id, household_id, month, read_on, amount, payee_id, payee_idcs, computed_at)
  SELECT e.id, e.household_id, %(month)s, %(read_on)s, c.amount, p.id, p.idcs, statement_timestamp()
  FROM entitled e
  JOIN (SELECT household_id, sum(amount) AS amount FROM computed GROUP BY household_id) c ON c.household_id = e.household_id
  JOIN payees p ON p.household_id = e.household_id AND p.turn = 1
  ORDER BY e.household_id
  ON CONFLICT (household_id, month) DO NOTHING
  RETURNING id, household_id
),
detailed AS (
  INSERT INTO enrollment_allowanceline (allowance_id, position, kind, member_id, rank, amount, provision_id)
  SELECT s.id, c.position, c.kind, c.member_id, c.rank, c.amount, %(provision)s
  FROM stored s JOIN computed c ON c.household_id = s.household_id
)
SELECT count(*) FROM stored
"""


def _parameters(ids: Sequence[int], *, month: date, read_on: date, law) -> dict:
    """`law` is the law of the month's first day; raises NotInForce before the aid exists."""
    if month.day != 1 or law.on != month:
        raise ValueError(f"a month is read under the law of its first day, not {month} under {law.on}")
    amounts = law.value(AMOUNTS)
    return {
        "ids": list(ids),
        "month": month,
        "read_on": read_on,
        "child_after": years_before(read_on, amounts["child_under"]),
        "young_after": years_before(read_on, amounts["young_under"]),
        "adult_until": years_before(read_on, law.value("registration.adult_age")),
        "bands": json.dumps(amounts["bands"]),
        "ranks_counted": amounts["ranks_counted"],
        "disabilities": list(law.value("direct_aid.disabilities")),
        "disability_supplement": amounts["disability_supplement"],
        "floor": amounts["floor"],
        "flat_aid": amounts["flat_aid"],
        "orphan_not_in_school": law.has("direct_aid.orphan_not_in_school") and law.value("direct_aid.orphan_not_in_school"),
        "nationality": law.value("direct_aid.nationality") if law.has("direct_aid.nationality") else None,
        "provision": law.cite(AMOUNTS).id,
    }


def _rows(sql: str, parameters: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def allowance_lines(ids: Sequence[int], *, month: date, read_on: date, law) -> list[Line]:
    """The lines of a month for these households, in order; a household with a finding has none."""
    rows = _rows(f"{_LINES} ORDER BY household_id, position", _parameters(ids, month=month, read_on=read_on, law=law))
    return [Line(*row) for row in rows]


def allowance_findings(ids: Sequence[int], *, month: date, read_on: date, law) -> list[tuple[int, str, int]]:
    """(household, one of FINDINGS, member) for each reason not to pay."""
    return _rows(_FINDINGS, _parameters(ids, month=month, read_on=read_on, law=law))


@transaction.atomic
def store_allowances(ids: Sequence[int], *, month: date, read_on: date, law) -> int:
    """Write the month of each of these households whose aid runs that month; returns how many were new.

    A month already written is left as it is: it was one photograph, and may have been paid.
    """
    return _rows(_STORE, _parameters(ids, month=month, read_on=read_on, law=law))[0][0]
