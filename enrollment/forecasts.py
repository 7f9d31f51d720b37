"""What a month would cost under a law, counted from the registry as it stands: sums made in the database, a few thousand families a statement.

The same statement as the month that will be written (`allowances.lines_statement`) over everybody, ages read on the month's first day; who
is enrolled stays enrolled, unless the law asked about draws a line between his score and the present one. No birth, death, move
or new answer is supposed, and scores are those of today. How many persons AMO-TADAMON would insure beyond those enrolled is the
estimate of `eligibility.prices`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from eligibility import prices
from eligibility.facts import years_before
from eligibility.law import FORMULA, Law, Provision
from eligibility.models import Program
from eligibility.models import Provision as ProvisionRow
from eligibility.score import entitled_sql, threshold_points
from households.models import Household
from rsu.months import first_of_next_month

from .allowances import AMOUNTS, fetch, lines_statement, parameters_of

CHUNK = 20_000
UNIT = 100
"""One dirham: what the cost of one more is told for."""
INSTITUTIONS = "direct_aid.institutions"
CONTRIBUTION_DAY = "budget.contribution_day"
BANDS = "amo_achamil.bands"
PREFIXES = ("direct_aid.", "amo.", "amo_tadamon.", "amo_achamil.", "registration.adult_age", CONTRIBUTION_DAY)
LATEST = 2**62
"""Numbers a value that nobody has signed: it supersedes those of its day."""


@dataclass(frozen=True)
class Cell:
    """See models.BudgetCell."""

    program: str
    kind: str
    band: int
    region: int
    milieu: str
    enrolled: bool
    households: int
    people: int
    children: int
    insured: int
    lines: int
    centimes: int
    one_more: int

    @property
    def key(self) -> tuple:
        return (self.program, self.kind, self.band, self.region, self.milieu, self.enrolled)

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.households, self.people, self.children, self.insured, self.lines, self.centimes, self.one_more)


@dataclass(frozen=True)
class Difference:
    """See models.ForecastDifference."""

    program: str
    enrolled: bool
    region: int
    milieu: str
    gaining: int
    losing: int
    coming_in: int
    going_out: int
    gained: int
    lost: int


@dataclass(frozen=True)
class Reading:
    """Whose month is asked for: the law of its first day, and the line that those enrolled stand under today, by program."""

    law: Law
    today: Law

    @property
    def month(self) -> date:
        return self.law.on


def law_of(month: date, changes: Mapping[str, Any] | None = None, *, formula_id: int | None = None) -> Law:
    """The law of a month as it is voted, with these values in the place of its own."""
    rows = list(ProvisionRow.objects.filter(since__lte=month).order_by("id"))
    for key, value in (changes or {}).items():
        number = formula_id if key == FORMULA and formula_id else LATEST
        rows.append(Provision(number, key, month, value, source="", gazette="", url="", note="", confidence="L"))
    return Law(rows, month)


def digest_of(law: Law) -> str:
    """A fingerprint of everything a forecast depends on: two forecasts with the same one were made under the same words."""
    keys = [key for key in sorted(law.keys()) if key.startswith(PREFIXES) and law.has(key)]
    said = [(key, law.value(key)) for key in keys]
    formula = law.cite(FORMULA).id if law.has(FORMULA) else None
    return hashlib.sha256(json.dumps([formula, said], sort_keys=True).encode()).hexdigest()


def digests_of(months: Iterable[date]) -> dict[date, str]:
    """The fingerprint of each month's law as it is voted, in one query."""
    rows = list(ProvisionRow.objects.order_by("id"))
    return {month: digest_of(Law(rows, month)) for month in months}


def count_month(reading: Reading, *, ids: Iterable[int] | None = None) -> tuple[list[Cell], int]:
    """Every cell of a month and how many households were read; all of the registry, or the households given."""
    sums: dict[tuple, list[int]] = {}
    read, side = 0, _Side(reading)
    for chunk in _chunks(ids):
        read += len(chunk)
        _add(sums, side.cells(chunk))
    if ids is None:
        _add(sums, _institutions(reading.law))
        _add(sums, _strangers(reading.law))
    return [Cell(*key, *counts) for key, counts in sorted(sums.items()) if any(counts)], read


