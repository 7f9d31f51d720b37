"""What is owed and unpaid, and the payments made of it: one statement each, for one household or all of them.

Owed is an allowance or a month of placement. It is held by the one payment that stands for it (ready, sent, paid, rejected), which the
database keeps single; what nobody holds is owed and in no order, and shown as such.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from .paying.lifecycle import STANDING
from .paying.rows import Part, parts_of_counts

NO_PAYEE, BAD_ACCOUNT = "no_payee", "bad_account"
"""Why what is owed cannot be paid: nobody registered under the payee's number; a child's account that is no bank account."""

DIGEST_BLOCK = MANY = 10_000
# In the order of a CASE: only digits are taken for a number.
_SOUND = """CASE WHEN pl.account ~ '^[0-9]{22}(0[1-9]|[1-8][0-9]|9[0-7])$' THEN mod(pl.account::numeric(24, 0), 97) = 0 ELSE false END"""
_HELD = ", ".join(f"'{status}'" for status in STANDING)

_OWED = f"""
SELECT a.id AS allowance_id, NULL::bigint AS placement_month_id, a.household_id, h.commune_id, a.month, a.amount,
  a.payee_idcs, trim(m.first_name_fr || ' ' || m.last_name_fr) AS name_fr,
  CASE WHEN m.first_name_ar <> '' AND m.last_name_ar <> '' THEN m.first_name_ar || ' ' || m.last_name_ar ELSE '' END AS name_ar,
  coalesce(c.rib, '') AS account, CASE WHEN m.id IS NULL THEN '{NO_PAYEE}' END AS waits
FROM enrollment_allowance a
JOIN households_household h ON h.id = a.household_id
LEFT JOIN households_member m ON m.idcs = a.payee_idcs
LEFT JOIN enrollment_paymentaccount c ON c.payee_idcs = a.payee_idcs AND c.since <= %(on)s AND c.until > %(on)s
WHERE a.amount > 0 AND a.month <= %(month)s
  AND NOT EXISTS (SELECT FROM enrollment_payment p WHERE p.allowance_id = a.id AND p.status IN ({_HELD}))
UNION ALL
SELECT NULL, pm.id, NULL, pl.commune_id, pm.month, pm.amount, pl.idcs, trim(pl.name), '', pl.account,
  CASE WHEN trim(pl.name) = '' OR pl.idcs !~ '^[0-9]{{10}}$' THEN '{NO_PAYEE}'
    WHEN NOT {_SOUND} THEN '{BAD_ACCOUNT}' END
FROM enrollment_placementmonth pm
JOIN enrollment_placement pl ON pl.id = pm.placement_id
WHERE pm.month <= %(month)s
  AND NOT EXISTS (SELECT FROM enrollment_payment p WHERE p.placement_month_id = pm.id AND p.status IN ({_HELD}))
