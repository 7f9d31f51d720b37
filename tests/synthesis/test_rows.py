"""The rows of a load: the same for the same seed, valid numbers, answers that hold together."""

import re
from datetime import date
from random import Random

import pytest
from stdnum import verhoeff

from rsu.synthesis import numbers
from rsu.synthesis.plan import Plan
from rsu.synthesis.rows import Writer, blocks

ON = date(2026, 3, 1)


def writer(plan, seed=1):
    return Writer(plan, seed=seed, on=ON, first_household=101, first_member=1001)


@pytest.fixture(scope="module")
def households():
    plan = Plan(3000, 1)
    drawing, rng, ordinal, drawn = writer(plan), Random(5), 0, []
    for place in range(len(plan.places)):
        drawn.append(drawing.draw(rng, place, ordinal))
        ordinal += len(drawn[-1].members)
    return drawn


@pytest.fixture(scope="module")
def members(households):
    return [member for household in households for member in household.members]


def test_a_seed_and_a_day_give_the_same_rows():
    first, again = (list(blocks(Plan(400, 3), processes=1, seed=3, on=ON, first_household=1, first_member=1)) for _ in range(2))
    other = list(blocks(Plan(400, 4), processes=1, seed=4, on=ON, first_household=1, first_member=1))
    assert first == again
    assert first != other


def test_a_block_does_not_depend_on_the_blocks_before_it():
    plan = Plan(2500, 1)
    in_order = [writer(plan).block(number) for number in range(3)]
    assert writer(plan).block(2) == in_order[2]


def test_ids_follow_one_another_across_blocks():
    plan = Plan(2500, 1)
    rows = [writer(plan).block(number) for number in range(3)]
    households = [int(line.split("\t")[0]) for text, _ in rows for line in text.splitlines()]
    members = [int(line.split("\t")[0]) for _, text in rows for line in text.splitlines()]
    assert households == list(range(101, 2601))
    assert members == list(range(1001, 1001 + plan.people))


def test_numbers_are_valid_and_unique(households, members):
    every = [member.idcs for member in members]
    codes = [household.code for household in households]
    assert len(set(every)) == len(every)
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[2-9]\d{9}", idcs) and verhoeff.is_valid(idcs) for idcs in every)
    assert all(re.fullmatch(r"\d{11}", code) and verhoeff.is_valid(code) for code in codes)
    cins = [member.cin for member in members if member.cin]
    assert len(set(cins)) == len(cins)
    assert all(re.fullmatch(r"[A-Z]{2}\d{6}", cin) for cin in cins)


def test_two_seeds_share_no_number():
    assert not {numbers.idcs(1, n) for n in range(2000)} & {numbers.idcs(2, n) for n in range(2000)}
    assert not {numbers.household_code(1, n) for n in range(2000)} & {numbers.household_code(2, n) for n in range(2000)}


def test_questions_of_the_other_milieu_stay_unanswered(households):
    urban_only = ("bath", "electricity_meter", "computer", "dish", "landline", "mobile_phones", "loan", "garage", "premises")
    rural_only = ("dwelling_type", "land", "irrigated_land", "cows")
    for household in households:
        asked, not_asked = (urban_only, rural_only) if household.milieu == "urban" else (rural_only, urban_only)
        assert all(getattr(household, name) is not None for name in asked)
        assert all(getattr(household, name) is None for name in not_asked)
        literate = [member.literate for member in household.members if member.age >= 15]
        assert all((answer is None) == (household.milieu == "urban") for answer in literate)


def test_questions_of_an_age_are_answered_at_that_age_only(members):
    for member in members:
        assert (member.schooling is not None) == (3 <= member.age <= 25)
        assert (member.school_sector is not None) == (member.schooling not in (None, "no"))
        assert (member.situation is not None) == (member.diploma is not None) == (member.age >= 14)
        assert (member.occupation_group is not None) == (member.work_status is not None) == (member.situation == "employed")
        assert (member.paid is not None) == (member.work_status in ("family_worker", "apprentice"))
        assert (member.cover_quality is not None) == (member.cover != "none")
        assert (member.father_status is not None) == (member.age < 21 and member.father is None)
        assert (member.father_died_on is not None) == (member.father_status == "deceased")
        assert (member.other_allowances is not None) == (member.age >= 18)


def test_a_birth_date_gives_the_age(members):
    for member in members:
        born = date.fromisoformat(member.born_on)
        age = ON.year - born.year - ((ON.month, ON.day) < (born.month, born.day))
        assert age == member.age
    assert any(member.birth_precision == "year" for member in members)


def test_children_bear_their_fathers_name_in_both_scripts(households):
    for household in households:
        for member in household.members:
            assert all(member.first_name) and all(member.last_name)
            if member.father is not None:
                assert member.last_name == household.members[member.father].last_name


def test_no_running_water_and_no_electricity_mean_no_bill(households):
    for household in households:
        for bills in (household.electricity_bills, household.water_bills, household.telecom_bills):
            assert bills == () or (len(bills) == 3 and any(month is not None for month in bills))
        if household.milieu == "urban":
            assert (household.electricity_meter == "none") == (household.electricity_bills == ())
        if household.water_in_electricity:
            assert household.electricity_bills and not household.water_bills
    assert any(None in household.electricity_bills for household in households)


def test_certificates_come_with_their_dates(members):
    certified = [member for member in members if member.disability != "none"]
    assert any(member.disability == "severe" for member in certified)
    assert all(member.disability_number and member.disability_since < ON.isoformat() < member.disability_until for member in certified)


def test_margins_come_near_the_census(households, members):
    """Published shares of 2024, with four standard errors of a sample of this size."""

    def near(share, published, count):
        return abs(share - published) < 4 * (published * (1 - published) / count) ** 0.5

    count, people = len(households), len(members)
    assert near(sum(bool(h.electricity_bills) for h in households) / count, 0.971, count)
    assert near(sum(bool(h.water_bills) or h.water_in_electricity for h in households) / count, 0.829, count)
    urban = [h for h in households if h.milieu == "urban"]
    assert near(sum(h.bath for h in urban) / len(urban), 0.745, len(urban))
    assert abs(people / count - 3.934) < 0.03
    assert near(sum(m.sex == "female" for m in members) / people, 0.501, people)
    assert near(sum(m.age < 15 for m in members) / people, 0.265, people)
    assert near(sum(m.age >= 60 for m in members) / people, 0.138, people)
    pupils = [m for m in members if 6 <= m.age <= 11]
    assert near(sum(m.schooling != "no" for m in pupils) / len(pupils), 0.958, len(pupils))
