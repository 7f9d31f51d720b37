"""The processes of the demo: started, restarted when they die, stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rsu import embedded

SETTLED = 10  # seconds after which a child is believed to have started well


@dataclass
class Child:
    """One process that must live; `last_signal` is what it receives should the demo itself be killed."""

    name: str
    argv: list[str]
    log: Path
    last_signal: signal.Signals
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    failures: int = 0

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = embedded.spawn(self.argv, self.log, self.last_signal, env={**os.environ, **self.env})

    def revive(self) -> str | None:
        """Starts it again if it died, later and later when it dies at once; answers what to tell, if anything."""
        if self.process is None or self.process.poll() is None:
            return None
        lived = time.monotonic() - self.started
        if lived > SETTLED:
            self.failures = 0
        if lived < min(2**self.failures, 30):
            return None
        code = self.process.returncode
        self.failures += 1
        self.stop()  # what it left of its own children
        self.start()
        return f"{self.name} ended with {code}, started again (see {self.log})"

    def stop(self) -> None:
        embedded.stop(self.process, signal.SIGTERM)


def of_the_demo(data: Path, port: int) -> list[Child]:
    log = data / "log"
    python = [sys.executable, "-m"]
    web = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "8"]
    celery = ["celery", "-A", "rsu"]
    worker = ["worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    beat = ["beat", "--schedule", str(data / "beat"), "--pidfile=", "--loglevel", "WARNING"]
    public = {"PUBLIC_URL": f"http://localhost:{port}"}
    return [
        Child("web", [*python, *web, "rsu.wsgi:application"], log / "web.log", signal.SIGTERM, {"PG_POOL_SIZE": "8", **public}),
        # Its own children end with it; a milder signal would leave it waiting for a broker that died at the same moment.
        Child("worker", [*python, *celery, *worker], log / "worker.log", signal.SIGKILL, public),
        Child("beat", [*python, *celery, *beat], log / "beat.log", signal.SIGTERM),
    ]


def revive_dead(children: list[Child], servers: embedded.Servers) -> list[str]:
    """Starts again what has died, the servers first; a sentence for each. A server that refuses is asked again the next time."""
    try:
        sentences = [f"{name} ended, started again" for name in servers.restart_dead()]
    except embedded.CannotStart as refusal:
        return [str(refusal)]
    return sentences + [sentence for child in children if (sentence := child.revive())]


def watch(children: list[Child], servers: embedded.Servers) -> Iterator[str]:
    """Runs until interrupted; yields a sentence each time something had to be started again."""
    while True:
        time.sleep(0.5)
        yield from revive_dead(children, servers)
