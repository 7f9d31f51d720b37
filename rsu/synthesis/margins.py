"""The census as the synthesis reads it: shares between 0 and 1, by territory and milieu."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import NormalDist

DATA = Path(__file__).resolve().parents[1] / "data"
MILIEUX = ("urban", "rural")
SEXES = ("male", "female")
BANDS = (*(f"{age}_{age + 4}" for age in range(0, 75, 5)), "75_plus")
DWELLINGS = ("basic_or_slum", "other", "rural", "moroccan_house", "apartment", "villa")
"""The census categories, from the poorest standing to the best."""
LARGEST = 12
"""Sizes above are counted with this one: the model gives them less than two households in a thousand."""

_normal = NormalDist()


def probit(share: float) -> float:
    """Standard normal quantile; shares of 0 and 1 stay finite."""
    return _normal.inv_cdf(min(max(share, 0.0005), 0.9995))


def band_of(age: int) -> str:
    return BANDS[min(age // 5, 15)]


@dataclass(frozen=True)
class Area:
    """Published shares of one milieu of a commune, a region or the kingdom."""

    households: int
    dwellings: tuple[float, ...]
    bath: float
    electricity: float
    water: float
    illiterate: float
    higher: float
    people_per_room: float


@dataclass(frozen=True)
class Cell:
    """One milieu of one commune. `inside_center` is None where the commune has no urban centre of its own.

    `standing` is the cell's place among those of its milieu: mean 0 and variance 1 over households.
    """

    commune: int
    region: int
    milieu: str
    inside_center: bool | None
    area: Area
    standing: float


@dataclass(frozen=True)
class Region:
    """`equipment` is of 2014: the census of 2024 published none by region."""

    mean_size: float
    schooled_6_11: float
    equipment: dict[str, float]
    area: Area


class Census:
    """Everything read once from the files the product ships."""

    def __init__(self):
        self.regions: dict[tuple[str, str], Region] = {(row["code"], row["milieu"]): _region(row) for row in _rows("census/regions.csv")}
        self.people = {(row["milieu"], row["sex"]): _people(row) for row in _rows("census/people.csv")}
        self.sizes = _sizes()

    def region(self, number: int, milieu: str) -> Region:
        return self.regions[f"{number:02d}", milieu]

    def country(self, milieu: str) -> Region:
        return self.regions["MA", milieu]

    def share_of_sex(self, milieu: str, sex: str) -> float:
        return self.people[milieu, sex]["people"] / sum(self.people[milieu, each]["people"] for each in SEXES)

    def share_of_band(self, milieu: str, band: str) -> float:
        return sum(self.share_of_sex(milieu, sex) * self.people[milieu, sex][band] for sex in SEXES)

    @cached_property
    def cells(self) -> list[Cell]:
        """Every inhabited milieu of every commune, in the order of the codes."""
        centers = {row["code"]: row["has_urban_center"] == "1" for row in _rows("geography/communes.csv")}
        rows = [(row, self._area(row)) for row in _rows("census/communes.csv.gz")]
        standings = {milieu: _standings([area for row, area in rows if row["milieu"] == milieu]) for milieu in MILIEUX}
        return [
            Cell(
                commune=int(row["code"].replace(".", "")),
                region=int(row["code"][:2]),
                milieu=row["milieu"],
                inside_center=row["milieu"] == "urban" if centers[row["code"]] else None,
                area=area,
                standing=standings[row["milieu"]].pop(0),
            )
            for row, area in rows
        ]

    def _area(self, row: dict[str, str]) -> Area:
        """Four desert communes have no published share: they take their region's."""
        if row["bath"]:
            return _area(row)
        of_region = self.region(int(row["code"][:2]), row["milieu"]).area
        return Area(**{**vars(of_region), "households": int(row["households"])})


def _standings(areas: list[Area]) -> list[float]:
    """From schooling and comfort, the two things published for every commune that go with spending."""
    raw = [probit(area.higher) - probit(area.illiterate) + 0.5 * probit(area.bath) for area in areas]
    weights = [area.households for area in areas]
    total = sum(weights)
    mean = sum(value * weight for value, weight in zip(raw, weights, strict=True)) / total
    variance = sum((value - mean) ** 2 * weight for value, weight in zip(raw, weights, strict=True)) / total
    return [(value - mean) / variance**0.5 for value in raw]


def _region(row: dict[str, str]) -> Region:
    return Region(
        mean_size=int(row["people"]) / int(row["households"]),
        schooled_6_11=_share(row["schooled_6_11"]),
        equipment={item: _share(row[f"{item}_2014"]) for item in ("computer", "dish", "landline")},
        area=_area(row),
    )


def _area(row: dict[str, str]) -> Area:
    return Area(
        households=int(row["households"]),
        dwellings=tuple(_share(row[kind]) for kind in DWELLINGS),
        bath=_share(row["bath"]),
        electricity=_share(row["electricity"]),
        water=_share(row["running_water"]),
        illiterate=_share(row["illiterate_15_plus"]),
        higher=_share(row["higher_education"]),
        people_per_room=float(row["people_per_room"]),
    )


def _people(row: dict[str, str]) -> dict[str, float]:
    shares = {name: _share(value) for name, value in row.items() if name not in ("milieu", "sex", "people")}
    total = sum(shares[band] for band in BANDS)
    return shares | {band: shares[band] / total for band in BANDS} | {"people": int(row["people"])}


def _sizes() -> dict[str, list[float]]:
    """A model, not a publication: shares of the sizes 1, 2, … LARGEST and over, by milieu."""
    sizes: dict[str, list[float]] = {}
    for row in _rows("census/household_sizes_model.csv"):
        shares = sizes.setdefault(row["milieu"], [0.0] * LARGEST)
        shares[min(int(row["size"]), LARGEST) - 1] += _share(row["share"])
    return {milieu: [share / sum(shares) for share in shares] for milieu, shares in sizes.items()}


def _share(percent: str) -> float:
    return float(percent) / 100


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = DATA / name
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
