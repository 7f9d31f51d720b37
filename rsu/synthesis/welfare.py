"""What no census tells hangs here on a latent welfare, standard normal in each milieu: goods, dwelling, bills.

`place` is the household among those of its own commune and milieu, `level` among all of its milieu (the commune's standing included).
Each good is a share and a tie: the household has it when tie × level + noise passes the quantile of the share, so that the share holds
whatever the tie.

The shares, ties and bills below were calibrated once against the published formula so that a third of persons fall at or under
the AMO line and 57 % at or under the direct aid line, with mean spending (exp of the score) near the 24,898 dirhams a person and year
of cities and the 13,010 of the countryside. How: 10,000 households drawn and scored, the bills' medians moved until the means fit, then
ties and `SIZE_TIE` until the two shares and the Gini index (40.5 %) did; last obtained on 100,000 households: see `synthesize`, which
prints it each time. They are choices, not statistics, except where a source stands beside them.
"""

import math
from dataclasses import dataclass
from random import Random

from .entries import Bill, Household
from .margins import DWELLINGS, Cell, Census, probit

COMMUNE_SHARE = 0.3
"""Part of the variance of welfare inside a milieu that lies between communes."""

SIZE_TIE = 0.45
"""Large families are poorer."""
SIZES = {"urban": (3.71, 1.79), "rural": (4.37, 1.94)}
"""Mean and standard deviation of the sizes of households."""


@dataclass(frozen=True)
class Good:
    share: float
    tie: float


# Cars: 17 % of urban households in 2012, when fewer people drove to work than the 19 % of 2024.
URBAN_GOODS = {
    "cars": Good(0.25, 0.85),
    "second_car": Good(0.035, 0.85),
    "motorcycles": Good(0.14, -0.1),
    "loan": Good(0.19, 0.6),
    "second_home": Good(0.05, 0.75),
    "garage": Good(0.07, 0.75),
    "premises": Good(0.05, 0.6),
}
RURAL_GOODS = {
    "cars": Good(0.11, 0.75),
    "motorcycles": Good(0.24, 0.3),
    "second_home": Good(0.035, 0.75),
    "land": Good(0.08, 0.65),
    "irrigated_land": Good(0.17, 0.6),
}
# Equipment of 2014 by region: shares are the census's, ties are ours.
EQUIPMENT_TIES = {"computer": 0.8, "dish": 0.45, "landline": 0.6}
OWN_METER = Good(0.9, 0.5)
COWS = {True: 0.55, False: 0.25}
"""Share of rural households that keep cows, with a farming head or not."""
PHONE_OWNERS = 0.87


@dataclass(frozen=True)
class Spending:
    """A monthly bill in dirhams: median for four people at mean welfare, and how its logarithm moves."""

    median: float
    tie: float
    noise: float
    by_size: float

    def draw(self, rng: Random, level: float, size: int) -> float:
        return self.median * math.exp(self.tie * level + self.noise * rng.gauss(0, 1) + self.by_size * math.log(size / 4))


SPENDING = {
    "urban": {
        "electricity": Spending(195, 0.42, 0.28, 0.35),
        "water": Spending(84, 0.42, 0.3, 0.4),
        "butane": Spending(68, 0.12, 0.2, 0.45),
        "telecom": Spending(132, 0.4, 0.28, 0.4),
    },
    "rural": {
        "electricity": Spending(90, 0.55, 0.3, 0.35),
        "water": Spending(38, 0.45, 0.35, 0.4),
        "butane": Spending(58, 0.15, 0.2, 0.45),
        "telecom": Spending(49, 0.6, 0.35, 0.4),
    },
}
ROOMS = {"urban": (1.5, 0.46, 0.75), "rural": (1.35, 0.37, 0.6)}
"""Rooms of somebody alone in a place with the milieu's mean crowding, per further person, and per standard deviation of welfare."""
ROOM_NOISE = 0.7
DWELLING_TIE = 0.45
WITHIN_RURAL = (("rural_other", 0.12), ("rural_earth", 0.58), ("rural_stone", 1.0))
TRADITIONAL = 0.06
"""Of the Moroccan houses of the countryside, those with rooms round a courtyard."""


@dataclass(frozen=True)
class Limits:
    """Quantiles of one cell, computed once: a household is served when its draw is below them."""

    bath: float
    electricity: float
    water: float
    equipment: dict[str, float]
    dwellings: tuple[float, ...]
    crowding: float


def limits(census: Census, cell: Cell) -> Limits:
    area, milieu = cell.area, cell.milieu
    region = census.region(cell.region, milieu)
    steps, total = [], 0.0
    for share in area.dwellings:
        total += share
        steps.append(total / sum(area.dwellings))
    return Limits(
        bath=probit(area.bath),
        electricity=probit(area.electricity),
        water=probit(area.water),
        equipment={item: probit(share) for item, share in region.equipment.items()},
        dwellings=tuple(probit(step) for step in steps),
        crowding=census.country(milieu).area.people_per_room / area.people_per_room,
    )


def draw_levels(rng: Random, cell: Cell, size: int) -> tuple[float, float]:
    """(place in the commune, level in the milieu)"""
    mean, deviation = SIZES[cell.milieu]
    place = (1 - SIZE_TIE**2) ** 0.5 * rng.gauss(0, 1) - SIZE_TIE * (size - mean) / deviation
    return place, COMMUNE_SHARE**0.5 * cell.standing + (1 - COMMUNE_SHARE) ** 0.5 * place


