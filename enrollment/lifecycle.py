"""Statuses of an enrollment, the moves allowed between them, and who may make each: one dict."""

from functools import partial

import rsu.lifecycle
from rsu.lifecycle import MoveRefused

__all__ = [
    "COVERING", "DIRECTION_MOVES", "HOLDING", "MOVES", "MoveRefused", "check_direction_move", "check_move", "diagram", "direction_diagram",
]  # fmt: skip

COVERING = ("active", "in_review")
"""Statuses in which the right runs."""

HOLDING = (*COVERING, "suspended")
"""Statuses that keep the place in the scheme: nothing else may be opened over them."""

PEOPLE = ("caseworker", "supervisor")
ENGINE = ("engine",)

MOVES = {
    ("", "proposed"): PEOPLE + ENGINE,
    ("", "migrated"): ENGINE,
    ("", "active"): ENGINE,
    ("migrated", "active"): PEOPLE + ENGINE,
    ("migrated", "ended"): PEOPLE + ENGINE,
    ("proposed", "active"): PEOPLE + ENGINE,
    ("proposed", "refused"): PEOPLE + ENGINE,
    ("active", "in_review"): PEOPLE + ENGINE,
    ("active", "suspended"): PEOPLE + ENGINE,
    ("active", "ended"): PEOPLE + ENGINE,
    ("in_review", "active"): PEOPLE + ENGINE,
    ("in_review", "suspended"): PEOPLE + ENGINE,
    ("in_review", "ended"): PEOPLE + ENGINE,
    ("suspended", "active"): PEOPLE + ENGINE,
    ("suspended", "ended"): PEOPLE + ENGINE,
}
"""("", "active") and the engine's other openings and ends are those that a day or another act commands: a birth in a covered
unit, a birthday, a death, a move between schemes, an appeal won. The score alone never ends a right: people do, or a batch
that two of them have signed."""

check_move = partial(rsu.lifecycle.check_move, MOVES)
"""Raise MoveRefused unless a role may take an enrollment from one status to another."""
diagram = partial(rsu.lifecycle.diagram, MOVES)

DIRECTION_MOVES = {
    ("", "directed"): PEOPLE + ENGINE,
    ("", "confirmed"): PEOPLE + ENGINE,
    ("directed", "applied"): PEOPLE + ENGINE,
    ("directed", "confirmed"): PEOPLE + ENGINE,
    ("directed", "refused"): PEOPLE + ENGINE,
    ("applied", "confirmed"): PEOPLE + ENGINE,
    ("applied", "refused"): PEOPLE + ENGINE,
    ("confirmed", "ended"): PEOPLE + ENGINE,
}
"""A person directed to another scheme. A partner's feed acts as the engine, and may confirm a cover nobody was directed to."""

check_direction_move = partial(rsu.lifecycle.check_move, DIRECTION_MOVES)
direction_diagram = partial(rsu.lifecycle.diagram, DIRECTION_MOVES)
