"""Statuses of an enrollment, the moves allowed between them, and who may make each: one dict."""

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


class MoveRefused(ValueError):
    """This status cannot follow that one, or not by this role."""


def check_move(before: str, after: str, role: str) -> None:
    """Raise MoveRefused unless `role` may take an enrollment from `before` to `after` ("" = not yet there)."""
    if role not in MOVES.get((before, after), ()):
        raise MoveRefused(f"{before or 'nothing'} → {after} by {role}")


def diagram() -> str:
    """The moves as a Mermaid state diagram, printed in the README."""
    lines = ["stateDiagram-v2"]
    for (before, after), roles in MOVES.items():
        lines.append(f"    {before or '[*]'} --> {after}: {', '.join(roles)}")
    return "\n".join(lines)
