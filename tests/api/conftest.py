"""Agencies with their tokens, asked for through the door partners use."""

import pytest
from django.test import Client

from rsu.models import Agency


class Partner:
    """One agency's client; `post` and `get` take the path after /api/v1/ and give the response back."""

    def __init__(self, code: str):
        self.code = code
        self.client = Client(raise_request_exception=False)
        self.token = self.ask_token().json()["access_token"]

    def ask_token(self, secret: str = "", **fields):
        given = {"grant_type": "client_credentials", "client_id": self.code, "client_secret": secret or f"{self.code}-secret"} | fields
        body = "&".join(f"{name}={value}" for name, value in given.items())
        return self.client.post("/api/v1/token", body, content_type="application/x-www-form-urlencoded")

    @property
    def headers(self) -> dict:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def agency(self) -> Agency:
        return Agency.objects.get(code=self.code)

    def agree(self, **terms) -> None:
        """Change the agreement."""
        Agency.objects.filter(code=self.code).update(**terms)

    def post(self, path: str, body: dict, **headers):
        return self.client.post(f"/api/v1/{path}", body, content_type="application/json", headers=self.headers | headers)

    def get(self, path: str, **query):
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)


@pytest.fixture
def partner(db, settings):
    """Make a partner of the demo: partner("cnss"). Each test asks for its own token."""
    rates = {"agency": "100000/min", "address": "100000/min"}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}
    return Partner


@pytest.fixture
def cnss(partner) -> Partner:
    return partner("cnss")


@pytest.fixture
def anam(partner) -> Partner:
    return partner("anam")


@pytest.fixture
def chu(partner) -> Partner:
    return partner("chu-casablanca")
