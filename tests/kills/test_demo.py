"""The demo's own servers killed outright: it starts them again, and the families are still there."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg

from rsu import embedded

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def demo(data: Path, port: int):
    """Its words arrive line by line; stopped as Ctrl-C does."""
    names = {"PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "REDIS_URL", "BROKER_URL", "PG_CONN_MAX_AGE"}
    environment = {name: value for name, value in os.environ.items() if name not in names} | {"PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "manage.py", "demo", "--households=40", f"--data={data}", f"--port={port}"]
    process = subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()
        timer.cancel()


def hear(process, *sentences: str) -> list[str]:
    """Read on until each sentence was said; what was said."""
    said, wanted = [], set(sentences)
    for line in process.stdout:
        said.append(line)
        wanted -= {sentence for sentence in wanted if sentence in line}
        if not wanted:
            return said
    raise AssertionError(f"{wanted} was never said:\n{''.join(said)}")


def families(data: Path) -> int:
    place = embedded.environment(data)
    with psycopg.connect(host=place["PGHOST"], port=place["PGPORT"], user=place["PGUSER"], dbname=place["PGDATABASE"]) as opened:
        return opened.execute("SELECT count(*) FROM eligibility_determination WHERE until = '9999-12-31'").fetchone()[0]


def valkey_of(process) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return next(int(child) for child in children if b"valkey" in Path(f"/proc/{child}/cmdline").read_bytes())


def test_the_demo_starts_its_killed_servers_again_with_the_data_intact(tmp_path):
    port = free_port()
    with demo(tmp_path, port) as process:
        hear(process, "Ctrl-C stops everything")
        before = families(tmp_path)
        assert before == 80
        os.kill(valkey_of(process), signal.SIGKILL)
        os.kill(int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        hear(process, "valkey ended, started again", "postgres ended, started again")
        assert families(tmp_path) == before
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=PATIENCE) as page:
            assert page.status == 200
        assert process.poll() is None
