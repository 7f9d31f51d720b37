"""The bar: what it offers to a role opens for that role, under subjects few enough for one line."""

import pytest
from django.test import RequestFactory
from django.urls import resolve

from rsu.desk.navigation import navigation

pytestmark = pytest.mark.django_db
ROLES = ["amina", "salma", "chaima", "yassine"]


def bar_of(user, path: str = "/") -> list[dict]:
    request = RequestFactory().get(path)
    request.user, request.resolver_match = user, resolve(path)
    return navigation(request)["navigation"]


@pytest.mark.parametrize("name", ROLES)
def test_every_page_the_bar_offers_opens(client, request, name):
    user = request.getfixturevalue(name)
    client.force_login(user)
    pages = [page for entry in bar_of(user) for page in entry.get("pages", [entry])]
    assert len(pages) >= 10
    assert {page["url"]: client.get(page["url"]).status_code for page in pages} == {page["url"]: 200 for page in pages}


@pytest.mark.parametrize("name", ROLES)
def test_the_bar_has_at_most_six_entries_and_no_subject_of_one_page(request, name):
    bar = bar_of(request.getfixturevalue(name))
    assert len(bar) <= 6
    assert all(len(entry["pages"]) > 1 for entry in bar if "pages" in entry)


def test_the_subject_of_the_present_page_is_marked(salma):
    bar = bar_of(salma, "/enrollment/payments/")
    assert [str(entry["label"]) for entry in bar if entry["current"]] == ["Argent"]
    assert [str(page["label"]) for entry in bar if entry["current"] for page in entry["pages"] if page["current"]] == ["Versements"]


def test_a_role_with_one_page_of_a_subject_has_it_by_its_name(amina):
    assert {"Mon travail", "Trop-perçus"} <= {str(entry["label"]) for entry in bar_of(amina) if "pages" not in entry}
