"""A household struck off leaves every count, its rights close, and what was read of it is kept."""

import uuid

import pytest

import eligibility.services
from eligibility import queries, verification
from eligibility.models import OPEN, Assessment, Determination, Facts, PastAssessment, PastFacts, ScoreTally, Tally
from eligibility.scope import Scope
from enrollment.models import Enrollment
from households import services
from rsu.authentication import engine
from rsu.desk import casework
from tests.households.families import DAY, law, town


@pytest.fixture
def household(amina):
    done = services.submit_registration(token=uuid.uuid4(), answers=town(mobile_phones=1, dish=False), on=DAY, by=amina, law=law())
    eligibility.services.assess_due(done.household.pk, on=DAY, by=engine())
    return done.household


def struck_off(household, amina, salma):
    token = uuid.uuid4()
    asked = {"household_id": household.pk, "kind": "striking_off", "token": token, "reason": "Départ.", "on": DAY, "by": amina}
    services.open_request(**asked, law=law())
    request = services.submit_request(token=token, on=DAY, by=amina, law=law())
    return casework.process(request.pk, on=DAY, by=salma)[0]


def counted(model) -> int:
    return sum(model.objects.values_list("households", flat=True))


def test_is_in_no_count_and_has_no_right(household, amina, salma):
    assert counted(Tally) > 0
    assert counted(ScoreTally) == 1
    struck_off(household, amina, salma)
    assert (counted(Tally), counted(ScoreTally)) == (0, 0)
    assert not Facts.objects.exists() and not Assessment.objects.exists()
    assert (PastFacts.objects.count(), PastAssessment.objects.count()) == (1, 1)
    assert not Determination.objects.filter(entitled=True, until=OPEN).exists()


def test_says_in_its_chain_since_when_and_why(household, amina, salma):
    struck_off(household, amina, salma)
    last = Determination.objects.filter(household=household, until=OPEN)
    assert {(row.since, row.entitled, row.reason) for row in last if row.reason == "struck_off"} == {(DAY, False, "struck_off")}


def test_leaves_nothing_for_a_verification_to_find(household, amina, salma):
    struck_off(household, amina, salma)
    checks = verification.Verifier(queries.law(DAY), most=None)
    steps = [checks.households(Scope([household.pk])), checks.tallies()]
    assert [difference for step in steps for difference in step.differences] == []


def test_what_was_proposed_to_it_is_withdrawn(household, amina, salma):
    import enrollment.services

    enrollment.services.propose_for_household(household.pk, on=DAY, by=engine())
    assert Enrollment.objects.filter(status="proposed").exists()
    struck_off(household, amina, salma)
    assert set(Enrollment.objects.values_list("status", flat=True)) == {"refused"}


def test_undone_it_is_counted_and_entitled_again(household, amina, salma):
    before = {row.program: row.entitled for row in Determination.objects.filter(household=household, until=OPEN)}
    done = struck_off(household, amina, salma)
    undoing = services.undo_request(request_id=done.pk, token=uuid.uuid4(), reason="Erreur de dossier.", on=DAY, by=amina)
    casework.process(undoing.pk, on=DAY, by=salma)
    household.refresh_from_db()
    assert household.struck_off_on is None
    assert household.members.count() == 3
    assert {row.program: row.entitled for row in Determination.objects.filter(household=household, until=OPEN)} == before
    checks = verification.Verifier(queries.law(DAY), most=None)
    assert checks.households(Scope([household.pk])).differences == [] and checks.tallies().differences == []
