"""The servers and processes of an installation, and what `kill -9` does to each; what died is started again as the demo does."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection

from rsu import embedded
from rsu.management import children

# A process that dies leaves its writes to the kernel; only a machine that stops loses them, and commits stay synchronous.
SAFE_AGAINST_KILLS = {"fsync": "off", "full_page_writes": "off"}
LOST = (OperationalError, InterfaceError)
PATIENCE = 180
_CHUNK_WAITS = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'eligibility_facts'::regclass AND NOT granted)
        AND EXISTS (SELECT FROM eligibility_runchunk WHERE status = 'claimed')
"""


class Machine:
    """PostgreSQL, Valkey, a worker of two processes and a beat, with a private data directory."""

    def __init__(self, data: Path, random: Random) -> None:
        self.data, self.random = data, random
        self.servers = embedded.Servers(data, SAFE_AGAINST_KILLS)
        _web, self.worker, self.beat = children.of_the_demo(data, 0)
        self.family: list[children.Child] = []
        self.killed: Counter[str] = Counter()
        self.revived: Counter[str] = Counter()
        self.deck: list[str] = []
        self.inside = 0
        self.pause = threading.Event()

    def start_family(self) -> None:
        self.family = [self.worker, self.beat]
        for child in self.family:
            child.start()

    def stop(self) -> None:
        connection.close()
        for child in self.family:
            child.stop()
        self.servers.stop()

    def tick(self, seconds: float = 0.05) -> None:
        """Let time pass, then start again what has died."""
        self.pause.wait(seconds)
        for sentence in children.revive_dead(self.family, self.servers):
            self.revived[sentence.split()[0]] += 1

    def ask(self, deed: Callable[[], Any]) -> Any:
        """What the deed returns; a connection lost with its server is opened again once the server is back."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return deed()
            except LOST:
                connection.close()
                if time.monotonic() > deadline:
                    raise
                self.tick()

    def until(self, condition: Callable[[], Any], *, each: float = 0.1, what: str = "") -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.ask(condition):
            if time.monotonic() > deadline:
                raise AssertionError(f"never so: {what}")
            self.tick(each)

    # Kills

    def kill_one(self, deed: Callable[[], Any]) -> str:
        """Do the deed, and kill what the deck says next: at a random instant, or in the middle of a chunk's own transaction."""
        if not self.deck:
            self.deck = self.random.sample(list(KILLS), len(KILLS))
        kind = self.deck.pop()
        if self.random.random() < 0.7:
            inside = self._kill_inside(kind, deed)
        else:
            inside = self._kill_at_random(kind, deed)
        connection.close()
        self.killed[kind] += 1
        self.inside += inside
        return f"{kind}{' inside a chunk' if inside else ''}"

    def _kill_at_random(self, kind: str, deed: Callable[[], Any]) -> bool:
        self.ask(deed)
        self.tick(self.random.uniform(0, 1.5))
        KILLS[kind](self)
        return False

    def _kill_inside(self, kind: str, deed: Callable[[], Any]) -> bool:
        """Whoever reads facts waits, so that a chunk stops half done with its locks: whether there was one.

        Declarations wait too, and may fill the pool: let go and held again, they make room for a chunk.
        """
        left = [deed]
        for _hold in range(6):
            with suppress(*LOST, psycopg.OperationalError), self.brake():
                while left:
                    self.ask(left[0])
                    left.clear()
                if self._a_chunk_waits():
                    KILLS[kind](self)
                    return True
            self.tick(0.1)
        for rest in left:
            self.ask(rest)
        KILLS[kind](self)
        return False

    @contextmanager
    def brake(self):
        place = embedded.environment(self.data)
        self.ask(lambda: _one("SELECT 1"))
        with psycopg.connect(host=place["PGHOST"], port=place["PGPORT"], user=place["PGUSER"], dbname=place["PGDATABASE"]) as opened:
            opened.execute("SET idle_in_transaction_session_timeout = '60s'")
            opened.execute("SET LOCAL lock_timeout = '20s'")
            opened.execute("LOCK TABLE eligibility_facts IN ACCESS EXCLUSIVE MODE")
            yield
            with suppress(psycopg.OperationalError):
                opened.rollback()

    def _a_chunk_waits(self) -> bool:
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            if self.ask(lambda: _one(_CHUNK_WAITS)):
                return True
            self.tick(0.02)
        return False

    def kill_child(self) -> None:
        """One process of the worker's pool."""
        pool = _children_of(self.worker.process.pid)
        if pool:
            _kill(self.random.choice(pool))

    def kill_tree(self) -> None:
        """The worker and its pool at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.worker.process.pid, signal.SIGKILL)

    def kill_broker(self) -> None:
        _kill(self.servers.valkey.pid)

    def kill_backend(self) -> None:
        """A connection of somebody else; PostgreSQL then ends all of them and recovers."""
        mine = connection.connection.info.backend_pid if connection.connection else 0
        named = [pid for pid in _children_of(self.servers.postgres.pid) if b"postgres: rsu rsu" in _command(pid) and pid != mine]
        if named:
            _kill(self.random.choice(named))

    def kill_postmaster(self) -> None:
        _kill(self.servers.postgres.pid)


KILLS: dict[str, Callable[[Machine], None]] = {
    "a process of the pool": Machine.kill_child,
    "the worker's tree": Machine.kill_tree,
    "the broker": Machine.kill_broker,
    "a backend": Machine.kill_backend,
    "the postmaster": Machine.kill_postmaster,
}


def _one(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _children_of(pid: int) -> list[int]:
    with suppress(FileNotFoundError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _command(pid: int) -> bytes:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
