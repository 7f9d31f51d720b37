"""Declarations good and bad, each spoiled by hand in one place, and what must be said of it."""

from copy import deepcopy
from datetime import date
from types import SimpleNamespace

import pytest

from households import declaration
from households.ages import age_on

from .families import BOY, DAUGHTER, DAY, HEAD, MAN, OTHER, WOMAN, country, law, town, with_person

TOWN_PLACE = SimpleNamespace(milieu="urban", has_urban_center=False)
COUNTRY_PLACE = SimpleNamespace(milieu="rural", has_urban_center=False)
CENTER_PLACE = SimpleNamespace(milieu="rural", has_urban_center=True)


def read(answers, *, place=TOWN_PLACE, on=DAY, supervised=False):
    return declaration.read(answers, place=place, on=on, law=law(), supervised=supervised)


def problems(answers, **options) -> dict[str, str]:
    return {problem.path: problem.sentence for problem in read(answers, **options).problems}


def paths(answers, **options) -> set[str]:
    return set(problems(answers, **options))


SISTER = MAN | {"idcs": OTHER, "relation": "sibling", "sex": "female", "marital_status": "single"}


def test_the_families_of_these_tests_are_right_as_they_stand():
    assert problems(town()) == {}
    assert problems(country(), place=CENTER_PLACE) == {}


@pytest.mark.parametrize(
    ("place", "inside", "milieu"),
    [
        (TOWN_PLACE, None, "urban"),
        (COUNTRY_PLACE, None, "rural"),
        (COUNTRY_PLACE, True, "rural"),
        (CENTER_PLACE, True, "urban"),
        (CENTER_PLACE, "true", "urban"),
        (CENTER_PLACE, False, "rural"),
        (CENTER_PLACE, None, None),
        (None, None, None),
    ],
)
def test_the_milieu_is_the_communes_unless_it_has_an_urban_center(place, inside, milieu):
    assert declaration.milieu_of(place, inside) == milieu


def test_a_commune_with_a_center_needs_to_know_on_which_side_one_lives():
    assert "inside_center" in paths(country(inside_center=None), place=CENTER_PLACE)


class TestEveryInputIsNeeded:
    @pytest.mark.parametrize(
        "name",
        ["rooms", "bath", "electricity_meter", "electricity_bills", "water_bills", "butane_month", "telecom_bills", "computer", "dish",
         "landline", "mobile_phones", "cars", "motorcycles", "loan", "second_home", "garage", "premises"],
    )  # fmt: skip
    def test_in_town(self, name):
        assert paths(town(**{name: None})) == {name}

    @pytest.mark.parametrize(
        "name",
        ["dwelling_type", "rooms", "electricity_bills", "butane_month", "telecom_bills", "cars", "motorcycles", "second_home", "land",
         "irrigated_land", "cows"],
    )  # fmt: skip
    def test_in_the_country(self, name):
        assert paths(country(**{name: None}), place=COUNTRY_PLACE) == {name}

    @pytest.mark.parametrize(
        ("position", "name"),
        [
            (1, "education_level"), (1, "diploma"), (1, "situation"), (1, "occupation_group"), (1, "work_status"), (1, "cover"),
            (1, "disability"), (1, "other_allowances"), (1, "sex"), (1, "marital_status"), (1, "first_name_fr"), (1, "last_name_fr"),
            (1, "birth_year"), (1, "idcs"), (2, "relation"), (3, "schooling"), (3, "school_sector"),
        ],
    )  # fmt: skip
    def test_of_each_person(self, position, name):
        changes = {name: None} | ({"occupation": None} if name == "occupation_group" else {})
        assert f"members.{position}.{name}" in paths(with_person(town(), position, **changes))

    def test_reading_is_asked_in_the_country_only(self):
        assert paths(with_person(country(), 1, literate=None), place=COUNTRY_PLACE) == {"members.1.literate"}
        assert paths(with_person(town(), 1, literate=None)) == set()


class TestAnswersThatDoNotConcernAreLeftOut:
    @pytest.mark.parametrize("name", ["dwelling_type", "land", "irrigated_land", "cows"])
    def test_of_the_country_in_town(self, name):
        values = {"dwelling_type": "villa", "land": True, "irrigated_land": True, "cows": 7}
        assert name not in read(town(**values)).household
        assert paths(town(**values)) == set()

    def test_of_a_trade_for_who_does_not_work(self):
        member = read(with_person(town(), 1, situation="retired")).members[0]
        assert {"occupation", "occupation_group", "work_status"}.isdisjoint(member)

    def test_of_school_for_the_grown(self):
        member = read(with_person(town(), 1, schooling="primary", school_sector="public")).members[0]
        assert {"schooling", "school_sector"}.isdisjoint(member)

    def test_of_work_for_a_child(self):
        member = read(with_person(town(), 3, situation="employed", occupation_group="9", work_status="other")).members[2]
        assert {"situation", "occupation_group", "work_status"}.isdisjoint(member)

    def test_of_the_father_when_he_lives_here(self):
        assert "father_status" not in read(with_person(town(), 3, father_status="deceased")).members[2]

    def test_even_when_they_cannot_be_read(self):
        assert problems(with_person(town(cows="plenty"), 3, diploma="nonsense")) == {}


