"""What each person finds, and what is told of what lies elsewhere."""

import uuid

import pytest

from households.queries import drafts_of, households_of, members_of, search
from households.services import save_draft, submit_registration
from rsu.models import User

from .families import DAY, HEAD, OTHER, law, town


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