"""

# Materialized: the planner takes `waits` for a rare thing, and would look up each payee one by one.
# What is issued again names the payment it replaces: the last that was given up. The identifier is the order's number and a place in it.
_BUILD = f"""
WITH given_up AS (
  SELECT allowance_id, placement_month_id, max(id) AS id FROM enrollment_payment WHERE status = 'to_reissue'
  GROUP BY allowance_id, placement_month_id
),
owed AS MATERIALIZED ({_OWED}),
chosen AS (
  SELECT o.*, coalesce(a.id, m.id) AS previous_id
  FROM owed o
  LEFT JOIN given_up a ON a.allowance_id = o.allowance_id
  LEFT JOIN given_up m ON m.placement_month_id = o.placement_month_id
  WHERE o.waits IS NULL AND (NOT %(reissues_only)s OR a.id IS NOT NULL OR m.id IS NOT NULL)
),
numbered AS (
  SELECT chosen.*, row_number() OVER (ORDER BY account = '', commune_id, allowance_id, placement_month_id)::int AS position FROM chosen
),
entered AS (
  INSERT INTO enrollment_payment (order_id, position, allowance_id, placement_month_id, household_id, commune_id, month, amount,
    payee_idcs, payee_name_fr, payee_name_ar, account, end_to_end_id, status, reason_code, previous_id, reissue_reason)
  SELECT %(order)s, position, allowance_id, placement_month_id, household_id, commune_id, month, amount, payee_idcs, name_fr, name_ar,
    account, 'RSU' || %(order)s || '-' || position, 'ready', '', previous_id, ''
  FROM numbered ORDER BY position
  RETURNING amount
)
SELECT count(*), coalesce(sum(amount), 0)::bigint FROM entered
"""

# Names and accounts as they stand on the day of freezing; who is no longer registered keeps those he was prepared with.
_RENEW = f"""
WITH today AS (
  SELECT p.id, trim(m.first_name_fr || ' ' || m.last_name_fr) AS name_fr,
    CASE WHEN m.first_name_ar <> '' AND m.last_name_ar <> '' THEN m.first_name_ar || ' ' || m.last_name_ar ELSE '' END AS name_ar,
    coalesce(c.rib, '') AS account
  FROM enrollment_payment p
  JOIN households_member m ON m.idcs = p.payee_idcs
  LEFT JOIN enrollment_paymentaccount c ON c.payee_idcs = p.payee_idcs AND c.since <= %(on)s AND c.until > %(on)s
  WHERE p.order_id = %(order)s AND p.allowance_id IS NOT NULL
  UNION ALL
  SELECT p.id, trim(pl.name), '', pl.account
  FROM enrollment_payment p
  JOIN enrollment_placementmonth pm ON pm.id = p.placement_month_id
  JOIN enrollment_placement pl ON pl.id = pm.placement_id
  WHERE p.order_id = %(order)s AND trim(pl.name) <> '' AND {_SOUND}
),
renewed AS (
  UPDATE enrollment_payment p SET payee_name_fr = t.name_fr, payee_name_ar = t.name_ar, account = t.account
  FROM today t
  WHERE t.id = p.id AND (p.payee_name_fr, p.payee_name_ar, p.account) IS DISTINCT FROM (t.name_fr, t.name_ar, t.account)
  RETURNING p.id
)
SELECT count(*) FROM renewed
"""
_RENUMBER = """
UPDATE enrollment_payment p SET position = n.position
FROM (SELECT id, row_number() OVER (ORDER BY account = '', position)::int AS position FROM enrollment_payment WHERE order_id = %(order)s) n
WHERE n.id = p.id AND n.position <> p.position
"""

_OUTGROWN = """
SELECT count(*) FILTER (WHERE p.amount IS DISTINCT FROM coalesce(a.amount, pm.amount)
    OR (p.allowance_id IS NOT NULL AND p.amount IS DISTINCT FROM l.amount)),
  count(*), coalesce(sum(p.amount), 0)::bigint, coalesce(sum(coalesce(l.amount, pm.amount)), 0)::bigint
FROM enrollment_payment p
LEFT JOIN enrollment_allowance a ON a.id = p.allowance_id
LEFT JOIN enrollment_placementmonth pm ON pm.id = p.placement_month_id
LEFT JOIN (
  SELECT l.allowance_id, sum(l.amount) AS amount FROM enrollment_allowanceline l
  JOIN enrollment_payment o ON o.allowance_id = l.allowance_id AND o.order_id = %(order)s
  GROUP BY l.allowance_id
) l ON l.allowance_id = p.allowance_id
WHERE p.order_id = %(order)s
"""

# Digests of blocks, then of those digests: four million rows are more text than one value holds.
_DIGEST = """
SELECT coalesce(encode(sha256(convert_to(string_agg(digest, '' ORDER BY block), 'UTF8')), 'hex'), '') FROM (
  SELECT (position - 1) / %(block)s AS block, encode(sha256(convert_to(string_agg(concat_ws('|', position, end_to_end_id,
      coalesce(allowance_id, 0), coalesce(placement_month_id, 0), month, amount, payee_idcs, payee_name_fr, payee_name_ar, account),
    E'\\n' ORDER BY position), 'UTF8')), 'hex') AS digest
  FROM enrollment_payment WHERE order_id = %(order)s GROUP BY 1
) blocks
"""

_PARTS = """
SELECT (position - 1) / %(file_limit)s AS file, account = '' AS cash, count(*), sum(amount)::bigint
FROM enrollment_payment WHERE order_id = %(order)s
GROUP BY file, cash, ((position - 1) %% %(file_limit)s) / %(batch_limit)s
ORDER BY file, cash, ((position - 1) %% %(file_limit)s) / %(batch_limit)s
"""


@dataclass(frozen=True)
class Sums:
    """What an order's payments come to, beside what is owed for them; `wrong` counts those that are not what is owed today."""

    wrong: int
    payments: int
    amount: int
    owed: int


