"""Statuses of an appeal, the moves allowed between them, and who may make each: one dict."""

from functools import partial

import rsu.lifecycle
from rsu.lifecycle import MoveRefused

__all__ = ["DECIDED", "MOVES", "OPEN", "MoveRefused", "check_move", "diagram"]

OPEN = ("filed", "in_examination")
"""Nothing is answered yet: the clock runs, and one appeal at most stands against one thing."""
DECIDED = ("upheld", "partly_upheld", "dismissed")

PEOPLE = ("caseworker", "supervisor")
DECIDERS = ("supervisor",)

MOVES = {
    ("", "filed"): PEOPLE,
    ("filed", "in_examination"): PEOPLE,
    ("filed", "dismissed"): DECIDERS,
    ("filed", "withdrawn"): PEOPLE,
    ("in_examination", "upheld"): DECIDERS,
    ("in_examination", "partly_upheld"): DECIDERS,
    ("in_examination", "dismissed"): DECIDERS,
    ("in_examination", "withdrawn"): PEOPLE,
}
"""Dismissed as filed: too late, and no supervisor admits it. Only the family withdraws, by whoever received it."""

check_move = partial(rsu.lifecycle.check_move, MOVES)
"""Raise MoveRefused unless a role may take an appeal from one status to another."""
diagram = partial(rsu.lifecycle.diagram, MOVES)
