"""What the census wants and what the registry holds, side by side: lines of shares in percent for a range of households."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from rsu.synthesis.margins import BANDS, DWELLINGS, LARGEST, SEXES, Census

HEADINGS = {
    "size": "Taille des ménages (modèle dérivé du recensement, non publié)",
    "band": "Âge des personnes",
    "sex": "Sexe",
    "schooled": "Scolarisation de 6 à 11 ans",
    "dwelling": "Type de logement (rural)",
    "electricity": "Électricité",
    "water": "Eau courante",
    "bath": "Bain ou douche (urbain)",
}
STRICT = {"size", "band", "electricity", "water"}
"""Margins whose largest gap is held under two points in a large load."""
DWELLING_NAMES = {
    "basic_or_slum": "sommaire ou bidonville",
    "other": "autre",
    "rural": "maison rurale",
    "moroccan_house": "maison marocaine",
    "apartment": "appartement",
    "villa": "villa",
}
SHOWN_SIZES = 9


@dataclass(frozen=True)
class Line:
    """Shares in percent."""

    margin: str
    label: str
    wanted: float
    obtained: float

    @property
    def gap(self) -> float:
        return self.obtained - self.wanted


def lines(first: int, last: int, *, on: date) -> list[Line]:
    """Every margin of the households numbered from `first` to `last`."""
    census = Census()
    span = {"first": first, "last": last, "on": on}
    return [*_sizes(census, span), *_people(census, span), *_dwellings(census, span), *_utilities(census, span)]


def _sizes(census: Census, span: dict) -> Iterator[Line]:
    counted = _counts(
        f"SELECT least(size, {LARGEST}), count(*) FROM (SELECT count(*) AS size FROM households_member"
        " WHERE household_id BETWEEN %(first)s AND %(last)s GROUP BY household_id) s GROUP BY 1",
        span,
    )
    wanted = dict(enumerate(census.sizes["all"], start=1))
    for size in range(1, SHOWN_SIZES + 1):
        sizes = range(size, LARGEST + 1) if size == SHOWN_SIZES else [size]
        label = f"{size} et plus" if size == SHOWN_SIZES else str(size)
        yield _line("size", label, sum(wanted[each] for each in sizes), sum(counted.get(each, 0) for each in sizes))


def _people(census: Census, span: dict) -> Iterator[Line]:
    age = "extract(year FROM age(%(on)s, born_on))::int"
    members = "FROM households_member WHERE household_id BETWEEN %(first)s AND %(last)s"
    counted = _counts(f"SELECT least({age} / 5, 15), count(*) {members} GROUP BY 1", span)
    for number, band in enumerate(BANDS):
        label = "75 et plus" if band == "75_plus" else band.replace("_", "-")
        yield _line("band", label, census.share_of_band("all", band), counted.get(number, 0))
    counted = _counts(f"SELECT sex, count(*) {members} GROUP BY 1", span)
    for sex in SEXES:
        yield _line("sex", {"male": "hommes", "female": "femmes"}[sex], census.share_of_sex("all", sex), counted.get(sex, 0))
    counted = _counts(f"SELECT schooling <> 'no', count(*) {members} AND {age} BETWEEN 6 AND 11 GROUP BY 1", span)
    yield _line("schooled", "scolarisés", census.country("all").schooled_6_11, counted.get(True, 0))


def _dwellings(census: Census, span: dict) -> Iterator[Line]:
    kinds = (
        "CASE WHEN dwelling_type LIKE 'rural%%' THEN 'rural'"
        " WHEN dwelling_type IN ('traditional_house', 'modern_house') THEN 'moroccan_house' ELSE dwelling_type END"
    )
    counted = _counts(f"SELECT {kinds}, count(*) {_HOUSEHOLDS} AND milieu = 'rural' GROUP BY 1", span)
    shares = census.country("rural").area.dwellings
    for kind, share in zip(DWELLINGS, shares, strict=True):
        yield _line("dwelling", DWELLING_NAMES[kind], share / sum(shares), counted.get(kind, 0))


def _utilities(census: Census, span: dict) -> Iterator[Line]:
    country = census.country("all").area
    counted = _counts(f"SELECT electricity_bills <> '{{}}', count(*) {_HOUSEHOLDS} GROUP BY 1", span)
    yield _line("electricity", "ménages raccordés", country.electricity, counted.get(True, 0))
    counted = _counts(f"SELECT water_bills <> '{{}}' OR water_in_electricity, count(*) {_HOUSEHOLDS} GROUP BY 1", span)
    yield _line("water", "ménages raccordés", country.water, counted.get(True, 0))
    counted = _counts(f"SELECT bath, count(*) {_HOUSEHOLDS} AND milieu = 'urban' GROUP BY 1", span)
    yield _line("bath", "ménages équipés", census.country("urban").area.bath, counted.get(True, 0))


_HOUSEHOLDS = "FROM households_household WHERE id BETWEEN %(first)s AND %(last)s"


class _Shares(dict):
    """Counts read as shares of their total."""

    def get(self, key, default=0.0):
        return super().get(key, default) / (sum(self.values()) or 1)


def _counts(sql: str, span: dict) -> _Shares:
    with connection.cursor() as cursor:
        cursor.execute(sql, span)
        return _Shares(cursor.fetchall())


def _line(margin: str, label: str, wanted: float, obtained: float) -> Line:
    return Line(margin, label, 100 * wanted, 100 * obtained)


# Scores ---------------------------------------------------------------------------------------------------------

# Shares of persons under the lines the law began with;
# spending per person and year in dirhams (household survey of 2022), Gini index in percent.
WANTED_UNDER = {"amo_tadamon": 33.0, "direct_aid": 57.0}
WANTED_SPENDING = {"urban": 24_898, "rural": 13_010}
WANTED_GINI = 40.5


@dataclass(frozen=True)
class Scores:
    """Of persons. Shares and the Gini index in percent, mean scores in units of 10⁻⁷, spending in dirhams a person and year."""

    under: dict[str, float]
    mean: dict[str, float]
    spending: dict[str, float]
    gini: float


def scores(first: int, last: int, *, formula: int, thresholds: dict[str, int]) -> Scores | None:
    """Read from the assessments of the range; None when there is none. Thresholds by program, in units of 10⁻⁷."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.milieu, f.size, a.score FROM eligibility_assessment a JOIN eligibility_facts f USING (household_id)"
            " WHERE a.formula_id = %s AND a.household_id BETWEEN %s AND %s ORDER BY a.score",
            [formula, first, last],
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    people = sum(size for _, size, _ in rows)
    mean, spending = {}, {}
    for milieu in WANTED_SPENDING:
        of_milieu = [(size, score) for each, size, score in rows if each == milieu]
        total = sum(size for size, _ in of_milieu) or 1
        mean[milieu] = sum(size * score for size, score in of_milieu) / total
        spending[milieu] = sum(size * math.exp(score / 10**7) for size, score in of_milieu) / total
    return Scores(
        under={program: 100 * sum(size for _, size, score in rows if score <= line) / people for program, line in thresholds.items()},
        mean=mean,
        spending=spending,
        gini=100 * _gini([(size, math.exp(score / 10**7)) for _, size, score in rows]),
    )


def _gini(rows: list[tuple[int, float]]) -> float:
    """Twice the area between equality and the Lorenz curve of persons sorted by spending."""
    people = sum(size for size, _ in rows)
    total = sum(size * spending for size, spending in rows)
    area = reached = 0.0
    for size, spending in rows:
        area += size / people * (2 * reached + size * spending) / total
        reached += size * spending
    return 1 - area
