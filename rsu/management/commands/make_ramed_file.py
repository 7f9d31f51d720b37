"""`manage.py make_ramed_file`: an invented file of RAMED beneficiaries of any size, for the demo, the tests and the bench."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from eligibility.queries import law as law_of
from enrollment.ramed.columns import NAMES
from households.models import Member
from households.sheets import writing
from rsu.models import Commune
from rsu.synthesis.ramed import COLUMNS, RamedFile, Registered

OTHERWISE = ("", "", "", "other_name", "other_birth", "other_sex")


class Command(BaseCommand):
    help = "Écrit un fichier inventé d’anciens bénéficiaires du RAMED, avec une part connue de défauts de chaque sorte ; rien n’est gardé en mémoire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="le fichier à écrire, en .csv ou .xlsx")
        parser.add_argument("--principals", type=int, default=410, help="nombre d’assurés principaux (410 : environ 1000 lignes)")
        parser.add_argument("--defects", default="3%", help="part des lignes avec un défaut (3%%)")
        parser.add_argument("--registered", type=int, default=0, help="principaux pris parmi les personnes inventées du registre (0)")
        parser.add_argument("--on", type=date.fromisoformat, default=date(2022, 12, 1), help="jour de la bascule (2022-12-01)")
        parser.add_argument("--seed", type=int, default=1, help="la même graine donne le même fichier (1)")

    def handle(self, *, path: Path, principals: int, defects: str, registered: int, on: date, seed: int, **options: object) -> None:
        try:
            share = float(defects.rstrip("%").replace(",", ".")) / 100
        except ValueError:
            raise CommandError("La part de défauts est un nombre sur cent, par exemple 3%.") from None
        if principals < 1 or not 0 <= share <= 0.5 or registered > principals:
            raise CommandError("Donnez au moins un principal, une part de défauts entre 0 et 50 %, et moins de personnes du registre.")
        communes = list(Commune.objects.order_by("pk").values_list("code", flat=True))
        if not communes:
            raise CommandError("Les communes ne sont pas chargées : `manage.py load_geography`.")
        assert COLUMNS == NAMES
        made = RamedFile(
            principals=principals, defects=share, seed=seed, on=on, communes=communes, registered=_registered(registered, on=on)
        )
        if path.suffix == ".xlsx":
            writing.write_workbook(path, {"RAMED": _with_headings(made)})
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, delimiter=";").writerows(_with_headings(made))
        written = made.made
        self.stdout.write(
            f"{written.rows} lignes inventées dans {path} : {written.principals} principaux ; à basculer {written.covered}, défauts {written.stopped}."
        )
        for kind, count in sorted(written.kinds.items()):
            self.stdout.write(f"  {kind} {count}")


def _with_headings(made: RamedFile) -> Iterator[list[str]]:
    yield list(COLUMNS)
    yield from made


def _registered(count: int, *, on: date) -> Iterator[Registered]:
    """Adults of the invented families, some of them said otherwise than the registry knows; who has another cover stays so."""
    excluding = law_of(on).value("amo_tadamon.excluding_covers")
    people = Member.objects.filter(household__synthetic=True, born_on__lt=on.replace(year=on.year - 20)).order_by("pk")
    for place, one in enumerate(people[:count]):
        kind = OTHERWISE[place % len(OTHERWISE)] or ("other_cover" if one.cover in excluding else "")
        yield Registered(
            one.idcs, one.last_name_fr, one.first_name_fr, one.sex, one.born_on, one.birth_precision == "day", kind
        )  # fmt: skip
