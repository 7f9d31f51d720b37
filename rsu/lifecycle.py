"""What every lifecycle shares: a dict of moves {(before, after): roles}, refused when it does not hold the move, drawn from it.

"" is what is not there yet.
"""

from collections.abc import Mapping

Moves = Mapping[tuple[str, str], tuple[str, ...]]


class MoveRefused(ValueError):
    """This status cannot follow that one, or not by this role."""


def check_move(moves: Moves, before: str, after: str, role: str) -> None:
    """Raise MoveRefused unless the moves let `role` go from `before` to `after`."""
    if role not in moves.get((before, after), ()):
        raise MoveRefused(f"{before or 'nothing'} → {after} by {role}")


def diagram(moves: Moves) -> str:
    """The moves as a Mermaid state diagram, printed in the README."""
    drawn = [f"    {before or '[*]'} --> {after}: {', '.join(roles)}" for (before, after), roles in moves.items()]
    return "\n".join(["stateDiagram-v2", *drawn])
