"""A month for everyone: a ledger of chunks, planned once with its households, claimed by whoever is free, closed when it adds up.

`plans` writes the ledger, `ledger` moves its chunks, `writing` writes a month, `correcting` compares one with what was written,
`closing` refuses what does not add up.
"""

from .closing import close_finished, differences
from .correcting import correct
from .ledger import AT_WORK, apply, claim, give_back, reopen, revive_stalled, something_waits
from .plans import plan_month
from .writing import Written, write

__all__ = [
    "AT_WORK",
    "Written",
    "apply",
    "claim",
    "close_finished",
    "correct",
    "differences",
    "give_back",
    "plan_month",
    "reopen",
    "revive_stalled",
    "something_waits",
    "write",
]
