"""Families hold together whatever the seed, and the pool agrees with the census."""

from random import Random

import pytest

from rsu.synthesis import families, weighting
from rsu.synthesis.families import PARENT_GAP
from rsu.synthesis.margins import MILIEUX, Census
from rsu.synthesis.plan import Plan, tilted


@pytest.fixture(scope="module", params=MILIEUX)
def drawn(request):
    rng = Random(7)
    return [families.draw(rng, request.param) for _ in range(3000)]


def test_each_family_has_one_head_and_the_head_comes_first(drawn):
    for family in drawn:
        assert [person.relation for person in family].index("head") == 0
        assert sum(person.relation == "head" for person in family) == 1


def test_parents_are_old_enough_and_of_the_right_sex(drawn):
    for family in drawn:
        for person in family:
            for parent, sex in ((person.mother, "female"), (person.father, "male")):
                if parent is not None:
                    assert family[parent].sex == sex
                    assert family[parent].age - person.age >= PARENT_GAP


def test_wives_point_to_husbands_and_both_are_married(drawn):
    for family in drawn:
        for person in family:
            if person.spouse is not None:
                assert (person.sex, family[person.spouse].sex) == ("female", "male")
                assert person.marital == family[person.spouse].marital == "married"
                assert family[person.spouse].spouse is None
                assert person.age >= 17


def test_a_spouse_of_the_head_is_tied_to_the_head(drawn):
    for family in drawn:
        for place, person in enumerate(family):
            if person.relation == "spouse":
                assert person.spouse == 0 or family[0].spouse == place


def test_every_kind_of_household_appears(drawn):
    relations = {person.relation for family in drawn for person in family}
    assert relations == {"head", "spouse", "child", "parent", "parent_in_law", "sibling", "grandchild", "other"}
    assert any(len(family) == 1 for family in drawn)
    assert any(sum(person.spouse == 0 for person in family) == 2 for family in drawn), "no household with two wives"
    assert any(person.father_dead and person.age < 18 for family in drawn for person in family), "no orphan"


def test_weights_bring_the_pool_to_its_targets():
    """Two traits that say nothing of each other: each weight is the product of its shares."""
    traits = [{"small": 1, "rich": 1}, {"small": 1, "poor": 1}, {"large": 1, "rich": 1}, {"large": 1, "poor": 1}]
    weights = weighting.raked(traits, {"rich": 0.4, "poor": 0.6, "small": 0.7, "large": 0.3})
    assert weights == pytest.approx([0.28, 0.42, 0.12, 0.18])


def test_a_trait_counted_several_times_in_a_family_is_a_mean():
    traits = [{"children": 1}, {"children": 3}, {"none": 1}]
    weights = weighting.raked(traits, {"none": 0.5, "children": 1.0})
    assert weights[0] + 3 * weights[1] == pytest.approx(1.0)
    assert weights[2] == pytest.approx(0.5)


def test_sizes_are_moved_to_a_regions_mean():
    moved = tilted([0.25, 0.25, 0.25, 0.25], 3.0)
    assert sum(moved) == pytest.approx(1)
    assert sum(size * share for size, share in enumerate(moved, start=1)) == pytest.approx(3.0)


def test_households_are_spread_over_territory_and_milieu_like_the_census():
    plan, cells = Plan(3000, 1), Census().cells
    urban = sum(cells[cell].milieu == "urban" for cell, _ in plan.places)
    casablanca = sum(cells[cell].region == 6 for cell, _ in plan.places)
    # 6,173,930 and 2,021,032 of 9,275,038 households: 1,996.9 and 653.7 of 3,000, within one a stratum.
    assert abs(urban - 1996.9) < 3
    assert abs(casablanca - 653.7) < 3
    centers = {cells[cell].inside_center for cell, _ in plan.places}
    assert centers == {None, True, False}
