"""`manage.py bench_search`: one spelling of a name searched by another among a million people; what is found, and how fast."""

import os
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from households.models import Household, Member
from rsu import embedded
from rsu.authentication import engine
from rsu.bench import machine, searching
from rsu.bench.measures import duration
from rsu.management.loading import load
from rsu.synthesis.plan import Plan

from .bench import is_ours, own_database, own_server

PEOPLE_A_HOUSEHOLD = 3.94
SEED = 1


class Command(BaseCommand):
    help = "Cherche chaque nom par une autre écriture parmi un million de personnes : part trouvée dans les dix premiers, durées."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=1_000_000, help="nombre de personnes (1000000)")
        parser.add_argument("--pairs", type=int, default=400, help="paires de chaque moitié du fichier (400)")
        parser.add_argument("--file", type=Path, default=searching.PAIRS, help="paires d’écritures : name_ar, name_fr, kind, count")
        parser.add_argument("--data", type=Path, default=embedded.BENCH_SEARCH, help="dossier du serveur privé")
        parser.add_argument("--here", action="store_true", help="mesurer dans la base de l’environnement, telle qu’elle est")
        parser.add_argument("--keep", action="store_true", help="garder la base pour la prochaine mesure")
        parser.add_argument("--missed", action="store_true", help="dire aussi ce qui n’a pas été trouvé")

    def handle(self, *, people: int, pairs: int, file: Path, data: Path, here: bool, keep: bool, missed: bool, **options: object) -> None:
        with ExitStack() as stack:
            if not here:
                stack.enter_context(own_database() if "PGHOST" in os.environ and not is_ours(data) else own_server(data, keep=keep))
                self.load(people)
            planted = searching.plant(searching.pairs(file, pairs), on=timezone.localdate())
            self.settle()
            counts, times = searching.measure(engine(), planted, self.say)
            self.tell(counts, times, missed=missed)

    def say(self, words: str) -> None:
        self.stderr.write(f"… {words}")

    def load(self, people: int) -> None:
        call_command("migrate", verbosity=0)
        for command in ("load_geography", "load_law", "seed_personas"):
            call_command(command, verbosity=0, stdout=self.stderr)
        if not Household.objects.exists():
            with transaction.atomic():
                plan = Plan(round(people / PEOPLE_A_HOUSEHOLD), SEED)
                load(plan, seed=SEED, on=timezone.localdate(), processes=os.cpu_count() or 1, due_since=None)

    def settle(self) -> None:
        with connection.cursor() as cursor:
            for table in ("households_household", "households_member", "households_spelling", "rsu_auditevent"):
                cursor.execute(f"VACUUM ANALYZE {table}")

    def tell(self, counts: dict, times: dict, *, missed: bool) -> None:
        described = machine.describe()
        self.stdout.write(
            f"{Member.objects.count():,} personnes, {described['processor']}, {described['cores']} cœurs,"
            f" PostgreSQL {described['postgresql']['server_version']}".replace(",", " ", 1)
        )
        for (half, manner), count in sorted(counts.items()):
            self.stdout.write(
                f"moitié {half} ({'vue' if half == 0 else 'tenue à part'}), {manner} : {count.found} sur {count.searches} dans les dix premiers"
                f" ({100 * count.found / count.searches:.1f} %) ; la personne même, là où dix autres ne portent pas ce nom même :"
                f" {count.very_person} sur {count.alone_so_spelled} ({100 * count.very_person / max(1, count.alone_so_spelled):.1f} %)"
            )
        for manner, seconds in times.items():
            ranked = sorted(seconds)
            p50, p95 = ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.95) - 1]
            self.stdout.write(f"{manner} : p50 {duration(p50)}, p95 {duration(p95)}, max {duration(ranked[-1])}")
        if missed:
            for (half, manner), count in sorted(counts.items()):
                self.stdout.write(f"\nmoitié {half}, {manner}, non trouvés :\n  " + "\n  ".join(count.missed))
