"""Why a score is not what it was: parts that sum to the difference of two scores, to the last digit.

Every line of a score is a product of three numbers: what the formula weighs a fact with, what the family answered, and for
shares and bills the part of one member (one divided by the size). Between two scores each of the three may move, and their
effects multiply. A line's difference is given to them by Shapley's rule: the mean, over every order the three may move in, of
what each adds at its turn. No order is privileged, nothing is left over, and comparing the other way round gives the same parts
with the other sign. What the formula's weight changes by goes in the same manner to the text (another formula) and to the move
(another milieu or region). What the answer changes by goes to its causes in the order of `steps`: readings of the same family
between the two, the day alone first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from eligibility.facts import TIMED
from eligibility.score import CENTIMES, UNIT, Facts, Formula

CONSTANT, REGION = "constant", "region"
OF_SIZE = ("size", "couple_or_single")
"""Facts that say nothing but who lives in the household, whatever is known of the answers."""
DIVIDED = ("share", "money")


class Cause(StrEnum):
    """In the order a page tells them. `MIXED`: answers or the day alone, where the answers of before are not known any more."""

    ANSWERS = "answers"
    PEOPLE = "people"
    AGE = "age"
    MIXED = "mixed"
    MOVE = "move"
    READING = "reading"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two scores: the formula that gave it and the facts it was made from."""

    formula: Formula
    facts: Facts

    @property
    def score(self) -> int:
        return self.formula.score(self.facts)


@dataclass(frozen=True, slots=True)
class Step:
    """The family as it would have been read had `cause` alone come on top of the steps before; a fact that is missing did not move."""

    cause: Cause
    facts: Facts


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause did through one fact. `exact` is in units of 10⁻⁷; `points` are whole units that sum to the difference.

    `before` and `after` are the fact around the cause, None where its milieu does not ask it; `weights` the old and the new
    coefficient × 10⁹ of each variable of the fact, for causes that move them; `kind` that of the first variable.
    """

    cause: Cause
    fact: str
    kind: str
    before: int | None
    after: int | None
    weights: tuple[tuple[int, int], ...]
    exact: Fraction
    points: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Two scores and the parts between them, the heaviest of each cause first."""

    before: Side
    after: Side
    parts: tuple[Part, ...]

    @property
    def points(self) -> int:
        return self.after.score - self.before.score

    def of(self, cause: Cause) -> list[Part]:
        return [part for part in self.parts if part.cause is cause]

    def total(self, cause: Cause) -> int:
        return sum(part.points for part in self.of(cause))


def difference(before: Side, after: Side, steps: Sequence[Step] = (), *, rebuilt: bool = True, same_day: bool = False) -> Difference:
    """The parts of `after` − `before`. `rebuilt`: the steps tell the causes apart; otherwise what age may move is `MIXED`,
    unless both facts are of the same day."""
    mixes = not rebuilt and not same_day
    found: dict[tuple[Cause, str], list] = {}
    for line in _lines(before, after):
        for cause, moved in line.shares(steps, mixes=mixes):
            found.setdefault((cause, line.fact), []).append((line, moved))
    whole, order = _denominator(before, after), list(Cause)
    sums = {key: sum(exact for _line, exact in moved) for key, moved in found.items()}
    kept = [key for key in found if sums[key] or _moves_for_nothing(found[key], key[0], steps)]
    kept.sort(key=lambda key: (order.index(key[0]), -abs(sums[key])))
    points = shared_out([sums[key] for key in kept], whole, after.score - before.score)
    parts = [_part(*key, found[key], steps, Fraction(sums[key], whole), shown) for key, shown in zip(kept, points, strict=True)]
    return Difference(before, after, tuple(parts))


