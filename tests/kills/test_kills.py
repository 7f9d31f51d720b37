"""The trial itself, in a process of its own with servers of its own."""

import os
import subprocess
import sys

import pytest

from rsu import embedded
from tests.kills.conftest import DEFAULTS


@pytest.fixture
def size(request):
    return {name: request.config.getoption(name, default) for name, default in DEFAULTS.items() if name != "--principals"}


def test_whatever_is_killed_every_run_closes_and_a_recompute_from_scratch_agrees(size, tmp_path, record_property):
    # Many small chunks, so that a kill falls inside one; in a small trial the sweeps come closer together.
    small = size["--households"] < 5000
    chunks = {"RUN_CHUNK": "15", "RUN_RANGE": "20", "RUN_SWEEP": "2"} if small else {"RUN_CHUNK": "200", "RUN_RANGE": "500"}
    environment = {
        **os.environ,
        **embedded.environment(tmp_path),
        **chunks,
        "RUN_WORKERS": "2",
        "PG_CONN_MAX_AGE": "0",
        "LOG_LEVEL": "ERROR",
    }
    arguments = [f"{name}={value}" for name, value in size.items()]
    argv = [sys.executable, "-m", "tests.kills", f"--data={tmp_path}", *arguments]
    with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as trial:
        words = [line for line in trial.stdout if not print(line, end="", flush=True)]
    assert trial.returncode == 0, "".join(words[-60:])
    record_property("kills", words[-1].strip())
