"""The parts of a difference of scores: exact, whole, told by cause, whatever changed on both sides."""

from copy import deepcopy
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.differences import Cause, Side, Step, difference, shared_out
from eligibility.law import founding
from eligibility.score import Formula
from tests.eligibility import oracle
from tests.eligibility.invented import any_facts, bare, drawn, family_of_four
from tests.sizes import cases

VALUE = next(provision.value for provision in founding() if provision.key == "score.formula")
FORMULA = Formula.from_value(VALUE)
PAIRS = cases(1_000, 10_000)


def reformed(random: Random) -> Formula:
    """Another formula: coefficients redrawn, some variables gone, constants and regions too."""
    value = deepcopy(VALUE)
    for milieu in ("urban", "rural"):
        value["constant"][milieu] = f"{random.randint(5, 12)}.{random.randint(0, 999):03d}"
        value["region"][milieu] = {code: f"{random.uniform(-1, 1):.6f}" for code in value["region"][milieu]}
        kept = [row for row in value["variables"][milieu] if random.random() < 0.9]
        for row in kept:
            if random.random() < 0.6:
                row["coefficient"] = f"{random.uniform(-0.5, 0.5):.9f}"
        value["variables"][milieu] = kept
    return Formula.from_value(value)


def told(found, cause: Cause) -> dict[str, int]:
    return {part.fact: part.points for part in found.of(cause)}


def sums(found) -> None:
    exact = sum((part.exact for part in found.parts), Fraction())
    assert sum(part.points for part in found.parts) == found.points
    assert exact == exact_score(found.after) - exact_score(found.before)
    assert all(abs(part.points * part.exact.denominator - part.exact.numerator) < part.exact.denominator for part in found.parts)


def exact_score(side: Side) -> Fraction:
    """The score before it is rounded, in units of 10⁻⁷."""
    return Fraction(sum(term.numerator for term in side.formula.terms(side.facts)), 100 * 100 * side.facts["size"])


def test_the_parts_of_random_differences_sum_to_the_difference():
    """Sizes, milieux, regions, answers, formulas and readings in between, all drawn."""
    random = Random(20261127)
    formulas = [FORMULA, *(reformed(random) for _ in range(6))]
    moved = reformed_too = 0
    for _ in range(PAIRS):
        before, after = (Side(random.choice(formulas), drawn(random, random.choice(["urban", "rural"]))) for _side in range(2))
        causes = [cause for cause in (Cause.AGE, Cause.READING, Cause.PEOPLE) if random.random() < 0.5]
        steps = [Step(cause, drawn(random, before.facts["milieu"])) for cause in causes]
        found = difference(before, after, steps, rebuilt=random.random() < 0.8)
        sums(found)
        moved += before.facts["milieu"] != after.facts["milieu"]
        reformed_too += before.formula is not after.formula
    assert moved > PAIRS // 3 and reformed_too > PAIRS // 3


@given(any_facts, any_facts, st.integers(0, 50), st.integers(0, 50))
def test_whatever_changes_the_parts_sum_and_the_way_back_is_their_opposite(one, other, first, second):
    before, after = Side(reformed(Random(first)), one), Side(reformed(Random(second)), other)
    there, back = difference(before, after), difference(after, before)
    sums(there)
    sums(back)
    assert {(p.cause, p.fact): p.exact for p in there.parts} == {(p.cause, p.fact): -p.exact for p in back.parts}


@given(any_facts)
def test_nothing_that_changed_has_no_part(facts):
    assert difference(Side(FORMULA, facts), Side(FORMULA, dict(facts))).parts == ()


@given(any_facts, any_facts)
def test_against_the_oracle_the_published_formula_gives_the_same_difference(one, other):
    found = difference(Side(FORMULA, one), Side(FORMULA, other))
    assert sum(part.points for part in found.parts) == oracle.score(other) - oracle.score(one)


