"""The budget: what was written folded to the centime, months foreseen and kept, the envelope, what differs and why, another law."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.models import Proposal
from eligibility.queries import law
from enrollment import budget, runs, services, spending
from enrollment.allowances import AMOUNTS
from enrollment.budget import Amount, Gap, Path, PathMonth, merge_small
from enrollment.forecasts import Reading, count_month, law_of
from enrollment.models import (
    Allowance,
    AllowanceLine,
    BudgetForecast,
    DueLine,
    EnrollmentMove,
    ForecastDifference,
    ForecastLine,
    Placement,
    PlacementMonth,
    Spending,
)
from rsu.authentication import engine
from rsu.models import AuditEvent, Commune, User
from rsu.permissions import Forbidden

from ..eligibility.families import GUELIZ
from .aiding import by_hand
from .kingdom import CASABLANCA, JANUARY, MARRAKECH, NOVEMBER, OCTOBER, aided, covered, three_families
from .test_ramed_settling import cover

pytestmark = pytest.mark.django_db
DECEMBER = date(2025, 12, 1)
TODAY = date(2026, 1, 15)


@pytest.fixture
def kingdom(db):
    return three_families()


def write(month, *households):
    return runs.write([one.pk for one in households], month=month, read_on=month, law=law(month))


def cells():
    return [
        (s.month, s.kind, s.band, s.region, s.milieu, s.households, s.children, s.lines, s.centimes)
        for s in spending.spent(first=date(2025, 1, 1), last=date(2026, 12, 1))
    ]


def every_line():
    return sum(AllowanceLine.objects.values_list("amount", flat=True)) + sum(PlacementMonth.objects.values_list("amount", flat=True))


def test_what_is_written_is_read_the_same_before_and_after_it_is_folded(kingdom):
    for household in kingdom[:2]:
        aided(household)
    write(OCTOBER, *kingdom)
    live = cells()
    # By hand: 3 × 200 in town; an orphan's 350 completed to 500 in the country.
    assert (OCTOBER, "", 0, CASABLANCA, "urban", 1, 3, 0, 60_000) in live
    assert (OCTOBER, "child", 1, CASABLANCA, "urban", 1, 3, 3, 60_000) in live
    assert (OCTOBER, "orphan", 1, MARRAKECH, "rural", 1, 1, 1, 35_000) in live
    assert (OCTOBER, "floor", 0, MARRAKECH, "rural", 1, 0, 1, 15_000) in live
    assert spending.fold() == 5
    assert cells() == live
    assert Spending.objects.exists() and spending.fold() == 0
    write(NOVEMBER, *kingdom)
    half = cells()
    assert len(half) == 2 * len(live)
    spending.fold()
    assert cells() == half
    assert sum(row[-1] for row in cells() if row[1]) == every_line() == 60_000 + 50_000 + 75_000 + 50_000


def test_a_second_fold_of_the_same_month_adds_to_its_cells(kingdom):
    for household in kingdom[1:]:
        aided(household)
    write(OCTOBER, kingdom[1])
    spending.fold()
    write(OCTOBER, kingdom[2])
    spending.fold()
    assert sum(row[-1] for row in cells() if row[1]) == every_line() == 100_000
    assert not spending.unreconciled(first=OCTOBER, last=OCTOBER)


def test_a_line_that_the_folded_sums_do_not_know_is_found_at_night(kingdom):
    aided(kingdom[0])
    write(OCTOBER, kingdom[0])
    spending.fold()
    with by_hand():
        Allowance.objects.update(amounts=[one - 1 if place == 0 else one for place, one in enumerate(Allowance.objects.get().amounts)])
    assert spending.unreconciled(first=OCTOBER, last=OCTOBER) == [(OCTOBER, 60_000, 59_999)]
    assert services.reconcile_spending(on=TODAY, by=engine()) == [OCTOBER]
    assert services.reconcile_spending(on=TODAY, by=engine()) == []
    assert sum(row[-1] for row in cells() if row[1]) == every_line() == 59_999
    trace = AuditEvent.objects.get(verb="budget.reconciled")
    assert (trace.subject, trace.details) == ("month:2025-10", {"kept": 60_000, "written": 59_999})


def test_a_line_for_a_month_gone_by_is_spent_with_the_month_it_is_paid_with(kingdom):
    aided(kingdom[0])
    write(OCTOBER, kingdom[0])
    spending.fold()
    october = Allowance.objects.get()
    DueLine.objects.create(household=kingdom[0], belongs_to=OCTOBER, kind="floor", amount=5_000, provision_id=october.provision_id)
    write(NOVEMBER, kingdom[0])
    before = cells()
    assert sum(row[-1] for row in before if row[0] == NOVEMBER and row[1]) == Allowance.objects.get(month=NOVEMBER).amount
    spending.fold()
    assert cells() == before and sum(row[-1] for row in before if row[1]) == every_line()


def test_a_child_in_an_institution_is_spent_where_the_institution_is(kingdom, amina):
    commune = Commune.objects.get(code=GUELIZ)
    placement = Placement.objects.create(
        idcs="2000000019", name="Fictif", born_on=date(2015, 1, 1), institution="Maison", commune=commune, account="0" * 24,
        since=date(2025, 12, 1), recorded_by=amina,
    )  # fmt: skip
    provision = law(DECEMBER).cite("direct_aid.institutions").id
    PlacementMonth.objects.create(placement=placement, month=DECEMBER, amount=50_000, provision_id=provision)
    found = cells()
    assert (DECEMBER, "institution", 0, MARRAKECH, commune.milieu, 0, 1, 1, 50_000) in found
    assert (DECEMBER, "", 0, MARRAKECH, commune.milieu, 0, 1, 0, 50_000) in found
    spending.fold()
    assert cells() == found


def test_contributions_of_a_month_are_those_of_its_last_day_and_follow_the_moves(kingdom):
    made = covered(kingdom[0], since=date(2025, 11, 10)) + covered(kingdom[1], until=date(2025, 11, 20), status="ended")
    EnrollmentMove.objects.create(enrollment=made[0], before="proposed", after="active", by=engine())
    services.keep_spending(on=TODAY)
    paid = {
        (s.month, s.region): (s.insured, s.centimes)
        for s in spending.spent(first=date(2025, 1, 1), last=JANUARY)
        if s.kind == "state_contribution"
    }
    assert paid[OCTOBER, MARRAKECH] == (1, 18_000)
    assert (OCTOBER, CASABLANCA) not in paid and (NOVEMBER, MARRAKECH) not in paid
    assert paid[NOVEMBER, CASABLANCA] == paid[DECEMBER, CASABLANCA] == paid[JANUARY, CASABLANCA] == (1, 18_000)
    assert spending.stale_months(on=TODAY) == []
    EnrollmentMove.objects.create(enrollment=made[0], before="active", after="in_review", by=engine())
    assert spending.stale_months(on=TODAY) == [DECEMBER, JANUARY]


def test_who_was_moved_from_ramed_is_paid_for_until_an_enrollment_takes_over(kingdom):
    """The widow of Marrakech, moved on 1 October with her child, enrolled from 10 December; somebody whom the registry does not know."""
    widow, commune = kingdom[1], kingdom[1].commune
    for one in widow.members.all():
        quality = "insured" if one.relation == "head" else "dependant"
        place = {"commune": commune, "milieu": "rural", "since": OCTOBER}
        cover(one.idcs, quality=quality, until=date(2025, 12, 10), status="ended", **place)
    cover("2999999990", until=date(2025, 12, 1), commune=commune, milieu="rural", since=NOVEMBER)
    covered(widow, since=date(2025, 12, 10))
    services.keep_spending(on=TODAY)
    found = spending.spent(first=OCTOBER, last=DECEMBER)
    paid = {s.month: (s.households, s.people, s.insured, s.centimes) for s in found if s.program == "amo_tadamon" and not s.kind}
    assert paid == {OCTOBER: (1, 2, 1, 18_000), NOVEMBER: (2, 3, 2, 36_000), DECEMBER: (1, 2, 1, 18_000)}
    month = law_of(NOVEMBER)
    forecast, _read = count_month(Reading(month, month))
    assert sum(cell.centimes for cell in forecast if cell.enrolled and cell.kind == "state_contribution") == 36_000


def test_the_forecast_of_a_month_is_kept_once_a_day_and_law(kingdom, chaima):
    aided(kingdom[0])
    first = services.forecast_month(month=date(2026, 3, 1), on=TODAY, by=chaima)
    again = services.forecast_month(month=date(2026, 3, 1), on=TODAY, by=chaima)
    later = services.forecast_month(month=date(2026, 3, 1), on=date(2026, 1, 16), by=chaima)
    assert first.pk == again.pk != later.pk
    assert (first.households, first.digest) == (3, later.digest)
    assert budget.latest_forecasts(first=JANUARY, last=date(2026, 12, 1)) == {date(2026, 3, 1): later}
    assert budget.opening_forecasts(first=JANUARY, last=date(2026, 12, 1)) == {date(2026, 3, 1): later}


def test_a_month_is_foreseen_again_the_same_day_and_the_last_is_read(kingdom, chaima, salma):
    month = date(2026, 12, 1)
    first = services.forecast_month(month=month, on=date(2026, 11, 22), by=chaima)
    aided(kingdom[0])
    again = services.recount_month(month=month, on=date(2026, 11, 22), by=chaima)
    assert (first.again, again.again) == (0, 1)
    view = budget.month_view(chaima, month=month)
    assert view.forecast == again == services.forecast_month(month=month, on=date(2026, 11, 22), by=chaima)
    assert budget.decided_since(again) is False
    with pytest.raises(Forbidden):
        services.recount_month(month=month, on=date(2026, 11, 22), by=salma)
    with pytest.raises(services.MonthGoneBy):
        services.recount_month(month=date(2026, 10, 1), on=date(2026, 11, 22), by=chaima)
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetForecast.objects.create(month=month, made_on=date(2026, 11, 22), made_by=chaima, digest=again.digest, households=0, again=1)


def test_a_decision_taken_after_the_count_is_said(kingdom, chaima):
    made = services.forecast_month(month=date(2026, 12, 1), on=date(2026, 11, 22), by=chaima)
    assert not budget.decided_since(made)
    enrollment = aided(kingdom[0])
    EnrollmentMove.objects.create(enrollment=enrollment, before="proposed", after="active", by=chaima)
    assert budget.decided_since(made) and not budget.decided_since(None)


def test_what_was_foreseen_is_never_edited(kingdom, chaima):
    services.forecast_month(month=JANUARY, on=TODAY, by=chaima)
    for model in (BudgetForecast, ForecastLine):
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            model.objects.update(milieu="rural") if model is ForecastLine else model.objects.update(households=0)


def test_a_forecast_of_a_scenario_only_is_under_another_law(kingdom, chaima):
    with pytest.raises(IntegrityError, match="forecast_changed_by_a_scenario"), transaction.atomic():
        BudgetForecast.objects.create(month=JANUARY, made_on=TODAY, made_by=chaima, digest="x", households=0, changed=True)
    with pytest.raises(IntegrityError, match="forecast_month_is_first_day"), transaction.atomic():
        BudgetForecast.objects.create(month=TODAY, made_on=TODAY, made_by=chaima, digest="x", households=0)
    with pytest.raises(IntegrityError, match="spending_month_is_first_day"), transaction.atomic():
        Spending.objects.create(
            month=TODAY,
            program="direct_aid",
            region_id=1,
            milieu="urban",
            households=0,
            people=0,
            children=0,
            insured=0,
            lines=0,
            centimes=0,
        )


def test_the_engine_foresees_twelve_months_and_does_not_do_it_twice(kingdom):
    assert services.forecast_months(on=TODAY, by=engine()) == 12
    assert services.forecast_months(on=TODAY, by=engine()) == 0
    assert AuditEvent.objects.filter(verb="budget.forecast").count() == 1


def year(user, *, on=TODAY):
    return {path.program.value: path for path in budget.paths(user, year=2026, on=on, law=law(date(2026, 12, 31)))}


def test_the_year_is_what_is_spent_then_what_is_foreseen(kingdom, chaima):
    first, second, _third = kingdom
    aided(first), aided(second), covered(first)
    write(JANUARY, first)
    services.forecast_months(on=TODAY, by=engine())
    aid, cover = year(chaima)["direct_aid"], year(chaima)["amo_tadamon"]
    # January: 800 of the first family written, 500 of the second foreseen; then 1 300 a month; 3 × 200 more in September for the pupils.
    assert [(m.spent, m.foreseen) for m in aid.months] == [(80_000, 50_000)] + [
        (0, 130_000 + (60_000 if month == 9 else 0)) for month in range(2, 13)
    ]
    assert aid.whole == aid.months[-1].cumulated == 12 * 130_000 + 60_000
    assert [m.both for m in cover.months] == [18_000] * 12
    assert aid.unknown == []
    envelope = aid.envelope
    assert (envelope.amount, envelope.planned, envelope.counted) == (2_900_000_000_000, 3_800_000, 2)
    assert envelope.share == 1_526_315 == 2_900_000_000_000 * 2 // 3_800_000
    assert aid.exceeded_in == date(2026, 12, 1)  # 11 months make 14 900,00; the share is 15 263,15


def test_a_past_month_that_was_not_written_is_not_foreseen_afterwards(kingdom, chaima):
    aided(kingdom[0])
    services.forecast_months(on=TODAY, by=engine())
    months = year(chaima, on=date(2026, 3, 2))["direct_aid"].months
    assert [m.both for m in months[:3]] == [0, 0, 80_000]


def test_an_envelope_is_never_that_of_another_year(kingdom, chaima):
    [aid, cover] = budget.paths(chaima, year=2027, on=TODAY, law=law(date(2027, 12, 31)))
    assert aid.envelope is None and cover.envelope is None and aid.exceeded_in is None
    assert aid.unknown[-1] == date(2027, 12, 1)


def test_the_month_of_the_excess_is_the_first_above_the_share():
    class Share:
        share = 250

    months = [PathMonth(date(2026, n, 1), 100, 0, 100 * n) for n in range(1, 13)]
    path = Path("direct_aid", months, Share())
    assert (path.exceeded_in, path.left) == (date(2026, 3, 1), 250 - 1200)


def test_a_reader_of_a_region_sees_the_money_of_his_region_and_no_other(kingdom, chaima):
    for household in kingdom[:2]:
        aided(household)
    write(JANUARY, *kingdom)
    services.forecast_months(on=TODAY, by=engine())
    marrakech = User.objects.create_user("idriss_b", role="auditor", area_level="region", region_id=MARRAKECH)
    assert year(marrakech)["direct_aid"].months[0].both == 50_000
    assert budget.month_money(marrakech, month=JANUARY) == {MARRAKECH: {"direct_aid": 50_000, "amo_tadamon": 0}}
    nowhere = User.objects.create_user("nobody_b", role="auditor", area_level="nowhere")
    assert year(nowhere)["direct_aid"].whole == 0
    with pytest.raises(Forbidden):
        budget.check_read(User.objects.create_user("commune_b", role="auditor", area_level="commune", commune=Commune.objects.first()))


def test_the_dashboard_the_lines_and_the_regions_are_one_number(kingdom, chaima):
    for household in kingdom:
        aided(household)
    write(JANUARY, *kingdom[:2])
    spending.fold()
    write(JANUARY, kingdom[2])
    by_region = budget.month_money(chaima, month=JANUARY)
    assert sum(row["direct_aid"] for row in by_region.values()) == every_line() == sum(Allowance.objects.values_list("amount", flat=True))
    assert by_region[MARRAKECH]["direct_aid"] == 100_000 and len(by_region) == 12


def test_a_month_by_place_and_by_provision_sums_to_the_same_total(kingdom, chaima):
    aided(kingdom[0])
    write(JANUARY, kingdom[0])
    services.forecast_month(month=JANUARY, on=TODAY, by=engine())
    view = budget.month_view(chaima, month=JANUARY)
    for side in ("entitled", "enrolled", "spent"):
        whole = sum(getattr(row, side).centimes for row in view.totals)
        assert whole == sum(getattr(row, side).centimes for row in view.places) == sum(getattr(row, side).centimes for row in view.kinds)
    [aid] = [row for row in view.totals if row.program == "direct_aid"]
    assert (aid.entitled.households, aid.enrolled.households, aid.spent.centimes) == (2, 1, 80_000)


def test_what_was_foreseen_beside_what_was_spent(kingdom, chaima):
    first, second, third = kingdom
    aided(first), aided(second)
    services.forecast_month(month=DECEMBER, on=date(2025, 11, 30), by=engine())
    aided(third)
    write(DECEMBER, *kingdom)
    services.forecast_month(month=DECEMBER, on=date(2025, 12, 20), by=engine())
    [aid, _cover] = budget.gaps(chaima, first=DECEMBER, last=DECEMBER, digests={DECEMBER: "changed"})
    # Foreseen 750 + 500 for two households; written 750 + 500 + 500 for three: one more at 625, and a mean lower by 125 in all.
    assert (aid.whole.foreseen.centimes, aid.whole.spent.centimes) == (125_000, 175_000)
    assert (aid.whole.by_count, aid.whole.by_mean, aid.whole.difference) == (62_500, -12_500, 50_000)
    assert aid.law_changed and aid.forecast.made_on == date(2025, 11, 30)
    assert sum(gap.difference for gap in aid.regions) == sum(gap.difference for gap in aid.kinds) == 50_000


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(*[st.integers(0, 10**9)] * 2, *[st.integers(0, 10**13)] * 2)
def test_the_two_parts_of_a_difference_sum_to_it(before, after, foreseen, spent):
    gap = Gap("", Amount(households=before, centimes=foreseen), Amount(households=after, centimes=spent))
    assert gap.by_count + gap.by_mean == spent - foreseen
    if before == after and before:
        assert gap.by_count == 0
    if before and foreseen % before == 0 and spent == after * (foreseen // before):
        assert gap.by_mean == 0


def test_another_law_beside_the_one_in_force_by_program_and_region(kingdom, chaima, driss):
    for household in kingdom[:2]:
        aided(household)
    amounts = law(JANUARY).value(AMOUNTS)
    band = amounts["bands"][0] | {"young_or_in_school": 35_000, "orphan": 30_000}
    changed = amounts | {"bands": [band, amounts["bands"][1]], "floor": 45_000}
    scenario = services.ask_scenario(changes={AMOUNTS: changed}, first=date(2026, 2, 1), last=date(2026, 3, 1), on=TODAY, by=chaima)
    view = budget.scenario_view(chaima, scenario)
    # The first family: 2 × 350 + 200 instead of 2 × 300 + 200. The widow: 300 completed to 450 instead of 500.
    month = next(row for row in view.month_totals if row.program == "direct_aid")
    assert (month.before.centimes, month.after.centimes, month.change) == (130_000, 135_000, 5_000)
    assert (month.gaining, month.losing, month.gained, month.lost) == (1, 1, 10_000, 5_000)
    assert month.gained - month.lost == month.change
    whole = next(row for row in view.totals if row.program == "direct_aid")
    assert whole.change == 2 * 5_000 and view.months == [date(2026, 2, 1), date(2026, 3, 1)]
    assert {row.region.pk: row.change for row in view.places if row.program == "direct_aid"} == {CASABLANCA: 10_000, MARRAKECH: -5_000}
    assert sum(after.centimes - before.centimes for *_key, before, after in view.kinds) == 5_000
    assert (whole.could_change, whole.likely_change) == (10_000, 10_000)
    assert AuditEvent.objects.filter(verb="budget.scenario", by=chaima).count() == 1


def test_a_proposed_line_that_takes_one_household_in(kingdom, chaima):
    aided(kingdom[0])
    proposal = Proposal.objects.create(
        key="direct_aid.threshold", since=date(2026, 2, 1), value="9.7430011", source="Décret", reason="Motif", proposed_by=chaima
    )
    scenario = services.ask_scenario(proposal_id=proposal.pk, first=date(2026, 2, 1), last=date(2026, 2, 1), on=TODAY, by=chaima)
    view = budget.scenario_view(chaima, scenario)
    aid = next(row for row in view.month_totals if row.program == "direct_aid")
    assert (aid.change, aid.could_change) == (0, 50_000)
    assert aid.likely_change == 80_000 * 180_000 // 130_000 - 80_000
    assert view.who["direct_aid"][False] == {"gaining": 1, "losing": 0, "coming_in": 1, "going_out": 0, "gained": 50_000, "lost": 0}


def test_a_higher_contribution_costs_its_rise_for_each_insured(kingdom, chaima):
    covered(kingdom[0])
    scenario = services.ask_scenario(
        changes={"amo_tadamon.state_contribution": 20_000}, first=JANUARY, last=date(2026, 12, 1), on=TODAY, by=chaima
    )
    view = budget.scenario_view(chaima, scenario)
    [cover] = [row for row in view.totals if row.program == "amo_tadamon"]
    assert cover.change == 12 * 2_000
    assert services.count_scenario(scenario.pk, on=TODAY, by=chaima) == 0
    assert ForecastDifference.objects.filter(forecast__scenario=scenario).count() == 2 * 12


@pytest.mark.parametrize(
    ("changes", "first", "last", "said"),
    [
        ({}, JANUARY, JANUARY, "Changez au moins une valeur"),
        ({"direct_aid.threshold": "-1"}, JANUARY, JANUARY, "Seuil de l’aide sociale directe"),
        ({"direct_aid.threshold": "9.5"}, DECEMBER, DECEMBER, "le mois courant ou un mois à venir"),
        ({"direct_aid.threshold": "9.5"}, JANUARY, date(2027, 1, 1), "douze mois au plus"),
    ],
)
def test_a_scenario_that_cannot_be_counted_says_why(kingdom, chaima, changes, first, last, said):
    with pytest.raises(services.ScenarioRefused, match=said):
        services.ask_scenario(changes=changes, first=first, last=last, on=TODAY, by=chaima)


def test_who_may_not_change_the_law_asks_for_no_scenario(kingdom, yassine, salma):
    for user in (yassine, salma):
        with pytest.raises(Forbidden):
            services.ask_scenario(changes={"direct_aid.threshold": "9.5"}, first=JANUARY, last=JANUARY, on=TODAY, by=user)


def test_a_large_registry_leaves_the_scenario_to_a_worker(kingdom, chaima, monkeypatch):
    monkeypatch.setattr("enrollment.services.budgeting.AT_ONCE", 2)
    scenario = services.ask_scenario(changes={"direct_aid.threshold": "9.5"}, first=JANUARY, last=JANUARY, on=TODAY, by=chaima)
    assert scenario.counted_at is None and not scenario.forecasts.exists()
    assert services.count_scenarios(on=TODAY, by=engine()) == 1
    scenario.refresh_from_db()
    assert scenario.counted_at and scenario.forecasts.count() == 2
    assert services.count_scenarios(on=TODAY, by=engine()) == 0


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 40), max_size=30), st.integers(2, 10))
def test_no_row_of_a_file_counts_fewer_than_the_smallest_unless_all_of_it_does(counts, least):
    rows = merge_small(list(enumerate(counts)), least=least, size=lambda row: row[1], merged=lambda small: (-1, sum(n for _i, n in small)))
    assert sum(n for _i, n in rows) == sum(counts)
    if sum(counts) >= least:
        assert all(n >= least for _i, n in rows)


def test_more_months_and_places_ask_no_more_queries(kingdom, chaima):
    aided(kingdom[0])
    write(JANUARY, kingdom[0])
    services.forecast_month(month=date(2026, 2, 1), on=TODAY, by=engine())
    with CaptureQueriesContext(connection) as few:
        year(chaima)
    aided(kingdom[1])
    write(JANUARY, *kingdom)
    services.forecast_months(on=TODAY, by=engine())
    spending.fold()
    with CaptureQueriesContext(connection) as many:
        year(chaima)
    assert len(few) == len(many) <= 7
