"""The door: a client, its secret, its scopes, its agreement."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from rsu.models import AuditEvent


def basic(client, pair: bytes, body: str = "grant_type=client_credentials"):
    headers = {"Authorization": f"Basic {b64encode(pair).decode()}"}
    return client.post("/api/v1/token", body, content_type="application/x-www-form-urlencoded", headers=headers)


def test_a_client_gets_a_token_of_fifteen_minutes_with_the_scopes_of_its_agreement(cnss):
    answer = cnss.ask_token()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"access_token", "expires_in", "token_type", "scope"}
    assert answer.json()["expires_in"] == 900
    assert answer.json()["scope"].split() == ["eligibility:read", "coverage:read", "households:register", "feeds:write"]
    assert AuditEvent.objects.filter(verb="api.token", by=cnss.agency.user).count() == 2


def test_a_client_may_name_itself_in_the_header_and_ask_for_less(anam):
    answer = basic(anam.client, b"anam:anam-secret", "grant_type=client_credentials&scope=coverage:read")
    assert answer.json()["scope"] == "coverage:read"
    narrow = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    body = {"identifier": "2000000016", "purpose": "enrollment"}
    refused = anam.client.post("/api/v1/eligibility-checks", body, content_type="application/json", headers=narrow)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:rsu:problem:insufficient_scope"


@pytest.mark.parametrize("pair", [b"anam:wrong", b"nobody:secret", b"\x00:\x00", b"\xff", b"no colon"])
def test_a_wrong_secret_is_refused_as_a_problem_that_an_oauth_client_understands(anam, pair):
    refused = basic(anam.client, pair)
    assert refused.status_code == 401
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["WWW-Authenticate"].startswith("Basic")
    assert refused.json()["error"] == "invalid_client"
    assert refused.json()["type"] == "urn:rsu:problem:invalid_client"


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "nonsense"])
def test_no_other_grant_is_accepted(anam, grant):
    refused = anam.ask_token(grant_type=grant)
    assert refused.status_code == 400
    assert refused.json()["error"] == "unsupported_grant_type"


def test_a_secret_sent_as_json_is_told_the_type_to_use(anam):
    refused = anam.client.post("/api/v1/token", {"grant_type": "client_credentials"}, content_type="application/json")
    assert refused.status_code == 415


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Bearer ", "Basic YTpi", "Bearer é"])
def test_without_a_living_token_nothing_is_answered(anam, header):
    refused = anam.client.post(
        "/api/v1/coverage-checks", "not even JSON", content_type="application/json", headers={"Authorization": header}
    )
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert refused.json()["status"] == 401


def test_a_token_in_the_address_is_ignored(anam):
    assert anam.client.get("/api/v1/provisions", {"access_token": anam.token}).status_code == 401


def test_a_token_past_its_time_is_refused(anam):
    get_access_token_model().objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert anam.get("provisions").status_code == 401


def test_a_user_put_aside_is_refused(anam):
    user = anam.agency.user
    user.is_active = False
    user.save()
    assert anam.get("provisions").status_code == 401


@pytest.mark.parametrize(("since", "until"), [(-10, 0), (1, 10)])
def test_an_agreement_that_does_not_run_today_opens_nothing(anam, since, until):
    today = timezone.localdate()
    anam.agree(since=today + timedelta(days=since), until=today + timedelta(days=until))
    refused = anam.get("provisions")
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:rsu:problem:agreement_ended"
