"""A household's rights, told as far as the agreement goes."""

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

import eligibility.services
import enrollment.services
import households.services
from eligibility.models import OPEN, Assessment, Determination, HeldLoss, Provision
from eligibility.queries import law
from eligibility.score import format_points
from households.models import Household
from rsu.authentication import engine
from rsu.models import AuditEvent

from .declarations import GUELIZ, couple_with_two_children, idcs, poor_family

TODAY = timezone.localdate()


def registered(answers: dict, *, on: date = TODAY) -> tuple[Household, str]:
    """A household of the registry, not assessed yet, and its first person's number."""
    request = households.services.submit_registration(token=uuid.uuid4(), answers=answers, on=on, by=engine(), law=law(on))
    return request.household, answers["members"][0]["idcs"]


def asked(partner, identifier: str, **given):
    return partner.post("eligibility-checks", {"identifier": identifier, "purpose": "coverage"} | given)


def test_the_answer_states_right_day_provision_and_source(anam):
    _household, person = registered(poor_family())
    answer = asked(anam, person)
    assert answer.status_code == 200, answer.json()
    [right] = answer.json()["programs"]
    assert right["program"] == "amo_tadamon" and right["entitled"] is True
    assert right["on"] == right["since"] == TODAY.isoformat()
    assert right["threshold"] == "9.3264284"
    assert right["provision"]["since"] == "2022-12-01" and "2-22-923" in right["provision"]["source"]


def test_a_household_not_read_yet_is_assessed_and_proposed_first(anam):
    household, person = registered(poor_family())
    [right] = asked(anam, person).json()["programs"]
    household.refresh_from_db()
    assert household.due_since is None
    assert [enrolled["status"] for enrolled in right["enrollments"]] == ["proposed"]
    assert right["enrollments"][0]["identifier"] == person


def test_without_attributes_in_the_agreement_only_the_right_is_told(anam):
    _household, person = registered(poor_family())
    assert set(asked(anam, person).json()) == {"identifier", "on", "programs"}


@pytest.mark.parametrize(
    ("attribute", "names"),
    [("score", {"score", "formula"}), ("size", {"size"}), ("terms", {"terms", "facts", "missing"}), ("register", set())],
)
def test_an_attribute_is_there_only_if_the_agreement_holds_it(anam, attribute, names):
    anam.agree(attributes=[attribute])
    _household, person = registered(poor_family())
    assert set(asked(anam, person).json()) - {"identifier", "on", "programs"} == names


def test_only_the_programs_of_the_agreement_are_told(cnss, anam):
    _household, person = registered(poor_family())
    assert {right["program"] for right in asked(cnss, person).json()["programs"]} == {"amo_tadamon", "direct_aid"}
    assert {right["program"] for right in asked(anam, person).json()["programs"]} == {"amo_tadamon"}


def test_others_enrollments_are_told_only_if_the_agreement_says_members(anam):
    family = poor_family()
    registered(family)
    everybody = [member["idcs"] for member in family["members"]]
    [right] = asked(anam, everybody[1]).json()["programs"]
    assert [one["identifier"] for one in right["enrollments"]] == [everybody[1]]
    anam.agree(attributes=["members"])
    [right] = asked(anam, everybody[1]).json()["programs"]
    assert sorted(one["identifier"] for one in right["enrollments"]) == sorted(everybody)


def test_unknown_and_outside_the_area_are_one_and_the_same_refusal(chu):
    _household, outside = registered(poor_family(commune=GUELIZ))
    _household, inside = registered(poor_family())
    assert asked(chu, inside).status_code == 200
    elsewhere, unknown, badly_written = asked(chu, outside), asked(chu, idcs()), asked(chu, "9999999999")
    assert elsewhere.status_code == unknown.status_code == badly_written.status_code == 404
    assert elsewhere.content == unknown.content == badly_written.content
    assert elsewhere.json()["type"] == "urn:rsu:problem:unknown_identifier"


def test_both_doors_give_the_same_answer(cnss):
    _household, person = registered(couple_with_two_children())
    posted = asked(cnss, person)
    read = cnss.get(f"households/{person}/eligibility", purpose="coverage", on=TODAY.isoformat())
    assert read.json() == posted.json()
    assert read.json()["score"] == "9.7392575"


def test_a_past_day_is_read_in_the_chain_and_without_today_s_score(cnss):
    before = TODAY - timedelta(days=30)
    household, person = registered(poor_family(), on=before)
    eligibility.services.assess_households([household.pk], on=before, by=engine())
    Household.objects.filter(pk=household.pk).update(cars=2, loan=True, computer=True, second_home=True, garage=True, premises=True)
    eligibility.services.assess_households([household.pk], on=TODAY, by=engine())
    past = asked(cnss, person, on=before.isoformat()).json()
    assert set(past) == {"identifier", "on", "programs"}
    assert {right["program"]: right["entitled"] for right in past["programs"]} == {"amo_tadamon": True, "direct_aid": True}
    assert {right["since"] for right in past["programs"]} == {before.isoformat()}
    now = asked(cnss, person).json()
    assert {right["program"]: right["entitled"] for right in now["programs"]} == {"amo_tadamon": False, "direct_aid": False}
    nothing_yet = asked(cnss, person, on=(before - timedelta(days=1)).isoformat()).json()
    assert {right["entitled"] for right in nothing_yet["programs"]} == {None}


def test_a_past_day_before_the_programs_has_no_right_to_tell(cnss):
    _household, person = registered(poor_family())
    assert asked(cnss, person, on="2020-01-01").json()["programs"] == []


