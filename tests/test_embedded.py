"""The private servers: started from nothing, alone on their directory, right about Arabic, gone with their owner."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import connection

from rsu import embedded

OWNER = """
import sys
from pathlib import Path
from rsu import embedded
servers = embedded.Servers(Path(sys.argv[1]), embedded.UNSAFE)
servers.start()
print(servers.postgres.pid, servers.valkey.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("servers")


@pytest.fixture
def servers(data):
    with embedded.Servers(data, embedded.UNSAFE) as started:
        yield started


def query(data: Path, sql: str):
    place = embedded.environment(data)
    with psycopg.connect(host=place["PGHOST"], port=place["PGPORT"], user=place["PGUSER"], dbname=place["PGDATABASE"]) as opened:
        answer = opened.execute(sql)
        return answer.fetchone()[0] if answer.description else None


def test_both_servers_answer_where_the_environment_says(servers, data):
    assert query(data, "SELECT current_database()") == "rsu"
    with redis.from_url(embedded.environment(data)["REDIS_URL"]) as valkey:
        assert valkey.ping()


def test_what_was_committed_is_found_at_the_next_start(data):
    with embedded.Servers(data, embedded.UNSAFE):
        query(data, "CREATE TABLE kept AS SELECT 7 AS seven")
    with embedded.Servers(data, embedded.UNSAFE):
        assert query(data, "SELECT seven FROM kept") == 7


def test_a_second_owner_is_told_that_it_is_already_running(servers, data):
    assert embedded.is_running(data)
    with pytest.raises(embedded.AlreadyRunning, match=f"already running: process {os.getpid()}"):
        embedded.Servers(data).start()
    assert query(data, "SELECT 1") == 1


def test_the_secret_is_kept_between_two_starts(data, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    secret = embedded.environment(data)["SECRET_KEY"]
    assert len(secret) > 50
    assert embedded.environment(data)["SECRET_KEY"] == secret
    assert (data / "secret").stat().st_mode & 0o077 == 0


def test_a_long_path_still_makes_a_socket_short_enough(tmp_path):
    deep = tmp_path / ("d" * 90)
    assert len(str(embedded.run_dir(deep))) <= 80
    assert embedded.run_dir(deep) != embedded.run_dir(tmp_path / ("e" * 90))


def test_an_owner_killed_outright_leaves_no_server(tmp_path):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with owner:
        owner.stdout.readline()
        owner.send_signal(signal.SIGKILL)
    # Starting again waits for the end of the server that was left; two on one directory would be refused.
    with embedded.Servers(tmp_path, embedded.UNSAFE):
        assert query(tmp_path, "SELECT 1") == 1


def test_a_number_now_held_by_another_program_does_not_stop_the_start(tmp_path):
    with embedded.Servers(tmp_path, embedded.UNSAFE):
        pass
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n{tmp_path / 'postgres'}\n0\n5432\n")
    with embedded.Servers(tmp_path, embedded.UNSAFE):
        assert query(tmp_path, "SELECT 1") == 1


def test_dead_servers_are_started_again(servers, data):
    servers.postgres.kill()
    servers.valkey.kill()
    servers.postgres.wait()
    servers.valkey.wait()
    assert servers.restart_dead() == ["valkey", "postgres"]
    assert query(data, "SELECT 1") == 1


@pytest.mark.django_db
def test_arabic_names_have_trigrams():
    """With LC_CTYPE=C they have none, and the search of people finds nobody without a word of warning."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("SELECT similarity('محمد الفاسي', 'محمد الفسي')")
        assert cursor.fetchone()[0] == pytest.approx(0.643, abs=0.001)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "PGUSER", "PGDATABASE", "REDIS_URL", "BROKER_URL"])
def test_a_missing_name_stops_the_process_and_is_named(name):
    environment = {key: value for key, value in os.environ.items() if key != name}
    ended = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**environment, "DJANGO_SETTINGS_MODULE": "rsu.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert name in ended.stderr.splitlines()[-1]
