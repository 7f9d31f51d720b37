"""Months of direct aid worked by hand from the decree's table; amounts are in dirhams, as the table prints them."""

from datetime import date

import pytest

from eligibility.law import NotInForce
from eligibility.queries import law
from enrollment.allowances import NATIONALITY, OTHER_ALLOWANCES, allowance_findings, allowance_lines

from .builders import PUPIL, child, couple, family, man, widow_with, woman

pytestmark = pytest.mark.django_db

LATE_2023, LATE_2025, IN_2026 = date(2023, 12, 1), date(2025, 11, 1), date(2026, 3, 1)
DECEASED = {"father_status": "deceased", "father_died_on": date(2020, 5, 4)}


def lines(household, month=IN_2026, read_on=None):
    """[(kind, rank, dirhams)] of one household's month."""
    found = allowance_lines([household.pk], month=month, read_on=read_on or month, law=law(month))
    assert [line.position for line in found] == list(range(1, len(found) + 1))
    return [(line.kind, line.rank, line.amount / 100) for line in found]


def amount(household, month=IN_2026, read_on=None):
    return sum(line[2] for line in lines(household, month, read_on))


def pupils(count, first_year=2010):
    return [child(date(first_year + index, 5, 1), **PUPIL) for index in range(count)]


@pytest.mark.parametrize(
    ("month", "in_school", "out_of_school", "orphan"), [(LATE_2023, 200, 150, 350), (LATE_2025, 250, 175, 375), (IN_2026, 300, 200, 400)]
)
def test_the_rates_of_the_first_three_children_at_each_date(month, in_school, out_of_school, orphan):
    household = widow_with(
        child(date(2008, 1, 1), **PUPIL, **DECEASED), child(date(2009, 1, 1), schooling="no"), child(date(2010, 1, 1), **PUPIL)
    )
    assert lines(household, month) == [("orphan", 1, orphan), ("child_not_in_school", 2, out_of_school), ("child", 3, in_school)]


