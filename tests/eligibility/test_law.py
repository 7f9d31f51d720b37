import re
from copy import deepcopy
from dataclasses import replace
from datetime import date

import pytest

from eligibility.law import (
    Fault,
    Law,
    NotInForce,
    Provision,
    UnknownKey,
    check_since,
    check_value,
    declared_keys,
    faults_of,
    formula_facts,
    founding,
    in_script,
)
from eligibility.law.files import entries

FOUNDING = list(founding())
UNCONFIRMED = "source non confirmée / مصدر غير مؤكد"
OFF = {
    "amo.grace_months",
    "amo.own_name_at_once",
    "amo_achamil.waiting_waived",
    "amo_tadamon.borderline_band",
    "appeal.suspends",
    "direct_aid.borderline_band",
    "direct_aid.grace_months",
    "direct_aid.orphan_not_in_school",
    "registration.declare_days",
    "schooling.expires",
}


def law(year, month, day, rows=FOUNDING):
    return Law(rows, date(year, month, day))


def founding_value(key):
    return deepcopy(next(provision.value for provision in FOUNDING if provision.key == key))


def provision(id, since, value, key="amo_tadamon.threshold"):
    return Provision(id, key, since, value, source="Décret", gazette="", url="", note="", confidence="H")


def leaves(value):
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value


def test_a_threshold_is_not_in_force_on_the_eve():
    with pytest.raises(NotInForce, match=r"amo_tadamon\.threshold is not in force on 2022-11-30"):
        law(2022, 11, 30).value("amo_tadamon.threshold")
    assert law(2022, 12, 1).value("amo_tadamon.threshold") == "9.3264284"
    assert not law(2023, 11, 30).has("direct_aid.threshold")
    assert law(2023, 12, 1).value("direct_aid.threshold") == "9.743001"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2023, 12, 1), (20000, 15000, 35000)),
        (date(2025, 10, 31), (20000, 15000, 35000)),
        (date(2025, 11, 1), (25000, 17500, 37500)),
        (date(2025, 12, 31), (25000, 17500, 37500)),
        (date(2026, 1, 1), (30000, 20000, 40000)),
        (date(2030, 6, 15), (30000, 20000, 40000)),
    ],
)
def test_the_rates_of_a_child_are_those_of_the_day(day, expected):
    amounts = Law(FOUNDING, day).value("direct_aid.amounts")
    first, others = amounts["bands"]
    assert (first["young_or_in_school"], first["out_of_school"], first["orphan"]) == expected
    assert others == {"first": 4, "last": 6, "young_or_in_school": 3600, "out_of_school": 2400}
    assert (amounts["floor"], amounts["flat_aid"], amounts["disability_supplement"]) == (50000, 50000, 10000)
    assert (amounts["ranks_counted"], amounts["young_under"], amounts["child_under"]) == (6, 6, 21)


def test_the_other_sums_of_the_programs():
    now = law(2026, 3, 1)
    assert now.value("direct_aid.birth_grant") == {"first_delivery": 200000, "second_delivery": 100000, "claim_months": 6}
    assert now.value("direct_aid.school_start")["upper_secondary"] == 30000
    assert now.value("direct_aid.institutions") == {"monthly": 50000, "at_least_at_majority": 1000000, "majority_age": 18}
    assert [band["monthly"] for band in now.value("amo_achamil.bands")] == [14400, 17600, 22400, 28700, 35500, 45400, 61100, 116400]


def test_the_cover_taken_by_the_state_does_not_count_against_the_family():
    assert law(2026, 1, 1).value("score.cover_not_counted") == ["none", "ramed", "amo_tadamon"]


def test_a_key_nobody_ever_wrote_is_a_mistake_and_not_a_silence():
    with pytest.raises(UnknownKey):
        law(2026, 1, 1).value("amo_tadamon.treshold")
    with pytest.raises(UnknownKey):
        law(2026, 1, 1).has("amo_tadamon.treshold")


def test_what_is_off_is_known_and_not_in_force():
    assert declared_keys() - {provision.key for provision in FOUNDING} == OFF
    for key in OFF:
        assert not law(2030, 1, 1).has(key)


def test_a_later_day_is_not_seen_before_it_comes():
    rows = [provision(1, date(2022, 12, 1), "9.3264284"), provision(2, date(2027, 1, 1), "9.5")]
    assert law(2026, 12, 31, rows).value("amo_tadamon.threshold") == "9.3264284"
    assert law(2027, 1, 1, rows).cite("amo_tadamon.threshold").id == 2


def test_of_two_provisions_of_one_day_the_later_written_stands_whatever_the_order():
    rows = [provision(7, date(2022, 12, 1), "9.4"), provision(3, date(2022, 12, 1), "9.3264284")]
    assert law(2023, 1, 1, rows).value("amo_tadamon.threshold") == "9.4"
    assert law(2023, 1, 1, rows[::-1]).value("amo_tadamon.threshold") == "9.4"


