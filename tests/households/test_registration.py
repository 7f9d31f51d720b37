"""A registration through its pages, as a browser without scripts walks it."""

import re
import uuid
from html import unescape

import pytest
from django.urls import reverse

from households.drafts import fields
from households.models import Household, Request
from households.questions import PERSON, household_questions
from households.services import save_draft, submit_registration

from .families import BOY, DAY, HEAD, MAN, WOMAN, law, town, with_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(client, amina, settings):
    settings.SECURE_SSL_REDIRECT = False
    client.force_login(amina)
    return client


def draft_of(user, answers) -> uuid.UUID:
    token = uuid.uuid4()
    save_draft(token=token, answers=answers, by=user, on=DAY)
    return token


def section(token, name):
    return reverse("households:draft", kwargs={"token": token, "section": name})


def summary(token):
    return reverse("households:summary", kwargs={"token": token})


def filled(questions, answers) -> dict:
    """The form's fields, boxes not ticked left out as browsers do."""
    return {name: text for name, text in fields(questions, answers).items() if text}


def test_a_family_is_registered_from_the_first_page_to_its_file(at_desk, amina):
    page = at_desk.get(reverse("households:register"))
    started = at_desk.post(reverse("households:register"), {"token": page.context["token"]})
    token = page.context["token"]
    assert started.url == section(token, "address")
    answers = town()
    for name, following in (
        ("address", section(token, "members")),
        ("dwelling", section(token, "bills")),
        ("bills", section(token, "equipment")),
        ("equipment", section(token, "property")),
        ("property", summary(token)),
    ):
        answered = at_desk.post(section(token, name), filled(household_questions("urban", name), answers))
        assert (answered.status_code, answered.headers.get("Location")) == (302, following), name
    for person in (MAN, WOMAN, BOY):
        added = at_desk.post(reverse("households:add_person", kwargs={"token": token}), {"key": uuid.uuid4().hex[:8]})
        at_desk.post(added.url, filled(PERSON, person))
    read = at_desk.get(summary(token))
    assert read.context["problems"] == []
    assert "Said Alaoui" in read.content.decode()
    sent = at_desk.post(summary(token))
    household = Household.objects.get()
    assert sent.url == reverse("desk:household", kwargs={"code": household.code})
    assert household.members.count() == 3
    assert Request.objects.get(token=token).status == "processed"


def test_the_start_button_pressed_twice_starts_one_registration(at_desk):
    token = at_desk.get(reverse("households:register")).context["token"]
    for _press in range(2):
        at_desk.post(reverse("households:register"), {"token": token})
    assert Request.objects.count() == 1


def test_the_add_button_pressed_twice_adds_one_person(at_desk, amina):
    token = draft_of(amina, {})
    for _press in range(2):
        at_desk.post(reverse("households:add_person", kwargs={"token": token}), {"key": "abcd1234"})
    assert len(Request.objects.get(token=token).answers["members"]) == 1


def test_sending_twice_leads_to_the_same_household(at_desk, amina):
    token = draft_of(amina, town())
    assert at_desk.post(summary(token)).url == at_desk.post(summary(token)).url
    assert Household.objects.count() == 1


def test_every_page_of_a_registration_already_sent_leads_to_its_household(at_desk, amina):
    token = draft_of(amina, town())
    url = at_desk.post(summary(token)).url
    for page in (summary(token), section(token, "bills"), section(token, "members")):
        assert at_desk.get(page).url == url
    assert at_desk.post(section(token, "dwelling"), {"rooms": "9"}).url == url
    assert Household.objects.get().rooms == 2


def test_what_was_typed_wrong_comes_back_with_its_sentence(at_desk, amina):
    token = draft_of(amina, town())
    page = at_desk.post(
        section(token, "bills"), {"electricity_bills_0": "cent", "water_bills_none": "on", "butane_month": "٧٥٫٥", "telecom_bills_2": "-4"}
    )
    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="cent"' in text
    assert 'value="-4"' in text
    assert text.count('aria-invalid="true"') == 2
    assert 'href="#electricity_bills_row"' in text
    assert Request.objects.get(token=token).answers["electricity_bills"] == ["cent", None, None]
    assert {problem.path for problem in page.context["form"].problems} == {"electricity_bills", "telecom_bills"}