def compare_months(before: Reading, after: Reading, *, ids: Iterable[int] | None = None) -> list[Difference]:
    """Households that the second law would pay more or less than the first, by program, place and whether they are enrolled."""
    sums: dict[tuple, list[int]] = {}
    old, new = _Side(before), _Side(after, prefix="after_")
    statement = _COMPARED.format(old=old.amounts, new=new.amounts)
    for chunk in _chunks(ids):
        for program, enrolled, region, milieu, *counts in fetch(statement, old.bound(chunk) | new.bound(chunk)):
            found = sums.setdefault((program, enrolled, region, milieu), [0] * len(counts))
            sums[program, enrolled, region, milieu] = [a + b for a, b in zip(found, counts, strict=True)]
    return [Difference(*key, *counts) for key, counts in sorted(sums.items()) if any(counts)]


def counted_day(law: Law, month: date) -> date:
    """The day of a month on which the insured are counted for the State's contribution."""
    return (
        first_of_next_month(month) - timedelta(days=1) if law.has(CONTRIBUTION_DAY) and law.value(CONTRIBUTION_DAY) == "last_day" else month
    )


def _chunks(ids: Iterable[int] | None) -> Iterator[list[int]]:
    every = Household.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=CHUNK) if ids is None else ids
    left = iter(every)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _add(sums: dict[tuple, list[int]], cells: Iterable[Cell]) -> None:
    for cell in cells:
        found = sums.get(cell.key, [0] * len(cell.counts))
        sums[cell.key] = [a + b for a, b in zip(found, cell.counts, strict=True)]


class _Side:
    """One law's statement; `prefix` renames its parameters, so that two laws stand in one."""

    def __init__(self, reading: Reading, *, prefix: str = "") -> None:
        self.law, self.today, self.prefix = reading.law, reading.today, prefix
        self.aided = self.law.has(AMOUNTS)
        self.figures = self._bound()

    def cells(self, ids: list[int]) -> list[Cell]:
        return [Cell(*row) for row in fetch(self._statement(_CELLS), self.bound(ids))]

    @property
    def amounts(self) -> str:
        """What each household of the chunk would be paid or have paid for it, by program and whether it is enrolled."""
        return re.sub(r"%\((\w+)\)s", rf"%({self.prefix}\1)s", self._statement(_AMOUNTS))

    def bound(self, ids: list[int]) -> dict:
        return {self.prefix + name: value for name, value in (self.figures | {"ids": ids, "first": min(ids), "last": max(ids)}).items()}

    def _statement(self, final: str) -> str:
        pieces = {
            "lines": lines_statement(self.figures) if self.aided else _NO_LINES,
            "insured": prices.MEMBER_COLUMNS["insured"],
            "aid_entitled": self._under(Program.DIRECT_AID, self.law, "n") if self.aided else "false",
            "cover_entitled": self._under(Program.AMO_TADAMON, self.law, "n"),
            "aid_kept": self._kept(Program.DIRECT_AID),
            "cover_kept": self._kept(Program.AMO_TADAMON),
            "family_contribution": self._family_contribution(),
        }
        return _COUNTED.format(**pieces) + final

    def _under(self, program: Program, law: Law, score: str) -> str:
        if not law.has(program.threshold_key):
            return "false"
        return f"coalesce({entitled_sql(f'{score}.score', str(threshold_points(law.value(program.threshold_key))))}, false)"

    def _kept(self, program: Program) -> str:
        """False for whoever is under the present line and would not be under the line asked about: enrollment ends no right by itself,
        but a law that is simulated is simulated whole."""
        was, would = self._under(program, self.today, "o"), self._under(program, self.law, "n")
        return f"NOT ({was} AND NOT {would})"

    def _family_contribution(self) -> str:
        if not self.law.has(BANDS):
            return "0"
        whens = " ".join(
            f"WHEN h.score > {threshold_points(band['above'])} THEN {int(band['monthly'])}" for band in reversed(self.law.value(BANDS))
        )
        return f"(CASE {whens} ELSE 0 END)"

    def _bound(self) -> dict:
        law = self.law
        aid = parameters_of([], month=law.on, read_on=law.on, law=law) if self.aided else {}
        amounts = law.value(AMOUNTS) if self.aided else {}
        return prices.parameters(law) | aid | {
            "on": law.on,
            "month": law.on,
            "counted": counted_day(law, law.on),
            "formula": law.cite(FORMULA).id,
            "formula_today": self.today.cite(FORMULA).id,
            "contribution": law.value(prices.CONTRIBUTION) if law.has(prices.CONTRIBUTION) else 0,
            "bands_of_ranks": json.dumps([[band["first"], band["last"]] for band in amounts.get("bands", [])]),
            "floor_of_month": amounts.get("floor", 0),
            "unit": UNIT,
        }  # fmt: skip


