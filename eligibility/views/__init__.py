"""The law and its runs, as administrators change them and auditors read them."""

from .law import compare, formula, formula_file, history, policy
from .proposals import approve, proposal, propose, reject
from .replays import acknowledge, replay, replays
from .runs import retry, run, run_progress, runs
from .simulation import simulate, simulate_at

__all__ = [
    "acknowledge",
    "approve",
    "compare",
    "formula",
    "formula_file",
    "history",
    "policy",
    "proposal",
    "propose",
    "reject",
    "replay",
    "replays",
    "retry",
    "run",
    "run_progress",
    "runs",
    "simulate",
    "simulate_at",
]
