"""Several at once, each with a connection of its own, and a real worker killed in the middle of a run."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from eligibility import runs, services
from eligibility.models import Determination, Provision, Run, RunChunk
from households.models import Household
from rsu import celery_app
from rsu.authentication import engine
from rsu.models import User
from tests.eligibility.legislating import DAY, entitled, move_line, propose, score_of, spread, under
from tests.eligibility.test_runs import check_chains, check_tally, ledger

pytestmark = pytest.mark.usefixtures("committed_db")
PATIENCE = 40


def at_once(*deeds) -> list:
    """Each deed in a thread and a connection of its own, started together; what each returned or raised."""
    start, answers = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(number, deed):
        try:
            start.wait(PATIENCE)
            answers[number] = deed()
        except Exception as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return answers


def blocked() -> bool:
    """Whether some connection of this database waits for a lock; a transaction would see the first answer for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')")
        return cursor.fetchone()[0]


@pytest.fixture
def under_way(settings):
    settings.RUN_CHUNK = 3
    ranked = spread()
    move_line(score_of(ranked[1]), on=timezone.localdate())
    return Run.objects.get()


def test_two_workers_at_once_take_two_chunks(under_way):
    def claim(name):
        return lambda: runs.claim(worker=name, at=timezone.now())

    chunks = at_once(*(claim(f"worker {number}") for number in range(6)))
    assert sorted(chunk.position for chunk in chunks) == [1, 2, 3, 4, 5, 6]
    assert len(set(RunChunk.objects.filter(status="claimed").values_list("worker", flat=True))) == 6


def test_claiming_passes_over_a_chunk_that_somebody_is_claiming(under_way):
    with transaction.atomic():
        first = RunChunk.objects.select_for_update().get(run=under_way, position=1)
        (second,) = at_once(lambda: runs.claim(worker="other", at=timezone.now()))
    assert (first.position, second.position) == (1, 2)


def test_a_chunk_at_work_is_not_taken_for_stalled_however_long_it_lasts(under_way):
    chunk = runs.claim(worker="slow", at=timezone.now() - timedelta(hours=1))
    with transaction.atomic():
        RunChunk.objects.select_for_update().get(pk=chunk.pk)
        at_once(lambda: runs.revive_stalled(at=timezone.now()))
    assert RunChunk.objects.get(pk=chunk.pk).status == "claimed"
    runs.revive_stalled(at=timezone.now())
    assert RunChunk.objects.get(pk=chunk.pk).status == "waiting"


def test_two_administrators_who_approve_at_once_make_one_provision_and_one_run():
    ranked = spread()
    proposal = propose(score_of(ranked[2]))
    User.objects.filter(username="salma").update(role="administrator", area_level="kingdom", province=None)
    try:
        signers = [User.objects.get(username=name) for name in ("driss", "salma", "driss")]
        answers = at_once(*(lambda by=by: services.approve_proposal(proposal.pk, on=DAY, by=by) for by in signers))
    finally:
        User.objects.filter(username="salma").update(role="supervisor", area_level="province", province=6141)
    assert sorted(type(answer).__name__ for answer in answers) == ["Proposal", "ProposalRefused", "ProposalRefused"]
    assert Provision.objects.filter(proposal=proposal).count() == Run.objects.count() == 1


def test_a_declaration_and_a_new_line_at_once_agree_whoever_is_first(work):
    ranked = spread()
    line = score_of(ranked[12])
    proposal = propose(line)
    driss = User.objects.get(username="driss")
    Household.objects.filter(pk__in=ranked).update(loan=True)
    declared = [lambda pk=pk: services.assess_households([pk], on=DAY, by=engine()) for pk in ranked[8:16]]
    answers = at_once(*declared[:4], lambda: services.approve_proposal(proposal.pk, on=DAY, by=driss), *declared[4:])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    work(on=DAY)
    assert entitled() == under(line)
    check_chains()


# A real worker


def broker() -> str:
    """The tests' broker, in a database of its own, so that nobody else hears what is sent here: not the tests beside these either."""
    address, _query, _number = settings.CELERY_BROKER_URL.partition("?")
    number = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    return f"{address}?virtual_host={number}" if "+socket" in address else f"{address.rpartition('/')[0]}/{number}"


def send(task: str) -> None:
    with celery_app.connection_for_write(broker()) as channel:
        celery_app.send_task(task, connection=channel)


@contextmanager
def worker(log: Path):
    """A worker in processes of its own, on the tests' database; whatever is left of it is killed at the end."""
    argv = [sys.executable, "-m", "celery", "-A", "rsu", "worker", "--concurrency", "1", "--loglevel", "INFO"]
    environment = {**os.environ, "PGDATABASE": connection.settings_dict["NAME"], "BROKER_URL": broker()}
    argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with log.open("ab") as words:
        process = subprocess.Popen(argv, env=environment, start_new_session=True, stdout=words, stderr=words)
    try:
        yield process
    except AssertionError as failure:
        failure.add_note(log.read_text())
        raise
    finally:
        kill(process)


def kill(process) -> None:
    """SIGKILL to the worker and its children: nothing is said, nothing is tidied up."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


def until(process, condition) -> None:
    """Wait for the condition, asked again as long as the process lives."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the worker did not get there in time"
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"the worker ended with {process.returncode}")


def test_a_worker_killed_in_the_middle_of_a_run_loses_nothing_and_does_nothing_twice(under_way, chaima, tmp_path):
    middle = under_way.chunks.get(position=3)
    with celery_app.connection_for_write(broker()) as channel:
        celery_app.control.purge(connection=channel)
    with worker(tmp_path / "log") as first, transaction.atomic():
        # The worker stops inside the third chunk, for as long as one of its households is held here.
        Household.objects.select_for_update().get(pk=middle.households[1])
        send("eligibility.work")
        until(first, blocked)
        kill(first)
    under_way.refresh_from_db()
    statuses = list(under_way.chunks.order_by("position").values_list("status", flat=True))
    assert (under_way.status, statuses[:4]) == ("running", ["done", "done", "claimed", "waiting"])
    assert not Determination.objects.filter(run=under_way, household__in=middle.households).exists()

    RunChunk.objects.filter(pk=middle.pk).update(claimed_at=timezone.now() - timedelta(minutes=1))
    with worker(tmp_path / "log") as second:
        send("eligibility.sweep_runs")
        until(second, lambda: Run.objects.filter(pk=under_way.pk, status="closed").exists())
    middle.refresh_from_db()
    assert (middle.status, middle.attempts) == ("done", 2)
    planned, *counts = ledger(under_way)
    assert planned == sum(counts) == counts[0]
    assert entitled() == under(score_of_line(under_way))
    check_chains()
    check_tally(chaima)


def score_of_line(run: Run) -> int:
    return int(run.provision.value.replace(".", ""))
