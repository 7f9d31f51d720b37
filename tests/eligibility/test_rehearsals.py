"""A formula rehearsed on everyone: nothing moves, the report is what one finds by hand, and signing it flips exactly whose answer changes."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eligibility import queries, reports, runs, services
from eligibility.models import Assessment, Determination, Facts, PastDetermination, Program, Run, ScoreTally
from eligibility.programs import facts_of
from eligibility.score import Formula, threshold_points
from households.models import Household
from rsu.authentication import engine
from rsu.models import AuditEvent, Region, User
from rsu.permissions import Forbidden
from tests.eligibility.families import GUELIZ, child, family, person
from tests.eligibility.formulas import FORMULA, formula_with, propose_formula, rehearse, sign
from tests.eligibility.legislating import AID, DAY, entitled, move_line, spread
from tests.eligibility.test_runs import check_chains, ledger

pytestmark = pytest.mark.django_db
TABLES = ("determination", "pastdetermination", "heldloss", "tally", "pastassessment", "facts", "pastfacts")


def kingdom() -> None:
    """Two dozen families of one city, some of another region and of the country, some led by a woman, and some near the lines."""
    spread()
    for number in range(3):
        family(person(), child(date(2015, 1, 1 + number)), commune=GUELIZ, mobile_phones=number, cars=number)
        family(person(sex="female"), *[child(date(2016, 1, 1 + n)) for n in range(7 + number)], mobile_phones=number)
        family(person(), milieu="rural", cows=number)
        family(person(), child(date(2014, 1, 1 + number)), mobile_phones=4 + number)
        family(person(), child(date(2014, 2, 1 + number)), commune=GUELIZ, cars=2, motorcycles=int(number == 2))
    services.assess_households(list(Household.objects.values_list("pk", flat=True)), on=DAY, by=engine())


def steeper(**others) -> dict:
    """A formula that makes telephones weigh three times as much, and starts lower: some lose, some gain."""
    return formula_with(**({"constant": "9.700", "U30": "0.16"} | others))


@pytest.fixture
def proposal(db):
    kingdom()
    return propose_formula(steeper())


@pytest.fixture
def report(proposal, work) -> Run:
    run = rehearse(proposal)
    work(on=DAY)
    run.refresh_from_db()
    assert run.status == "closed"
    return run


def stored() -> dict[str, list]:
    """Everything that a decision could touch, as the database writes it."""
    told = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM eligibility_{table} t ORDER BY 1")
            told[table] = cursor.fetchall()
        in_force = queries.law(DAY).cite(FORMULA).id
        cursor.execute("SELECT t::text FROM eligibility_assessment t WHERE formula_id = %s ORDER BY 1", [in_force])
        told["assessment"] = cursor.fetchall()
    return told


def scores(formula_id: int) -> dict[int, int]:
    return dict(Assessment.objects.filter(formula=formula_id).values_list("household_id", "score"))


def by_hand(value: dict) -> dict[int, int]:
    """Every household's score under a formula, one by one in Python."""
    formula = Formula.from_value(value)
    return {row.household_id: formula.score(facts_of(row)) for row in Facts.objects.all()}


def line(program=AID) -> int:
    return threshold_points(queries.law(DAY).value(program.threshold_key))


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("eligibility_assessment_")}


# Rehearsing


def test_a_rehearsal_decides_nothing(proposal, work):
    before = stored()
    run = rehearse(proposal)
    work(on=DAY)
    assert stored() == before
    run.refresh_from_db()
    everyone = Household.objects.count()
    assert (run.status, ledger(run)) == ("closed", (everyone, everyone, 0, 0))
    assert reports.everyone_of(run) == everyone


def test_its_scores_are_those_of_the_formula_in_python(report, proposal):
    assert scores(report.formula_id) == by_hand(proposal.value)
    assert scores(report.formula_id) != scores(queries.law(DAY).cite(FORMULA).id)


@pytest.mark.parametrize("program", Program)
def test_the_transitions_are_those_counted_by_hand(program, report, proposal, chaima):
    new, old = by_hand(proposal.value), by_hand(queries.law(DAY).value(FORMULA))
    expected: dict[str, list[int]] = {}
    for row in Facts.objects.all():
        name = reports.NAMES[old[row.household_id] <= line(program), new[row.household_id] <= line(program)]
        count = expected.setdefault(name, [0, 0])
        count[0] += 1
        count[1] += row.size
    whole = reports.whole(report, program, chaima)
    found = {name: [getattr(whole, name).households, getattr(whole, name).people] for name in reports.NAMES.values()}
    assert {name: count for name, count in found.items() if count != [0, 0]} == expected
    assert whole.households == Facts.objects.count()


