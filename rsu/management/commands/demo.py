"""`manage.py demo`: the whole product on this machine, from nothing, with people who do not exist."""

import contextlib
import ctypes
import io
import os
import signal
import socket
import sys
import time
import traceback
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import connections

from rsu import embedded
from rsu.management import children

# In this order; each finds out by itself that it has nothing left to do.
COMMANDS = ("migrate", "load_geography", "load_law", "seed_personas", "synthesize", "seed_enrollments", "seed_covers", "seed_casework")
PATIENCE = 60  # seconds the first page may take


class Command(BaseCommand):
    help = "Starts a private PostgreSQL and Valkey, fills them with fictitious households, serves the pages, stops on Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=5000, help="fictitious households to create the first time (5000)")
        parser.add_argument("--port", type=int, default=8000, help="where to listen on this machine (8000)")
        parser.add_argument("--data", type=Path, default=embedded.DEMO, help="what is kept between two starts (var/demo)")

    def handle(self, *, households: int, port: int, data: Path, **options: object) -> None:
        data = data.resolve()
        if os.environ.get("PGHOST") != str(embedded.run_dir(data)):
            raise CommandError("PGHOST names a server, and the demo only works on its own: unset PGHOST, or use the other commands.")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        _die_with_uv()
        if not embedded.is_running(data):  # a copy that runs holds the port too: it is the better explanation
            _check_port(port)
        self.number = 0
        servers = embedded.Servers(data)
        family = children.of_the_demo(data, port)
        begun = time.monotonic()
        try:
            self.fill(servers, households)
            with self.step("the web server, a worker, the clock"):
                for child in family:
                    child.start()
                _wait_for_page(family[0], port)
            self.say_ready(port, time.monotonic() - begun)
            for sentence in children.watch(family, servers):
                self.stdout.write(sentence)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")
        except embedded.CannotStart as refusal:
            raise CommandError(str(refusal)) from refusal
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            for child in family:
                child.stop()
            servers.stop()

    def fill(self, servers: embedded.Servers, households: int) -> None:
        with self.step("PostgreSQL and Valkey"):
            servers.start()
        families = ["--households", str(households), "--seed", "1", "--if-missing"]
        arguments = {"migrate": ["--verbosity", "0"], "synthesize": [*families, "--verbosity", "0"]}
        for name in COMMANDS:
            with self.step(name) as words:
                call_command(name, *arguments.get(name, ()), stdout=words)
        connections.close_all()

    @contextlib.contextmanager
    def step(self, label: str) -> Iterator[OutputWrapper]:
        """Says what begins, indents what it says, then how long it took; a failure names the step."""
        self.number += 1
        self.stdout.write(f"[{self.number}/{len(COMMANDS) + 2}] {label} ", ending="")
        self.stdout.flush()
        words = Indented(self.stdout)
        begun = time.monotonic()
        try:
            yield OutputWrapper(words)
        except embedded.CannotStart:
            self.stdout.write("")
            raise
        except Exception as error:
            self.stdout.write("")
            if not isinstance(error, CommandError):
                self.stderr.write(traceback.format_exc())
            raise CommandError(f"The step « {label} » failed: {error}") from error
        lead = "      " if words.begun else ""
        self.stdout.write(f"{lead}{time.monotonic() - begun:.1f} s")

    def say_ready(self, port: int, seconds: float) -> None:
        self.stdout.write(self.style.SUCCESS(f"\nReady in {seconds:.0f} s: http://localhost:{port}/\n"))
        call_command("seed_personas", "--print", stdout=self.stdout)
        connections.close_all()
        self.stdout.write("\nCtrl-C stops everything; the next start finds the same data.")
        self.stdout.flush()


class Indented(io.TextIOBase):
    """What a step says, under its title."""

    def __init__(self, out: OutputWrapper):
        self.out = out
        self.begun = False
        self.fresh = True

    def write(self, text: str) -> int:
        for line in text.splitlines(keepends=True):
            if not self.begun:
                self.out.write("")
            self.begun = True
            self.out.write(f"      {line}" if self.fresh else line, ending="")
            self.fresh = line.endswith(("\n", "\r"))
        self.out.flush()
        return len(text)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Port {port} cannot be used, another program holds it or it is reserved: choose one with --port."
            ) from error


def _wait_for_page(web: children.Child, port: int) -> None:
    """Until the first page answers 200; raises CommandError with the server's last words."""
    answer: object = None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and web.process and web.process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/", timeout=PATIENCE) as page:
                if page.status == 200:
                    return
                answer = page.status
        except urllib.error.HTTPError as error:
            answer = error.code
            break
        except OSError as error:
            answer = error
        time.sleep(0.1)
    raise CommandError(f"the first page did not answer ({answer}); the server's words are in {web.log}")


def _die_with_uv() -> None:
    """`uv run` is our parent and no shell of anybody's: when it is killed outright, nothing must be left behind."""
    parent = Path(f"/proc/{os.getppid()}/comm")
    if sys.platform == "linux" and parent.exists() and parent.read_text().strip() == "uv":
        ctypes.CDLL(None).prctl(embedded.PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
