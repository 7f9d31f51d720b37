"""What goes back to whoever sent a file: the rows refused in it, with the reason of each, in the format they were sent in."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User

from .. import queries
from ..models import Import
from ..sheets import feeds, reading, writing
from ..sheets.columns import household_columns
from .importing import path_of, shape_of


class NothingToReturn(Exception):
    """No refused row is left, or the file has been forgotten; the message is a sentence for the screen."""


@transaction.atomic
def write_refused_file(importing: Import, path: Path, *, on: date, by: User) -> int:
    """Write the refused rows, every row of a refused household, as they were sent; how many. The reading is traced.

    `importing` was found among those the user may see. The sent file is read again beside its refused rows: nothing is held in memory.
    """
    if importing.forgotten_at:
        raise NothingToReturn(_("Ce fichier a été effacé : seuls ses comptes sont gardés."))
    count = queries.refused_rows(importing).count()
    if not count:
        raise NothingToReturn(_("Aucune ligne n’est refusée."))
    shape = shape_of(importing)
    writing.write_refused(
        path, shape.headings, _rows(importing, shape), questions=questions_of(importing.kind), workbook=importing.is_workbook
    )
    audit.record(by=by, verb="import.refused_read", subject=f"import:{importing.pk}", rows=count, on=str(on))
    return count


def questions_of(kind: str) -> dict[str, Mapping[str, str]]:
    """The headings of a file's columns in both languages, by their name."""
    columns = household_columns() if kind == Import.Kind.HOUSEHOLDS else feeds.columns_of(kind)
    return {column.name: column.headings for column in columns}


def _rows(importing: Import, shape: reading.Shape) -> Iterator[tuple[Sequence[str], int, Sequence[dict]]]:
    lines = reading.lines(path_of(importing), shape)
    for row in queries.refused_rows(importing).iterator(chunk_size=500):
        for number, cells in lines:
            if number == row.number:
                yield cells, number, row.problems
                break
