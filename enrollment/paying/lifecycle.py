"""Stages of a payment order and states of a payment, the moves allowed between them and who may make each: two dicts."""

from functools import partial

import rsu.lifecycle
from rsu.lifecycle import MoveRefused

__all__ = [
    "CANCELABLE", "FROZEN", "MOVES", "PAYMENT_MOVES", "SENT", "STAGES", "STANDING", "MoveRefused", "check_move", "check_payment_move",
    "diagram", "payment_diagram",
]  # fmt: skip

OFFICE = ("administrator", "supervisor")
DESK = ("caseworker", "supervisor", "administrator")

MOVES = {
    ("", "draft"): OFFICE,
    ("draft", "in_approval"): OFFICE,
    ("draft", "approved"): OFFICE,
    ("in_approval", "approved"): OFFICE,
    ("approved", "frozen"): OFFICE,
    ("frozen", "exported"): OFFICE,
    ("exported", "closed"): OFFICE,
    ("draft", "canceled"): OFFICE,
    ("in_approval", "canceled"): OFFICE,
    ("approved", "canceled"): OFFICE,
    ("frozen", "canceled"): OFFICE,
}
"""("draft", "approved") is the move of a registry whose law asks for one signature; who of these may sign is a provision."""

STAGES = ("draft", "in_approval", "approved", "frozen", "exported", "closed")
"""The way of an order that is paid, as drawn on its page."""
FROZEN = ("frozen", "exported", "closed")
"""Stages in which the database refuses any change to what is paid to whom."""
SENT = ("exported", "closed")
"""Stages from which there is no way back: the agency has the file."""
CANCELABLE = tuple(before for before, after in MOVES if after == "canceled")

PAYMENT_MOVES = {
    ("", "ready"): OFFICE,
    ("ready", "sent"): OFFICE,
    ("ready", "canceled"): OFFICE,
    ("sent", "paid"): OFFICE,
    ("sent", "rejected"): OFFICE,
    ("rejected", "to_reissue"): DESK,
    ("rejected", "paid"): OFFICE,
    ("paid", "rejected"): OFFICE,
}
"""The last two correct an answer the agency took back: one person settles the difference, saying why."""

STANDING = ("ready", "sent", "paid", "rejected")
"""States that hold what is owed: nothing may be paid for it anew. A rejected one holds it until somebody has it issued again."""

check_move = partial(rsu.lifecycle.check_move, MOVES)
"""Raise MoveRefused unless a role may take an order from one stage to another."""
check_payment_move = partial(rsu.lifecycle.check_move, PAYMENT_MOVES)
diagram = partial(rsu.lifecycle.diagram, MOVES)
payment_diagram = partial(rsu.lifecycle.diagram, PAYMENT_MOVES)
