"""The order as one CSV for the agencies that load no XML: the same payments, the same sums.

UTF-8 with its mark, because it is opened in a spreadsheet, which would otherwise break the Arabic names; semicolons; two decimals after
a point; a cell that begins like a formula is kept from running by an apostrophe.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from .pain001 import Invalid, Read
from .rib import grouped
from .rows import Row, Sender, centimes, decimal

COLUMNS = ("reference", "end_to_end_id", "month", "method", "rib", "name_fr", "name_ar", "idcs", "amount", "currency")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BLOCK = 1000


def write(out: BinaryIO, rows: Iterable[Row], *, sender: Sender) -> None:
    out.write(b"\xef\xbb\xbf")
    out.write(_lines([COLUMNS]))
    rows = iter(rows)
    while block := list(islice(rows, BLOCK)):
        out.write(_lines(_cells(row, sender) for row in block))


def _lines(cells: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()


def _cells(row: Row, sender: Sender) -> tuple[str, ...]:
    """A RIB is written in groups: a spreadsheet would round a number of 24 digits."""
    rib = grouped(row.account) if row.account else ""
    idcs = "" if row.account else row.idcs
    method = "transfer" if row.account else "cash"
    amount = decimal(row.amount)
    return (
        sender.reference, row.end_to_end_id, f"{row.month:%Y-%m}", method, rib, _safe(row.name_fr), _safe(row.name_ar), idcs, amount, "MAD",
    )  # fmt: skip


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def read_back(path: Path) -> Read:
    """Count a written file again from its own lines. Raises Invalid."""
    payments = amount = 0
    reference = ""
    for cells in _read(path):
        if len(cells) != len(COLUMNS):
            raise Invalid(f"line {payments + 2} has {len(cells)} cells")
        reference, payments, amount = cells[0], payments + 1, amount + centimes(cells[8])
    return Read(reference, payments, amount)


def _read(path: Path) -> Iterator[list[str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter=";")
        if tuple(next(lines, ())) != COLUMNS:
            raise Invalid("the headings are not those of a payment file")
        yield from lines
