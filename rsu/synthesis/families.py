"""Who lives with whom: families lived through births, marriages, deaths and departures, so that they hold together.

Sizes, ages and marital states are only about right here; `weighting` gives each family the weight that makes them right.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

# Parents are at least this much older than their children, in completed years.
PARENT_GAP = 16


class Person(NamedTuple):
    """Pointers are positions in the family, the head being 0. `spouse` is set on wives only; `age` in completed years."""

    relation: str
    sex: str
    age: int
    marital: str
    spouse: int | None
    mother: int | None
    father: int | None
    father_dead: bool


@dataclass(frozen=True)
class Customs:
    """Yearly life of one milieu; ages in years. Chosen so that weighting has little left to do."""

    bride_age: float
    parity: float
    daughters_leave: float
    sons_leave: float
    sons_bring_wife: float
    second_wife: float
    alone: float
    friends: float


CUSTOMS = {
    "urban": Customs(24.5, 2.7, 27, 31, 0.07, 0.003, 0.13, 0.02),
    "rural": Customs(22.5, 3.3, 23, 28, 0.16, 0.008, 0.07, 0.003),
}


class Draft:
    """A family being built: lists side by side, one place a person."""

    def __init__(self):
        self.sex: list[str] = []
        self.age: list[int] = []
        self.marital: list[str] = []
        self.spouse: list[int | None] = []
        self.mother: list[int | None] = []
        self.father: list[int | None] = []
        self.father_dead: list[bool] = []
        self.said: dict[int, str] = {}

    def add(self, sex: str, age: int, marital: str, *, mother=None, father=None, father_dead=False, said="") -> int:
        self.sex.append(sex)
        self.age.append(age)
        self.marital.append(marital)
        self.spouse.append(None)
        self.mother.append(mother)
        self.father.append(father)
        self.father_dead.append(father_dead)
        place = len(self.sex) - 1
        if said:
            self.said[place] = said
        return place


def draw(rng: Random, milieu: str) -> list[Person]:
    """One family, its head first."""
    customs = CUSTOMS[milieu]
    draft = Draft()
    chance = rng.random()
    if chance < customs.alone:
        _lone_person(draft, rng, milieu)
        return _ordered(draft, 0)
    if chance < customs.alone + customs.friends:
        _friends(draft, rng)
        return _ordered(draft, 0)
    head = _household_of_kin(draft, rng, customs)
    return _ordered(draft, head)


def _lone_person(draft: Draft, rng: Random, milieu: str) -> None:
    if rng.random() < (0.45 if milieu == "urban" else 0.2):
        sex = "male" if rng.random() < 0.65 else "female"
        draft.add(sex, rng.randint(20, 48), _pick(rng, ("single", 0.8), ("divorced", 0.15), ("married", 0.05)))
        return
    sex = "female" if rng.random() < 0.7 else "male"
    age = min(int(rng.triangular(45, 95, 70)), 99)
    states = (
        (("widowed", 0.7), ("divorced", 0.15), ("single", 0.15))
        if sex == "female"
        else (("widowed", 0.45), ("divorced", 0.2), ("single", 0.35))
    )
    draft.add(sex, age, _pick(rng, *states))


def _friends(draft: Draft, rng: Random) -> None:
    """Brothers, sisters or mates who share a dwelling for work or studies."""
    sex = _pick(rng, ("male", 0.65), ("female", 0.35))
    kin = rng.random() < 0.5
    draft.add(sex, rng.randint(19, 34), "single")
    for _ in range(rng.choice((1, 1, 2, 3))):
        draft.add(sex, rng.randint(18, 34), "single", said="sibling" if kin else "other")


def _household_of_kin(draft: Draft, rng: Random, customs: Customs) -> int:
    husband, wife = _couple_and_children(draft, rng, customs, wife_age=int(rng.triangular(18, 86, 38)))
    head = husband if husband is not None else wife
    if rng.random() < 0.05:
        _returned_daughter(draft, rng, husband, wife)
    if husband is not None and draft.age[husband] > 35 and rng.random() < customs.second_wife:
        _second_wife(draft, rng, customs, husband)
    sons = [place for place in range(2, len(draft.sex)) if place in draft.spouse and {draft.father[place], draft.mother[place]} != {None}]
    if sons and draft.age[head] > 66 and rng.random() < 0.4:
        head = sons[0]
    _kin_of_head(draft, rng, head, wife)
    return head


def _couple_and_children(draft: Draft, rng: Random, customs: Customs, wife_age: int, *, groom: int | None = None):
    """(husband or None, wife or None): a death, a divorce or work abroad may have taken one of them away."""
    married_at = min(max(rng.gauss(customs.bride_age, 4), 16), 38)
    wife_age = max(wife_age, int(married_at) + rng.randint(1, 3))
    births = _births(rng, customs, married_at, wife_age)
    gap = min(max(rng.gauss(5.5, 4.5), -3), 20)
    husband_age = int(max(wife_age + gap, wife_age - married_at + 19))
    husband, wife, dead = groom, None, False
    if groom is not None:
        wife = draft.add("female", wife_age, "married")
        draft.spouse[wife] = groom
    else:
        husband, wife, dead = _fates(draft, rng, husband_age, wife_age)
    for birth in births:
        _child(draft, rng, customs, int(wife_age - birth), husband, wife, dead, may_bring_wife=groom is None)
    return husband, wife


def _fates(draft: Draft, rng: Random, husband_age: int, wife_age: int):
    """(husband, wife, whether the father is dead)"""
    while True:
        dead = rng.random() < _mortality(husband_age)
        widower = rng.random() < _mortality(wife_age) * 0.5
        if husband_age > 98 or not (dead and widower):
            break
    if dead or husband_age > 98:
        return None, draft.add("female", wife_age, "widowed"), True
    if widower:
        return draft.add("male", husband_age, "widowed"), None, False
    chance = rng.random()
    if chance < 0.06:
        return None, draft.add("female", wife_age, "divorced"), False
    if chance < 0.07:
        return draft.add("male", husband_age, "divorced"), None, False
    if chance < 0.09:
        return None, draft.add("female", wife_age, "married"), False
    husband, wife = draft.add("male", husband_age, "married"), draft.add("female", wife_age, "married")
    draft.spouse[wife] = husband
    return husband, wife, False


def _mortality(age: int) -> float:
    """Chance of having died before this age, as seen in widowhood."""
    return min(0.9, 0.004 * math.exp((age - 25) / 11.5))


def _births(rng: Random, customs: Customs, married_at: float, wife_age: int) -> list[float]:
    """The mother's age at each birth; cohorts older than 45 had more children."""
    wanted = round(rng.gauss(customs.parity + max(0, wife_age - 45) * 0.05, 1.2))
    births: list[float] = []
    at = max(married_at + 1 + rng.expovariate(1.0), PARENT_GAP + 1)
    while len(births) < wanted and at < min(45, wife_age):
        births.append(at)
        at += 2 + rng.expovariate(0.5)
    return births