@pytest.mark.parametrize(
    ("birth", "asked"),
    [
        ({"birth_year": 2012, "birth_month": 11, "birth_day": 22}, True),  # 14 that very day, 15 within a year
        ({"birth_year": 2012, "birth_month": 11, "birth_day": 23}, False),
        ({"birth_year": 2011, "birth_month": 11, "birth_day": 22}, True),
    ],
)
def test_work_is_asked_a_year_before_it_counts(birth, asked):
    found = paths(with_person(town(), 3, **birth))
    assert ({"members.3.situation", "members.3.diploma"} <= found) is asked


@pytest.mark.parametrize(
    ("birth", "asked"),
    [
        ({"birth_year": 2023, "birth_month": 11, "birth_day": 22}, True),
        ({"birth_year": 2023, "birth_month": 11, "birth_day": 23}, False),
    ],
)
def test_school_is_asked_from_three(birth, asked):
    assert ("members.3.schooling" in paths(with_person(town(), 3, schooling=None, **birth))) is asked


def test_a_birthday_of_29_february_comes_on_1_march():
    born_on = date(2008, 2, 29)
    assert [age_on(day, born_on) for day in (date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 28), date(2028, 2, 29))] == [17, 18, 19, 20]


class TestBirth:
    @pytest.mark.parametrize(
        ("year", "month", "day", "born_on", "precision"),
        [
            ("1981", "3", "5", date(1981, 3, 5), "day"),
            (1981, 3, None, date(1981, 3, 1), "month"),
            ("١٩٨١", "", "", date(1981, 1, 1), "year"),
        ],
    )
    def test_unknown_parts_are_filled_as_the_law_says(self, year, month, day, born_on, precision):
        member = read(with_person(town(), 1, birth_year=year, birth_month=month, birth_day=day)).members[0]
        assert (member["born_on"], member["birth_precision"]) == (born_on, precision)

    @pytest.mark.parametrize(
        ("year", "month", "day", "path"),
        [
            (None, 3, 5, "birth_year"),
            ("81", 3, 5, "birth_year"),
            (1981, None, 5, "birth_month"),
            (1981, 13, 5, "birth_month"),
            (1981, 2, 29, "birth_day"),
            (1981, 3, "x", "birth_day"),
            (2027, 1, 1, "birth_year"),
            (2026, 11, 23, "birth_day"),
            (2026, 12, None, "birth_month"),
        ],
    )
    def test_a_date_that_cannot_be_is_refused(self, year, month, day, path):
        assert f"members.1.{path}" in paths(with_person(town(), 1, birth_year=year, birth_month=month, birth_day=day))


class TestIdentifiers:
    @pytest.mark.parametrize(
        "number", ["1000000006", "200000000", "20000000066", "2000000007", "200000000a", "0612345678", 123]
    )  # fmt: skip
    def test_a_wrong_idcs_is_refused(self, number):
        assert paths(with_person(town(), 1, idcs=number)) == {"members.1.idcs"}

    @pytest.mark.parametrize("number", ["2000 000 006", "٢٠٠٠٠٠٠٠٠٦", 2000000006, "\u200e2000000006"])
    def test_a_right_idcs_is_read_however_it_was_typed(self, number):
        assert read(with_person(town(), 1, idcs=number)).members[0]["idcs"] == HEAD

    def test_the_same_idcs_twice_is_told_at_the_second(self):
        assert problems(with_person(town(), 3, idcs=HEAD)) == {"members.3.idcs": "Le même IDCS est donné à deux personnes de ce ménage."}

    @pytest.mark.parametrize(
        ("phone", "right"), [("0612345678", True), ("+212 6 12 34 56 78", True), ("0812345678", False), ("061234567", False)]
    )
    def test_a_phone_is_a_moroccan_one(self, phone, right):
        assert ("phone" in paths(town(phone=phone))) is not right

    def test_a_strange_identity_card_is_accepted(self):
        assert read(with_person(town(), 1, cin="ab 12")).members[0]["cin"] == "AB12"

    def test_a_foreigner_shows_a_permit(self):
        assert paths(with_person(town(), 1, nationality="sn")) == {"members.1.permit_number", "members.1.permit_until"}
        permitted = with_person(town(), 1, nationality="sn", permit_number="A1", permit_until="31/12/2027")
        assert read(permitted).members[0]["permit_until"] == date(2027, 12, 31)


