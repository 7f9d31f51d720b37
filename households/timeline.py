"""What statements about one person come to, day by day: the same whatever the order they arrived in.

Pure. Of two statements that begin on the same day the later word stands alone: it corrects the other's end or value. On any other
day the latest word that speaks of that day stands. When a partner says that something ended and nothing of what came after, it is
taken to be over until the partner speaks again, or until `ends` where its silence has a term; what it does say comes first.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Protocol

OPEN = date(9999, 12, 31)
"""The `until` of what has no end yet."""


class Stated(Protocol):
    value: str
    details: dict
    since: date
    until: date
    as_of: date


@dataclass(frozen=True)
class Strip:
    """A value from `since` to before `until`."""

    value: str
    details: dict
    since: date
    until: date
    as_of: date
    implied: bool = False

    def covers(self, day: date) -> bool:
        return self.since <= day < self.until


def _rank(one: Stated) -> tuple:
    """Later words first; of one day's words, an order that is the content's own and not that of their arrival."""
    return one.as_of, one.since, one.until, one.value, sorted((name, str(value)) for name, value in one.details.items())


def drawn(statements: Iterable[Stated], *, negative: str) -> list[Strip]:
    """The periods of one person, kind and partner, in order and without overlap."""
    latest: dict[date, Stated] = {}
    for one in statements:
        known = latest.get(one.since)
        if known is None or _rank(one) > _rank(known):
            latest[one.since] = one
    strips = [Strip(one.value, one.details, one.since, one.until, one.as_of) for one in latest.values()]
    strips += [over for one in strips if (over := _over(one, negative))]
    if len(strips) == 1:
        return strips
    return _laid(sorted(strips, key=lambda strip: (not strip.implied, _rank(strip))))


def _over(strip: Strip, negative: str) -> Strip | None:
    ends = date.fromisoformat(strip.details["ends"]) if "ends" in strip.details else OPEN
    if strip.value == negative or strip.until >= ends:
        return None
    return Strip(negative, strip.details, strip.until, ends, strip.as_of, implied=True)


def _laid(strips: Sequence[Strip]) -> list[Strip]:
    """Strips laid one over another, the last on top."""
    days = sorted({day for strip in strips for day in (strip.since, strip.until)})
    laid: list[Strip] = []
    above: Strip | None = None
    for since, until in pairwise(days):
        top = next((strip for strip in reversed(strips) if strip.covers(since)), None)
        if top is None:
            above = None
        elif top is above:
            laid[-1] = replace(laid[-1], until=until)
        else:
            laid.append(replace(top, since=since, until=until))
            above = top
    return laid


def value_on(strips: Iterable[Strip], day: date) -> Strip | None:
    return next((strip for strip in strips if strip.covers(day)), None)


def first_difference(before: Callable[[date], object], after: Callable[[date], object], days: Iterable[date]) -> date | None:
    """The first of these days on which the two readings differ; between two of them neither changes."""
    return next((day for day in sorted(set(days)) if before(day) != after(day)), None)
