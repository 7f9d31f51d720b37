"""`manage.py bench`: what the engine costs, each cost beside the bare one of the same rows, in a database of its own."""

import json
import os
import shutil
import time
from argparse import ArgumentParser
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections, transaction
from django.utils import timezone

from households.models import Household
from rsu import embedded
from rsu.bench import machine
from rsu.bench.measures import Measure, duration, table
from rsu.bench.pool import Workers
from rsu.bench.repeating import repeat
from rsu.bench.resetting import reset
from rsu.bench.steps import Bench, people
from rsu.management.loading import load
from rsu.synthesis.plan import Plan

DRAWN, SEED = 1_000_000, 1
BYTES_A_HOUSEHOLD = 6_000
SERVER = {"shared_buffers": "2GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "max_connections": "50"}
DATABASE = "rsu_bench"


class Command(BaseCommand):
    help = "Mesure le moteur sur un royaume inventé, chaque coût à côté du coût nu des mêmes lignes ; base à part, effacée à la fin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=100_000, help="nombre de ménages (100000)")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="processus qui se partagent les lots")
        parser.add_argument("--flips", type=int, default=5000, help="bascules de la mesure à nombre égal (5000)")
        parser.add_argument("--data", type=Path, default=embedded.BENCH, help="dossier des serveurs privés")
        parser.add_argument("--keep", action="store_true", help="garder la base : la prochaine mesure reprend les mêmes familles")
        parser.add_argument("--json", action="store_true", help="pour une machine : tout en JSON sur la sortie")

    def handle(self, *, households: int, workers: int, flips: int, data: Path, keep: bool, json: bool, **options: object) -> None:
        self.words = self.stderr if json else self.stdout
        with ExitStack() as stack:
            stack.enter_context(own_server(data, keep=keep) if "PGHOST" not in os.environ or is_ours(data) else own_database())
            _check_room(data, households)
            loaded = self.load(households, workers)
            pool = Workers(workers)
            stack.callback(pool.stop)
            bench = Bench(pool, households, min(flips, households // 20), timezone.localdate(), self.say)
            measures = [loaded, *bench.run()]
            self.tell(measures, households, as_json=json)

    def say(self, words: str) -> None:
        self.words.write(f"… {words}")
        self.words.flush()

    def load(self, households: int, workers: int) -> Measure:
        """Families drawn and loaded, by seeds; those of a former bench are taken as they are."""
        call_command("migrate", verbosity=0)
        for command in ("load_geography", "load_law", "seed_personas"):
            call_command(command, verbosity=0, stdout=self.stderr)
        if Household.objects.exists():
            reset()
        present = Household.objects.count()
        if present and present != households:
            raise CommandError(f"{present} ménages sont déjà dans cette base, {households} sont demandés : choisissez un autre --data.")
        self.say(f"{households} families drawn and loaded")
        begun = time.perf_counter()
        if not present:
            self.draw(households, workers)
        seconds = time.perf_counter() - begun
        return Measure("synthesize", "families drawn and loaded", 0 if present else households, seconds, rows_written=people() + households)

    def draw(self, households: int, workers: int) -> None:
        """Up to a million families are drawn; a larger kingdom repeats them under other numbers."""
        with transaction.atomic():
            drawn = min(households, DRAWN)
            load(Plan(drawn, SEED), seed=SEED, on=timezone.localdate(), processes=workers, due_since=None)
        if households > drawn:
            self.say(f"{households - drawn} more by repeating them")
            repeat(households)

    def tell(self, measures: list[Measure], households: int, *, as_json: bool) -> None:
        described = machine.describe() | {"database_bytes": machine.database_bytes()}
        if as_json:
            found = {"households": households, "machine": described, "measures": [one.as_json() for one in measures]}
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        server = described["postgresql"]
        self.stdout.write(
            f"\n{described['processor']}, {described['cores']} cores, {described['memory_gb']} GB, {described['system']}, Python"
            f" {described['python']}, PostgreSQL {server['server_version']} (shared_buffers {server['shared_buffers']},"
            f" fsync {server['fsync']}), database {described['database_bytes'] / 2**30:.1f} GB\n\n"
        )
        self.stdout.write("\n".join(_lines(table(measures))))
        for one in measures:
            if one.notes:
                told = ", ".join(f"{name} {_told(value)}" for name, value in one.notes.items())
                self.stdout.write(f"  {one.label}: {told}" + (f"; bare = {one.bare}" if one.bare else ""))


def _told(value) -> str:
    if isinstance(value, str):
        return value
    return duration(value) if isinstance(value, float) and value < 1000 else f"{value:,}".replace(",", " ")


def _lines(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def is_ours(data: Path) -> bool:
    """The environment names the private server of this data directory, which nothing has started yet."""
    return os.environ.get("PGHOST") == str(embedded.run_dir(data))


@contextmanager
def own_server(data: Path, *, keep: bool):
    """A private server, tuned for a kingdom; it and its files are gone at the end, however the bench ends."""
    servers = embedded.Servers(data, SERVER)
    try:
        with servers:
            yield
            connections.close_all()
    finally:
        if not keep:
            shutil.rmtree(data, ignore_errors=True)


@contextmanager
def own_database():
    """A database beside the others of the server that the environment names, dropped at the end."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    usual = connection.settings_dict["NAME"]
    _turn_to(DATABASE)
    try:
        yield
    finally:
        _turn_to(usual)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def _turn_to(database: str) -> None:
    """This process and the workers it will start."""
    connections.close_all()
    connection.settings_dict["NAME"] = os.environ["PGDATABASE"] = database


def _check_room(data: Path, households: int) -> None:
    if not is_ours(data):
        return
    needed, free = households * BYTES_A_HOUSEHOLD, machine.free_bytes(data)
    if needed > free:
        raise CommandError(
            f"{needed / 2**30:.0f} Go sont nécessaires, {free / 2**30:.0f} sont libres : choisissez --data ou moins de ménages."
        )
