"""Worker processes that keep their connection from one measure to the next: starting them is nobody's cost."""

import multiprocessing
import os
import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import django


@dataclass(frozen=True)
class Done:
    """What the workers did together: units as each function counts them, statements sent, the largest process in megabytes."""

    units: int
    queries: int
    memory_mb: int


class Workers:
    def __init__(self, count: int):
        self.count = count
        self.pool = multiprocessing.get_context("spawn").Pool(count, initializer=_connect)
        self.pool.map(_ready, range(count * 4), chunksize=1)

    def each(self, deed: Callable[..., int], parts: Iterable[tuple]) -> Done:
        """`deed` on every part, parts shared as workers come free."""
        return _together(self.pool.map(partial(_counted, deed), parts, chunksize=1))

    def all(self, deed: Callable[..., int]) -> Done:
        """`deed` once in every worker."""
        return self.each(deed, [()] * self.count)

    def begin(self, deed: Callable[..., int]):
        """The same without waiting: call the answer for what was done."""
        waiting = self.pool.map_async(partial(_counted, deed), [()] * self.count, chunksize=1)
        return lambda: _together(waiting.get())

    def stop(self) -> None:
        self.pool.terminate()
        self.pool.join()


def _together(answers: list[tuple[int, int, int]]) -> Done:
    units, queries, memory = zip(*answers, strict=True)
    return Done(sum(units), sum(queries), max(memory))


def _connect() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rsu.settings")
    django.setup()


def _ready(_number: int) -> None:
    from django.db import connection

    connection.ensure_connection()


def _counted(deed: Callable[..., int], arguments: tuple) -> tuple[int, int, int]:
    from django.db import connection

    sent = 0

    def count(execute, *statement):
        nonlocal sent
        sent += 1
        return execute(*statement)

    with connection.execute_wrapper(count):
        units = deed(*arguments)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
    return units, sent, memory_mb()


def memory_mb() -> int:
    """The most this process has held; a child's resource usage would begin with its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) // 1024


# What the workers do ---------------------------------------------------------------------------------------------------


def take_chunks() -> int:
    """Chunks of whatever run waits; closing it is left to the caller."""
    from django.utils import timezone

    from eligibility import runs

    done = 0
    while chunk := runs.claim(worker=f"bench:{os.getpid()}", at=timezone.now()):
        done += runs.apply(chunk, on=timezone.localdate(), at=timezone.now())
    return done


def read_range(first: int, last: int, on: date) -> int:
    """Facts of one range from its members, nothing else."""
    from django.db import transaction

    from eligibility import queries, runs
    from eligibility.assessments import read_facts
    from eligibility.scope import Scope

    with transaction.atomic():
        runs.make_room()
        return read_facts(Scope(first=first, last=last), law=queries.law(on), run_id=None)


def copy_range(statement: str, first: int, last: int) -> int:
    """One bare INSERT … SELECT over a range."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute(statement, {"first": first, "last": last})
        return cursor.rowcount
