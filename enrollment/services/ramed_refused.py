"""What goes back to whoever made a RAMED file: the rows refused in it, as sent, with the reason of each in both languages."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from households.sheets import writing
from households.sheets.columns import in_both
from rsu import audit
from rsu.models import User

from .. import moved
from ..models import RamedMigration, RamedRow
from ..ramed.columns import NAMES, ramed_columns
from ..ramed.defects import SENTENCES

WORKBOOK_ROWS = 20_000
"""Past it, the rows of a workbook go back as CSV."""


class NothingToReturn(Exception):
    """No refused row is left, or the file has been forgotten; the message is a sentence for the screen."""


@transaction.atomic
def write_ramed_refused(migration: RamedMigration, path: Path, *, workbook: bool, on: date, by: User) -> int:
    """Write the rows of the caller's area refused, or rejected in the queue; how many. Row after row, whatever their number. Traced."""
    if migration.forgotten_at:
        raise NothingToReturn(_("Ce fichier a été effacé : seuls ses comptes sont gardés."))
    back = moved.refused_rows(migration, by)
    count = back.count()
    if not count:
        raise NothingToReturn(_("Aucune ligne n’est refusée."))
    questions = {column.name: column.headings for column in ramed_columns()}
    writing.write_refused(path, NAMES, _rows(back), questions=questions, workbook=workbook)
    audit.record(by=by, verb="ramed.refused_read", subject=f"ramed:{migration.pk}", rows=count, on=str(on))
    return count


def goes_back_as_workbook(migration: RamedMigration, user: User) -> bool:
    return migration.is_workbook and moved.refused_rows(migration, user).count() <= WORKBOOK_ROWS


def _rows(back: QuerySet[RamedRow]) -> Iterator[tuple[Sequence[str], int, Sequence[Mapping]]]:
    for row in back.iterator(chunk_size=2_000):
        told = [{**problem, **_in_both(problem["kind"])} for problem in row.problems]
        if row.settled == RamedRow.Settled.REJECTED:
            told.append({"column": "", "value": "", "fr": row.reason, "ar": row.reason})
        yield [row.cells.get(name, "") for name in NAMES], row.number, told


@lru_cache(maxsize=64)
def _in_both(kind: str) -> Mapping[str, str]:
    return in_both(lambda: SENTENCES[kind])
