"""A household as the rules see it on a day: each fact is one named database expression over its answers.

Two levels: counts over the members (one aggregate a line, `MEMBER_COUNTS`), and facts over the household `h` and
those counts `a` (`FACTS`). A fact is NULL when an answer it needs is missing, and the household is then refused with
the question named. The lists of codes the law chooses (which covers count, which diplomas are technical …) are
provisions, bound as parameters; dates are bound as `on − N years`, so that an index or a plain comparison does.

Source of every line: the published formula (decree 2-21-582, annexes); codes U01-U35 (urban) and R01-R28 (rural) stand beside it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

NONE: Mapping[str, str] = MappingProxyType({})
AGE_BOUNDS = {"urban": (6, 15), "rural": (15, 19, 30, 60)}
"""Birthdays that change a fact by themselves (the urban head's every birthday does too); the filters below use no other age."""


@dataclass(frozen=True)
class Fact:
    """One column of Facts. `variables` are the formula's own codes; `money` is centimes a year for the whole household."""

    name: str
    variables: str
    sql: str
    asks: str
    money: bool = False

    @property
    def milieux(self) -> tuple[str, ...]:
        return tuple(m for m, letter in (("urban", "U"), ("rural", "R")) if letter in self.variables)


def _age(low: int, below: int | None = None) -> str:
    """At least `low` completed years, and under `below`; the 29th of February grows on the 1st of March (bound dates do it)."""
    upper = f" AND m.born_on > %(age_{below})s" if below else ""
    return f"m.born_on <= %(age_{low})s{upper}"


_EMPLOYED = "m.situation = 'employed'"
_HEAD = "m.relation = 'head'"


def _in(column: str, key: str) -> str:
    return f"m.{column} = ANY(%({key})s)"


MEMBER_COUNTS = {
    "size": "count(*)",
    "heads": f"count(*) FILTER (WHERE {_HEAD})",
    "spouses": "count(*) FILTER (WHERE m.relation = 'spouse')",
    "wives": "count(m.spouse_id)",
    "wife": "max(m.id) FILTER (WHERE m.spouse_id IS NOT NULL)",
    "husband": "max(m.spouse_id)",
    "first_parent": "min(coalesce(m.mother_id, m.father_id))",
    "last_parent": "max(coalesce(m.mother_id, m.father_id))",
    "covered": "count(*) FILTER (WHERE m.cover <> ALL(%(score.cover_not_counted)s))",
    "head_level": f"max(m.education_level) FILTER (WHERE {_HEAD})",
    "head_situation": f"max(m.situation) FILTER (WHERE {_HEAD})",
    "head_group": f"max(m.occupation_group) FILTER (WHERE {_HEAD} AND {_EMPLOYED})",
    "head_status": f"max(m.work_status) FILTER (WHERE {_HEAD} AND {_EMPLOYED})",
    "head_born_on": f"max(m.born_on) FILTER (WHERE {_HEAD})",
    "private_pupils": f"count(*) FILTER (WHERE {_age(6, 15)} AND m.schooling <> 'no' AND m.school_sector = 'private')",
    "public_pupils": f"count(*) FILTER (WHERE {_age(6, 15)} AND m.schooling <> 'no' AND m.school_sector = 'public')",
    "no_diploma": f"count(*) FILTER (WHERE {_age(15)} AND m.diploma = 'none')",
    "technical_diploma": f"count(*) FILTER (WHERE {_age(15)} AND {_in('diploma', 'score.technical_diplomas')})",
    "higher_diploma": f"count(*) FILTER (WHERE {_age(15)} AND {_in('diploma', 'score.higher_diplomas')})",
    "earners": f"count(*) FILTER (WHERE {_age(15)} AND {_EMPLOYED} AND (m.work_status <> ALL(%(score.unpaid_statuses)s) OR m.paid))",
    "operators": f"count(*) FILTER (WHERE {_age(15)} AND {_EMPLOYED} AND {_in('occupation_group', 'score.operator_groups')})",
    "traders": f"count(*) FILTER (WHERE {_age(15)} AND {_EMPLOYED} AND {_in('occupation_group', 'score.trade_groups')})",
    "seniors": f"count(*) FILTER (WHERE {_EMPLOYED} AND {_in('occupation_group', 'score.senior_groups')})",
    "literate": f"count(*) FILTER (WHERE {_age(15)} AND m.literate)",
    "aged_19_29": f"count(*) FILTER (WHERE {_age(19, 30)})",
    "aged_30_59": f"count(*) FILTER (WHERE {_age(30, 60)})",
    "aged_60_over": f"count(*) FILTER (WHERE {_age(60)})",
    # Answers that should be there and are not: the facts that need them become NULL.
    "no_cover_answer": "count(*) FILTER (WHERE m.cover IS NULL)",
    "no_school_answer": f"count(*) FILTER (WHERE {_age(6, 15)} AND (m.schooling IS NULL"
    " OR (m.schooling <> 'no' AND m.school_sector IS NULL)))",
    "no_diploma_answer": f"count(*) FILTER (WHERE {_age(15)} AND m.diploma IS NULL)",
    "no_literacy_answer": f"count(*) FILTER (WHERE {_age(15)} AND m.literate IS NULL)",
    "no_work_answer": f"count(*) FILTER (WHERE {_age(15)} AND (m.situation IS NULL"
    f" OR ({_EMPLOYED} AND (m.occupation_group IS NULL OR m.work_status IS NULL"
    " OR (m.work_status = ANY(%(score.unpaid_statuses)s) AND m.paid IS NULL)))))",
}


LARGEST_SUM = 2**31 - 1
"""Centimes a year that a column of Facts holds; beyond, the answer cannot be right and the household is refused with it named."""


def _held(sql: str) -> str:
    """A bigint sum of money as its column holds it; NULL when it does not."""
    return f"nullif(least({sql}, {LARGEST_SUM + 1}), {LARGEST_SUM + 1})::int"


def _annual(column: str) -> str:
    """Mean of the months given × 12, a bigint: whole centimes always, as 1, 2 and 3 divide 12."""
    b = f"h.{column}"
    total = f"coalesce({b}[1], 0)::bigint + coalesce({b}[2], 0) + coalesce({b}[3], 0)"
    return f"(CASE WHEN cardinality({b}) = 0 THEN 0 ELSE ({total}) * 12 / nullif(num_nonnulls({b}[1], {b}[2], {b}[3]), 0) END)"


def _head_group(key: str) -> str:
    """Whether the head works in one of the law's groups; NULL when his work is not known."""
    return f"(CASE WHEN a.no_work_answer = 0 THEN (coalesce(a.head_group = ANY(%({key})s), false))::int END)"


def _count(name: str, needs: str) -> str:
    return f"(CASE WHEN a.{needs} = 0 THEN a.{name} END)"


_EMPLOYER = "(CASE WHEN a.no_work_answer = 0 THEN (coalesce(a.head_status = 'employer', false))::int END)"
_RETIRED = "(a.head_situation = ANY(%(score.retired_situations)s))::int"
_COVERED = "(CASE WHEN a.covered > 0 THEN 1 WHEN a.no_cover_answer = 0 THEN 0 END)"
_WATER_POWER = f"({_annual('electricity_bills')} + CASE WHEN h.water_in_electricity THEN 0 ELSE {_annual('water_bills')} END)"
_HEAD_AGE = (
    "((%(on_digits)s - (extract(year FROM a.head_born_on) * 10000 + extract(month FROM a.head_born_on) * 100"
    " + extract(day FROM a.head_born_on))::int) / 10000)"
)

_NUCLEI = """(
    WITH people AS MATERIALIZED (
        SELECT id, spouse_id, mother_id, father_id FROM households_member WHERE household_id = a.household_id
    ), tied AS (
        SELECT spouse_id AS id FROM people WHERE spouse_id IS NOT NULL
    ), parents AS (
        SELECT mother_id AS id FROM people WHERE mother_id IS NOT NULL UNION ALL SELECT father_id FROM people WHERE father_id IS NOT NULL
    )
    SELECT count(DISTINCT nucleus) FROM (
        SELECT id AS nucleus FROM tied
        UNION ALL
        SELECT p.id FROM people m JOIN people p ON p.id = coalesce(m.mother_id, m.father_id)
        WHERE m.spouse_id IS NULL AND p.spouse_id IS NULL
          AND m.id NOT IN (SELECT id FROM tied) AND m.id NOT IN (SELECT id FROM parents) AND p.id NOT IN (SELECT id FROM tied)
    ) n
)"""
"""Family nuclei of household `a`: couples (a husband and his wives are one), then lone parents with children who have neither
spouse nor child here. A wife points to her husband, never the other way; a child with both parents present and not tied goes
with the mother.
"""

# One couple and children of one of the two, or no couple and one parent, is one nucleus: looking closer costs more than the rest.
_SEVERAL_POSSIBLE = "(a.wives > 1 OR a.first_parent <> a.last_parent OR (a.wives = 1 AND a.first_parent NOT IN (a.wife, a.husband)))"
_SEVERAL_NUCLEI = f"(CASE WHEN {_SEVERAL_POSSIBLE} THEN ({_NUCLEI} >= 2)::int ELSE 0 END)"

FACTS = (
    Fact("couple_or_single", "U01 R01", "(a.size = 1 OR (a.size = 2 AND a.spouses = 1))::int", "P01"),
    Fact("several_nuclei", "U02", _SEVERAL_NUCLEI, "P04 P05 P06 P07"),
    Fact("two_per_room", "U03 R03", "(h.rooms > 0 AND a.size <= 2 * h.rooms)::int", "H04"),
    Fact("bath", "U04", "h.bath::int", "H05"),
    Fact("own_meter", "U05", "(h.electricity_meter = 'own')::int", "H06"),
    Fact("head_higher", "U06", "(a.head_level = 'higher')::int", "P11"),
    Fact("head_senior", "U07 R06", _head_group("score.senior_groups"), "P14 P15"),
    Fact("head_middle", "U08", _head_group("score.middle_groups"), "P14 P15"),
    Fact("head_employer", "U09 R10", _EMPLOYER, "P14 P16"),
    Fact("head_retired", "U10", _RETIRED, "P14"),
    Fact("computer", "U11", "h.computer::int", "H11"),
    Fact("dish", "U12", "h.dish::int", "H12"),
    Fact("landline", "U13", "h.landline::int", "H13"),
    Fact("other_cover", "U14 R13", _COVERED, "P18"),
    Fact("loan", "U15", "h.loan::int", "H17"),
    Fact("second_home", "U16 R14", "h.second_home::int", "H18"),
    Fact("garage", "U17", "h.garage::int", "H19"),
    Fact("premises", "U18", "h.premises::int", "H20"),
    Fact("head_age", "U21 U22", _HEAD_AGE, "P02"),
    Fact("private_pupils", "U23", _count("private_pupils", "no_school_answer"), "P09 P10"),
    Fact("public_pupils", "U24", _count("public_pupils", "no_school_answer"), "P09 P10"),
    Fact("no_diploma", "U25", _count("no_diploma", "no_diploma_answer"), "P12"),
    Fact("technical_diploma", "U26", _count("technical_diploma", "no_diploma_answer"), "P12"),
    Fact("earners", "U27", _count("earners", "no_work_answer"), "P14 P16 P17"),
    Fact("operators", "U28", _count("operators", "no_work_answer"), "P14 P15"),
    Fact("seniors", "U29", _count("seniors", "no_work_answer"), "P14 P15"),
    Fact("mobile_phones", "U30", "h.mobile_phones", "H14"),
    Fact("cars", "U31", "h.cars", "H15"),
    Fact("motorcycles", "U32", "h.motorcycles", "H16"),
    Fact("good_dwelling", "R02", "(h.dwelling_type = ANY(%(score.dwelling_types)s))::int", "H03"),
    Fact("three_per_room", "R04", "(h.rooms > 0 AND a.size > 2 * h.rooms AND a.size <= 3 * h.rooms)::int", "H04"),
    Fact("head_basic", "R05", "(a.head_level = ANY(%(score.basic_levels)s))::int", "P11"),
    Fact("head_operator", "R07", _head_group("score.operator_groups"), "P14 P15"),
    Fact("head_artisan", "R08", _head_group("score.artisan_groups"), "P14 P15"),
    Fact("head_farmer", "R09", _head_group("score.farmer_groups"), "P14 P15"),
    Fact("has_car", "R11", "(h.cars >= 1)::int", "H15"),
    Fact("has_motorcycle", "R12", "(h.motorcycles >= 1)::int", "H16"),
    Fact("land", "R15", "h.land::int", "H21"),
    Fact("irrigated_land", "R16", "h.irrigated_land::int", "H22"),
    Fact("aged_19_29", "R19", "a.aged_19_29", "P02"),
    Fact("aged_30_59", "R20", "a.aged_30_59", "P02"),
    Fact("aged_60_over", "R21", "a.aged_60_over", "P02"),
    Fact("literate", "R22", _count("literate", "no_literacy_answer"), "P13"),
    Fact("higher_diploma", "R23", _count("higher_diploma", "no_diploma_answer"), "P12"),
    Fact("traders", "R24", _count("traders", "no_work_answer"), "P14 P15"),
    Fact("cows", "R25", "h.cows", "H23"),
    Fact("butane", "U33 R26", _held("h.butane_month::bigint * 12"), "H09", money=True),
    Fact("water_power", "U34 R27", _held(_WATER_POWER), "H07 H08", money=True),
    Fact("telecom", "U35 R28", _held(_annual("telecom_bills")), "H10", money=True),
)
BY_NAME = {fact.name: fact for fact in FACTS}


def _ages(fact: Fact) -> bool:
    """Whether a birthday may change it: it counts members by their age, or is an age."""
    dated = [name for name, sql in MEMBER_COUNTS.items() if "%(age_" in sql and not name.endswith("_answer")]
    return "a.head_born_on" in fact.sql or any(re.search(rf"\ba\.{name}\b", fact.sql) for name in dated)


TIMED = frozenset(fact.name for fact in FACTS if _ages(fact))
"""Facts that time alone may change."""

LAW_LISTS = (
    "score.cover_not_counted",
    "score.technical_diplomas",
    "score.higher_diplomas",
    "score.operator_groups",
    "score.trade_groups",
    "score.senior_groups",
    "score.middle_groups",
    "score.artisan_groups",
    "score.farmer_groups",
    "score.dwelling_types",
    "score.basic_levels",
    "score.unpaid_statuses",
    "score.retired_situations",
)
"""Provisions whose value is a list of answer codes: bound into the expressions above."""


def years_before(on: date, years: int) -> date:
    """The latest birth date that has completed `years` on `on`; from a 29 February the common year gives the 28th."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return on.replace(year=on.year - years, day=28)


def parameters(*, on: date, values: Mapping[str, list[str]]) -> dict:
    """What the facts' SQL is bound with: the day, one date an age bound, and the law's lists."""
    ages = sorted({age for bounds in AGE_BOUNDS.values() for age in bounds})
    return (
        {"on": on, "on_digits": on.year * 10000 + on.month * 100 + on.day}
        | {f"age_{age}": years_before(on, age) for age in ages}
        | {key: [str(code) for code in values[key]] for key in LAW_LISTS}
    )


def _birthday(column: str, years: str) -> str:
    """Day on which `years` are completed: PostgreSQL stops at 28 February in a common year, the law at 1 March."""
    shifted = f"({column} + make_interval(years => {years}))::date"
    return f"({shifted} + (extract(day FROM {column}) > extract(day FROM {shifted}))::int)"


def _next_bound(milieu: str) -> str:
    """The next birthday of `m` that changes a fact in this milieu; NULL when none is left."""
    whens = " ".join(f"WHEN m.born_on > %(age_{age})s THEN {_birthday('m.born_on', str(age))}" for age in AGE_BOUNDS[milieu])
    return f"min(CASE {whens} END)"


# Looked up a household at a time: a planner that expects few households would join every commune to all of them.
_REGION = "(SELECT c.region_id FROM rsu_commune c WHERE c.id = h.commune_id)"


def reading_sql(
    scope: Callable[[str], str], *, member_columns: Mapping[str, str] = NONE, household_columns: Mapping[str, str] = NONE
) -> str:
    """SELECT of one row a household: id, commune, milieu, region, size, stale_on, the columns asked for, then FACTS in order.

    `scope` gives the condition on a column of household ids (a list or a range). It stands on the members' own aggregate
    and on the household: alone on either, the other is read from its first row. A fact of the other milieu is NULL. The columns asked for are read with the
    facts: aggregates over the members `m`, then expressions over the household `h` and its aggregates `a`.
    """
    counts = ",\n  ".join(f"{sql} AS {name}" for name, sql in (MEMBER_COUNTS | member_columns).items())
    others = "".join(f"  {sql} AS {name},\n" for name, sql in household_columns.items())
    head_next = _birthday("a.head_born_on", f"({_HEAD_AGE} + 1)")
    return f"""
SELECT h.id AS household_id, h.commune_id, h.milieu, {_REGION} AS region, a.size, a.heads,
  CASE h.milieu WHEN 'urban' THEN least(a.next_urban, {head_next}) ELSE a.next_rural END AS stale_on,
{others}  {", ".join(f"{_asked(fact)} AS {fact.name}" for fact in FACTS)}
FROM (
  SELECT m.household_id, {counts},
  {_next_bound("urban")} AS next_urban, {_next_bound("rural")} AS next_rural
  FROM households_member m WHERE {scope("m.household_id")} GROUP BY m.household_id
) a
JOIN households_household h ON h.id = a.household_id AND {scope("h.id")}
"""


def _asked(fact: Fact) -> str:
    if len(fact.milieux) == 2:
        return fact.sql
    return f"CASE WHEN h.milieu = '{fact.milieux[0]}' THEN {fact.sql} END"


def missing_sql(alias: str) -> str:
    """text[] of the facts a household's milieu needs and its answers do not give; named one by one only where there are some."""
    parts = []
    for fact in FACTS:
        asked = "" if len(fact.milieux) == 2 else f" AND {alias}.milieu = '{fact.milieux[0]}'"
        parts.append(f"CASE WHEN {alias}.{fact.name} IS NULL{asked} THEN '{fact.name}' END")
    named = f"array_remove(ARRAY[{', '.join(parts)}, CASE WHEN {alias}.heads <> 1 THEN 'head' END]::text[], NULL)"
    counts = " ".join(f"WHEN '{milieu}' THEN num_nulls({_needed(milieu, alias)})" for milieu in AGE_BOUNDS)
    return f"(CASE WHEN {alias}.heads = 1 AND CASE {alias}.milieu {counts} END = 0 THEN '{{}}'::text[] ELSE {named} END)"


def _needed(milieu: str, alias: str) -> str:
    return ", ".join(f"{alias}.{fact.name}" for fact in FACTS if milieu in fact.milieux)