def test_somebody_loses_and_somebody_gains_or_the_tests_would_tell_little(report, chaima):
    whole = reports.whole(report, AID, chaima)
    assert whole.goes_out.households >= 4 and whole.comes_in.households >= 2
    assert whole.net.households == whole.comes_in.households - whole.goes_out.households


def test_the_money_of_a_passage_is_that_of_its_families(report, proposal, chaima):
    """Amounts of 2026: one child of school age not in school 100 MAD a rank for the first three, and never less than 500 MAD."""
    new, old = by_hand(proposal.value), by_hand(queries.law(DAY).value(FORMULA))
    out = [row for row in Facts.objects.all() if old[row.household_id] <= line() < new[row.household_id]]
    assert {len(row.children) <= 3 for row in out} == {True}
    assert reports.whole(report, AID, chaima).goes_out.centimes == 50_000 * len(out)


@pytest.mark.parametrize("breakdown", reports.Breakdown)
def test_each_breakdown_adds_up_to_the_whole(breakdown, report, chaima):
    rows, whole = reports.by_kind(report, AID, breakdown, chaima), reports.whole(report, AID, chaima)
    assert len(rows) > 1 or breakdown is reports.Breakdown.SEX
    for name in reports.NAMES.values():
        for part in ("households", "people", "centimes"):
            assert sum(getattr(getattr(row, name), part) for row in rows) == getattr(getattr(whole, name), part)


def test_the_breakdowns_are_told_in_words(report, chaima):
    labels = {each: [row.label for row in reports.by_kind(report, AID, each, chaima)] for each in reports.Breakdown}
    assert labels[reports.Breakdown.REGION] == ["Casablanca-Settat", "Marrakech-Safi"]
    assert labels[reports.Breakdown.SIZE][0] == "1 personne" and labels[reports.Breakdown.SIZE][-1] == "8 personnes ou plus"
    assert set(labels[reports.Breakdown.MILIEU]) == {"urbain", "rural"}
    assert len(labels[reports.Breakdown.SEX]) == 2


def test_a_reader_of_one_region_finds_only_its_figures(report, chaima):
    chaima.area_level, chaima.region = User.AreaLevel.REGION, Region.objects.get(pk=7)
    there = Facts.objects.filter(region=7).count()
    assert reports.whole(report, AID, chaima).households == there > 0
    assert {family.household.commune.region_id for family in reports.losing_families(report, chaima)} <= {7}
    chaima.area_level = User.AreaLevel.NOWHERE
    assert reports.whole(report, AID, chaima).households == 0


# The families that would lose


def test_the_losers_are_families_that_would_lose_with_the_term_that_does_it(report, proposal, chaima):
    new, old = by_hand(proposal.value), by_hand(queries.law(DAY).value(FORMULA))
    families = reports.losing_families(report, chaima).filter(program=AID)
    assert {row.household_id for row in families} == {h for h in new if old[h] <= line() < new[h]}
    for loser in reports.losers(report, families):
        assert (loser.row.before, loser.row.after, loser.line) == (old[loser.row.household_id], new[loser.row.household_id], line())
        assert loser.cause.label == "Téléphones portables"
        assert loser.cause.rise == loser.facts["mobile_phones"] * 1_084_000
        assert sum(each.before for each in loser.differences) == loser.row.before
        assert sum(each.after for each in loser.differences) == loser.row.after
        assert {each.label for each in loser.differences if each.rise} == {
            "Téléphones portables",
            "Point de départ commun à tous les ménages du milieu",
        }


def test_the_sample_takes_as_many_queries_for_all_as_for_one(report, chaima):
    families = list(reports.losing_families(report, chaima))
    assert len(families) > 2
    counts = []
    for rows in (families[:1], families):
        fresh = Run.objects.select_related("proposal").get(pk=report.pk)
        with CaptureQueriesContext(connection) as captured:
            assert [loser.cause.rise for loser in reports.losers(fresh, rows)]
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_family_that_declared_during_the_rehearsal_is_compared_by_its_newer_answers(proposal, chaima, settings, work):
    settings.RUN_RANGE = 5
    run = rehearse(proposal)
    runs.apply(runs.claim(worker="one", at=timezone.now()), on=DAY, at=timezone.now())
    scored = _household_scored(run)
    Household.objects.filter(pk=scored).update(mobile_phones=9, cars=3)
    services.assess_households([scored], on=DAY, by=engine())
    work(on=DAY)
    run.refresh_from_db()
    newer = facts_of(Facts.objects.get(household=scored))
    old, new = (Formula.from_value(value).score(newer) for value in (queries.law(DAY).value(FORMULA), proposal.value))
    assert line() < old and line() < new
    assert reports.whole(run, AID, chaima).households == Household.objects.count()
    assert not reports.losing_families(run, chaima).filter(household=scored).exists()


