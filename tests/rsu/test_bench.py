"""The bench, small, as a stranger runs it: every measure is there, what is counted twice is equal, nothing is left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEPS = [
    "synthesize",
    "facts",
    "first_decisions",
    "scores",
    "switch",
    "threshold",
    "equal_flips",
    "one_right",
    "curve",
    "submission",
    "notices",
]


def test_a_small_bench_measures_everything_and_cleans_up(tmp_path):
    data = tmp_path / "bench"
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "REDIS", "BROKER"))}
    argv = [sys.executable, "manage.py", "bench", "--households", "400", "--flips", "20", "--workers", "1", "--json", "--data", str(data)]
    done = subprocess.run(argv, cwd=ROOT, env=outside, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    measures = {one["name"]: one for one in found["measures"]}
    assert list(measures) == STEPS
    for name in ("first_decisions", "scores", "switch", "threshold", "equal_flips"):
        notes = measures[name]["notes"]
        assert notes["planned"] == notes["applied"] + notes["already"] + notes["refused"]
    assert measures["facts"]["count"] == measures["scores"]["count"] == 400
    assert measures["equal_flips"]["notes"]["applied"] >= 20
    assert measures["curve"]["notes"]["counted"] == measures["curve"]["notes"]["direct"]
    assert all(measures[name]["bare_seconds"] for name in ("facts", "first_decisions", "scores", "threshold"))
    assert measures["notices"]["notes"]["pages"] >= measures["notices"]["count"] > 0 and measures["notices"]["bare_seconds"]
    assert found["machine"]["postgresql"]["fsync"] == "on" and not data.exists()
