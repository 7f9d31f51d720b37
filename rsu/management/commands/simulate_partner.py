"""`manage.py simulate_partner KIND`: an invented partner's delivery about the synthetic people, as a file or through the API."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from households.sheets import feeds, writing
from rsu.partners import calling
from rsu.partners.deliveries import AGENCIES, NotEnough, Shares, columns, make_rows


class Command(BaseCommand):
    help = "Invente la livraison d’un partenaire sur les personnes synthétiques du registre : en CSV, en XLSX, ou par l’API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=[str(kind) for kind in feeds.DELIVERED], help="ce qui est livré")
        parser.add_argument("--file", type=Path, help="le fichier à écrire, .csv ou .xlsx")
        parser.add_argument("--api", default="", help="l’adresse d’un registre en marche, http://localhost:8000")
        parser.add_argument("--rows", type=int, default=200, help="nombre de lignes (200)")
        parser.add_argument("--different", type=int, default=10, help="lignes qui contredisent la famille, sur cent (10)")
        parser.add_argument("--unknown", type=int, default=5, help="lignes sur des personnes inconnues, sur cent (5)")
        parser.add_argument("--wrong", type=int, default=3, help="lignes fautives, sur cent (3)")
        parser.add_argument("--commune", default="", help="code d’une commune, pour ne parler que de ses familles")
        parser.add_argument("--as-of", type=date.fromisoformat, help="jour des données (aujourd’hui)")
        parser.add_argument("--seed", type=int, default=1, help="la même graine donne les mêmes lignes (1)")

    def handle(self, *, kind: str, file: Path | None, api: str, rows: int, as_of: date | None, **options) -> None:
        if bool(file) == bool(api):
            raise CommandError("Donnez --file ou --api.")
        shares = Shares(options["different"], options["unknown"], options["wrong"])
        if rows < 1 or min(shares.counts(rows).values()) < 0:
            raise CommandError("Donnez au moins une ligne, et des parts qui ne dépassent pas cent ensemble.")
        as_of = as_of or timezone.localdate()
        try:
            made = make_rows(kind, rows, shares=shares, on=as_of, seed=options["seed"], commune=options["commune"])
        except NotEnough as refusal:
            raise CommandError(f"Trop peu de personnes synthétiques ({refusal}) : demandez moins de lignes.") from refusal
        self._call(api, kind, made, as_of) if api else self._write(file, kind, made)

    def _write(self, file: Path, kind: str, made: list[dict]) -> None:
        names = columns(kind)
        lines = [names, *([row.get(name, "") for name in names] for row in made)]
        writing.write_workbook(file, {"Données": lines}) if file.suffix == ".xlsx" else writing.write_rows(file, lines)
        self.stdout.write(f"{len(made)} lignes inventées dans {file}.")

    def _call(self, api: str, kind: str, made: list[dict], as_of: date) -> None:
        try:
            for delivery in calling.deliver(api.rstrip("/"), AGENCIES[kind], kind, made, as_of=as_of):
                self.stdout.write(f"livraison {delivery['number']} : {delivery['state']}")
        except (calling.Refused, OSError) as refusal:
            raise CommandError(f"Le registre a refusé : {refusal}") from refusal
