"""`manage.py find_duplicates`: the nightly search made now, with its counts as it goes."""

import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eligibility import queries
from households import services
from households.models import DuplicatePass
from rsu import numerals
from rsu.authentication import engine


class Command(BaseCommand):
    help = "Cherche dans tout le registre les personnes et les ménages enregistrés deux fois ; reprend une recherche interrompue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="ne rien dire avant la fin")

    def handle(self, *, quiet: bool, verbosity: int, **options: object) -> None:
        self.begun = self.spoken = time.monotonic()
        today = timezone.localdate()
        told = self.tell if verbosity and not quiet else lambda found: None
        found = services.find_duplicates(law=queries.law(today), on=today, by=engine(), told=told)
        if found.status == DuplicatePass.Status.FAILED:
            raise CommandError(f"La recherche a échoué à l’étape {found.position + 1} : {found.error}")
        if found.status == DuplicatePass.Status.RUNNING:
            raise CommandError("Un autre processus fait cette recherche en ce moment.")
        self.stdout.write(f"{_counts(found)} ; {numerals.grouped(found.left_out)} laissées dans des groupes trop grands.")
        self.stdout.write(
            f"{numerals.grouped(found.proposed)} doublons possibles à régler, {numerals.grouped(found.lapsed)} devenus sans objet, "
            f"en {time.monotonic() - self.begun:.1f} s."
        )

    def tell(self, found: DuplicatePass) -> None:
        """Once a second at most."""
        if time.monotonic() > self.spoken + 1:
            self.spoken = time.monotonic()
            self.stdout.write(f"Étape {found.position} sur {found.steps} : {_counts(found)}.")
            self.stdout.flush()


def _counts(found: DuplicatePass) -> str:
    people, compared, alike = (numerals.grouped(number) for number in (found.people, found.compared, found.alike))
    return f"{people} personnes, {compared} paires comparées, {alike} ressemblantes"
