"""Periods of people as partners state them: kept, drawn again for whom something new was said, held while an answer is contested.

A constant number of statements whatever the number of people. The caller holds the transaction and has locked the people.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from psycopg.types.json import Jsonb

from rsu.models import Agency

from ..models import AnswerConflict, Import, Member, PeriodKind, PeriodStatement, VerifiedPeriod
from ..sheets.feeds import NEGATIVE, Said
from ..timeline import OPEN, Strip, drawn, first_difference, value_on

FIELDS = {
    PeriodKind.COVER: "cover",
    PeriodKind.ALLOWANCES: "other_allowances",
    PeriodKind.SCHOOLING: "schooling",
    PeriodKind.DISABILITY: "disability",
}
"""The answer that a kind of periods verifies."""
KINDS = {field: kind for kind, field in FIELDS.items()}
MONTHLY = (PeriodKind.ALLOWANCES, PeriodKind.SCHOOLING, PeriodKind.DISABILITY)
"""Kinds that a month of direct aid reads."""


@dataclass(frozen=True)
class Drawing:
    """What a partner's statements come to after this delivery, by person; `new` are the places of the rows that said something new."""

    strips: Mapping[str, list[Strip]]
    new: frozenset[int]
    latest: Mapping[str, date]
    """The last day each person was spoken of."""


def keep_periods(importing: Import, kind: str, said: Sequence[Said]) -> Drawing:
    """Add what is said and draw again. No two rows of a person begin on the same day."""
    idcs = sorted({one.idcs for one in said})
    known: dict[str, dict[tuple, PeriodStatement | Said]] = defaultdict(dict)
    mine = PeriodStatement.objects.filter(idcs__in=idcs, kind=kind, agency=importing.agency)
    for one in mine.order_by("id"):
        known[one.idcs][_content(one)] = one
    new = set()
    for place, one in enumerate(said):
        before = known[one.idcs].get(_content(one))
        if before is None or before.as_of < one.as_of:
            new.add(place)
            known[one.idcs][_content(one)] = one
    _write_statements(importing, kind, [said[place] for place in sorted(new)])
    touched = {said[place].idcs for place in new}
    strips = {number: drawn(known[number].values(), negative=NEGATIVE[kind]) for number in idcs}
    _draw(importing.agency, kind, {number: strips[number] for number in sorted(touched)})
    latest = {number: max(one.as_of for one in known[number].values()) for number in idcs}
    return Drawing(strips, frozenset(new), latest)


def _content(one: PeriodStatement | Said) -> tuple:
    return one.since, one.until, one.value, tuple(sorted((name, str(value)) for name, value in one.details.items()))


_STATE = f"""
INSERT INTO {PeriodStatement._meta.db_table} (kind, agency_id, importing_id, idcs, value, details, since, until, as_of)
SELECT %s, %s, %s, * FROM unnest(%s::text[], %s::text[], %s::jsonb[], %s::date[], %s::date[], %s::date[])
ON CONFLICT (idcs, kind, agency_id, since, until, value, details)
DO UPDATE SET as_of = EXCLUDED.as_of, importing_id = EXCLUDED.importing_id
WHERE {PeriodStatement._meta.db_table}.as_of < EXCLUDED.as_of
"""


def _write_statements(importing: Import, kind: str, said: Sequence[Said]) -> None:
    columns = [
        [one.idcs for one in said],
        [one.value for one in said],
        [Jsonb(one.details) for one in said],
        *([getattr(one, name) for one in said] for name in ("since", "until", "as_of")),
    ]
    if said:
        with connection.cursor() as cursor:
            cursor.execute(_STATE, [kind, importing.agency_id, importing.pk, *columns])


def _draw(agency: Agency, kind: str, strips: Mapping[str, list[Strip]]) -> None:
    """Write the periods that are not so already; one said again as it was only takes its new day."""
    standing: dict[str, list[VerifiedPeriod]] = defaultdict(list)
    for one in VerifiedPeriod.objects.filter(idcs__in=strips, kind=kind, agency=agency).order_by("idcs", "since"):
        standing[one.idcs].append(one)
    fresh: list[VerifiedPeriod] = []
    gone: list[int] = []
    again: list[VerifiedPeriod] = []
    for idcs, wanted in strips.items():
        stands = standing[idcs]
        if [_shape(one) for one in stands] == [_shape(one) for one in wanted]:
            for one, strip in zip(stands, wanted, strict=True):
                if one.as_of != strip.as_of:
                    one.as_of = strip.as_of
                    again.append(one)
            continue
        gone += [one.pk for one in stands]
        fresh += [VerifiedPeriod(idcs=idcs, kind=kind, agency=agency, **vars(strip)) for strip in wanted]
    if gone:
        VerifiedPeriod.objects.filter(pk__in=gone).delete()
    VerifiedPeriod.objects.bulk_create(fresh)
    _say_again(again)


def _shape(one: VerifiedPeriod | Strip) -> tuple:
    return one.since, one.until, one.value, one.implied, one.details


def _say_again(periods: Sequence[VerifiedPeriod]) -> None:
    if periods:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {VerifiedPeriod._meta.db_table} p SET as_of = x.as_of"
                " FROM unnest(%s::bigint[], %s::date[]) AS x(id, as_of) WHERE p.id = x.id",
                [[one.pk for one in periods], [one.as_of for one in periods]],
            )


# Held while an answer is contested --------------------------------------------------------------------------------------------------

