"""Families worked by hand from the published formula, line by line in each file's `origin`, taken through the product.

The working is read back here: every product, the sum and the rounding must be right before the product is asked.
A case needs `expect.score` and `expect.entitled`; `facts` (with the working), `allowance`, `insured` and `dependants`
(positions of members) are held to when they are given.
"""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from rsu.cases import assess_case, read_case
from tests.eligibility import oracle

FILES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
CASES = {path.stem: read_case(path) for path in FILES}
WORKED = {name: case for name, case in CASES.items() if "facts" in case["expect"]}
THRESHOLDS = {"amo_tadamon": 93264284, "direct_aid": 97430010}
PLACED = ("milieu", "region", "size")

LINE = re.compile(r"^  (départ|région|[UR]\d\d) +(?:(-?[\d,]+) × ([\d,]+)(²)?(?:/(\d+))? += +)?(-?[\d,]+(?:/\d+)?)  ", re.MULTILINE)
SUM = re.compile(r"^  Somme exacte : (-?[\d,]+(?:/\d+)?)", re.MULTILINE)
ROUNDED = re.compile(r"^  Arrondi à sept décimales : ([\d,]+)$", re.MULTILINE)

each_case = pytest.mark.parametrize("name", CASES)


def each_giving(key):
    return pytest.mark.parametrize("name", [name for name, case in CASES.items() if key in case["expect"]])


def number(text):
    above, _, below = text.replace(",", ".").partition("/")
    return Fraction(above) / Fraction(below or 1)


def points(text):
    return int(Fraction(text) * 10**7)


@pytest.fixture(scope="module")
def assessed(django_db_setup, django_db_blocker):
    """Each case once, as nothing of a case stays in the database."""
    with django_db_blocker.unblock():
        return {name: assess_case(case) for name, case in CASES.items()}


@each_giving("facts")
def test_the_working_adds_up_and_follows_the_text(name):
    case = CASES[name]
    milieu, region = case["expect"]["facts"]["milieu"], case["expect"]["facts"]["region"]
    coefficients = {code: Fraction(text) for code, _, text in oracle.LINES[milieu]}
    coefficients |= {"départ": Fraction(oracle.CONSTANT[milieu]), "région": Fraction(oracle.REGION[milieu][region - 1])}
    total = Fraction(0)
    for code, coefficient, value, squared, size, amount in LINE.findall(case["origin"]):
        assert number(coefficient or amount) == coefficients[code], code
        if coefficient:
            power = 2 if squared else 1
            assert number(amount) == number(coefficient) * number(value) ** power / int(size or 1), code
        total += number(amount)
    assert number(SUM.search(case["origin"])[1]) == total
    assert ROUNDED.search(case["origin"])[1].replace(",", ".") == case["expect"]["score"]
    assert oracle.half_up(total) == points(case["expect"]["score"])


@each_giving("facts")
def test_the_working_has_a_line_for_each_fact_and_no_other(name):
    case = CASES[name]
    facts = case["expect"]["facts"]
    lines = {code: number(value) for code, _, value, *_ in LINE.findall(case["origin"]) if code[0] in "UR"}
    wanted = {}
    for code, reading, _ in oracle.LINES[facts["milieu"]]:
        fact = reading.rstrip("²$").removesuffix("/n")
        if facts.get(fact):
            wanted[code] = Fraction(facts[fact], 100 if reading.endswith("$") else 1)
    assert lines == wanted


@each_case
def test_the_score_is_the_hand_result_to_the_digit(assessed, name):
    assert assessed[name]["missing"] == []
    assert assessed[name]["score"] == CASES[name]["expect"]["score"]


@each_giving("facts")
def test_the_facts_are_those_read_by_hand_and_the_others_are_zero(assessed, name):
    expected = CASES[name]["expect"]["facts"]
    facts = assessed[name]["facts"]
    assert {fact: value for fact, value in facts.items() if value or fact in PLACED} == expected


@each_case
def test_the_terms_make_the_score(assessed, name):
    assert sum(points(term["points"]) for term in assessed[name]["terms"]) == points(CASES[name]["expect"]["score"])


@each_case
def test_each_program_answers_as_the_threshold_says(assessed, name):
    decisions = assessed[name]["decisions"]
    assert {program: decision["entitled"] for program, decision in decisions.items()} == CASES[name]["expect"]["entitled"]
    assert {program: points(decision["threshold"]) for program, decision in decisions.items()} == THRESHOLDS


@each_giving("allowance")
def test_the_month_of_application_is_paid_line_by_line(assessed, name):
    expected = CASES[name]["expect"]["allowance"]
    assert [{key: value for key, value in line.items() if value is not None} for line in assessed[name]["allowance"]] == expected


@each_giving("insured")
def test_the_insured_and_their_dependants_are_proposed(assessed, name):
    case = CASES[name]
    idcs = [member["idcs"] for member in case["answers"]["members"]]
    proposed = {"insured": set(), "dependant": set()}
    for enrollment in assessed[name]["enrollments"]:
        assert enrollment["status"] == "proposed"
        if enrollment["program"] == "amo_tadamon":
            proposed[enrollment["quality"]].add(idcs.index(enrollment["idcs"]) + 1)
    assert proposed == {"insured": set(case["expect"]["insured"]), "dependant": set(case["expect"]["dependants"])}


@each_case
def test_direct_aid_is_proposed_once_to_the_household_when_the_score_gives_it(assessed, name):
    aid = [enrollment["quality"] for enrollment in assessed[name]["enrollments"] if enrollment["program"] == "direct_aid"]
    assert aid == (["household"] if CASES[name]["expect"]["entitled"]["direct_aid"] else [])


def test_the_cases_are_many_and_say_that_they_are_invented():
    assert len(WORKED) >= 26
    for case in CASES.values():
        assert "ficti" in case["title"]
        assert "synthétique" in case["origin"]


def test_nobody_belongs_to_two_cases():
    people = [member["idcs"] for case in CASES.values() for member in case["answers"]["members"]]
    assert len(people) == len(set(people))


def test_every_milieu_region_and_size_is_met():
    facts = [case["expect"]["facts"] for case in WORKED.values()]
    assert {f["milieu"] for f in facts} == {"urban", "rural"}
    assert {f["region"] for f in facts} == set(range(1, 13))
    assert {f["size"] for f in facts} >= set(range(1, 13))


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_every_variable_of_the_formula_weighs_in_some_case(milieu):
    met = {
        code
        for case in WORKED.values()
        if case["expect"]["facts"]["milieu"] == milieu
        for code, *_ in LINE.findall(case["origin"])
        if code[0] in "UR"
    }
    assert met == {code for code, *_ in oracle.LINES[milieu]}


@pytest.mark.parametrize("milieu", ["urban", "rural"])
@pytest.mark.parametrize("program", THRESHOLDS)
def test_each_threshold_is_met_exactly_and_one_unit_on_either_side(program, milieu):
    scores = {points(case["expect"]["score"]) for case in WORKED.values() if case["expect"]["facts"]["milieu"] == milieu}
    line = THRESHOLDS[program]
    assert {line - 1, line, line + 1} <= scores


def test_some_sums_round_down_onto_a_threshold_and_some_are_exact_ties():
    sums = [number(SUM.search(case["origin"])[1]) * 10**7 for case in WORKED.values()]
    assert any(0 < total - line < Fraction(1, 2) for total in sums for line in THRESHOLDS.values())
    assert any(total - line == Fraction(1, 2) for total in sums for line in THRESHOLDS.values())
