from copy import deepcopy
from fractions import Fraction
from random import Random

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from eligibility.law import founding
from eligibility.score import Formula, entitled, entitled_sql, format_points, threshold_points
from tests.eligibility import oracle
from tests.eligibility.invented import BOTH, OWN, any_facts, bare, drawn, family_of_four

VALUE = next(provision.value for provision in founding() if provision.key == "score.formula")
FORMULA = Formula.from_value(VALUE)
NUMBERS = sorted({"region", "size", "has_car", "has_motorcycle", *BOTH, *OWN["urban"], *OWN["rural"]})


def with_constants(text):
    value = deepcopy(VALUE)
    value["constant"] = {"urban": text, "rural": text}
    return Formula.from_value(value)


def test_the_worked_example_of_the_rules():
    assert FORMULA.score(family_of_four()) == 97392575


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"telecom": 12 * 120_00}, 97573775),  # +20 DH a month × 12 ÷ 4 × 0.000302
        ({"mobile_phones": 4}, 97908575),
        ({"cars": 1}, 99652575),
        ({"loan": 1}, 98742575),
        ({"other_cover": 1}, 98902575),
        ({"region": 5}, 95192575),
    ],
)
def test_one_more_thing_adds_its_coefficient(change, expected):
    assert FORMULA.score(family_of_four(**change)) == expected


def test_a_rural_family_computed_by_hand():
    # 8.695 + 0.377 - 0.138 × 5 + 0.00469 × 25 + 0.0569 + 0.0722 + 0.0337 × 2 + 0.128 × 3/5 + 0.0257 × 2
    # + 12 × (60 × 0.000755 + 90 × 0.000145 + 50 × 0.00086) ÷ 5 = 8.82395 + 0.24324
    facts = bare(
        "rural",
        region=7,
        size=5,
        head_basic=1,
        head_farmer=1,
        aged_30_59=2,
        literate=3,
        cows=2,
        butane=12 * 60_00,
        water_power=12 * 90_00,
        telecom=12 * 50_00,
    )
    assert FORMULA.score(facts) == 90671900


def test_rural_vehicles_count_once_whatever_their_number():
    one, three = bare("rural", cars=1, motorcycles=1), bare("rural", cars=3, motorcycles=3)
    assert FORMULA.score(one) == FORMULA.score(three)
    assert FORMULA.score(one) - FORMULA.score(bare("rural")) == 1870000 + 635000


@given(any_facts)
def test_the_score_is_the_exact_one_rounded_once(facts):
    assert FORMULA.score(facts) == oracle.score(facts)


@given(any_facts)
def test_the_terms_are_those_of_the_law_in_its_order(facts):
    terms = FORMULA.terms(facts)
    exact = list(oracle.exact_lines(facts))
    assert [term.code for term in terms] == [code for code, _ in exact]
    scale = 10_000 * facts["size"]
    assert [Fraction(term.numerator, scale) for term in terms] == [value * 10**7 for _, value in exact]


@given(any_facts)
def test_the_lines_shown_sum_to_the_score_and_none_is_off_by_a_unit(facts):
    terms = FORMULA.terms(facts)
    assert sum(term.points for term in terms) == oracle.score(facts)
    for term, (_, exact) in zip(terms, oracle.exact_lines(facts), strict=True):
        assert abs(term.points - exact * 10**7) < 1


def test_every_line_has_its_label_in_both_languages():
    for milieu in ("urban", "rural"):
        terms = FORMULA.terms(bare(milieu))
        assert len({term.fr for term in terms}) == len({term.ar for term in terms}) == len(terms)


@pytest.mark.parametrize(
    ("constant", "expected"),
    [
        # Region 05 urban, two members: constant - 0.354 + 0.02132; one centime of water a year is 5.5 units.
        ("9.825", 94923206),
        ("-20", -203326794),
    ],
)
def test_a_tie_is_rounded_up_on_both_sides_of_zero(constant, expected):
    facts = bare("urban", size=2, water_power=1)
    assert with_constants(constant).score(facts) == expected
    assert sum(term.points for term in with_constants(constant).terms(facts)) == expected


