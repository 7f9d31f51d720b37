"""What a month is foreseen to cost, and what was spent: by hand for a small kingdom, then against the statement that writes the month."""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.queries import law
from enrollment import spending
from enrollment.allowances import AMOUNTS, allowance_lines
from enrollment.forecasts import Reading, compare_months, count_month, law_of
from enrollment.models import AllowanceLine, Suspension
from enrollment.runs import write
from tests.sizes import cases

from ..eligibility.families import GUELIZ, SIDI_MOUMEN
from .builders import DAY, child, family, man, woman
from .kingdom import CASABLANCA, JANUARY, MARRAKECH, NOVEMBER, OCTOBER, aided, covered, three_families

pytestmark = pytest.mark.django_db


@pytest.fixture
def kingdom(db):
    return three_families()


def under(month, changes=None):
    return Reading(law_of(month, changes), law(DAY))


def cells(month, *, enrolled, changes=None, program="direct_aid"):
    found, _read = count_month(under(month, changes))
    return [cell for cell in found if cell.enrolled == enrolled and cell.program == program]


def money(found, **where):
    return sum(c.centimes for c in found if c.kind == "" and all(getattr(c, name) == value for name, value in where.items()))


def kinds(found):
    sums = {}
    for cell in found:
        if cell.kind:
            sums[cell.kind, cell.band] = sums.get((cell.kind, cell.band), 0) + cell.centimes
    return {key: value for key, value in sums.items() if value}


def test_three_months_across_the_changes_of_rates_by_hand(kingdom):
    # October 2025: 3 × 200; the orphan's 350 completed to 500. November: 3 × 250; 375 completed. January 2026: the youngest is six on
    # the first and out of school: 2 × 300 + 200; 400 completed.
    expected = {OCTOBER: (60_000, 50_000), NOVEMBER: (75_000, 50_000), JANUARY: (80_000, 50_000)}
    for month, (town, country) in expected.items():
        found = cells(month, enrolled=False)
        assert (money(found, region=CASABLANCA, milieu="urban"), money(found, region=MARRAKECH, milieu="rural")) == (town, country)
        assert money(found) == town + country == sum(kinds(found).values())


def test_the_lines_of_a_month_stand_by_kind_and_band_of_ranks(kingdom):
    assert kinds(cells(JANUARY, enrolled=False)) == {
        ("child", 1): 60_000, ("child_not_in_school", 1): 20_000, ("orphan", 1): 40_000, ("floor", 0): 10_000,
    }  # fmt: skip


def test_households_people_and_children_are_counted_once(kingdom):
    whole = [cell for cell in cells(JANUARY, enrolled=False) if cell.kind == ""]
    assert {(c.region, c.milieu): (c.households, c.people, c.children) for c in whole} == {
        (CASABLANCA, "urban"): (1, 5, 3), (MARRAKECH, "rural"): (1, 2, 1),
    }  # fmt: skip


def test_a_line_one_ten_millionth_higher_lets_one_household_in(kingdom):
    found = cells(JANUARY, enrolled=False, changes={"direct_aid.threshold": "9.7430011"})
    assert money(found, region=MARRAKECH, milieu="urban") == 50_000
    [gain] = compare_months(under(JANUARY), under(JANUARY, {"direct_aid.threshold": "9.7430011"}))
    assert (gain.region, gain.gaining, gain.coming_in, gain.gained, gain.losing, gain.enrolled) == (MARRAKECH, 1, 1, 50_000, 0, False)


def test_only_those_whose_right_runs_on_the_first_are_enrolled(kingdom):
    first, second, third = kingdom
    aided(first, since=JANUARY)
    aided(second, until=JANUARY, status="ended")
    aided(third, status="proposed")
    assert money(cells(JANUARY, enrolled=True)) == 80_000
    assert money(cells(NOVEMBER, enrolled=True)) == 50_000


@pytest.mark.parametrize("status", ["suspended", "active"])
def test_who_is_suspended_is_not_counted(kingdom, amina, status):
    enrollment = aided(kingdom[0], status=status)
    Suspension.objects.create(enrollment=enrollment, since=date(2025, 12, 20), reason="Motif", by=amina)
    assert money(cells(JANUARY, enrolled=True)) == 0
    assert money(cells(JANUARY, enrolled=False)) == 130_000


def test_a_lower_line_takes_out_who_stands_between_the_two_and_nobody_else(kingdom):
    for household in kingdom:
        aided(household)
    assert money(cells(JANUARY, enrolled=True)) == 80_000 + 50_000 + 50_000  # the third is above the line and kept until people decide
    lower = {"direct_aid.threshold": "9.5"}
    assert money(cells(JANUARY, enrolled=True, changes=lower)) == 80_000 + 50_000
    found = {(d.enrolled, d.region): (d.losing, d.going_out, d.lost) for d in compare_months(under(JANUARY), under(JANUARY, lower))}
    assert found == {(True, MARRAKECH): (1, 1, 50_000), (False, MARRAKECH): (1, 1, 50_000)}


