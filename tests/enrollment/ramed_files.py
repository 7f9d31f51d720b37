"""RAMED files for the tests: rows written by hand, and the migration of a file from its bytes to its close."""

import csv
import io
from datetime import date

from django.utils import timezone
from stdnum import verhoeff

from enrollment import services
from enrollment.models import RamedMigration
from enrollment.ramed.columns import NAMES
from enrollment.tasks import take_ramed_lots

NIGHT = date(2022, 12, 1)
SCORED = date(2023, 12, 1)
"""The first day of cover, and the one from which the score decides: provision amo_tadamon.migrated_until."""
SIDI_MOUMEN = "06.141.01.53"


def number(n: int) -> str:
    """A valid IDCS."""
    digits = f"7{n:08d}"
    return digits + verhoeff.calc_check_digit(digits)


def principal(n: int, **cells) -> dict:
    row = {
        "card": f"R{n:07d}", "quality": "principal", "idcs": number(n), "last_name_fr": "Alaoui", "first_name_fr": "Hassan",
        "sex": "M", "born_on": "05/03/1970", "commune": SIDI_MOUMEN,
    }  # fmt: skip
    return row | cells


def dependant(n: int, of: int, **cells) -> dict:
    row = {
        "card": f"R{n:07d}", "quality": "ayant droit", "principal": f"R{of:07d}", "idcs": number(n), "last_name_fr": "Alaoui",
        "first_name_fr": "Omar", "sex": "M", "born_on": "05/03/2012", "relation": "enfant", "commune": SIDI_MOUMEN,
    }  # fmt: skip
    return row | cells


def as_csv(rows: list[dict], headings=NAMES, separator=";") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(headings)
    writer.writerows([row.get(name, "") for name in headings] + row.get("more", []) for row in rows)
    return text.getvalue().encode()


def receive(content: bytes, *, by, covered_from=NIGHT, name="ramed.csv") -> RamedMigration:
    return services.receive_ramed(file=io.BytesIO(content), name=name, covered_from=covered_from, on=timezone.localdate(), by=by)


def migrate(rows, *, by, **more) -> RamedMigration:
    """The migration of these rows (or bytes), done."""
    made = receive(rows if isinstance(rows, bytes) else as_csv(rows), by=by, **more)
    take_ramed_lots()
    made.refresh_from_db()
    return made