def test_each_error_is_tied_to_its_field(at_desk, amina):
    token = draft_of(amina, town())
    text = at_desk.post(section(token, "dwelling"), {"rooms": "deux", "bath": "true", "electricity_meter": "own"}).content.decode()
    described = re.search(r'<input[^>]*name="rooms"[^>]*aria-describedby="([^"]+)"', text)
    assert all(f'id="{name}"' in text for name in described[1].split())
    assert "rooms_error" in described[1]


def test_a_section_put_off_is_kept_without_complaint(at_desk, amina):
    token = draft_of(amina, {})
    put_off = at_desk.post(section(token, "address"), {"address": "Rue 1", "later": "1"})
    assert put_off.url == summary(token)
    assert Request.objects.get(token=token).answers["address"] == "Rue 1"


def test_an_autosave_keeps_what_is_typed_and_tells_the_page_what_it_now_holds(at_desk, amina):
    token = draft_of(amina, town())
    kept = at_desk.post(section(token, "dwelling"), {"rooms": "many"}, headers={"X-Autosave": "1"})
    assert kept.status_code == 200
    told = kept.json()
    assert set(told["base"]) == {"dwelling_type", "rooms", "bath", "electricity_meter"}
    assert (told["clashes"], told["said"]) == ({}, "")
    assert Request.objects.get(token=token).answers["rooms"] == "many"


def test_a_summary_with_something_to_mend_says_why_it_cannot_be_sent(at_desk, amina):
    token = draft_of(amina, with_person(town(), 1, idcs=None))
    page = at_desk.post(summary(token))
    text = page.content.decode()
    assert page.status_code == 422
    assert "Rien n’a été enregistré" in text
    assert 'disabled aria-describedby="why-not"' in text
    assert "Identifiant civil et social" in text
    mend = re.search(r'href="([^"]+)\?check#idcs_row"', text)[1]
    assert 'id="idcs_row"' in at_desk.get(mend + "?check").content.decode()
    assert Household.objects.count() == 0


def test_a_person_already_registered_is_told_beside_the_idcs(at_desk, amina):
    submit_registration(token=uuid.uuid4(), answers=town(), on=DAY, by=amina, law=law())
    token = draft_of(amina, {"commune": "06.141.01.53"})
    person = at_desk.post(reverse("households:add_person", kwargs={"token": token}), {"key": "abcd1234"}).url
    page = at_desk.post(person, filled(PERSON, MAN))
    assert page.status_code == 422
    assert "Cet IDCS est déjà enregistré dans un ménage." in page.content.decode()
    assert "Alaoui" in page.content.decode()


def test_a_rare_answer_is_confirmed_by_ticking_it(at_desk, amina):
    token = draft_of(amina, town())
    dwelling = {"rooms": "16", "bath": "true", "electricity_meter": "own"}
    page = at_desk.post(section(token, "dwelling"), dwelling)
    assert "Plus de 15 pièces" in page.content.decode()
    ticked = at_desk.post(section(token, "dwelling"), dwelling | {"confirm": "rooms=16"})
    assert ticked.status_code == 302
    assert at_desk.post(section(token, "dwelling"), dwelling | {"rooms": "17"}).status_code == 422


def test_removing_a_person_moves_the_pointers_of_the_others(at_desk, amina):
    token = draft_of(amina, town())
    at_desk.get(section(token, "members"))
    at_desk.post(section(token, "dwelling"), {"rooms": "2", "bath": "true", "electricity_meter": "own"})
    answers = Request.objects.get(token=token).answers
    key = at_desk.get(section(token, "members")).context["people"][0].key
    at_desk.post(reverse("households:remove_person", kwargs={"token": token, "key": key}))
    wife, son = Request.objects.get(token=token).answers["members"]
    assert len(answers["members"]) == 3
    assert (wife["spouse"], son["mother"], son["father"]) == (None, 1, None)


def test_questions_follow_the_milieu(at_desk, amina):
    urban = at_desk.get(section(draft_of(amina, town()), "equipment")).content.decode()
    assert "téléphones portables" in urban
    assert "vaches" not in at_desk.get(section(draft_of(amina, town()), "property")).content.decode()


