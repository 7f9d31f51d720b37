"""A desk with work on it: what a caseworker and a supervisor of the demo find when they sit down."""

import uuid
from datetime import date, timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

import eligibility.queries
from households import services
from households.models import Household, Request
from rsu.desk import casework
from rsu.models import User

AGED = 28
"""Days before today on which the oldest request was sent: nearly at its deadline."""


class Command(BaseCommand):
    help = "Opens a few requests of invented families in the commune of the demo's caseworker (demo only)."

    def handle(self, *args, **options):
        if Request.objects.exclude(kind=Request.Kind.REGISTRATION).exists():
            return
        by, on = User.objects.get(username="amina"), timezone.localdate()
        families = Household.objects.filter(commune=by.commune, synthetic=True, members__relation="head").order_by("id")
        several = [family for family in families[:60] if family.members.count() >= 3][:4]
        asked = [one for one in zip((self.rooms, self.departure, self.complaint, self.draft), several, strict=False)]
        for ask, family in asked:
            ask(family, by=by, on=on)
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


def _opened(family: Household, *, by: User, on: date, **details) -> Request:
    law = eligibility.queries.law(on)
    return services.open_request(household_id=family.pk, token=uuid.uuid4(), on=on, by=by, law=law, **details)