def _household_scored(run: Run) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT household_id FROM eligibility_assessment_{run.formula_id} ORDER BY score LIMIT 1")
        return cursor.fetchone()[0]


# The report's life


def test_a_report_is_fresh_until_the_law_changes(report, proposal):
    assert services.fresh_report(proposal, on=DAY) == report
    move_line(90_000_000)
    assert services.fresh_report(proposal, on=DAY) is None
    assert services.report_doubts(report, on=DAY) == ["La loi a changé depuis la répétition."]


def test_a_report_is_fresh_for_the_days_the_law_says(report, proposal):
    days = queries.law(DAY).value("policy.report_days")
    assert services.fresh_report(proposal, on=DAY + timedelta(days=days)) == report
    assert services.fresh_report(proposal, on=DAY + timedelta(days=days + 1)) is None
    (doubt,) = services.report_doubts(report, on=DAY + timedelta(days=days + 1))
    assert str(days) in doubt


def test_asking_twice_finds_the_rehearsal_under_way(proposal):
    assert rehearse(proposal).pk == rehearse(proposal, by="driss").pk
    assert AuditEvent.objects.filter(verb="rehearse_formula").count() == 1


@pytest.mark.parametrize("username", ["amina", "salma", "yassine"])
def test_only_an_administrator_of_the_kingdom_rehearses(username, proposal):
    with pytest.raises(Forbidden):
        rehearse(proposal, by=username)
    assert not Run.objects.exists()


def test_only_an_open_formula_is_rehearsed(proposal, driss):
    services.reject_proposal(proposal.pk, reason="Non", on=DAY, by=driss)
    with pytest.raises(services.ProposalRefused):
        rehearse(proposal)
    threshold = services.propose_provision(
        key=AID.threshold_key, value="9.5", since=DAY, source="Décret", reason="Essai", on=DAY, by=User.objects.get(username="chaima")
    )
    with pytest.raises(services.ProposalRefused):
        rehearse(threshold)


def test_a_new_rehearsal_drops_the_table_of_the_one_before(report, proposal, work):
    known = tables()
    later = rehearse(proposal)
    assert not runs.is_kept(report)
    work(on=DAY)
    assert len(tables()) == len(known) and services.fresh_report(proposal, on=DAY) == later
    assert not ScoreTally.objects.filter(formula_id=report.formula_id).exists()


def test_canceling_drops_the_table_and_leaves_no_report_to_sign(report, proposal, chaima, work):
    later = rehearse(proposal)
    services.cancel_run(later.pk, reason="Trop long", on=DAY, by=chaima)
    work(on=DAY)
    later.refresh_from_db()
    assert later.status == "canceled" and not runs.is_kept(later)
    assert services.fresh_report(proposal, on=DAY) is None
    assert services.report_doubts(report, on=DAY)
    with pytest.raises(services.ProposalRefused) as refusal:
        sign(proposal)
    assert refusal.value.field == "without_report"
    with pytest.raises(services.RunRefused):
        services.retry_run(later.pk, on=DAY, by=chaima)


def test_rejecting_the_proposal_drops_its_table(report, proposal, driss):
    services.reject_proposal(proposal.pk, reason="Coûteuse", on=DAY, by=driss)
    assert not runs.is_kept(report)


@pytest.mark.parametrize("begun", [False, True], ids=["waiting", "all its chunks taken"])
def test_rejecting_a_proposal_gives_up_the_rehearsal_under_way(begun, proposal, driss, work):
    known = tables()
    run = rehearse(proposal)
    taken = runs.claim(worker="one", at=timezone.now()) if begun else None
    services.reject_proposal(proposal.pk, reason="Coûteuse", on=DAY, by=driss)
    if taken:
        assert run.chunks.count() == 1
        assert runs.apply(taken, on=DAY, at=timezone.now())
    work(on=DAY)
    run.refresh_from_db()
    assert run.status == "canceled" and tables() == known and not run.transitions.exists()


# Signing


