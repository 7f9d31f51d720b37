"""Answers that stand though their question concerns nobody here: a change of something else leaves them as they are. Pure functions.

Reading a declaration leaves out what is not asked, so that it is never stored by a first registration. A registered family may hold
such an answer all the same: a pupil who has turned 26, what a former system had asked of everybody. Nobody contests it and nobody
retracts it, so it stands; only an answer that the change itself makes moot goes.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from .changes import by_key, reads
from .declaration import Declaration, Place, read, value_of
from .entries import typed
from .questions import HOUSEHOLD, PERSON, Question

OWN = ""
APART = ("member", "place")
"""Kinds that are not columns of their own: who points to whom, where the household lives."""


def _first(questions: tuple[Question, ...]) -> dict[str, Question]:
    """A field asked in two ways is kept under the fuller one, which comes first."""
    return {q.field: q for q in reversed(questions) if q.kind not in APART and not q.field.startswith("birth_")}


HELD, HELD_BY_PERSON = _first(HOUSEHOLD), _first(PERSON)


def left_out(answers: Mapping, *, place: Place | None, on: date, law) -> dict[str, dict[str, Any]]:
    """By person's key ("" for the household), the answers as typed that reading these leaves out, without a problem."""
    found = read(answers, place=place, on=on, law=law, supervised=True)
    wrong = {problem.path for problem in found.problems}
    own = {name: answers[name] for name in HELD if _silent(answers.get(name), name, found.household, wrong)}
    kept = {OWN: own} if own else {}
    for position, ((key, person), read_as) in enumerate(zip(by_key(answers).items(), found.members, strict=True), start=1):
        names = [name for name in HELD_BY_PERSON if _silent(person.get(name), name, read_as, wrong, prefix=f"members.{position}.")]
        if names:
            kept[key] = {name: person[name] for name in names}
    return kept


def _silent(raw, name: str, values: Mapping, wrong: set[str], *, prefix: str = "") -> bool:
    return raw != [] and bool(typed(raw)) and name not in values and prefix + name not in wrong


def keep(found: Declaration, answers: Mapping, standing: Mapping[str, Mapping]) -> None:
    """Put back in what was read of `answers` what stood unasked, where it still is unasked and nobody has edited it."""
    _put_back(HELD, found.household, answers, standing.get(OWN, {}))
    for (key, person), values in zip(by_key(answers).items(), found.members, strict=True):
        _put_back(HELD_BY_PERSON, values, person, standing.get(key, {}))


def _put_back(questions: Mapping[str, Question], values: dict, answers: Mapping, stood: Mapping) -> None:
    for name, raw in stood.items():
        if name not in values and reads(name, answers) == reads(name, stood):
            question = questions[name]
            # A code stands even if it is of former days, and no list holds it any more.
            values[name] = typed(raw) if question.kind == "choice" else value_of(question, raw)
