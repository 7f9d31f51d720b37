"""What an update changes, told in words; expectations by hand."""

from copy import deepcopy

import pytest
from django.utils.translation import override

from households import drafts
from households.differences import Difference, differences
from households.models import Request

from .families import town
from .test_registration import at_desk, draft_of, summary  # noqa: F401


def begun() -> dict:
    return drafts.keyed(town())


def changed(before, after) -> list[Difference]:
    with override("fr"):
        return differences(before, after, milieu="urban")


def test_nothing_changed_is_nothing_whatever_way_it_is_typed():
    before = begun()
    assert changed(before, deepcopy(before) | {"rooms": "2", "electricity_bills": ["100", "", "200"]}) == []


def test_each_answer_changed_is_told_before_and_after():
    before = begun()
    after = deepcopy(before) | {"rooms": "3", "telecom_bills": ["20", None, None]}
    after["members"][2]["schooling"] = "no"
    told = [(one.who, one.question.split(",")[0], one.before, one.after) for one in changed(before, after)]
    assert told == [
        ("", "Combien de pièces le ménage occupe-t-il ?", "2", "3"),
        ("", "Téléphone et internet", "aucune facture", "20 MAD · – · –"),
        ("Adam Alaoui", "Suit-il (elle) une école ou une formation cette année ?", "primaire", "non"),
    ]


def test_who_left_and_who_came_are_told_and_the_pointers_of_the_others_are_no_change():
    before = begun()
    after = drafts.without_person(deepcopy(before), before["members"][0]["key"])
    after = drafts.with_person(after, "newcomer")
    after["members"][2]["first_name_fr"] = "Hiba"
    told = [(one.who, one.question, one.before, one.after) for one in changed(before, after)]
    assert ("Hiba", "Personne ajoutée", "", "Hiba") in told and ("Said Alaoui", "Personne retirée", "Said Alaoui", "") in told
    assert not [one for one in told if one[0] == "Adam Alaoui" and one[1].startswith("Sa mère")]
    assert [one[2:] for one in told if one[0] == "Adam Alaoui" and one[1].startswith("Son père vit")] == [("Said Alaoui", "ne vit pas ici")]


@pytest.mark.django_db
def test_the_summary_of_an_update_shows_only_what_changed_first(at_desk, amina):  # noqa: F811
    token = draft_of(amina, begun() | {"rooms": "3"})
    request = Request.objects.get(token=token)
    assert "Ce qui change" not in at_desk.get(summary(token)).content.decode()
    Request.objects.filter(token=token).update(kind="update", before=request.answers | {"rooms": 2})
    page = at_desk.get(summary(token)).content.decode()
    assert "Ce qui change" in page
    assert [one.question for one in at_desk.get(summary(token)).context["differences"]] == ["Combien de pièces le ménage occupe-t-il ?"]
