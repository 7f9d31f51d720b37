"""`manage.py synthesize`: invented families that follow the census, loaded, assessed, and compared with what was wanted."""

import time
from argparse import ArgumentParser
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from eligibility import queries, runs
from eligibility.law import Law, founding
from eligibility.models import Program, Run
from eligibility.score import format_points, threshold_points
from eligibility.tasks import take_chunks
from households.models import Household
from rsu.authentication import engine
from rsu.management import margins
from rsu.management.loading import Loaded, load
from rsu.management.preparing import prepare_empty_database
from rsu.models import Commune
from rsu.synthesis.numbers import SEEDS, household_code
from rsu.synthesis.plan import Plan

MILIEU_NAMES = {"urban": "urbain", "rural": "rural"}


class Command(BaseCommand):
    help = "Invente des familles conformes au recensement de 2024, marquées comme synthétiques, les charge et les évalue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=5000, help="nombre de ménages (5000)")
        parser.add_argument("--seed", type=int, default=1, help=f"graine, de 0 à {SEEDS - 1} ; la même donne les mêmes familles (1)")
        parser.add_argument("--processes", type=int, default=2, help="processus qui tirent les familles (2)")
        parser.add_argument("--if-missing", action="store_true", help="ne rien faire si le registre a déjà des ménages synthétiques")
        parser.add_argument("--no-assess", action="store_true", help="charger sans évaluer : les ménages restent à évaluer")

    def handle(
        self, *, households: int, seed: int, processes: int, if_missing: bool, no_assess: bool, verbosity: int, **options: object
    ) -> None:
        prepare_empty_database(self.stderr.write)
        if if_missing and Household.objects.filter(synthetic=True).exists():
            self.stdout.write("Le registre a déjà des ménages synthétiques.")
            return
        _check(households, seed)
        on, begun = timezone.localdate(), time.monotonic()
        plan = Plan(households, seed)
        with transaction.atomic():
            loaded = load(plan, seed=seed, on=on, processes=processes, due_since=timezone.now() if no_assess else None)
            run = None if no_assess else _plan_run(loaded, on)
        self.stdout.write(f"{households} ménages et {loaded.people} personnes inventés et chargés en {time.monotonic() - begun:.1f} s.")
        if run:
            self.assess(run)
        if verbosity:
            self.compare(loaded, on)
            self.compare_scores(loaded, on)

    def assess(self, run: Run) -> None:
        """Here and now, sharing the chunks with any worker that is awake."""
        begun = time.monotonic()
        take_chunks()
        run.refresh_from_db()
        if run.status == Run.Status.FAILED:
            raise CommandError(f"L’évaluation a échoué : {run.chunks.exclude(error='').values_list('error', flat=True).first()}")
        refused = sum(run.chunks.values_list("refused", flat=True))
        self.stdout.write(
            f"{run.planned - refused} ménages évalués en {time.monotonic() - begun:.1f} s, {refused} refusés faute de réponse."
        )

    def compare(self, loaded: Loaded, on: date) -> None:
        lines = margins.lines(loaded.first_household, loaded.last_household, on=on)
        self.stdout.write("\nMarges du recensement de 2024, en %            voulu  obtenu   écart")
        heading = ""
        for line in lines:
            if line.margin != heading:
                heading = line.margin
                self.stdout.write(margins.HEADINGS[heading])
            self.stdout.write(_row(line.label, line.wanted, line.obtained))
        largest = max((line for line in lines if line.margin in margins.STRICT), key=lambda line: abs(line.gap))
        self.stdout.write(
            f"Plus grand écart (taille, âge, eau, électricité) : {_french(abs(largest.gap), 2)} point,"
            f" {margins.HEADINGS[largest.margin].lower()}, {largest.label}."
        )

    def compare_scores(self, loaded: Loaded, on: date) -> None:
        # The shares wanted belong to the lines the law began with: a line moved since would compare two different things.
        first_law = Law(founding(), on)
        lines = {program: threshold_points(first_law.value(program.threshold_key)) for program in Program}
        formula = queries.law(on).cite("score.formula").id
        found = margins.scores(loaded.first_household, loaded.last_household, formula=formula, thresholds=lines)
        if found is None:
            return
        self.stdout.write("\nIndice des personnes                           voulu  obtenu   écart")
        for program in Program:
            label = f"sous la ligne {format_points(lines[program]).replace('.', ',')} ({program.value}), %"
            self.stdout.write(_row(label, margins.WANTED_UNDER[program.value], found.under[program]))
        self.stdout.write(_row("indice de Gini de exp(indice), %", margins.WANTED_GINI, found.gini))
        for milieu, name in MILIEU_NAMES.items():
            self.stdout.write(
                _row(f"exp(indice), {name}, dirhams par an", margins.WANTED_SPENDING[milieu], found.spending[milieu], digits=0)
            )
            self.stdout.write(f"  indice moyen, {name} : {_french(found.mean[milieu] / 10**7, 3)}")


def _check(households: int, seed: int) -> None:
    if households < 1:
        raise CommandError("Le nombre de ménages doit être positif.")
    if not 0 <= seed < SEEDS:
        raise CommandError(f"La graine va de 0 à {SEEDS - 1}.")
    if not Commune.objects.exists():
        raise CommandError("Le territoire n’est pas chargé : lancez d’abord load_geography.")
    if Household.objects.filter(code=household_code(seed, 0)).exists():
        raise CommandError(f"Les familles de la graine {seed} sont déjà dans le registre : choisissez --seed.")


def _plan_run(loaded: Loaded, on: date) -> Run:
    return runs.plan_households(loaded.first_household, loaded.last_household, law=queries.law(on), by=engine())


def _row(label: str, wanted: float, obtained: float, digits: int = 1) -> str:
    return f"  {label:<42}{_french(wanted, digits):>8}{_french(obtained, digits):>8}{_french(obtained - wanted, digits, sign='+'):>8}"


def _french(number: float, digits: int, sign: str = "") -> str:
    return f"{number:{sign}.{digits}f}".replace(".", ",")
