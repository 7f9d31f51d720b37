"""One shape for every refusal, in the language asked for."""

import pytest

from rsu.api_limits import AgencyLimit

from .declarations import idcs

MEMBERS = {"type", "title", "status", "detail", "errors"}


def check(answer, status: int) -> dict:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) >= MEMBERS
    assert problem["status"] == status
    assert problem["type"].startswith("urn:rsu:problem:")
    assert problem["title"] and problem["detail"]
    return problem


@pytest.mark.parametrize("path", ["nowhere", "households/", "token/", "households/2000000016", "a/b/c", "%00"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "patch", "options"])
def test_an_address_that_does_not_exist(db, client, path, method):
    check(getattr(client, method)(f"/api/v1/{path}"), 404)


def test_a_method_that_is_not_permitted(anam):
    problem = anam.client.delete("/api/v1/coverage-checks", headers=anam.headers)
    check(problem, 405)
    assert problem["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("body", ["{", "[" * 100_000, '{"a": NaN}', "\ud800".encode("utf-16-be", "surrogatepass"), b"\xff"])
def test_a_body_that_is_not_json(anam, body):
    answer = anam.client.post("/api/v1/coverage-checks", body, content_type="application/json", headers=anam.headers)
    check(answer, 400)


@pytest.mark.parametrize("body", ["[]", "3", "null", '"text"', "{}"])
@pytest.mark.parametrize("path", ["coverage-checks", "eligibility-checks", "households"])
def test_a_body_that_is_not_what_is_asked(cnss, path, body):
    answer = cnss.client.post(f"/api/v1/{path}", body, content_type="application/json", headers=cnss.headers)
    assert check(answer, 400)["errors"]


def test_a_body_of_another_type(anam):
    check(anam.client.post("/api/v1/coverage-checks", "a=b", content_type="text/plain", headers=anam.headers), 415)


def test_a_body_too_large(cnss):
    check(cnss.post("households", {"answers": {"address": "a" * 1_000_001}}), 413)


def test_an_answer_that_is_not_spoken(anam):
    check(anam.client.get("/api/v1/provisions", headers=anam.headers | {"Accept": "text/html"}), 406)


@pytest.mark.parametrize("identifier", ["", "12", "1000000000", "2000000016\n2", "٢٠٠٠٠٠٠٠١٦", None, 2000000016.5])
def test_an_identifier_that_cannot_be_one(anam, identifier):
    answer = anam.post("coverage-checks", {"identifier": identifier, "purpose": "coverage"})
    [error] = check(answer, 400)["errors"]
    assert error["path"] == "identifier" and error["sentence"]
    assert "motif" not in error["sentence"]


@pytest.mark.parametrize("path", ["%00", "abc", "2000000016%0A", "é"])
def test_an_identifier_in_the_address_that_cannot_be_one(anam, path):
    check(anam.get(f"households/{path}/eligibility", purpose="coverage"), 404)


def test_half_characters_are_refused(anam):
    body = '{"identifier": "2000000016", "purpose": "\\ud800"}'
    answer = anam.client.post("/api/v1/coverage-checks", body, content_type="application/json", headers=anam.headers)
    check(answer, 400)


def test_a_fault_of_the_registry_is_a_problem_too(anam, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {}}
    problem = check(anam.get("provisions"), 500)
    assert problem["type"] == "urn:rsu:problem:error"


def test_too_many_requests_are_told_when_to_come_back(anam, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"agency": "2/day", "address": "100000/min"}}
    answers = [anam.get("provisions", key="amo") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
    assert answers[0]["RateLimit-Policy"] == '"agency";q=2;w=86400'
    check(answers[2], 429)
    assert 0 < int(answers[2]["Retry-After"]) <= 86400


def test_the_rates_of_production_let_a_hundred_requests_pass_in_three_seconds():
    quota, window = AgencyLimit().rate()
    assert quota >= 100 and window >= 3


def test_titles_follow_the_language(anam):
    body = {"identifier": idcs(), "purpose": "coverage"}
    french = anam.post("eligibility-checks", body, **{"Accept-Language": "fr"})
    assert french.json()["title"] == "Introuvable"
    assert french["Content-Language"] == "fr"
    assert anam.post("eligibility-checks", body, **{"Accept-Language": "ar"})["Content-Language"] == "ar"
