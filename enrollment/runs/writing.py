"""Write the month of many households in one statement: who is due it, their lines, what waited to be written with it, the totals.

A month already written is left as it is: it was one photograph, and may have been paid. A household that is not due this
month is still paid what it is owed for another: a correction, a grant claimed. Nothing goes back in time: what belongs to a month is
written, or taken back, in a later one, so that a past month written late holds nothing of those after it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from eligibility.models import OPEN

from ..allowances import fetch, parameters_of, steps

WAITING = """
    written_in_id IS NULL AND NOT withheld AND (belongs_to < %(month)s OR (belongs_to = %(month)s AND correction_id IS NULL))"""
"""The due lines that the month may hold: corrections of an earlier one, grants claimed that month or before."""

HELD = ("suspended", "empty")
"""Why even what is owed for another month waits: the aid gives nothing, or nobody is there to receive it."""

RIGHT = """
wanted AS MATERIALIZED (
  SELECT h.id AS household_id, h.commune_id, e.id AS enrollment_id, e.since = %(month)s AS begins,
    h.struck_off_on IS NULL OR h.struck_off_on > %(read_on)s AS registered,
    EXISTS (SELECT FROM enrollment_suspension s WHERE s.enrollment_id = e.id AND s.since <= %(read_on)s AND s.until > %(read_on)s)
      OR (e.status = 'suspended' AND NOT EXISTS (SELECT FROM enrollment_suspension s WHERE s.enrollment_id = e.id AND s.until = %(open)s))
      AS suspended
  FROM households_household h
  LEFT JOIN enrollment_enrollment e ON e.household_id = h.id AND e.program = 'direct_aid'
    AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since <= %(read_on)s AND e.until > %(read_on)s
    AND e.household_id BETWEEN %(first)s AND %(last)s
  WHERE h.id = ANY(%(ids)s) AND h.id BETWEEN %(first)s AND %(last)s
)"""
REASON = """
    CASE WHEN enrollment_id IS NULL THEN 'no_right' WHEN NOT registered THEN 'struck_off' WHEN suspended THEN 'suspended'
      WHEN finding IS NOT NULL THEN finding END"""
# Who moved in since the 1st from a household already paid for this month: this one begins with the next.
_MOVED = """
      begins AND EXISTS (
        SELECT FROM households_member m
        JOIN households_memberevent v ON v.pgh_obj_id = m.id AND v.household_id <> m.household_id AND v.pgh_created_at >= %(month)s
        JOIN enrollment_allowance a ON a.household_id = v.household_id AND a.month = %(month)s
        WHERE m.household_id = month.household_id
      )"""
_NONE = "array_fill(NULL::{0}, ARRAY[cardinality(base.kinds)])"
_WRITE = f"""
judged AS MATERIALIZED (
  SELECT month.*, coalesce({REASON}, CASE WHEN {_MOVED} THEN 'paid_elsewhere' END) AS reason
  FROM month
),
extra AS MATERIALIZED (
  SELECT household_id, array_agg(kind::text) AS kinds, array_agg(member_id) AS members, array_agg(rank::int) AS ranks, array_agg(amount) AS amounts,
    array_agg(provision_id::int) AS provisions, array_agg(belongs_to) AS months, sum(amount)::int AS amount, array_agg(id) AS ids
  FROM (SELECT * FROM enrollment_dueline WHERE {WAITING} AND household_id = ANY(%(ids)s) ORDER BY household_id, id) d
  GROUP BY household_id
),
recovering AS MATERIALIZED (
  SELECT id, household_id, month, share, amount - recovered AS remaining FROM enrollment_overpayment
  WHERE state = 'recovering' AND month < %(month)s AND household_id = ANY(%(ids)s)
),
base AS NOT MATERIALIZED (
  SELECT household_id, enrollment_id, commune_id, payee_id, payee_idcs, reason, provisions,
    CASE WHEN reason IS NULL THEN kinds ELSE '{{}}' END AS kinds, CASE WHEN reason IS NULL THEN members ELSE '{{}}' END AS members,
    CASE WHEN reason IS NULL THEN ranks ELSE '{{}}' END AS ranks, CASE WHEN reason IS NULL THEN amounts ELSE '{{}}' END AS amounts,
    CASE WHEN reason IS NULL THEN amount ELSE 0 END AS amount
  FROM judged WHERE reason IS NULL OR reason <> ALL(%(held)s)
),
full_rows AS NOT MATERIALIZED (
  SELECT base.household_id, base.commune_id, base.payee_id, base.payee_idcs, extra.ids, r.id AS overpayment_id, r.taken,
    coalesce(base.enrollment_id, (SELECT e.id FROM enrollment_enrollment e WHERE e.household_id = base.household_id
      AND e.program = 'direct_aid' ORDER BY e.since DESC NULLS LAST, e.id DESC LIMIT 1)) AS enrollment_id,
    CASE WHEN extra.ids IS NULL AND r.id IS NULL THEN base.kinds
      ELSE base.kinds || coalesce(extra.kinds, '{{}}') || CASE WHEN r.taken > 0 THEN '{{recovery}}'::text[] ELSE '{{}}' END END AS kinds,
    CASE WHEN extra.ids IS NULL AND r.id IS NULL THEN base.members
      ELSE base.members || coalesce(extra.members, '{{}}') || CASE WHEN r.taken > 0 THEN '{{NULL}}'::bigint[] ELSE '{{}}' END END AS members,
    CASE WHEN extra.ids IS NULL AND r.id IS NULL THEN base.ranks
      ELSE base.ranks || coalesce(extra.ranks, '{{}}') || CASE WHEN r.taken > 0 THEN '{{NULL}}'::int[] ELSE '{{}}' END END AS ranks,
    CASE WHEN extra.ids IS NULL AND r.id IS NULL THEN base.amounts
      ELSE base.amounts || coalesce(extra.amounts, '{{}}') || CASE WHEN r.taken > 0 THEN ARRAY[-r.taken] ELSE '{{}}' END END AS amounts,
    CASE WHEN extra.ids IS NULL AND r.id IS NULL THEN base.provisions
      ELSE coalesce(base.provisions, {_NONE.format("int")}) || coalesce(extra.provisions, '{{}}')
        || CASE WHEN r.taken > 0 THEN '{{NULL}}'::int[] ELSE '{{}}' END END AS provisions,
    CASE WHEN extra.ids IS NOT NULL OR r.id IS NOT NULL
      THEN {_NONE.format("date")} || coalesce(extra.months, '{{}}') || CASE WHEN r.taken > 0 THEN ARRAY[r.month] ELSE '{{}}' END END AS months,
    base.amount + coalesce(extra.amount, 0) - coalesce(r.taken, 0) AS amount
  FROM base
  LEFT JOIN extra ON extra.household_id = base.household_id
  LEFT JOIN LATERAL (
    SELECT o.id, o.month, least(o.share, o.remaining, (base.amount + coalesce(extra.amount, 0)) * %(recovery_share)s / 100) AS taken
    FROM recovering o WHERE o.household_id = base.household_id
  ) r ON true
  WHERE base.reason IS NULL OR extra.ids IS NOT NULL
),
rows_to_write AS MATERIALIZED (SELECT * FROM full_rows),
stored AS (
  INSERT INTO enrollment_allowance (enrollment_id, household_id, commune_id, month, read_on, amount, payee_id, payee_idcs, provision_id,
    kinds, members, ranks, amounts, provisions, months, computed_at, read_at)
  SELECT enrollment_id, household_id, commune_id, %(month)s, %(read_on)s, amount, payee_id, payee_idcs, %(provision)s,
    kinds, members, ranks, amounts, provisions, months, statement_timestamp(), %(then)s::timestamptz
  FROM rows_to_write WHERE enrollment_id IS NOT NULL AND amount >= 0 ORDER BY household_id
  ON CONFLICT (household_id, month) DO NOTHING
  RETURNING id, household_id, commune_id, amount, kinds, members, amounts, provisions, months
),
tallied AS (
  INSERT INTO enrollment_monthtally (month, commune_id, kind, provision_id, belongs_to, count, amount)
  SELECT %(month)s, commune_id, l.kind, coalesce(l.provision, %(provision)s), nullif(l.month, %(month)s), count(*), sum(l.amount)
  FROM stored CROSS JOIN LATERAL unnest(kinds, amounts, provisions, months) AS l(kind, amount, provision, month)
  GROUP BY commune_id, l.kind, l.provision, l.month
  UNION ALL
  SELECT %(month)s, commune_id, '', NULL, NULL, count(*), sum(amount) FROM stored GROUP BY commune_id
),
written AS (
  UPDATE enrollment_dueline d SET written_in_id = s.id
  FROM rows_to_write r JOIN stored s ON s.household_id = r.household_id WHERE r.ids IS NOT NULL AND d.id = ANY(r.ids)
),
recovered AS (
  UPDATE enrollment_overpayment o SET recovered = o.recovered + r.taken,
    state = CASE WHEN o.recovered + r.taken = o.amount THEN 'recovered' ELSE o.state END
  FROM rows_to_write r JOIN stored s ON s.household_id = r.household_id WHERE r.overpayment_id = o.id
)
{{schooled}}
SELECT (SELECT count(*) FROM stored), (SELECT coalesce(sum(cardinality(kinds)), 0) FROM stored), (SELECT coalesce(sum(amount), 0) FROM stored),
  (SELECT coalesce(jsonb_object_agg(reason, n), '{{}}') FROM (
    SELECT reason, count(*) AS n FROM judged j
    WHERE reason IS NOT NULL AND NOT EXISTS (SELECT FROM rows_to_write r WHERE r.household_id = j.household_id) GROUP BY reason
  ) refused)::text