def _institutions(law: Law) -> list[Cell]:
    """Children placed on the first of the month and still minors: the line that completes a sum at majority is not foreseen."""
    if not law.has(INSTITUTIONS):
        return []
    value = law.value(INSTITUTIONS)
    bound = {"month": law.on, "minor_after": years_before(law.on, value["majority_age"]), "monthly": value["monthly"], "unit": UNIT}
    return [Cell(*row) for row in fetch(_PLACED, bound)]


def _strangers(law: Law) -> list[Cell]:
    """Covers moved from RAMED of people whom no household declares: they are counted where they were moved, a household for each insured."""
    contribution = law.value(prices.CONTRIBUTION) if law.has(prices.CONTRIBUTION) else 0
    bound = {"counted": counted_day(law, law.on), "contribution": contribution, "unit": UNIT}
    return [Cell(*row) for row in fetch(_STRANGERS, bound)]


_NO_LINES = "SELECT 0::bigint AS household_id, 0 AS position, ''::text AS kind, 0::bigint AS member_id, 0 AS rank, 0 AS amount WHERE false"

RUNNING = "e.since <= {day} AND e.until > {day} AND NOT EXISTS (SELECT FROM enrollment_suspension u" \
    " WHERE u.enrollment_id = e.id AND u.since <= {day} AND u.until > {day})"  # fmt: skip
"""An enrollment that gives something on a day, beside its status."""
AIDED = "e.program = 'direct_aid' AND e.status IN ('active', 'in_review', 'ended')"
COVERED = "e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'ended')"
MOVED = "v.since <= {day} AND v.until > {day}"
"""A cover moved from RAMED that runs on a day; taken over, it stops where the enrollment begins."""

