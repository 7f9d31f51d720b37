"""What the rules see of a family, each expectation worked by hand from the published formula's wording."""

from datetime import date

import pytest
from django.db import connection

from eligibility import facts, queries
from eligibility.score import Formula
from tests.eligibility.families import RURAL, child, family, person

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


def read(household, on=DAY) -> dict:
    law = queries.law(on)
    parameters = facts.parameters(on=on, values={key: law.value(key) for key in facts.LAW_LISTS}) | {"id": household.pk}
    with connection.cursor() as cursor:
        cursor.execute(facts.reading_sql(lambda column: f"{column} = %(id)s"), parameters)
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


WIFE = {"relation": "spouse", "sex": "female", "marital_status": "married"}
HUSBAND = {"marital_status": "married"}


@pytest.mark.parametrize(
    ("people", "nuclei"),
    [
        ([person(**HUSBAND), person(**WIFE, spouse=1), child(date(2010, 1, 1), mother=2, father=1)], 0),
        ([person(**HUSBAND), person(**WIFE, spouse=1), child(date(2010, 1, 1), mother=2),
          person(relation="parent", sex="female", marital_status="widowed")], 0),
        (
            [person(**HUSBAND, father=4, mother=3), person(**WIFE, spouse=1), person(relation="parent", sex="female", marital_status="married", spouse=4),
             person(relation="parent", marital_status="married")],
            1,
        ),
        ([person(**HUSBAND), person(**WIFE, spouse=1), person(relation="child", marital_status="married", mother=2),
          person(relation="other", sex="female", marital_status="married", spouse=3)], 1),
        ([person(**HUSBAND), person(**WIFE, spouse=1), person(relation="child", sex="female", marital_status="divorced", mother=2),
          child(date(2018, 1, 1), relation="grandchild", mother=3)], 1),
        ([person(sex="female", marital_status="widowed"), child(date(2000, 1, 1), mother=1), child(date(2002, 1, 1), mother=1)], 0),
        ([person(**HUSBAND), person(**WIFE, spouse=1), child(date(2015, 1, 1), relation="grandchild")], 0),
        ([person(), person(relation="sibling")], 0),
        ([person(**HUSBAND), person(**WIFE, spouse=1), person(**WIFE, spouse=1), child(date(2015, 1, 1), mother=2, father=1),
          child(date(2016, 1, 1), mother=3, father=1)], 0),
        ([person(sex="female"), person(relation="sibling", sex="female"), child(date(2016, 1, 1), relation="other", mother=2)], 0),
        ([person(sex="female", marital_status="widowed"), child(date(2000, 1, 1), mother=1), person(relation="child", marital_status="married", mother=1),
          person(relation="other", sex="female", marital_status="married", spouse=3)], 1),
        ([person(sex="male", marital_status="divorced"), person(relation="other", sex="female", marital_status="divorced"),
          child(date(2016, 1, 1), mother=2, father=1)], 0),
    ],
    ids=["couple and child", "and a widowed mother", "and both parents of the head", "and a married son", "and a divorced daughter with a child",
         "widow with grown children", "grandparents and a grandchild", "two brothers", "two wives", "head and her sister with a child",
         "widow, daughter and married son", "divorced parents under one roof"],
)  # fmt: skip
def test_a_household_holds_several_nuclei_only_with_two_couples_or_lone_parents(people, nuclei):
    assert read(family(*people))["several_nuclei"] == nuclei


def couple(*others):
    return [person(**HUSBAND), person(**WIFE, spouse=1), *others]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([person()], 1),
        (couple(), 1),
        ([person(), person(relation="parent")], 0),
        (couple(person(**WIFE, spouse=1)), 0),
        (couple(child(date(2020, 1, 1))), 0),
    ],
    ids=["alone", "couple", "head and parent", "two wives", "couple and child"],
)
def test_living_alone_or_as_a_childless_couple(people, expected):
    assert read(family(*people))["couple_or_single"] == expected