def shared_out(amounts: Sequence[int], whole: int, total: int) -> list[int]:
    """Whole units that sum to `total`, each within one unit of its exact amount ÷ `whole`, by largest remainder; the first wins a tie.

    `total` is the sum of the amounts ÷ `whole` brought to a whole number, up or down. An amount that is whole stays as it is.
    """
    units = [amount // whole for amount in amounts]
    left = total - sum(units)
    by_remainder = sorted(range(len(amounts)), key=lambda place: -(amounts[place] % whole))
    for place in by_remainder[:left]:
        units[place] += 1
    return units


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """One variable on both sides; `weights[f][p]` is its coefficient × 10⁹ under formula f in place p, 0 before and 1 after."""

    fact: str
    kind: str
    weights: tuple[tuple[int, int], tuple[int, int]]
    before: Facts
    after: Facts

    def quantity(self, value: int) -> int:
        return value * value if self.kind == "square" else value

    @property
    def divided(self) -> tuple[int, int]:
        """What one unit of coefficient × quantity is worth on each side, in units of 10⁻⁷ ÷ (UNIT × both sizes)."""
        old, new = self.before["size"], self.after["size"]
        unit = 1 if self.kind == "money" else CENTIMES
        return (unit * new, unit * old) if self.kind in DIVIDED else (unit * old * new,) * 2

    @property
    def values(self) -> tuple[int, int]:
        """The fact on both sides; a question that one side does not ask is taken as answered alike."""
        if self.kind in (CONSTANT, REGION):
            return 1, 1
        old, new = self.before.get(self.fact), self.after.get(self.fact)
        return (new if old is None else old), (old if new is None else new)

    @property
    def asked_on_both(self) -> bool:
        return self.kind in (CONSTANT, REGION) or (self.before.get(self.fact) is not None and self.after.get(self.fact) is not None)

    def shares(self, steps: Sequence[Step], *, mixes: bool) -> Iterable[tuple[Cause, int]]:
        """(cause, units of 10⁻⁷ × `_denominator`): they sum to the line after less the line before."""
        (old_formula_here, old_formula_there), (new_formula_here, new_formula_there) = self.weights
        coefficients, worth = (old_formula_here, new_formula_there), self.divided
        quantities = tuple(map(self.quantity, self.values))
        by_weight = _turn(quantities, worth)
        yield Cause.FORMULA, (new_formula_here - old_formula_here + new_formula_there - old_formula_there) * by_weight
        yield Cause.MOVE, (old_formula_there - old_formula_here + new_formula_there - new_formula_here) * by_weight
        by_answer = 2 * _turn(coefficients, worth)
        for cause, change in self._moves(steps, mixes=mixes):
            yield cause, change * by_answer
        yield Cause.PEOPLE, 2 * (worth[1] - worth[0]) * _turn(coefficients, quantities)

    def _moves(self, steps: Sequence[Step], *, mixes: bool) -> Iterable[tuple[Cause, int]]:
        """How far each cause moved the quantity."""
        for cause, old, new in self.path(steps, mixes=mixes):
            yield cause, self.quantity(new) - self.quantity(old)

    def path(self, steps: Sequence[Step], *, mixes: bool = False) -> Iterable[tuple[Cause, int, int]]:
        """(cause, fact before it, fact after it), end to end from one side to the other."""
        old, last = self.values
        if not self.asked_on_both or self.kind in (CONSTANT, REGION):
            return
        if self.fact in OF_SIZE:
            yield Cause.PEOPLE, old, last
            return
        for step in steps:
            new = step.facts.get(self.fact)
            if new is not None:
                yield step.cause, old, new
                old = new
        yield (Cause.MIXED if mixes and self.fact in TIMED else Cause.ANSWERS), old, last


def _turn(one: Sequence[int], other: Sequence[int]) -> int:
    """Six times what a third factor is multiplied by on the mean of the six orders: first or last twice each, between the two once each."""
    return 2 * (one[0] * other[0] + one[1] * other[1]) + one[0] * other[1] + one[1] * other[0]


def _denominator(before: Side, after: Side) -> int:
    """Six orders, two halves of a weight, and the sizes of both sides: over it every part is a whole number."""
    return 12 * UNIT * before.facts["size"] * after.facts["size"]


def _lines(before: Side, after: Side) -> list[_Line]:
    """Every variable that either formula weighs in either place."""
    places = [(side.facts["milieu"], side.facts["region"]) for side in (before, after)]
    tables = [[_coefficients(side.formula, *place) for place in places] for side in (before, after)]
    keys = dict.fromkeys(key for row in tables for table in row for key in table)
    return [
        _Line(fact, kind, tuple(tuple(table.get((fact, kind), 0) for table in row) for row in tables), before.facts, after.facts)
        for fact, kind in keys
        if kind in (CONSTANT, REGION) or before.facts.get(fact) is not None or after.facts.get(fact) is not None
    ]


def _coefficients(formula: Formula, milieu: str, region: int) -> Mapping[tuple[str, str], int]:
    """(fact, kind) → coefficient × 10⁹; two variables alike are one. A yes or no weighs as a number does."""
    found: dict[tuple[str, str], int] = {
        (CONSTANT, CONSTANT): formula.constants[milieu].coefficient,
        (REGION, REGION): formula.regions[milieu][region].coefficient,
    }
    for variable in formula.variables[milieu]:
        key = (variable.fact, variable.kind)
        found[key] = found.get(key, 0) + variable.coefficient
    return found


def _moves_for_nothing(moved: list[tuple[_Line, int]], cause: Cause, steps: Sequence[Step]) -> bool:
    """An answer that changed without any point."""
    return any(old != new for its_cause, old, new in moved[0][0].path(steps, mixes=cause is Cause.MIXED) if its_cause is cause)


def _part(cause: Cause, fact: str, moved: list[tuple[_Line, int]], steps: Sequence[Step], exact: Fraction, points: int) -> Part:
    """All the variables of one fact together, as size and its square are one answer."""
    first = moved[0][0]
    around = [(old, new) for its_cause, old, new in first.path(steps, mixes=cause is Cause.MIXED) if its_cause is cause]
    before, after = around[0] if around else (first.values[1], first.values[1])
    lines = {id(line): line for line, _exact in moved} if cause in (Cause.FORMULA, Cause.MOVE) else {}
    weights = tuple((line.weights[0][0], line.weights[1][1]) for line in lines.values())
    return Part(cause, fact, first.kind, before, after, weights, exact, points)
