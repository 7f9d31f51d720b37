import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from rsu import audit
from rsu.authentication import engine
from rsu.models import User


class Command(BaseCommand):
    help = "Makes an administrator of the kingdom: the first two of an installation, who then make every other account."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--first-name", default="")

    @transaction.atomic
    def handle(self, *args, username: str, first_name: str, **options):
        if User.objects.filter(username=username).exists():
            raise CommandError(f"Le compte {username} existe déjà.")
        user = User(
            username=username, first_name=first_name, role=User.Role.ADMINISTRATOR, area_level=User.AreaLevel.KINGDOM, is_staff=True
        )
        user.set_password(self._password(user))
        user.save()
        audit.record(by=engine(), verb="add_user", subject=f"user:{user.pk}")
        self.stdout.write(f"{username} est administrateur du royaume. Il en faut deux pour changer la loi.")

    def _password(self, user: User) -> str:
        password = getpass.getpass("Mot de passe : ")
        if password != getpass.getpass("Encore une fois : "):
            raise CommandError("Les deux mots de passe diffèrent.")
        try:
            validate_password(password, user)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        return password