def test_an_earlier_provision_written_later_does_not_replace_a_newer_day():
    rows = [provision(1, date(2025, 1, 1), "9.4"), provision(2, date(2022, 12, 1), "9.3264284")]
    assert law(2025, 1, 1, rows).value("amo_tadamon.threshold") == "9.4"
    assert law(2024, 12, 31, rows).value("amo_tadamon.threshold") == "9.3264284"


def test_a_repeal_leaves_nothing_in_force():
    rows = [provision(1, date(2022, 12, 1), "9.3264284"), provision(2, date(2025, 1, 1), None)]
    assert law(2024, 12, 31, rows).has("amo_tadamon.threshold")
    with pytest.raises(NotInForce):
        law(2025, 1, 1, rows).value("amo_tadamon.threshold")


@pytest.mark.parametrize("founding_provision", FOUNDING, ids=lambda row: f"{row.key} {row.since}")
def test_a_founding_provision_is_valid_and_cited(founding_provision):
    check_value(founding_provision.key, founding_provision.value)
    check_since(founding_provision.key, founding_provision.since)
    assert founding_provision.confidence in ("H", "M", "L")
    assert founding_provision.source == UNCONFIRMED or " / " in founding_provision.source
    assert all(isinstance(leaf, str | int) for leaf in leaves(founding_provision.value))


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry['key']} {entry.get('since', 'off')}")
def test_a_note_is_read_in_either_language(entry):
    french, arabic = (in_script(entry["note"], arabic=arabic) for arabic in (False, True))
    assert not re.search("[\u0600-\u06ff]", french) and re.search("[\u0621-\u064a]", arabic)
    assert not re.search("[?;’\u0660-\u0669]| / ", arabic) and " / " not in french
    assert set(re.findall(r"\d+,\d+|\d{2,}", french)) == set(re.findall(r"\d+,\d+|\d{2,}", arabic))


def test_founding_provisions_are_numbered_and_no_day_has_two_of_a_key():
    assert [row.id for row in FOUNDING] == list(range(1, len(FOUNDING) + 1))
    assert len({(row.key, row.since) for row in FOUNDING}) == len(FOUNDING)


def test_an_own_reading_claims_no_source():
    for row in FOUNDING:
        if row.confidence == "L" and row.key != "score.higher_diplomas":
            assert row.source == UNCONFIRMED, row.key


def test_the_founding_formula_uses_every_fact_asked_for_it():
    variables = founding_value("score.formula")["variables"]
    assert [row["code"] for row in variables["urban"]] == [f"U{number:02d}" for number in range(1, 36)]
    assert [row["code"] for row in variables["rural"]] == [f"R{number:02d}" for number in range(1, 29)]
    assert {row["fact"] for row in variables["urban"]} == set(formula_facts("urban"))
    assert {row["fact"] for row in variables["rural"]} == set(formula_facts("rural")) - {"cars", "motorcycles"}


@pytest.mark.parametrize("text", ["9.32642841", "9,3264284", "", "-1", "0", " 9.3", "9.", "1e3", "٩.٣", 9, 9.5, ["9.3"]])
def test_a_threshold_is_a_positive_decimal_text_of_seven_decimals_at_most(text):
    with pytest.raises(Fault, match=r"not_decimal|not_positive|binary_fraction"):
        check_value("amo_tadamon.threshold", text)


@pytest.mark.parametrize("text", ["9.3264284", "9.5", "10", "9.0000001"])
def test_a_decimal_text_may_be_a_threshold(text):
    check_value("direct_aid.threshold", text)


def change_variable(**changes):
    def change(formula):
        formula["variables"]["urban"][0] |= changes

    return change


def drop_region(formula):
    del formula["region"]["rural"]["12"]


def repeat_variable(formula):
    formula["variables"]["rural"].append(formula["variables"]["rural"][0])


def drop_milieu(formula):
    del formula["variables"]["rural"]


def empty_milieu(formula):
    formula["variables"]["rural"] = []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (change_variable(fact="income"), "unknown_fact"),
        (change_variable(fact="cows"), "unknown_fact"),
        (change_variable(kind="share"), "wrong_kind"),
        (change_variable(coefficient="0.1030000001"), "not_decimal"),
        (change_variable(coefficient="100"), "too_large"),
        (change_variable(coefficient=1), "not_decimal"),
        (change_variable(coefficient=0.103), "binary_fraction"),
        (change_variable(fact="bath"), "use_twice"),
        (change_variable(code="U02"), "code_twice"),
        (change_variable(ar=" "), "no_label"),
        (change_variable(weight="1"), "entries"),
        (drop_region, r"region\.rural: entries"),
        (repeat_variable, "code_twice"),
        (drop_milieu, "variables: entries"),
        (empty_milieu, r"variables\.rural: no_variable"),
    ],
)
def test_a_formula_nobody_could_compute_is_refused(change, fault):
    formula = founding_value("score.formula")
    change(formula)
    with pytest.raises(Fault, match=fault):
        check_value("score.formula", formula)


