"""Statuses of an enrollment, the moves allowed between them, and who may make each: one dict."""

from functools import partial

import rsu.lifecycle
from rsu.lifecycle import MoveRefused

__all__ = ["COVERING", "MOVES", "MoveRefused", "check_move", "diagram"]

COVERING = ("active", "in_review")
"""Statuses in which the right runs."""

PEOPLE = ("caseworker", "supervisor")
ENGINE = ("engine",)

MOVES = {
    ("", "proposed"): ENGINE,
    ("proposed", "active"): PEOPLE,
    ("proposed", "refused"): PEOPLE + ENGINE,
    ("active", "in_review"): ENGINE,
    ("in_review", "active"): PEOPLE + ENGINE,
    ("in_review", "ended"): PEOPLE,
    ("active", "ended"): PEOPLE,
}

check_move = partial(rsu.lifecycle.check_move, MOVES)
"""Raise MoveRefused unless a role may take an enrollment from one status to another."""
diagram = partial(rsu.lifecycle.diagram, MOVES)
