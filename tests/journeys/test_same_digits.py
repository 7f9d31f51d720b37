"""Hundreds of random families of both milieux, entered through the product, against fractions worked apart."""

import uuid
from datetime import date

import pytest

from eligibility import queries, services
from eligibility.models import Assessment
from households.services import check_declaration, submit_registration
from rsu.authentication import engine
from rsu.models import Commune
from tests.eligibility import oracle
from tests.journeys import derivation
from tests.journeys.declarations import Drawer

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)
FAMILIES = 150


def communes(milieu: str) -> list[str]:
    """One commune a region (the first wholly of this milieu)."""
    found = {}
    for commune in Commune.objects.filter(milieu=milieu, has_urban_center=False).order_by("id"):
        found.setdefault(commune.region_id, commune.code)
    return list(found.values())


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_random_families_entered_through_the_product_score_to_the_oracles_digits(milieu):
    by, law = engine(), queries.law(DAY)
    drawer = Drawer(7, on=DAY, communes={milieu: communes(milieu)})
    entered = {}
    for _ in range(FAMILIES):
        answers = drawer.declaration(milieu)
        unusual = check_declaration(answers, on=DAY, by=by, law=law)
        answers["confirmed"] = [problem.confirm for problem in unusual if problem.confirm]
        request = submit_registration(token=uuid.uuid4(), answers=answers, on=DAY, by=by, law=law)
        entered[request.household_id] = answers
    services.assess_households(list(entered), on=DAY, by=by)
    stored = dict(Assessment.objects.filter(household__in=entered).values_list("household", "score"))
    for household, answers in entered.items():
        region = int(answers["commune"][:2])
        expected = oracle.score(derivation.facts(answers, milieu=milieu, region=region, on=DAY))
        assert stored[household] == expected, answers