def has(rng: Random, level: float, limit: float, tie: float) -> bool:
    return tie * level + (1 - tie * tie) ** 0.5 * rng.gauss(0, 1) > -limit


URBAN_LIMITS = {name: (probit(good.share), good.tie) for name, good in URBAN_GOODS.items()}
RURAL_LIMITS = {name: (probit(good.share), good.tie) for name, good in RURAL_GOODS.items()}
OWN_METER_LIMIT = probit(OWN_METER.share)


def furnish(rng: Random, household: Household, bounds: Limits, place: float, level: float) -> None:
    """Dwelling and network supply by the place in the commune, whose shares are published; the rest by the level in the milieu."""
    size = len(household.members)
    start, step, spread = ROOMS[household.milieu]
    rooms = (start + step * (size - 1)) * bounds.crowding + spread * level + ROOM_NOISE * rng.gauss(0, 1)
    household.rooms = max(1, min(12, round(rooms)))
    electricity = has(rng, place, bounds.electricity, 0.4)
    water = has(rng, place, bounds.water, 0.4)
    if household.milieu == "urban":
        _furnish_urban(rng, household, bounds, place, level, electricity)
    else:
        _furnish_rural(rng, household, bounds, place, level)
    _bill(rng, household, level, size, electricity=electricity, water=water)


def _furnish_urban(rng: Random, household: Household, bounds: Limits, place: float, level: float, electricity: bool) -> None:
    household.bath = has(rng, place, bounds.bath, 0.65)
    household.electricity_meter = "none"
    if electricity:
        household.electricity_meter = "own" if has(rng, level, OWN_METER_LIMIT, OWN_METER.tie) else "shared"
    for item, tie in EQUIPMENT_TIES.items():
        setattr(household, item, has(rng, level, bounds.equipment[item], tie))
    owned = {name: has(rng, level, limit, tie) for name, (limit, tie) in URBAN_LIMITS.items()}
    household.cars = owned["cars"] + (owned["cars"] and owned["second_car"])
    household.motorcycles = int(owned["motorcycles"])
    for item in ("loan", "second_home", "garage", "premises"):
        setattr(household, item, owned[item])
    owners = sum(member.age >= 15 for member in household.members)
    teens = sum(11 <= member.age < 15 for member in household.members)
    chance = min(0.99, PHONE_OWNERS + 0.05 * level)
    phones = sum(rng.random() < chance for _ in range(owners)) + sum(rng.random() < 0.25 + 0.15 * level for _ in range(teens))
    household.mobile_phones = phones + (level > 0.8 and rng.random() < 0.3)


def _furnish_rural(rng: Random, household: Household, bounds: Limits, place: float, level: float) -> None:
    household.dwelling_type = _dwelling(rng, bounds, place)
    owned = {name: has(rng, level, limit, tie) for name, (limit, tie) in RURAL_LIMITS.items()}
    household.cars = int(owned["cars"])
    household.motorcycles = int(owned["motorcycles"])
    for item in ("second_home", "land", "irrigated_land"):
        setattr(household, item, owned[item])
    farms = household.members[0].occupation_group == "5"
    keeps = rng.random() < COWS[farms]
    household.cows = min(30, 1 + int(rng.expovariate(0.5 if level < 0.8 else 0.3))) if keeps else 0


def _dwelling(rng: Random, bounds: Limits, place: float) -> str:
    rank = DWELLING_TIE * place + (1 - DWELLING_TIE**2) ** 0.5 * rng.gauss(0, 1)
    kind = next((kind for kind, limit in zip(DWELLINGS, bounds.dwellings, strict=True) if rank < limit), DWELLINGS[-1])
    chance = rng.random()
    if kind == "rural":
        return next(name for name, limit in WITHIN_RURAL if chance < limit)
    if kind == "moroccan_house":
        return "traditional_house" if chance < TRADITIONAL else "modern_house"
    return kind


def _bill(rng: Random, household: Household, level: float, size: int, *, electricity: bool, water: bool) -> None:
    spending = SPENDING[household.milieu]
    household.butane_month = max(20, round(spending["butane"].draw(rng, level, size) / 5) * 5) * 100
    household.telecom_bills = _months(rng, spending["telecom"].draw(rng, level, size), 5) if rng.random() < 0.97 else ()
    power = spending["electricity"].draw(rng, level, size)
    supply = spending["water"].draw(rng, level, size)
    household.water_in_electricity = electricity and water and rng.random() < 0.06
    if household.water_in_electricity:
        power, supply = power + supply, 0.0
    household.electricity_bills = _months(rng, power, 0.01) if electricity else ()
    household.water_bills = _months(rng, supply, 0.01) if water and supply else ()


def _months(rng: Random, mean: float, step: float) -> Bill:
    """Three months in centimes around a mean in dirhams; one household in ten has lost a bill, oldest first."""
    bills: list[int | None] = [round(max(1, round(mean * math.exp(0.12 * rng.gauss(0, 1)) / step)) * step * 100) for _ in range(3)]
    chance = rng.random()
    if chance < 0.1:
        bills[0] = None
    if chance < 0.03:
        bills[1] = None
    return tuple(bills)