def test_signing_adopts_the_rehearsed_scores_and_flips_exactly_whose_answer_changes(report, proposal, work):
    expected = {program: {h for h, score in by_hand(proposal.value).items() if score <= line(program)} for program in Program}
    before = {program: entitled(program) for program in Program}
    known = tables()
    provision = sign(proposal).provision
    assert provision.pk == report.formula_id and tables() == known
    run = Run.objects.get(kind=Run.Kind.FORMULA)
    work(on=DAY)
    run.refresh_from_db()
    flips = [before[program] ^ expected[program] for program in Program]
    assert {program: entitled(program) for program in Program} == expected
    assert (run.status, ledger(run)[:2]) == ("closed", (Household.objects.count(), len(set().union(*flips))))
    assert Determination.objects.filter(run=run).count() == sum(map(len, flips))
    assert {row.household_id for row in PastDetermination.objects.filter(program=AID)} == before[AID] ^ expected[AID]
    check_chains()
    assert scores(provision.pk) == by_hand(proposal.value)
    counted = ScoreTally.objects.filter(formula_id=provision.pk)
    assert sum(row.households for row in counted) == Household.objects.count()


def test_a_household_that_declared_between_gets_the_score_of_its_newer_facts(report, proposal, work):
    gained = min(scores(report.formula_id), key=scores(report.formula_id).get)
    Household.objects.filter(pk=gained).update(cars=3, mobile_phones=4)
    newcomer = family(person(), mobile_phones=2)
    services.assess_households([gained, newcomer.pk], on=DAY, by=engine())
    provision = sign(proposal).provision
    work(on=DAY)
    assert scores(provision.pk) == by_hand(proposal.value)
    assert entitled() == {h for h, score in by_hand(proposal.value).items() if score <= line()}
    check_chains()
    buckets: dict[int, int] = {}
    for score in scores(provision.pk).values():
        buckets[score // 100_000] = buckets.get(score // 100_000, 0) + 1
    counted = queries.score_histogram(User.objects.get(username="chaima"), formula=provision.pk)
    assert {row["bucket"]: row["households"] for row in counted} == buckets


def test_signing_without_a_rehearsal_asks_for_a_reason_and_then_does_the_same(proposal, work):
    with pytest.raises(services.ProposalRefused) as refusal:
        sign(proposal)
    assert refusal.value.field == "without_report" and not Run.objects.exists()
    signed = sign(proposal, without_report="Décision de justice")
    assert signed.without_report == "Décision de justice"
    work(on=DAY)
    assert scores(signed.provision.pk) == by_hand(proposal.value)
    for program in Program:
        assert entitled(program) == {h for h, score in by_hand(proposal.value).items() if score <= line(program)}
    check_chains()


def test_a_rehearsal_under_way_holds_the_signature_back(proposal):
    rehearse(proposal)
    with pytest.raises(services.ProposalRefused) as refusal:
        sign(proposal, without_report="Urgence")
    assert "en cours" in str(refusal.value)


def test_a_table_older_than_a_formula_signed_since_is_not_adopted(report, proposal, work):
    sign(propose_formula(steeper(U30="0.2")), without_report="Urgence")
    work(on=DAY)
    provision = sign(proposal, without_report="Retour en arrière").provision
    assert provision.pk != report.formula_id and not runs.is_kept(report)
    work(on=DAY)
    assert queries.law(DAY).cite(FORMULA).id == provision.pk
    assert scores(provision.pk) == by_hand(proposal.value)
    assert entitled() == {h for h, score in by_hand(proposal.value).items() if score <= line()}


def test_a_formula_to_come_takes_effect_on_its_day_by_itself(work, chaima, driss):
    kingdom()
    later = DAY + timedelta(days=20)
    proposal = propose_formula(steeper(), since=later)
    report = rehearse(proposal)
    work(on=DAY)
    before = entitled()
    provision = sign(proposal).provision
    assert provision.pk == report.formula_id and not Run.objects.filter(kind=Run.Kind.FORMULA).exists()
    for day in (DAY + timedelta(days=1), later - timedelta(days=1)):
        services.pass_time(on=day, by=driss)
        work(on=day)
    assert entitled() == before and not Run.objects.filter(kind=Run.Kind.FORMULA).exists()
    services.pass_time(on=later, by=driss)
    work(on=later)
    assert entitled() == {h for h, score in by_hand(proposal.value).items() if score <= line()}
    run = Run.objects.get(kind=Run.Kind.FORMULA)
    assert set(Determination.objects.filter(run=run).values_list("since", flat=True)) == {later}
    check_chains()
