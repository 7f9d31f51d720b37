"""What was spent, month by month: the lines written, folded into one row a cell, and those that are not folded yet read beside them.

A sum read here is the sum of the lines at that instant, whatever has been folded. The State's contributions are not written line by
line: a month of them is the insured of its counting day, kept when the month is counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction

from eligibility import prices

from .allowances import fetch
from .forecasts import COVERED, MOVED, RUNNING, counted_day, law_of
from .models import EnrollmentMove, MigratedMove, Scheme, SpendingFold

TABLES = {"allowance": "enrollment_allowance", "placement": "enrollment_placementmonth"}
MOVES = {"move": EnrollmentMove, "moved": MigratedMove}
"""What changes who is insured: the last of each that contributions have been counted with."""
LOCK_FOR = "2s"
"""How long a fold waits for those who are writing; another comes soon."""
CONTRIBUTION = "state_contribution"


@dataclass(frozen=True)
class Spent:
    """See models.Spending; `provision` is its number, None where people are counted."""

    month: date
    program: str
    kind: str
    band: int
    provision: int | None
    region: int
    milieu: str
    households: int
    people: int
    children: int
    insured: int
    lines: int
    centimes: int


def spent(*, first: date, last: date) -> list[Spent]:
    """Every cell of these months, folded or not, from one snapshot."""
    while True:
        upto = _folded()
        rows = fetch(_SPENT, {"first": first, "last": last, "open": True} | {f"{name}_from": upto[name] for name in TABLES})
        # A fold between the two queries would count its rows twice: the statement says what was folded when it read.
        if not rows or list(rows[0][: len(TABLES)]) == [upto[name] for name in TABLES]:
            return [Spent(*row[len(TABLES) :]) for row in rows]


def _folded() -> dict[str, int]:
    found = dict(SpendingFold.objects.values_list("source", "upto"))
    return {name: found.get(name, 0) for name in (*TABLES, *MOVES)}


def settled_allowances() -> int:
    """The number at or under which no allowance can still appear."""
    return _folded()["allowance"]


def fold() -> int:
    """Add what was written since the last fold to the cells; how many cells. Two at a time are one after the other.

    The tables are locked for the time of two look-ups: whoever was writing has ended, so no row at or under the last number can
    appear later. Raises OperationalError when they could not be had in time.
    """
    last = _last_written()
    with transaction.atomic():
        SpendingFold.objects.bulk_create([SpendingFold(source=name) for name in (*TABLES, *MOVES)], ignore_conflicts=True)
        rows = {row.source: row for row in SpendingFold.objects.select_for_update().order_by("source")}
        bound = {f"{name}_from": rows[name].upto for name in TABLES} | {f"{name}_upto": last[name] for name in TABLES}
        if all(rows[name].upto >= last[name] for name in TABLES):
            return 0
        with connection.cursor() as cursor:
            cursor.execute(_FOLD, bound)
            folded = cursor.rowcount
        for name in TABLES:
            SpendingFold.objects.filter(source=name, upto__lt=last[name]).update(upto=last[name])
        return folded


@transaction.atomic
def _last_written() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_FOR}'")
        cursor.execute(f"LOCK TABLE {', '.join(TABLES.values())} IN SHARE MODE")
        found = {}
        for name, table in TABLES.items():
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
            found[name] = cursor.fetchone()[0]
        return found


@transaction.atomic
def count_contributions(months: Iterable[date]) -> int:
    """The insured of each month's counting day, in the place of what was kept for it; how many months."""
    months = sorted(months)
    for month in months:
        law = law_of(month)
        bound = {
            "month": month,
            "counted": counted_day(law, month),
            "contribution": law.value(prices.CONTRIBUTION) if law.has(prices.CONTRIBUTION) else 0,
            "provision": law.cite(prices.CONTRIBUTION).id if law.has(prices.CONTRIBUTION) else None,
            "kind": CONTRIBUTION,
            "program": Scheme.AMO_TADAMON.value,
        }
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('enrollment_spending'), %s)", [month.toordinal()])
            cursor.execute("DELETE FROM enrollment_spending WHERE month = %(month)s AND program = %(program)s", bound)
            cursor.execute(_CONTRIBUTIONS, bound)
    return len(months)


def stale_months(*, on: date) -> list[date]:
    """Months of contributions to count: the current one and the one before if a status has changed since, and any that was never counted."""
    this = on.replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    found = fetch(_NEVER_COUNTED, {"program": Scheme.AMO_TADAMON.value, "last": this})
    months = {row[0] for row in found}
    folded, last = _folded(), _last_moves()
    moved = any(last[name] != folded[name] for name in MOVES)
    return sorted(months | {before, this}) if moved else sorted(months)


def note_moves() -> None:
    """Contributions have been counted with every change of status until now."""
    for source, last in _last_moves().items():
        SpendingFold.objects.update_or_create(source=source, defaults={"upto": last})


