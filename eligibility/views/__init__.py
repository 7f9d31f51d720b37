"""The law and its runs, as administrators change them and auditors read them."""

from .law import compare, formula, formula_file, history, policy
from .losses import loss, losses
from .notices import notice
from .proposals import approve, proposal, proposal_file, propose, reject
from .rehearsals import losing_family, rehearsal, rehearsal_progress, rehearse
from .replays import acknowledge, replay, replays
from .runs import cancel, pause, resume, retry, run, run_progress, run_refusals, runs
from .simulation import simulate, simulate_at

__all__ = [
    "acknowledge",
    "approve",
    "cancel",
    "compare",
    "formula",
    "formula_file",
    "history",
    "losing_family",
    "loss",
    "losses",
    "notice",
    "pause",
    "policy",
    "proposal",
    "proposal_file",
    "propose",
    "rehearsal",
    "rehearsal_progress",
    "rehearse",
    "reject",
    "replay",
    "replays",
    "resume",
    "retry",
    "run",
    "run_progress",
    "run_refusals",
    "runs",
    "simulate",
    "simulate_at",
]
