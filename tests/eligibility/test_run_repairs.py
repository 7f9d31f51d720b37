"""What a run that was stopped leaves behind: who says so, what takes it up, and what it must not hold back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from eligibility import queries, runs, services
from eligibility.models import Assessment, Facts, Program, Provision, Run, ScoreTally
from eligibility.score import threshold_points
from households.models import Household
from rsu.authentication import engine
from tests.eligibility.families import family, person
from tests.eligibility.formulas import formula_with, propose_formula, rehearse, sign
from tests.eligibility.legislating import DAY, entitled, move_line, score_of, spread, under
from tests.eligibility.test_runs import check_chains, planned_households

pytestmark = pytest.mark.django_db


@pytest.fixture
def under_way(settings):
    """A run of several chunks, none of them done."""
    settings.RUN_CHUNK = 4
    ranked = spread()
    move_line(score_of(ranked[2]))
    return Run.objects.get()


def claim():
    return runs.claim(worker="one", at=timezone.now())


def state(run: Run) -> str:
    run.refresh_from_db()
    return run.status


# Paused


def test_a_run_paused_before_its_first_chunk_is_timed_from_that_chunk(under_way, chaima):
    services.pause_run(under_way.pk, reason="Une panne", on=DAY, by=chaima)
    services.resume_run(under_way.pk, on=DAY, by=chaima)
    at = timezone.now()
    runs.claim(worker="one", at=at)
    assert (state(under_way), under_way.started_at) == ("running", at)
    runs.claim(worker="two", at=at + timedelta(seconds=1))
    assert (state(under_way), under_way.started_at) == ("running", at)


def birthdays() -> list[tuple[Household, "object"]]:
    """Two families read today, and the days on which their heads turn thirty: the second a week after the first."""
    families = [family(person(born_on=DAY.replace(year=1996) + timedelta(days=later))) for later in (10, 17)]
    services.assess_households([household.pk for household in families], on=DAY, by=engine())
    return [(household, Facts.objects.get(household=household).stale_on) for household in families]


def read_on(household: Household):
    return Facts.objects.get(household=household).on


def test_a_paused_change_of_the_law_holds_back_no_birthday(under_way, work, chaima):
    services.pause_run(under_way.pk, reason="Une panne", on=DAY, by=chaima)
    (household, day), _other = birthdays()
    [run] = services.pass_time(on=day, by=engine())
    work(on=day)
    assert (run.kind, state(run), read_on(household)) == ("time", "closed", day)
    services.resume_run(under_way.pk, on=day, by=chaima)
    work(on=day)
    assert state(under_way) == "closed"


def test_a_paused_day_of_birthdays_keeps_its_households_and_lets_later_days_pass(work, chaima):
    (first, day), (second, later) = birthdays()
    [paused] = services.pass_time(on=day, by=engine())
    services.pause_run(paused.pk, reason="Une panne", on=day, by=chaima)
    assert services.pass_time(on=day, by=engine()) == []
    [run] = services.pass_time(on=later, by=engine())
    work(on=later)
    assert (run.on, state(run), read_on(first), read_on(second)) == (later, "closed", DAY, later)
    services.resume_run(paused.pk, on=later, by=chaima)
    work(on=later)
    assert (state(paused), read_on(first)) == ("closed", day)


# Given up


def test_a_run_whose_last_chunk_is_taken_cannot_be_given_up(under_way, work, chaima):
    taken = [claim() for _chunk in range(under_way.chunks.count())]
    with pytest.raises(services.RunRefused, match="plus rien à annuler"):
        services.cancel_run(under_way.pk, reason="Une panne", on=DAY, by=chaima)
    assert (state(under_way), under_way.reason) == ("running", "")
    for chunk in taken:
        runs.apply(chunk, on=DAY, at=timezone.now())
    work(on=DAY)
    assert state(under_way) == "closed"


def stop(run: Run, *, by) -> None:
    """Given up after its first chunk."""
    runs.apply(claim(), on=DAY, at=timezone.now())
    services.cancel_run(run.pk, reason="Une panne", on=DAY, by=by)
    runs.close_finished(at=timezone.now())
    assert state(run) == "canceled"


@pytest.mark.parametrize("place", [0, 2, 3, 10, 23])
def test_the_next_line_takes_up_what_a_run_given_up_has_left(place, under_way, work, chaima):
    ranked = [*Assessment.objects.order_by("score").values_list("household_id", flat=True)]
    stop(under_way, by=chaima)
    line = score_of(ranked[place]) + 1
    before = entitled()
    move_line(line)
    latest = Run.objects.latest("id")
    crossed = under(line) ^ under(score_of(ranked[2]))
    assert planned_households(latest) == crossed | (before ^ under(line))
    work(on=DAY)
    assert (entitled(), state(latest)) == (under(line), "closed")
    assert not runs.left_behind().exists()
    check_chains()


def test_a_line_that_was_failed_is_taken_up_by_the_next(under_way, work):
    for _attempt in range(5):
        runs.give_back(claim(), error="poison")
    work(on=DAY)
    [left] = runs.left_behind()
    assert (left.status, left.left) == ("failed", 4)
    ranked_line = max(score_of(household) for household in entitled())
    move_line(ranked_line + 1)
    work(on=DAY)
    assert entitled() == under(ranked_line + 1) and not runs.left_behind().exists()


def test_a_formula_given_up_is_finished_by_the_next_line(settings, work, chaima):
    settings.RUN_RANGE = 6
    ranked = spread()
    sign(propose_formula(formula_with(constant="9.700", U30="0.3")), without_report="essai")
    run = Run.objects.get()
    stop(run, by=chaima)
    in_force = queries.law(DAY).cite("score.formula").id
    assert 0 < Assessment.objects.filter(formula=in_force).count() < len(ranked)
    assert [left.left for left in runs.left_behind()] == [run.planned - run.chunks.get(status="done").size]
    move_line(95_000_000)
    work(on=DAY)
    scores = dict(Assessment.objects.filter(formula=in_force).values_list("household_id", "score"))
    assert set(scores) == set(ranked)
    assert entitled() == {household for household, score in scores.items() if score <= 95_000_000}
    cover = threshold_points(queries.law(DAY).value("amo_tadamon.threshold"))
    assert entitled("amo_tadamon") == {household for household, score in scores.items() if score <= cover}
    assert not runs.left_behind().exists()
    check_chains()


def test_a_run_taken_up_again_leaves_nobody_and_another_program_does_not_count(under_way, work, chaima):
    stop(under_way, by=chaima)
    move_line(93_300_000, program=Program.AMO_TADAMON)
    work(on=DAY)
    assert [run.pk for run in runs.left_behind()] == [under_way.pk]
    services.retry_run(under_way.pk, on=DAY, by=chaima)
    assert not runs.left_behind().exists()


# Signed twice for one day


def test_a_line_signed_over_before_its_day_gets_no_run(work):
    ranked, since = spread(), DAY + timedelta(days=3)
    before = entitled()
    move_line(score_of(ranked[20]), since=since)
    move_line(score_of(ranked[4]), since=since)
    [run] = services.pass_time(on=since, by=engine())
    work(on=since)
    assert services.pass_time(on=since, by=engine()) == []
    assert (run.provision.value, entitled()) == (run.provision.proposal.value, under(score_of(ranked[4])))
    assert run.planned == len(before ^ under(score_of(ranked[4])))


def test_a_line_signed_over_on_its_day_before_its_run_leaves_nobody_behind(work):
    ranked, since = spread(), DAY + timedelta(days=3)
    move_line(score_of(ranked[20]), since=since)
    move_line(score_of(ranked[22]), on=since)
    assert services.pass_time(on=since, by=engine()) == []
    work(on=since)
    assert Run.objects.count() == 1
    assert entitled() == under(score_of(ranked[22]))


# Amounts counted again


def counted() -> set[int]:
    return set(ScoreTally.objects.values_list("formula_id", flat=True))


def test_new_amounts_are_counted_for_the_formulas_still_asked_about_and_the_others_are_forgotten(work):
    spread(sizes=[2], phones=range(3))
    founding = queries.law(DAY).cite("score.formula").id
    in_force = sign(propose_formula(formula_with(U30="0.08")), without_report="essai").provision.pk
    work(on=DAY)
    coming = propose_formula(formula_with(U30="0.09"), since=DAY + timedelta(days=30))
    asked = propose_formula(formula_with(U30="0.11"), since=DAY + timedelta(days=40))
    rejected = propose_formula(formula_with(U30="0.12"), since=DAY + timedelta(days=50))
    rehearsals = [rehearse(proposal) for proposal in (coming, asked, rejected)]
    work(on=DAY)
    sign(coming)
    assert counted() == {founding, in_force, *(run.formula_id for run in rehearsals)}
    ScoreTally.objects.update(households=7)
    services.reject_proposal(rejected.pk, reason="Trop tôt", on=DAY, by=queries.User.objects.get(username="driss"))
    runs.plan_everyone(Run.Kind.AMOUNTS, provision=Provision.objects.filter(key="direct_aid.amounts").last(), on=DAY, by=engine())
    work(on=DAY)
    assert counted() == {in_force, *(run.formula_id for run in rehearsals[:2])}
    assert {sum(row.households for row in ScoreTally.objects.filter(formula_id=formula)) for formula in counted()} == {3}