_HOLD = f"""
UPDATE {VerifiedPeriod._meta.db_table} p SET held = x.held
FROM (
  SELECT p.id, EXISTS (
    SELECT FROM {AnswerConflict._meta.db_table} c
    WHERE c.idcs = p.idcs AND c.field = %(field)s AND p.since <= c.as_of AND p.until > c.as_of
      AND (c.status = 'open' OR (c.status = 'kept' AND c.agency_id = p.agency_id))
      AND coalesce(c.verified->>%(field)s, v.answer) = v.answer
  ) AS held
  FROM {VerifiedPeriod._meta.db_table} p
  CROSS JOIN LATERAL (SELECT CASE p.value WHEN 'yes' THEN 'true' WHEN 'no' THEN %(no)s ELSE p.value END AS answer) v
  WHERE p.idcs = ANY(%(idcs)s) AND p.kind = %(kind)s
) x
WHERE x.id = p.id AND p.held <> x.held
"""


def hold_periods(kind: str, idcs: Iterable[str]) -> None:
    """What contradicts an answer nobody has settled, or that somebody kept, decides nothing; anything else does."""
    no = "false" if kind == PeriodKind.ALLOWANCES else "no"
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, {"field": FIELDS[kind], "kind": kind, "idcs": sorted(set(idcs)), "no": no})


# Months that were read before -------------------------------------------------------------------------------------------------------


def read_before(kind: str, idcs: Iterable[str], agency: Agency) -> dict[str, list[Strip]]:
    """What decides of each person, as this partner says, before or after a delivery."""
    found: dict[str, list[Strip]] = defaultdict(list)
    rows = VerifiedPeriod.objects.filter(idcs__in=idcs, kind=kind, agency=agency, held=False).order_by("since")
    for one in rows:
        found[one.idcs].append(Strip(one.value, one.details, one.since, one.until, one.as_of, one.implied))
    return found


def reopen_months(
    kind: str, people: Iterable[Member], before: Mapping[str, list[Strip]], after: Mapping[str, list[Strip]], *, importing: Import, on: date
) -> None:
    """Leave the months of `on` and before that would now be read otherwise; what agrees with the family's answer reopens none."""
    since: dict[int, date] = {}
    for member in people:
        first = _first_read_otherwise(kind, member, before.get(member.idcs, []), after.get(member.idcs, []), on)
        if first:
            since[member.household_id] = min(first, since.get(member.household_id, first))
    note_months(since, importing=importing)


def _first_read_otherwise(kind: str, member: Member, before: Sequence[Strip], after: Sequence[Strip], on: date) -> date | None:
    """The month in which the two readings begin to differ, as its first day: read on that day, or on that of an application."""

    def reader(strips: Sequence[Strip]):
        def read(day: date):
            strip = value_on(strips, day)
            return _decides(kind, strip.value) if strip else _declared(kind, member, day)

        return read

    days = {day for strip in (*before, *after) for day in (strip.since, strip.until)} | _own_days(kind, member)
    day = first_difference(reader(before), reader(after), (day for day in days if day <= on))
    return day and day.replace(day=1)


def _decides(kind: str, value: str):
    return value if kind == PeriodKind.DISABILITY else value not in ("no", "none")


def _declared(kind: str, member: Member, day: date):
    """The family's answer, read on a day as a month of aid reads it."""
    if kind == PeriodKind.SCHOOLING:
        return (member.schooling or "no") != "no"
    if kind == PeriodKind.ALLOWANCES:
        runs = (member.other_allowances_since or date.min) <= day < (member.other_allowances_until or OPEN)
        return bool(member.other_allowances) and runs
    runs = (member.disability_since or date.min) <= day < (member.disability_until or OPEN)
    return (member.disability or "none") if runs else "none"


def _own_days(kind: str, member: Member) -> set[date]:
    names = {PeriodKind.ALLOWANCES: "other_allowances", PeriodKind.DISABILITY: "disability"}
    days = {getattr(member, f"{names[kind]}_{edge}") for edge in ("since", "until")} if kind in names else set()
    return days - {None}


_NOTE = """
INSERT INTO households_monthstoreview (household_id, since, importing_id, noted_at)
SELECT x.household_id, x.since, %s, statement_timestamp() FROM unnest(%s::bigint[], %s::date[]) AS x(household_id, since)
ORDER BY 1
ON CONFLICT (household_id) DO UPDATE SET since = least(households_monthstoreview.since, EXCLUDED.since),
  importing_id = EXCLUDED.importing_id, noted_at = EXCLUDED.noted_at
"""


def note_months(since: Mapping[int, date], *, importing: Import | None) -> None:
    """These households' months are to be computed again from these firsts on; the earliest stands."""
    if since:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [importing and importing.pk, list(since), list(since.values())])


def release_taken(conflict: AnswerConflict, *, on: date) -> None:
    """A contradiction was settled: what it held decides, or stays held; past months are left to be computed again if it decides."""
    kind = KINDS.get(conflict.field)
    if kind is None:
        return
    held = VerifiedPeriod.objects.filter(idcs=conflict.idcs, kind=kind, held=True)
    before = set(held.values_list("pk", flat=True))
    hold_periods(kind, [conflict.idcs])
    freed = before - set(held.values_list("pk", flat=True))
    if not freed or conflict.member is None or kind not in MONTHLY:
        return
    since = VerifiedPeriod.objects.filter(pk__in=freed).order_by("since").first().since
    if since <= on:
        note_months({conflict.member.household_id: since.replace(day=1)}, importing=conflict.importing)
