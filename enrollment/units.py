"""Who is insured with whom: a household's members sorted into the units of AMO, or set aside with the reason.

Law 65-00 names the dependants (spouses; children under 21, students under 26, disabled children of any age); the
sorting of a household into several units, and everything marked "reading" below, is this registry's reading of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from households.ages import age_on

OTHER_COVER = "other_cover"
PERMIT_ENDED = "permit_ended"
NO_INSURED = "no_insured"
"""Another compulsory cover; residence permit over; dependant of relatives who are all set aside (so of their own scheme)."""

IN_CHARGE = ("custody", "kafala", "guardian")
_SEX = {"husband": "male", "wife": "female"}


@dataclass(frozen=True, slots=True)
class Person:
    """One member as the sorting reads him, on a day."""

    id: int
    idcs: str
    position: int
    relation: str
    sex: str
    age: int
    marital_status: str
    spouse_id: int | None = None
    mother_id: int | None = None
    father_id: int | None = None
    charge: str | None = None
    schooling: str | None = None
    disability: str | None = None
    cover: str | None = None
    permit_ended: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The values of the law that the sorting needs."""

    dependant_age: int
    student_dependant_age: int
    student_levels: tuple[str, ...]
    dependant_disabilities: tuple[str, ...]
    excluding_covers: tuple[str, ...]
    insured_spouse: str
    adult_age: int

    @classmethod
    def of(cls, law) -> "Rules":
        return cls(
            dependant_age=law.value("amo.dependant_age"),
            student_dependant_age=law.value("amo.student_dependant_age"),
            student_levels=tuple(law.value("amo.student_levels")),
            dependant_disabilities=tuple(law.value("amo.dependant_disabilities")),
            excluding_covers=tuple(law.value("amo_tadamon.excluding_covers")),
            insured_spouse=law.value("amo.insured_spouse"),
            adult_age=law.value("registration.adult_age"),
        )


