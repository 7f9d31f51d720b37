"""What one row of the file says, judged by itself, fast: ten million rows go through here, so what is seen twice is judged once.

`Reader.line` gives the row as the staging table takes it; its first defect is the row's `kind`, all of them are its `problems`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

from households import entries
from households.ages import age_on
from households.sheets.columns import YES, day, folded

from .columns import NAMES
from .defects import DEFECTS

STAGED = (
    "number", "principal", "card", "holder", "idcs", "cin", "last_name_fr", "first_name_fr", "last_name_ar", "first_name_ar", "sex",
    "born_on", "precise", "relation", "student", "disability", "commune_id", "card_until", "synthetic", "kind", "problems", "cells",
)  # fmt: skip
"""Columns of the staging table, in order."""
MOST_KEPT = 200_000
"""Answers remembered of a column: past it they are judged each time, so that memory stays flat."""
OLDEST = 120
CELL = 500

_QUALITIES = {"principal": True, "assure principal": True, "assure": True, "p": True, "head": True, "مومن رييسي": True, "رييسي": True,
              "dependant": False, "dependent": False, "ayant droit": False, "ayant-droit": False, "a": False, "d": False, "ذو حق": False,
              "ذو الحق": False}  # fmt: skip
_SEXES = {"m": "male", "masculin": "male", "homme": "male", "male": "male", "ذكر": "male", "h": "male",
          "f": "female", "feminin": "female", "femme": "female", "female": "female", "انثي": "female", "انثى": "female"}  # fmt: skip
_RELATIONS = {"conjoint": "spouse", "conjointe": "spouse", "epouse": "spouse", "epoux": "spouse", "spouse": "spouse", "زوج": "spouse",
              "زوجة": "spouse", "enfant": "child", "child": "child", "fils": "child", "fille": "child", "ابن": "child", "ابنة": "child",
              "طفل": "child"}  # fmt: skip
_SAME = str.maketrans({"أ": "ا", "إ": "ا", "ؤ": "و", "ئ": "ي", "ى": "ي", "ة": "ه"})
_TRUE = {folded(word) for word in YES} | {"1", "x", "o", "y"}
_CARD = re.compile(r"[0-9A-Za-z]{6,14}")
_IDCS = re.compile(r"[2-9][0-9]{9}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_NAME = re.compile(r"[^\W\d_]+(?:[ '’`.-]+[^\W\d_]+)*[.'’]?")


def _said(words: Mapping[str, object]) -> dict[str, object]:
    return {folded(word).translate(_SAME): value for word, value in words.items()}


QUALITIES, SEXES, RELATIONS = _said(_QUALITIES), _said(_SEXES), _said(_RELATIONS)


def _multiplication() -> list[list[int]]:
    """The dihedral group of ten, on which the check digit is computed."""
    table = []
    for a in range(10):
        turned = [(a + b) % 5 if b < 5 else 5 + (a + b) % 5 for b in range(10)]
        mirrored = [5 + (a - b) % 5 if b < 5 else (a - b) % 5 for b in range(10)]
        table.append(turned if a < 5 else mirrored)
    return table


def _tables() -> list[dict[str, int]]:
    """For each pair of digits from the right, what the two give together: five look-ups and four products check ten digits."""
    product, first = _multiplication(), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    powers = [list(range(10))]
    for _n in range(9):
        powers.append([first[value] for value in powers[-1]])
    pairs = []
    for place in range(0, 10, 2):
        pairs.append({f"{b}{a}": product[powers[place % 8][a]][powers[(place + 1) % 8][b]] for a in range(10) for b in range(10)})
    return pairs


_PRODUCT = _multiplication()
_P0, _P1, _P2, _P3, _P4 = _tables()


def checks(idcs: str) -> bool:
    """Whether the last of these ten digits agrees with the others."""
    value = _PRODUCT[_P0[idcs[8:]]][_P1[idcs[6:8]]]
    return _PRODUCT[_PRODUCT[_PRODUCT[value][_P2[idcs[4:6]]]][_P3[idcs[2:4]]]][_P4[idcs[:2]]] == 0


@dataclass(frozen=True)
class Ages:
    """Provisions the reading needs: ages under which a child, and a student, is in their parents' unit."""

    dependant: int
    student: int
    unknown_birth: int

    @classmethod
    def of(cls, law) -> "Ages":
        return cls(law.value("amo.dependant_age"), law.value("amo.student_dependant_age"), law.value("registration.unknown_birth_part"))


class Kept(dict):
    """Answers judged once: `kept[text]`; a column of all different answers is not remembered for ever."""

    def __init__(self, judge):
        super().__init__()
        self.judge = judge

    def __missing__(self, text: str):
        value = self.judge(text)
        if len(self) < MOST_KEPT:
            self[text] = value
        return value


