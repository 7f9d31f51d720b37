"""Members as AMO reads them on a day: their answers, and what is known to the day of the other covers they were directed to."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from eligibility.models import OPEN
from households.models import Member

from . import units
from .models import Direction

KNOWN = (Direction.State.CONFIRMED, Direction.State.ENDED)


class OtherCovers:
    """Other compulsory covers of these people whose first and last day are known: they say better than an answer without a date."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._known: dict[str, list[Direction]] = {}
        rows = Direction.objects.filter(idcs__in=[member.idcs for member in members], state__in=KNOWN)
        for one in rows.order_by("since", "id"):
            self._known.setdefault(one.idcs, []).append(one)

    def person(self, member: Member, on: date) -> units.Person:
        """The member on a day. A declared cover of a scheme whose days are known counts on those days and no other."""
        one, known = units.person(member, on), self._known.get(member.idcs, ())
        running = next((direction for direction in known if direction.since <= on < direction.until), None)
        if running:
            return replace(one, cover=running.scheme)
        return replace(one, cover=None) if one.cover in {direction.scheme for direction in known} else one

    def days_of_change(self, member: Member, rules: units.Rules) -> set[date]:
        known = self._known.get(member.idcs, ())
        days = {day for direction in known for day in (direction.since, direction.until)}
        return (units.days_of_change(member, rules) | days) - {OPEN}

    def begun(self, on: date) -> dict[str, date]:
        """Persons whom such a cover covers on the day, and since when."""
        return {idcs: one.since for idcs, known in self._known.items() for one in known if one.since <= on < one.until}

    def returning(self, on: date) -> dict[str, date]:
        """Persons whose last such cover has ended by that day: the first day without it."""
        ended = {idcs: known[-1].until for idcs, known in self._known.items()}
        return {idcs: until for idcs, until in ended.items() if until <= on}
