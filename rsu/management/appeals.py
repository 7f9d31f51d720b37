"""A few appeals of invented families, one in each state, so that the demo's pages have something on them (demo only)."""

import uuid
from datetime import date

from django.db import transaction
from django.utils import timezone

from eligibility.models import OPEN
from enrollment import contested, services
from enrollment.models import Appeal
from enrollment.services import AppealRefused
from households.changes import changes
from households.declared import answers_of
from households.models import Household
from households.services import DeclarationRefused, RequestOutdated
from rsu.authentication import engine
from rsu.desk.household import bring_up_to_date
from rsu.models import User

MODEST = {
    "urban": {
        "cars": "0",
        "motorcycles": "0",
        "mobile_phones": "1",
        "second_home": False,
        "computer": False,
        "landline": False,
        "loan": False,
    },
    "rural": {"cars": "0", "motorcycles": "0", "second_home": False, "irrigated_land": False, "cows": "0"},
}
"""What the families say instead of what their files say."""
STATES = ("upheld", "partly_upheld", "in_examination", "filed", "dismissed", "withdrawn", "filed")
WORDS = "Ces biens sont à un parent : nous n’en avons pas l’usage."
TRIED = 60


def seed_appeals(*, on: date) -> int:
    """Once: families just above the line of direct aid, where the demo's supervisor judges, contest it; how many appeals there are.

    Those of the caseworker's own commune are still to be examined.
    """
    if Appeal.objects.exists():
        return Appeal.objects.count()
    judge, desk, visitor = (User.objects.get(username=name) for name in ("salma", "amina", "nadia"))
    refused = {"determinations__program": "direct_aid", "determinations__entitled": False, "determinations__until": OPEN}
    families = Household.objects.filter(commune__province=judge.province, synthetic=True, struck_off_on=None, **refused)
    states = list(STATES)
    for household in families.order_by("determinations__score", "id")[:TRIED]:
        near = household.commune_id == desk.commune_id
        state = "filed" if near and "filed" in states else next(iter(states), None)
        if state and _seed_one(household, state, receiver=desk if near else visitor, judge=judge, on=on):
            states.remove(state)
    services.escalate_clocks(on=on, by=engine())
    return Appeal.objects.count()


def _seed_one(household: Household, state: str, *, receiver: User, judge: User, on: date) -> bool:
    """Whether the family has something to contest, and its appeal could be taken to this state."""
    present, modest = answers_of(household), MODEST[household.milieu]
    claims = {one.field: modest[one.field] for one in changes(present, present | modest) if one.field in modest}
    key = next((one.key for one in contested.contestable(household) if (one.kind, one.program) == ("determination", "direct_aid")), "")
    if len(claims) < 2 or not key:
        return False
    bring_up_to_date(household, on=on)
    try:
        with transaction.atomic():
            appeal = services.file_appeal(
                household_id=household.pk, key=key, ground="answer", words=WORDS, token=uuid.uuid4(), claims=claims, notified_on=on,
                at=timezone.now(), on=on, by=receiver,
            )  # fmt: skip
            _take_to(appeal, state, receiver=receiver, judge=judge, on=on)
    except (AppealRefused, DeclarationRefused, RequestOutdated):
        return False
    return True


def _take_to(appeal: Appeal, state: str, *, receiver: User, judge: User, on: date) -> None:
    done = {"appeal_id": appeal.pk, "on": on}
    if state == "withdrawn":
        services.withdraw_appeal(reason="La famille a retrouvé la carte grise : elle renonce.", by=receiver, **done)
    elif state != "filed":
        services.examine_appeal(by=receiver, **done)
    if state == "upheld":
        services.uphold_appeal(answer="La carte grise et l’acte de propriété sont au nom d’un oncle.", by=judge, **done)
    elif state == "partly_upheld":
        granted = appeal.request.touched[1:]
        services.uphold_appeal(answer="Une partie seulement des biens est à un oncle.", accepted=granted, by=judge, **done)
    elif state == "dismissed":
        services.dismiss_appeal(answer="Les biens sont inscrits au nom du chef de ménage.", by=judge, **done)
