"""Messages delivered twice, workers started twice, runs held and given up between chunks, declarations in the middle of a chunk."""

import threading
from copy import deepcopy
from decimal import Decimal

import pytest
from django.db import connections, transaction
from django.utils import timezone

from eligibility import queries, runs, services, verification
from eligibility.models import Assessment, Determination, Facts, Run, RunChunk
from eligibility.score import threshold_points
from households.models import Household
from rsu import celery_app
from rsu.authentication import engine
from rsu.models import User
from tests.eligibility.legislating import AID, DAY, entitled, move_line, score_of, spread, under
from tests.eligibility.test_runs import check_chains, ledger
from tests.eligibility.test_workers import at_once, blocked, broker, send, until, worker

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def under_way(settings):
    """A line moved over two dozen families, in chunks of three that nobody has begun."""
    settings.RUN_CHUNK = 3
    ranked = spread()
    with celery_app.connection_for_write(broker()) as channel:
        celery_app.control.purge(connection=channel)
    move_line(score_of(ranked[1]), on=timezone.localdate())
    return Run.objects.get()


def statuses(run: Run) -> list[str]:
    return list(run.chunks.order_by("position").values_list("status", flat=True))


def ended(run: Run, status: str):
    return lambda: Run.objects.filter(pk=run.pk, status=status).exists()


def test_one_message_delivered_four_times_to_two_workers_does_each_chunk_once(under_way, tmp_path):
    with worker(tmp_path / "one") as one, worker(tmp_path / "two") as two:
        for _delivery in range(4):
            send("eligibility.work")
        until(one, ended(under_way, "closed"))
        assert two.poll() is None
    planned, applied, already, refused = ledger(under_way)
    assert (applied, already, refused) == (planned, 0, 0)
    assert set(under_way.chunks.values_list("attempts", flat=True)) == {1}
    assert Determination.objects.filter(run=under_way).count() == planned
    check_chains()


@pytest.mark.parametrize("deed", ["pause", "cancel"])
def test_a_run_is_held_or_given_up_between_chunks_while_a_worker_is_at_it(deed, under_way, chaima, tmp_path):
    third = under_way.chunks.get(position=3)
    with worker(tmp_path / "log") as process:
        with transaction.atomic():
            # The worker stops inside the third chunk for as long as one of its households is held here.
            Household.objects.select_for_update().get(pk=third.households[1])
            send("eligibility.work")
            until(process, blocked)
            at_once(lambda: ordered(deed, under_way, chaima))
        until(process, lambda: RunChunk.objects.filter(pk=third.pk, status="done").exists())
        if deed == "cancel":
            until(process, ended(under_way, "canceled"))
            given_up = sum(under_way.chunks.filter(status="canceled").values_list("size", flat=True))
            planned, *counts = ledger(under_way)
            assert (statuses(under_way)[:4], sum(counts) + given_up) == (["done", "done", "done", "canceled"], planned)
            services.retry_run(under_way.pk, on=DAY, by=chaima)
        else:
            send("eligibility.work")
            send("eligibility.sweep_runs")
            until(process, lambda: not heard())
            assert (Run.objects.get().status, statuses(under_way)[:4]) == ("paused", ["done", "done", "done", "waiting"])
            services.resume_run(under_way.pk, on=DAY, by=chaima)
        send("eligibility.work")
        until(process, ended(under_way, "closed"))
    planned, *counts = ledger(under_way)
    assert planned == sum(counts)
    assert entitled() == under(threshold_points(under_way.provision.value))
    check_chains()


def ordered(deed: str, run: Run, by: User) -> None:
    order = services.pause_run if deed == "pause" else services.cancel_run
    order(run.pk, reason="essai", on=DAY, by=by)


def heard() -> int:
    """Messages that nobody has taken yet."""
    with celery_app.connection_for_write(broker()) as channel:
        return sum(channel.default_channel._size(queue) for queue in ("celery",))


# A declaration and a chunk on one household


def sign(key: str, value) -> None:
    chaima, driss = (User.objects.get(username=name) for name in ("chaima", "driss"))
    proposal = services.propose_provision(key=key, since=DAY, value=value, source="Décret", reason="Essai", on=DAY, by=chaima)
    services.approve_proposal(proposal.pk, without_report="Essai", on=DAY, by=driss)


def raise_the_line(ranked: list[int]) -> None:
    move_line(score_of(ranked[12]))


def change_the_formula(_ranked: list[int]) -> None:
    value = deepcopy(queries.law(DAY).value("score.formula"))
    value["constant"] = {milieu: str(Decimal(text) + Decimal("0.05")) for milieu, text in value["constant"].items()}
    sign("score.formula", value)


def change_the_covers(_ranked: list[int]) -> None:
    sign("score.cover_not_counted", [*queries.law(DAY).value("score.cover_not_counted"), "amo_student"])


def declare(household: int) -> None:
    """What a clerk's request does: the answers, committed, then the family's own assessment."""
    Household.objects.filter(pk=household).update(loan=True, due_since=timezone.now())
    services.assess_due(household, on=DAY, by=engine())


def apply(chunk: RunChunk) -> bool:
    return runs.apply(chunk, on=DAY, at=timezone.now())


@pytest.mark.parametrize("first", ["the chunk", "the declaration", "whoever comes first"])
@pytest.mark.parametrize("change", [raise_the_line, change_the_formula, change_the_covers])
def test_a_declaration_in_the_middle_of_a_chunk_ends_with_the_newer_facts_and_the_newer_law(change, first, work):
    ranked = spread()
    change(ranked)
    chunk = runs.claim(worker="one", at=timezone.now())
    household = chunk.households[0] if chunk.households else ranked[10]
    if first == "the chunk":
        answers = held(lambda: apply(chunk), lambda: declare(household))
    elif first == "the declaration":
        answers = held(lambda: declare(household), lambda: apply(chunk))
    else:
        answers = at_once(lambda: apply(chunk), lambda: declare(household))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    work(on=DAY)
    law, facts = queries.law(DAY), Facts.objects.get(household=household)
    score = Assessment.objects.get(household=household, formula=law.cite("score.formula").id)
    assert (facts.loan, score.facts_id, Household.objects.get(pk=household).due_since) == (1, facts.pk, None)
    assert (household in entitled()) is (score.score <= threshold_points(law.value(AID.threshold_key)))
    assert verification.differences(on=DAY) == []
    check_chains()


def held(one, other) -> list:
    """`one` is done and not committed while `other` begins and waits for it."""
    answers: list = [None]

    def later():
        try:
            answers[0] = other()
        except Exception as error:
            answers[0] = error
        finally:
            connections.close_all()

    with transaction.atomic():
        one()
        thread = threading.Thread(target=later)
        thread.start()
        while thread.is_alive() and not blocked():
            thread.join(0.02)
        assert thread.is_alive(), "nobody waited"
    thread.join(40)
    return answers