def _last_moves() -> dict[str, int]:
    return {name: model.objects.order_by("-id").values_list("id", flat=True).first() or 0 for name, model in MOVES.items()}


def unreconciled(*, first: date, last: date) -> list[tuple[date, int, int]]:
    """(month, sum of the cells, sum of the lines) for each month where they differ: read from every line, for the night."""
    kept: dict[date, int] = {}
    for cell in spent(first=first, last=last):
        if cell.kind and cell.program == Scheme.DIRECT_AID:
            kept[cell.month] = kept.get(cell.month, 0) + cell.centimes
    written = dict(fetch(_EVERY_LINE, {"first": first, "last": last}))
    return [
        (month, kept.get(month, 0), written.get(month, 0))
        for month in sorted(kept | written)
        if kept.get(month, 0) != written.get(month, 0)
    ]


@transaction.atomic
def fold_again(month: date) -> None:
    """Make the cells of a month's aid from its lines, in the place of what was kept; what is not folded yet is left to the next fold."""
    rows = {row.source: row.upto for row in SpendingFold.objects.select_for_update().order_by("source")}
    bound = {"month": month, "program": Scheme.DIRECT_AID.value} | {f"{name}_upto": rows.get(name, 0) for name in TABLES}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM enrollment_spending WHERE month = %(month)s AND program = %(program)s", bound)
        cursor.execute(_FOLD_AGAIN, bound)


_CELL = "month, program, kind, band, provision_id, region_id, milieu"
_SUMS = ("households", "people", "children", "insured", "lines", "centimes")
_WRITTEN = """
  SELECT a.month, 'direct_aid' AS program, '' AS kind, 0 AS band, NULL::bigint AS provision_id, c.region_id, e.milieu,
    count(*) AS households, sum(coalesce(f.size, e.people))::bigint AS people,
    coalesce(sum((SELECT count(DISTINCT l.member_id) FROM enrollment_allowanceline l WHERE l.allowance_id = a.id)), 0)::bigint AS children,
    0::bigint AS insured, 0::bigint AS lines, sum(a.amount)::bigint AS centimes
  FROM enrollment_allowance a
  JOIN enrollment_enrollment e ON e.id = a.enrollment_id
  JOIN rsu_commune c ON c.id = e.commune_id
  LEFT JOIN eligibility_facts f ON f.household_id = a.household_id
  WHERE {allowance} GROUP BY a.month, c.region_id, e.milieu
  UNION ALL
  SELECT a.month, 'direct_aid', l.kind, coalesce(b.first, 0), l.provision_id, c.region_id, e.milieu,
    count(DISTINCT a.id), 0, count(DISTINCT l.member_id), 0, count(*), sum(l.amount)::bigint
  FROM enrollment_allowanceline l
  JOIN enrollment_allowance a ON a.id = l.allowance_id
  JOIN enrollment_enrollment e ON e.id = a.enrollment_id
  JOIN rsu_commune c ON c.id = e.commune_id
  LEFT JOIN bands b ON b.provision_id = l.provision_id AND l.rank BETWEEN b.first AND b.last
    AND l.kind IN ('child', 'child_not_in_school', 'orphan')
  WHERE {line} GROUP BY a.month, l.kind, coalesce(b.first, 0), l.provision_id, c.region_id, e.milieu
  UNION ALL
  SELECT p.month, 'direct_aid', k.kind, 0, k.provision, c.region_id, c.milieu, 0, count(*) FILTER (WHERE k.one), count(*) FILTER (WHERE k.one),
    0, count(*) FILTER (WHERE k.kind <> ''), sum(p.amount)::bigint
  FROM enrollment_placementmonth p
  JOIN enrollment_placement w ON w.id = p.placement_id
  JOIN rsu_commune c ON c.id = w.commune_id
  CROSS JOIN LATERAL (VALUES
    ('', NULL::bigint, p.kind = 'monthly'),
    (CASE p.kind WHEN 'monthly' THEN 'institution' ELSE 'institution_' || p.kind END, p.provision_id, true)
  ) AS k(kind, provision, one)
  WHERE {placement} GROUP BY p.month, k.kind, k.provision, c.region_id, c.milieu"""
_BANDS = """
bands AS (
  SELECT p.id AS provision_id, (b.value->>'first')::int AS first, (b.value->>'last')::int AS last
  FROM eligibility_provision p
  CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(p.value->'bands') WHEN 'array' THEN p.value->'bands' ELSE '[]' END) b
  WHERE p.key = 'direct_aid.amounts'
)"""