class TestHead:
    def test_is_one(self):
        assert paths(with_person(town(), 2, relation="head", education_level="none")) == {"members.2.relation"}
        assert paths(
            town(mobile_phones=0, members=[BOY | {"mother": None, "father": None, "father_status": "alive", "charge": "mother"}])
        ) == {"members"}

    def test_an_empty_household_is_refused(self):
        assert paths(town(members=[])) == {"members"}
        assert paths(town(members="nobody")) == {"members"}

    def test_a_minor_gives_way_to_an_adult(self):
        minor = MAN | {"birth_year": 2010, "marital_status": "single", "father_status": "deceased", "father_died_on": "2020-01-01",
                       "charge": "guardian", "charge_document": "J1", "schooling": "no"}  # fmt: skip
        assert paths(town(members=[minor, SISTER]), supervised=True) == {"members.1.relation"}
        assert paths(town(members=[minor], mobile_phones=0)) == {"members.1.relation"}
        assert paths(town(members=[minor], mobile_phones=0), supervised=True) == set()
        assert paths(town(members=[minor | {"charge": "mother"}], mobile_phones=0), supervised=True) == {"members.1.charge"}

    def test_a_household_has_a_largest_size(self):
        crowd = [MAN] + [SISTER | {"idcs": None}] * 60
        assert "members" in paths(town(members=crowd))
        assert "members" not in paths(town(members=crowd[:60]))


class TestCouples:
    def test_both_are_married(self):
        assert paths(with_person(town(), 2, marital_status="single")) == {"members.2.marital_status"}
        assert paths(with_person(town(), 1, marital_status="widowed")) == {"members.1.marital_status"}

    def test_a_spouse_is_tied_to_the_head_without_saying_so(self):
        assert read(with_person(town(), 2, spouse=None)).members[1]["spouse"] == 1

    def test_a_spouse_of_the_head_is_nobody_elses(self):
        brother = SISTER | {"sex": "male", "marital_status": "married"}
        answers = town(members=[MAN, WOMAN | {"spouse": 3}, brother])
        assert paths(answers) == {"members.2.spouse"}

    def test_are_of_both_sexes(self):
        assert paths(with_person(town(), 2, sex="male")) == {"members.2.spouse", "members.3.mother"}

    def test_point_at_one_another(self):
        other = SISTER | {"sex": "male", "marital_status": "married", "spouse": 4, "relation": "sibling"}
        wife = SISTER | {"idcs": DAUGHTER, "relation": "other", "marital_status": "married", "spouse": 1}
        assert "members.4.spouse" in paths(town(members=[MAN, WOMAN, other, wife]))

    def test_a_man_may_have_two_wives(self):
        second = WOMAN | {"idcs": OTHER, "first_name_fr": "Khadija"}
        found = read(town(members=[MAN, WOMAN, BOY, second]))
        assert found.problems == []
        assert [member.get("spouse") for member in found.members] == [None, 1, None, 1]

    def test_a_man_with_two_wives_may_name_one_of_them(self):
        second = WOMAN | {"idcs": OTHER, "first_name_fr": "Khadija"}
        assert problems(town(members=[MAN | {"spouse": 2}, WOMAN, second])) == {}

    @pytest.mark.parametrize(("year", "refused"), [(2012, True), (2011, False)])
    def test_nobody_is_married_before_the_laws_age(self, year, refused):
        young = WOMAN | {"birth_year": year, "father_status": "alive", "charge": "guardian", "schooling": "no"}
        assert ("members.2.marital_status" in paths(town(members=[MAN, young]))) is refused

    def test_nobody_is_ones_own_spouse(self):
        sentences = problems(with_person(town(), 1, spouse=1))
        assert sentences == {"members.1.spouse": "Une personne ne peut pas être son propre conjoint."}

    def test_a_woman_head_is_pointed_from_not_at(self):
        husband = MAN | {"relation": "spouse"}
        found = read(town(members=[husband, WOMAN | {"relation": "head", "spouse": None, "education_level": "none"}]))
        assert found.problems == []
        assert [member.get("spouse") for member in found.members] == [None, 1]


