"""Members as AMO reads them on a day: their answers, and what is known to the day of their other covers: those they were directed
to, and those that a partner verified."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from eligibility.models import OPEN
from households.models import Member, PeriodKind, VerifiedPeriod

from . import units
from .models import Direction

CONFIRMED = (Direction.State.CONFIRMED, Direction.State.ENDED)
NO_COVER = "none"


@dataclass(frozen=True)
class Known:
    """Days on which a scheme covers somebody, or (`covers` false) on which it says that it does not."""

    scheme: str
    since: date
    until: date
    covers: bool = True

    def on(self, day: date) -> bool:
        return self.since <= day < self.until


class OtherCovers:
    """Other compulsory covers of these people whose first and last day are known: they say better than an answer without a date."""

    def __init__(self, members: Iterable[Member]) -> None:
        people = [member.idcs for member in members]
        self._known: dict[str, list[Known]] = {}
        self._denied: dict[str, list[Known]] = {}
        for one in Direction.objects.filter(idcs__in=people, state__in=CONFIRMED).order_by("since", "id"):
            self._known.setdefault(one.idcs, []).append(Known(one.scheme, one.since, one.until))
        verified = VerifiedPeriod.objects.filter(idcs__in=people, kind=PeriodKind.COVER, held=False)
        for idcs, value, details, since, until in verified.order_by("since", "id").values_list(
            "idcs", "value", "details", "since", "until"
        ):
            if value == NO_COVER:
                self._denied.setdefault(idcs, []).append(Known(details.get("scheme", ""), since, until, covers=False))
            else:
                self._known.setdefault(idcs, []).append(Known(value, since, until))
        for known in self._known.values():
            known.sort(key=lambda one: one.since)

    def person(self, member: Member, on: date) -> units.Person:
        """The member on a day. A declared cover of a scheme whose days are known counts on those days and no other."""
        one, known = units.person(member, on), self._known.get(member.idcs, ())
        running = next((cover for cover in known if cover.on(on)), None)
        if running:
            return replace(one, cover=running.scheme)
        over = {cover.scheme for cover in known} | {cover.scheme for cover in self._denied.get(member.idcs, ()) if cover.on(on)}
        return replace(one, cover=None) if one.cover in over else one

    def days_of_change(self, member: Member, rules: units.Rules) -> set[date]:
        known = [*self._known.get(member.idcs, ()), *self._denied.get(member.idcs, ())]
        days = {day for cover in known for day in (cover.since, cover.until)}
        return (units.days_of_change(member, rules) | days) - {OPEN}

    def begun(self, on: date) -> dict[str, date]:
        """Persons whom such a cover covers on the day, and since when."""
        return {idcs: one.since for idcs, known in self._known.items() for one in known if one.on(on)}

    def returning(self, on: date) -> dict[str, date]:
        """Persons whose last such cover has ended by that day: the first day without it."""
        ended = {idcs: max(cover.until for cover in known) for idcs, known in self._known.items()}
        return {idcs: until for idcs, until in ended.items() if until <= on}