_NEW = _WRITTEN.format(
    allowance="a.id > %(allowance_from)s AND a.id <= %(allowance_upto)s",
    line="a.id > %(allowance_from)s AND a.id <= %(allowance_upto)s",
    placement="p.id > %(placement_from)s AND p.id <= %(placement_upto)s",
)
_OF_MONTH = _WRITTEN.format(
    allowance="a.id <= %(allowance_upto)s AND a.month = %(month)s",
    line="a.id <= %(allowance_upto)s AND a.month = %(month)s",
    placement="p.id <= %(placement_upto)s AND p.month = %(month)s",
)
_ADD = f"""
INSERT INTO enrollment_spending AS s ({_CELL}, {", ".join(_SUMS)})
SELECT {_CELL}, {", ".join(f"sum({name})" for name in _SUMS)} FROM written GROUP BY {_CELL}
ON CONFLICT ({_CELL}) DO UPDATE SET {", ".join(f"{name} = s.{name} + excluded.{name}" for name in _SUMS)}
"""
_FOLD = f"WITH {_BANDS}, written AS ({_NEW}) {_ADD}"
_FOLD_AGAIN = f"WITH {_BANDS}, written AS ({_OF_MONTH}) {_ADD}"

_LIVE = _WRITTEN.format(
    allowance="a.id > %(allowance_from)s AND a.month BETWEEN %(first)s AND %(last)s",
    line="a.id > %(allowance_from)s AND a.month BETWEEN %(first)s AND %(last)s",
    placement="p.id > %(placement_from)s AND p.month BETWEEN %(first)s AND %(last)s",
)
_UPTO = ", ".join(f"coalesce((SELECT upto FROM enrollment_spendingfold WHERE source = '{name}'), 0)" for name in TABLES)
_SPENT = f"""
WITH {_BANDS}, cells AS (
  SELECT {_CELL}, {", ".join(_SUMS)} FROM enrollment_spending WHERE month BETWEEN %(first)s AND %(last)s
  UNION ALL SELECT * FROM ({_LIVE}) live
)
SELECT {_UPTO}, {_CELL}, {", ".join(f"sum({name})::bigint" for name in _SUMS)} FROM cells GROUP BY {_CELL} ORDER BY {_CELL}
"""

# Who was moved from RAMED is covered, and paid for, without an enrollment until one takes over.
_CONTRIBUTIONS = (
    """
WITH counted AS (
  SELECT c.region_id, e.milieu, count(DISTINCT e.household_id) AS households, count(*) AS people,
    count(*) FILTER (WHERE e.quality = 'insured') AS insured
  FROM enrollment_enrollment e
  JOIN rsu_commune c ON c.id = e.commune_id
  WHERE e.program = %(program)s AND """
    + COVERED
    + " AND "
    + RUNNING.format(day="%(counted)s")
    + """
  GROUP BY c.region_id, e.milieu
  UNION ALL
  SELECT c.region_id, v.milieu, count(*) FILTER (WHERE v.quality = 'insured'), count(*), count(*) FILTER (WHERE v.quality = 'insured')
  FROM enrollment_migratedcover v
  JOIN rsu_commune c ON c.id = v.commune_id
  WHERE """
    + MOVED.format(day="%(counted)s")
    + """
  GROUP BY c.region_id, v.milieu
)
INSERT INTO enrollment_spending (month, program, kind, band, provision_id, region_id, milieu, households, people, children, insured, lines, centimes)
SELECT %(month)s, %(program)s, k.kind, 0, CASE k.kind WHEN '' THEN NULL ELSE %(provision)s::bigint END, region_id, milieu,
  sum(households), sum(people), 0, sum(insured), CASE k.kind WHEN '' THEN 0 ELSE sum(insured) END, sum(insured) * %(contribution)s::bigint
FROM counted
CROSS JOIN (VALUES (''), (%(kind)s)) AS k(kind)
GROUP BY k.kind, region_id, milieu
"""
)
# A month without any insured is counted again each time: it costs one look.
_NEVER_COUNTED = """
SELECT m.month::date FROM generate_series(
  date_trunc('month', least(
    (SELECT min(since) FROM enrollment_enrollment WHERE program = %(program)s AND since IS NOT NULL), (SELECT min(since) FROM enrollment_migratedcover)
  )),
  %(last)s, '1 month') AS m(month)
WHERE NOT EXISTS (SELECT FROM enrollment_spending s WHERE s.month = m.month::date AND s.program = %(program)s)
"""
_EVERY_LINE = """
SELECT month, sum(centimes)::bigint FROM (
  SELECT a.month, sum(l.amount) AS centimes FROM enrollment_allowanceline l JOIN enrollment_allowance a ON a.id = l.allowance_id
  WHERE a.month BETWEEN %(first)s AND %(last)s GROUP BY a.month
  UNION ALL
  SELECT month, sum(amount) FROM enrollment_placementmonth WHERE month BETWEEN %(first)s AND %(last)s GROUP BY month
) every_line GROUP BY month
"""