class TestParents:
    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"mother": 1, "father": None, "father_status": "alive", "charge": "mother"}, "members.3.mother"),
            ({"father": 2}, "members.3.father"),
            ({"father": 3}, "members.3.father"),
            ({"mother": 9}, "members.3.mother"),
            ({"mother": 0}, "members.3.mother"),
            ({"mother": "Fatima"}, "members.3.mother"),
        ],
    )
    def test_a_parent_that_cannot_be_is_refused(self, changes, path):
        assert path in paths(with_person(town(), 3, **changes))

    def test_a_parent_is_older_than_the_child(self):
        assert "members.3.father" in paths(with_person(town(), 1, birth_year=2016))

    def test_a_parent_a_little_older_is_confirmed_once(self):
        answers = with_person(town(), 2, birth_year=2004, other_allowances=False, father_status="alive")
        found = [problem for problem in read(answers).problems if problem.path == "members.3.mother"]
        assert [bool(problem.confirm) for problem in found] == [True]
        assert "members.3.mother" not in paths(answers | {"confirmed": [found[0].confirm]})

    def test_a_child_without_a_father_here_says_why_and_in_whose_charge(self):
        assert paths(with_person(town(), 3, father=None)) == {"members.3.father_status", "members.3.charge"}
        dead = {"father": None, "father_status": "deceased", "charge": "mother"}
        assert paths(with_person(town(), 3, **dead)) == {"members.3.father_died_on"}
        assert paths(with_person(town(), 3, **dead, father_died_on="2026-11-23")) == {"members.3.father_died_on"}
        assert paths(with_person(town(), 3, **dead, father_died_on="22/11/2026")) == set()


class TestDwelling:
    def test_no_room_is_for_who_has_no_dwelling(self):
        assert paths(town(rooms=0)) == {"rooms"}
        assert paths(country(rooms=0), place=COUNTRY_PLACE) == {"rooms"}

    def test_no_fixed_dwelling_in_town_has_neither_room_bath_nor_meter(self):
        found = read(town(dwelling_type="none", rooms=None, bath=None, electricity_meter=None))
        assert found.problems == []
        assert [found.household[name] for name in ("dwelling_type", "rooms", "bath", "electricity_meter")] == ["none", 0, False, "none"]

    def test_no_fixed_dwelling_in_the_country_has_no_room(self):
        assert read(country(dwelling_type="none", rooms=0), place=COUNTRY_PLACE).household["rooms"] == 0
        assert paths(country(dwelling_type="none", rooms=2), place=COUNTRY_PLACE) == {"rooms"}


class TestBills:
    @pytest.mark.parametrize(
        ("typed", "centimes"),
        [
            (["350.00", None, None], [35000, None, None]),
            (["100", "", "200"], [10000, None, 20000]),
            ([0, 0, 90], [0, 0, 9000]),
            (["75,5"], [7550, None, None]),
            (["٧٥٫٥"], [7550, None, None]),
            ([75.25, "1 200"], [7525, 120000, None]),
            ([], []),
        ],
    )
    def test_are_kept_in_centimes_month_by_month(self, typed, centimes):
        assert read(town(telecom_bills=typed)).household["telecom_bills"] == centimes

    @pytest.mark.parametrize(
        "typed",
        [["-1"], ["1,234"], ["cent"], ["100000,01"], [1, 2, 3, 4], [None, None, None], "100", [True], [[1]], [1e300], {"a": 1}],
    )
    def test_that_cannot_be_read_are_refused(self, typed):
        assert paths(town(telecom_bills=typed)) == {"telecom_bills"}

    def test_may_reach_the_technical_bound(self):
        household = read(town(telecom_bills=["100000"], confirmed=["telecom_bills=10000000"])).household
        assert household["telecom_bills"] == [10000000, None, None]

    def test_given_and_said_to_be_none_are_settled_first(self):
        assert paths(town(telecom_bills=["10"], telecom_bills_none=True)) == {"telecom_bills"}
        assert read(town(telecom_bills=[None, None, None], telecom_bills_none=True)).household["telecom_bills"] == []

    def test_water_in_the_electricity_bill_needs_no_amount(self):
        found = read(town(water_bills=None, water_in_electricity=True))
        assert found.problems == []
        assert "water_bills" not in found.household
        assert paths(town(water_in_electricity=True)) == {"water_bills"}


