"""The law as dated, cited values, and their reader: no figure of the law stands anywhere else.

A provision is never edited: a later one, or one with the same day and a higher id, takes its place.
Nothing here knows a clock or a database; whoever holds the rows and the day asks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from eligibility.law.files import entries, formula_facts
from eligibility.law.validation import (
    ALWAYS_READ,
    MILIEUX,
    MONTHLY,
    NEVER_REPEALED,
    REGIONS,
    Fault,
    Path,
    check_since,
    check_value,
    faults_of,
    scaled_integer,
)

FORMULA = "score.formula"

__all__ = [
    "ALWAYS_READ",
    "FORMULA",
    "MILIEUX",
    "MONTHLY",
    "NEVER_REPEALED",
    "REGIONS",
    "Fault",
    "Law",
    "LawError",
    "NotInForce",
    "Path",
    "Provision",
    "UnknownKey",
    "check_since",
    "check_value",
    "declared_keys",
    "entries",
    "faults_of",
    "formula_facts",
    "founding",
    "in_script",
    "scaled_integer",
]


class LawError(LookupError):
    """The law was asked something it does not answer; ``key`` says what."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class UnknownKey(LawError):
    """No provision, in force or not, has ever borne this key: a mistake in the program."""


class NotInForce(LawError):
    """The key is known and has no value on that day. Never answered by an earlier or a later value."""


@dataclass(frozen=True, slots=True)
class Provision:
    """``value`` is text, whole numbers, booleans, lists or tables of these; ``None`` repeals the key.

    Money is in centimes unless the key says otherwise; ``confidence`` is H, M or L.
    """

    id: int
    key: str
    since: date
    value: Any
    source: str
    gazette: str
    url: str
    note: str
    confidence: str


class Law:
    """The law of one day, read from the rows given: later days are not seen, gaps are not filled."""

    def __init__(self, rows: Iterable[Provision], on: date) -> None:
        self.on = on
        self._known = set(declared_keys())
        self._standing: dict[str, Provision] = {}
        for row in rows:
            self._known.add(row.key)
            standing = self._standing.get(row.key)
            if row.since <= on and (standing is None or (row.since, row.id) > (standing.since, standing.id)):
                self._standing[row.key] = row

    def value(self, key: str) -> Any:
        return self.cite(key).value

    def cite(self, key: str) -> Provision:
        """The provision in force. Raises ``NotInForce`` or ``UnknownKey``."""
        if key not in self._known:
            raise UnknownKey(key, f"{key} is not a key of the law")
        provision = self._standing.get(key)
        if provision is None or provision.value is None:
            raise NotInForce(key, f"{key} is not in force on {self.on.isoformat()}")
        return provision

    def keys(self) -> frozenset[str]:
        """Every key that is known, in force or not."""
        return frozenset(self._known)

    def has(self, key: str) -> bool:
        """Whether the key has a value that day; an unknown key is still an error."""
        try:
            self.cite(key)
        except NotInForce:
            return False
        return True


def in_script(text: str, *, arabic: bool) -> str:
    """A source, gazette or note in both scripts, "Décret … / المرسوم …", in one of them; any other text as it is."""
    french, slash, other = text.partition(" / ")
    if not slash or not any("\u0600" <= letter <= "\u06ff" for letter in other):
        return text
    return other if arabic else french


def founding() -> Iterator[Provision]:
    """The provisions the product ships, numbered from 1 in the order of the files."""
    in_force = (entry for entry in entries() if not entry.get("off"))
    for number, entry in enumerate(in_force, start=1):
        yield Provision(id=number, **entry)


@cache
def declared_keys() -> frozenset[str]:
    """Every key the product knows, those that are off included."""
    return frozenset(entry["key"] for entry in entries())
