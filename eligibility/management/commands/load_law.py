from django.core.management.base import BaseCommand

from eligibility.services import load_founding_law
from rsu.authentication import engine


class Command(BaseCommand):
    help = "Loads the founding provisions of the law that are not in the database yet."

    def handle(self, *args, **options):
        count = load_founding_law(by=engine())
        if options["verbosity"]:
            self.stdout.write(f"{count} dispositions ajoutées." if count else "La loi est déjà chargée.")
