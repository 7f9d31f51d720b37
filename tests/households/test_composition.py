"""The family's picture: each person once, couples side by side, children under their parents."""

import re
from types import SimpleNamespace

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from households.composition import family_of
from households.templatetags.households import married_to

from .families import BOY, MAN, OTHER, WOMAN, town, with_person
from .test_registration import at_desk, draft_of, section, summary  # noqa: F401


def person(pk, link, sex="male", spouse=None, mother=None, father=None):
    return SimpleNamespace(pk=pk, link=link, sex=sex, spouse_id=spouse, mother_id=mother, father_id=father)


def drawn(branches) -> list:
    """[[people], [branches under them]], by number."""
    return [[[one.pk for one in branch.people], drawn(branch.children)] for branch in branches]


def test_a_couple_has_its_children_under_it():
    family = [person(1, "head"), person(2, "spouse", "female", spouse=1), person(3, "child", father=1, mother=2)]
    assert drawn(family_of(family)) == [[[1, 2], [[[3], []]]]]


def test_a_widow_stands_alone_over_her_children():
    family = [person(1, "head", "female"), person(2, "child", mother=1), person(3, "child", "female", mother=1)]
    assert drawn(family_of(family)) == [[[1], [[[2], []], [[3], []]]]]


def test_two_wives_stand_beside_their_husband_and_each_child_names_its_mother():
    family = [
        person(1, "head"), person(2, "spouse", "female", spouse=1), person(3, "spouse", "female", spouse=1),
        person(4, "child", father=1, mother=3), person(5, "child", father=1, mother=2),
    ]  # fmt: skip
    [branch] = family_of(family)
    assert drawn([branch]) == [[[1, 2, 3], [[[4], []], [[5], []]]]]
    assert [child.mother.pk for child in branch.children] == [3, 2]


def test_a_grandmother_stands_over_her_son_and_his_children_and_a_lodger_apart():
    family = [
        person(1, "other"), person(2, "head", mother=4), person(3, "spouse", "female"), person(4, "parent", "female"),
        person(5, "child", father=2, mother=3), person(6, "grandchild", mother=5),
    ]  # fmt: skip
    assert drawn(family_of(family)) == [[[4], [[[2, 3], [[[5], [[[6], []]]]]]]], [[1], []]]


def test_a_child_who_names_no_parent_here_stands_under_the_head():
    assert drawn(family_of([person(1, "head"), person(2, "child")])) == [[[1], [[[2], []]]]]


pointer = st.one_of(st.none(), st.integers(1, 6))
anybody = st.tuples(
    st.sampled_from(["head", "spouse", "child", "parent", "other", ""]), st.sampled_from(["male", "female", ""]), pointer, pointer, pointer
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(anybody, max_size=6))
def test_whatever_was_said_each_person_is_drawn_once(said):
    family = [person(pk, *answers) for pk, answers in enumerate(said, start=1)]

    def everybody(branches):
        for branch in branches:
            yield from (one.pk for one in branch.people)
            yield from everybody(branch.children)

    assert sorted(everybody(family_of(family))) == [one.pk for one in family]


@pytest.mark.django_db
def test_what_does_not_hold_together_is_told_on_the_picture(at_desk, amina):  # noqa: F811
    token = draft_of(amina, with_person(town(), 3, birth_year=1970))
    for page in (section(token, "members"), summary(token)):
        text = at_desk.get(page).content.decode()
        assert "n’est pas plus âgé(e)" in text.split('class="family"')[1].split("</ul>\n")[0]


@pytest.mark.django_db
def test_the_household_file_draws_the_family_too(at_desk, amina):  # noqa: F811
    token = draft_of(amina, town())
    code = at_desk.post(summary(token)).url.rstrip("/").split("/")[-1]
    text = at_desk.get(reverse("desk:household", kwargs={"code": code})).content.decode()
    picture = text.split('class="family"')[1]
    assert picture.index(MAN["first_name_fr"]) < picture.index(WOMAN["first_name_fr"]) < picture.index(BOY["first_name_fr"])
    assert picture.split('class="couple married"')[1].count('class="relative') >= 2


SECOND = WOMAN | {"idcs": OTHER, "first_name_fr": "Zahra", "first_name_ar": "زهرة", "birth_year": "1988"}


@pytest.mark.django_db
def test_who_is_married_to_whom_is_said_in_words(at_desk, amina):  # noqa: F811
    token = draft_of(amina, town(members=[MAN, WOMAN, BOY, SECOND]))
    for page in (section(token, "members"), summary(token)):
        text = re.sub("[\u2068\u2069]", "", at_desk.get(page).content.decode())
        names = [f"{one['first_name_fr']} {one['last_name_fr']}" for one in (MAN, WOMAN, SECOND)]
        assert f'<div class="muted small">Marié à {names[1]} et à {names[2]}</div>' in text
        assert text.count(f'<div class="muted small">Mariée à {names[0]}</div>') == 2
    code = at_desk.post(summary(token)).url.rstrip("/").split("/")[-1]
    text = re.sub("[\u2068\u2069]", "", at_desk.get(reverse("desk:household", kwargs={"code": code})).content.decode())
    assert f"Marié à {names[1]} et à {names[2]}" in text


def test_three_wives_and_a_spouse_whose_sex_is_not_said_yet():
    def named(name, sex):
        return SimpleNamespace(pk=1, sex=sex, name_fr=name, key="")

    husband, wives = named("Omar", "male"), [named(name, "female") for name in ("Aïcha", "Zahra", "Ito")]
    couple = SimpleNamespace(people=[husband, *wives])
    plain = {"\u2068": "", "\u2069": ""}
    assert married_to(couple, husband).translate(str.maketrans(plain)) == "marié à Aïcha, à Zahra et à Ito"
    assert married_to(couple, wives[2]).translate(str.maketrans(plain)) == "mariée à Omar"
    assert married_to(SimpleNamespace(people=[named("A", ""), named("B", "")]), husband).startswith("marié à")
