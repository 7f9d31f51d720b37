"""What a draft holds and how each page changes it: pure functions over the answers as typed.

Each person has a `key` of their own, so that a page left open never writes over somebody else when people are removed.
"""

import secrets
from collections.abc import Iterable, Mapping

from .entries import typed
from .questions import Question

POINTERS = ("spouse", "mother", "father")
MOST_CONFIRMED = 200


def new_key() -> str:
    return secrets.token_hex(4)


def clean_key(text: str) -> str:
    """The key a page proposes for a new person, so that its button pressed twice adds one; another when it is no key."""
    return text if text.isascii() and text.isalnum() and len(text) <= 16 else new_key()


def people(answers: Mapping) -> list[dict]:
    """The members as typed, whatever else stands in their place."""
    members = answers.get("members")
    return [member for member in members if isinstance(member, dict)] if isinstance(members, list) else []


def name_ar(member: Mapping) -> str:
    """Both names in Arabic, or nothing: a family name alone would make one person of two children."""
    first, last = typed(member.get("first_name_ar")), typed(member.get("last_name_ar"))
    return f"{first} {last}" if first and last else ""


def keys(answers: Mapping) -> list[str]:
    """Whose page each person has, in the order declared."""
    return [typed(member.get("key")) for member in people(answers)]


def keyed(answers: Mapping) -> dict:
    """The same answers, each person with a key."""
    return {**answers, "members": [member if member.get("key") else member | {"key": new_key()} for member in people(answers)]}


def position_of(answers: Mapping, key: str) -> int | None:
    """1 for the first person; None when nobody bears the key."""
    return next((place for place, member in enumerate(people(answers), start=1) if member.get("key") == key), None)


def entered(questions: Iterable[Question], data: Mapping) -> dict:
    """A form's fields as answers, wrong ones as they were typed."""
    answers: dict = {}
    for question in questions:
        name = question.field
        if question.kind == "bills":
            months = [typed(data.get(f"{name}_{month}")) or None for month in range(3)]
            ticked = bool(data.get(f"{name}_none"))
            answers[name] = months if any(months) else [] if ticked else None
            answers[f"{name}_none"] = ticked and any(months)
        else:
            answers[name] = _entered_one(question.kind, typed(data.get(name)))
    return answers


def _entered_one(kind: str, text: str):
    if kind == "flag":
        return bool(text)
    if kind == "yes_no" and text in ("true", "false"):
        return text == "true"
    if kind == "member" and text.isdecimal() and len(text) < 4:
        return int(text)
    return text or None


def fields(questions: Iterable[Question], answers: Mapping) -> dict[str, str]:
    """Answers as a form's fields: the way back of `entered`."""
    data: dict[str, str] = {}
    for question in questions:
        name, value = question.field, answers.get(question.field)
        if question.kind == "bills":
            months = value if isinstance(value, list) else []
            data |= {f"{name}_{month}": typed(text) for month, text in enumerate(months[:3])}
            data[f"{name}_none"] = "on" if value == [] or answers.get(f"{name}_none") else ""
        elif question.kind == "flag":
            data[name] = "on" if typed(value) == "true" else ""
        else:
            data[name] = typed(value)
    return data


def amended(answers: Mapping, changes: Mapping, confirmed: Iterable[str]) -> dict:
    return confirmed_too({**answers, **changes}, confirmed)


def confirmed_too(answers: Mapping, confirmed: Iterable[str]) -> dict:
    """What the family said to be exact, kept beside the answers; the latest ones if there are too many."""
    before = answers.get("confirmed")
    both = dict.fromkeys([*(before if isinstance(before, list) else []), *confirmed])
    return {**answers, "confirmed": list(both)[-MOST_CONFIRMED:]} if both else dict(answers)


def set_apart(answers: Mapping, mark: str) -> dict:
    """Somebody registered said not to be the one being registered: `key:number`, or `household:number`; the latest ones if too many."""
    before = answers.get("not_same")
    both = dict.fromkeys([*(before if isinstance(before, list) else []), mark])
    return {**answers, "not_same": list(both)[-MOST_CONFIRMED:]}


def with_person(answers: Mapping, key: str) -> dict:
    """One more person; asked twice for the same key, one."""
    answers = keyed(answers)
    if position_of(answers, key) is None:
        first = {"relation": "head"} if not answers["members"] else {}
        answers["members"].append({"key": key, "nationality": "ma"} | first)
    return answers


def person_amended(answers: Mapping, key: str, changes: Mapping, confirmed: Iterable[str]) -> dict:
    """The person of this key changed; nobody when the person has been removed meanwhile."""
    members = [member | dict(changes) if member.get("key") == key else member for member in people(answers)]
    return confirmed_too({**answers, "members": members}, confirmed)


def without_person(answers: Mapping, key: str) -> dict:
    """The person taken away; who pointed to them points to nobody, the others' positions follow."""
    gone = position_of(answers, key)
    if gone is None:
        return dict(answers)
    members = [_shifted(member, gone) for member in people(answers) if member.get("key") != key]
    return {**answers, "members": members}


def _shifted(member: dict, gone: int) -> dict:
    pointers = {}
    for name in POINTERS:
        target = member.get(name)
        if isinstance(target, int) and target >= gone:
            pointers[name] = None if target == gone else target - 1
    return member | pointers