def _rows(sql: str, parameters: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def build(order_id: int, *, month: date, on: date, reissues_only: bool) -> tuple[int, int]:
    """Enter in a draft everything owed until the month that no payment stands for; (how many, centimes)."""
    built = _rows(_BUILD, {"order": order_id, "month": month, "on": on, "reissues_only": reissues_only})[0]
    if built[0] > MANY:
        # The freezing that follows would still be planned for the table as it was before them.
        _rows("ANALYZE enrollment_payment", {})
    return built


def renew(order_id: int, *, on: date) -> int:
    """Give an order's payments the names and accounts of the day, transfers still first; how many had changed."""
    renewed = _rows(_RENEW, {"order": order_id, "on": on})[0][0]
    if renewed:
        _rows(_RENUMBER, {"order": order_id})
    return renewed


def sums_of(order_id: int) -> Sums:
    return Sums(*_rows(_OUTGROWN, {"order": order_id})[0])


def digest_of(order_id: int) -> str:
    """SHA-256 of what is paid to whom, in the order's own order."""
    return _rows(_DIGEST, {"order": order_id, "block": DIGEST_BLOCK})[0][0]


def parts_of(order_id: int, *, file_limit: int, batch_limit: int) -> list[Part]:
    """The files an order is cut in, and their batches."""
    return parts_of_counts(_rows(_PARTS, {"order": order_id, "file_limit": file_limit, "batch_limit": batch_limit}))


def owed_until(month: date, *, on: date, communes: list[int] | None) -> list[tuple]:
    """(month, placement, why it waits, how many, centimes) of what is owed and in no order; `communes` None is the kingdom."""
    sql = f"""
    WITH owed AS MATERIALIZED ({_OWED})
    SELECT month, allowance_id IS NULL, coalesce(waits, ''), count(*), sum(amount)::bigint FROM owed
    WHERE %(communes)s::int[] IS NULL OR commune_id = ANY(%(communes)s::int[]) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    return _rows(sql, {"month": month, "on": on, "communes": communes})


def waiting(month: date, *, on: date, communes: list[int] | None, most: int) -> list[tuple]:
    """(month, household, placement month, payee's number, name, centimes, why) of the first that cannot be paid as they are."""
    sql = f"""
    WITH owed AS MATERIALIZED ({_OWED})
    SELECT month, household_id, placement_month_id, payee_idcs, coalesce(name_fr, ''), amount, waits FROM owed
    WHERE waits IS NOT NULL AND (%(communes)s::int[] IS NULL OR commune_id = ANY(%(communes)s::int[]))
    ORDER BY month, household_id, placement_month_id LIMIT %(most)s"""
    return _rows(sql, {"month": month, "on": on, "communes": communes, "most": most})


_ACCOUNT = """
WITH months AS (
  SELECT a.id AS allowance_id, NULL::bigint AS placement_month_id, a.amount FROM enrollment_allowance a
  JOIN households_household h ON h.id = a.household_id
  WHERE a.month = %(month)s AND (%(communes)s::int[] IS NULL OR h.commune_id = ANY(%(communes)s::int[]))
  UNION ALL
  SELECT NULL, pm.id, pm.amount FROM enrollment_placementmonth pm JOIN enrollment_placement pl ON pl.id = pm.placement_id
  WHERE pm.month = %(month)s AND (%(communes)s::int[] IS NULL OR pl.commune_id = ANY(%(communes)s::int[]))
),
held AS (
  SELECT allowance_id, placement_month_id, status FROM enrollment_payment WHERE status IN ({held}) AND month = %(month)s
)
SELECT CASE WHEN o.amount = 0 THEN 'zero' ELSE coalesce(a.status, m.status, 'none') END, count(*), sum(o.amount)::bigint
FROM months o
LEFT JOIN held a ON a.allowance_id = o.allowance_id
LEFT JOIN held m ON m.placement_month_id = o.placement_month_id
GROUP BY 1
"""


def account_of(month: date, *, communes: list[int] | None) -> dict[str, tuple[int, int]]:
    """Everything owed for one month, each row once: by the state of the payment that holds it, 'zero' and 'none'; (rows, centimes)."""
    found = _rows(_ACCOUNT.format(held=_HELD), {"month": month, "communes": communes})
    return {state: (rows, amount) for state, rows, amount in found}
