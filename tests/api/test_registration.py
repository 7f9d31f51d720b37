"""A household registered by a partner: once, with the numbers of the counter and of the batch."""

import uuid
from datetime import date

import pytest

import eligibility.queries
from eligibility.score import format_points
from households.models import Household
from rsu.models import AuditEvent

from .declarations import GUELIZ, adult, couple_with_two_children, declaration


def sent(cnss, answers, token=None, **headers):
    return cnss.post("households", {"token": str(token or uuid.uuid4()), "answers": answers}, **headers)


def test_a_household_is_registered_scored_and_decided(cnss):
    answer = sent(cnss, couple_with_two_children())
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert set(body) == {"code", "on", "registered_on", "decisions", "score", "formula", "facts", "missing", "terms", "size"}
    assert body["size"] == 4 and body["facts"]["water_power"] == 420000
    household = Household.objects.get(code=body["code"])
    assert household.due_since is None
    decisions = {decision["program"]: decision for decision in body["decisions"]}
    assert decisions["direct_aid"]["threshold"] == "9.7430010"
    assert decisions["direct_aid"]["provision"]["source"]
    assert decisions["amo_tadamon"]["entitled"] is False


def test_the_score_is_that_of_the_household_file_to_the_last_digit_and_its_terms_sum_to_it(cnss):
    body = sent(cnss, couple_with_two_children()).json()
    standing = eligibility.queries.standing(Household.objects.get(code=body["code"]), on=date.fromisoformat(body["on"]))
    assert body["score"] == format_points(standing.score) == "9.7392575"
    digits = [int(term["points"].replace(".", "")) for term in body["terms"]]
    assert sum(digits) == int(body["score"].replace(".", ""))


def test_the_same_token_twice_is_one_household(cnss):
    token, answers = uuid.uuid4(), declaration()
    first, second = sent(cnss, answers, token), sent(cnss, answers, token)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Household.objects.count() == 1


@pytest.mark.parametrize("key", ["08432a66-455a-4bba-8310-f6328eb8ab7e", '"batch 7, line 12"'])
def test_bare_answers_with_an_idempotency_key_are_registered_once(cnss, key):
    answers = declaration()
    first, second = (cnss.post("households", answers, **{"Idempotency-Key": key}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200), first.json()
    assert first.json()["code"] == second.json()["code"]


def test_a_known_token_with_other_answers_is_refused_and_changes_nothing(cnss):
    token = uuid.uuid4()
    sent(cnss, declaration(), token)
    refused = sent(cnss, declaration(), token)
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:rsu:problem:token_reused"
    assert Household.objects.count() == 1


def test_without_a_mark_nothing_is_registered(cnss):
    refused = cnss.post("households", {"answers": declaration()})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["path"] == "token"


def test_each_wrong_answer_is_told_by_its_path_in_a_sentence(cnss):
    refused = sent(cnss, declaration(adult(sex=None), rooms=-1))
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    problem = refused.json()
    assert problem["type"] == "urn:rsu:problem:declaration_refused"
    paths = {error["path"]: error["sentence"] for error in problem["errors"]}
    assert {"rooms", "members.1.sex"} <= set(paths)
    assert all(paths.values())
    assert not Household.objects.exists()


def test_a_person_already_registered_is_refused(cnss):
    person = adult()
    sent(cnss, declaration(person))
    refused = sent(cnss, declaration(person))
    assert [error["path"] for error in refused.json()["errors"]] == ["members.1.idcs"]


def test_a_commune_outside_the_area_is_refused(cnss):
    user = cnss.agency.user
    user.area_level, user.region_id = "region", 6
    user.save()
    refused = sent(cnss, declaration(commune=GUELIZ))
    assert "commune" in [error["path"] for error in refused.json()["errors"]]


def test_an_agreement_without_registration_gives_no_such_scope(anam):
    refused = sent(anam, declaration())
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:rsu:problem:insufficient_scope"
    assert anam.ask_token(scope="households:register").json()["error"] == "invalid_scope"


def test_the_call_is_one_event_that_names_agency_purpose_and_household(cnss):
    code = sent(cnss, declaration()).json()["code"]
    event = AuditEvent.objects.get(verb="api.register_household")
    assert (event.by, event.subject, event.reason) == (cnss.agency.user, "agency:cnss", "registration")
    assert event.household_id == Household.objects.get(code=code).pk
