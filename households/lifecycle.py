"""Statuses of a request and the moves allowed between them: one dict, with who may make each."""

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


class MoveRefused(ValueError):
    """This status cannot follow that one, or not by this role."""


def check_move(before: str, after: str, role: str) -> None:
    """Raise MoveRefused unless `role` may take a request from `before` to `after` ("" = not yet there)."""
    if role not in MOVES.get((before, after), ()):
        raise MoveRefused(f"{before or 'nothing'} → {after} by {role}")