_COUNTED = (
    """
WITH lines AS MATERIALIZED ({lines}),
people AS (
  SELECT m.household_id, count(*) AS size, {insured} AS insured,
    count(*) FILTER (WHERE coalesce(m.cover <> ALL(%(excluding_covers)s), true)) AS insurable
  FROM households_member m WHERE m.household_id = ANY(%(ids)s) GROUP BY m.household_id
),
covers AS (
  SELECT household_id, program, count(*) AS people, count(*) FILTER (WHERE quality = 'insured') AS insured FROM (
    SELECT e.household_id, e.program, e.quality FROM enrollment_enrollment e WHERE e.household_id = ANY(%(ids)s) AND """
    + COVERED
    + " AND "
    + RUNNING.format(day="%(counted)s")
    + """
    UNION ALL
    SELECT m.household_id, 'amo_tadamon', v.quality FROM households_member m JOIN enrollment_migratedcover v ON v.idcs = m.idcs
    WHERE m.household_id = ANY(%(ids)s) AND """
    + MOVED.format(day="%(counted)s")
    + """
  ) c GROUP BY household_id, program
),
aided AS MATERIALIZED (
  SELECT e.household_id FROM enrollment_enrollment e WHERE e.household_id = ANY(%(ids)s) AND """
    + AIDED
    + " AND "
    + RUNNING.format(day="%(month)s")
    + """
),
homes AS MATERIALIZED (
  SELECT h.id, c.region_id AS region, h.milieu, p.size, p.insured, p.insurable, n.score,
    {aid_entitled} AS aid_entitled, {cover_entitled} AS cover_entitled, {cover_kept} AS cover_kept,
    {aid_kept} AND h.id IN (SELECT household_id FROM aided) AS aid_enrolled
  FROM households_household h
  JOIN rsu_commune c ON c.id = h.commune_id
  JOIN people p ON p.household_id = h.id
  LEFT JOIN eligibility_assessment n ON n.formula_id = %(formula)s AND n.household_id = h.id
  LEFT JOIN eligibility_assessment o ON o.formula_id = %(formula_today)s AND o.household_id = h.id
  WHERE h.id = ANY(%(ids)s)
),
aid AS (
  SELECT household_id, sum(amount)::bigint AS amount, count(DISTINCT member_id) AS children,
    sum(amount) FILTER (WHERE kind NOT IN ('floor', 'flat', 'school_start')) AS earned,
    coalesce(sum(amount) FILTER (WHERE kind = 'floor'), 0) AS completion
  FROM lines GROUP BY household_id
),
standing AS (
  SELECT h.*, who.enrolled FROM homes h
  CROSS JOIN LATERAL (VALUES (false, h.aid_entitled), (true, h.aid_enrolled)) AS who(enrolled, counted)
  WHERE who.counted
),
insured AS (
  SELECT 'amo_tadamon' AS program, h.id, h.region, h.milieu, false AS enrolled, h.insurable AS people, h.insured,
    h.insured * %(contribution)s::bigint AS amount
  FROM homes h WHERE h.cover_entitled AND h.insured > 0
  UNION ALL
  SELECT c.program, h.id, h.region, h.milieu, true, c.people, c.insured,
    c.insured * CASE c.program WHEN 'amo_tadamon' THEN %(contribution)s::bigint ELSE {family_contribution} END
  FROM covers c JOIN homes h ON h.id = c.household_id WHERE c.program <> 'amo_tadamon' OR h.cover_kept
)
"""
)

_CELLS = """,
bands AS (
  SELECT (b.value->>0)::int AS first, (b.value->>1)::int AS last FROM jsonb_array_elements(%(bands_of_ranks)s::jsonb) b
),
banded AS (
  SELECT l.household_id, l.kind, coalesce(b.first, 0) AS band, count(*) AS lines, count(DISTINCT l.member_id) AS children,
    sum(l.amount)::bigint AS amount
  FROM lines l
  LEFT JOIN bands b ON l.kind IN ('child', 'child_not_in_school', 'orphan') AND l.rank BETWEEN b.first AND b.last
  GROUP BY l.household_id, l.kind, coalesce(b.first, 0)
),
kinds AS (
  SELECT k.*, CASE
      WHEN k.kind = 'floor' THEN %(unit)s
      WHEN k.kind IN ('flat', 'school_start') THEN k.lines * %(unit)s
      ELSE greatest(0, k.lines * %(unit)s - a.completion) END AS one_more
  FROM banded k JOIN aid a ON a.household_id = k.household_id
  UNION ALL
  SELECT a.household_id, 'floor', 0, 0, 0, 0, %(floor_of_month)s + %(unit)s - a.earned
  FROM aid a WHERE a.earned >= %(floor_of_month)s AND a.earned < %(floor_of_month)s + %(unit)s
)
SELECT 'direct_aid', '', 0, s.region, s.milieu, s.enrolled, count(*), sum(s.size)::bigint, sum(a.children)::bigint, 0, 0,
  sum(a.amount)::bigint, 0
FROM standing s JOIN aid a ON a.household_id = s.id GROUP BY s.region, s.milieu, s.enrolled
UNION ALL
SELECT 'direct_aid', k.kind, k.band, s.region, s.milieu, s.enrolled, count(*) FILTER (WHERE k.lines > 0),
  coalesce(sum(s.size) FILTER (WHERE k.lines > 0), 0)::bigint, sum(k.children)::bigint, 0, sum(k.lines)::bigint, sum(k.amount)::bigint,
  sum(k.one_more)::bigint
FROM standing s JOIN kinds k ON k.household_id = s.id GROUP BY k.kind, k.band, s.region, s.milieu, s.enrolled
UNION ALL
SELECT i.program, k.kind, 0, i.region, i.milieu, i.enrolled, count(*), sum(i.people)::bigint, 0, sum(i.insured)::bigint,
  CASE k.kind WHEN '' THEN 0 ELSE sum(i.insured) END::bigint, sum(i.amount)::bigint,
  CASE k.kind WHEN '' THEN 0 ELSE sum(i.insured) * %(unit)s END::bigint
FROM insured i
CROSS JOIN LATERAL (VALUES (''), (CASE i.program WHEN 'amo_tadamon' THEN 'state_contribution' ELSE 'family_contribution' END)) AS k(kind)
GROUP BY i.program, k.kind, i.region, i.milieu, i.enrolled
"""