def test_the_state_pays_for_the_insured_of_the_last_day_of_the_month(kingdom):
    first, second, _third = kingdom
    covered(first, since=date(2026, 1, 20))
    covered(second, until=date(2026, 1, 20), status="ended")
    found = cells(JANUARY, enrolled=True, program="amo_tadamon")
    assert [(c.region, c.households, c.people, c.insured, c.centimes) for c in found if c.kind == ""] == [(CASABLANCA, 1, 5, 1, 18_000)]
    assert kinds(found) == {("state_contribution", 0): 18_000}


def test_a_family_pays_its_own_contribution_to_achamil_by_its_score(kingdom):
    covered(kingdom[2], program="amo_achamil")
    assert kinds(cells(JANUARY, enrolled=True, program="amo_achamil")) == {("family_contribution", 0): 22_400}


def test_one_dirham_more_costs_nothing_where_the_floor_already_pays_it(kingdom):
    more = {}
    for cell in cells(JANUARY, enrolled=False):
        if cell.kind:
            more[cell.kind] = more.get(cell.kind, 0) + cell.one_more
    assert more == {"child": 200, "child_not_in_school": 100, "orphan": 0, "floor": 100}


def test_one_dirham_more_is_what_the_law_with_one_dirham_more_costs(kingdom):
    amounts = law(JANUARY).value(AMOUNTS)
    before = money(cells(JANUARY, enrolled=False))
    for name, cost in (("young_or_in_school", 200), ("out_of_school", 100), ("orphan", 0)):
        band = amounts["bands"][0] | {name: amounts["bands"][0][name] + 100}
        changed = amounts | {"bands": [band, amounts["bands"][1]]}
        assert money(cells(JANUARY, enrolled=False, changes={AMOUNTS: changed})) - before == cost
    raised = amounts | {"floor": amounts["floor"] + 100}
    assert money(cells(JANUARY, enrolled=False, changes={AMOUNTS: raised})) - before == 100


def test_school_starts_with_september(kingdom):
    september = cells(date(2026, 9, 1), enrolled=False)
    assert kinds(september)["school_start", 0] == 3 * 20_000
    assert ("school_start", 0) not in kinds(cells(date(2026, 8, 1), enrolled=False))
    assert money(september) == sum(kinds(september).values())


member = st.fixed_dictionaries(
    {
        "born_on": st.dates(date(2003, 1, 1), date(2026, 6, 1)),
        "schooling": st.sampled_from(["no", "primary", "upper_secondary"]),
        "disability": st.sampled_from(["none", "severe"]),
        "father_status": st.sampled_from(["alive", "deceased"]),
    }
)
parents = st.sampled_from(
    [(man(),), (man(), woman(spouse=1)), (man(other_allowances=True),), (woman(relation="other"),), (man(nationality="sn"),)]
)
home = st.tuples(parents, st.lists(member, max_size=8), st.sampled_from([SIDI_MOUMEN, GUELIZ]), st.sampled_from(["urban", "rural"]))


@settings(max_examples=cases(10, 50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(homes=st.lists(home, min_size=1, max_size=4), month=st.sampled_from([OCTOBER, NOVEMBER, date(2026, 3, 1), date(2026, 7, 1)]))
def test_what_is_foreseen_is_what_the_month_then_writes(db, homes, month):
    with transaction.atomic():
        families = [
            family(
                *adults,
                *(child(one["born_on"], **{k: v for k, v in one.items() if k != "born_on"}) for one in children),
                commune=where,
                milieu=milieu,
            )
            for adults, children, where, milieu in homes
        ]
        for household in families:
            aided(household, since=date(2025, 10, 1))
        ids = [household.pk for household in families]
        found, read = count_month(under(month), ids=ids)
        foreseen = [cell for cell in found if cell.enrolled]
        write(ids, month=month, read_on=month, law=law(month))
        written = [cell for cell in spending.spent(first=month, last=month) if cell.program == "direct_aid"]
        assert read == len(families)
        assert _by_place(foreseen) == _by_place(written)
        assert sum(c.centimes for c in written if c.kind) == sum(
            AllowanceLine.objects.filter(allowance__household__in=ids).values_list("amount", flat=True)
        )
        assert money(foreseen) == sum(line.amount for line in allowance_lines(ids, month=month, read_on=month, law=law(month)))
        transaction.set_rollback(True)


def _by_place(found):
    rows = {}
    for cell in found:
        counts = (cell.households, cell.children, cell.lines, cell.centimes)
        key = (cell.kind, cell.band, cell.region, cell.milieu)
        rows[key] = tuple(a + b for a, b in zip(rows.get(key, (0, 0, 0, 0)), counts, strict=True))
    return {key: counts for key, counts in rows.items() if any(counts)}
