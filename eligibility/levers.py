"""True changes of one answer that would carry a household across a threshold, one way or the other."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eligibility.score import Facts, Formula, entitled

MONTHS = 12
CENTIMES = 100

# What a family can change, or may happen to it, without ceasing to be the same family. Order breaks ties between equal changes.
AMOUNTS = ("telecom", "butane", "water_power")
POSSESSIONS = ("mobile_phones", "motorcycles", "cars", "cows")
ANSWERS = (
    "dish",
    "landline",
    "computer",
    "loan",
    "other_cover",
    "garage",
    "premises",
    "land",
    "irrigated_land",
    "second_home",
)
# A number the rural formula reads as yes or no. Whoever changes the number changes the answer.
YES_NO_OF = {"cars": "has_car", "motorcycles": "has_motorcycle"}

# Beyond these a change is no longer the same life, and is not proposed.
LARGEST_MONTHLY_CHANGE = 5_000 * CENTIMES
LARGEST_STEP = 10
# Up to this amount a month, a bill is a smaller change than having or not having a thing.
SMALL_MONTHLY_CHANGE = 100 * CENTIMES


@dataclass(frozen=True, slots=True)
class Lever:
    """``fact`` going from ``before`` to ``after``, everything else equal, gives ``score``.

    ``kind`` is money (``before`` and ``after`` in centimes a year), number, answer (0 or 1) or
    pupil (``private_pupils``; as many pupils go the other way in ``public_pupils``).
    """

    fact: str
    kind: str
    before: int
    after: int
    score: int

    @property
    def change(self) -> int:
        """Signed. In centimes a month for money, in units otherwise."""
        difference = self.after - self.before
        return difference // MONTHS if self.kind == "money" else difference

    @property
    def dirhams(self) -> int:
        """For money: the change in dirhams a month, signed, rounded away from zero so that it still suffices."""
        dirhams = -(-abs(self.change) // CENTIMES)
        return dirhams if self.change > 0 else -dirhams


def levers(formula: Formula, facts: Facts, threshold: int) -> list[Lever]:
    """Smallest change for a family first; ``threshold`` in units of 10⁻⁷. At most one lever a fact and direction.

    The order: bills by up to 100 dirhams a month, by dirhams; one thing, one answer or one pupil; larger changes of a bill, by dirhams;
    several things, by their number. Every score is computed again in full from the changed facts.
    No fact of the milieu may be missing.
    """
    side = entitled(formula.score(facts), threshold)
    found = []
    for path in _paths(formula, facts):
        lever = path.first_crossing(formula, facts, threshold, side)
        if lever:
            found.append(lever)
    return sorted(found, key=_smallness)


def _smallness(lever: Lever) -> tuple[int, int]:
    size = abs(lever.change)
    if lever.kind == "money":
        return (0 if size <= SMALL_MONTHLY_CHANGE else 2, size)
    return (1 if size == 1 else 3, size)


@dataclass(frozen=True, slots=True)
class _Path:
    """One answer moving one way, up to ``steps`` steps of ``step``."""

    fact: str
    kind: str
    step: int
    steps: int

    def changed(self, facts: Facts, count: int) -> Mapping[str, Any]:
        after = facts[self.fact] + count * self.step
        changes = {self.fact: after}
        if self.kind == "pupil":
            changes["public_pupils"] = facts["public_pupils"] - count * self.step
        yes_no = YES_NO_OF.get(self.fact)
        if yes_no and facts.get(yes_no) is not None:
            changes[yes_no] = int(after > 0)
        return {**facts, **changes}

    def first_crossing(self, formula: Formula, facts: Facts, threshold: int, side: bool) -> Lever | None:
        """The fewest steps that change sides, or nothing."""

        def crosses(count: int) -> bool:
            return entitled(formula.score(self.changed(facts, count)), threshold) != side

        counts = range(1, self.steps + 1)
        # Money enters the sum once and as is, so along it the score moves one way only and halving is exact.
        tried = counts[bisect_left(counts, True, key=crosses) :] if self.kind == "money" else counts
        count = next(filter(crosses, tried), None)
        if count is None:
            return None
        after = self.changed(facts, count)
        return Lever(self.fact, self.kind, facts[self.fact], after[self.fact], formula.score(after))


def _paths(formula: Formula, facts: Facts) -> Iterator[_Path]:
    used = {variable.fact for variable in formula.variables[facts["milieu"]]}
    for fact in AMOUNTS:
        if fact in used:
            # Whole dirhams of the month, so that the change rounded up for display is still one the family can make.
            payable = facts[fact] // MONTHS // CENTIMES * CENTIMES
            yield _Path(fact, "money", -MONTHS, min(payable, LARGEST_MONTHLY_CHANGE))
            yield _Path(fact, "money", MONTHS, LARGEST_MONTHLY_CHANGE)
    for fact in POSSESSIONS:
        if fact in used:
            yield _Path(fact, "number", -1, min(facts[fact], LARGEST_STEP))
            yield _Path(fact, "number", 1, LARGEST_STEP)
        elif YES_NO_OF.get(fact) in used:
            yield _having(fact, facts)
    for fact in ANSWERS:
        if fact in used:
            yield _Path(fact, "answer", -1 if facts[fact] else 1, 1)
    if {"private_pupils", "public_pupils"} <= used:
        yield _Path("private_pupils", "pupil", -1, facts["private_pupils"])
        yield _Path("private_pupils", "pupil", 1, facts["public_pupils"])


def _having(fact: str, facts: Facts) -> _Path:
    """None becomes one, and any number becomes none: nothing between has an effect where only yes or no counts."""
    number = facts.get(fact)
    if number is None:
        return _Path(YES_NO_OF[fact], "answer", -1 if facts[YES_NO_OF[fact]] else 1, 1)
    return _Path(fact, "number", -number if number else 1, 1)
