"""Members of one household: from a family's ages and ties to the answers about each person."""

from dataclasses import dataclass
from datetime import date
from random import Random

from . import work
from .entries import Household, Member
from .families import Person
from .margins import Cell
from .names import Name, Names
from .numbers import cin, idcs
from .schooling import Schools, Thresholds

YEAR = 365.2425
FOREIGN = {"urban": 0.005, "rural": 0.001}
"""Share of households of foreigners; 148,000 foreigners lived in Morocco in 2024."""
ORIGINS = ("sn", "ci", "sy", "gn", "dz", "ml", "tn", "ye")
CERTIFIED = (("severe", 0.0035), ("moderate", 0.0075), ("light", 0.01))
"""Cumulated shares of persons with a certificate; the census finds difficulties in 5 % of persons, most without a certificate."""


@dataclass(frozen=True)
class Scene:
    """What the members of every household of a load have in common."""

    seed: int
    on: date
    names: Names
    schools: Schools

    def born(self, rng: Random, age: int, milieu: str) -> tuple[str, str]:
        """A birth date that makes this age on the day, and how much of it is known: of some elders only the year."""
        if age >= 55 and rng.random() < (0.25 if milieu == "rural" else 0.1):
            return f"{self.on.year - age}-01-01", "year"
        return self.ago(age + 0.003 + 0.99 * rng.random()), "day"

    def ago(self, years: float) -> str:
        return date.fromordinal(self.on.toordinal() - int(years * YEAR) - 1).isoformat()

    def ahead(self, years: float) -> str:
        return date.fromordinal(self.on.toordinal() + int(years * YEAR) + 1).isoformat()


def describe(
    rng: Random, household: Household, family: list[Person], cell: Cell, limits: dict[str, Thresholds], scene: Scene, first: int, levels
) -> None:
    """Fills `household.members`; `first` is the ordinal of the head among all the invented people."""
    place, level = levels
    members = [_member(rng, person, cell, scene, first + position) for position, person in enumerate(family)]
    household.members = members
    _name(rng, members, scene.names)
    if rng.random() < FOREIGN[cell.milieu]:
        _make_foreign(rng, members, scene)
    setting = work.Setting(cell.milieu, level)
    for member, person in zip(members, family, strict=True):
        scene.schools.describe(rng, member, cell, limits, place)
        work.employ(rng, member, setting)
        if member.age < 21 and member.father is None:
            _orphan(rng, member, person, scene)
        if rng.random() < CERTIFIED[-1][1]:
            _certify(rng, member, scene)
    work.insure(rng, members, setting)
    for member in members:
        _declare_allowances(rng, member, scene)
        if member.relation != "head":
            member.education_level = None  # asked of the head alone; it has served to draw the diploma and the work


def _member(rng: Random, person: Person, cell: Cell, scene: Scene, ordinal: int) -> Member:
    born_on, precision = scene.born(rng, person.age, cell.milieu)
    return Member(
        idcs=idcs(scene.seed, ordinal),
        cin=cin(scene.seed, ordinal) if person.age >= 18 and rng.random() < 0.96 else "",
        relation=person.relation,
        sex=person.sex,
        age=person.age,
        born_on=born_on,
        birth_precision=precision,
        marital_status=person.marital,
        spouse=person.spouse,
        mother=person.mother,
        father=person.father,
    )


def _name(rng: Random, members: list[Member], names: Names) -> None:
    """Children bear their father's name; where he is not here, their mother's husband's would be theirs: brothers share one."""
    taken: set[str] = set()
    of_lineage: dict[tuple[int | None, int | None], Name] = {}
    for place in sorted(range(len(members)), key=lambda place: -members[place].age):  # fathers come before their children
        member = members[place]
        lineage = (member.father, None if member.father is not None else member.mother)
        if member.father is not None:
            member.last_name = members[member.father].last_name
        elif member.mother is not None:
            if lineage not in of_lineage:
                of_lineage[lineage] = names.draw_family_name(rng)
            member.last_name = of_lineage[lineage]
        else:
            member.last_name = names.draw_family_name(rng)
        member.first_name = names.draw_given_name(rng, member.sex, taken)


def _make_foreign(rng: Random, members: list[Member], scene: Scene) -> None:
    country = rng.choice(ORIGINS)
    for member in members:
        member.nationality, member.cin = country, ""
        if member.age >= 18:
            member.permit_number = f"TS{rng.randrange(10**7):07d}"
            member.permit_until = scene.ahead(rng.random() * 3)


def _orphan(rng: Random, member: Member, person: Person, scene: Scene) -> None:
    """P08: under 21 and no father here."""
    member.father_status = "deceased" if person.father_dead else "alive" if rng.random() < 0.93 else "unknown"
    if person.father_dead:
        member.father_died_on = scene.ago(rng.random() * max(0.5, member.age - 0.5))
    if member.mother is not None:
        member.charge = "mother"
        return
    member.charge = rng.choices(("custody", "kafala", "guardian"), (0.4, 0.25, 0.35))[0]
    member.charge_document = f"Jugement n° {rng.randrange(100, 4000)}/{scene.on.year - rng.randrange(1, 6)}"


def _certify(rng: Random, member: Member, scene: Scene) -> None:
    chance = rng.random() * CERTIFIED[-1][1]
    member.disability = next((degree for degree, limit in CERTIFIED if chance < limit), "light")
    member.disability_number = f"H{rng.randrange(10**6):06d}"
    member.disability_since = scene.ago(rng.random() * 4)
    member.disability_until = scene.ahead(0.1 + rng.random() * 4)


def _declare_allowances(rng: Random, member: Member, scene: Scene) -> None:
    """P20: an adult declared as an employee has the family allowances of his scheme."""
    if member.age < 18:
        return
    member.other_allowances = member.situation == "employed" and member.cover_quality == "principal" and member.cover in work.SCHEMES
    if member.other_allowances:
        member.other_allowances_scheme = work.SCHEMES[member.cover]
        member.other_allowances_since = scene.ago(0.5 + rng.random() * 8)
