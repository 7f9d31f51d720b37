"""What each person finds, and what is told of what lies elsewhere."""

import json
import uuid

import pytest
from django.urls import reverse

from households import queries
from households.finding import people_named
from households.models import Member
from households.queries import drafts_of, households_of, members_of, search
from households.services import save_draft, submit_registration
from rsu.models import AuditEvent, User
from rsu.synthesis.numbers import with_check_digit

from .families import DAY, HEAD, OTHER, law, town

NEEDED = 11
"""What was seen, the words typed, their spellings, people (five: a savepoint and what the planner is told), households, members, whose work they are."""


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


@pytest.mark.parametrize("families", [1, 12])
def test_a_search_takes_as_many_queries_for_one_household_as_for_many(families, amina, django_assert_num_queries):
    for number in range(families):
        numbers = [with_check_digit(f"3{number:02d}00000{place}") for place in range(3)]
        submit_registration(token=uuid.uuid4(), answers=with_idcs(town(), numbers), on=DAY, by=amina, law=law())
    with django_assert_num_queries(NEEDED):
        found = search(amina, "Alaoui")
        assert [len(family.members.all()) for family in found.results] == [3] * families


def renamed(household, position: int, **names) -> None:
    Member.objects.filter(household=household, position=position).update(**names)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ({"first_name_fr": "Mohammed", "last_name_fr": "El Alaoui"}, ["محمد العلوي", "Mohamed Alaoui", "alaoui M'hamed", "MOHAMED EL-ALAOUI"]),
        ({"first_name_fr": "Btissam", "last_name_fr": "Ben Abd El Kader"}, ["ابتسام بن عبد القادر", "Ibtissam Benabdelkader", "Ibtissam"]),
        ({"first_name_fr": "Fatima-Ezzahra", "last_name_fr": "Aït Ali"}, ["فاطمة الزهراء", "Fatima Zahra Ait Ali", "Aitali Fatimazahra", "ايت علي"]),
        ({"first_name_fr": "X", "last_name_fr": "Y", "first_name_ar": "نور الدين", "last_name_ar": "الغزالي"}, ["Noureddine Ghazali", "El Ghazali Nour Eddine"]),  # noqa: E501
        ({"first_name_fr": "Ghassan", "last_name_fr": "Lakhal"}, ["Gassan", "غسان لكحل", "Ghasan Lakhel"]),
        ({"first_name_fr": "Abderrahmane", "last_name_fr": "Zerouali"}, ["zero", "Zeroual", "عبد الرحمان الزروالي"]),
    ],
)  # fmt: skip
def test_a_person_is_found_in_either_script_and_any_common_spelling(household, amina, stored, typed):
    renamed(household, 2, **{"first_name_ar": "", "last_name_ar": ""} | stored)
    assert {text: [(one, one.named.position) for one in search(amina, text).results] for text in typed} == {
        text: [(household, 2)] for text in typed
    }


def test_all_the_words_typed_must_answer(household, amina):
    assert search(amina, "Said Alaoui").results == [household]
    assert search(amina, "Said Zemmouri").results == []


def other_family(by, first: str, last: str, number: int = 1):
    numbers = [with_check_digit(f"4{number:02d}00000{place}") for place in range(3)]
    made = submit_registration(token=uuid.uuid4(), answers=with_idcs(town(), numbers), on=DAY, by=by, law=law()).household
    for position in (1, 2, 3):
        renamed(made, position, first_name_fr="Omar", last_name_fr="Berrada", first_name_ar="", last_name_ar="")
    renamed(made, 1, first_name_fr=first, last_name_fr=last)
    return made


def test_the_spelling_typed_comes_first_then_its_sound_then_its_consonants(amina):
    mahmoud = other_family(amina, "Mahmoud", "Zerouali", 1)
    mohammed = other_family(amina, "Mohammed", "Zerouali", 2)
    mohamed = other_family(amina, "Mohamed", "Zerouali", 3)
    assert search(amina, "Mohamed Zerouali").results == [mohamed, mohammed, mahmoud]
    assert search(amina, "Mahmoud Zerouali").results[0] == mahmoud


def in_arabic(household, first: str, last: str) -> None:
    renamed(household, 1, first_name_fr="", last_name_fr="", first_name_ar=first, last_name_ar=last)


def test_the_same_name_in_the_other_script_comes_before_another_name_of_the_same_consonants(amina):
    moussa = other_family(amina, "Mohamed", "Moussa", 1)
    moussaoui = other_family(amina, "", "", 2)
    in_arabic(moussaoui, "محمد", "موسوي")
    assert search(amina, "Moussaoui").results == [moussaoui, moussa]
    assert search(amina, "Mohamed Moussaoui").results == [moussaoui, moussa]
    assert search(amina, "محمد الموسوي").results == [moussaoui, moussa]