@pytest.mark.parametrize(
    ("name", "most", "over"),
    [
        ("rooms", 15, 16),
        ("cars", 3, 4),
        ("mobile_phones", 6, 7),
        ("butane_month", "500", "500,01"),
        ("telecom_bills", ["2000"], ["2000,01"]),
        ("electricity_bills", ["2960"], ["2960,12"]),
    ],
)
def test_a_rare_answer_is_confirmed_never_refused(name, most, over):
    assert read(town(**{name: most})).problems == []
    (asked,) = read(town(**{name: over})).problems
    assert asked.path == name
    assert asked.confirm
    assert read(town(**{name: over}, confirmed=[asked.confirm])).problems == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"telecom_bills": ["100", "abc", "50"]}, "Septembre 2026 : Écrivez un montant en dirhams"),
        ({"water_bills": ["40", "", "100001"]}, "Octobre 2026 : Ce montant dépasse"),
        (
            {"telecom_bills": ["7000", "10", "10"]},
            "Plus de 2\u202f000 dirhams de téléphone par mois : est-ce exact ? Au-dessus : août 2026.",
        ),
        ({"electricity_bills": ["2900", "2900", ""], "water_bills": ["200", "", "4000"]}, "Au-dessus : août 2026, octobre 2026."),
        ({"butane_month": "600"}, "Plus de 500 dirhams de gaz par mois : est-ce exact ?"),
    ],
)
def test_a_bill_out_of_bounds_says_its_month(changes, told):
    (asked,) = read(town(**changes)).problems
    assert told in asked.sentence
    assert ("Au-dessus" in asked.sentence) is ("Au-dessus" in told)


def test_two_high_bills_of_different_months_name_none():
    (asked,) = read(town(electricity_bills=["2900", "", ""], water_bills=["", "200", ""])).problems
    assert asked.confirm and "Au-dessus" not in asked.sentence


def test_a_very_great_age_is_confirmed_once():
    asked = [problem for problem in read(with_person(town(), 1, birth_year=1880)).problems if problem.confirm]
    assert [problem.path for problem in asked] == ["members.1.birth_year"] and "146 ans" in asked[0].sentence
    confirmed = with_person(town(), 1, birth_year=1880) | {"confirmed": [asked[0].confirm]}
    assert "members.1.birth_year" not in paths(confirmed)
    assert "members.1.birth_year" not in paths(with_person(town(), 1, birth_year=1921))
    assert "members.1.birth_year" in paths(with_person(confirmed, 1, birth_year=1890))


@pytest.mark.parametrize(
    ("typed", "centimes"),
    [("75 DH", 7500), ("75dh", 7500), ("75,50 MAD", 7550), ("٧٥ درهم", 7500), ("75 د.م.", 7500), ("75 dirhams", 7500), ("DH 75", 7500)],
)
def test_an_amount_may_be_written_with_its_unit(typed, centimes):
    assert read(town(butane_month=typed)).household["butane_month"] == centimes


@pytest.mark.parametrize("typed", ["DH", "75 euros", "75 DH par mois", "درهم"])
def test_a_unit_is_no_amount(typed):
    assert paths(town(butane_month=typed)) == {"butane_month"}


@pytest.mark.parametrize(
    ("child", "words"), [("Adam", "qu’Adam"), ("Élias", "qu’Élias"), ("Hassan", "que Hassan"), ("Ouardia", "que Ouardia")]
)
def test_a_name_that_begins_with_a_vowel_is_elided(child, words):
    found = problems(with_person(with_person(town(), 1, birth_year=2016), 3, first_name_fr=child))
    assert words in found["members.3.father"]


def test_many_cows_are_confirmed():
    assert paths(country(cows=50), place=COUNTRY_PLACE) == set()
    assert paths(country(cows=51), place=COUNTRY_PLACE) == {"cows"}


def test_the_group_follows_an_occupation_of_the_list():
    member = read(with_person(town(), 1, occupation="Chauffeur de taxi", occupation_group=None)).members[0]
    assert member["occupation_group"] == "8"


def test_help_in_the_family_says_whether_it_is_paid():
    assert paths(with_person(town(), 1, work_status="family_worker")) == {"members.1.paid"}
    assert read(with_person(town(), 1, work_status="family_worker", paid=False)).members[0]["paid"] is False


@pytest.mark.parametrize(
    "junk", [None, 3, "text", [], {}, {"members": [1, None, "x", []]}, {"members": {"1": {}}}, {"rooms": {"a": 1}, "cars": [2]}]
)
def test_whatever_is_sent_is_answered_by_sentences(junk):
    answers = junk if isinstance(junk, dict) else {"members": junk, "rooms": junk, "commune": junk, "confirmed": junk}
    assert paths(answers)
    assert paths(answers, place=None)


def test_reading_changes_nothing_of_what_was_declared():
    answers = town()
    before = deepcopy(answers)
    read(answers)
    assert answers == before