def test_the_rates_before_a_change_hold_until_the_eve_of_its_month():
    household = couple(*pupils(3))
    months = [date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
    assert [amount(household, month) for month in months] == [600, 750, 750, 900]


def test_seven_children_in_school_are_paid_up_to_the_sixth():
    assert lines(couple(*pupils(7))) == [
        ("child", 1, 300),
        ("child", 2, 300),
        ("child", 3, 300),
        ("child", 4, 36),
        ("child", 5, 36),
        ("child", 6, 36),
    ]


def test_the_fourth_to_the_sixth_out_of_school_are_paid_24():
    children = [child(date(2008 + index, 5, 1), schooling="no") for index in range(6)]
    assert [line[2] for line in lines(couple(*children))] == [200, 200, 200, 24, 24, 24]


def test_an_orphan_of_the_fourth_rank_takes_the_ordinary_rate():
    assert lines(widow_with(*(one | DECEASED for one in pupils(4))))[3] == ("child", 4, 36)


def test_an_orphan_out_of_school_takes_the_ordinary_lower_rate():
    household = widow_with(child(date(2010, 1, 1), schooling="no", **DECEASED), *pupils(2, 2012))
    assert lines(household)[0] == ("child_not_in_school", 1, 200)


def test_an_orphan_under_six_takes_the_orphan_rate():
    assert lines(widow_with(child(date(2022, 1, 1), schooling="no", **DECEASED), *pupils(1, 2012)))[1] == ("orphan", 2, 400)


def test_a_father_deceased_after_the_first_day_counts_from_the_next_month():
    household = widow_with(child(date(2012, 1, 1), **PUPIL, father_status="deceased", father_died_on=date(2026, 3, 2)), *pupils(2, 2014))
    assert [lines(household, month)[0][0] for month in (date(2026, 3, 1), date(2026, 4, 1))] == ["child", "orphan"]


def test_a_child_who_turns_six_on_the_second_is_still_young_that_month():
    on_the_first = couple(child(date(2020, 3, 1), schooling="no"), *pupils(2, 2010))
    on_the_second = couple(child(date(2020, 3, 2), schooling="no"), *pupils(2, 2010))
    assert lines(on_the_first)[2] == ("child_not_in_school", 3, 200)
    assert lines(on_the_second)[2] == ("child", 3, 300)


def test_a_child_who_turns_twenty_one_on_the_first_no_longer_counts_and_on_the_second_still_does():
    on_the_first = couple(child(date(2005, 3, 1), schooling="higher"), *pupils(3, 2010))
    on_the_second = couple(child(date(2005, 3, 2), schooling="higher"), *pupils(3, 2010))
    assert lines(on_the_first) == [("child", 1, 300), ("child", 2, 300), ("child", 3, 300)]
    assert lines(on_the_second) == [("child", 1, 300), ("child", 2, 300), ("child", 3, 300), ("child", 4, 36)]


def test_the_month_of_application_is_read_on_the_day_of_submission():
    household = couple(child(date(2020, 3, 10), schooling="no"), *pupils(2, 2010))
    assert [lines(household, IN_2026, date(2026, 3, day))[2][2] for day in (9, 10)] == [300, 200]


def test_the_rates_are_those_of_the_first_day_whatever_the_day_of_submission():
    assert amount(couple(*pupils(3)), date(2025, 10, 1), date(2025, 10, 31)) == 600


def test_twins_are_ranked_in_the_order_they_were_declared():
    pair = [child(date(2012, 5, 1), **PUPIL), child(date(2012, 5, 1), schooling="no")]
    assert lines(couple(*pupils(2, 2009), *pair))[2:] == [("child", 3, 300), ("child_not_in_school", 4, 24)]


def test_the_eldest_is_first_whatever_the_order_declared():
    household = couple(child(date(2024, 1, 1)), child(date(2010, 1, 1), schooling="no"), child(date(2016, 1, 1), **PUPIL))
    assert lines(household) == [("child_not_in_school", 1, 200), ("child", 2, 300), ("child", 3, 300)]


def test_the_disability_supplement_reaches_the_seventh_child():
    household = couple(*pupils(6), child(date(2020, 1, 1), **PUPIL, disability="severe"))
    assert lines(household)[-1] == ("disability", 7, 100)
    assert amount(household) == 3 * 300 + 3 * 36 + 100


@pytest.mark.parametrize(
    ("certificate", "paid"),
    [
        ({"disability": "moderate"}, 0),
        ({"disability": "severe"}, 100),
        ({"disability": "severe", "disability_since": date(2026, 3, 2)}, 0),
        ({"disability": "severe", "disability_since": date(2026, 3, 1)}, 100),
        ({"disability": "severe", "disability_until": date(2026, 3, 1)}, 0),
        ({"disability": "severe", "disability_until": date(2026, 3, 2)}, 100),
    ],
)
def test_only_a_severe_certificate_in_force_gives_the_supplement(certificate, paid):
    household = couple(child(date(2012, 1, 1), **PUPIL, **certificate), *pupils(2, 2014))
    assert amount(household) == 900 + paid


def test_the_floor_completes_what_the_children_do_not_reach():
    assert lines(couple(*pupils(1))) == [("child", 1, 300), ("floor", None, 200)]


def test_the_supplement_stands_inside_the_floor():
    household = couple(child(date(2012, 1, 1), **PUPIL, disability="severe"))
    assert lines(household) == [("child", 1, 300), ("disability", 1, 100), ("floor", None, 100)]


def test_nothing_completes_what_reaches_the_floor_exactly():
    household = couple(child(date(2010, 1, 1), **PUPIL), child(date(2012, 1, 1), schooling="no"))
    assert lines(household) == [("child", 1, 300), ("child_not_in_school", 2, 200)]


def test_without_children_under_twenty_one_the_aid_is_flat():
    assert lines(couple()) == [("flat", None, 500)]
    assert lines(couple(child(date(2000, 1, 1), schooling="no"))) == [("flat", None, 500)]


def test_a_child_who_married_does_not_count_even_divorced():
    assert lines(couple(child(date(2008, 1, 1), marital_status="divorced"))) == [("flat", None, 500)]


def test_a_grandchild_a_child_in_kafala_and_the_child_of_a_sister_who_lives_here_count():
    sister = woman(relation="sibling", marital_status="divorced")
    people = (
        man(marital_status="single"),
        sister,
        child(date(2012, 1, 1), relation="other", mother=2, **PUPIL),
        child(date(2013, 1, 1), relation="grandchild", **PUPIL),
        child(date(2014, 1, 1), relation="other", charge="kafala", **PUPIL),
        child(date(2015, 1, 1), relation="other", **PUPIL),
    )
    assert lines(family(*people)) == [("child", 1, 300), ("child", 2, 300), ("child", 3, 300)]


def test_a_child_born_after_the_first_day_counts_from_the_next_month():
    household = couple(*pupils(1), child(date(2026, 3, 2)))
    assert [len(lines(household, month)) for month in (date(2026, 3, 1), date(2026, 4, 1))] == [2, 2]
    assert [lines(household, month)[1][0] for month in (date(2026, 3, 1), date(2026, 4, 1))] == ["floor", "child"]


def findings(household, month=IN_2026):
    return [finding for _household, finding, _member in allowance_findings([household.pk], month=month, read_on=month, law=law(month))]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"other_allowances": True}, [OTHER_ALLOWANCES]),
        ({"other_allowances": False}, []),
        ({"other_allowances": True, "other_allowances_since": date(2026, 3, 2)}, []),
        ({"other_allowances": True, "other_allowances_until": date(2026, 3, 1)}, []),
        ({"other_allowances": True, "other_allowances_until": date(2026, 3, 2)}, [OTHER_ALLOWANCES]),
    ],
)
@pytest.mark.parametrize("who", ["head", "spouse"])
def test_allowances_of_another_scheme_exclude_the_household_while_they_run(who, answers, found):
    head, wife = man(**(answers if who == "head" else {})), woman(spouse=1, **(answers if who == "spouse" else {}))
    household = family(head, wife, *pupils(3))
    assert findings(household) == found
    assert amount(household) == (0 if found else 900)


