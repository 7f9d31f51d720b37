"""Families sorted by hand into the units of AMO (law 65-00; the household's several units are this registry's reading)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.units import NO_INSURED, OTHER_COVER, PERMIT_ENDED, Person, Rules, birthday, person, sort_members
from households.ages import age_on
from households.answers import Charge, Cover, Disability, MaritalStatus, Relation, Schooling

RULES = Rules(
    dependant_age=21,
    student_dependant_age=26,
    student_levels=("higher",),
    dependant_disabilities=("severe",),
    excluding_covers=("amo_employee", "amo_public", "amo_self_employed", "amo_student", "military"),
    insured_spouse="husband",
    adult_age=18,
)


def one(number, relation, sex, age, status="single", **answers) -> Person:
    return Person(number, f"idcs{number}", number, relation, sex, age, status, **answers)


HUSBAND = one(1, "head", "male", 45, "married")
WIFE = one(2, "spouse", "female", 40, "married", spouse_id=1)
BOY = one(3, "child", "male", 12, mother_id=2, father_id=1)
GIRL = one(4, "child", "female", 8, mother_id=2, father_id=1)


def sort(*people):
    """[(kind, insured, dependants)] and {person: reason}, people by their number."""
    found = sort_members(people, RULES)
    units = [(unit.kind, unit.insured.id, sorted(one.id for one in unit.dependants)) for unit in found.units]
    return units, {aside.person.id: aside.reason for aside in found.aside}


def test_a_couple_and_their_children_are_one_unit_of_the_husband():
    assert sort(HUSBAND, WIFE, BOY, GIRL) == ([("family", 1, [2, 3, 4])], {})


def test_the_husband_is_insured_even_where_the_wife_is_the_head():
    head = replace(WIFE, relation="head")
    husband = replace(HUSBAND, relation="spouse")
    assert sort(husband, head, BOY) == ([("family", 1, [2, 3])], {})


def test_a_lone_mother_at_the_head_insures_her_children():
    mother = one(1, "head", "female", 35, "divorced")
    assert sort(mother, one(2, "child", "male", 6, mother_id=1)) == ([("family", 1, [2])], {})


def test_a_head_alone_is_an_adult_alone():
    assert sort(one(1, "head", "male", 70, "widowed")) == ([("adult", 1, [])], {})


def test_three_generations_give_the_grandparents_a_unit_of_their_own():
    grandfather = one(5, "parent", "male", 75, "married")
    grandmother = one(6, "parent", "female", 70, "married", spouse_id=5)
    assert sort(replace(HUSBAND, father_id=5, mother_id=6), WIFE, BOY, grandfather, grandmother) == (
        [("family", 1, [2, 3]), ("couple", 5, [6])],
        {},
    )


def test_a_married_son_and_his_wife_are_another_unit_with_their_child():
    son = one(3, "child", "male", 24, "married", mother_id=2, father_id=1)
    bride = one(4, "other", "female", 20, "married", spouse_id=3)
    baby = one(5, "grandchild", "male", 0, mother_id=4, father_id=3)
    assert sort(HUSBAND, WIFE, son, bride, baby, replace(GIRL, id=6, position=6)) == ([("family", 1, [2, 6]), ("couple", 3, [4, 5])], {})


def test_a_divorced_daughter_insures_her_child_under_her_parents_roof():
    daughter = one(3, "child", "female", 28, "divorced", mother_id=2, father_id=1)
    grandchild = one(4, "grandchild", "female", 5, mother_id=3)
    assert sort(HUSBAND, WIFE, daughter, grandchild) == ([("family", 1, [2]), ("lone_parent", 3, [4])], {})


def test_a_man_and_his_two_wives_are_one_unit():
    second = one(5, "spouse", "female", 30, "married", spouse_id=1)
    baby = one(6, "child", "male", 1, mother_id=5, father_id=1)
    assert sort(HUSBAND, WIFE, BOY, second, baby) == ([("family", 1, [2, 3, 5, 6])], {})


def test_two_wives_of_a_man_covered_elsewhere_are_each_insured_with_their_own_children():
    covered = replace(HUSBAND, cover="amo_employee")
    second = one(5, "spouse", "female", 30, "married", spouse_id=1)
    baby = one(6, "child", "male", 1, mother_id=5, father_id=1)
    assert sort(covered, WIFE, BOY, second, baby) == ([("family", 2, [3]), ("lone_parent", 5, [6])], {1: OTHER_COVER})


def test_a_covered_wife_is_set_aside_and_the_others_stay():
    assert sort(HUSBAND, replace(WIFE, cover="amo_public"), BOY) == ([("family", 1, [3])], {2: OTHER_COVER})


def test_the_wife_is_insured_where_the_husband_has_another_cover():
    assert sort(replace(HUSBAND, cover="military"), WIFE, BOY) == ([("family", 2, [3])], {1: OTHER_COVER})


def test_a_child_of_covered_parents_belongs_to_their_cover():
    lone = one(1, "head", "male", 40, "widowed", cover="amo_employee")
    assert sort(lone, one(2, "child", "male", 9, father_id=1)) == ([], {1: OTHER_COVER, 2: NO_INSURED})


@pytest.mark.parametrize("cover", ["none", "ramed", "amo_tadamon", "private", "abroad", None])
def test_these_covers_do_not_set_aside(cover):
    assert sort(one(1, "head", "male", 40, cover=cover)) == ([("adult", 1, [])], {})


@pytest.mark.parametrize(
    ("answers", "dependent"),
    [
        ({"age": 20}, True),
        ({"age": 21}, False),
        ({"age": 22, "schooling": "higher"}, True),
        ({"age": 25, "schooling": "higher"}, True),
        ({"age": 26, "schooling": "higher"}, False),
        ({"age": 22, "schooling": "vocational"}, False),
        ({"age": 22, "schooling": "higher", "marital_status": "married"}, False),
        ({"age": 40, "disability": "severe"}, True),
        ({"age": 40, "disability": "moderate"}, False),
    ],
)
def test_until_when_a_child_is_dependent(answers, dependent):
    child = replace(one(3, "child", "male", 0, mother_id=2, father_id=1), **answers)
    assert sort(HUSBAND, WIFE, child) == (([("family", 1, [2, 3])], {}) if dependent else ([("family", 1, [2]), ("adult", 3, [])], {}))


def test_a_grandchild_without_parents_here_goes_with_the_head():
    assert sort(HUSBAND, WIFE, one(3, "grandchild", "male", 7)) == ([("family", 1, [2, 3])], {})


def test_a_child_in_kafala_stays_dependent_after_eighteen_and_a_nephew_does_not():
    kafala = one(3, "other", "male", 19, charge="kafala")
    nephew = one(4, "other", "male", 19)
    assert sort(HUSBAND, WIFE, kafala, nephew) == ([("family", 1, [2, 3]), ("adult", 4, [])], {})


def test_a_minor_mother_and_her_child_go_with_her_parents():
    girl = one(3, "child", "female", 16, mother_id=2, father_id=1)
    assert sort(HUSBAND, WIFE, girl, one(4, "grandchild", "male", 0, mother_id=3)) == ([("family", 1, [2, 3, 4])], {})


def test_brothers_and_lodgers_are_each_alone():
    assert sort(one(1, "head", "male", 30), one(2, "sibling", "male", 27), one(3, "other", "female", 50)) == (
        [("adult", 1, []), ("adult", 2, []), ("adult", 3, [])],
        {},
    )


EX_WIFE = replace(WIFE, relation="other", marital_status="divorced", spouse_id=None)
EX_HUSBAND = replace(HUSBAND, marital_status="divorced")


def test_children_of_divorced_parents_under_one_roof_go_with_their_mother():
    assert sort(EX_HUSBAND, EX_WIFE, BOY, GIRL) == ([("adult", 1, []), ("lone_parent", 2, [3, 4])], {})


def test_unless_somebody_else_has_their_custody():
    assert sort(EX_HUSBAND, EX_WIFE, replace(BOY, charge="custody")) == ([("family", 1, [3]), ("adult", 2, [])], {})


def test_where_two_insured_parents_are_not_a_couple_nor_divorced_the_child_is_the_father_s():
    apart = replace(WIFE, relation="other", marital_status="single", spouse_id=None)
    assert sort(replace(HUSBAND, marital_status="single"), apart, BOY) == ([("family", 1, [3]), ("adult", 2, [])], {})


def test_where_it_is_in_the_mother_s_charge_it_is_hers():
    apart = replace(WIFE, relation="other", marital_status="single", spouse_id=None)
    kept = replace(BOY, charge="mother")
    assert sort(replace(HUSBAND, marital_status="single"), apart, kept) == ([("adult", 1, []), ("lone_parent", 2, [3])], {})


def test_a_child_living_with_one_divorced_parent_goes_with_that_one():
    assert sort(EX_HUSBAND, replace(BOY, mother_id=None)) == ([("family", 1, [3])], {})


def test_an_orphan_goes_with_the_grandmother():
    grandmother = one(1, "head", "female", 70, "widowed")
    assert sort(grandmother, one(2, "grandchild", "male", 9)) == ([("family", 1, [2])], {})


def test_a_minor_at_the_head_insures_younger_brothers():
    assert sort(one(1, "head", "male", 16), one(2, "sibling", "male", 9)) == ([("family", 1, [2])], {})


def test_a_married_minor_is_a_spouse():
    bride = one(3, "child", "female", 17, "married", mother_id=2, father_id=1, spouse_id=4)
    groom = one(4, "other", "male", 23, "married")
    assert sort(HUSBAND, WIFE, bride, groom) == ([("family", 1, [2]), ("couple", 4, [3])], {})


def test_the_birthday_agrees_with_the_age_on_every_day():
    for born_on in (date(2004, 2, 29), date(2004, 2, 28), date(2004, 3, 1), date(2005, 12, 31)):
        for years in (18, 21, 26):
            day = birthday(born_on, years)
            assert [age_on(day - timedelta(days=1), born_on), age_on(day, born_on)] == [years - 1, years]


class Row:
    """A member as the table gives it, of which the sorting reads these columns."""

    id = position = 1
    idcs, relation, sex, born_on, marital_status = "2000000006", "head", "male", date(1980, 2, 29), "single"
    spouse_id = mother_id = father_id = charge = schooling = cover = None
    nationality, permit_until = "ma", None
    disability, disability_since, disability_until = "severe", date(2026, 1, 1), date(2026, 6, 1)

    def __init__(self, **columns):
        vars(self).update(columns)


@pytest.mark.parametrize(
    ("day", "disability"),
    [(date(2025, 12, 31), None), (date(2026, 1, 1), "severe"), (date(2026, 5, 31), "severe"), (date(2026, 6, 1), None)],
)
def test_a_certificate_counts_from_its_first_day_to_the_eve_of_its_end(day, disability):
    assert person(Row(), day).disability == disability


def test_born_on_29_february_grows_on_1_march():
    assert [person(Row(), day).age for day in (date(2026, 2, 28), date(2026, 3, 1))] == [45, 46]


def test_a_foreigner_is_insured_while_the_permit_runs():
    guest = Row(nationality="sn", permit_until=date(2026, 3, 1))
    insured, late = (sort_members([person(guest, day)], RULES) for day in (date(2026, 2, 28), date(2026, 3, 1)))
    assert [unit.insured.id for unit in insured.units] == [1]
    assert [aside.reason for aside in late.aside] == [PERMIT_ENDED]


@st.composite
def households(draw):
    """Any members at all, pointers crossed or circular included: the sorting must survive what the checks would refuse."""
    size = draw(st.integers(1, 9))
    pointer = st.one_of(st.none(), st.integers(1, size))
    code = lambda choices: st.one_of(st.none(), st.sampled_from(choices.values))  # noqa: E731
    return [
        Person(
            id=number,
            idcs=f"idcs{number}",
            position=number,
            relation=draw(st.sampled_from(Relation.values)),
            sex=draw(st.sampled_from(["male", "female"])),
            age=draw(st.integers(0, 90)),
            marital_status=draw(st.sampled_from(MaritalStatus.values)),
            spouse_id=draw(pointer),
            mother_id=draw(pointer),
            father_id=draw(pointer),
            charge=draw(code(Charge)),
            schooling=draw(code(Schooling)),
            disability=draw(code(Disability)),
            cover=draw(code(Cover)),
            permit_ended=draw(st.booleans()),
        )
        for number in range(1, size + 1)
    ]


@given(households())
def test_every_member_is_in_exactly_one_unit_or_set_aside(people):
    found = sort_members(people, RULES)
    placed = [one.id for unit in found.units for one in unit.people] + [aside.person.id for aside in found.aside]
    assert sorted(placed) == [one.id for one in people]


@given(households())
def test_nobody_with_another_compulsory_cover_is_in_a_unit(people):
    for unit in sort_members(people, RULES).units:
        assert not any(one.cover in RULES.excluding_covers or one.permit_ended for one in unit.people)
