"""What a registered household says today, in the very words of a declaration: the way back of `declaration.read`.

A person's `key` is `m` and the row's number, so that a draft begun from it knows who is who whatever is added or removed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from .entries import typed
from .models import Household, Member
from .questions import HOUSEHOLD, PERSON, Question

CENTIMES = 100
BIRTH = ("birth_year", "birth_month", "birth_day")
PARTS = {"day": 3, "month": 2, "year": 1}
"""How many parts of a birth are known."""


def key_of(member: Member) -> str:
    return f"m{member.pk}"


def member_id(key: str) -> int | None:
    """The row a key names; None for a person who is not registered yet."""
    return int(key[1:]) if key[:1] == "m" and key[1:].isdecimal() else None


def answers_of(household: Household, *, confirmed: Iterable[str] = (), members: Sequence[Member] | None = None) -> dict:
    """The household's present answers as typed; `confirmed` are the rare ones the family has confirmed already.

    `members`, in order, are given by whoever has read those of many households at once.
    """
    members = list(Member.objects.filter(household=household).order_by("position")) if members is None else members
    places = {member.pk: place for place, member in enumerate(members, start=1)}
    answers = {"commune": household.commune.code} | _answers(HOUSEHOLD, household)
    answers["members"] = [_person(member, places) for member in members]
    _name_wives(answers["members"])
    return answers | ({"confirmed": list(confirmed)} if confirmed else {})


def _answers(questions: Iterable[Question], row) -> dict:
    held = {question.field: question for question in questions if hasattr(type(row), question.field)}
    return {
        field: as_typed(question.kind, getattr(row, field))
        for field, question in held.items()
        if question.kind not in ("place", "member") and getattr(row, field) not in (None, "")
    }


def _person(member: Member, places: Mapping[int, int]) -> dict:
    person = {"key": key_of(member)} | _answers(PERSON, member)
    known = (member.born_on.year, member.born_on.month, member.born_on.day)[: PARTS[member.birth_precision]]
    person |= {name: str(part) for name, part in zip(BIRTH, known, strict=False)}
    for role in ("spouse", "mother", "father"):
        if target := places.get(getattr(member, f"{role}_id")):
            person[role] = target
    return person


def _name_wives(people: list[dict]) -> None:
    """A wife points to her husband; on his own page he names her too, the first of several."""
    for place, person in enumerate(people, start=1):
        if husband := person.get("spouse"):
            people[husband - 1].setdefault("spouse", place)


def as_typed(kind: str, value):
    """A stored value as a person would have typed it."""
    match kind:
        case "bills":
            return [None if month is None else dirhams(month) for month in value]
        case "money":
            return dirhams(value)
        case "yes_no" | "flag":
            return bool(value)
        case _:
            return f"{value:%d/%m/%Y}" if isinstance(value, date) else typed(value)


def plain_answer(row, name: str):
    """A stored answer as a partner's word is kept: days as text, nothing as None."""
    value = getattr(row, name)
    return value.isoformat() if isinstance(value, date) else (None if value == "" else value)


def dirhams(centimes: int) -> str:
    """7550 is 75,50 and 7500 is 75."""
    whole, rest = divmod(centimes, CENTIMES)
    return f"{whole},{rest:02d}" if rest else str(whole)
