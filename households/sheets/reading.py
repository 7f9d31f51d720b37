"""A file of rows read as a stream, whatever it is: CSV in the alphabets people send, or an XLSX workbook.

What it is, is told by its bytes, never by its name. Nothing is held but a row at a time, and for a workbook its shared strings,
whose size is bounded before it is opened.
"""

import codecs
import csv
import datetime
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from .columns import folded

SEPARATORS = ";,\t"
UTF8, UTF16, FRENCH_CODE, ARABIC_CODE = "utf-8-sig", "utf-16", "cp1252", "cp1256"
HEAD = 65_536
CELL = 500
"""Characters of a cell: a longer one is no answer."""
OURS = "erreur_"
"""Columns that a file of refusals adds, and that are passed over when it comes back mended."""
WORKBOOK, STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"
MOST_COLUMNS = 200
MOST_PARTS, MOST_STRINGS = 2_000, 8
"""Parts of a workbook; its shared strings, which are held, may be an eighth of what it may unpack to."""


class Unusable(Exception):
    """The file cannot be taken in; the message is a sentence for whoever sent it."""


@dataclass(frozen=True)
class Shape:
    """How the bytes are to be read; `encoding` is empty for a workbook. `columns` are names, "" for one to pass over."""

    encoding: str
    separator: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]


@dataclass
class Bytes:
    """What a stream is seen to be while it goes by, so that no file is read twice to know its alphabet."""

    size: int = 0
    high: int = 0
    paired: int = 0
    nul: bool = False
    utf8: bool = True
    _last: bool = False

    def __post_init__(self):
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def see(self, block: bytes) -> None:
        self.size += len(block)
        self.nul = self.nul or b"\x00" in block
        if self.utf8:
            try:
                self._decoder.decode(block)
            except UnicodeDecodeError:
                self.utf8 = False
        if not block.isascii():
            self._count(block)

    def _count(self, block: bytes) -> None:
        """Accented letters stand alone among others; Arabic ones follow one another."""
        last = self._last
        for byte in block:
            high = byte >= 0xC0
            self.high += high
            self.paired += high and last
            last = high
        self._last = last

    def end(self) -> None:
        if self.utf8:
            try:
                self._decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                self.utf8 = False


def shape_of(path: Path, seen: Bytes, names: Mapping[str, str], *, most_unpacked: int) -> Shape:
    """How this file is to be read, its headings known one and all. Raises Unusable."""
    seen.end()
    with path.open("rb") as file:
        head = file.read(HEAD)
        if not head.strip():
            raise Unusable(_("Ce fichier est vide."))
        if head.startswith(b"PK\x03\x04"):
            check_workbook(file, most_unpacked)
            shape = Shape("", "", (), ())
            return with_headings(shape, first_row(path, shape), names)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unusable(
            _("Ce fichier est un classeur d’un ancien format, ou protégé par un mot de passe : enregistrez-le en .xlsx ou en CSV.")
        )
    encoding = _encoding(head, seen)
    text = head.decode(encoding, "ignore")
    separator = max(SEPARATORS, key=lambda mark: _recognized(text, mark, names))
    shape = Shape(encoding, separator, (), ())
    return with_headings(shape, first_row(path, shape), names)


