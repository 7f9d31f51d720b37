import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.law import founding
from eligibility.levers import levers
from eligibility.score import Formula
from tests.eligibility import oracle
from tests.eligibility.invented import any_facts, bare, family_of_four

FORMULA = Formula.from_value(next(provision.value for provision in founding() if provision.key == "score.formula"))
DIRECT_AID = 97430010


def after(facts, lever):
    """The household once the lever has moved, written without the product's help."""
    changed = {**facts, lever.fact: lever.after}
    if lever.kind == "pupil":
        changed["public_pupils"] = facts["public_pupils"] - (lever.after - lever.before)
    if facts["milieu"] == "rural":
        changed["has_car"] = int(changed["cars"] > 0)
        changed["has_motorcycle"] = int(changed["motorcycles"] > 0)
    return changed


def by_fact(found):
    return {(lever.fact, lever.after > lever.before): lever for lever in found}


def test_the_family_just_within_sees_what_would_take_it_out():
    found = levers(FORMULA, family_of_four(), DIRECT_AID)
    first = [(lever.fact, lever.change, lever.dirhams, lever.score) for lever in found[:3]]
    # 0.0037435 short of the line; a centime a month more weighs 126.6, 90.6 and 33 units.
    assert first == [("butane", 296, 3, 97430049), ("telecom", 414, 5, 97430083), ("water_power", 1135, 12, 97430030)]
    phones = by_fact(found)["mobile_phones", True]
    assert (phones.kind, phones.before, phones.after, phones.score) == ("number", 3, 4, 97908575)


def test_the_family_just_out_sees_what_would_bring_it_in():
    facts = family_of_four(telecom=12 * 120_00)
    found = by_fact(levers(FORMULA, facts, DIRECT_AID))
    assert found["telecom", False].dirhams == -16  # 143.765 units × 100 over, at 90.6 a centime: 158.68 centimes × 10
    assert found["dish", False].score == 97573775 - 873000
    assert all(lever.after < lever.before for lever in found.values())


def test_things_come_before_large_changes_of_a_bill():
    facts = family_of_four(water_power=12 * 600_00)
    kinds = [(lever.kind, abs(lever.change)) for lever in levers(FORMULA, facts, DIRECT_AID)]
    single = kinds.index(("answer", 1))
    large = [place for place, (kind, change) in enumerate(kinds) if kind == "money" and change > 100_00]
    small = [place for place, (kind, change) in enumerate(kinds) if kind == "money" and change <= 100_00]
    assert large and small
    assert max(small) < single < min(large)


def test_a_pupil_moved_to_the_public_school_leaves_the_private_one():
    facts = family_of_four(private_pupils=1, public_pupils=1)
    pupil = by_fact(levers(FORMULA, facts, DIRECT_AID))["private_pupils", False]
    assert (pupil.kind, pupil.before, pupil.after, pupil.score) == ("pupil", 1, 0, 97392575)


def test_a_second_car_is_never_proposed_where_only_yes_or_no_counts():
    with_one = bare("rural", cars=1)
    above = oracle.score(with_one) - 1
    assert [(lever.before, lever.after) for lever in levers(FORMULA, with_one, above) if lever.fact == "cars"] == [(1, 0)]
    assert not [lever for lever in levers(FORMULA, with_one, above + 1) if lever.fact == "cars"]


def test_all_the_cars_must_go_where_only_yes_or_no_counts():
    with_two = bare("rural", cars=2)
    cars = by_fact(levers(FORMULA, with_two, oracle.score(with_two) - 1))["cars", False]
    assert (cars.before, cars.after, cars.score) == (2, 0, oracle.score(bare("rural")))


def test_a_bill_is_lowered_by_whole_dirhams_it_contains():
    facts = bare("urban", telecom=12 * 5_50)
    telecom = [lever for lever in levers(FORMULA, facts, oracle.score(bare("urban", telecom=12 * 20))) if lever.fact == "telecom"]
    assert telecom == []
    reachable = levers(FORMULA, facts, oracle.score(bare("urban", telecom=12 * 60)))
    assert [(lever.after, lever.dirhams) for lever in reachable if lever.fact == "telecom"] == [(12 * 60, -5)]


def test_nothing_is_proposed_when_the_line_is_out_of_reach():
    assert levers(FORMULA, bare("urban"), 0) == []


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_what_the_milieu_does_not_ask_is_not_proposed(milieu):
    facts = bare(milieu)
    facts_named = {lever.fact for lever in levers(FORMULA, facts, oracle.score(facts))}
    assert ("cows" in facts_named) == (milieu == "rural")
    assert ("mobile_phones" in facts_named) == (milieu == "urban")


@given(any_facts, st.integers(-4_000_000, 4_000_000))
def test_every_lever_crosses_and_the_step_before_does_not(facts, distance):
    threshold = oracle.score(facts) + distance
    within = distance >= 0
    for lever in levers(FORMULA, facts, threshold):
        moved = after(facts, lever)
        assert lever.score == oracle.score(moved)
        assert (lever.score <= threshold) != within
        assert min(value for value in moved.values() if isinstance(value, int)) >= 0
        if lever.fact in ("cars", "motorcycles") and facts["milieu"] == "rural":
            continue
        step = 12 if lever.kind == "money" else 1
        lesser = lever.after - step if lever.after > lever.before else lever.after + step
        almost = type(lever)(lever.fact, lever.kind, lever.before, lesser, 0)
        assert (oracle.score(after(facts, almost)) <= threshold) == within


@given(any_facts, st.integers(-4_000_000, 4_000_000))
def test_the_rounded_dirhams_still_cross_and_can_be_paid(facts, distance):
    threshold = oracle.score(facts) + distance
    for lever in levers(FORMULA, facts, threshold):
        if lever.kind == "money":
            annual = lever.before + lever.dirhams * 1200
            assert annual >= 0
            assert (oracle.score({**facts, lever.fact: annual}) <= threshold) != (distance >= 0)