@dataclass(frozen=True, slots=True)
class Family:
    """A unit to be: the insured person and those covered through him. `kind` is one of Unit.Kind."""

    kind: str
    insured: Person
    dependants: tuple[Person, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        return (self.insured, *self.dependants)


@dataclass(frozen=True, slots=True)
class Aside:
    person: Person
    reason: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """Every member stands once: in one unit, or set aside."""

    units: tuple[Family, ...]
    aside: tuple[Aside, ...]


def person(member: Any, on: date) -> Person:
    """A Member row read on a day; a certificate or permit counts from its first day and until the eve of its `until`."""
    certified = _in_force(member.disability_since, member.disability_until, on)
    foreign = member.nationality != "ma"
    return Person(
        id=member.id,
        idcs=member.idcs,
        position=member.position,
        relation=member.relation,
        sex=member.sex,
        age=age_on(on, member.born_on),
        marital_status=member.marital_status,
        spouse_id=member.spouse_id,
        mother_id=member.mother_id,
        father_id=member.father_id,
        charge=member.charge,
        schooling=member.schooling,
        disability=member.disability if certified else None,
        cover=member.cover,
        permit_ended=foreign and member.permit_until is not None and member.permit_until <= on,
    )


def _in_force(since: date | None, until: date | None, on: date) -> bool:
    return (since is None or since <= on) and (until is None or on < until)


def birthday(born_on: date, years: int) -> date:
    """The day on which `years` are completed; born on 29 February, 1 March of a common year, as households.ages counts."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)


def days_of_change(member: Any, rules: Rules) -> set[date]:
    """Every day on which time alone may change a member's place: birthdays, certificate, residence permit."""
    ages = (rules.adult_age, rules.dependant_age, rules.student_dependant_age)
    days = {birthday(member.born_on, years) for years in ages}
    if member.disability in rules.dependant_disabilities:
        days |= {member.disability_since, member.disability_until}
    if member.nationality != "ma":
        days.add(member.permit_until)
    return days - {None}


def is_dependent(child: Person, rules: Rules) -> bool:
    """Whether age, studies or disability keep a son or daughter in the parents' unit."""
    student = child.age < rules.student_dependant_age and child.marital_status != "married" and child.schooling in rules.student_levels
    return child.age < rules.dependant_age or student or child.disability in rules.dependant_disabilities


def set_aside_reason(one: Person, rules: Rules) -> str | None:
    """Why this person cannot be in a unit whatever the others are: decree 2-23-866, as principal or as dependant."""
    if one.cover in rules.excluding_covers:
        return OTHER_COVER
    return PERMIT_ENDED if one.permit_ended else None


def sort_members(people: Iterable[Person], rules: Rules) -> Sorted:
    """Units in the order of their first member: the head's, other couples, lone parents, adults alone."""
    people = sorted(people, key=lambda one: one.position)
    if not people:
        return Sorted((), ())
    groups = _Nuclei(people, rules).groups()
    found = [_insure(kind, partners, children, rules) for kind, partners, children in groups]
    units = tuple(unit for units, _aside in found for unit in units)
    return Sorted(units, tuple(aside for _units, asides in found for aside in asides))


class _Nuclei:
    """The members of one household, each attached to the anchor of one family nucleus."""

    def __init__(self, people: list[Person], rules: Rules) -> None:
        self.people, self.rules = people, rules
        self.by_id = {one.id: one for one in people}
        self.head = next((one for one in people if one.relation == "head"), people[0])
        self.couple = self._couples()

    def _couples(self) -> dict[int, int]:
        """Member → anchor, for everyone tied to a spouse here; a man and his wives share one anchor."""
        couple: dict[int, int] = {}
        for wife in self.people:
            if wife.spouse_id in self.by_id and wife.spouse_id != wife.id:
                anchor = couple.get(wife.spouse_id, couple.get(wife.id, wife.spouse_id))
                old = {couple.get(wife.id, anchor), couple.get(wife.spouse_id, anchor)}
                couple |= dict.fromkeys((one for one, its in couple.items() if its in old), anchor)
                couple |= {wife.id: anchor, wife.spouse_id: anchor}
        return couple

    def _parent(self, child: Person) -> Person | None:
        """The parent here that a child goes with; the head's child without pointers, the head.

        Parents who both live here without being a couple: who has custody after a divorce, the father otherwise.
        """
        mother, father = (self.by_id.get(one) if one != child.id else None for one in (child.mother_id, child.father_id))
        if mother and father:
            apart = "divorced" in (mother.marital_status, father.marital_status)
            of_mother = child.charge == "mother" or (apart and child.charge not in IN_CHARGE)
            together = mother.id in self.couple and self.couple[mother.id] == self.couple.get(father.id)
            return mother if together or of_mother else father
        if mother or father:
            return mother or father
        return self.head if child.relation == "child" and child is not self.head else None

    def _has_child(self, parent: Person) -> bool:
        """A dependent child here without a couple of his own."""
        return any(self._parent(one) is parent and one.id not in self.couple and is_dependent(one, self.rules) for one in self.people)

    def _stands_alone(self, one: Person) -> bool:
        """Head, partner, or adult with a dependent child: founds a nucleus instead of joining the parents'."""
        return one is self.head or one.id in self.couple or (one.age >= self.rules.adult_age and self._has_child(one))

    def anchor(self, one: Person) -> int:
        """Reading: a minor without a parent here, or a child in somebody's charge, goes with the head; a minor mother and
        her child go with her parents."""
        seen: set[int] = set()
        while one.id not in seen and not self._stands_alone(one):
            seen.add(one.id)
            parent = self._parent(one)
            minor = one.age < self.rules.adult_age
            charged = one.charge in IN_CHARGE and is_dependent(one, self.rules)
            if parent is not None and is_dependent(one, self.rules):
                one = parent
            elif minor or (parent is None and charged):
                one = self.head
            else:
                return one.id
        if one.id in seen:
            one = self.head
        return self.couple.get(one.id, one.id)

    def groups(self) -> list[tuple[str, list[Person], list[Person]]]:
        """(kind, partners, dependants) of each nucleus."""
        joined: dict[int, list[Person]] = {}
        for one in self.people:
            joined.setdefault(self.anchor(one), []).append(one)
        order = sorted(joined, key=lambda anchor: (self.head not in joined[anchor], joined[anchor][0].position))
        return [self._group(anchor, joined[anchor]) for anchor in order]

    def _group(self, anchor: int, members: list[Person]) -> tuple[str, list[Person], list[Person]]:
        partners = [one for one in members if self.couple.get(one.id, one.id) == anchor]
        children = [one for one in members if one not in partners]
        return self._kind(partners, children), partners, children

    def _kind(self, partners: list[Person], children: list[Person]) -> str:
        if self.head in partners and (children or len(partners) > 1):
            return "family"
        if len(partners) > 1:
            return "couple"
        return "lone_parent" if children else "adult"


def _insure(kind: str, partners: list[Person], children: list[Person], rules: Rules) -> tuple[list[Family], list[Aside]]:
    """The units of one nucleus; several only when the husband of several wives is set aside: each wife is then insured."""
    asides = [Aside(one, reason) for one in (*partners, *children) if (reason := set_aside_reason(one, rules))]
    out = {aside.person.id for aside in asides}
    insurable = [one for one in partners if one.id not in out]
    dependants = [one for one in children if one.id not in out]
    if not insurable:
        return [], asides + [Aside(one, NO_INSURED) for one in dependants]
    preferred = next((one for one in insurable if one.sex == _SEX[rules.insured_spouse]), None)
    if preferred or len(insurable) == 1:
        insured = preferred or insurable[0]
        others = tuple(one for one in insurable if one is not insured)
        return [Family(kind, insured, others + tuple(dependants))], asides
    return _each_with_her_own(kind, insurable, dependants), asides


def _each_with_her_own(kind: str, wives: list[Person], children: list[Person]) -> list[Family]:
    """Co-wives are not each other's dependants; a child whose mother is not among them goes with the first."""
    first, units = wives[0], []
    for wife in wives:
        own = tuple(one for one in children if one.mother_id == wife.id or (wife is first and one.mother_id not in {w.id for w in wives}))
        units.append(Family(kind if wife is first else ("lone_parent" if own else "adult"), wife, own))
    return units
