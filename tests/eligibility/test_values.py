"""A value of the law put into fields and read back, for every key; what a slip of the finger gets for an answer."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.http import QueryDict

from eligibility import law as legal
from eligibility import services, values, wording
from eligibility.forms import FormulaTableForm, ProposalForm, changed_rows
from eligibility.models import Provision

FOUNDING = [row for row in legal.founding() if row.key != "score.formula"]
CITED = {"since": "2027-01-01", "source": "Décret n° 2-26-100", "reason": "Les prix"}
OFF = {"threshold": "0.0100000", "months": 3, "yes_no": True, "days": 30}


def posted(form, **changes) -> QueryDict:
    """What a browser sends of a form nobody touched but for `changes`."""
    data = QueryDict(mutable=True)
    for name in form.fields:
        value = form[name].value()
        if isinstance(value, list):
            data.setlist(name, value)
        elif value not in (None, ""):
            data[name] = value
    for name, value in (CITED | changes).items():
        data[name] = value
    return data


def reread(key, value, /, **changes):
    return ProposalForm(posted(ProposalForm(key=key, value=value), **changes), key=key, value=value)


@pytest.mark.parametrize("row", FOUNDING, ids=lambda row: f"{row.key} {row.since}")
def test_a_value_read_from_untouched_fields_is_the_value(row):
    form = reread(row.key, row.value)
    assert form.is_valid(), form.errors
    assert form.proposed == row.value and type(form.proposed) is type(row.value)


@pytest.mark.parametrize("key", sorted(legal.declared_keys() - {row.key for row in FOUNDING} - {"score.formula"}))
def test_a_key_that_was_never_in_force_is_typed_from_nothing(key):
    value = OFF[wording.kind_of(key)]
    form = reread(key, value)
    assert form.is_valid() and form.proposed == value
    assert not list(legal.faults_of(key, form.proposed))
    assert "value" in ProposalForm(QueryDict("reason=x"), key=key).errors


def test_a_key_with_no_value_and_many_parts_starts_with_one_empty_row():
    form = ProposalForm(key="amo_achamil.bands")
    assert [[field.value() for field in row] for row in form.row_fields()] == [[None, None]]


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("direct_aid.threshold", " 9,5 ", "9.5"),
        ("amo_tadamon.state_contribution", "1 250,5", 125_050),
        ("amo_tadamon.state_contribution", "1\u202f250", 125_000),
        ("direct_aid.threshold", "٩٫٧٥", "9.75"),
        ("direct_aid.threshold", "۹,۷۴۳۰۰۱", "9.743001"),
        ("amo_tadamon.state_contribution", "١٬٢٥٠٫٥", 125_050),
        ("amo.dependant_age", "٢١", 21),
        ("direct_aid.threshold", "99,9999999", "99.9999999"),
        ("direct_aid.school_year_ends", "15/07", "07-15"),
        ("appeal.suspends", "no", False),
    ],
)
def test_what_is_typed_as_people_write_is_read_as_the_law_writes(key, typed, value):
    form = ProposalForm(QueryDict.fromkeys(["value"], typed), key=key)
    form.is_valid()
    assert form.proposed == value and "value" not in form.errors


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("direct_aid.threshold", "neuf", "décimales au plus"),
        ("direct_aid.threshold", "9,12345678", "7 décimales"),
        ("amo_tadamon.state_contribution", "12,345", "2 décimales"),
        ("amo_tadamon.state_contribution", "-1", "entre 0 et"),
        ("amo_tadamon.state_contribution", "1 250 000", "entre 0 et 100\u202f000"),
        ("direct_aid.threshold", "9743001", "sous 100"),
        ("direct_aid.threshold", "974,3001", "sous 100"),
        ("direct_aid.threshold", "100", "sous 100"),
        ("direct_aid.borderline_band", "100", "sous 100"),
        ("registration.adult_age", "1", "12"),
        ("registration.adult_age", "180", "30"),
        ("registration.spouse_age", "118", "30"),
        ("registration.max_size", "3", "10"),
        ("amo.grace_months", "300", "240"),
        ("policy.horizon_years", "0", "1"),
        ("policy.horizon_years", "500", "50"),
        ("direct_aid.school_year_ends", "31/02", "jour et un mois"),
        ("direct_aid.school_year_ends", "29/02", "jour et un mois"),
        ("direct_aid.reference_day", "31", "28"),
        ("amo.dependant_age", "vingt", "nombre entier"),
        ("amo.insured_spouse", "wife", "choix"),
    ],
)
def test_a_slip_is_answered_beside_its_field(key, typed, said):
    form = ProposalForm(QueryDict.fromkeys(["value"], typed), key=key)
    assert said in " ".join(form.errors["value"])
    assert form.proposed is services.UNREAD
    assert form["value"].value() == typed


@pytest.mark.parametrize(
    ("key", "name", "typed", "said"),
    [
        ("direct_aid.amounts", "value-child_under", "210", "30"),
        ("direct_aid.amounts", "value-young_under", "60", "30"),
        ("registration.plausible", "value-urban-oldest_age", "1100", "130"),
        ("direct_aid.institutions", "value-majority_age", "8", "12"),
    ],
)
def test_a_slip_in_a_table_is_answered_beside_its_own_field(key, name, typed, said):
    value = next(row.value for row in FOUNDING if row.key == key)
    form = reread(key, value, **{name: typed})
    assert list(form.errors) == [name] and said in form.errors[name][0]


def test_no_answer_at_all_is_asked_for():
    assert "value" in ProposalForm(QueryDict("reason=x"), key="direct_aid.disabilities").errors


def test_an_order_keeps_the_order_typed():
    key = "direct_aid.payee_order"
    form = ProposalForm(QueryDict("value-0=guardian&value-1=husband&value-3=custody"), key=key)
    form.is_valid()
    assert form.proposed == ["guardian", "husband", "custody"]


def amounts():
    return next(row.value for row in FOUNDING if row.key == "direct_aid.amounts")


def test_rows_are_added_and_taken_away_with_all_that_was_typed():
    key = "direct_aid.amounts"
    first = posted(ProposalForm(key=key, value=amounts()), **{"value-bands-1-last": "5", "value-floor": "1 000", "add": "row"})
    longer = ProposalForm(key=key, value=amounts(), initial=changed_rows(first, key))
    assert [str(row[1].value() or "") for row in longer.row_fields()] == ["3", "5", ""]
    assert longer["value-floor"].value() == "1 000" and longer["source"].value() == CITED["source"]
    without = posted(ProposalForm(key=key, value=amounts()), **{"value-bands-1-last": "5", "remove": "0"})
    shorter = ProposalForm(key=key, value=amounts(), initial=changed_rows(without, key))
    assert [[field.value() for field in row][:2] for row in shorter.row_fields()] == [[4, "5"]]


def test_the_only_row_is_not_taken_away():
    data = QueryDict("rows=1&remove=0&value-0-above=9,3&value-0-monthly=100")
    assert changed_rows(data, "amo_achamil.bands")["rows"] == 1


@pytest.mark.parametrize("rows", ["-3", "9999999", "9" * 5_000, "deux", "٣", ""])
def test_a_number_of_rows_nobody_typed_is_brought_back_to_reason(rows):
    form = ProposalForm(QueryDict(f"rows={rows}"), key="amo_achamil.bands")
    assert 1 <= len(form.row_fields()) <= 40


def test_repealing_leaves_aside_what_is_typed_and_is_not_offered_for_what_everything_is_read_with():
    form = reread("amo_tadamon.state_contribution", 10_000, repeals="on", value="beaucoup")
    assert form.is_valid() and form.proposed is None
    assert "repeals" not in ProposalForm(key="amo.dependant_age").fields


def test_amounts_say_beside_the_day_that_they_start_on_a_first():
    assert "premier du mois" in ProposalForm(key="direct_aid.amounts").fields["since"].help_text.lower()


@pytest.mark.django_db
def test_a_fault_of_a_row_stands_beside_its_own_field():
    key, rows = "direct_aid.amounts", {"value-bands-1-first": "5"}
    form = reread(key, amounts(), **rows)
    assert form.is_valid()
    today = date(2026, 11, 22)
    problems = services.proposal_problems(key=key, value=form.proposed, since=date(2026, 12, 2), source="x", reason="x", on=today)
    form.refuse(problems)
    assert set(form.errors) == {"value-bands-1-first", "since"}
    assert "au rang 4" in form.errors["value-bands-1-first"][0] and "premier du mois" in form.errors["since"][0]


@pytest.mark.django_db
def test_the_coefficients_read_from_an_untouched_table_are_the_formula():
    base = Provision.objects.get(key="score.formula")
    form = FormulaTableForm(posted(FormulaTableForm(base=base)), base=base)
    assert form.is_valid(), form.errors
    assert form.proposed == base.value and form.proposed is not base.value


@pytest.mark.django_db
def test_one_coefficient_changed_changes_that_one_only():
    base = Provision.objects.get(key="score.formula")
    name = "value-variables-urban-29-coefficient"
    form = FormulaTableForm(posted(FormulaTableForm(base=base), **{name: "0,06"}), base=base)
    assert form.is_valid()
    changed = form.proposed["variables"]["urban"][29]
    assert (changed["code"], changed["coefficient"]) == ("U30", "0.06")
    changed["coefficient"] = base.value["variables"]["urban"][29]["coefficient"]
    assert form.proposed == base.value


def test_every_fault_has_its_words():
    checks = Path(legal.__file__).with_name("validation.py").read_text(encoding="utf-8")
    assert set(re.findall(r'Fault\("(\w+)"', checks)) == set(wording.FAULTS)


@pytest.mark.parametrize("kind", sorted({wording.kind_of(key) for key in wording.KEYS} - {"formula"}))
def test_every_kind_of_value_has_a_form(kind):
    key = next(key for key in wording.KEYS if wording.kind_of(key) == kind)
    fields = [*values.parts_of(key), *(part for row in ProposalForm(key=key).row_parts for part in row)]
    assert fields and all(values.field_for(part, key).label for part in fields)
