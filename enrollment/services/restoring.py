"""What an appeal upheld gives back: determinations from the contested day, cover without a gap, the months of aid one by one.

Only gaps are filled: what was covered, by this program or another, stays as it was, and a month already written is never written
again: what it lacks is a correction, paid with the next month, line by line.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

import eligibility.services
from eligibility.models import OPEN, Determination, Facts, Program, Provision
from eligibility.queries import law as law_of
from households.models import Household
from rsu.authentication import engine
from rsu.months import first_of_month_from, months_between

from .. import queries
from ..allowances import AMOUNTS, reference_day
from ..lifecycle import HOLDING, check_move
from ..models import COVERS, Allowance, Enrollment, EnrollmentMove, MigratedCover, Unit
from ..runs import write
from ..runs.rereading import reread
from ..units import Family
from .aiding import application_month, end_of_right, month_of
from .moves import count_enrolled, move
from .proposing import propose_for_household

Status = Enrollment.Status
UPHELD = gettext_noop("Recours accueilli : le droit est rendu.")
REASON = Determination.Reason.APPEAL

Period = tuple[date, date]
"""First day, and first day after."""


@dataclass(frozen=True)
class Correction:
    """A month written that is worth another amount now: `missing`, in centimes, waits for the next month (too much: an overpayment)."""

    allowance: Allowance
    missing: int

    @property
    def due(self) -> int:
        return self.allowance.amount + self.missing


@dataclass(frozen=True)
class Months:
    """Months of direct aid written anew, and those already written that a correction brings to their right amount."""

    written: list[Allowance] = field(default_factory=list)
    to_correct: list[Correction] = field(default_factory=list)


@dataclass(frozen=True)
class Restored:
    """What was given back in one program; `hindrances` are the sentences that keep the aid from being paid."""

    program: str
    enrollments: list[Enrollment] = field(default_factory=list)
    months: Months = field(default_factory=Months)
    hindrances: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.enrollments or self.months.written or self.months.to_correct)


def periods_of_right(household: Household, program: str) -> list[Period]:
    """The days on which the score gives the right, neighbors joined."""
    rows = Determination.objects.filter(household=household, program=program, entitled=True).order_by("since")
    return joined(rows.values_list("since", "until"))


def joined(periods: Iterable[Period]) -> list[Period]:
    found: list[Period] = []
    for since, until in sorted(periods):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(until, found[-1][1]))
        else:
            found.append((since, until))
    return found


def without(periods: Iterable[Period], taken: Iterable[Period]) -> list[Period]:
    """The days of `periods` that no period of `taken` holds."""
    free = list(periods)
    for since, until in taken:
        free = [piece for first, last in free for piece in ((first, min(last, since)), (max(first, until), last)) if piece[0] < piece[1]]
    return free


def windows(before: list[Period], after: list[Period], *, since: date) -> list[Period]:
    """The periods of right, from `since`, that hold a day which was not one before: what is given back lies in them."""
    wanted = [(max(first, since), last) for first, last in after if last > since]
    return [one for one in wanted if without([one], before)]


def determine_again(household: Household, *, since: date, on: date) -> None:
    """Read, score and determine the household from `since`, day after day on which the law or time alone changed something, to `on`.

    What stood since then is kept aside, as for any change that replaces from its date on.
    """
    law_days = set(Provision.objects.filter(since__gt=since, since__lte=on).values_list("since", flat=True))
    day: date | None = since
    while day is not None:
        eligibility.services.assess_households([household.pk], on=day, by=engine(), reason=REASON)
        stale = Facts.objects.filter(household=household).values_list("stale_on", flat=True).first()
        later = [one for one in (*law_days, stale, on) if one is not None and day < one <= on]
        day = min(later, default=None)
    propose_for_household(household.pk, on=on, by=engine())


def restore_program(household: Household, program: str, spans: list[Period], *, on: date, only: list[str] | None = None) -> Restored:
    """Fill the gaps of these spans in the household's cover or aid, and write the months that were missed.

    `only` narrows it to these persons. The household is locked, and determined up to `on`.
    """
    spans = [(since, until) for since, until in spans if since <= on]
    if not spans:
        return Restored(program)
    if program == Program.AMO_TADAMON:
        families = queries.sorted_members(household, on, law_of(on)).units
        return Restored(program, restore_cover(household, program, families, spans, only=only))
    return _restore_aid(household, spans, on=on)


def restore_cover(
    household: Household, program: str, families: Iterable[Family], spans: list[Period], *, only: list[str] | None
) -> list[Enrollment]:
    """Each person of these units, whom nothing covered meanwhile: a gap that is over is closed, the last one runs on."""
    opened = []
    people = {one.idcs: (unit, one) for unit in families for one in unit.people if only is None or one.idcs in only}
    taken: dict[str, list[Period]] = {}
    rows = Enrollment.objects.filter(program__in=COVERS, idcs__in=list(people), status__in=(*HOLDING, Status.ENDED))
    moved = MigratedCover.objects.filter(idcs__in=list(people), since__lt=F("until"))
    for idcs, since, until in (*rows.values_list("idcs", "since", "until"), *moved.values_list("idcs", "since", "until")):
        taken.setdefault(idcs, []).append((since, until))
    units = _units(household, [unit for unit, _one in people.values()])
    counted = household.enrollments.filter(program=program, status__in=HOLDING).exists()
    for idcs, (unit, one) in people.items():
        quality = Enrollment.Quality.INSURED if one is unit.insured else Enrollment.Quality.DEPENDANT
        slot = {"unit": units[unit.insured.idcs], "member_id": one.id, "idcs": idcs, "quality": quality}
        for gap in without(_to_month_end(spans, program), taken.get(idcs, ())):
            opened.append(_open(household, program, gap, people=1, **slot))
    running = [one for one in opened if one.status == Status.ACTIVE]
    _count(household, program, running, first=not counted)
    return opened


def _restore_aid(household: Household, spans: list[Period], *, on: date) -> Restored:
    program = Program.DIRECT_AID
    rows = household.enrollments.filter(program=program, status__in=(*HOLDING, Status.ENDED))
    taken = list(rows.order_by("since").values_list("since", "until"))
    determination = queries.open_determination(household, program)
    asked_read_on = None
    if not taken and determination is not None and determination.entitled:
        first, asked_read_on = application_month(household, determination)
        spans = [(first if since.replace(day=1) <= first else since, until) for since, until in spans]
    months_spans = [(first_of_month_from(since), until) for since, until in _to_month_end(spans, program)]
    gaps = without(months_spans, taken)
    opened, hindrances = [], []
    for gap in gaps:
        read_on = asked_read_on if asked_read_on and asked_read_on.replace(day=1) == gap[0] else gap[0]
        found = month_of(household, month=gap[0], read_on=read_on).findings
        if found:
            hindrances += found
            continue
        slot = {"quality": Enrollment.Quality.HOUSEHOLD, "people": household.members.count()}
        opened.append(_open(household, program, gap, determination=determination, **slot))
    running = [one for one in opened if one.status == Status.ACTIVE]
    _count(household, program, running, first=True)
    since = min(first for first, _last in months_spans)
    months = restore_months(household, since=since, on=on, read_on=asked_read_on)
    return Restored(program, opened, months, hindrances)


def restore_months(household: Household, *, since: date, on: date, read_on: date | None = None) -> Months:
    """Write each missing month from the month of `since` to that of `on`, under its own law; the month of `read_on` is read on it.

    What is already written and is worth another amount is corrected, never written over.
    """
    months = Months()
    for month in months_between(since.replace(day=1), on):
        law = law_of(month)
        if law.has(AMOUNTS):
            day = read_on if read_on and read_on.replace(day=1) == month else reference_day(month, law)
            _restore_month(household, months, month=month, day=day, law=law)
    return months


def _restore_month(household: Household, months: Months, *, month: date, day: date, law) -> None:
    rows = household.allowances.filter(month=month)
    known = rows.first()
    if known is None:
        if write([household.pk], month=month, read_on=day, law=law).paid:
            months.written.append(rows.get())
        return
    for _household, missing in reread([household.pk], month=month, reason=UPHELD, by=engine(), as_written=False):
        months.to_correct.append(Correction(known, missing))


def _to_month_end(spans: list[Period], program: str) -> list[Period]:
    """A right that ended meanwhile ended with its month, where the law says so."""
    return joined((since, until if until == OPEN else end_of_right(program, until)) for since, until in spans)


def _units(household: Household, families: list) -> dict[str, Unit]:
    """The unit of each insured person: one the household already has, else a new one."""
    wanted = {family.insured.idcs: family for family in families}
    found = {unit.insured_idcs: unit for unit in Unit.objects.filter(household=household, insured_idcs__in=list(wanted)).order_by("id")}
    new = [
        Unit(household=household, kind=family.kind, insured_id=family.insured.id, insured_idcs=idcs)
        for idcs, family in wanted.items()
        if idcs not in found
    ]
    return found | {unit.insured_idcs: unit for unit in Unit.objects.bulk_create(new)}


def _open(household: Household, program: str, gap: Period, *, determination=None, **slot) -> Enrollment:
    """One enrollment over the gap: what was proposed for it, or a new one; ended where the gap ends."""
    since, until = gap
    determination = determination or queries.open_determination(household, program)
    runs = until == OPEN
    proposals = household.enrollments.filter(program=program, idcs=slot.get("idcs", ""), status=Status.PROPOSED)
    proposed = proposals.select_for_update(of=("self",)).first() if runs else None
    place = {"commune_id": household.commune_id, "milieu": household.milieu}
    if proposed is not None:
        fields = {"since": since, "until": until, "determination": determination, "people": slot.get("people", 1), **place}
        move([proposed], Status.ACTIVE, by=engine(), reason=UPHELD, **fields)
        return proposed
    check_move("", Status.ACTIVE, engine().role)
    row = Enrollment.objects.create(
        household=household, program=program, status=Status.ACTIVE, since=since, until=until, determination=determination,
        decided_by=engine(), decided_at=Now(), reason=UPHELD, **place, **slot,
    )  # fmt: skip
    EnrollmentMove.objects.create(enrollment=row, before="", after=Status.ACTIVE, by=engine(), reason=UPHELD)
    if not runs:
        move([row], Status.ENDED, by=engine(), reason=UPHELD)
    return row


def _count(household: Household, program: str, running: list[Enrollment], *, first: bool) -> None:
    people = sum(one.people for one in running)
    if people:
        count_enrolled(program, commune_id=household.commune_id, milieu=household.milieu, households=int(first), people=people)