class Reader:
    """Rows of one file, read for the day of its migration; `communes` leads folded codes and names to a commune's id."""

    def __init__(self, *, columns: Sequence[str], on: date, ages: Ages, communes: Mapping[str, int]) -> None:
        places = {name: place for place, name in enumerate(columns) if name}
        self.width = len(columns)
        self.take = itemgetter(*(places.get(name, self.width) for name in NAMES))
        self.columns, self.on, self.ages, self.communes = columns, on, ages, communes
        self.qualities = Kept(lambda text: QUALITIES.get(_plain(text)))
        self.sexes = Kept(lambda text: SEXES.get(_plain(text)))
        self.relations = Kept(lambda text: RELATIONS.get(_plain(text)))
        self.flags = Kept(lambda text: folded(text) in _TRUE)
        self.births, self.ends = Kept(self._birth), Kept(self._end)
        self.places_of = Kept(lambda text: communes.get(folded(text)))
        self.names = Kept(lambda text: len(text) <= 60 and _NAME.fullmatch(text) is not None)

    def line(self, number: int, cells: Sequence[str]) -> tuple:
        """The row as staged."""
        padded = [*cells[: self.width], *[""] * (self.width + 1 - min(len(cells), self.width))]
        (card, quality, holder, idcs, cin, last_fr, first_fr, last_ar, first_ar, sex, born, relation, student, disability, commune, end,
         synthetic) = self.take(padded)  # fmt: skip
        found: list[tuple[str, str]] = []
        if len(cells) > self.width and any(cells[self.width :]):
            found.append(("beyond", " ".join(cells[self.width :])))
        if _CARD.fullmatch(card) is None:
            card = entries.compact(card).upper()
            if _CARD.fullmatch(card) is None:
                found.append(("card_malformed" if card else "card_missing", card))
        principal = self.qualities[quality]
        if principal is None:
            found.append(("quality_unknown", quality))
        if not (last_fr or last_ar):
            found.append(("last_name_missing", ""))
        if not (first_fr or first_ar):
            found.append(("first_name_missing", ""))
        names = self.names
        for name in (last_fr, first_fr, last_ar, first_ar):
            if name and not names[name]:
                found.append(("name_unreadable", name))
                break
        sex_code = self.sexes[sex]
        if sex_code is None:
            found.append(("sex_unknown", sex))
        born_on, precise, wrong, late = self.births[born]
        if wrong:
            found.append((wrong, born))
        commune_id = None
        if commune:
            commune_id = self.places_of[commune]
            if commune_id is None:
                found.append(("commune_unknown", commune))
        card_until = ""
        if end:
            card_until, over = self.ends[end]
            if over:
                found.append(("card_ended", end))
        tie = ""
        if principal:
            holder = card
        elif principal is False:
            holder = entries.compact(holder).upper() if _CARD.fullmatch(holder) is None else holder
            tie = self.relations[relation]
            if tie is None:
                found.append(("relation_unknown", relation))
                tie = ""
        if _IDCS.fullmatch(idcs) is None:
            idcs = entries.compact(idcs).replace("-", "")
        if _IDCS.fullmatch(idcs) is None:
            found.append(("idcs_malformed" if idcs else "idcs_missing", idcs))
        elif not checks(idcs):
            found.append(("idcs_mistyped", idcs))
        studies, disabled = bool(student) and self.flags[student], bool(disability) and self.flags[disability]
        if tie == "child" and not wrong and not disabled and late and (late > 1 or not studies):
            found.append(("over_age", born))
        kind = problems = sent = ""
        if found:
            kind, problems, sent = self._told(found, cells)
            idcs = idcs if _IDCS.fullmatch(idcs) else ""
        return (
            number, "t" if principal else "f", card[:20], holder[:20], idcs, cin[:20], last_fr[:60], first_fr[:60], last_ar[:60],
            first_ar[:60], sex_code or "", born_on, "t" if precise else "f", tie, "t" if studies else "f", "t" if disabled else "f",
            commune_id or "", card_until, "t" if synthetic and self.flags[synthetic] else "f", kind, problems, sent,
        )  # fmt: skip

    def _told(self, found: list[tuple[str, str]], cells: Sequence[str]) -> tuple[str, str, str]:
        """The gravest kind, every problem and the row as sent: a row that is refused is not in the queue too."""
        order = list(DEFECTS)
        found.sort(key=lambda one: order.index(one[0]))
        problems = [{"kind": kind, "column": DEFECTS[kind].column, "value": value[:CELL]} for kind, value in found]
        sent = {name: cell[:CELL] for name, cell in zip(self.columns, cells, strict=False) if name and cell}
        return found[0][0], json.dumps(problems, ensure_ascii=False), json.dumps(sent, ensure_ascii=False)

    def _birth(self, text: str) -> tuple[str, bool, str, int]:
        """(day, whether the day is known, what is wrong, 0: a child's age, 1: a student's, 2: past both)."""
        written = entries.compact(text)
        if not written:
            return "", False, "birth_missing", 0
        try:
            precise = _YEAR.fullmatch(written) is None
            born_on = entries.day(day(written)) if precise else date(int(written), self.ages.unknown_birth, self.ages.unknown_birth)
        except (entries.Unreadable, ValueError):
            return "", False, "birth_unreadable", 0
        if born_on > self.on or age_on(self.on, born_on) > OLDEST:
            return "", False, "birth_impossible", 0
        age = age_on(self.on, born_on)
        return born_on.isoformat(), precise, "", (age >= self.ages.dependant) + (age >= self.ages.student)

    def _end(self, text: str) -> tuple[str, bool]:
        """(first day without the card, whether it is of no use on the day)."""
        try:
            last = entries.day(day(text))
        except entries.Unreadable:
            return "", True
        return ((last + timedelta(days=1)).isoformat() if last < date.max else last.isoformat()), last < self.on


def _plain(text: str) -> str:
    return folded(text).translate(_SAME)