@pytest.mark.parametrize("formula", [{}, [], "9.825", {"constant": 1, "labels": 2, "region": 3, "variables": 4}])
def test_what_is_not_a_formula_is_refused_without_reading_further(formula):
    with pytest.raises(Fault, match="entries"):
        check_value("score.formula", formula)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"floor": -1}, "floor: not_whole"),
        ({"floor": 500.5}, "floor: binary_fraction"),
        ({"flat_aid": True}, "flat_aid: not_whole"),
        ({"ranks_counted": 7}, r"bands\.1\.last: ranks_end_elsewhere"),
        ({"young_under": 21}, "young_not_below_child"),
        ({"bands": []}, "no_band"),
        ({"bands": [{"first": 2, "last": 6, "young_or_in_school": 1, "out_of_school": 1}]}, "ranks_apart"),
        ({"bands": [{"first": 1, "last": 0, "young_or_in_school": 1, "out_of_school": 1}]}, "ends_before_start"),
        ({"bands": [{"first": 1, "last": 6, "young_or_in_school": 1}]}, r"bands\.0: entries"),
        ({"bonus": 1}, "entries"),
    ],
)
def test_amounts_that_could_not_be_paid_are_refused(change, fault):
    with pytest.raises(Fault, match=fault):
        check_value("direct_aid.amounts", founding_value("direct_aid.amounts") | change)


def test_amounts_start_on_the_first_of_a_month():
    with pytest.raises(Fault, match="first_of_month"):
        check_since("direct_aid.amounts", date(2027, 1, 2))


@pytest.mark.parametrize(
    ("bands", "fault"),
    [
        ([], "no_band"),
        ([{"above": "9.3", "up_to": "9.5", "monthly": 1}], "last_not_open"),
        ([{"above": "9.3", "up_to": "9.4", "monthly": 1}, {"above": "9.5", "monthly": 2}], "bands_apart"),
        ([{"above": "9.3", "up_to": "9.1", "monthly": 1}, {"above": "9.1", "monthly": 2}], "bands_not_rising"),
    ],
)
def test_contributions_leave_no_score_without_its_band(bands, fault):
    with pytest.raises(Fault, match=fault):
        check_value("amo_achamil.bands", bands)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("registration.incomplete_days", "60"),
        ("registration.incomplete_days", -1),
        ("direct_aid.end_of_month", 1),
        ("score.operator_groups", ["8"]),
        ("score.operator_groups", []),
        ("score.operator_groups", [8, 8]),
        ("score.cover_not_counted", "none"),
        ("direct_aid.birth_grant", {"first_delivery": 1}),
        ("amo.grace_months", True),
        ("appeal.suspends", 1),
        ("direct_aid.borderline_band", "0.00000001"),
        ("nothing.known", 1),
    ],
)
def test_a_value_of_another_shape_is_refused(key, value):
    with pytest.raises(Fault, match=r"not_|entries|empty_list|repeated|unknown_key"):
        check_value(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("amo.grace_months", 3), ("appeal.suspends", True), ("direct_aid.borderline_band", "0.01"), ("direct_aid.nationality", None)],
)
def test_what_is_off_may_come_into_force_and_what_is_in_force_may_be_repealed(key, value):
    check_value(key, value)


def test_what_every_family_is_read_with_is_never_repealed():
    with pytest.raises(Fault, match="needed"):
        check_value("score.formula", None)


def test_every_mistake_of_a_value_is_told_at_once():
    formula = founding_value("score.formula")
    formula["constant"]["rural"] = "beaucoup"
    change_variable(coefficient="250", fr="")(formula)
    assert [(fault.code, fault.path) for fault in faults_of("score.formula", formula)] == [
        ("too_large", ("variables", "urban", 0, "coefficient")),
        ("no_label", ("variables", "urban", 0, "fr")),
        ("not_decimal", ("constant", "rural")),
    ]


def test_two_readers_of_one_day_agree_whatever_the_order_of_the_rows():
    reversed_law = law(2026, 1, 1, FOUNDING[::-1])
    for key in declared_keys() - OFF:
        assert reversed_law.cite(key) == law(2026, 1, 1).cite(key)


def test_a_provision_cannot_be_edited():
    with pytest.raises(AttributeError):
        FOUNDING[0].value = "9"
    assert replace(FOUNDING[0], value="9").value == "9"
