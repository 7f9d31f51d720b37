"""Whom a person's page offers as mother, father, husband or wife: nobody the declaration would refuse, and whoever is chosen."""

import re
from copy import deepcopy
from datetime import date

import pytest
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from households import family

from .families import BOY, DAUGHTER, DAY, MAN, WOMAN, law, town
from .test_registration import at_desk, draft_of, section  # noqa: F401

GIRL = BOY | {"idcs": DAUGHTER, "first_name_fr": "Salma", "sex": "female", "birth_year": 2023, "birth_month": 2, "schooling": "preschool"}


def offered(role, members, position) -> list[int]:
    return family.offered(role, members, position, on=DAY, law=law())


def born(year) -> dict:
    return {"born_on": date(year, 1, 1)}


@pytest.mark.parametrize(
    ("role", "other", "own"),
    [
        ("mother", {"sex": "male"}, {}),
        ("father", {"sex": "female"}, {}),
        ("mother", born(2015), born(2015)),
        ("mother", born(2023), {}),
        ("spouse", {"sex": "male"}, {"sex": "male"}),
        ("spouse", born(2023), {}),
        ("spouse", {"relation": "child"}, {"relation": "spouse"}),
        ("spouse", {"mother": 1}, {}),
        ("spouse", {}, {"father": 2}),
    ],
)
def test_who_cannot_be_is_not_offered(role, other, own):
    assert offered(role, [own, other], 1) == []


@pytest.mark.parametrize(
    ("role", "other", "own"),
    [
        ("mother", {}, {}),
        ("mother", {"sex": "female"}, born(1980)),
        ("father", born(1990), {"sex": "male"}),
        ("mother", born(2015), born(2026)),
        ("spouse", {}, {"sex": "male"}),
        ("spouse", {"relation": "head"} | born(1980), {"relation": "spouse"}),
    ],
)
def test_what_is_not_known_yet_refuses_nobody(role, other, own):
    assert offered(role, [own, other], 1) == [2]


somebody = st.fixed_dictionaries(
    {"relation": st.sampled_from(["head", "spouse", "child", "other"])},
    optional={
        "sex": st.sampled_from(["male", "female"]),
        "born_on": st.sampled_from([date(year, 5, 1) for year in (1950, 1985, 2012, 2024)]),
        "marital_status": st.just("married"),
    },
)


@given(st.lists(somebody, min_size=2, max_size=4), st.sampled_from(["mother", "father", "spouse"]))
@example([{"relation": "head", "sex": "female"}, {"relation": "spouse", "marital_status": "married", "sex": "female"}], "spouse")
def test_nobody_is_kept_back_whom_the_declaration_would_accept(members, role):
    """But for a child too young to be anybody's parent, where the birth of the person is not known."""
    members[0]["relation"] = "head"
    for member in members[1:]:
        member["relation"] = "other" if member["relation"] == "head" else member["relation"]
    for position, own in enumerate(members, start=1):
        known = "born_on" in own or role == "spouse"
        shown = offered(role, members, position)
        for place in range(1, len(members) + 1):
            if place == position or place in shown or not known:
                continue
            said = deepcopy(members)
            said[position - 1][role] = place
            told = family.check(said, on=DAY, law=law(), supervised=False)
            before = family.check(deepcopy(members), on=DAY, law=law(), supervised=False)
            young = family._age(members[place - 1], DAY)
            new = {one.path for one in told} - {one.path for one in before}
            refused = new or f"members.{position}.{role}" in {one.path for one in told}
            assert refused or (young is not None and young < 18)


@pytest.mark.django_db
class TestThePage:
    def choices(self, at_desk, token, place, role) -> list[str]:  # noqa: F811
        key = at_desk.get(section(token, "members")).context["people"][place - 1].key
        text = at_desk.get(reverse("households:person", kwargs={"token": token, "key": key})).content.decode()
        return re.findall(r'<option value="(\d+)"', re.search(rf'<select name="{role}".*?</select>', text, re.DOTALL)[0])

    def test_offers_a_boy_his_parents_and_not_his_little_sister(self, at_desk, amina):  # noqa: F811
        token = draft_of(amina, town(members=[MAN, WOMAN, BOY, GIRL]))
        assert [self.choices(at_desk, token, 3, role) for role in ("mother", "father", "spouse")] == [["2"], ["1"], []]
        assert [self.choices(at_desk, token, 2, role) for role in ("mother", "spouse")] == [[], ["1"]]

    def test_offers_somebody_new_all_who_may_be(self, at_desk, amina):  # noqa: F811
        token = draft_of(amina, town(members=[MAN, WOMAN, BOY, GIRL, {}]))
        assert [self.choices(at_desk, token, 5, role) for role in ("mother", "father", "spouse")] == [["2"], ["1"], ["1", "2"]]

    def test_never_hides_whoever_is_chosen(self, at_desk, amina):  # noqa: F811
        token = draft_of(amina, town(members=[MAN, WOMAN, BOY | {"mother": 4}, GIRL]))
        assert self.choices(at_desk, token, 3, "mother") == ["2", "4"]
