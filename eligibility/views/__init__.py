"""The law and its runs, as administrators change them and auditors read them."""

from .law import policy
from .proposals import approve, proposal, propose, reject
from .runs import retry, run, run_progress, runs

__all__ = ["approve", "policy", "proposal", "propose", "reject", "retry", "run", "run_progress", "runs"]
