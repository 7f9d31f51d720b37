"""Names suggested in the other script, never written over what was typed."""

import uuid

import pytest
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import reverse

from households import transliteration
from households.queries import drafts_of
from households.services import save_draft

from .families import DAY, town


@pytest.mark.parametrize(
    ("kind", "latin", "arabic"),
    [
        ("first_name", "Mohamed", "محمد"), ("first_name", "Btissam", "ابتسام"), ("first_name", "mohammed", "محمد"), ("last_name", "Alaoui", "العلوي"),
        ("first_name", "Fatima-Zahra", "فاطمة الزهراء"), ("last_name", "Bourzgoune", "بورزكون"), ("last_name", "El Mzabi", "المزابي"),
    ],
)  # fmt: skip
def test_arabic_from_latin(kind, latin, arabic):
    assert transliteration.in_arabic(latin, kind) == arabic


@pytest.mark.parametrize(
    ("kind", "arabic", "latin"),
    [
        ("first_name", "محمد", "Mohamed"),
        ("first_name", "إدريس", "Driss"),
        ("last_name", "العلوي", "Alaoui"),
        ("last_name", "بوزروق", "Bouzrouk"),
    ],
)
def test_latin_from_arabic(kind, arabic, latin):
    assert transliteration.in_latin(arabic, kind) == latin


def test_nothing_is_suggested_where_something_stands_or_nothing_was_said():
    assert transliteration.suggestions({"first_name_fr": "Mohamed", "first_name_ar": "أحمد"}) == {}
    assert transliteration.suggestions({}) == {} == transliteration.suggestions({"first_name_fr": "محمد"})
    assert transliteration.suggestions({"first_name_fr": "Mohamed", "last_name_ar": "العلوي"}) == {
        "first_name_ar": "محمد", "last_name_fr": "Alaoui",
    }  # fmt: skip


def test_while_typing_the_suggestion_is_asked_by_a_guarded_page_that_keeps_nothing(amina, yassine, client):
    client.force_login(amina)
    answer = client.post(reverse("households:suggest_names"), {"first_name_fr": "Rachid"})
    assert answer.json() == {"first_name_ar": "رشيد"} and "no-store" in answer.headers["Cache-Control"]
    client.force_login(yassine)
    assert client.post(reverse("households:suggest_names")).status_code == 403


def test_a_name_is_never_typed_into_an_address_and_is_read_from_our_own_pages_alone(amina):
    client = Client(enforce_csrf_checks=True)
    client.force_login(amina)
    address, typed = reverse("households:suggest_names"), {"first_name_fr": "Rachid"}
    assert client.get(address, typed).status_code == 405
    assert client.post(address, typed).status_code == 403
    token = get_token(client.get("/").wsgi_request)
    assert client.post(address, typed, headers={"X-CSRFToken": token}).json() == {"first_name_ar": "رشيد"}


@pytest.fixture
def draft(amina):
    return save_draft(token=uuid.uuid4(), answers=town(), by=amina, on=DAY)


def test_without_javascript_a_button_takes_the_suggestion_and_nothing_else_changes(draft, amina, client):
    client.force_login(amina)
    client.get(reverse("households:draft", args=[draft.token, "members"]))
    person = drafts_of(amina).get().answers["members"][1]
    page = reverse("households:person", args=[draft.token, person["key"]])
    assert "فاطمة" in client.get(page).content.decode()
    typed = {"first_name_fr": "Fatima", "last_name_fr": "Idrissi", "idcs": person["idcs"], "accept": "first_name_ar"}
    assert client.post(page, typed).url == page
    kept = drafts_of(amina).get().answers["members"][1]
    assert (kept["first_name_ar"], kept.get("last_name_ar"), kept["first_name_fr"]) == ("فاطمة", None, "Fatima")
    client.post(page, typed | {"first_name_ar": "فطيمة"})
    assert drafts_of(amina).get().answers["members"][1]["first_name_ar"] == "فطيمة"
