"""The catalog asks everything the two formulas need, and nothing in the formula's own words."""

import re

import pytest
from django.utils import translation

from eligibility.law import founding
from households import countries
from households.models import Household, Member
from households.questions import HOUSEHOLD, PERSON, household_questions, person_questions

COUNTED = {"U19", "U20", "R17", "R18"}
"""The number of people and its square: nobody is asked, they are counted."""


def fed(questions) -> set[str]:
    return {code for question in questions for code in question.variables.split()}


def test_every_variable_of_both_formulas_is_fed_by_a_question():
    formulas = [f"U{number:02d}" for number in range(1, 36)] + [f"R{number:02d}" for number in range(1, 29)]
    assert fed([*PERSON, *HOUSEHOLD]) | COUNTED == set(formulas)


def test_each_milieu_is_asked_what_its_own_formula_needs():
    for milieu, letter in (("urban", "U"), ("rural", "R")):
        asked = fed([*household_questions(milieu), *person_questions(milieu)])
        assert {code for code in fed([*PERSON, *HOUSEHOLD]) if code[0] == letter} <= asked


def test_every_question_is_in_the_list_of_the_texts():
    ids = {question.id for question in (*PERSON, *HOUSEHOLD)} - {""}
    assert ids == {f"P{number:02d}" for number in range(1, 21)} | {f"H{number:02d}" for number in range(1, 24)}


def test_nobody_reads_a_code_of_the_formula():
    for question in (*PERSON, *HOUSEHOLD):
        words = f"{question.label} {question.hint} {question.who.words} {question.options()}"
        assert re.search(r"\b[URPH]\d\d\b", words) is None, question.field


def test_every_answer_has_its_place_in_a_table():
    filled = {"birth_year", "birth_month", "birth_day"}
    for questions, model in ((PERSON, Member), (HOUSEHOLD, Household)):
        names = {field.name for field in model._meta.get_fields()}
        assert {question.field for question in questions} - filled <= names


def test_the_law_has_every_value_registration_reads():
    keys = {provision.key for provision in founding()}
    wanted = ("unknown_birth_part", "max_size", "adult_age", "spouse_age", "plausible")
    assert {f"registration.{name}" for name in wanted} <= keys


@pytest.mark.parametrize(
    ("language", "in_order"),
    [("fr", ["Éthiopie", "Fidji"]), ("fr", ["Danemark", "Égypte", "Équateur", "Estonie"]), ("ar", ["إثيوبيا", "إستونيا", "البرازيل"])],
)
def test_countries_stand_where_their_letters_are_looked_for(language, in_order):
    with translation.override(language):
        names = [name for _code, name in countries.choices()][1:]
    assert sorted(in_order, key=names.index) == in_order
