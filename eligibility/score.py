"""The formula of the score: one exact integer SQL expression for ten million households, the terms of one.

A score is a whole number of 10⁻⁷, the precision of the published thresholds, and lower is poorer. Coefficients are taken × 10⁹,
money in centimes a year for the whole household, and everything is multiplied by the household's size so that shares stay whole:
no rounding happens before the single one at the end, half up. SQL and Python therefore give the same digits on any machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eligibility.law import MILIEUX, scaled_integer

SCORE_DECIMALS = 7
SCALE = 10**SCORE_DECIMALS
COEFFICIENT_DECIMALS = 9
CENTIMES = 100
# A numerator is in coefficient units × centimes; this many of them, times the size, make one unit of score.
UNIT = CENTIMES * 10 ** (COEFFICIENT_DECIMALS - SCORE_DECIMALS)
# SQL division truncates toward zero. Lifting every score by 100 000 before dividing, and lowering it after,
# makes it floor for negative scores too.
LIFT = 100_000 * SCALE

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Variable:
    """One line of the annex. ``coefficient`` is × 10⁹; ``kind`` says how the fact enters the sum.

    bool and count: as is. square: squared. share: divided by the size. money: centimes a year, in dirhams a person.
    """

    code: str
    fact: str
    kind: str
    coefficient: int
    text: str
    fr: str
    ar: str

    def numerator(self, value: int, size: int) -> int:
        if self.kind == "money":
            return self.coefficient * value
        if self.kind == "share":
            return CENTIMES * self.coefficient * value
        if self.kind == "square":
            return CENTIMES * size * self.coefficient * value * value
        return CENTIMES * size * self.coefficient * value


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a household's score. The exact amount is ``numerator / (UNIT × size)`` units of 10⁻⁷.

    ``points`` is the amount to show: whole units of 10⁻⁷ that sum to the score over all the terms.
    ``kind`` is that of the variable, or ``constant`` or ``region``.
    """

    code: str
    fact: str
    kind: str
    value: int
    coefficient: str
    numerator: int
    points: int
    fr: str
    ar: str


