"""What each agreement and disagreement weighs, after Fellegi and Sunter: the logarithm of how much more often it is seen between
two records of one person than between two people drawn at random.

How often records of one person differ (`rates`) is the law's; how often strangers agree is the registry's own: an exact
agreement by the frequency of that very name, day or commune, the rest by people drawn and compared.
"""

from django.db import connection

from .resemblance import AGREEMENTS, FIELDS, LEVELS

MOST_DRAWN, LEAST_DRAWN, ONE_IN = 1000, 150, 20
"""People compared with one another to see how often strangers agree: half a million pairs at most, fewer in a small registry."""

FREQUENCIES = {
    ("last", "same"): ("same_last", "people"),
    ("first", "same"): ("same_first", "people"),
    ("last", "spelled"): ("spelled_last", "people"),
    ("first", "spelled"): ("spelled_first", "people"),
    ("birth", "same"): ("same_birth", "people"),
    ("birth", "year"): ("same_year", "people"),
    ("commune", "same"): ("same_commune", "people"),
    ("phone", "same"): ("same_phone", "phone"),
    ("mother", "same"): ("same_mother", "mother"),
    ("father", "same"): ("same_father", "father"),
}
"""Exact agreements: the count that each person carries, and of how many people it is a share."""

LEAST_WEIGHT = 0.0001

_CHANCES = f"""
WITH drawn AS MATERIALIZED (SELECT * FROM households_duplicateperson ORDER BY hashint8(member_id::bigint), member_id LIMIT %(drawn)s)
SELECT field, level, count(*) FROM drawn a JOIN drawn b ON a.member_id < b.member_id
CROSS JOIN LATERAL ({LEVELS} OFFSET 0) levels
CROSS JOIN LATERAL (VALUES {", ".join(f"('{field}', levels.{field})" for field in FIELDS)}) told (field, level)
GROUP BY field, level
"""


def chances(people: int) -> dict[str, dict[str, int]]:
    """{thing compared: {level: pairs of strangers}}, `unknown` left out; the same people are drawn each time."""
    counted: dict[str, dict[str, int]] = {field: {} for field in FIELDS}
    with connection.cursor() as cursor:
        cursor.execute(_CHANCES, {"drawn": min(MOST_DRAWN, max(LEAST_DRAWN, people // ONE_IN))})
        for field, level, pairs in cursor.fetchall():
            if level != "unknown":
                counted[field][level] = pairs
    return counted


def _rate(rates: dict, field: str, level: str) -> float:
    return max(rates[field][level], 1) / 10_000


def _chance(counted: dict, field: str, level: str) -> float:
    """Half a pair where none was seen: rare is not impossible."""
    known = sum(counted[field].values())
    return max(counted[field].get(level, 0), 0.5) / max(known, 1)


def weight_of(field: str, *, rates: dict, chances: dict) -> str:
    """SQL of the weight of one thing compared, between rows `a` and `b` whose levels are `l`; every figure written out by us."""
    cases = []
    for level in (*AGREEMENTS[field], "other"):
        if level not in rates[field]:
            continue
        rate = _rate(rates, field, level)
        if (field, level) in FREQUENCIES:
            bearers, among = FREQUENCIES[field, level]
            weight = f"ln({rate!r} * {float(chances['known'][among])!r} / greatest(a.{bearers}, b.{bearers}))"
        elif (field, level) == ("cin", "same"):
            weight = f"ln({rate!r} * {float(max(chances['known']['cin'], 1))!r})"
        else:
            weight = f"ln({rate / _chance(chances['counted'], field, level)!r})"
        cases.append(f"WHEN '{level}' THEN {weight}")
    return f"(CASE l.{field} {' '.join(cases)} ELSE 0 END)"


def prior(*, rates: dict, people: int) -> str:
    """SQL of the odds, as a logarithm, that two people drawn at random are one: `expected` of ten thousand are recorded twice."""
    return f"ln({2 * max(rates['expected'], 1) / 10_000 / max(people, 2)!r})"
