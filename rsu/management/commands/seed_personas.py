from django.core.management.base import BaseCommand
from django.db import transaction

from rsu import personas


class Command(BaseCommand):
    help = "Makes the invented people and partners of the demo; --print only lists their logins."

    def add_arguments(self, parser):
        parser.add_argument("--print", action="store_true", dest="only_print")

    @transaction.atomic
    def handle(self, *args, only_print=False, **options):
        if only_print:
            self.stdout.write(personas.logins())
            return
        personas.make_people()
        personas.make_partners()
