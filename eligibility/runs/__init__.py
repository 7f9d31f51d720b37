"""A batch is a ledger of chunks: planned once with its households, claimed by whoever is free, closed when it adds up.

`plans` writes the ledger, `ledger` moves its chunks through their states, `work` does what a chunk asks for, `locks` keeps
batches, declarations and changes of the law apart, `rehearsals` fills and keys the partition of a proposed formula.
"""

from .ledger import (
    AT_WORK,
    apply,
    at_work,
    cancel,
    claim,
    close_finished,
    give_back,
    pause,
    reopen,
    resume,
    revive_stalled,
    something_waits,
)
from .left import left_behind
from .locks import lock_blocks, lock_households, lock_law_for_reading, lock_law_for_writing
from .plans import plan_everyone, plan_held, plan_households, plan_rehearsal, plan_stale, plan_threshold, stale_day
from .rehearsals import create_partition, discard, formula_before, is_kept, law_met
from .work import assess_locked, clear_due, make_room

__all__ = [
    "AT_WORK",
    "apply",
    "assess_locked",
    "at_work",
    "cancel",
    "claim",
    "clear_due",
    "close_finished",
    "create_partition",
    "discard",
    "formula_before",
    "give_back",
    "is_kept",
    "law_met",
    "left_behind",
    "lock_blocks",
    "lock_households",
    "lock_law_for_reading",
    "lock_law_for_writing",
    "make_room",
    "pause",
    "plan_everyone",
    "plan_held",
    "plan_households",
    "plan_rehearsal",
    "plan_stale",
    "plan_threshold",
    "reopen",
    "resume",
    "revive_stalled",
    "something_waits",
    "stale_day",
]
