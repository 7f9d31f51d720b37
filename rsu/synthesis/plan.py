"""Where the households live and how large they are: quotas, so that small loads follow the census too."""

from itertools import accumulate
from random import Random

from .margins import MILIEUX, Census
from .weighting import Family, Pool

BLOCK = 1000
"""Households drawn with one random stream: the same rows come out however many processes share the blocks."""

Place = tuple[int, int]
"""Number of the cell, number of the family in the pool of its milieu."""


class Plan:
    """The whole load in small numbers; `rows` turns its blocks into rows, in any process."""

    def __init__(self, households: int, seed: int):
        census = Census()
        rng = Random(f"{seed}:plan")
        pools = {milieu: Pool(census, milieu, seed) for milieu in MILIEUX}
        self.families = {milieu: pool.families for milieu, pool in pools.items()}
        self.places = _places(rng, census, pools, households)
        sizes = [len(self.family(place, census)) for place in self.places]
        self.people = sum(sizes)
        self.blocks = list(range(0, households, BLOCK))
        before = [0, *accumulate(sizes)]
        self.first_people = [before[start] for start in self.blocks]

    def family(self, place: Place, census: Census) -> Family:
        cell, number = place
        return self.families[census.cells[cell].milieu][number]


def _places(rng: Random, census: Census, pools: dict[str, Pool], households: int) -> list[Place]:
    by_stratum: dict[tuple[int, str], list[int]] = {}
    for number in _spread(rng, [cell.area.households for cell in census.cells], households):
        cell = census.cells[number]
        by_stratum.setdefault((cell.region, cell.milieu), []).append(number)
    places = []
    for (region, milieu), cells in by_stratum.items():
        shares = tilted(census.sizes[milieu], census.region(region, milieu).mean_size)
        sizes = [size + 1 for size in _spread(rng, shares, len(cells))]
        rng.shuffle(sizes)
        places += [(cell, pools[milieu].draw(rng, size)) for cell, size in zip(cells, sizes, strict=True)]
    rng.shuffle(places)
    return places


def _spread(rng: Random, weights: list[float], count: int) -> list[int]:
    """`count` numbers of weights, each as often as its share of the total, within one (systematic sampling)."""
    cumulated = list(accumulate(weights))
    step = cumulated[-1] / count
    at, chosen, number = rng.random() * step, [], 0
    for _ in range(count):
        while cumulated[number] <= at and number < len(weights) - 1:
            number += 1
        chosen.append(number)
        at += step
    return chosen


def tilted(shares: list[float], mean: float) -> list[float]:
    """The shares of the sizes 1, 2, … moved as little as possible (Kullback-Leibler) to the mean."""
    low, high = 0.5, 2.0
    while high - low > 1e-9:
        ratio = (low + high) / 2
        moved = [share * ratio**size for size, share in enumerate(shares, start=1)]
        reached = sum(size * share for size, share in enumerate(moved, start=1)) / sum(moved)
        low, high = (ratio, high) if reached < mean else (low, ratio)
    return [share / sum(moved) for share in moved]
