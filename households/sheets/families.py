"""Rows of one household put together as a declaration, and a declaration's problems brought back to their row and column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..drafts import POINTERS
from ..entries import compact, typed
from ..problems import Problem
from ..questions import BY_FIELD
from .columns import BIRTH, BORN_ON, CONFIRMED, GROUP, MONTHS, answer, day, folded, household_columns

NOBODY = 999
"""A place no member can have: a pointer to somebody who is not on the household's rows."""
TOO_LONG = "?"
"""Where cells beyond the last heading are kept."""
BILLS = tuple(dict.fromkeys(c.question.field for c in household_columns() if c.question and c.question.kind == "bills"))
OWN = tuple(c.name for c in household_columns() if c.person and c.question)
SHARED = tuple(c.name for c in household_columns() if not c.person and c.name != CONFIRMED)


@dataclass(frozen=True)
class Row:
    """`number` is the row's place in the file, the headings being row 1; `cells` are what was written, by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """A problem where it stands in the file."""

    row: int
    column: str
    value: str
    problem: Problem


@dataclass(frozen=True)
class Family:
    """The declaration of some rows, and what keeps them from being one."""

    rows: Sequence[Row]
    answers: dict
    wrong: Sequence[Found]

    def located(self, problems: Sequence[Problem]) -> list[Found]:
        return [*self.wrong, *(self._locate(problem) for problem in problems)]

    def _locate(self, problem: Problem) -> Found:
        member = re.fullmatch(r"members\.(\d+)(?:\.(\w+))?", problem.path)
        name = (member[2] or "") if member else problem.path
        column = "" if name == "members" else self._column(name)
        if member and int(member[1]) <= len(self.rows):
            row = self.rows[int(member[1]) - 1]
        else:
            row = next((row for row in self.rows if row.cells.get(column)), self._head())
        return Found(row.number, column, row.cells.get(column, ""), problem)

    def _head(self) -> Row:
        people = self.answers.get("members", [])
        return next((row for row, person in zip(self.rows, people, strict=False) if person.get("relation") == "head"), self.rows[0])

    def _column(self, name: str) -> str:
        if name in BILLS:
            return f"{name}_1"
        if name in BIRTH and any(row.cells.get(BORN_ON) for row in self.rows) and not any(row.cells.get(name) for row in self.rows):
            return BORN_ON
        return name


def family_of(rows: Sequence[Row], communes: Mapping[str, str]) -> Family:
    """`communes`: folded code or name -> code, those of the sender's area."""
    wrong = [Found(row.number, "", row.cells[TOO_LONG], Problem("", _too_long())) for row in rows if row.cells.get(TOO_LONG)]
    if not rows[0].cells.get(GROUP):
        wrong.append(Found(rows[0].number, GROUP, "", Problem("", _("Dites de quel ménage est cette personne : la colonne est vide."))))
    shared = {}
    for name in SHARED:
        value, differs = _shared(rows, name)
        shared |= {name: value} if value else {}
        wrong += differs
    answers = _household(shared, communes)
    people = [_person(row) for row in rows]
    wrong += [found for row, person in zip(rows, people, strict=True) for found in _born(row, person)]
    _point(people)
    confirmed = [code for row in rows for code in re.split(r"[\s|;,]+", row.cells.get(CONFIRMED, "")) if code]
    answers["members"] = people
    return Family(rows, answers | ({"confirmed": list(dict.fromkeys(confirmed))} if confirmed else {}), wrong)


def _too_long() -> str:
    return _("Cette ligne a plus de cases remplies que le fichier n’a de titres.")


def _shared(rows: Sequence[Row], name: str) -> tuple[str, list[Found]]:
    """A household's answer, once or repeated the same; every row that says something else is wrong."""
    given = [(row, row.cells[name]) for row in rows if row.cells.get(name)]
    if not given:
        return "", []
    first = given[0][1]
    sentence = _("Les lignes de ce ménage ne donnent pas la même réponse : écrivez-la une fois, ou la même partout.")
    return first, [Found(row.number, name, text, Problem(name, sentence)) for row, text in given[1:] if folded(text) != folded(first)]


def _household(shared: Mapping[str, str], communes: Mapping[str, str]) -> dict:
    answers: dict = {}
    for name in BILLS:
        months = [shared.get(f"{name}_{month}") for month in MONTHS]
        if none := shared.get(f"{name}_none"):
            said = answer(BY_FIELD["water_in_electricity"], none)
            answers |= {f"{name}_none": said} if any(months) else {name: []} if said is True else {}
        if any(months):
            answers[name] = months
    rest = {name: text for name, text in shared.items() if not any(name.startswith(f"{bill}_") for bill in BILLS)}
    for name, text in rest.items():
        answers[name] = communes.get(folded(text), text) if name == "commune" else answer(BY_FIELD[name], text)
    return answers


def _person(row: Row) -> dict:
    person = {name: answer(BY_FIELD[name], row.cells[name]) for name in OWN if row.cells.get(name)}
    if (whole := row.cells.get(BORN_ON)) and not any(row.cells.get(name) for name in BIRTH):
        person |= dict(zip(BIRTH, _parts(whole), strict=True))
    return person


def _parts(whole: str) -> tuple[str, str, str]:
    """(day, month, year) of a date; a date that is none is left to the year's own check."""
    text = compact(day(whole))
    if parts := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return parts[3], parts[2], parts[1]
    if parts := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
        return parts[1], parts[2], parts[3]
    return "", "", text


def _born(row: Row, person: dict) -> list[Found]:
    """A day of birth written whole and in parts says the same twice, or is wrong."""
    whole = row.cells.get(BORN_ON)
    given = {name: compact(row.cells[name]).lstrip("0") for name in BIRTH if row.cells.get(name)}
    if not whole or not given:
        return []
    parts = {name: part.lstrip("0") for name, part in zip(BIRTH, _parts(whole), strict=True)}
    if any(parts[name] != text for name, text in given.items()):
        sentence = _("La date de naissance est donnée deux fois, et n’est pas la même.")
        return [Found(row.number, BORN_ON, whole, Problem(BORN_ON, sentence))]
    person |= dict(zip(BIRTH, _parts(whole), strict=True))
    return []


def _point(people: list[dict]) -> None:
    """A pointer may be the person's place among the household's rows, or their IDCS."""
    places = {compact(person.get("idcs")): place for place, person in enumerate(people, start=1) if typed(person.get("idcs"))}
    for person in people:
        for name in POINTERS:
            if name in person:
                text = compact(person[name])
                short = text.isascii() and text.isdigit() and len(text) < 4
                person[name] = int(text) if short else places.get(text, NOBODY)
