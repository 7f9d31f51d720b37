"""What was done to a household, in one list: the audit's events, the moves of its enrollments, the rights a run opened or closed.

A run leaves one event a chunk, without a household: what it did to this one is read from what it wrote.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rsu.wording import DEEDS

SAID_BY_MOVES = (
    "propose_enrollments", "accept_enrollment", "refuse_enrollment", "keep_enrollment", "end_enrollment", "resume_enrollment",
    "follow_covers",
)  # fmt: skip
"""Verbs whose moves are listed one by one, and say more."""
TOGETHER = timedelta(minutes=10)


@dataclass
class Line:
    """One deed, or `times` alike by one person, each less than ten minutes from the next; `at` is the latest."""

    at: datetime
    by: object
    deed: str
    reason: str = ""
    run: object = None
    enrollments: bool = False
    times: int = 1

    def same(self, earlier: "Line") -> bool:
        return (self.by, self.deed, self.reason, self.run) == (earlier.by, earlier.deed, earlier.reason, earlier.run)


def trace(events: Iterable, moves: Iterable, periods: Iterable) -> list[Line]:
    """Newest first."""
    lines = [Line(event.at, event.by, str(DEEDS.get(event.verb, event.verb)), event.reason) for event in events]
    lines += [Line(move.at, move.by, _moved(move), _(move.reason) if move.reason else "", enrollments=True) for move in moves]
    lines += [Line(row.determined_at, row.run.by, _determined(row), row.get_reason_display(), row.run) for row in periods if row.run]
    lines.sort(key=lambda line: line.at, reverse=True)
    return _gathered(lines)


def _moved(move) -> str:
    program = capfirst(move.enrollment.get_program_display())
    if not move.before:
        return _("{program} : inscription {after}").format(program=program, after=move.get_after_display())
    sentence = _("{program} : inscription {before} → {after}")
    return sentence.format(program=program, before=move.get_before_display(), after=move.get_after_display())


def _determined(row) -> str:
    sentence = _("{program} : droit ouvert") if row.entitled else _("{program} : droit fermé")
    return sentence.format(program=capfirst(row.get_program_display()))


def _gathered(lines: list[Line]) -> list[Line]:
    gathered: list[Line] = []
    later = None
    for line in lines:
        if gathered and gathered[-1].same(line) and later - line.at <= TOGETHER:
            gathered[-1].times += 1
        else:
            gathered.append(line)
        later = line.at
    return gathered