def test_a_common_name_is_known_in_the_other_script_where_letters_do_not_tell(amina):
    fathi, fatih = other_family(amina, "", "", 1), other_family(amina, "Omar", "Fatih", 2)
    in_arabic(fathi, "محمد", "فتحي")
    assert search(amina, "Fathi").results == [fathi, fatih]


def test_many_who_answer_well_do_not_hide_who_answers_less_well(amina):
    exact = [other_family(amina, "Karim", "Zerouali", number) for number in range(1, 5)]
    less = [other_family(amina, first, "Zerouali", number) for number, first in enumerate(("Kerim", "Karima", "Karimat"), start=5)]
    found = people_named("Karim", households_of(amina), seen=[], most=7)
    assert {one.household_id for one in found} == {one.pk for one in (*exact, *less)}


def test_of_two_alike_the_one_opened_before_comes_first(amina, client):
    first, second = (other_family(amina, "Karim", "Zerouali", number) for number in (1, 2))
    assert search(amina, "Karim Zerouali").results == [second, first]
    client.force_login(amina)
    client.get(reverse("desk:household", args=[first.code]))
    assert search(amina, "Karim Zerouali").results == [first, second]


@pytest.mark.parametrize("text", ["BE123456", "be 123456", "BE-123456"])
def test_an_identity_card_is_an_exact_identifier(household, amina, brahim, text):
    renamed(household, 2, cin="BE123456")
    found = search(amina, text)
    assert (found.results, found.exact, found.results[0].named.position) == ([household], True, 2)
    elsewhere = search(brahim, text)
    assert (elsewhere.results, elsewhere.registered_elsewhere) == ([], True)


@pytest.mark.parametrize("text", ["+212 612-345678", "00212612345678", "06.12.34.56.78", "+212 (0)612345678"])
def test_a_telephone_is_found_however_it_is_written(household, amina, text):
    assert search(amina, text).results == [household]


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "😀", "ـ", "-", "a", "ا", "x" * 100, "(", "12"])
def test_whatever_is_typed_is_only_text(household, amina, text):
    search(amina, text)


def test_files_opened_lately_are_at_hand(amina, brahim, client):
    first, second = (other_family(amina, "Karim", "Zerouali", number) for number in (1, 2))
    client.force_login(amina)
    for family in (first, second, first, first):
        client.get(reverse("desk:household", args=[family.code]))
    assert queries.recently_seen(amina) == [first, second]
    assert client.get(reverse("desk:search")).context["recent"] == [first, second]
    assert client.get(reverse("desk:home")).context["seen"] == [first, second]
    assert queries.recently_seen(brahim) == []
    amina.commune = brahim.commune
    amina.save()
    assert queries.recently_seen(amina) == []


def test_outside_ones_own_work_a_list_shows_initials_and_masked_codes(household, amina, salma, client):
    client.force_login(salma)
    page = client.get(reverse("desk:search"), {"q": "Alaoui"}).content.decode()
    assert "S. A." in page and "Said" not in page and "سعيد" not in page and household.code[:10] not in page
    assert household.code[6:10] in page
    client.force_login(amina)
    page = client.get(reverse("desk:search"), {"q": "Alaoui"}).content.decode()
    assert "Said Alaoui" in page and household.shown_code in page
    for path in ("desk:home", "enrollment:work"):
        client.force_login(salma)
        assert "Said" not in client.get(reverse(path)).content.decode()


def test_what_one_registered_is_ones_own_work_wherever_it_is(amina, salma, household):
    assert [one.own for one in search(salma, "Alaoui").results] == [False]
    household.requests.update(created_by=salma)
    assert [one.own for one in search(salma, "Alaoui").results] == [True]


def test_a_list_leads_to_the_file_by_a_number_that_says_nothing(household, salma, brahim, client):
    client.force_login(salma)
    assert client.get(reverse("desk:open", args=[household.pk])).url == reverse("desk:household", args=[household.code])
    client.force_login(brahim)
    assert client.get(reverse("desk:open", args=[household.pk])).status_code == 404


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        (OTHER, {"idcs": OTHER}),
        ("BE123456", {"cin": "BE123456"}),
        ("Zerouali Karim", {"first_name_fr": "Karim", "last_name_fr": "Zerouali"}),
        ("محمد العلوي", {"first_name_ar": "محمد", "last_name_ar": "العلوي"}),
    ],
)
def test_a_registration_begins_with_what_was_looked_for(amina, client, text, begun):
    client.force_login(amina)
    page = client.get(reverse("desk:search"), {"q": text})
    client.post(reverse("households:register"), {"token": page.context["token"], "looked_for": text})
    draft = drafts_of(amina).get()
    person = draft.answers["members"][0]
    assert person["relation"] == "head" and {name: person.get(name) for name in begun} == begun


def test_a_character_that_no_text_may_hold_is_left_out(household, amina, client):
    client.force_login(amina)
    assert client.get(reverse("desk:search"), {"q": "Ala\0oui"}).context["results"] == [household]