def test_drafts_are_found_again(at_desk, amina):
    draft_of(amina, town())
    assert "Ménage de Said Alaoui" in at_desk.get(reverse("households:register")).content.decode()


def test_a_draft_put_aside_is_gone_from_the_list(at_desk, amina):
    token = draft_of(amina, town())
    at_desk.post(reverse("households:discard", kwargs={"token": token}))
    assert at_desk.get(summary(token)).status_code == 404
    assert "Aucun brouillon" in at_desk.get(reverse("households:register")).content.decode()


@pytest.mark.parametrize("page", ["summary", "address", "members", "bills"])
def test_somebody_elses_draft_does_not_exist(client, settings, amina, brahim, page):
    settings.SECURE_SSL_REDIRECT = False
    token = draft_of(amina, town())
    client.force_login(brahim)
    url = summary(token) if page == "summary" else section(token, page)
    assert client.get(url).status_code == 404
    assert client.post(url, {"rooms": "9"}).status_code == 404
    assert Request.objects.get(token=token).answers["rooms"] == 2


@pytest.mark.parametrize("name", ["chaima", "yassine"])
def test_other_roles_do_not_register(client, settings, name, request):
    settings.SECURE_SSL_REDIRECT = False
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse("households:register")).status_code == 403


def test_pages_take_as_many_queries_for_one_person_as_for_three(at_desk, amina, django_assert_max_num_queries):
    token = draft_of(amina, town())
    at_desk.get(summary(token))
    with django_assert_max_num_queries(13):
        at_desk.get(summary(token))
    with django_assert_max_num_queries(12):
        at_desk.get(section(token, "members"))


def test_no_word_of_the_formula_is_on_any_page(at_desk, amina):
    token = draft_of(amina, town())
    pages = [section(token, name) for name in ("address", "members", "dwelling", "bills", "equipment", "property")] + [summary(token)]
    for page in pages:
        text = at_desk.get(page).content.decode()
        assert re.search(r"\b[UR]\d\d\b", text) is None, page
        assert HEAD in text or page not in (summary(token),)


def test_an_unanswered_question_is_named_once_wherever_it_is_told(at_desk, amina):
    token = draft_of(amina, with_person(town(butane_month="75 DH"), 1, sex=None))
    read_back = at_desk.get(summary(token)).content.decode()
    assert "Sexe – sans réponse" in read_back and "Il manque la réponse" not in read_back
    assert "75 MAD" in read_back and "DH MAD" not in read_back
    mend = re.search(r'href="([^"]+)\?check#sex_row"', read_back)[1]
    page = " ".join(unescape(at_desk.get(mend + "?check").content.decode()).split())
    assert '<a href="#sex_row">Sexe</a> : sans réponse' in page
    assert "Répondez à cette question." in page and "Il manque la réponse" not in page
    assert '<span class="whom">[pour un adulte]</span>' in page


def test_amounts_are_read_back_as_the_household_file_writes_them(at_desk, amina):
    answers = town(butane_month="1200,5 DH", telecom_bills=["75.00", "", "abc"])
    text = at_desk.get(summary(draft_of(amina, answers))).content.decode()
    assert "\u20661\u202f200,50\u2069 MAD" in text
    assert "\u206675\u2069 MAD · – · \u2066abc\u2069 MAD" in text


def test_a_card_whose_questions_wait_for_the_birth_says_so(at_desk, amina):
    token = draft_of(amina, with_person(town(), 1, birth_year=""))
    key = at_desk.get(section(token, "members")).context["people"][0].key
    text = at_desk.get(reverse("households:person", kwargs={"token": token, "key": key})).content.decode()
    cards = {part.split("</h2>")[0]: part for part in text.split('<section class="card"><h2>')[1:]}
    told = "Ces questions viennent quand l’année de naissance est connue."
    assert {title for title, card in cards.items() if told in card} == {"Famille", "Études", "Travail", "Santé et allocations"}
    assert all("data-birth-unknown hidden" in card for card in cards.values() if told in card)
