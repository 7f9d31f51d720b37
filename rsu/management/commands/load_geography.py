"""`manage.py load_geography`: the 12 regions, 75 provinces and 1,538 communes the product ships, inserted or brought up to date."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from rsu.models import Commune, NamedPlace, Province, Region

GEOGRAPHY = Path(__file__).resolve().parents[2] / "data" / "geography"


class Command(BaseCommand):
    help = "Charge les régions, provinces et communes ; sans effet si elles y sont déjà."

    def handle(self, *, verbosity: int, **options: object) -> None:
        with transaction.atomic():
            regions = _upsert(Region(**_place(row)) for row in _rows("regions.csv"))
            provinces = _upsert(
                Province(**_place(row), kind=row["kind"], region_id=_number(row["code"][:2])) for row in _rows("provinces.csv")
            )
            communes = _upsert(_commune(row) for row in _rows("communes.csv"))
        if verbosity:
            self.stdout.write(f"{regions} régions, {provinces} provinces et préfectures, {communes} communes et arrondissements.")


def _commune(row: dict[str, str]) -> Commune:
    """The dotted code is the hierarchy: region, province, cercle, commune."""
    code = row["code"]
    return Commune(
        **_place(row),
        milieu=row["milieu"],
        has_urban_center=row["has_urban_center"] == "1",
        province_id=_number(code[:6]),
        region_id=_number(code[:2]),
    )


def _place(row: dict[str, str]) -> dict[str, object]:
    return {"id": _number(row["code"]), "code": row["code"], "name_fr": row["name_fr"], "name_ar": row["name_ar"]}


def _number(code: str) -> int:
    """06.141.01.53 is 61410153: the id a place keeps for ever."""
    return int(code.replace(".", ""))


def _upsert(places: Iterator[NamedPlace]) -> int:
    """One statement a level; rows already there take the names of the file."""
    rows = list(places)
    model = type(rows[0])
    changing = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=changing)
    return len(rows)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (GEOGRAPHY / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