@pytest.mark.parametrize(
    ("milieu", "size", "rooms", "two", "three"),
    [
        ("urban", 5, 2, 0, None),
        ("urban", 5, 3, 1, None),
        ("rural", 6, 2, 0, 1),
        ("rural", 7, 2, 0, 0),
        ("rural", 4, 2, 1, 0),
        ("rural", 5, 2, 0, 1),
        ("rural", 3, 0, 0, 0),
    ],
)
def test_crowding_compares_products_and_never_divides(milieu, size, rooms, two, three):
    others = [person(relation="other") for _ in range(size - 1)]
    seen = read(family(person(), *others, milieu=milieu, rooms=rooms))
    assert (seen["two_per_room"], seen["three_per_room"]) == (two, three)


@pytest.mark.parametrize(
    ("bills", "annual"),
    [
        ([10000, None, 20000], 180000),
        ([0, 0, 9000], 36000),
        ([], 0),
        ([None, None, None], None),
        (None, None),
        ([12345], 148140),
        ([None, 5000], 60000),
    ],
)
def test_bills_are_the_mean_of_the_months_given(bills, annual):
    assert read(family(person(), telecom_bills=bills))["telecom"] == annual


def test_water_is_added_to_electricity_each_over_its_own_months():
    household = family(person(), electricity_bills=[12000, 15000, 13000], water_bills=[4000, None, None])
    assert read(household)["water_power"] == 160000 + 48000
    assert read(family(person(), electricity_bills=[10000], water_bills=None, water_in_electricity=True))["water_power"] == 120000
    assert read(family(person(), electricity_bills=[10000], water_bills=None))["water_power"] is None


@pytest.mark.parametrize(("day", "pupils", "adults"), [(date(2026, 11, 21), 1, 0), (date(2026, 11, 22), 0, 1)])
def test_a_pupil_becomes_fifteen_on_the_birthday_itself(day, pupils, adults):
    pupil = child(date(2011, 11, 22), schooling="lower_secondary", school_sector="public", diploma="none", situation="student")
    seen = read(family(person(diploma="baccalaureate"), pupil), on=day)
    assert (seen["public_pupils"], seen["no_diploma"]) == (pupils, adults)


@pytest.mark.parametrize(
    ("day", "age"), [(date(2026, 2, 28), 13), (date(2026, 3, 1), 14), (date(2028, 2, 28), 15), (date(2028, 2, 29), 16)]
)
def test_who_was_born_on_29_february_grows_on_1_march_in_common_years(day, age):
    assert read(family(person(born_on=date(2012, 2, 29))), on=day)["head_age"] == age


