"""Names and addresses: French and Arabic spellings of a name always go together."""

import csv
from pathlib import Path
from random import Random

NAMES = Path(__file__).resolve().parents[1] / "data" / "names"

Name = tuple[str, str]


class Names:
    """Weights are flattened (square root of the count): the counts are of notable people, not of the population."""

    def __init__(self):
        given = _rows("given_names.csv")
        self.given = {sex: _repeated(row for row in given if row["sex"] == sex) for sex in ("male", "female")}
        self.family = _repeated(_rows("family_names.csv"))

    def draw_family_name(self, rng: Random) -> Name:
        return self.family[int(rng.random() * len(self.family))]

    def draw_given_name(self, rng: Random, sex: str, taken: set[str]) -> Name:
        """A name that nobody of the household bears yet, if a few draws find one."""
        names = self.given[sex]
        for _ in range(8):
            name = names[int(rng.random() * len(names))]
            if name[0] not in taken:
                break
        taken.add(name[0])
        return name


QUARTERS = (
    "Hay Salam", "Hay El Fath", "Hay Al Qods", "Hay Nahda", "Hay Moulay Abdellah", "Hay Al Massira", "Hay Riad", "Quartier Industriel",
    "Hay Essalama", "Hay Al Wahda", "Hay Ennasr", "Ancienne Médina", "Hay Al Amal", "Lotissement Al Andalous", "Hay El Wifaq",
)  # fmt: skip
DOUARS = (
    "Oulad Ali", "Ait Hammou", "Oulad Said", "Ait Brahim", "Beni Amir", "Oulad Youssef", "Ait Lahcen", "Oulad Moussa", "Tamazirt",
    "Ighrem", "Lamharza", "Ait Ouazik", "Oulad Zid", "El Koudia", "Bir Jdid", "Tizi", "Ain Zarka", "Sidi Bouzid", "Taourirt", "El Kelaa",
)  # fmt: skip


def draw_address(rng: Random, milieu: str) -> str:
    if milieu == "urban":
        return f"{int(1 + rng.random() * 180)}, rue {int(1 + rng.random() * 60)}, {QUARTERS[int(rng.random() * len(QUARTERS))]}"
    return f"Douar {DOUARS[int(rng.random() * len(DOUARS))]}"


def _repeated(rows) -> list[Name]:
    """Each name as many times as its weight, so that one uniform draw does."""
    return [(row["name_fr"], row["name_ar"]) for row in rows for _ in range(round(3 * (int(row["count"]) + 1) ** 0.5))]


def _rows(name: str) -> list[dict[str, str]]:
    with (NAMES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