# Only what the State pays: a family's own contribution is nobody's gain.
_AMOUNTS = """
SELECT 'direct_aid' AS program, s.id, s.region, s.milieu, s.enrolled, a.amount FROM standing s JOIN aid a ON a.household_id = s.id
UNION ALL
SELECT i.program, i.id, i.region, i.milieu, i.enrolled, i.amount FROM insured i WHERE i.program = 'amo_tadamon' AND i.amount > 0
"""

_COMPARED = """
SELECT program, enrolled, region, milieu, count(*) FILTER (WHERE now > before), count(*) FILTER (WHERE now < before),
  count(*) FILTER (WHERE before = 0 AND now > 0), count(*) FILTER (WHERE now = 0 AND before > 0),
  coalesce(sum(now - before) FILTER (WHERE now > before), 0)::bigint,
  coalesce(sum(before - now) FILTER (WHERE now < before), 0)::bigint
FROM (
  SELECT program, enrolled, region, milieu, coalesce(a.amount, 0) AS before, coalesce(b.amount, 0) AS now
  FROM ({old}) a FULL JOIN ({new}) b USING (program, id, region, milieu, enrolled)
) both_laws
WHERE now <> before GROUP BY program, enrolled, region, milieu
"""

_PLACED = """
WITH placed AS (
  SELECT c.region_id, c.milieu, count(*) AS children FROM enrollment_placement p JOIN rsu_commune c ON c.id = p.commune_id
  WHERE p.since <= %(month)s AND p.until > %(month)s AND p.born_on > %(minor_after)s GROUP BY c.region_id, c.milieu
)
SELECT 'direct_aid', k.kind, 0, p.region_id, p.milieu, who.enrolled, 0, p.children, p.children, 0,
  CASE k.kind WHEN '' THEN 0 ELSE p.children END, p.children * %(monthly)s::bigint, CASE k.kind WHEN '' THEN 0 ELSE p.children * %(unit)s END
FROM placed p CROSS JOIN (VALUES (''), ('institution')) AS k(kind) CROSS JOIN (VALUES (false), (true)) AS who(enrolled)
"""

_STRANGERS = (
    """
WITH moved AS (
  SELECT c.region_id, v.milieu, count(*) AS people, count(*) FILTER (WHERE v.quality = 'insured') AS insured
  FROM enrollment_migratedcover v JOIN rsu_commune c ON c.id = v.commune_id
  WHERE NOT EXISTS (SELECT FROM households_member p WHERE p.idcs = v.idcs) AND """
    + MOVED.format(day="%(counted)s")
    + """
  GROUP BY c.region_id, v.milieu
)
SELECT 'amo_tadamon', k.kind, 0, m.region_id, m.milieu, true, m.insured, m.people, 0, m.insured, CASE k.kind WHEN '' THEN 0 ELSE m.insured END,
  m.insured * %(contribution)s::bigint, CASE k.kind WHEN '' THEN 0 ELSE m.insured * %(unit)s END
FROM moved m CROSS JOIN (VALUES (''), ('state_contribution')) AS k(kind)
"""
)
