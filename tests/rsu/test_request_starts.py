"""How a request begins: what is open already, what a move leaves behind, a household nobody lives in any more."""

import uuid

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

import eligibility.queries
from households.models import Household
from rsu.desk.uncovered import _elsewhere
from rsu.models import AuditEvent
from tests.households.families import DAUGHTER, GUELIZ, HEAD, SON, WIFE, town
from tests.rsu.asking import SOMEBODY, ask, asked, desk, key, page_of, registered, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(amina) -> Household:
    return registered(amina)


def test_a_household_whose_last_person_died_is_led_to_its_striking_off_with_the_reason_written(amina):
    alone = registered(amina, town(members=[SOMEBODY]))
    refused = ask(amina, alone, "death", person=key(alone, SOMEBODY["idcs"]), died_on="01/10/2026")
    assert refused.status_code == 422 and "what=striking_off&amp;because=death" in refused.content.decode()
    led = desk(amina).get(reverse("desk:new_request", args=[alone.code]) + "?what=striking_off&because=death")
    assert "La dernière personne du ménage est décédée." in text(led) and "Le chef demande" not in text(led)


def test_the_first_page_lists_what_is_open_and_says_of_whom(family, amina):
    draft = asked(amina, family, "striking_off_member", person=key(family, WIFE), reason="Elle le demande.")
    page = desk(amina).get(reverse("desk:new_request", args=[family.code]))
    assert page_of(draft) in page.content.decode()
    assert "Radiation d’une personne · Fatima Idrissi" in text(page)


def test_a_move_leaves_the_old_street_behind_and_is_not_sent_without_a_place(family, amina):
    draft = asked(amina, family, "move")
    page = desk(amina).get(reverse("households:draft", args=[draft.token, "address"])).content.decode()
    assert 'value="12, rue des Oliviers"' not in page
    assert "address" in draft.touched
    answer = desk(amina).post(reverse("households:summary", args=[draft.token]))
    assert "Dites où vit la famille à présent" in text(answer)


def test_children_are_told_to_go_with_a_parent_and_adults_without_activity_to_contribute(amina):
    on = localdate()
    home = registered(amina)
    boy = home.members.get(idcs=SON)
    wife = home.members.get(idcs=WIFE)
    boy.situation = wife.situation = "other_inactive"
    law = eligibility.queries.law(on)
    assert "parent assuré" in _elsewhere(boy, law, on=on) and "ACHAMIL" not in _elsewhere(boy, law, on=on)
    assert "ACHAMIL" in _elsewhere(wife, law, on=on)


class TestSomebodyComesFromAnotherHousehold:
    @pytest.fixture
    def alone(self, amina) -> Household:
        return registered(amina, town(members=[SOMEBODY]))

    def begin(self, amina, home, **answers):
        return desk(amina).post(reverse("desk:new_request", args=[home.code]), {"what": "transfer", "token": str(uuid.uuid4()), **answers})

    def test_found_by_their_number_then_chosen_among_their_family(self, family, alone, amina):
        page = self.begin(amina, alone, other=WIFE)
        assert page.status_code == 200
        form = page.context["form"]
        assert (form.initial["people"], form.initial["other"]) == ([key(family, WIFE)], family.code)
        assert AuditEvent.objects.filter(verb="read_household", household_id=family.pk, by=amina).exists()
        refused = self.begin(amina, alone, other=family.code, step="people", people=[key(family, WIFE)])
        assert refused.status_code == 422 and "Prévenez d’abord le chef de l’autre ménage" in text(refused)
        opened = self.begin(amina, alone, other=family.code, step="people", people=[key(family, WIFE)], told="on")
        draft = alone.requests.get(occasion="transfer")
        assert opened.url == reverse("households:draft", args=[draft.token, "members"])
        assert [member["first_name_fr"] for member in draft.answers["members"]] == [SOMEBODY["first_name_fr"], "Fatima"]

    def test_is_not_of_this_very_household_nor_of_another_territory(self, family, alone, amina, brahim):
        assert "vit déjà dans ce ménage" in text(self.begin(amina, alone, other=SOMEBODY["idcs"]))
        assert "hors de votre territoire" in text(self.begin(brahim, registered(brahim, _gueliz()), other=WIFE))

    def test_the_household_left_is_asked_what_the_departure_makes_it_owe(self, family, alone, amina):
        opened = self.begin(
            amina, alone, other=family.code, step="people", people=[key(family, HEAD)], new_head=key(family, WIFE), told="on"
        )
        draft = alone.requests.get(occasion="transfer")
        left = reverse("households:left", args=[draft.token])
        assert opened.url == left
        page = desk(amina).get(left)
        assert "Fatima Idrissi" in text(page) and 'name="education_level"' in page.content.decode()
        assert desk(amina).post(left, {"person": key(family, WIFE), "education_level": ""}).status_code == 422
        answered = desk(amina).post(left, {"person": key(family, WIFE), "education_level": "primary"})
        assert answered.url == reverse("households:draft", args=[draft.token, "members"])
        assert "Le ménage quitté" in text(desk(amina).get(reverse("households:summary", args=[draft.token])))


def _gueliz() -> dict:
    return town(commune=GUELIZ, members=[SOMEBODY | {"idcs": DAUGHTER}])
