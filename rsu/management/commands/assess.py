import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from households.services import DeclarationRefused
from rsu.cases import assess_case, read_case
from rsu.management.preparing import prepare_empty_database


class Command(BaseCommand):
    help = "Runs one worked case (TOML) through the product's services, undoes it, and prints facts, score, terms and decisions as JSON."

    def add_arguments(self, parser):
        parser.add_argument("case", type=Path)

    def handle(self, *args, case: Path, **options):
        if not case.is_file():
            raise CommandError(f"{case} n’existe pas.")
        prepare_empty_database(self.stderr.write)
        try:
            result = assess_case(read_case(case))
        except DeclarationRefused as refusal:
            problems = "\n".join(f"  {problem.path} : {problem.sentence}" for problem in refusal.problems)
            raise CommandError(f"Les réponses ne passent pas les contrôles :\n{problems}") from None
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
