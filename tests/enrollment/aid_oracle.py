"""A month of direct aid written from the text alone, one family at a time, in plain Python: no query, no code of the product.

Decree 2-23-1067 as read in the registry's rules: figures typed here by hand, never read from the product's law.
"""

from dataclasses import dataclass
from datetime import date

RATES = [
    (date(2023, 12, 1), {"in": 200, "out": 150, "orphan": 350}),
    (date(2025, 11, 1), {"in": 250, "out": 175, "orphan": 375}),
    (date(2026, 1, 1), {"in": 300, "out": 200, "orphan": 400}),
]
LOW = {"in": 36, "out": 24}
SCHOOL_START = {"primary": 200, "lower_secondary": 200, "upper_secondary": 300}


@dataclass(frozen=True)
class Child:
    born_on: date
    schooling: str = "no"
    sector: str | None = None
    father_died_on: date | None = None
    disability: str = "none"
    disability_since: date | None = None
    disability_until: date | None = None
    married: bool = False


def age(born_on: date, on: date) -> int:
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def month(children: list[Child], on: date) -> list[tuple[str, int | None, int]]:
    """[(kind, rank, dirhams)] of a family whose children all live with an adult of it, declared in the order given."""
    rates = [rate for since, rate in RATES if since <= on][-1]
    counted = [one for one in children if one.born_on <= on and age(one.born_on, on) < 21 and not one.married]
    counted.sort(key=lambda one: one.born_on)
    if not counted:
        return [("flat", None, 500)]
    lines = []
    for rank, one in enumerate(counted, start=1):
        favored = age(one.born_on, on) < 6 or one.schooling != "no"
        orphan = one.father_died_on is not None and one.father_died_on <= on
        if rank <= 3:
            kind = "orphan" if orphan and favored else "child" if favored else "child_not_in_school"
            lines.append((kind, rank, rates["orphan"] if kind == "orphan" else rates["in"] if favored else rates["out"]))
        elif rank <= 6:
            lines.append(("child" if favored else "child_not_in_school", rank, LOW["in" if favored else "out"]))
    for rank, one in enumerate(counted, start=1):
        since, until = one.disability_since or date.min, one.disability_until or date.max
        if one.disability == "severe" and since <= on < until:
            lines.append(("disability", rank, 100))
    reached = sum(amount for _kind, _rank, amount in lines)
    if reached < 500:
        lines.append(("floor", None, 500 - reached))
    if on.month == 9 and on.year >= 2024:
        for rank, one in enumerate(counted, start=1):
            if rank <= 6 and one.sector == "public" and one.schooling in SCHOOL_START:
                lines.append(("school_start", rank, SCHOOL_START[one.schooling]))
    return lines
