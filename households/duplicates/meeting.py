"""Somebody being registered met with those who are registered already, in the caseworker's area: who looks like them, and why.

The same levels as the nightly search, without its weights: at the counter, a short list that a caseworker can judge at a glance.
Outside the area nothing is told, save that an exact identifier is borne.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from rsu.models import User
from rsu.permissions import in_area

from ..models import Household, Member
from .resemblance import AGREEMENTS, FIELDS, LEVELS

MOST_SHOWN = 5
BIRTHS_APART = 800
"""Days between two births that may be one written twice: a year of birth mistaken by two, and what 1 January hides of the day. Only
what a list at the counter offers to look at, not a rule: the levels of `resemblance` say how near they are."""
NEAR_NAMES = ("same", "spelled", "one_letter", "two_letters")


@dataclass(frozen=True)
class Likeness:
    """A registered person who looks like the one being registered; `agrees` and `differs` name things compared, with their levels."""

    member: Member
    agrees: list[tuple[str, str]]
    differs: list[str]

    @property
    def strength(self) -> tuple:
        levels = dict(self.agrees)
        exact = sum(level == "same" for level in levels.values())
        return ("cin" in levels, len(levels) - len(self.differs), exact)


@dataclass(frozen=True)
class SameHousehold:
    """A registered household that looks like the one being registered: `people` of it do, and the telephone may be the same."""

    household: Household
    people: int
    phone: bool

    @property
    def mark(self) -> str:
        return f"household:{self.household.pk}"


@dataclass(frozen=True)
class Met:
    """`likenesses` by the person's key in the draft, the strongest first; `more` are found and not shown; `elsewhere`: keys whose CIN
    is borne outside the area."""

    likenesses: dict[str, list[Likeness]]
    households: list[SameHousehold]
    elsewhere: set[str]
    more: int = 0

    def __bool__(self) -> bool:
        return bool(any(self.likenesses.values()) or self.households or self.elsewhere)


_MEET = f"""
WITH typed AS MATERIALIZED (
    SELECT key, cin, sex, born_on, precise, coalesce(rsu_plain_name(first_name), '') AS first, coalesce(rsu_plain_name(last_name), '') AS last,
        coalesce(rsu_sound_name(first_name), '') AS first_sound, coalesce(rsu_sound_name(last_name), '') AS last_sound,
        commune_id, phone, ''::text AS mother, ''::text AS father,
        ARRAY(SELECT DISTINCT word FROM households_spelling WHERE fold = ANY(string_to_array(rsu_fold_name(first_name), ' '))) AS firsts,
        ARRAY(SELECT DISTINCT word FROM households_spelling WHERE fold = ANY(string_to_array(rsu_fold_name(last_name), ' '))) AS lasts
    FROM unnest(%(keys)s::text[], %(cins)s::text[], %(sexes)s::text[], %(births)s::date[], %(precise)s::boolean[], %(firsts)s::text[],
        %(lasts)s::text[]) given (key, cin, sex, born_on, precise, first_name, last_name)
    CROSS JOIN (VALUES (%(commune)s::integer, %(phone)s::text)) home (commune_id, phone)
), near AS (
    SELECT a.key, m.id FROM typed a JOIN households_member m ON m.words && a.firsts AND m.words && a.lasts
    UNION
    SELECT a.key, m.id FROM typed a JOIN households_member m ON m.born_on = a.born_on JOIN households_household h ON h.id = m.household_id
    WHERE a.first <> '' AND a.last <> '' AND (h.commune_id = a.commune_id OR to_char(a.born_on, 'MMDD') <> '0101')
    UNION
    SELECT a.key, m.id FROM typed a JOIN households_household h ON h.phone = a.phone JOIN households_member m ON m.household_id = h.id
    WHERE a.phone <> '' AND a.first <> ''
    UNION
    SELECT a.key, m.id FROM typed a JOIN households_member m ON m.cin = a.cin WHERE a.cin <> '' AND m.cin <> ''
)
SELECT a.key, b.id, {", ".join(f"l.{field}" for field in FIELDS)}
FROM near JOIN typed a USING (key)
JOIN (
    SELECT m.id, m.household_id, m.cin, m.sex, m.born_on, m.birth_precision = 'day' AS precise,
        rsu_plain_name(m.first_name_fr) AS first, rsu_plain_name(m.last_name_fr) AS last,
        rsu_sound_name(m.first_name_fr) AS first_sound, rsu_sound_name(m.last_name_fr) AS last_sound,
        h.commune_id, h.phone, ''::text AS mother, ''::text AS father
    FROM households_member m JOIN households_household h ON h.id = m.household_id
    WHERE h.struck_off_on IS NULL AND h.id <> ALL(%(own)s::bigint[])
) b ON b.id = near.id AND ((a.cin <> '' AND b.cin = a.cin) OR (b.sex = a.sex OR a.sex = '') AND abs(b.born_on - a.born_on) < {BIRTHS_APART})
CROSS JOIN LATERAL ({LEVELS} OFFSET 0) l
WHERE l.cin = 'same' OR (
    l.cin <> 'other' AND l.birth <> 'other'
    AND (l.names = 'crossed' OR (l.first IN {NEAR_NAMES} AND (l.last IN {NEAR_NAMES} OR (l.birth = 'same' AND (l.phone = 'same' OR l.commune = 'same')))))
)
"""


def meet(people: list[Mapping], *, commune_id: int | None, phone: str, by: User, but: set[str], own: list[int]) -> Met:
    """`people` are clean values with `key`; those without names or birth are met by their CIN alone. `but`: `key:number` of those
    said to be somebody else, `household:number` of households said to be others. `own` are left out: the households the request is about."""
    people = [person for person in people if person.get("born_on") or person.get("cin")]
    if not people:
        return Met({}, [], set())
    rows = _rows(people, commune_id=commune_id, phone=phone, own=own)
    inside = Member.objects.filter(in_area(by, "household__commune"), pk__in={row[1] for row in rows})
    members = {member.pk: member for member in inside.select_related("household__commune__region")}
    likenesses: dict[str, list[Likeness]] = {person["key"]: [] for person in people}
    elsewhere, met = set(), []
    for key, pk, *levels in rows:
        told = dict(zip(FIELDS, levels, strict=True))
        if pk not in members:
            elsewhere |= {key} if told["cin"] == "same" else set()
        else:
            agrees = [(field, level) for field, level in told.items() if level in AGREEMENTS[field]]
            met.append((key, Likeness(members[pk], agrees, [field for field, level in told.items() if level == "other"])))
    shown = [(key, one) for key, one in met if f"{key}:{one.member.pk}" not in but]
    for key, one in sorted(shown, key=lambda pair: (*pair[1].strength, -pair[1].member.pk), reverse=True):
        likenesses[key].append(one)
    more = sum(max(0, len(found) - MOST_SHOWN) for found in likenesses.values())
    same = _households(met, phone=phone, but=but)
    return Met({key: found[:MOST_SHOWN] for key, found in likenesses.items()}, same, elsewhere, more)


def _rows(people: list[Mapping], *, commune_id: int | None, phone: str, own: list[int]) -> list[tuple]:
    def column(name, empty=""):
        return [person.get(name, empty) for person in people]

    precise = [person.get("birth_precision") == "day" for person in people]
    given = {
        "keys": column("key"), "cins": column("cin"), "sexes": column("sex"), "births": column("born_on", None), "precise": precise,
        "firsts": column("first_name_fr"), "lasts": column("last_name_fr"), "commune": commune_id, "phone": phone, "own": own,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MEET, given)
        return cursor.fetchall()


def _households(met: list[tuple[str, Likeness]], *, phone: str, but: set[str]) -> list[SameHousehold]:
    """Those in which two people of the draft, or more, are met; or one, under the same telephone."""
    people = Counter(household_id for household_id, _key in {(one.member.household_id, key) for key, one in met})
    households = {one.member.household_id: one.member.household for _key, one in met}
    same = [SameHousehold(households[pk], count, bool(phone) and households[pk].phone == phone) for pk, count in people.items()]
    alike = [one for one in same if (one.people > 1 or one.phone) and one.mark not in but]
    return sorted(alike, key=lambda one: (one.people, one.phone, one.household.pk), reverse=True)[:MOST_SHOWN]
