"""What people learned: this year's school, the highest level, the diploma, reading and writing."""

from dataclasses import dataclass
from random import Random

from .entries import Member
from .margins import SEXES, Cell, Census, probit

LEVELS = ("none", "primary", "lower_secondary", "upper_secondary", "higher")
AGE_SPREAD = 17.0
"""Standard deviation of ages over 15, around CENTER: the share of a cohort is spread so that the mean over ages stays."""
CENTER = 42
# A generation of 20 years moves the thresholds by this much, in standard deviations: never schooled, then higher education.
COHORT_NONE = 0.75
COHORT_HIGHER = 0.25
# Tie of schooling to the household's welfare: spouses, brothers and sisters resemble each other.
TIE = 0.6
HIGHER_OVER_15 = 1.12
"""Published shares of levels are over people of 10 and more."""

# Share of an age in school or training, before and after the ages the census publishes; the rest of 3-25 follows these.
PRESCHOOL = {"urban": 0.66, "rural": 0.55}
AFTER_11 = {
    "urban": ((14, 0.93), (17, 0.76), (19, 0.55), (22, 0.38), (25, 0.14)),
    "rural": ((14, 0.82), (17, 0.47), (19, 0.27), (22, 0.15), (25, 0.04)),
}
# Private school: share among pupils and tie to welfare.
PRIVATE = {"urban": (0.2, 0.75), "rural": (0.02, 0.6)}


@dataclass(frozen=True)
class Thresholds:
    """Standard normal limits of a cell for one sex: below `none` never schooled, above `higher` in higher education."""

    none: float
    higher: float

    def level(self, rank: float, age: int) -> str:
        shift = (age - CENTER) / 20
        none = self.none + COHORT_NONE * shift
        higher = max(self.higher + COHORT_HIGHER * shift, none + 0.3)
        if rank < none:
            return "none"
        place = (rank - none) / (higher - none)
        return LEVELS[1 if place < 0.41 else 2 if place < 0.71 else 3 if place < 1 else 4]


def thresholds(census: Census, cell: Cell) -> dict[str, Thresholds]:
    """The commune's own shares, moved for each sex as in its milieu."""
    whole = probit(census.country(cell.milieu).area.illiterate)
    spread_none = (1 + (COHORT_NONE * AGE_SPREAD / 20) ** 2) ** 0.5
    spread_higher = (1 + (COHORT_HIGHER * AGE_SPREAD / 20) ** 2) ** 0.5
    return {
        sex: Thresholds(
            none=(probit(cell.area.illiterate) + probit(census.people[cell.milieu, sex]["illiterate_15_plus"]) - whole) * spread_none,
            higher=probit(1 - HIGHER_OVER_15 * cell.area.higher) * spread_higher,
        )
        for sex in SEXES
    }


class Schools:
    """The limits of every place, computed once."""

    def __init__(self, census: Census):
        self.census = census
        self.pupils = {key: probit(region.schooled_6_11) for key, region in census.regions.items()}
        self.private = {milieu: (probit(share), tie) for milieu, (share, tie) in PRIVATE.items()}
        self.after = {milieu: [(age, probit(share)) for age, share in ages] for milieu, ages in AFTER_11.items()}
        self.before = {milieu: probit(share) for milieu, share in PRESCHOOL.items()}

    def describe(self, rng: Random, member: Member, cell: Cell, limits: dict[str, Thresholds], welfare: float) -> None:
        rank = TIE * welfare + (1 - TIE**2) ** 0.5 * rng.gauss(0, 1)
        level = limits[member.sex].level(rank, member.age)
        if 3 <= member.age <= 25:
            self._enroll(rng, member, cell, rank, welfare)
        if member.age < 14:
            return
        studying = member.schooling not in (None, "no")
        member.education_level = _level_of_pupil(member, level) if studying else _level_out_of_school(rng, member, level)
        member.diploma = _diploma(rng, member, studying)
        if cell.milieu == "rural":
            member.literate = member.education_level not in ("none", "koranic") or rng.random() < 0.1

    def _enroll(self, rng: Random, member: Member, cell: Cell, rank: float, welfare: float) -> None:
        # Weakly tied below 12, where nearly all go; by the same rank as the level afterwards.
        tie = 0.15 if member.age < 12 else 0.8
        place = tie * rank + (1 - tie**2) ** 0.5 * rng.gauss(0, 1)
        if member.marital_status != "single" or place < -self._limit(member.age, cell):
            member.schooling = "no"
            return
        member.schooling = _school(rng, member.age)
        limit, tie = self.private[cell.milieu]
        private = tie * welfare + (1 - tie**2) ** 0.5 * rng.gauss(0, 1) > -limit
        member.school_sector = "private" if private else "other" if rng.random() < 0.01 else "public"

    def _limit(self, age: int, cell: Cell) -> float:
        if age < 6:
            return self.before[cell.milieu]
        if age < 12:
            return self.pupils[f"{cell.region:02d}", cell.milieu]
        return next(limit for last, limit in self.after[cell.milieu] if age <= last)


def _school(rng: Random, age: int) -> str:
    chance = rng.random()
    if age < 6:
        return "preschool"
    if age < 12:
        return "primary"
    if age < 15:
        return "lower_secondary" if chance < (0.55, 0.8, 0.9)[age - 12] else "primary" if chance < 0.98 else "non_formal"
    if age < 18:
        return "upper_secondary" if chance < 0.6 else "lower_secondary" if chance < 0.88 else "vocational"
    if age < 20:
        return "higher" if chance < 0.5 else "upper_secondary" if chance < 0.75 else "vocational"
    return "higher" if chance < 0.8 else "vocational"


def _level_of_pupil(member: Member, level: str) -> str:
    if member.schooling in ("primary", "lower_secondary", "upper_secondary", "higher"):
        return member.schooling
    return (
        "primary"
        if member.schooling == "non_formal"
        else "upper_secondary"
        if level in ("upper_secondary", "higher")
        else "lower_secondary"
    )


def _level_out_of_school(rng: Random, member: Member, level: str) -> str:
    if level == "none" and rng.random() < 0.09:
        return "koranic"
    if level == "higher" and member.age < 20:
        return "upper_secondary"
    if level == "upper_secondary" and member.age < 16:
        return "lower_secondary"
    return level


def _diploma(rng: Random, member: Member, studying: bool) -> str:
    chance = rng.random()
    level = member.education_level
    if member.schooling == "vocational":
        return (
            "lower_secondary_certificate"
            if level == "lower_secondary"
            else "baccalaureate"
            if chance < 0.5
            else "lower_secondary_certificate"
        )
    if level == "higher":
        if studying:
            return "baccalaureate" if member.age < 21 or chance < 0.4 else "higher"
        return "higher" if chance < 0.66 else "specialised_technician" if chance < 0.8 else "baccalaureate"
    if level == "upper_secondary":
        if studying:
            return "lower_secondary_certificate"
        ladder = (("baccalaureate", 0.36), ("technician", 0.5), ("vocational_qualification", 0.58), ("lower_secondary_certificate", 0.94))
    elif level == "lower_secondary":
        if studying:
            return "primary_certificate" if chance < 0.85 else "none"
        ladder = (
            ("lower_secondary_certificate", 0.3),
            ("vocational_qualification", 0.4),
            ("vocational_specialisation", 0.45),
            ("primary_certificate", 0.85),
        )
    elif level == "primary":
        ladder = (("vocational_initiation", 0.02), ("primary_certificate", 0.5 if not studying else 0.1))
    else:
        return "none"
    return next((diploma for diploma, limit in ladder if chance < limit), "none")
