"""`manage.py bench_duplicates`: known duplicates planted among invented families, searched for, and what was found, in a database of its own."""

import os
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from eligibility import queries
from households import services
from rsu import embedded, numerals
from rsu.authentication import engine
from rsu.bench import duplicates, machine
from rsu.management.commands.bench import SEED, own_database, own_server
from rsu.management.loading import load
from rsu.synthesis import doubles
from rsu.synthesis.plan import Plan

LEASTS = (5000, 9000, 9900, 9990)


class Command(BaseCommand):
    help = "Mesure la recherche de doublons sur des familles inventées où l’on en a caché ; base à part, effacée à la fin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=100_000, help="nombre de ménages (100000)")
        parser.add_argument("--planted", type=int, default=2000, help="ménages enregistrés une seconde fois, avec des fautes (2000)")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 2, help="processus qui tirent les familles")
        parser.add_argument("--data", type=Path, default=embedded.BENCH_DUPLICATES, help="dossier des serveurs privés")

    def handle(self, *, households: int, planted: int, processes: int, data: Path, **options: object) -> None:
        ours = os.environ.get("PGHOST") == str(embedded.run_dir(data))
        with ExitStack() as stack:
            stack.enter_context(own_server(data, keep=False) if ours else own_database())
            today = timezone.localdate()
            for command in ("migrate", "load_geography", "load_law"):
                call_command(command, verbosity=0, stdout=self.stderr)
            with transaction.atomic():
                load(Plan(households, SEED), seed=SEED, on=today, processes=processes, due_since=None)
            doubles.give_phones(seed=SEED)
            truth = doubles.plant(planted, seed=SEED)
            seconds = duplicates.bare()
            begun = time.perf_counter()
            found = services.find_duplicates(law=queries.law(today), on=today, by=engine())
            self.tell(found, truth, time.perf_counter() - begun, seconds)

    def tell(self, found, truth: doubles.Planted, seconds: float, bare: float) -> None:
        people, compared, left_out = (numerals.grouped(number) for number in (found.people, found.compared, found.left_out))
        described = machine.describe()
        self.stdout.write(f"{described['processor']}, {described['cores']} cœurs, PostgreSQL {described['postgresql']['server_version']}")
        self.stdout.write(f"{people} personnes, {compared} paires comparées, {left_out} laissées dans des groupes trop grands")
        self.stdout.write(
            f"recherche {seconds:.1f} s ; lire et grouper les mêmes lignes {bare:.1f} s ({seconds / bare:.1f} ×) ;"
            f" mémoire du processus {duplicates.memory_mb():.0f} Mo"
        )
        self.stdout.write(f"cachés : {len(truth.people)} personnes, {len(truth.households)} ménages entiers")
        for least in LEASTS:
            said = duplicates.quality(truth, least=least)
            self.stdout.write(
                f"dès {least / 100:.1f} % : {said.proposals} propositions, {said.precision:.1%} justes ;"
                f" personnes trouvées {said.recall:.1%}, ménages trouvés {said.household_recall:.1%}"
            )