@pytest.mark.parametrize(
    ("milieu", "born_on", "on", "stale_on"),
    [
        ("rural", date(2012, 2, 29), date(2026, 11, 22), date(2027, 3, 1)),
        ("rural", date(2012, 3, 1), date(2026, 11, 22), date(2027, 3, 1)),
        ("rural", date(2009, 2, 28), date(2027, 3, 1), date(2028, 2, 28)),
        ("rural", date(1966, 11, 22), date(2026, 11, 22), None),
        ("rural", date(1966, 11, 23), date(2026, 11, 22), date(2026, 11, 23)),
        ("urban", date(1980, 2, 29), date(2026, 11, 22), date(2027, 3, 1)),
        ("urban", date(1980, 11, 22), date(2026, 11, 22), date(2027, 11, 22)),
        ("urban", date(1980, 2, 29), date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_the_day_time_changes_a_fact_is_the_birthday_that_counts(milieu, born_on, on, stale_on):
    assert read(family(person(born_on=born_on), milieu=milieu), on=on)["stale_on"] == stale_on


def test_on_its_stale_day_a_fact_has_changed_and_on_the_eve_it_has_not():
    young = child(date(2020, 2, 29), schooling="preschool", school_sector="private")
    household = family(person(), young)
    eve, day = date(2026, 2, 28), date(2026, 3, 1)
    assert read(household, on=eve)["stale_on"] == day
    assert (read(household, on=eve)["private_pupils"], read(household, on=day)["private_pupils"]) == (0, 1)


def work(group, status="self_employed", **answers):
    return {"situation": "employed", "occupation_group": group, "work_status": status} | answers


def test_the_heads_work_is_one_answer_and_he_counts_among_the_members_too():
    taxi = read(family(person(**work("8"), diploma="higher", education_level="higher")))
    assert (taxi["head_retired"], taxi["operators"], taxi["earners"], taxi["head_higher"]) == (0, 1, 1, 1)
    shop = read(family(person(**work("4", "employer"))))
    assert (shop["head_employer"], shop["head_senior"], shop["earners"]) == (1, 0, 1)
    senior = read(family(person(**work("1"))))
    assert (senior["head_senior"], senior["seniors"], senior["head_middle"]) == (1, 1, 0)
    assert read(family(person(situation="retired")))["head_retired"] == 1


def test_unpaid_help_is_no_income_and_a_paid_apprentice_is():
    people = [person(**work("6", "family_worker", paid=False)), person(relation="other", **work("6", "apprentice", paid=True))]
    assert read(family(*people))["earners"] == 1


@pytest.mark.parametrize(
    ("covers", "expected"),
    [(["amo_tadamon", "none"], 0), (["ramed", "none"], 0), (["none", "amo_employee"], 1), (["amo_achamil", "none"], 1)],
)
def test_tadamon_and_ramed_never_count_as_other_cover(covers, expected):
    people = [person(cover=covers[0]), person(relation="sibling", cover=covers[1])]
    assert read(family(*people))["other_cover"] == expected


def test_rural_counts_ages_letters_and_land():
    people = [
        person(born_on=date(1966, 11, 22), literate=True, education_level="koranic", **work("5")),
        person(relation="child", born_on=date(1996, 11, 22), literate=True, diploma="higher", education_level=None, **work("4")),
        person(relation="child", born_on=date(1996, 11, 23), education_level=None, **work("9")),
        person(relation="child", born_on=date(2007, 11, 22), education_level=None),
        person(relation="child", born_on=date(2007, 11, 23), education_level=None),
    ]
    seen = read(family(*people, milieu="rural", dwelling_type="rural_stone", cows=3, cars=2, irrigated_land=True))
    expected = {
        "aged_60_over": 1, "aged_30_59": 1, "aged_19_29": 2, "literate": 2, "higher_diploma": 1, "traders": 1, "good_dwelling": 1, "head_farmer": 1,
        "head_basic": 0, "cows": 3, "has_car": 1, "has_motorcycle": 0, "irrigated_land": 1, "land": 0, "head_age": None, "mobile_phones": None,
    }  # fmt: skip
    assert {name: seen[name] for name in expected} == expected


def test_a_modern_house_is_not_in_the_text():
    assert read(family(person(), milieu="rural", dwelling_type="modern_house"))["good_dwelling"] == 0


@pytest.mark.parametrize(
    ("gap", "missing"),
    [
        ({"cover": None}, "other_cover"),
        ({"diploma": None}, "no_diploma"),
        ({"situation": None}, "earners"),
        ({"education_level": None}, "head_higher"),
    ],
)
def test_a_question_left_unanswered_leaves_its_fact_unknown(gap, missing):
    assert read(family(person(**gap)))[missing] is None


def test_a_household_lacking_an_answer_is_refused_with_the_fact_named():
    law = queries.law(DAY)
    household = family(person(), milieu="rural", **{name: None for name in RURAL if name == "cows"})
    parameters = facts.parameters(on=DAY, values={key: law.value(key) for key in facts.LAW_LISTS}) | {"id": household.pk}
    with connection.cursor() as cursor:
        reading = facts.reading_sql(lambda column: f"{column} = %(id)s")
        cursor.execute(f"SELECT {facts.missing_sql('r')} FROM ({reading}) r", parameters)
        assert cursor.fetchone()[0] == ["cows"]


def test_every_fact_of_the_formula_is_read_and_every_fact_read_is_in_the_formula():
    law = queries.law(DAY)
    formula = Formula.from_value(law.value("score.formula"))
    for milieu in ("urban", "rural"):
        weighed = {variable.fact for variable in formula.variables[milieu]} - {"size"}
        assert weighed == {fact.name for fact in facts.FACTS if milieu in fact.milieux}
        for variable in formula.variables[milieu]:
            assert variable.fact == "size" or variable.code in facts.BY_NAME[variable.fact].variables
