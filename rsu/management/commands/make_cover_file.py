"""`manage.py make_cover_file`: an invented partner's file about the synthetic people of the registry, for the demo and the tests."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from stdnum import verhoeff

from households.models import Member
from households.sheets import cover, writing

EMPLOYEE, OTHER = "amo_employee", "amo_student"
NONE = {"none", "ramed", "amo_tadamon"}
"""Covers that a partner's own would contradict."""


class Command(BaseCommand):
    help = "Écrit un fichier de couvertures inventé, sur les seules personnes synthétiques du registre : pareilles, différentes, inconnues."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="le fichier à écrire, en CSV")
        parser.add_argument("--rows", type=int, default=200, help="nombre de lignes (200)")
        parser.add_argument("--different", type=int, default=10, help="lignes qui contredisent la famille, sur cent (10)")
        parser.add_argument("--unknown", type=int, default=5, help="lignes sur des personnes inconnues, sur cent (5)")
        parser.add_argument("--commune", default="", help="code d’une commune, pour n’écrire que sur ses familles")
        parser.add_argument("--seed", type=int, default=1, help="la même graine donne le même fichier (1)")

    def handle(self, *, path: Path, rows: int, different: int, unknown: int, commune: str, seed: int, **options: object) -> None:
        if rows < 1 or different < 0 or unknown < 0 or different + unknown > 100:
            raise CommandError("Donnez au moins une ligne, et des parts qui ne dépassent pas cent ensemble.")
        people = Member.objects.filter(household__synthetic=True, cover__isnull=False).order_by("idcs")
        if commune:
            people = people.filter(household__commune__code=commune)
        known = list(people.values_list("idcs", "cover", "cover_quality"))
        rng, day = Random(f"cover:{seed}"), timezone.localdate() - timedelta(days=1)
        strangers = rows * unknown // 100
        if rows - strangers > len(known):
            raise CommandError(f"Il y a {len(known)} personnes synthétiques : demandez moins de lignes.")
        drawn = rng.sample(known, rows - strangers)
        lines = [*_about(drawn, rows * different // 100, rng, day), *_unknown(strangers, {one[0] for one in known}, rng, day)]
        rng.shuffle(lines)
        headings = [column.name for column in cover.cover_columns()]
        writing.write_rows(path, [headings, *lines])
        self.stdout.write(f"{len(lines)} lignes inventées dans {path} : {rows * different // 100} différentes, {strangers} inconnues.")


def _about(people: list[tuple], different: int, rng: Random, day: date) -> Iterator[list[str]]:
    for place, (idcs, declared, quality) in enumerate(people):
        said, how = (declared, quality or "") if place >= different else _other(declared)
        since = day - timedelta(days=rng.randrange(90, 2000)) if said != "none" else None
        yield _line(idcs, said, how, since, day)


def _other(declared: str) -> tuple[str, str]:
    return (EMPLOYEE, "principal") if declared in NONE else (OTHER if declared == EMPLOYEE else EMPLOYEE, "principal")


def _unknown(count: int, known: set[str], rng: Random, day: date) -> Iterator[list[str]]:
    while count:
        digits = f"9{rng.randrange(10**8):08d}"
        idcs = digits + verhoeff.calc_check_digit(digits)
        if idcs not in known:
            count -= 1
            yield _line(idcs, EMPLOYEE, "principal", day - timedelta(days=400), day)


def _line(idcs: str, said: str, quality: str, since: date | None, day: date) -> list[str]:
    return [idcs, said, quality, f"{since:%d/%m/%Y}" if since else "", "", f"{day:%d/%m/%Y}"]
