"""A desk with work on it: what a caseworker and a supervisor of the demo find when they sit down."""

import uuid
from datetime import date, timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

import eligibility.queries
from households import services
from households.declared import answers_of
from households.models import Household, Request
from rsu.authentication import engine
from rsu.desk import casework
from rsu.models import User
from rsu.synthesis import numbers

SEED_OF_AGAIN = 83
"""Numbers of the family registered twice: those of a seed that no load should take."""
AGED = 28
"""Days before today on which the oldest request was sent: nearly at its deadline."""


class Command(BaseCommand):
    help = "Opens a few requests of invented families in the commune of the demo's caseworker (demo only)."

    def handle(self, *args, **options):
        if Request.objects.exclude(kind=Request.Kind.REGISTRATION).exists():
            return
        by, on = User.objects.get(username="amina"), timezone.localdate()
        families = Household.objects.filter(commune=by.commune, synthetic=True, members__relation="head").order_by("id")
        several = [family for family in families[:60] if family.members.count() >= 3][:5]
        asked = list(zip((self.rooms, self.departure, self.complaint, self.draft, self.twice), several, strict=False))
        for ask, family in asked:
            ask(family, by=by, on=on)
        services.find_duplicates(law=eligibility.queries.law(on), on=on, by=engine())
        self.stdout.write(f"{len(asked)} demandes ouvertes à {by.commune.name_fr}.")

    def rooms(self, family: Household, *, by: User, on: date) -> None:
        """An update applied at once, unless it moves a right: it then waits for the supervisor."""
        request = _opened(family, by=by, on=on, kind="update")
        services.amend_draft(token=request.token, change=lambda answers: answers | {"rooms": str((family.rooms or 0) + 1)}, by=by, on=on)
        sent = services.submit_request(token=request.token, on=on, by=by, law=eligibility.queries.law(on))
        try:
            casework.process(sent.pk, on=on, by=by)
        except services.SecondNeeded:
            return

    def departure(self, family: Household, *, by: User, on: date) -> None:
        """Somebody asks to be struck off: a supervisor must sign."""
        leaving = family.members.exclude(relation="head").order_by("born_on").first()
        reason = "Elle vit désormais chez sa sœur, à Tanger."
        request = _opened(family, by=by, on=on, kind="striking_off", people=(f"m{leaving.pk}",), reason=reason)
        try:
            sent = services.submit_request(token=request.token, on=on, by=by, law=eligibility.queries.law(on))
            casework.process(sent.pk, on=on, by=by)
        except (services.SecondNeeded, services.DeclarationRefused):
            return

    def complaint(self, family: Household, *, by: User, on: date) -> None:
        """Sent weeks ago: its answer is nearly due."""
        before = on - timedelta(days=AGED)
        request = _opened(
            family, by=by, on=before, kind="complaint", reason="Le dossier est déposé depuis longtemps et nous attendons toujours."
        )
        services.submit_request(token=request.token, on=before, by=by, law=eligibility.queries.law(before))

    def draft(self, family: Household, *, by: User, on: date) -> None:
        """Begun and left: a bill is missing."""
        request = _opened(family, by=by, on=on, kind="update")
        services.amend_draft(token=request.token, change=lambda answers: answers | {"telecom_bills": None}, by=by, on=on)

    def twice(self, family: Household, *, by: User, on: date) -> None:
        """The family comes back under other numbers and another spelling, and is registered again: a doublon for the supervisor."""
        answers, law = answers_of(family, confirmed=[]), eligibility.queries.law(on)
        for place, person in enumerate(answers["members"]):
            person |= {"key": f"again{place}", "idcs": numbers.idcs(SEED_OF_AGAIN, place), "cin": ""}
            person["last_name_fr"] = _respelled(person["last_name_fr"])
        answers["confirmed"] = [one.confirm for one in services.check_declaration(answers, on=on, by=by, law=law) if one.confirm]
        try:
            done = services.submit_registration(token=uuid.uuid4(), answers=answers, on=on, by=by, law=law)
        except services.DeclarationRefused:
            return
        Household.objects.filter(pk=done.household_id).update(synthetic=True)


def _respelled(name: str) -> str:
    """El Alaoui for Alaoui, Alaoui for El Alaoui."""
    return name[3:] if name.startswith("El ") else f"El {name}"


def _opened(family: Household, *, by: User, on: date, **details) -> Request:
    law = eligibility.queries.law(on)
    return services.open_request(household_id=family.pk, token=uuid.uuid4(), on=on, by=by, law=law, **details)
