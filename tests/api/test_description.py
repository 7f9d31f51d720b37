"""What partners read: the law, the changelog, the OpenAPI description; and the description holds."""

import uuid

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import checks

from tests.sizes import cases

from .declarations import couple_with_two_children

OPERATIONS = {
    ("GET", "/api/v1/changelog"): 200,
    ("GET", "/api/v1/provisions"): 200,
    ("GET", "/api/v1/households/{idcs}/eligibility"): 404,
    ("GET", "/api/v1/feeds/{kind}/{number}"): 404,
    ("POST", "/api/v1/coverage-checks"): 200,
    ("POST", "/api/v1/eligibility-checks"): 404,
    ("POST", "/api/v1/feeds/{kind}"): 403,
    ("POST", "/api/v1/households"): 422,
    ("POST", "/api/v1/token"): 400,
}
"""Each operation, and the status that requests drawn from the description alone must at least have met."""


@pytest.fixture
def description(db, client) -> dict:
    answer = client.get("/api/v1/schema")
    assert answer.status_code == 200
    return answer.json()


def test_the_law_of_a_day_is_told_with_its_sources(anam):
    answer = anam.get("provisions", on="2023-12-01", key="direct_aid.threshold").json()
    [provision] = answer["provisions"]
    assert answer["on"] == provision["since"] == "2023-12-01"
    assert (provision["value"], provision["key"]) == ("9.743001", "direct_aid.threshold")
    assert provision["source"]
    assert anam.get("provisions", on="2023-11-30", key="direct_aid.threshold").json()["provisions"] == []


def test_each_provision_in_force_is_told_once(anam):
    provisions = anam.get("provisions").json()["provisions"]
    keys = [provision["key"] for provision in provisions]
    assert len(keys) == len(set(keys)) > 30
    assert all(provision["source"] for provision in provisions)


def test_the_changelog_is_open_to_anybody(client, db):
    entries = client.get("/api/v1/changelog").json()["changelog"]
    assert entries[0]["version"] == "1.1" and entries[0]["changes"]


def test_the_description_is_valid_openapi_3_1(description):
    validate_schema(description)
    assert description["openapi"].startswith("3.1")
    found = {(method.upper(), path) for path, methods in description["paths"].items() for method in methods}
    assert found == set(OPERATIONS)


def test_every_answer_is_documented_with_an_example(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert (
                {"400", "401", "403", "415", "429", "500"} <= set(operation["responses"]) or "security" not in operation or method == "get"
            ), path
            for status, answer in operation["responses"].items():
                [(media_type, content)] = answer["content"].items()
                assert media_type == ("application/json" if status < "400" else "application/problem+json")
                assert content["schema"]
                assert content.get("examples") or path.endswith("changelog"), (path, status)


def test_the_declaration_is_described_by_the_questions_put_on_screen(description):
    answers = description["components"]["schemas"]["RegistrationRequest"]["properties"]["answers"]
    assert answers["required"] == ["commune", "members"]
    assert "H04" in answers["properties"]["rooms"]["description"]
    assert "head" in answers["properties"]["members"]["items"]["properties"]["relation"]["enum"]


def test_the_page_is_made_of_files_of_this_server_and_of_no_inline_script(client, db):
    page = client.get("/api/v1/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<style" not in text and "//cdn" not in text and "https://" not in text
    assert text.count("<script") == text.count('<script src="/') == 3
    script = client.get("/api/v1/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema" in script.content.decode()


checks.load_all_checks()
CONFORMANCE = ("status_code_conformance", "content_type_conformance", "response_schema_conformance", "response_headers_conformance")
CHECKS = [checks.not_a_server_error, *checks.CHECKS.get_by_names(CONFORMANCE)]


@pytest.fixture
def kept_connection():
    """The end of a request would close the test's own transaction: Django's test client does the same."""
    ends = [(signals.request_started, close_old_connections), (signals.request_finished, close_old_connections)]
    for signal, receiver in ends:
        signal.disconnect(receiver)
    yield
    for signal, receiver in ends:
        signal.connect(receiver)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_breaks_the_registry_and_each_answer_is_one_that_is_documented(cnss, kept_connection, method, path):
    application = get_wsgi_application()
    operation = schemathesis.openapi.from_wsgi("/api/v1/schema", application)[path][method]
    headers = {} if path.endswith("token") else cnss.headers
    strategy = st.one_of(
        operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE),
    )

    seen = set()

    @seed(20261122)
    @settings(max_examples=cases(10, 25), deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=strategy)
    def ask(case):
        for given_values in (case.body, case.query):
            if isinstance(given_values, dict) and isinstance(given_values.get("purpose"), str):
                given_values["purpose"] = "coverage"
        seen.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    ask()
    assert OPERATIONS[method, path] in seen


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=6,
)


def test_a_good_declaration_with_one_answer_replaced_is_registered_or_refused_with_reasons(cnss):
    @seed(20261122)
    @settings(max_examples=cases(40, 120), deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(data=st.data(), value=ANYTHING)
    def send(data, value):
        answers = couple_with_two_children()
        holder = data.draw(st.sampled_from([answers, *answers["members"]]))
        holder[data.draw(st.sampled_from(sorted(holder)))] = value
        answer = cnss.post("households", {"token": str(uuid.uuid4()), "answers": answers})
        assert answer.status_code == 201 or (answer.status_code == 422 and answer.json()["errors"]), answer.json()

    send()
