"""Weights that make a pool of families agree with the census: sizes, ages by sex, marital states, women who head a household."""

from bisect import bisect
from itertools import accumulate
from random import Random

from .families import Person, draw
from .margins import BANDS, LARGEST, SEXES, Census, band_of

POOL = 8000
ROUNDS = 30
# Press quotations of the census of 2024.
HEADED_BY_WOMEN = {"urban": 0.216, "rural": 0.145}

Family = list[Person]


class Pool:
    """Families of one milieu, ready to be drawn by size."""

    def __init__(self, census: Census, milieu: str, seed: int):
        rng = Random(f"{seed}:{milieu}:families")
        self.families = [draw(rng, milieu) for _ in range(POOL)]
        self._largest = max(len(family) for family in self.families)
        weights = raked([_traits(family) for family in self.families], _targets(census, milieu))
        self._by_size: dict[int, tuple[list[int], list[float]]] = {}
        for size in range(1, LARGEST + 1):
            numbers = [number for number, family in enumerate(self.families) if min(len(family), LARGEST) == size]
            self._by_size[size] = numbers, list(accumulate(weights[number] for number in numbers))

    def draw(self, rng: Random, size: int) -> int:
        """The number of a family of this size; LARGEST stands for all the larger ones, and an empty size takes the one below."""
        numbers, cumulated = self._by_size[size]
        while not numbers:
            size -= 1
            numbers, cumulated = self._by_size[size]
        return numbers[min(bisect(cumulated, rng.random() * cumulated[-1]), len(numbers) - 1)]


def raked(traits: list[dict[str, int]], targets: dict[str, float]) -> list[float]:
    """One weight a family so that the weighted means of the traits come to their targets (iterative proportional updating).

    A target whose trait no family has is left out.
    """
    holders: dict[str, list[tuple[int, int]]] = {name: [] for name in targets}
    for number, counted in enumerate(traits):
        for name, count in counted.items():
            if name in holders:
                holders[name].append((number, count))
    weights = [1 / len(traits)] * len(traits)
    for _ in range(ROUNDS):
        for name, target in targets.items():
            current = sum(weights[number] * count for number, count in holders[name])
            if current:
                factor = target / current
                for number, _count in holders[name]:
                    weights[number] *= factor
    return weights


def _traits(family: Family) -> dict[str, int]:
    counted = {f"size:{min(len(family), LARGEST)}": 1}
    if family[0].sex == "female":
        counted["headed_by_woman"] = 1
    for person in family:
        name = f"{person.sex}:{band_of(person.age)}"
        counted[name] = counted.get(name, 0) + 1
        if person.marital in ("divorced", "widowed"):
            name = f"{person.sex}:{person.marital}"
            counted[name] = counted.get(name, 0) + 1
    return counted


def _targets(census: Census, milieu: str) -> dict[str, float]:
    """Per household; the sizes come last, so that they are exact."""
    mean_size = sum(size * share for size, share in enumerate(census.sizes[milieu], start=1))
    targets = {"headed_by_woman": HEADED_BY_WOMEN[milieu]}
    for sex in SEXES:
        people = census.people[milieu, sex]
        of_sex = mean_size * census.share_of_sex(milieu, sex)
        adults = of_sex * sum(people[band] for band in BANDS[3:])
        targets |= {f"{sex}:{state}": adults * people[state] for state in ("divorced", "widowed")}
        targets |= {f"{sex}:{band}": of_sex * people[band] for band in BANDS}
    return targets | {f"size:{size}": share for size, share in enumerate(census.sizes[milieu], start=1)}
