"""What each person finds, and what is told of what lies elsewhere."""

import json
import uuid

import pytest
from django.urls import reverse

from households import queries
from households.queries import drafts_of, households_of, members_of, search
from households.services import save_draft, submit_registration
from rsu.models import AuditEvent, User

from .families import DAY, HEAD, OTHER, law, town


def with_idcs(answers: dict, numbers: list[str]) -> dict:
    members = [member | {"idcs": number} for member, number in zip(answers["members"], numbers, strict=True)]
    return answers | {"members": members}


@pytest.fixture
def household(amina):
    return submit_registration(token=uuid.uuid4(), answers=town(), on=DAY, by=amina, law=law()).household


@pytest.mark.parametrize("text", [HEAD, "2000 000 006", "٢٠٠٠٠٠٠٠٠٦", "0612345678", "Alaoui", "said alaoui", "العلوي", "fatima"])
def test_a_household_is_found_by_any_of_its_people(household, amina, text):
    assert search(amina, text).results == [household]


def test_a_household_is_found_by_its_code_as_it_is_shown(household, amina):
    found = search(amina, household.shown_code)
    assert (found.results, found.exact, found.registered_elsewhere) == ([household], True, False)


def test_elsewhere_an_exact_identifier_only_says_that_it_is_registered(household, brahim):
    for text in (HEAD, household.code):
        found = search(brahim, text)
        assert (found.results, found.registered_elsewhere) == ([], True)


@pytest.mark.parametrize("text", ["Alaoui", "0612345678", OTHER, "99999999999", "", "   "])
def test_elsewhere_nothing_else_is_told(household, brahim, text):
    found = search(brahim, text)
    assert (found.results, found.registered_elsewhere) == ([], False)


def test_a_search_cut_short_says_so(household, amina, monkeypatch):
    assert not search(amina, "Alaoui").more
    second = with_idcs(town(), ["2000000052", "2000000068", "2000000075"])
    submit_registration(token=uuid.uuid4(), answers=second, on=DAY, by=amina, law=law())
    monkeypatch.setattr(queries, "MOST_FOUND", 1)
    for text in ("Alaoui", "0612345678"):
        found = search(amina, text)
        assert (len(found.results), found.more) == (1, True)


def test_a_search_is_traced_by_what_was_looked_for_and_never_by_the_number(household, amina, yassine, client):
    client.force_login(amina)
    for text in (HEAD, OTHER, household.shown_code, "0612345678", "Alaoui"):
        client.get(reverse("desk:search"), {"q": text})
    traced = list(AuditEvent.objects.filter(verb="search").order_by("id"))
    assert [(event.details["kind"], event.details["found"]) for event in traced] == [
        ("idcs", 1), ("idcs", 0), ("code", 1), ("phone", 1), ("name", 1),
    ]  # fmt: skip
    kept = json.dumps([event.details for event in traced], ensure_ascii=False)
    assert not [word for word in (HEAD, OTHER, household.code, "0612345678", "Alaoui") if word in kept]
    client.force_login(yassine)
    for probed, event in ((OTHER, traced[1]), ("2000 000 006", traced[0]), ("0612345678", traced[3])):
        assert list(client.get(reverse("audit"), {"number": probed}).context["events"]) == [event]
    assert not client.get(reverse("audit"), {"number": "2000000052"}).context["events"]


def test_each_area_sees_its_own(household, amina, brahim, salma, yassine):
    seen = {user.username: list(households_of(user)) for user in (amina, brahim, salma, yassine)}
    assert seen == {"amina": [household], "brahim": [], "salma": [household], "yassine": [household]}


def test_who_has_no_area_sees_nothing(household):
    nobody = User.objects.create(username="nobody")
    assert list(households_of(nobody)) == []
    assert search(nobody, "Alaoui").results == []


def test_members_come_in_order_with_their_age(household):
    assert [(member.position, member.age) for member in members_of(household, on=DAY)] == [(1, 45), (2, 41), (3, 11)]


def test_drafts_are_their_makers(amina, brahim, salma):
    draft = save_draft(token=uuid.uuid4(), answers=town(), by=amina, on=DAY)
    assert [list(drafts_of(user)) for user in (amina, brahim, salma)] == [[draft], [], []]


def test_a_search_takes_as_many_queries_for_one_household_as_for_many(household, amina, django_assert_num_queries):
    with django_assert_num_queries(3):
        found = search(amina, "Alaoui")
        assert [len(family.members.all()) for family in found.results] == [3]
