"""A few appeals of invented families, one in each state, so that the demo's pages have something on them (demo only)."""

import uuid
from datetime import date, timedelta

from django.utils import timezone

import eligibility.queries
from enrollment import contested, services
from enrollment.models import Appeal, Enrollment
from enrollment.services import AppealRefused, NotEnrollable
from households import services as registry
from households.declared import answers_of
from households.models import Household, Request
from households.services import DeclarationRefused, RequestRefused, SecondNeeded
from rsu.authentication import engine
from rsu.desk import casework
from rsu.desk.household import bring_up_to_date
from rsu.models import User

RICHER = {
    "urban": {"cars": "2", "second_home": True, "landline": True, "computer": True, "loan": True},
    "rural": {"cars": "2", "second_home": True, "irrigated_land": True},
}
STATES = ("filed", "in_examination", "upheld", "partly_upheld", "dismissed", "withdrawn", "late")
WORDS = "Ces biens sont à un parent : nous n’en avons pas l’usage."


def seed_appeals(*, on: date) -> int:
    """Once: families of the demo's caseworker whose answers changed, who contest it; how many appeals there are."""
    if Appeal.objects.exists():
        return Appeal.objects.count()
    agent, decider, other = (User.objects.get(username=name) for name in ("amina", "salma", "nadia"))
    enrolled = Enrollment.objects.filter(
        program="direct_aid", status="proposed", household__commune=agent.commune, household__synthetic=True
    )
    ids = list(enrolled.order_by("household_id").values_list("household_id", flat=True))
    states = iter(STATES)
    state = next(states)
    for household in Household.objects.filter(pk__in=ids).order_by("id"):
        if _seed_one(household, state, agent=agent, decider=decider, other=other, on=on):
            state = next(states, "")
        if not state:
            break
    services.escalate_clocks(on=on, by=engine())
    return Appeal.objects.count()


def _seed_one(household: Household, state: str, *, agent: User, decider: User, other: User, on: date) -> bool:
    """Whether the family could be given this appeal: its right is lost by the change, and nothing else waits on its file."""
    truth = answers_of(household)
    try:
        for program in ("amo_tadamon", "direct_aid"):
            services.accept_household(household, program, on=on, by=agent)
        _made_richer(household, agent, other, on=on)
    except (NotEnrollable, SecondNeeded, DeclarationRefused, RequestRefused):
        return False
    bring_up_to_date(household, on=on)
    lost = [one for one in contested.contestable(household) if one.kind == "determination" and one.program == "direct_aid"]
    if not lost:
        return False
    told = on - timedelta(days=40) if state == "late" else on
    try:
        appeal = services.file_appeal(
            household_id=household.pk, key=lost[0].key, ground="answer", words=WORDS, token=uuid.uuid4(),
            claims={name: truth.get(name) for name in RICHER[household.milieu]}, notified_on=told, at=timezone.now(), on=on, by=agent,
        )  # fmt: skip
        _take_to(appeal, state, agent=agent, decider=decider, on=on)
    except AppealRefused:
        return False
    return True


def _take_to(appeal: Appeal, state: str, *, agent: User, decider: User, on: date) -> None:
    if state in ("filed", "late"):
        return
    done = {"appeal_id": appeal.pk, "on": on}
    if state == "withdrawn":
        services.withdraw_appeal(reason="La famille a retrouvé la carte grise : elle renonce.", by=agent, **done)
        return
    services.examine_appeal(by=agent, **done)
    if state == "upheld":
        services.uphold_appeal(answer="La carte grise et l’acte de propriété sont au nom d’un oncle.", by=decider, **done)
    elif state == "partly_upheld":
        granted = [path for path in appeal.request.touched if path != "cars"]
        services.uphold_appeal(answer="Le logement est à un oncle ; les voitures servent au ménage.", accepted=granted, by=decider, **done)
    elif state == "dismissed":
        services.dismiss_appeal(answer="Les biens sont inscrits au nom du chef de ménage.", by=decider, **done)


def _made_richer(household: Household, first: User, second: User, *, on: date) -> None:
    law, token = eligibility.queries.law(on), uuid.uuid4()
    registry.open_request(household_id=household.pk, kind=Request.Kind.UPDATE, token=token, on=on, by=first, law=law)
    registry.amend_draft(token=token, change=lambda kept: kept | RICHER[household.milieu], by=first, on=on)
    sent = registry.submit_request(token=token, on=on, by=first, law=law)
    casework.process(sent.pk, on=on, by=second)
