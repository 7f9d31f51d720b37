"""Households whose aid of a month is not that of the month before, and why, as far as the lines tell.

Sums of one time (grants, corrections, what is taken back) and lines of other months are left out on both sides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from eligibility.facts import years_before
from eligibility.law import Law, Provision
from eligibility.queries import law as law_of
from households.models import Member

from .allowances import AMOUNTS, allowance_findings, fetch
from .lifecycle import COVERING
from .models import Allowance, AllowanceLine

Kind = AllowanceLine.Kind
CHILD_KINDS = (Kind.CHILD, Kind.CHILD_NOT_IN_SCHOOL, Kind.ORPHAN)
ONE_TIME = (Kind.SCHOOL_START, Kind.BIRTH_GRANT, Kind.RECOVERY)

_BASE = """(SELECT sum(l.amount)::int FROM unnest({0}.kinds, {0}.amounts, coalesce({0}.months, '{{}}')) AS l(kind, amount, month)
    WHERE coalesce(l.month, {0}.month) = {0}.month AND l.kind <> ALL(%(one_time)s))"""
# A month that pays nothing but what is owed for others has no sum of its own (NULL): it differs from none.
_CHANGED = f"""
WITH pairs AS (
  SELECT n.id, p.id AS earlier_id, {_BASE.format("p")} AS before, {_BASE.format("n")} AS now
  FROM enrollment_allowance n
  JOIN enrollment_allowance p ON p.household_id = n.household_id AND p.month = (n.month - interval '1 month')::date
  WHERE n.id > %(after)s AND n.id <= %(upto)s
)
SELECT id, earlier_id, before, now FROM pairs WHERE before <> now ORDER BY id
"""
_REACH = "SELECT max(id) FROM (SELECT id FROM enrollment_allowance WHERE id > %(after)s AND id <= %(upto)s ORDER BY id LIMIT %(limit)s) n"
# Nothing of the month itself was written though the right runs and the month before was paid.
_UNPAID = f"""
SELECT p.household_id, p.id FROM enrollment_allowance p
JOIN enrollment_enrollment e ON e.household_id = p.household_id AND e.program = 'direct_aid' AND e.status = ANY(%(covering)s)
  AND e.since <= %(read_on)s AND e.until > %(read_on)s
WHERE p.household_id = ANY(%(ids)s) AND p.month = (%(month)s::date - interval '1 month')::date AND {_BASE.format("p")} IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM enrollment_allowance n WHERE n.household_id = p.household_id AND n.month = %(month)s AND {_BASE.format("n")} IS NOT NULL
  )
ORDER BY 1
"""


@dataclass(frozen=True)
class Change:
    """`before` and `now` in centimes; `reasons` are codes of announcements.CHANGES with what their sentences need; `amounts` is the
    provision of the later month's."""

    allowance: Allowance
    earlier: Allowance
    before: int
    now: int
    reasons: list[dict]
    amounts: Provision


@dataclass(frozen=True)
class _Line:
    kind: str
    rank: int | None
    amount: int
    provision: int | None


def reach(*, after: int, upto: int, limit: int) -> int | None:
    """The number of the last of the next allowances; None when there is none."""
    return fetch(_REACH, {"after": after, "upto": upto, "limit": limit})[0][0]


def changes(*, after: int, upto: int) -> list[Change]:
    """Those among the allowances so numbered, in their order."""
    found = fetch(_CHANGED, {"after": after, "upto": upto, "one_time": [kind.value for kind in ONE_TIME]})
    ids = {pk for allowance, earlier, _before, _now in found for pk in (allowance, earlier)}
    rows = Allowance.objects.select_related("household").in_bulk(ids)
    people = Member.objects.in_bulk({member for row in rows.values() for member in row.members if member})
    laws = {month: law_of(month) for month in sorted({row.month for row in rows.values()})}
    return [
        Change(rows[pk], rows[earlier], before, now, why(rows[earlier], rows[pk], people, law), law.cite(AMOUNTS))
        for pk, earlier, before, now in found
        for law in [laws[rows[pk].month]]
    ]


