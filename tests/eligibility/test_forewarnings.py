"""What a family must be told before it takes a cover: figures worked by hand from U14 (0.151), R13 (0.193) and the line of 9.743001."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings

from eligibility import law as legal
from eligibility.forewarnings import cost_of_cover
from eligibility.models import Program
from eligibility.programs import Standing, stand
from eligibility.score import Formula
from tests.eligibility.invented import any_facts, drawn, family_of_four
from tests.sizes import cases

DAY = date(2026, 11, 22)
LAW = legal.Law(legal.founding(), DAY)
FORMULA = LAW.cite("score.formula")
LINE = {"urban": 95_920_010, "rural": 95_500_010}
"""Above these a family in direct aid loses it with its first other cover: 9.592001 and 9.550001."""
AID, AMO = 97_430_010, 93_264_284


def standing(facts: dict, law=LAW) -> Standing:
    formula = Formula.from_value(FORMULA.value)
    score = formula.score(facts)
    programs = [stand(program, score=score, law=law, formula=formula, facts=facts) for program in Program]
    return Standing(None, DAY, facts, score, FORMULA, [], programs, [])


def test_the_published_family_would_lose_its_aid_by_taking_amo_achamil():
    """9.7392575 + 0.151 = 9.8902575, above 9.743001; its contribution is that of 9.5124369 to 9.743001, 176 dirhams."""
    cost = cost_of_cover(standing(family_of_four()), LAW)
    assert (cost.before, cost.after, cost.achamil, cost.monthly) == (97_392_575, 98_902_575, True, 17_600)
    assert [one.program for one in cost.lost] == [Program.DIRECT_AID]
    assert cost.citation.key == "amo_achamil.bands"


@settings(deadline=None, max_examples=cases(80, 300))
@given(any_facts)
def test_the_aid_is_lost_exactly_above_the_published_figures(facts):
    read = standing({**facts, "other_cover": 0})
    cost = cost_of_cover(read, LAW)
    lost = {one.program for one in cost.lost} if cost else set()
    assert (Program.DIRECT_AID in lost) == (LINE[facts["milieu"]] < read.score <= AID)


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_families_around_the_figure_are_on_the_right_side_of_it(milieu):
    """Bills are moved until the score stands within a thousandth of the figure, on both sides: both answers are met."""
    formula, random, answers = Formula.from_value(FORMULA.value), Random(4), set()
    while len(answers) < 2:
        facts = drawn(random, milieu) | {"other_cover": 0, "size": 4, "butane": 0}
        short = LINE[milieu] - formula.score(facts)
        if not 0 < short < 20_000_000:
            continue
        per_centime = formula.score({**facts, "butane": 1_000_000}) - formula.score(facts)
        for nudge in (-2_000, 2_000):
            moved = {**facts, "butane": max((short + nudge) * 1_000_000 // per_centime, 0)}
            cost = cost_of_cover(standing(moved), LAW)
            answers.add(formula.score(moved) > LINE[milieu])
            assert (cost is not None) == (formula.score(moved) > LINE[milieu])


def test_a_family_that_has_a_cover_already_has_nothing_left_to_lose_by_one():
    assert cost_of_cover(standing(family_of_four(other_cover=1, mobile_phones=0)), LAW) is None


def test_a_family_under_amo_tadamon_is_not_told_of_amo_achamil_but_of_any_other_cover():
    """9.7392575 − 0.1548 of telephones − 0.096 of bath − 0.1155 of water and electricity − 0.0873 of dish = 9.2856575 ; + 0.151 passes 9.3264284."""
    read = standing(family_of_four(mobile_phones=0, bath=0, water_power=0, dish=0))
    assert read.score == 92_856_575
    cost = cost_of_cover(read, LAW)
    assert [one.program for one in cost.lost] == [Program.AMO_TADAMON]
    assert (cost.achamil, cost.monthly) == (False, None)


def test_a_law_that_no_longer_counts_amo_achamil_takes_its_name_from_the_warning():
    mended = legal.Provision(900, "score.cover_not_counted", DAY, ["none", "ramed", "amo_tadamon", "amo_achamil"], "texte", "", "", "", "H")
    law = legal.Law([*legal.founding(), mended], DAY)
    cost = cost_of_cover(standing(family_of_four(), law), law)
    assert (cost.achamil, cost.monthly) == (False, None)