def test_the_allowances_of_an_adult_son_exclude_nobody():
    son = child(date(2000, 1, 1), schooling="no", other_allowances=True)
    assert (findings(couple(son)), amount(couple(son))) == ([], 500)


def test_the_payee_is_the_husband_and_must_be_moroccan():
    foreign_wife = family(man(), woman(spouse=1, nationality="sn"))
    foreign_husband = family(woman(relation="head", spouse=2), man(relation="spouse", nationality="sn"))
    assert (findings(foreign_wife), amount(foreign_wife)) == ([], 500)
    assert (findings(foreign_husband), amount(foreign_husband)) == ([NATIONALITY], 0)


def test_many_households_at_once_have_the_lines_each_has_alone(django_assert_num_queries):
    families = [couple(*pupils(count)) for count in range(5)] + [family(man(other_allowances=True))]
    alone = [line for one in families for line in allowance_lines([one.pk], month=IN_2026, read_on=IN_2026, law=law(IN_2026))]
    today = law(IN_2026)
    with django_assert_num_queries(1):
        together = allowance_lines([one.pk for one in families], month=IN_2026, read_on=IN_2026, law=today)
    assert together == sorted(alone, key=lambda line: (line.household_id, line.position))


def test_before_the_aid_existed_there_is_no_amount():
    household = couple()
    with pytest.raises(NotInForce):
        lines(household, date(2023, 11, 1))


def test_a_month_is_never_read_under_the_law_of_another_day():
    with pytest.raises(ValueError, match="first day"):
        allowance_lines([1], month=IN_2026, read_on=IN_2026, law=law(date(2026, 3, 2)))
