"""A file of invented families, imported as a worker does in a process of its own, and the bare COPY of the rows it made."""

import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from households.declared import answers_of
from households.models import Household, Member, Request
from households.sheets import writing
from households.sheets.columns import household_columns
from households.sheets.families import BILLS

from .bare import LIKE

TABLES = tuple(model._meta.db_table for model in (Household, Member, Request))


def write_file(path: Path, *, workbook: bool) -> int:
    """Every household of the registry as rows of the model, headings by name; how many rows. The registry is then emptied."""
    names = [column.name for column in household_columns()]
    rows = [[row.get(name, "") for name in names] for row in _rows()]
    if workbook:
        writing.write_workbook(path, {"Données": [names, *rows]})
    else:
        writing.write_rows(path, [names, *rows])
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        cursor.execute("SET session_replication_role = origin")
    return len(rows)


def _rows() -> Iterator[dict[str, str]]:
    for household in Household.objects.select_related("commune").order_by("id").iterator(chunk_size=500):
        answers = answers_of(household)
        shared: dict[str, str] = {}
        for name, value in answers.items():
            if name in BILLS:
                shared |= {f"{name}_{n}": month for n, month in enumerate(value, start=1) if month} or {f"{name}_none": "oui"}
            elif name != "members":
                shared[name] = _written(value)
        for place, person in enumerate(answers["members"]):
            own = {name: _written(value) for name, value in person.items() if name != "key"}
            yield {"menage": str(household.pk)} | own | ({} if place else shared)


def _written(value) -> str:
    return {True: "oui", False: "non"}[value] if isinstance(value, bool) else str(value)


def bare_copy(folder: Path, tables: tuple[str, ...] = TABLES) -> float:
    """Seconds to COPY the same rows, by default households, people and requests, into empty tables with the same keys."""
    seconds = 0.0
    for table in tables:
        kept = folder / table
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE bench_{table} ({LIKE.format(table=table)})")
            with kept.open("wb") as file, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:
                for block in rows:
                    file.write(block)
            begun = time.perf_counter()
            with kept.open("rb") as file, cursor.copy(f"COPY bench_{table} FROM STDIN (FORMAT binary)") as rows:
                while block := file.read(1 << 16):
                    rows.write(block)
            seconds += time.perf_counter() - begun
            cursor.execute(f"DROP TABLE bench_{table}")
    return seconds
