"""An invented file of RAMED beneficiaries of any size, row after row, with a known share of defects of every kind.

Each defect stands in a family made for it, so that what is found can be compared with what was put: `Made.kinds` counts the rows
the registry should stop, by the kind it should give, what befalls the dependants of a stopped principal included.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from . import numbers
from .names import Names

COLUMNS = (
    "card", "quality", "principal", "idcs", "cin", "last_name_fr", "first_name_fr", "last_name_ar", "first_name_ar", "sex", "born_on",
    "relation", "student", "disability", "commune", "card_until", "synthetic",
)  # fmt: skip
BY_ONE_ROW = (
    "card_missing", "card_malformed", "quality_unknown", "last_name_missing", "first_name_missing", "name_unreadable", "sex_unknown",
    "birth_missing", "birth_unreadable", "birth_impossible", "commune_unknown", "card_ended", "beyond", "idcs_missing", "idcs_malformed",
    "idcs_mistyped",
)  # fmt: skip
BY_SEVERAL = ("relation_unknown", "repeated", "over_age", "claimed_twice", "card_shared", "no_principal")
KINDS = (*BY_ONE_ROW, *BY_SEVERAL)
NOT_A_PRINCIPAL = ("card_missing", "card_malformed", "quality_unknown")
"""Defects that hide a principal from dependants: they point to nobody."""
SEEDS_FROM = 40
"""Numbers of the file are not those of the first seeds, which the invented kingdoms use."""


@dataclass
class Made:
    """What was written; `covered` is what should come out of it in a registry that knows none of these people."""

    rows: int = 0
    principals: int = 0
    kinds: Counter = field(default_factory=Counter)

    @property
    def stopped(self) -> int:
        return self.kinds.total()

    @property
    def covered(self) -> int:
        return self.rows - self.stopped


@dataclass(frozen=True)
class Registered:
    """An invented person of the registry, who may be in the file as the registry knows them, or otherwise."""

    idcs: str
    last_name_fr: str
    first_name_fr: str
    sex: str
    born_on: date
    precise: bool
    kind: str = ""


class RamedFile:
    """Iterate for the rows; `made` is complete when the last has been taken."""

    def __init__(
        self, *, principals: int, defects: float, seed: int, on: date, communes: Sequence[str], registered: Iterable[Registered] = ()
    ) -> None:
        self.principals, self.defects, self.on, self.communes, self.registered = principals, defects, on, communes, registered
        self.rng, self.names, self.made = Random(f"ramed:{seed}"), Names(), Made()
        self.seed, self.person, self.kind = SEEDS_FROM + seed % (numbers.SEEDS - SEEDS_FROM - 5), 0, 0

    def __iter__(self) -> Iterator[list[str]]:
        owed = 0.0
        for one in self.registered:
            yield from self._counted([self._of_registry(one)], {one.kind: 1} if one.kind else {})
        while self.made.principals < self.principals:
            if owed >= 1 and self.made.principals + 2 <= self.principals:
                rows, kinds = self._defective(KINDS[self.kind % len(KINDS)])
                self.kind += 1
                owed -= sum(n for kind, n in kinds.items() if kind != "principal_waits")
            else:
                rows, kinds = self._family(), {}
            owed += len(rows) * self.defects
            yield from self._counted(rows, kinds)

    def _counted(self, rows: list[list[str]], kinds: dict[str, int]) -> list[list[str]]:
        self.made.rows += len(rows)
        self.made.kinds.update(kinds)
        return rows

    # People
    def _number(self) -> tuple[str, str, str]:
        self.person += 1
        return numbers.idcs(self.seed, self.person), f"{self.seed}{self.person:09d}", numbers.cin(self.seed, self.person)

    def _birth(self, youngest: int, oldest: int) -> str:
        """Never within the year of a limit: what the file says does not depend on the day it is read for."""
        days = int(youngest * 365.25 + 370 + self.rng.random() * ((oldest - youngest) * 365.25 - 740))
        born_on = self.on - timedelta(days=days)
        return f"{born_on:%d/%m/%Y}" if self.rng.random() > 0.15 else f"{born_on.year}"

    def _row(self, quality: str, holder: str, last: tuple[str, str], sex: str, born: str, relation: str = "") -> list[str]:
        idcs, card, cin = self._number()
        first = self.names.draw_given_name(self.rng, sex, set())
        draw = self.rng.random()
        latin, arabic = (draw > 0.03 or draw < 0.01), draw > 0.01
        adult = relation != "child"
        return [
            card, quality, holder, idcs, cin if adult else "", last[0] if latin else "", first[0] if latin else "",
            last[1] if arabic else "", first[1] if arabic else "", "M" if sex == "male" else "F", born, _said(relation), "", "",
            self.commune if self.rng.random() > 0.04 else "", f"{self.on + timedelta(days=400):%d/%m/%Y}", "oui",
        ]  # fmt: skip

    def _principal(self) -> list[str]:
        self.made.principals += 1
        self.commune = self.communes[int(self.rng.random() * len(self.communes))]
        self.last = self.names.draw_family_name(self.rng)
        self.man = self.rng.random() < 0.7
        return self._row("principal", "", self.last, "male" if self.man else "female", self._birth(25, 85))

    def _child(self, holder: str, youngest: int = 0, oldest: int = 20) -> list[str]:
        sex = "male" if self.rng.random() < 0.5 else "female"
        return self._row("ayant droit", holder, self.last, sex, self._birth(youngest, oldest), "child")

    def _spouse(self, holder: str) -> list[str]:
        sex = "female" if self.man else "male"
        return self._row("ayant droit", holder, self.names.draw_family_name(self.rng), sex, self._birth(22, 80), "spouse")

    def _family(self) -> list[list[str]]:
        head = self._principal()
        draw = self.rng.random()
        rows = [head]
        if draw < 0.45:
            rows.append(self._spouse(head[0]))
        children = int(draw * 100) % 5 if draw < 0.75 else 0
        rows += [self._child(head[0]) for _n in range(children // 2 + children % 2)]
        if draw > 0.97:
            child = self._child(head[0], 30, 50)
            child[13] = "oui"
            rows.append(child)
        return rows

    def _of_registry(self, one: Registered) -> list[str]:
        row = self._principal()
        sex, born, last = one.sex, one.born_on, one.last_name_fr
        if one.kind == "other_sex":
            sex = "female" if sex == "male" else "male"
        elif one.kind == "other_birth":
            born = born.replace(year=born.year - 11, day=1)
        elif one.kind == "other_name":
            last = "Zzyvkhotq"
        row[3], row[4], row[5], row[6], row[7], row[8] = one.idcs, "", last, one.first_name_fr, "", ""
        row[9], row[10] = ("M" if sex == "male" else "F"), f"{born:%d/%m/%Y}" if one.precise else f"{born.year}"
        return row

    # Defects
    def _defective(self, kind: str) -> tuple[list[list[str]], dict[str, int]]:
        if kind in BY_SEVERAL:
            return getattr(self, f"_{kind}")()
        head = self._principal()
        number, turn = head[0], self.kind % 3
        if turn == 0:
            child = self._child(number)
            return [head, self._spoilt(child, kind)], {kind: 1}
        if turn == 1:
            return [self._spoilt(head, kind)], {kind: 1}
        rows = [self._spoilt(head, kind), self._child(number), self._child(number)]
        if kind in NOT_A_PRINCIPAL:
            return rows, Counter({kind: 1}) + Counter({"no_principal": 2})
        return rows, {kind: 1, "principal_waits": 2}

    def _spoilt(self, row: list[str], kind: str) -> list[str]:
        wrong = {
            "card_missing": {0: ""}, "card_malformed": {0: "n° 12"}, "quality_unknown": {1: "voisin"}, "last_name_missing": {5: "", 7: ""},
            "first_name_missing": {6: "", 8: ""}, "name_unreadable": {5: "Al4oui#"}, "sex_unknown": {9: "?"}, "birth_missing": {10: ""},
            "birth_unreadable": {10: "31/02/1999"}, "birth_impossible": {10: f"{self.on.year + 3}"}, "commune_unknown": {14: "99.999.99.99"},
            "card_ended": {15: f"{self.on - timedelta(days=30):%d/%m/%Y}"}, "idcs_missing": {3: ""}, "idcs_malformed": {3: "12345"},
            "idcs_mistyped": {3: f"{row[3][:-1]}{(int(row[3][-1]) + 1) % 10}"}, "beyond": {},
        }[kind]  # fmt: skip
        for place, text in wrong.items():
            row[place] = text
        return [*row, "en trop"] if kind == "beyond" else row

    def _relation_unknown(self):
        head = self._principal()
        child = self._child(head[0])
        child[11] = "cousin"
        return [head, child], {"relation_unknown": 1}

    def _repeated(self):
        head = self._principal()
        child = self._child(head[0])
        return [head, child, list(child)], {"repeated": 1}

    def _over_age(self):
        head = self._principal()
        return [head, self._child(head[0], 30, 50)], {"over_age": 1}

    def _claimed_twice(self):
        first = self._principal()
        child = self._child(first[0])
        second = self._principal()
        again = list(child)
        again[2] = second[0]
        return [first, child, second, again], {"claimed_twice": 2}

    def _card_shared(self):
        first, second = self._principal(), self._principal()
        second[0] = first[0]
        return [first, second], {"card_shared": 2}

    def _no_principal(self):
        child = self._child("NULLEPART0")
        return [child], {"no_principal": 1}


def _said(relation: str) -> str:
    return {"spouse": "conjoint", "child": "enfant"}.get(relation, "")