def unpaid(households: list[int], *, month: date, read_on: date) -> list[tuple[int, int, str]]:
    """(household, its allowance of the month before, one of FINDINGS) where the right runs and this month pays nothing of its own."""
    bound = {
        "ids": households,
        "month": month,
        "read_on": read_on,
        "covering": list(COVERING),
        "one_time": [kind.value for kind in ONE_TIME],
    }
    before = dict(fetch(_UNPAID, bound))
    found = allowance_findings(list(before), month=month, read_on=read_on, law=law_of(month)) if before else []
    return [(household, before[household], finding) for household, finding, _payee in found]


def why(earlier: Allowance, later: Allowance, people: dict[int, Member], law: Law) -> list[dict]:
    """One reason a person at most, then those of everybody; the floor only where nothing else tells."""
    before, now = _by_member(earlier), _by_member(later)
    said = [
        found
        for member in [*before, *(one for one in now if one not in before)]
        if (found := _of(member, before, now, earlier, later, people, law))
    ]
    if any(_priced_anew(before.get(member, ()), now[member]) for member in now) or (
        earlier.provision_id != later.provision_id and not said
    ):
        said.append({"code": "rates", "source": law.cite(AMOUNTS).source})
    if Kind.FLAT in later.kinds and Kind.FLAT not in earlier.kinds:
        said.append({"code": "flat"})
    return said or [{"code": "floor"}]


def _by_member(allowance: Allowance) -> dict[int, list[_Line]]:
    found: dict[int, list[_Line]] = {}
    for member, line in _lines(allowance):
        found.setdefault(member, []).append(line)
    return found


def _lines(allowance: Allowance) -> Iterator[tuple[int, _Line]]:
    count = len(allowance.kinds)
    months, provisions = allowance.months or [None] * count, allowance.provisions or [None] * count
    rows = zip(allowance.kinds, allowance.members, allowance.ranks, allowance.amounts, months, provisions, strict=True)
    for kind, member, rank, amount, month, provision in rows:
        if member and month in (None, allowance.month) and kind not in ONE_TIME:
            yield member, _Line(kind, rank, amount, provision or allowance.provision_id)


def _of(member: int, before: dict, now: dict, earlier: Allowance, later: Allowance, people: dict[int, Member], law: Law) -> dict | None:
    person = people.get(member)
    was, stands = (_child(rows.get(member, ())) for rows in (before, now))
    code, more = _code(was, stands, person, earlier, later, law)
    if code is None:
        had, has = (any(line.kind == Kind.DISABILITY for line in rows.get(member, ())) for rows in (before, now))
        code = {(False, True): "disability", (True, False): "no_disability"}.get((had, has))
    if code is None:
        return None
    return {"code": code, "who": [person.name_fr, person.name_ar] if person else None} | more


def _child(lines) -> _Line | None:
    return next((line for line in lines if line.kind in CHILD_KINDS), None)


def _code(was: _Line | None, stands: _Line | None, person: Member | None, earlier, later, law: Law) -> tuple[str | None, dict]:
    amounts = law.value(AMOUNTS)
    if was is None and stands is None:
        return None, {}
    if was is None:
        return ("born" if person and person.born_on > earlier.read_on else "arrived"), {}
    if stands is None:
        return ("too_old", {"age": amounts["child_under"]}) if _turned(person, amounts["child_under"], earlier, later) else ("left", {})
    if was.kind != stands.kind:
        return _of_kinds(was.kind, stands.kind, person, earlier, later, amounts["young_under"])
    return ("rank", {"before": was.rank, "now": stands.rank}) if was.rank != stands.rank else (None, {})


def _of_kinds(was: str, stands: str, person: Member | None, earlier, later, young: int) -> tuple[str, dict]:
    if Kind.ORPHAN in (was, stands):
        return ("orphan" if stands == Kind.ORPHAN else "not_orphan"), {}
    if stands == Kind.CHILD:
        return "in_school", {}
    return ("turned", {"age": young}) if _turned(person, young, earlier, later) else ("out_of_school", {})


def _turned(person: Member | None, age: int, earlier: Allowance, later: Allowance) -> bool:
    """Whether the birthday lies between the two readings."""
    return person is not None and years_before(earlier.read_on, age) < person.born_on <= years_before(later.read_on, age)


def _priced_anew(before: list[_Line], now: list[_Line]) -> bool:
    """The same line of the same person, at another price: only the law does that."""
    priced = {(line.kind, line.rank): line.amount for line in before}
    return any(priced.get((line.kind, line.rank), line.amount) != line.amount for line in now)