def test_what_is_missing_is_named_in_the_order_of_the_law():
    facts = bare("urban", bath=None, region=None, head_age=None)
    assert FORMULA.missing(facts) == ["region", "bath", "head_age"]


def test_a_milieu_needs_only_its_own_facts():
    assert FORMULA.missing(bare("urban")) == []
    assert FORMULA.missing({**bare("rural"), "head_age": None}) == []
    assert FORMULA.missing({**bare("rural"), "milieu": None}) == ["milieu"]


def test_a_threshold_is_read_and_written_digit_by_digit():
    assert threshold_points("9.3264284") == 93264284
    assert threshold_points("9.743001") == 97430010
    assert format_points(97430010) == "9.7430010"
    assert format_points(-5) == "-0.0000005"
    with pytest.raises(ValueError, match="not_decimal"):
        threshold_points("9.32642841")


@given(st.integers(-(10**12), 10**12))
def test_a_score_survives_being_written(points):
    assert threshold_points(format_points(points)) == points


def test_the_threshold_itself_is_within_it():
    assert entitled(93264284, 93264284)
    assert not entitled(93264285, 93264284)


def computed_by_postgres(expression, households):
    """The expression over rows of smallints, the narrowest columns the facts may have; money is wide."""
    names = ["milieu", *NUMBERS]
    rows = ", ".join("({})".format(", ".join("NULL" if row.get(name) is None else repr(row[name]) for name in names)) for row in households)
    columns = ", ".join(
        f"v.{name}::{'bigint' if name in ('butane', 'water_power', 'telecom') else 'smallint'} AS {name}" for name in NUMBERS
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression} FROM (SELECT v.place, v.milieu, {columns}"
            f" FROM (SELECT row_number() OVER () AS place, * FROM (VALUES {rows}) AS given({', '.join(names)})) v) f ORDER BY f.place"
        )
        return [score for (score,) in cursor.fetchall()]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_postgres_computes_the_same_digits(milieu, seed):
    random = Random(f"{milieu} {seed}")
    households = [drawn(random, milieu) for _ in range(400)]
    expected = [oracle.score(facts) for facts in households]
    assert computed_by_postgres(FORMULA.sql(milieu), households) == expected


@pytest.mark.django_db
def test_postgres_chooses_the_formula_of_each_row():
    random = Random("both milieux")
    households = [drawn(random, random.choice(["urban", "rural"])) for _ in range(400)]
    assert computed_by_postgres(FORMULA.sql_any(), households) == [oracle.score(facts) for facts in households]


@pytest.mark.django_db
def test_postgres_rounds_ties_up_on_both_sides_of_zero():
    # An odd number of centimes of water ÷ 2 members ends on a half; so does 1 member without diploma among 16.
    households = [bare("urban", size=2, water_power=centimes) for centimes in range(1, 400, 2)]
    households += [bare("urban", size=16, no_diploma=number) for number in range(1, 16, 2)]
    ties = [oracle.exact_score(facts) * 10**7 % 1 == Fraction(1, 2) for facts in households]
    assert all(ties)
    assert computed_by_postgres(FORMULA.sql("urban"), households) == [oracle.score(facts) for facts in households]
    lowered = Fraction("-20") - Fraction("9.825")
    expected = [oracle.half_up(oracle.exact_score(facts) + lowered) for facts in households]
    assert computed_by_postgres(with_constants("-20").sql("urban"), households) == expected
    assert max(expected) < 0


@pytest.mark.django_db
def test_postgres_gives_no_score_when_a_fact_is_missing():
    complete = bare("urban")
    assert computed_by_postgres(FORMULA.sql_any(), [complete, {**complete, "bath": None}]) == [oracle.score(complete), None]


@pytest.mark.django_db
def test_postgres_applies_the_same_tie_rule():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {entitled_sql('s', '93264284')} FROM (VALUES (93264284), (93264285)) AS t(s) ORDER BY s")
        assert cursor.fetchall() == [(True,), (False,)]
