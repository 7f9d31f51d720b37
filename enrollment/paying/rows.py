"""A payment as the files hold it, and how its money and its name are written in them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

NOT_PRINTED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One frozen payment; `account` is empty for cash, `amount` is in centimes."""

    position: int
    end_to_end_id: str
    month: date
    amount: int
    name_fr: str
    name_ar: str
    idcs: str
    account: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments one after the other that are paid the same way."""

    number: int
    cash: bool
    payments: int
    amount: int


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an order."""

    number: int
    batches: tuple[Batch, ...]

    @property
    def payments(self) -> int:
        return sum(batch.payments for batch in self.batches)

    @property
    def amount(self) -> int:
        return sum(batch.amount for batch in self.batches)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who pays, and the order it pays: all as it was when frozen, so that its files are the same bytes every time."""

    reference: str
    name: str
    identifier: str
    rib: str
    bic: str
    on: date
    at: datetime


def decimal(centimes: int) -> str:
    """123456 is "1234.56"."""
    return f"{centimes // 100}.{centimes % 100:02d}"


def centimes(text: str) -> int:
    """ "1234.56" or "1234" in centimes; ValueError for anything that is not a sum of at most two decimals."""
    found = re.fullmatch(r"([0-9]{1,14})(?:\.([0-9]{1,2}))?(0*)", text.strip())
    if not found:
        raise ValueError(text)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


@lru_cache(maxsize=100_000)
def printable(name: str) -> str:
    """In the letters every bank prints: Aïcha is Aicha; what has no such letter becomes a space."""
    if name.isascii() and not NOT_PRINTED.search(name):
        return name
    plain = unicodedata.normalize("NFKD", name.replace("’", "'").replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(NOT_PRINTED.sub(" ", letters).split()) or "?"


def parts_of_counts(counts: Iterable[tuple[int, bool, int, int]]) -> list[Part]:
    """Files from (file, cash, payments, amount) of each batch in order."""
    made: dict[int, list[Batch]] = {}
    for file, cash, payments, amount in counts:
        batches = made.setdefault(file, [])
        batches.append(Batch(len(batches) + 1, cash, payments, amount))
    return [Part(number, tuple(batches)) for number, batches in enumerate(made.values(), start=1)]
