"""The bytes of a RAMED file, read from any place of it: a reading that was killed goes on where its last lot ended."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from households.sheets import reading
from households.sheets.reading import Bytes, Shape, Unusable

from .columns import NEEDED, ramed_names

BATCH = 5_000
"""Rows held at a time."""
BOM = b"\xef\xbb\xbf"


class Utf8(Bytes):
    """What a stream is seen to be, its alphabet known: nothing is counted byte by byte."""

    def _count(self, block: bytes) -> None:
        pass


def shape_of(path: Path, seen: Bytes, *, most_unpacked: int) -> Shape:
    """How the file is read: a workbook, or CSV in UTF-8. Raises Unusable."""
    shape = reading.shape_of(path, seen, ramed_names(), most_unpacked=most_unpacked)
    if shape.encoding not in ("", reading.UTF8):
        raise Unusable(_("L’alphabet de ce fichier ne se reconnaît pas : enregistrez-le en « CSV UTF-8 », ou en classeur XLSX."))
    if missing := [name for name in NEEDED if name not in shape.columns]:
        raise Unusable(_("Colonnes qui manquent : %(names)s. Commencez par le modèle.") % {"names": " · ".join(missing)})
    return shape


def known_shape(path: Path, encoding: str, separator: str) -> Shape:
    """The same, of a file whose alphabet was seen when it came."""
    shape = Shape(encoding, separator, (), ())
    return reading.with_headings(shape, reading.first_row(path, shape), ramed_names())


class _Lines:
    """Lines as text, and the place after the last one given: a csv reader takes whole records, and no more."""

    def __init__(self, file: BinaryIO) -> None:
        self.readline, self.place = file.readline, file.tell()

    def __iter__(self):
        return self

    def __next__(self) -> str:
        line = self.readline()
        if not line:
            raise StopIteration
        self.place += len(line)
        return line.decode()


def batches(path: Path, shape: Shape, *, first: int, place: int, most: int) -> Iterator[tuple[list[tuple[int, Sequence[str]]], int]]:
    """(rows with their numbers, place after them) from row `first`, which begins at byte `place`; at most `most` rows in all.

    Row 1 is the headings. A workbook has no places: it is read whole, whatever `most`. Raises Unusable.
    """
    return _of_text(path, shape, first, place, most) if shape.encoding else _of_workbook(path, shape, first)


def _of_text(path: Path, shape: Shape, first: int, place: int, most: int) -> Iterator[tuple[list[tuple[int, Sequence[str]]], int]]:
    with path.open("rb") as file:
        file.seek(place)
        if not place and file.read(len(BOM)) != BOM:
            file.seek(0)
        lines = _Lines(file)
        records = enumerate(csv.reader(lines, delimiter=shape.separator), start=first)
        try:
            for left in range(most, 0, -BATCH):
                rows = list(islice(records, min(BATCH, left)))
                if not rows:
                    return
                yield rows, lines.place
        except UnicodeError as error:
            raise Unusable(
                _("L’alphabet de ce fichier ne se reconnaît pas : enregistrez-le en « CSV UTF-8 », ou en classeur XLSX.")
            ) from error
        except csv.Error as error:
            raise Unusable(_("Ce CSV ne se lit plus à la ligne %(line)s.") % {"line": first}) from error


def _of_workbook(path: Path, shape: Shape, first: int) -> Iterator[tuple[list[tuple[int, Sequence[str]]], int]]:
    lines = islice(reading.lines(path, shape), first - 1, None)
    while rows := list(islice(lines, BATCH)):
        yield rows, 0
