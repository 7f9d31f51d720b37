"""What differs between two days, and between two formulas."""

from copy import deepcopy
from datetime import date

import pytest

from eligibility import changes
from eligibility import law as legal
from tests.eligibility.legislating import DAY, move_line

pytestmark = pytest.mark.django_db
FORMULA = next(row.value for row in legal.founding() if row.key == "score.formula")


def found(first, second) -> dict[str, changes.Change]:
    return {change.key: change for _name, _label, group in changes.between(first, second) for change in group}


def test_nothing_differs_from_a_day_to_itself():
    assert changes.between(DAY, DAY) == []


def test_two_days_are_compared_key_by_key_with_their_texts():
    change = found(date(2025, 12, 31), date(2026, 1, 1))["direct_aid.amounts"]
    assert (change.before.since, change.after.since) == (date(2025, 11, 1), date(2026, 1, 1))
    moved = [(pair.before, pair.after) for pair in change.pairs]
    assert moved[0] == ("250,00 MAD", "300,00 MAD") and len(moved) == 3
    # The amounts, and the budget law of the new year.
    assert set(found(date(2025, 12, 31), date(2026, 1, 1))) == {"direct_aid.amounts", "budget.direct_aid"}


def test_a_provision_that_repeats_a_value_is_no_difference():
    assert "amo_tadamon.excluding_covers" not in found(date(2023, 11, 30), date(2023, 12, 1))


def test_what_comes_into_force_has_nothing_before_and_the_groups_keep_the_order_of_the_law():
    groups = changes.between(date(2021, 1, 1), DAY)
    assert [name for name, _label, _changes in groups][:3] == ["amo_tadamon", "direct_aid", "amo_achamil"]
    every = found(date(2021, 1, 1), DAY)
    assert all(change.before is None and change.after for change in every.values())
    assert len(every["score.formula"].coefficients) == 35 + 28 + 2 + 24


def test_a_line_approved_for_later_differs_on_its_day_only():
    move_line(95_000_000, since=date(2027, 1, 1))
    assert not found(DAY, date(2026, 12, 31))
    pairs = found(DAY, date(2027, 1, 1))["direct_aid.threshold"].pairs
    assert [(pair.before, pair.after) for pair in pairs] == [("9,7430010", "9,5000000")]


def test_two_formulas_differ_by_coefficient_by_answer_and_by_label():
    other = deepcopy(FORMULA)
    urban = other["variables"]["urban"]
    urban[29]["coefficient"] = "0.06"
    urban[0] |= {"fr": "Autre libellé"}
    urban[30] |= {"fact": "size", "kind": "share"}
    other["variables"]["rural"].pop()
    other["region"]["rural"]["07"] = "0"
    rows = [row for row in changes.coefficients_of(FORMULA, other) if row.differs]
    assert [(row.code, row.before, row.after) for row in rows] == [
        ("U01", "0,103", "0,103"),
        ("U30", "0,0516", "0,06"),
        ("U31", "0,226", "0,226"),
        ("R28", "0,00086", ""),
        ("", changes.numerals.coefficient(FORMULA["region"]["rural"]["07"]), "0"),
    ]
    reads = [[(pair.label, pair.before, pair.after) for pair in row.reads] for row in rows]
    assert reads[0] == [("Libellé français", FORMULA["variables"]["urban"][0]["fr"], "Autre libellé")]
    assert reads[1] == reads[4] == []
    assert reads[2] == [
        ("Réponse lue", "voitures (cars)", "personnes du ménage (size)"),
        ("Manière de compter", "nombre", "part des membres du ménage"),
    ]
    assert [(label, after) for label, _before, after in reads[3]] == [
        (label, "") for label in ("Réponse lue", "Manière de compter", "Libellé français", "Libellé arabe")
    ]
    assert reads[3][:2] == [
        ("Réponse lue", "factures de téléphone et d’internet (telecom)", ""),
        ("Manière de compter", "dirhams par an et par personne", ""),
    ]
    assert rows[-1].label == "Marrakech-Safi"