@dataclass(frozen=True, slots=True)
class Formula:
    constants: Mapping[str, Variable]
    regions: Mapping[str, Mapping[int, Variable]]
    variables: Mapping[str, tuple[Variable, ...]]

    @classmethod
    def from_value(cls, value: Mapping[str, Any]) -> "Formula":
        """From the value of the provision ``score.formula``."""
        labels = value["labels"]
        return cls(
            constants={milieu: _variable("constant", "", "constant", value["constant"][milieu], labels["constant"]) for milieu in MILIEUX},
            regions={
                milieu: {
                    int(code): _variable("region", "region", "region", text, labels["region"])
                    for code, text in value["region"][milieu].items()
                }
                for milieu in MILIEUX
            },
            variables={
                milieu: tuple(
                    _variable(row["code"], row["fact"], row["kind"], row["coefficient"], row) for row in value["variables"][milieu]
                )
                for milieu in MILIEUX
            },
        )

    def missing(self, facts: Facts) -> list[str]:
        """The facts the household's milieu needs and does not have, in the order of the law, each once."""
        if facts.get("milieu") not in MILIEUX:
            return ["milieu"]
        used = ["region", "size", *(variable.fact for variable in self.variables[facts["milieu"]])]
        return [fact for fact in dict.fromkeys(used) if facts.get(fact) is None]

    def score(self, facts: Facts) -> int:
        """In units of 10⁻⁷. Every fact of the milieu must be present: see ``missing``."""
        total = sum(numerator for _, _, numerator in self._lines(facts))
        return rounded(total, facts["size"])

    def terms(self, facts: Facts) -> list[Term]:
        """The constant, the region and every variable of the milieu, in the order of the law.

        Each amount shown is within one unit of the exact one, and together they make the score to the last digit:
        the units that rounding down leaves over go to the largest remainders.
        """
        lines = list(self._lines(facts))
        points = apportioned([numerator for _, _, numerator in lines], facts["size"])
        return [
            Term(
                code=variable.code,
                fact=variable.fact,
                kind=variable.kind,
                value=value,
                coefficient=variable.text,
                numerator=numerator,
                points=shown,
                fr=variable.fr,
                ar=variable.ar,
            )
            for (variable, value, numerator), shown in zip(lines, points, strict=True)
        ]

    def sql(self, milieu: str, facts_alias: str = "f") -> str:
        """A bigint expression over one row of facts: the score in units of 10⁻⁷, NULL if a fact is missing.

        Holds no parameter and no percent sign. Exact for every score above -100 000; a row that would overflow a bigint is an error.
        """
        size = f"{facts_alias}.size"
        whole, shares, money = [self._sql_base(milieu, facts_alias)], [], []
        for variable in self.variables[milieu]:
            column = f"{facts_alias}.{variable.fact}"
            product = f"{_bigint(variable.coefficient)} * {column}"
            if variable.kind == "money":
                money.append(product)
            elif variable.kind == "share":
                shares.append(product)
            else:
                whole.append(f"{product} * {column}" if variable.kind == "square" else product)
        numerator = [f"{_bigint(CENTIMES)} * {size} * ({' + '.join(whole)})"]
        if shares:
            numerator.append(f"{_bigint(CENTIMES)} * ({' + '.join(shares)})")
        numerator += [*money, f"{_bigint(LIFT * UNIT + UNIT // 2)} * {size}"]
        return f"(({' + '.join(numerator)}) / ({_bigint(UNIT)} * {size}) - {_bigint(LIFT)})"

    def sql_any(self, facts_alias: str = "f") -> str:
        """``sql`` for a row of either milieu; NULL if the row has neither."""
        branches = " ".join(f"WHEN '{milieu}' THEN {self.sql(milieu, facts_alias)}" for milieu in MILIEUX)
        return f"(CASE {facts_alias}.milieu {branches} END)"

    def _lines(self, facts: Facts) -> list[tuple[Variable, int, int]]:
        milieu, size, region = facts["milieu"], facts["size"], facts["region"]
        constant, regional = self.constants[milieu], self.regions[milieu][region]
        lines = [
            (constant, 1, constant.numerator(1, size)),
            (regional, region, regional.numerator(1, size)),
        ]
        for variable in self.variables[milieu]:
            value = int(facts[variable.fact])
            lines.append((variable, value, variable.numerator(value, size)))
        return lines

    def _sql_base(self, milieu: str, facts_alias: str) -> str:
        branches = " ".join(
            f"WHEN {region} THEN {_bigint(self.constants[milieu].coefficient + regional.coefficient)}"
            for region, regional in sorted(self.regions[milieu].items())
        )
        return f"CASE {facts_alias}.region {branches} END"


def _variable(code: str, fact: str, kind: str, text: str, labels: Mapping[str, str]) -> Variable:
    coefficient = scaled_integer(text, COEFFICIENT_DECIMALS)
    return Variable(code, fact, kind, coefficient, text, fr=labels["fr"], ar=labels["ar"])


def _bigint(number: int) -> str:
    # A bare literal is an integer to PostgreSQL, and integer * smallint overflows.
    return f"'{number}'::bigint"


def rounded(numerator: int, size: int) -> int:
    """The single rounding: half up, toward plus infinity on ties."""
    return (numerator + UNIT // 2 * size) // (UNIT * size)


def apportioned(numerators: list[int], size: int) -> list[int]:
    """Whole units that sum to the rounded total, by largest remainder; the first line wins a tie."""
    unit = UNIT * size
    points = [numerator // unit for numerator in numerators]
    left = rounded(sum(numerators), size) - sum(points)
    by_remainder = sorted(range(len(points)), key=lambda line: -(numerators[line] % unit))
    for line in by_remainder[:left]:
        points[line] += 1
    return points


def threshold_points(text: str) -> int:
    """``"9.1234567"`` is 91234567."""
    return scaled_integer(text, SCORE_DECIMALS)


def format_points(points: int) -> str:
    """``91234567`` is ``"9.1234567"``: always seven decimals, a point, no grouping."""
    whole, decimals = divmod(abs(points), SCALE)
    return f"{'-' if points < 0 else ''}{whole}.{decimals:0{SCORE_DECIMALS}d}"


def entitled(score: int, threshold: int) -> bool:
    """The tie rule: a score equal to the threshold is within it ("above X and not exceeding Y")."""
    return score <= threshold


def entitled_sql(score: str, threshold: str) -> str:
    """The same rule between two SQL expressions."""
    return f"({score} <= {threshold})"
