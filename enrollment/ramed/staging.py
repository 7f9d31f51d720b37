"""The staging table of one migration: rows as read, keyed once they are all there, dropped when they are all counted."""

import csv
import io
from collections.abc import Iterable, Sequence
from contextlib import contextmanager

from .rows import STAGED, Reader

COLUMNS = """
    number integer NOT NULL, principal boolean NOT NULL, card text NOT NULL, holder text NOT NULL, idcs text NOT NULL, cin text NOT NULL,
    last_name_fr text NOT NULL, first_name_fr text NOT NULL, last_name_ar text NOT NULL, first_name_ar text NOT NULL, sex text NOT NULL,
    born_on date, precise boolean NOT NULL, relation text NOT NULL, student boolean NOT NULL, disability boolean NOT NULL,
    commune_id integer, card_until date, synthetic boolean NOT NULL, kind text, problems jsonb, cells jsonb, found text
"""
NOT_NULL = "card, holder, idcs, cin, last_name_fr, first_name_fr, last_name_ar, first_name_ar, sex, relation"


def table(migration_id: int) -> str:
    return f"enrollment_ramedstaging_{int(migration_id)}"


def create(cursor, migration_id: int) -> None:
    cursor.execute(f"CREATE TABLE IF NOT EXISTS {table(migration_id)} ({COLUMNS})")


def drop(cursor, migration_id: int) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {table(migration_id)}")


def index(cursor, migration_id: int) -> None:
    """Keys after the rows; what a check and a load look up, and no more."""
    name = table(migration_id)
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    cursor.execute(f"CREATE UNIQUE INDEX ON {name} (number)")
    cursor.execute(f"CREATE INDEX ON {name} (idcs) WHERE kind IS NULL")
    cursor.execute(f"CREATE INDEX ON {name} (card) WHERE principal")
    cursor.execute(f"ANALYZE {name}")


class Stage:
    """Writes rows of the file into the staging table through one COPY."""

    def __init__(self, copy, reader: Reader) -> None:
        self.copy, self.reader, self.count = copy, reader, 0

    def write(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Rows without any answer are passed over."""
        text, line = io.StringIO(), self.reader.line
        staged = [line(number, cells) for number, cells in ((number, _cleaned(cells)) for number, cells in rows) if any(cells)]
        csv.writer(text).writerows(staged)
        self.copy.write(text.getvalue())
        self.count += len(staged)


def _cleaned(cells: Sequence[str]) -> list[str]:
    """Without the spaces around, and without the apostrophe that keeps a spreadsheet from taking a cell for a formula."""
    cells = [cell.strip() for cell in cells]
    if "'" in "".join(cells):
        return [cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell for cell in cells]
    return cells


@contextmanager
def staged(cursor, migration_id: int, reader: Reader):
    cursor.execute("SELECT 1")  # COPY is never the first statement of a transaction: the trace would lose its context
    options = f"FORMAT csv, FORCE_NOT_NULL ({NOT_NULL})"
    with cursor.copy(f"COPY {table(migration_id)} ({', '.join(STAGED)}) FROM STDIN WITH ({options})") as copy:
        yield Stage(copy, reader)