"""
_SCHOOLED = """
, schooled AS (
  INSERT INTO enrollment_schoolgrant (idcs, year, household_id)
  SELECT m.idcs, %(school_year)s, s.household_id
  FROM stored s CROSS JOIN LATERAL unnest(s.kinds, s.members, s.months) AS l(kind, member, month) JOIN households_member m ON m.id = l.member
  WHERE l.kind = 'school_start' AND l.month IS NULL
  ON CONFLICT (idcs, year) DO NOTHING
)"""


@dataclass(frozen=True, slots=True)
class Written:
    """What one statement did: households paid, why others were not, those whose month was there already."""

    paid: int
    already: int
    not_due: dict[str, int]
    lines: int
    amount: int


def write(ids: Sequence[int], *, month: date, read_on: date, law, then: datetime | None = None) -> Written:
    """Write the month of these households, in the caller's transaction; `then` reads them as they were at that instant."""
    parameters = parameters_of(ids, month=month, read_on=read_on, law=law, then=then)
    share = law.value("direct_aid.recovery_share") if law.has("direct_aid.recovery_share") else 0
    schooled = _SCHOOLED if "school_levels" in parameters else ""
    statement = f"{steps(RIGHT, parameters)}, {_WRITE.replace('{schooled}', schooled)}"
    [(paid, lines, amount, reasons)] = fetch(statement, parameters | {"open": OPEN, "held": list(HELD), "recovery_share": share})
    not_due = json.loads(reasons)
    return Written(paid, len(parameters["ids"]) - paid - sum(not_due.values()), not_due, int(lines), int(amount))