@given(st.lists(st.integers(-5000, 5000), max_size=12), st.integers(1, 60), st.booleans())
def test_shared_out_units_are_each_within_one_of_their_amount(amounts, whole, up):
    total = -(-sum(amounts) // whole) if up else sum(amounts) // whole
    units = shared_out(amounts, whole, total)
    assert sum(units) == total
    assert all(abs(unit * whole - amount) < whole for unit, amount in zip(units, amounts, strict=True))


def test_one_telephone_more_is_its_coefficient_and_nothing_else():
    found = difference(Side(FORMULA, family_of_four()), Side(FORMULA, family_of_four(mobile_phones=4)))
    (part,) = found.parts
    assert (part.cause, part.fact, part.before, part.after, part.points) == (Cause.ANSWERS, "mobile_phones", 3, 4, 516_000)


def test_a_member_who_leaves_moves_his_own_line_and_the_shares_of_those_who_stay():
    # 4 → 3 members, bills unchanged: -0.177 × -1, 0.00533 × (9 - 16), and the yearly bills divided by 3 instead of 4.
    found = difference(Side(FORMULA, family_of_four()), Side(FORMULA, family_of_four(size=3)))
    people = told(found, Cause.PEOPLE)
    assert people["size"] == 1_770_000 - 373_100
    # 350 × 12 × 0.00011 × (1/3 - 1/4) = 0.0385; 75 × 12 × 0.000422 / 12 = 0.03165; 100 × 12 × 0.000302 / 12 = 0.0302
    assert (people["water_power"], people["butane"], people["telecom"]) == (385_000, 316_500, 302_000)
    # one earner: 0.139 / 12; two without a diploma: -0.0557 × 2 / 12
    assert people["earners"] in (115_833, 115_834) and people["no_diploma"] in (-92_834, -92_833)
    assert {part.cause for part in found.parts} == {Cause.PEOPLE}


def test_what_the_size_and_the_answer_do_together_goes_half_to_each():
    # Butane 75 → 150 a month while the family goes from 4 to 2: 0.000422 × 12 × (150/2 - 75/4) in all.
    found = difference(Side(FORMULA, bare("urban", size=4, butane=75_00 * 12)), Side(FORMULA, bare("urban", size=2, butane=150_00 * 12)))
    butane = {part.cause: part.exact for part in found.parts if part.fact == "butane"}
    coefficient = Fraction("0.000422") * 10**7 * 12
    assert butane[Cause.ANSWERS] == coefficient * 75 * (Fraction(1, 4) + Fraction(1, 2)) / 2
    assert butane[Cause.PEOPLE] == coefficient * Fraction(1, 4) * Fraction(75 + 150, 2)
    assert sum(butane.values()) == coefficient * (Fraction(150, 2) - Fraction(75, 4))


def test_a_new_coefficient_is_the_formulas_part():
    value = deepcopy(VALUE)
    next(row for row in value["variables"]["urban"] if row["code"] == "U30")["coefficient"] = "0.06"
    value["constant"]["urban"] = "9.8"
    facts = family_of_four()
    found = difference(Side(FORMULA, facts), Side(Formula.from_value(value), facts))
    assert told(found, Cause.FORMULA) == {"mobile_phones": 3 * 84_000, "constant": -250_000}
    phones = next(part for part in found.parts if part.fact == "mobile_phones")
    assert phones.weights == ((51_600_000, 60_000_000),) and (phones.before, phones.after) == (3, 3)


def test_a_birthday_read_in_between_is_the_days_and_the_rest_the_answers():
    before, after = family_of_four(), family_of_four(head_age=47, mobile_phones=1)
    older = family_of_four(head_age=46)
    found = difference(Side(FORMULA, before), Side(FORMULA, after), [Step(Cause.AGE, older)])
    # -0.0104 + 0.0000771 × (46² - 45²), then × (47² - 46²): somebody corrected the year of birth too.
    assert told(found, Cause.AGE) == {"head_age": -104_000 + 771 * 91}
    assert told(found, Cause.ANSWERS) == {"head_age": -104_000 + 771 * 93, "mobile_phones": -1_032_000}


def test_without_the_answers_of_before_what_age_may_move_is_said_to_be_either():
    after = family_of_four(head_age=46, mobile_phones=4, public_pupils=1)
    found = difference(Side(FORMULA, family_of_four()), Side(FORMULA, after), rebuilt=False)
    assert set(told(found, Cause.MIXED)) == {"head_age", "public_pupils"} and set(told(found, Cause.ANSWERS)) == {"mobile_phones"}
    of_a_day = difference(Side(FORMULA, family_of_four()), Side(FORMULA, after), rebuilt=False, same_day=True)
    assert set(told(of_a_day, Cause.ANSWERS)) == {"head_age", "public_pupils", "mobile_phones"}


def test_a_move_to_the_country_is_the_moves_part_question_by_question():
    urban, rural = bare("urban", region=6, size=3, dish=1, butane=1200_00), bare("rural", region=6, size=3, land=1, butane=1200_00)
    found = difference(Side(FORMULA, urban), Side(FORMULA, rural))
    moved = told(found, Cause.MOVE)
    assert {part.cause for part in found.parts} == {Cause.MOVE}
    # 8.695 - 9.825; regions 0.464 and 0.22; the dish is asked no more, the land for the first time; 1,200 dirhams for three.
    assert moved["constant"] == -11_300_000 and moved["region"] == 2_440_000
    assert moved["dish"] == -873_000 and moved["land"] == 2_330_000
    assert moved["butane"] == (755 - 422) * 10 * 400


def test_a_move_between_regions_is_their_coefficients():
    found = difference(Side(FORMULA, family_of_four(region=6)), Side(FORMULA, family_of_four(region=7)))
    assert told(found, Cause.MOVE) == {"region": 1_940_000 - 2_200_000}


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_a_fact_read_differently_by_the_law_is_the_readings_part(milieu):
    before, after = bare(milieu, size=2), bare(milieu, size=2, other_cover=1)
    found = difference(Side(FORMULA, before), Side(FORMULA, after), [Step(Cause.AGE, before), Step(Cause.READING, after)])
    assert list(told(found, Cause.READING)) == ["other_cover"] and len(found.parts) == 1


def test_an_answer_that_weighs_nothing_is_told_with_no_point():
    before, after = bare("urban", rooms=1, private_pupils=1), bare("urban", rooms=1, private_pupils=2)
    value = deepcopy(VALUE)
    next(row for row in value["variables"]["urban"] if row["code"] == "U23")["coefficient"] = "0"
    flat = Formula.from_value(value)
    (part,) = difference(Side(flat, before), Side(flat, after)).parts
    assert (part.fact, part.before, part.after, part.points) == ("private_pupils", 1, 2, 0)
