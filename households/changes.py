"""Two declarations compared answer by answer, and two people's changes put together: pure functions over answers as typed.

A person is known by their key, never by their place; who points to whom is compared by keys too.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .declaration import value_of
from .drafts import POINTERS, people
from .entries import Unreadable, typed
from .questions import HOUSEHOLD, PERSON

PERSON_FIELDS = tuple(dict.fromkeys(question.field for question in PERSON))
HOUSEHOLD_FIELDS = tuple(dict.fromkeys(question.field for question in HOUSEHOLD))
BY_FIELD = {question.field: question for question in (*PERSON, *HOUSEHOLD)}
MEMBER = "member"
"""The field of a change that adds or removes somebody."""


@dataclass(frozen=True)
class Change:
    """`who` is a person's key, "" for the household; `before` and `after` are answers as typed, or whole persons for MEMBER."""

    who: str
    field: str
    before: Any
    after: Any

    @property
    def path(self) -> str:
        """What it touches: `rooms`, or `m12.cover`; somebody who comes or goes touches `m12.member`."""
        return f"{self.who}.{self.field}" if self.who else self.field


def changes(before: Mapping, after: Mapping) -> list[Change]:
    """Every answer that reads otherwise, in the order of the questions: the household's own, then person by person."""
    found = [
        Change("", field, before.get(field), after.get(field)) for field in HOUSEHOLD_FIELDS if reads(field, before) != reads(field, after)
    ]
    old, new = by_key(before), by_key(after)
    for key in [*old, *(key for key in new if key not in old)]:
        found += _person_changes(key, old.get(key), new.get(key))
    return found


def _person_changes(key: str, old: dict | None, new: dict | None) -> list[Change]:
    if old is None or new is None:
        return [Change(key, MEMBER, old, new)]
    return [Change(key, field, old.get(field), new.get(field)) for field in PERSON_FIELDS if reads(field, old) != reads(field, new)]


def reads(field: str, answers: Mapping):
    """An answer as it reads: 3 and "3" are one; what cannot be read is compared as typed, nothing and "no" pointer are nothing."""
    raw = answers.get(field)
    if field in POINTERS:
        return raw or None
    question = BY_FIELD[field]
    if question.kind == "bills":
        raw = [] if raw is None and answers.get(f"{field}_none") else raw
        if raw is None:
            return None
    elif not typed(raw):
        return False if question.kind == "flag" else None
    try:
        return value_of(question, raw)
    except Unreadable:
        return typed(raw)


def by_key(answers: Mapping) -> dict[str, dict]:
    """Persons by their key, in order, pointing to keys instead of places."""
    members = people(answers)
    keys = [str(member.get("key", place)) for place, member in enumerate(members, start=1)]
    return {key: member | _pointed(member, keys) for key, member in zip(keys, members, strict=True)}


def _pointed(member: Mapping, keys: list[str]) -> dict:
    places = {name: member.get(name) for name in POINTERS}
    return {name: keys[place - 1] if isinstance(place, int) and 0 < place <= len(keys) else None for name, place in places.items()}


def placed(members: Mapping[str, dict]) -> list[dict]:
    """The way back of `by_key`: pointers to places; to nobody when the person pointed to is gone."""
    places = {key: place for place, key in enumerate(members, start=1)}
    return [member | {name: places.get(member.get(name)) for name in POINTERS} for member in members.values()]


@dataclass(frozen=True)
class Conflict:
    """The same answer changed twice since: `theirs` stands in the registry, `mine` is what the draft says."""

    who: str
    field: str
    mine: Any
    theirs: Any

    @property
    def path(self) -> str:
        return f"{self.who}.{self.field}" if self.who else self.field


def together(base: Mapping, mine: Mapping, theirs: Mapping) -> tuple[dict, list[Conflict]]:
    """My declaration with what the registry has learnt since `base`; where both changed one answer mine is kept and told."""
    made = {change.path: change for change in changes(base, mine)}
    answers, members = {**mine}, by_key(mine)
    conflicts = []
    for change in changes(base, theirs):
        own = made.get(change.path) or (made.get(f"{change.who}.{MEMBER}") if change.who else None)
        if own is None:
            _take(change, answers, members)
        elif not _same(own, change):
            conflicts.append(Conflict(change.who, change.field, own.after, change.after))
    return answers | {"members": placed(members)}, conflicts


def _same(own: Change, other: Change) -> bool:
    if own.field != other.field:
        return False
    if own.field == MEMBER:
        return own.after is None and other.after is None
    return reads(own.field, {own.field: own.after}) == reads(other.field, {other.field: other.after})


def _take(change: Change, answers: dict, members: dict[str, dict]) -> None:
    if not change.who:
        answers[change.field] = change.after
    elif change.field != MEMBER:
        members[change.who][change.field] = change.after
    elif change.after is None:
        members.pop(change.who, None)
    else:
        members[change.who] = change.after


def accepted(before: Mapping, after: Mapping, paths: Collection[str]) -> dict:
    """The declaration of before with those changes of after, and no other."""
    answers, members = {**before}, by_key(before)
    for change in changes(before, after):
        if change.path in paths:
            _take(change, answers, members)
    return answers | {"members": placed(members)}
