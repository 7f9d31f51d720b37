"""pytest plugin: a private PostgreSQL and Valkey under var/test for the time of the tests, unless `PGHOST` names a server.

It acts before pytest-django reads the settings; the processes of pytest-xdist inherit the environment of the first.
"""

import os
from pathlib import Path

import pytest

from rsu import embedded

servers = pytest.StashKey[embedded.Servers]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--servers-data", type=Path, default=embedded.VAR / "test", help="where the private servers keep their files (var/test)"
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config):
    # Dozens of workers and commands are started, and killed: each would compile the project anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if "PGHOST" not in os.environ:
        data = early_config.known_args_namespace.servers_data
        started = embedded.Servers(data, embedded.UNSAFE)
        try:
            started.start()
        except embedded.CannotStart as refusal:
            started.stop()
            way_out = " Choose another folder with --servers-data." if isinstance(refusal, embedded.AlreadyRunning) else ""
            raise pytest.UsageError(f"{refusal}{way_out}") from refusal
        early_config.stash[servers] = started
        embedded.export({**embedded.environment(data), "PG_CONN_MAX_AGE": "0"})
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    if servers in config.stash:
        config.stash[servers].stop()
