"""This year's path: what is spent, what is foreseen, and the month in which the envelope would be exceeded."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from eligibility.law import Law, Provision
from rsu.models import User

from ..models import Scheme
from .cells import BUDGETED, NOTHING, Amount, forecast_cells, latest_forecasts, money, spent_cells, total

ENVELOPES = {
    Scheme.DIRECT_AID: ("budget.direct_aid", "budget.direct_aid_households"),
    Scheme.AMO_TADAMON: ("budget.amo_tadamon", "budget.amo_tadamon_people"),
}


@dataclass(frozen=True)
class PathMonth:
    """A month of a program: what is spent, what is foreseen beyond it, and both cumulated since January."""

    month: date
    spent: int
    foreseen: int
    cumulated: int
    known: bool = True

    @property
    def both(self) -> int:
        return self.spent + self.foreseen


@dataclass(frozen=True)
class Envelope:
    """The year's credits of a program, and the part of them that stands for those the registry counts.

    A registry of few families is compared with what the kingdom's envelope gives as many: `share` is `amount` for `counted` of the
    `planned` households or persons, never more than the whole.
    """

    provision: Provision
    planned: int
    counted: int

    @property
    def amount(self) -> int:
        return self.provision.value

    @property
    def partial(self) -> bool:
        return self.counted < self.planned

    @property
    def share(self) -> int:
        return self.amount * min(self.counted, self.planned) // self.planned


@dataclass(frozen=True)
class Path:
    program: Scheme
    months: list[PathMonth]
    envelope: Envelope | None

    @property
    def spent(self) -> int:
        return sum(month.spent for month in self.months)

    @property
    def foreseen(self) -> int:
        return sum(month.foreseen for month in self.months)

    @property
    def whole(self) -> int:
        return self.spent + self.foreseen

    @property
    def left(self) -> int | None:
        return self.envelope.share - self.whole if self.envelope else None

    @cached_property
    def exceeded_in(self) -> date | None:
        """The first month at whose end more is spent than the envelope's share."""
        if self.envelope is None:
            return None
        return next((month.month for month in self.months if month.cumulated > self.envelope.share), None)

    @property
    def unknown(self) -> list[date]:
        """Months to come that nobody has foreseen yet."""
        return [month.month for month in self.months if not month.known]


def months_of_year(year: int) -> list[date]:
    return [date(year, month, 1) for month in range(1, 13)]


def paths(user: User, *, year: int, on: date, law: Law) -> list[Path]:
    """The twelve months of each program: past ones as written, the current one completed by its forecast, the others foreseen."""
    months = months_of_year(year)
    written = spent_cells(user, first=months[0], last=months[-1])
    forecasts = latest_forecasts(first=months[0], last=months[-1])
    foreseen = [cell for cell in forecast_cells(user, forecasts.values(), whole=True) if cell.enrolled]
    return [_path(program, months, written, foreseen, forecasts, on=on, law=law) for program in BUDGETED]


def _path(program, months, written, foreseen, forecasts, *, on: date, law: Law) -> Path:
    this, cumulated, found = on.replace(day=1), 0, []
    counted = NOTHING
    for month in months:
        spent = money(written, lambda cell, month=month: cell.month == month and cell.program == program)
        ahead = total(foreseen, lambda cell, month=month: cell.month == month and cell.program == program)
        left = max(0, ahead.centimes - spent) if month >= this else 0
        cumulated += spent + left
        counted = ahead if month == this or (month > this and counted == NOTHING) else counted
        found.append(PathMonth(month, spent, left, cumulated, month < this or month in forecasts))
    if counted == NOTHING:
        last = max((cell.month for cell in written if cell.program == program), default=None)
        counted = total(written, lambda cell: cell.month == last and cell.program == program)
    return Path(program, found, envelope_of(program, year=months[0].year, counted=counted, law=law))


def envelope_of(program: Scheme, *, year: int, counted: Amount, law: Law) -> Envelope | None:
    """None where no budget law is known for that year: another year's is never used. `law` is that of a day of the year."""
    key, planned = ENVELOPES[program]
    if not law.has(key) or not law.has(planned) or law.cite(key).since.year != year:
        return None
    return Envelope(law.cite(key), law.value(planned), counted.households if program == Scheme.DIRECT_AID else counted.people)
