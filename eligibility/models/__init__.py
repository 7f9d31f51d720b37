"""What the law gives: its dated values, the facts read, the scores, the standing in each program, and the runs that make them.

What stands now is one row; what it replaced goes to the `Past…` table beside it in the same statement, with run and reason.
"""

from .counts import ScoreTally, Tally
from .law import Program, Proposal, Provision
from .notices import Notice
from .rights import (
    OPEN,
    Assessment,
    Determination,
    DeterminationColumns,
    FactColumns,
    Facts,
    HeldLoss,
    PastAssessment,
    PastDetermination,
    PastFacts,
)
from .runs import LosingFamily, Refusal, ReplayedSample, Run, RunChunk, Transition

__all__ = [
    "OPEN",
    "Assessment",
    "Determination",
    "DeterminationColumns",
    "FactColumns",
    "Facts",
    "HeldLoss",
    "LosingFamily",
    "Notice",
    "PastAssessment",
    "PastDetermination",
    "PastFacts",
    "Program",
    "Proposal",
    "Provision",
    "Refusal",
    "ReplayedSample",
    "Run",
    "RunChunk",
    "ScoreTally",
    "Tally",
    "Transition",
]
