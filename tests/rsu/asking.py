"""A family's request made and answered through HTTP, for the tests of its pages."""

import re
import uuid
from html import unescape

from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

import eligibility.queries
from households import services
from households.models import Household, Request
from households.services import submit_registration
from rsu.models import User
from tests.households.families import OTHER, town

SOMEBODY = {
    "idcs": OTHER, "first_name_fr": "Zahra", "last_name_fr": "Bennani", "relation": "head", "sex": "female", "birth_year": "1950",
    "marital_status": "widowed", "diploma": "none", "literate": False, "situation": "elderly", "cover": "none", "disability": "none",
    "other_allowances": False, "education_level": "none",
}  # fmt: skip


def registered(by: User, answers: dict | None = None) -> Household:
    on = localdate()
    sent = submit_registration(token=uuid.uuid4(), answers=answers or town(), on=on, by=by, law=eligibility.queries.law(on))
    return sent.household


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer) -> str:
    """What the page says, marks and runs of spaces put aside."""
    bare = re.sub(r"<(style|script)[^>]*>.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)).replace("\u200e", ""))


def key(household: Household, idcs: str) -> str:
    return f"m{household.members.get(idcs=idcs).pk}"


def ask(user: User, household: Household, what: str, **fields):
    address = reverse("desk:new_request", args=[household.code])
    return desk(user).post(address, {"what": what, "token": str(uuid.uuid4())} | fields)


def asked(user: User, household: Household, what: str, **fields) -> Request:
    answer = ask(user, household, what, **fields)
    assert answer.status_code == 302, text(answer)
    return Request.objects.exclude(kind="registration").latest("id")


def fill(user: User, draft: Request, **answers) -> None:
    """The answers of several pages at once, as those pages keep them."""
    services.amend_draft(token=draft.token, change=lambda kept: kept | answers, by=user, on=localdate())


def fill_person(user: User, draft: Request, who: str, **answers) -> None:
    def change(kept):
        return kept | {"members": [one | answers if one["key"] == who else one for one in kept["members"]]}

    services.amend_draft(token=draft.token, change=change, by=user, on=localdate())


def send(user: User, draft: Request):
    return desk(user).post(reverse("households:summary", args=[draft.token]))


def sent(user: User, draft: Request) -> Request:
    answer = send(user, draft)
    assert answer.headers.get("location") == page_of(draft), text(answer)
    draft.refresh_from_db()
    return draft


def page_of(request: Request) -> str:
    return reverse("desk:request", args=[request.pk])


def see(user: User, request: Request):
    return desk(user).get(page_of(request))


def act(user: User, request: Request, deed: str, **fields):
    return desk(user).post(reverse("desk:request_deed", args=[request.pk, deed]), fields)


def status_of(request: Request) -> str:
    return Request.objects.get(pk=request.pk).status


RICHER = {"mobile_phones": "4", "cars": "2", "computer": True, "second_home": True, "garage": True, "landline": True, "loan": True}
"""Answers that take every right away."""


def finish(request: Request, first: User, second: User) -> None:
    """Applied by whoever sent it, or by the second person where the law wants two."""
    act(first, request, "apply")
    if status_of(request) == "in_progress":
        act(second, request, "apply")
    assert status_of(request) == "processed", text(see(first, request))
