"""Statuses of a request and the moves allowed between them: one dict, with who may make each."""

from functools import partial

import rsu.lifecycle
from rsu.lifecycle import MoveRefused

__all__ = ["ENDED", "MOVES", "MoveRefused", "check_move", "diagram"]

PEOPLE = ("caseworker", "supervisor")
DECLARANTS = (*PEOPLE, "agency", "engine")
SETTLERS = (*PEOPLE, "engine")

MOVES = {
    ("", "draft"): DECLARANTS,
    ("draft", "rejected"): DECLARANTS,
    ("draft", "in_progress"): SETTLERS,
    ("draft", "processed"): DECLARANTS,
    ("in_progress", "draft"): SETTLERS,
    ("in_progress", "processed"): SETTLERS,
    ("in_progress", "partially_accepted"): PEOPLE,
    ("in_progress", "rejected"): PEOPLE,
}
"""A registration goes from draft to processed in one deed; everything else is sent first, then answered."""

ENDED = ("processed", "partially_accepted", "rejected")

check_move = partial(rsu.lifecycle.check_move, MOVES)
"""Raise MoveRefused unless a role may take a request from one status to another."""
diagram = partial(rsu.lifecycle.diagram, MOVES)