def _child(draft: Draft, rng: Random, customs: Customs, age: int, father, mother, father_dead: bool, *, may_bring_wife: bool) -> None:
    """Nothing if the child has left."""
    sex = "male" if rng.random() < 0.51 else "female"
    if age >= 17:
        leaves, pace = (customs.sons_leave, 3.5) if sex == "male" else (customs.daughters_leave, 3.0)
        if rng.random() > 1 / (1 + math.exp((age - leaves) / pace)):
            if may_bring_wife and sex == "male" and age >= 23 and rng.random() < customs.sons_bring_wife:
                son = draft.add(sex, age, "married", mother=mother, father=father, father_dead=father_dead)
                _couple_and_children(draft, rng, customs, max(18, age - rng.randint(1, 8)), groom=son)
            return
    place = draft.add(sex, age, "single", mother=mother, father=father, father_dead=father_dead)
    if age >= 30 and rng.random() < 0.12:
        draft.marital[place] = "divorced"


def _returned_daughter(draft: Draft, rng: Random, father, mother) -> None:
    oldest = min(draft.age[parent] for parent in (father, mother) if parent is not None) - 20
    if oldest < 22:
        return
    age = rng.randint(21, min(oldest, 45))
    daughter = draft.add("female", age, "divorced", mother=mother, father=father, father_dead=father is None)
    for _ in range(rng.choice((0, 1, 1, 2))):
        child_age = rng.randint(0, min(14, age - PARENT_GAP - 3))
        draft.add(rng.choice(("male", "female")), child_age, "single", mother=daughter, father_dead=rng.random() < 0.1)


