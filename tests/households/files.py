"""Files of households written by hand for the tests: a declaration's answers laid out as rows, in any format people send."""

import csv
import io

from openpyxl import Workbook

from households.sheets.families import BILLS

CODES = {True: "oui", False: "non"}


def rows_of(mark, answers: dict) -> list[dict[str, str]]:
    """One row a person, the household's own answers on the first."""
    shared: dict[str, str] = {}
    for name, value in answers.items():
        if name in BILLS:
            shared |= (
                {f"{name}_none": "oui"} if value == [] else {f"{name}_{n}": str(m) for n, m in enumerate(value, start=1) if m is not None}
            )
        elif name not in ("members", "confirmed") and value is not None:
            shared[name] = CODES.get(value, str(value)) if isinstance(value, bool) else str(value)
    rows = []
    for place, person in enumerate(answers["members"]):
        own = {name: CODES[value] if isinstance(value, bool) else str(value) for name, value in person.items() if value is not None}
        rows.append({"menage": str(mark)} | own | ({} if place else shared))
    return rows


def columns(rows: list[dict]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def as_csv(rows: list[dict], *, separator=";", encoding="utf-8-sig", headings=None) -> bytes:
    names, text = columns(rows), io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow([(headings or {}).get(name, name) for name in names])
    writer.writerows([[row.get(name, "") for name in names] for row in rows])
    return text.getvalue().encode(encoding)


def as_xlsx(rows: list[dict], *, headings=None) -> bytes:
    names, book, content = columns(rows), Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    sheet.append([(headings or {}).get(name, name) for name in names])
    for row in rows:
        sheet.append([row.get(name) for name in names])
    book.save(content)
    return content.getvalue()
