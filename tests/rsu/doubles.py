"""Families that look like one another, and the pairs a search would propose of them."""

import uuid

from django.utils import timezone
from stdnum import verhoeff

from eligibility.queries import law as law_of
from households import services
from households.models import DuplicatePair, Household
from rsu.authentication import engine
from tests.households.families import MAN, town

TODAY = timezone.localdate()
NUMBERS = tuple(f"300000{n:03d}" + verhoeff.calc_check_digit(f"300000{n:03d}") for n in range(1, 6))


def family(*people, **changes) -> dict:
    return town(members=list(people), **changes)


def register(by, answers) -> Household:
    token = uuid.uuid4()
    return services.submit_registration(token=token, answers=answers, on=TODAY, by=by, law=law_of(TODAY)).household


def twin(person, number, **changes) -> dict:
    return person | {"idcs": number} | changes


ALONE = twin(MAN, NUMBERS[0], marital_status="single", last_name_fr="El Alaoui")


def people_pair(low: Household, high: Household, **changes) -> DuplicatePair:
    """As a search would propose it; what a search finds is tested with it."""
    first, second = sorted([low.members.get(relation="head"), high.members.get(relation="head")], key=lambda member: member.pk)
    evidence = [{"field": "last", "level": "spelled", "weight": 620, "bearers": 12}, {"field": "commune", "level": "other", "weight": -138}]
    values = {
        "kind": "people", "member_low": first, "member_high": second, "household_low": first.household, "household_high": second.household,
        "probability": 9731, "evidence": evidence, "fingerprint": "f", "proposed_by": engine(),
    }  # fmt: skip
    return DuplicatePair.objects.create(**values | changes)


def households_pair(low: Household, high: Household) -> DuplicatePair:
    couples = [[a.pk, b.pk, 9900, []] for a, b in zip(low.members.order_by("position"), high.members.order_by("position"), strict=False)]
    evidence = [{"field": "people", "level": "same", "pairs": couples}, {"field": "phone", "level": "same"}]
    return DuplicatePair.objects.create(
        kind="households",
        household_low=low,
        household_high=high,
        probability=9990,
        evidence=evidence,
        fingerprint="f",
        proposed_by=engine(),
    )