def _second_wife(draft: Draft, rng: Random, customs: Customs, husband: int) -> None:
    age = max(20, draft.age[husband] - rng.randint(6, 18))
    wife = draft.add("female", age, "married")
    draft.spouse[wife] = husband
    draft.marital[husband] = "married"
    for birth in _births(rng, customs, max(customs.bride_age, 18), age)[:3]:
        if age - birth < 17:
            draft.add(rng.choice(("male", "female")), int(age - birth), "single", mother=wife, father=husband)


def _kin_of_head(draft: Draft, rng: Random, head: int, wife) -> None:
    """Sometimes a parent, a parent-in-law, a brother or sister, a child taken in, somebody who lives in."""
    age = draft.age[head]
    if draft.mother[head] is None and draft.father[head] is None and age < 62 and rng.random() < 0.1:
        older = min(age + rng.randint(18, 36), 97)
        if rng.random() < 0.82:
            draft.mother[head] = draft.add("female", older, "widowed")
        else:
            draft.father[head] = draft.add("male", older, "widowed")
    if wife is not None and wife != head and draft.age[wife] < 60 and draft.mother[wife] is None and rng.random() < 0.02:
        draft.mother[wife] = draft.add("female", min(draft.age[wife] + rng.randint(18, 36), 97), "widowed")
    if rng.random() < 0.035:
        near = min(max(age + rng.randint(-12, 8), 18), 70)
        state = "single" if near < 45 else _pick(rng, ("single", 0.4), ("divorced", 0.3), ("widowed", 0.3))
        if _fits(draft, head, near):
            draft.add(rng.choice(("male", "female")), near, state, mother=draft.mother[head], father=draft.father[head], said="sibling")
    if rng.random() < 0.012:
        draft.add(rng.choice(("male", "female")), rng.randint(0, 17), "single", father_dead=rng.random() < 0.6, said="other")
    if rng.random() < 0.01:
        draft.add(rng.choice(("male", "female")), rng.randint(18, 60), "single", said="other")


def _fits(draft: Draft, head: int, age: int) -> bool:
    """Whether somebody of this age can be a child of the head's parents who live here."""
    parents = (draft.mother[head], draft.father[head])
    return all(PARENT_GAP <= draft.age[parent] - age <= 48 for parent in parents if parent is not None)


def _ordered(draft: Draft, head: int) -> list[Person]:
    """The head first, then spouses, children from the eldest, and the others."""
    relations = [_relation(draft, place, head) for place in range(len(draft.sex))]
    ranks = {"head": 0, "spouse": 1, "child": 2}
    order = sorted(range(len(draft.sex)), key=lambda place: (ranks.get(relations[place], 3), -draft.age[place], place))
    moved = {place: position for position, place in enumerate(order)} | {None: None}
    return [
        Person(
            relations[place],
            draft.sex[place],
            draft.age[place],
            draft.marital[place],
            moved[draft.spouse[place]],
            moved[draft.mother[place]],
            moved[draft.father[place]],
            draft.father_dead[place],
        )
        for place in order
    ]


def _relation(draft: Draft, place: int, head: int) -> str:
    if place == head:
        return "head"
    if place in draft.said:
        return draft.said[place]
    spouses = {wife for wife, husband in enumerate(draft.spouse) if husband == head} | {draft.spouse[head]} - {None}
    parents = {draft.mother[place], draft.father[place]} - {None}
    of_head = {draft.mother[head], draft.father[head]} - {None}
    if place in spouses:
        return "spouse"
    if parents & ({head} | spouses):
        return "child"
    if place in of_head:
        return "parent"
    if any(place in (draft.mother[spouse], draft.father[spouse]) for spouse in spouses):
        return "parent_in_law"
    if parents & of_head:
        return "sibling"
    if any({draft.mother[parent], draft.father[parent]} & ({head} | spouses) for parent in parents):
        return "grandchild"
    return "other"


def _pick(rng: Random, *choices: tuple[str, float]) -> str:
    return rng.choices([name for name, _ in choices], [weight for _, weight in choices])[0]
