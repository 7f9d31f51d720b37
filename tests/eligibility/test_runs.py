"""Runs: exactly the households between two lines flip, chains stay whole, counts add up, whoever works and however often."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from eligibility import queries, runs, services, tasks
from eligibility.models import OPEN, Assessment, Determination, Facts, PastDetermination, Refusal, Run, RunChunk, ScoreTally, Tally
from households.models import Household
from rsu.authentication import engine
from tests.eligibility.legislating import AID, DAY, entitled, move_line, propose, score_of, spread, under

pytestmark = pytest.mark.django_db


def day(number: int):
    return DAY + timedelta(days=number)


def ledger(run: Run) -> tuple[int, int, int, int]:
    """planned, applied, already, refused: counted from the chunks, one by one."""
    chunks = list(RunChunk.objects.filter(run=run))
    assert sum(chunk.size for chunk in chunks) == run.planned
    return (run.planned, *(sum(getattr(chunk, name) for chunk in chunks) for name in ("applied", "already", "refused")))


def check_chains() -> None:
    """Every chain runs from its first day to no end, without hole or overlap, and yes and no alternate."""
    chains: dict[tuple, list] = {}
    for period in Determination.objects.order_by("since"):
        chains.setdefault((period.household_id, period.program), []).append(period)
    for periods in chains.values():
        assert periods[0].previous_until is None
        assert periods[-1].until == OPEN
        for before, after in pairwise(periods):
            assert before.until == after.since == after.previous_until
            assert before.entitled is not after.entitled


def score_histogram(user) -> list[dict]:
    return queries.score_histogram(user, formula=queries.law(DAY).cite("score.formula").id)


def check_tally(chaima) -> None:
    """The counts kept by deltas are those found by looking at every household."""
    direct: dict[int, list[int]] = {}
    for row in Assessment.objects.all():
        count = direct.setdefault(row.score // 100_000, [0, 0])
        count[0] += 1
        count[1] += Facts.objects.get(household=row.household_id).size
    assert {row["bucket"]: [row["households"], row["people"]] for row in score_histogram(chaima)} == direct


def planned_households(run: Run) -> set[int]:
    return {household for chunk in run.chunks.all() for household in chunk.households}


# What a moved line touches


@pytest.mark.parametrize("offset", [-1, 0, 1], ids=["one ten-millionth below", "exactly on", "one ten-millionth above"])
@pytest.mark.parametrize("place", [4, 18])
def test_a_line_beside_a_score_flips_exactly_the_households_between(place, offset, work, chaima):
    ranked = spread()
    before = entitled()
    line = score_of(ranked[place]) + offset
    move_line(line)
    run = Run.objects.get()
    expected = under(line)
    assert planned_households(run) == before ^ expected
    assert (ranked[place] in expected) is (offset >= 0)
    work(on=DAY)
    assert entitled() == expected
    assert Determination.objects.filter(run=run).count() == len(before ^ expected)
    run.refresh_from_db()
    assert (run.status, ledger(run)) == ("closed", (len(before ^ expected),) * 2 + (0, 0))
    check_chains()
    check_tally(chaima)


def test_a_line_nobody_stands_near_plans_nothing_and_closes(work):
    ranked = spread(sizes=range(1, 3))
    move_line(score_of(ranked[-1]) + 10_000_000)
    work(on=DAY)
    move_line(score_of(ranked[-1]) + 20_000_000)
    work(on=DAY)
    run = Run.objects.latest("id")
    assert (run.status, ledger(run)) == ("closed", (0, 0, 0, 0))


def test_several_moves_in_one_day_leave_one_whole_chain_and_remember_each(work, chaima):
    ranked = spread()
    first = entitled()
    for place in (20, 2, 11, 22):
        line = score_of(ranked[place])
        move_line(line)
        work(on=DAY)
        assert entitled() == under(line)
        check_chains()
        check_tally(chaima)
    assert not Determination.objects.exclude(since=DAY).exists()
    moved = {row.household_id for row in PastDetermination.objects.filter(program=AID)}
    assert moved >= first ^ entitled()
    assert set(PastDetermination.objects.values_list("cut_on", flat=True)) == {DAY}
    assert {row.status for row in Run.objects.all()} == {"closed"}


def test_moves_on_following_days_add_one_period_each_to_those_who_cross(work, chaima):
    ranked = spread()
    watched = ranked[10]
    for number, place in enumerate((20, 2, 11, 5), start=1):
        line = score_of(ranked[place])
        move_line(line, on=day(number))
        work(on=day(number))
        assert entitled() == under(line)
        check_chains()
        check_tally(chaima)
    standing = list(Determination.objects.filter(household=watched, program=AID).order_by("since").values_list("since", "entitled"))
    began = standing[0][1]
    expected = [(day(1), True), (day(2), False), (day(3), True), (day(4), False)]
    assert standing == [(DAY, began), *(expected[1:] if began else expected)]
    assert not PastDetermination.objects.exists()


def test_a_line_moved_and_moved_back_in_one_day_leaves_what_stood(work):
    ranked = spread()
    columns = ("household_id", "program", "since", "until", "previous_until", "entitled")
    move_line(score_of(ranked[8]), on=day(1))
    work(on=day(1))
    before = set(Determination.objects.values_list(*columns))
    move_line(score_of(ranked[14]), on=day(2))
    work(on=day(2))
    assert set(Determination.objects.values_list(*columns)) != before
    move_line(score_of(ranked[8]), on=day(2))
    work(on=day(2))
    assert set(Determination.objects.values_list(*columns)) == before


def test_two_lines_moved_before_any_work_end_at_the_last_one(work):
    ranked = spread()
    move_line(score_of(ranked[20]))
    move_line(score_of(ranked[2]))
    work(on=DAY)
    assert entitled() == under(score_of(ranked[2]))
    assert [run.status for run in Run.objects.order_by("id")] == ["closed", "closed"]
    for run in Run.objects.all():
        planned, *done = ledger(run)
        assert planned == sum(done)


def test_the_other_program_does_not_move(work):
    ranked = spread()
    before = entitled("amo_tadamon")
    move_line(score_of(ranked[2]))
    work(on=DAY)
    assert entitled("amo_tadamon") == before


# What a run does besides


def test_a_household_that_left_is_counted_as_refused_and_the_equation_holds(work):
    ranked = spread()
    move_line(score_of(ranked[2]))
    run = Run.objects.get()
    gone = run.chunks.get().households[0]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM households_member WHERE household_id = %s", [gone])
        cursor.execute("DELETE FROM households_household WHERE id = %s", [gone])
        cursor.execute("SET session_replication_role = origin")
    work(on=DAY)
    run.refresh_from_db()
    planned, applied, already, refused = ledger(run)
    assert (applied, already, refused) == (planned - 1, 0, 1)


def test_a_household_with_a_missing_answer_is_refused_with_its_run(settings, work, driss):
    settings.RUN_RANGE = 5
    ranked = spread(sizes=range(1, 4))
    Household.objects.filter(pk=ranked[0]).update(mobile_phones=None)
    Household.objects.filter(pk=ranked[1]).update(cars=1)
    run = runs.plan_households(min(ranked), max(ranked), law=queries.law(day(1)), by=driss)
    assert 3 <= run.chunks.count() <= 4
    work(on=day(1))
    run.refresh_from_db()
    refusal = Refusal.objects.get()
    assert (refusal.household_id, refusal.missing, refusal.run) == (ranked[0], ["mobile_phones"], run)
    assert (run.status, ledger(run)) == ("closed", (12, 1, 10, 1))


def test_a_birthday_is_planned_on_its_day_and_only_once(work, driss):
    spread(sizes=range(2, 4), phones=range(1))
    birthday = Facts.objects.order_by("stale_on").first().stale_on
    assert services.pass_time(on=birthday - timedelta(days=1), by=driss) == []
    (run,) = services.pass_time(on=birthday, by=driss)
    assert run.planned == Facts.objects.filter(stale_on=birthday).count()
    assert services.pass_time(on=birthday, by=driss) == []
    work(on=birthday)
    assert services.pass_time(on=birthday, by=driss) == []
    assert not Facts.objects.filter(stale_on__lte=birthday).exists()
    check_chains()


def test_a_household_refused_today_is_not_planned_again_today(work, driss):
    (household,) = spread(sizes=[2], phones=[1])
    birthday = Facts.objects.get().stale_on
    Household.objects.filter(pk=household).update(mobile_phones=None)
    services.pass_time(on=birthday, by=driss)
    work(on=birthday)
    assert Refusal.objects.get().household_id == household
    assert services.pass_time(on=birthday, by=driss) == []


def test_a_declaration_while_a_run_is_under_way_stands_whoever_comes_first(settings, work):
    settings.RUN_CHUNK = 4
    ranked = spread()
    line = score_of(ranked[2])
    move_line(line)
    run = Run.objects.get()
    runs.apply(runs.claim(worker="one", at=timezone.now()), on=DAY, at=timezone.now())
    done, *_others, waiting = (chunk.households[0] for chunk in run.chunks.order_by("position"))
    for household in (done, waiting):
        Household.objects.filter(pk=household).update(loan=True)
        services.assess_households([household], on=DAY, by=engine())
    work(on=DAY)
    assert entitled() == under(line)
    check_chains()
    run.refresh_from_db()
    planned, *counts = ledger(run)
    assert (run.status, planned) == ("closed", sum(counts))


def test_folding_the_tally_changes_no_count(chaima, work):
    ranked = spread()
    for household in ranked[:2]:
        Household.objects.filter(pk=household).update(cars=2)
        services.assess_households([household], on=DAY, by=engine())
    assert ScoreTally.objects.filter(households__lt=0).exists()
    tasks.fold_tally()
    assert not ScoreTally.objects.filter(households__lt=0).exists()
    check_tally(chaima)
    for rows in (Tally.objects.values_list("measure", "program", "commune", "milieu"), ScoreTally.objects.values_list("milieu", "bucket")):
        assert len(rows) == len(set(rows))


# Chunks


@pytest.fixture
def under_way(settings):
    """A run of several chunks, none of them done."""
    settings.RUN_CHUNK = 4
    ranked = spread()
    move_line(score_of(ranked[2]))
    return Run.objects.get()


def test_claiming_starts_the_run_and_counts_the_attempt(under_way):
    at = timezone.now()
    chunk = runs.claim(worker="one", at=at)
    under_way.refresh_from_db()
    assert (under_way.status, under_way.started_at) == ("running", at)
    assert (chunk.position, chunk.attempts, chunk.worker, chunk.claimed_at, chunk.status) == (1, 1, "one", at, "claimed")


def test_a_chunk_delivered_twice_is_done_once(under_way):
    chunk = runs.claim(worker="one", at=timezone.now())
    assert runs.apply(chunk, on=DAY, at=timezone.now()) is True
    kept = list(Determination.objects.order_by("id").values_list())
    assert runs.apply(chunk, on=DAY, at=timezone.now()) is False
    assert list(Determination.objects.order_by("id").values_list()) == kept
    assert RunChunk.objects.get(pk=chunk.pk).applied == 4


def test_a_worker_that_comes_back_after_its_chunk_was_given_away_does_nothing(under_way):
    late = runs.claim(worker="late", at=timezone.now())
    runs.revive_stalled(at=timezone.now() + timedelta(minutes=1))
    other = runs.claim(worker="other", at=timezone.now())
    assert (other.pk, other.attempts) == (late.pk, 2)
    assert runs.apply(late, on=DAY, at=timezone.now()) is False
    runs.give_back(late, error="too late")
    assert RunChunk.objects.get(pk=late.pk).status == "claimed"
    assert runs.apply(other, on=DAY, at=timezone.now()) is True


def test_a_stalled_chunk_waits_again_and_a_fresh_one_does_not(under_way):
    waiting = under_way.chunks.count()
    chunk = runs.claim(worker="one", at=timezone.now())
    assert runs.revive_stalled(at=chunk.claimed_at + timedelta(seconds=5)) == waiting - 1
    assert runs.revive_stalled(at=chunk.claimed_at + timedelta(minutes=1)) == waiting
    assert RunChunk.objects.get(pk=chunk.pk).status == "waiting"


def test_a_chunk_that_fails_waits_with_its_error_and_fails_for_good_the_fifth_time(under_way, work):
    poison = under_way.chunks.get(position=1)
    for attempt in range(1, 6):
        chunk = runs.claim(worker="one", at=timezone.now())
        assert (chunk.pk, chunk.attempts) == (poison.pk, attempt)
        runs.give_back(chunk, error=f"attempt {attempt}")
    poison.refresh_from_db()
    assert (poison.status, poison.error) == ("failed", "attempt 5")
    work(on=DAY)
    under_way.refresh_from_db()
    assert under_way.status == "failed"
    assert set(under_way.chunks.exclude(pk=poison.pk).values_list("status", flat=True)) == {"done"}


def test_a_chunk_that_loses_its_worker_five_times_fails_and_says_so(under_way):
    for _attempt in range(5):
        runs.claim(worker="one", at=timezone.now())
        runs.revive_stalled(at=timezone.now() + timedelta(minutes=1))
    poison = under_way.chunks.get(position=1)
    assert poison.status == "failed" and "disparu" in poison.error


def test_an_error_inside_a_chunk_undoes_it_whole_and_the_others_go_on(under_way):
    poison = under_way.chunks.get(position=2)
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$")
        cursor.execute(
            "CREATE TRIGGER refuse_poison BEFORE INSERT ON eligibility_determination FOR EACH ROW"
            f" WHEN (NEW.household_id = {poison.households[-1]} AND NEW.run_id IS NOT NULL) EXECUTE FUNCTION refuse_poison()"
        )
    tasks.work()
    under_way.refresh_from_db()
    poison.refresh_from_db()
    assert (under_way.status, poison.status, poison.attempts) == ("failed", "failed", 5)
    assert "poison" in poison.error
    assert not Determination.objects.filter(run=under_way, household__in=poison.households).exists()
    assert set(under_way.chunks.exclude(pk=poison.pk).values_list("status", flat=True)) == {"done"}


def test_failed_chunks_are_tried_again_when_an_administrator_asks(under_way, work, chaima):
    for _attempt in range(5):
        runs.give_back(runs.claim(worker="one", at=timezone.now()), error="poison")
    work(on=DAY)
    services.retry_run(under_way.pk, on=DAY, by=chaima)
    work(on=DAY)
    under_way.refresh_from_db()
    planned, *counts = ledger(under_way)
    assert (under_way.status, planned) == ("closed", sum(counts))
    assert under_way.finished_at is not None


# The chain's own constraints


@pytest.fixture
def period():
    """An open yes, the second period of its chain."""
    (household,) = spread(sizes=[3], phones=[0])
    first = Determination.objects.get(household=household, program=AID)
    Determination.objects.filter(pk=first.pk).update(until=day(5))
    return copied(first, since=day(5), previous_until=day(5), entitled=not first.entitled)


def copied(period, **changes):
    names = ("household_id", "program", "score", "facts_id", "formula_id", "threshold_id", "reason", "determined_at", "entitled")
    return Determination.objects.create(**({name: getattr(period, name) for name in names} | changes))


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("determination_since_once", {"since": day(5), "until": day(6), "previous_until": None}),
        ("determination_until_once", {"since": day(8), "until": OPEN, "previous_until": day(8)}),
        ("determination_one_after_each", {"since": day(-9), "until": day(-8), "previous_until": None}),
        ("determination_without_hole", {"since": day(9), "until": day(10), "previous_until": day(8)}),
        ("determination_forward", {"since": day(9), "until": day(9), "previous_until": day(9)}),
    ],
)
def test_the_database_refuses_a_broken_chain(constraint, changes, period):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        copied(period, **changes)


def test_the_database_refuses_a_period_that_follows_none(period):
    with pytest.raises(IntegrityError, match="determination_follows_the_one_before"), transaction.atomic():
        copied(period, since=day(7), until=day(8), previous_until=day(7))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("table", ["pastdetermination", "pastassessment", "pastfacts", "provision"])
def test_what_was_replaced_is_never_emptied(table):
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE eligibility_{table} CASCADE")


def test_a_chunk_has_one_place_in_its_run(under_way):
    with pytest.raises(IntegrityError, match="chunk_position_once"), transaction.atomic():
        RunChunk.objects.create(run=under_way, position=1, households=[])


def test_a_second_proposal_for_the_same_line_changes_nothing(work):
    ranked = spread(sizes=range(1, 3))
    line = score_of(ranked[3])
    waiting = propose(line)
    move_line(line)
    with pytest.raises(services.ProposalRefused, match="rien ne changerait"):
        services.approve_proposal(waiting.pk, on=DAY, by=queries.User.objects.get(username="driss"))


def test_the_decision_of_before_stands_and_says_so_until_its_run_has_reached_the_household(work):
    ranked = spread()
    household = Household.objects.get(pk=ranked[3])
    move_line(score_of(ranked[5]))
    work(on=DAY)
    move_line(score_of(ranked[1]))
    right = queries.standing(household, on=DAY).by_program[AID]
    assert (right.entitled, right.under_line, right.pending) == (True, False, True)
    assert "n’a pas encore été relu" in right.waits and right.waits in [finding.sentence for finding in right.findings]
    work(on=DAY)
    right = queries.standing(household, on=DAY).by_program[AID]
    assert (right.entitled, right.pending, right.waits) == (False, False, "")