def _encoding(head: bytes, seen: Bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF16
    if seen.nul or head.startswith((b"%PDF", b"{", b"<", b"\x89PNG", b"\xff\xd8")):
        raise Unusable(_("Ce fichier n’est ni un CSV ni un classeur XLSX."))
    if seen.utf8:
        return UTF8
    share = seen.paired / seen.high if seen.high else 0
    if share < 0.2:
        return FRENCH_CODE
    if share > 0.5:
        return ARABIC_CODE
    raise Unusable(_("L’alphabet de ce fichier ne se reconnaît pas : enregistrez-le en « CSV UTF-8 », ou en classeur XLSX."))


def _recognized(text: str, separator: str, names: Mapping[str, str]) -> int:
    """How many headings are known when the first line is cut by this mark."""
    try:
        first = next(csv.reader(io.StringIO(text), delimiter=separator), [])
    except csv.Error:
        return 0
    return sum(folded(cell) in names for cell in first)


def check_workbook(file: BinaryIO, most_unpacked: int) -> None:
    """Refuse what would unpack to more than the limit, before anything is unpacked. Raises Unusable."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unusable(_broken()) from error
    sizes = {part.filename: part.file_size for part in parts}
    if WORKBOOK not in sizes:
        raise Unusable(_("Ce fichier n’est ni un CSV ni un classeur XLSX."))
    strings = max((size for name, size in sizes.items() if name.lower() == STRINGS.lower()), default=0)
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > most_unpacked or strings > most_unpacked // MOST_STRINGS:
        raise Unusable(_("Ce classeur est trop grand une fois décompressé : partagez-le en plusieurs, ou enregistrez-le en CSV."))


def _broken() -> str:
    return _("Ce classeur ne se lit pas : ouvrez-le, enregistrez-le de nouveau en .xlsx, et recommencez.")


def with_headings(shape: Shape, first: Sequence[str], names: Mapping[str, str]) -> Shape:
    while first and not first[-1]:
        first = first[:-1]
    columns = tuple("" if not cell or folded(cell).startswith(OURS) else names.get(folded(cell), "?" + cell) for cell in first)
    if strange := [name[1:] for name in columns if name.startswith("?")]:
        if len(strange) == len([name for name in columns if name]):
            raise Unusable(_("La première ligne n’a aucun titre de colonne connu : commencez par le modèle."))
        listed = " · ".join(name[:60] for name in strange[:10])
        raise Unusable(_("Colonnes inconnues : %(names)s. Corrigez leur titre, ou retirez-les.") % {"names": listed})
    given = [name for name in columns if name]
    if not given:
        raise Unusable(_("La première ligne n’a aucun titre de colonne connu : commencez par le modèle."))
    if twice := sorted({name for name in given if given.count(name) > 1}):
        raise Unusable(_("Colonnes données deux fois : %(names)s.") % {"names": " · ".join(twice)})
    return Shape(shape.encoding, shape.separator, columns, tuple(first))


def first_row(path: Path, shape: Shape) -> list[str]:
    with closing(lines(path, shape)) as read:
        return next(read, (0, []))[1]


def lines(path: Path, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """(place in the file, cells as text) of each row, empty ones included. Raises Unusable in the middle of a file that breaks."""
    return _workbook_lines(path, len(shape.headings)) if not shape.encoding else _text_lines(path, shape)


def _text_lines(path: Path, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding=shape.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=shape.separator)
        try:
            for number, cells in enumerate(reader, start=1):
                yield number, [_unmasked(cell.strip()) for cell in cells]
        except UnicodeError as error:
            raise Unusable(
                _("L’alphabet de ce fichier ne se reconnaît pas : enregistrez-le en « CSV UTF-8 », ou en classeur XLSX.")
            ) from error
        except csv.Error as error:
            raise Unusable(_("Ce CSV ne se lit plus à la ligne %(line)s.") % {"line": reader.line_num}) from error


def _unmasked(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking a cell for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell


def _workbook_lines(path: Path, width: int) -> Iterator[tuple[int, list[str]]]:
    """Rows of the first sheet; one column more than there are headings, to see what stands beyond."""
    try:
        with path.open("rb") as file, closing(load_workbook(file, read_only=True, data_only=True, keep_links=False)) as book:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True, max_col=width + 1 if width else MOST_COLUMNS)
            for number, cells in enumerate(rows, start=1):
                yield number, [_text(cell) for cell in cells]
    except Unusable:
        raise
    except Exception as error:  # the library lets through whatever its parsers meet in a broken file
        raise Unusable(_broken()) from error


def _text(value) -> str:
    """A workbook's value as a person would have typed it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime.datetime():
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
        case datetime.date():
            return value.isoformat()
        case _:
            return str(value).strip()


def cells_of(shape: Shape, line: Sequence[str], beyond: str) -> dict[str, str]:
    """What the row says by column; cells beyond the last heading under `beyond`."""
    cells = {name: cell[:CELL].replace("\x00", "") for name, cell in zip(shape.columns, line, strict=False) if name and cell}
    if extra := " ".join(filter(None, line[len(shape.columns) :])):
        cells[beyond] = extra[:CELL]
    return cells