def test_a_day_to_come_is_refused(cnss):
    _household, person = registered(poor_family())
    refused = asked(cnss, person, on=(TODAY + timedelta(days=1)).isoformat())
    assert refused.status_code == 400
    assert [error["path"] for error in refused.json()["errors"]] == ["on"]


def test_a_purpose_is_needed_and_must_be_in_the_agreement(anam):
    _household, person = registered(poor_family())
    missing = anam.post("eligibility-checks", {"identifier": person})
    assert (missing.status_code, missing.json()["errors"][0]["path"]) == (400, "purpose")
    refused = asked(anam, person, purpose="marketing")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:rsu:problem:purpose_not_agreed")
    event = AuditEvent.objects.filter(verb="api.eligibility_check").first()
    assert (event.reason, event.details["status"], event.household_id) == ("marketing", 403, None)


def test_each_call_is_one_event_that_names_agency_purpose_and_household(anam):
    household, person = registered(poor_family())
    asked(anam, person)
    asked(anam, idcs())
    unknown, found = AuditEvent.objects.filter(verb="api.eligibility_check")
    assert {event.subject for event in (unknown, found)} == {"agency:anam"}
    assert {event.reason for event in (unknown, found)} == {"coverage"}
    assert (found.household_id, found.details["status"]) == (household.pk, 200)
    assert (unknown.household_id, unknown.details["status"]) == (None, 404)


def covered(answers: dict, amina) -> tuple[Household, str]:
    household, person = registered(answers)
    eligibility.services.assess_due(household.pk, on=TODAY, by=engine())
    enrollment.services.propose_for_household(household.pk, on=TODAY, by=engine())
    enrollment.services.accept_household(household, "amo_tadamon", on=TODAY, by=amina)
    return household, person


def checked(partner, identifier: str, **given):
    return partner.post("coverage-checks", {"identifier": identifier, "purpose": "coverage"} | given)


def test_a_covered_person_is_told_with_scheme_period_and_reference_and_nothing_else(chu, amina):
    household, person = covered(poor_family(), amina)
    answer = checked(chu, person)
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    reference = body.pop("reference")
    assert body == {
        "on": TODAY.isoformat(),
        "in_force": True,
        "scheme": "amo_tadamon",
        "period": {"since": TODAY.isoformat(), "until": None},
    }
    event = AuditEvent.objects.get(verb="api.coverage_check")
    assert (event.household_id, event.reason, event.details["reference"]) == (household.pk, "coverage", reference)


def test_unknown_uncovered_outside_and_not_yet_are_the_same_answer(chu, amina):
    _household, uncovered = registered(poor_family())
    _household, outside = registered(poor_family(commune=GUELIZ))
    _household, person = covered(poor_family(), amina)
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    bodies = [checked(chu, one).json() for one in (uncovered, outside, idcs())] + [
        checked(chu, person, on=yesterday).json() | {"on": TODAY.isoformat()}
    ]
    for body in bodies:
        assert uuid.UUID(body.pop("reference"))
    nothing = {"on": TODAY.isoformat(), "in_force": False, "scheme": None, "period": {"since": None, "until": None}}
    assert bodies == [nothing] * 4


def test_unknown_and_uncovered_cost_the_same_queries(chu, django_assert_num_queries):
    _household, uncovered = registered(poor_family())
    for identifier in (uncovered, idcs()):
        with django_assert_num_queries(7):
            checked(chu, identifier)


def test_cover_is_not_told_beyond_the_agreement(chu, anam):
    chu.agree(programs=["direct_aid"])
    assert checked(chu, idcs()).json()["type"] == "urn:rsu:problem:program_not_agreed"
    assert checked(anam, idcs(), purpose="research").status_code == 403


def in_the_band(cnss, *, grace: int) -> tuple[Household, str]:
    """Entitled for ten days, then one ten-millionth above a new line of direct aid, in a band and with months of grace."""
    before = TODAY - timedelta(days=10)
    household, person = registered(poor_family(), on=before)
    eligibility.services.assess_households([household.pk], on=before, by=engine())
    line = format_points(Assessment.objects.get(household=household).score - 1)
    for key, value in (("threshold", line), ("borderline_band", "0.0100000"), ("grace_months", grace)):
        Provision.objects.create(key=f"direct_aid.{key}", since=TODAY, value=value, source="Décret n° 2-26-200")
    return household, person


def aid_of(answer) -> dict:
    return next(right for right in answer.json()["programs"] if right["program"] == "direct_aid")


def test_a_right_whose_loss_is_being_verified_is_a_right_and_says_since_when(cnss):
    household, person = in_the_band(cnss, grace=1)
    for _run in ("not done yet", "done"):
        right = aid_of(asked(cnss, person))
        assert (right["entitled"], right["kept_since"], right["runs_until"]) == (True, TODAY.isoformat(), None)
        eligibility.services.assess_households([household.pk], on=TODAY, by=engine())
    assert HeldLoss.objects.get().outcome == ""


def test_a_right_lost_in_grace_says_its_first_day_without_right(cnss, salma):
    household, person = in_the_band(cnss, grace=1)
    eligibility.services.assess_households([household.pk], on=TODAY, by=engine())
    eligibility.services.confirm_loss(HeldLoss.objects.get().pk, reason="Factures relues", on=TODAY, by=salma)
    right = aid_of(asked(cnss, person))
    until = Determination.objects.get(household=household, program="direct_aid", until=OPEN).grace_until
    assert until > TODAY + timedelta(days=27)
    assert (right["entitled"], right["kept_since"], right["runs_until"]) == (False, None, until.isoformat())
    past = aid_of(asked(cnss, person, on=(TODAY - timedelta(days=1)).isoformat()))
    assert (past["entitled"], past["kept_since"], past["runs_until"]) == (True, None, None)
