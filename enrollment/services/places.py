"""What must change for a household's covers to be true on a day: pure reasoning over what was read, nothing is written here.

Who is covered keeps being covered through whatever happens to others: a death, a divorce, a marriage moves him to another unit the
same day. Who loses his place by himself (age, studies, certificate, permit, another cover) leaves it that day.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext_noop

from eligibility.models import Determination, Program

from ..lifecycle import HOLDING
from ..models import Enrollment
from ..units import IN_CHARGE, NO_INSURED, OTHER_COVER, PERMIT_ENDED, Family, Person, Rules, Sorted, is_dependent

Status = Enrollment.Status
INSURED, DEPENDANT = Enrollment.Quality.INSURED, Enrollment.Quality.DEPENDANT

DIED = gettext_noop("Décès de la personne couverte.")
MOVED_UNIT = gettext_noop("La famille a changé : la couverture continue dans une autre unité.")
MOVED_HOUSEHOLD = gettext_noop("La couverture continue dans le ménage où la personne vit désormais.")
GROWN_UP = gettext_noop("N’est plus à charge : âge, études ou certificat.")
BORN = gettext_noop("Naissance dans une famille couverte.")
IN_OWN_NAME = gettext_noop("N’est plus à charge : proposée en son nom à partir du jour où finit sa place d’ayant droit.")
BACK = gettext_noop("Son autre couverture a pris fin : l’AMO-TADAMON reprend le lendemain.")
ASIDE = {
    OTHER_COVER: gettext_noop("Une autre couverture obligatoire commence."),
    PERMIT_ENDED: gettext_noop("Le titre de séjour n’est plus valable."),
    NO_INSURED: gettext_noop("Dépend désormais de proches couverts ailleurs."),
}


@dataclass(frozen=True)
class Home:
    """One household as it stood on `day`; `determination` is what its score said then of AMO-TADAMON."""

    household_id: int
    day: date
    people: tuple[Person, ...]
    sorted: Sorted
    determination: Determination | None
    rules: Rules
    birth_days: int
    """How long after a birth its declaration covers the child from the first day."""
    own_name_at_once: bool
    """Whether somebody who grows out of his parents' unit is covered in his own name without anybody's decision."""
    born: Mapping[str, date] = field(default_factory=dict)
    dead: Container[str] = frozenset()
    returning: Mapping[str, date] = field(default_factory=dict)
    """Persons whose other compulsory cover has ended, and its first day without."""
    moved: Mapping[str, date] = field(default_factory=dict)
    """Persons moved from RAMED, and the first day without the cover they got then."""

    @property
    def entitled(self) -> bool:
        return bool(self.determination and self.determination.entitled)


@dataclass(frozen=True)
class Ending:
    enrollment: Enrollment
    until: date
    reason: str


@dataclass(frozen=True)
class Opening:
    """A period to open; `former` is the one it continues, whose status it takes over."""

    program: str
    family: Family
    person: Person
    status: str
    since: date
    reason: str
    former: Enrollment | None = None

    @property
    def quality(self) -> str:
        return INSURED if self.person is self.family.insured else DEPENDANT


@dataclass
class Plan:
    endings: list[Ending] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)


def plan(home: Home, rows: Iterable[Enrollment], *, stops: Mapping[str, date]) -> Plan:
    """`rows`: every cover that the members ever had or were proposed, and those that run here for people who are members no longer;
    `stops`: by person, the first day without cover after a death or because another cover begins, where that day is known."""
    planner = _Planner(home, list(rows), stops)
    planner.remove()
    for family in home.sorted.units:
        planner.settle(family)
    return planner.plan


class _Planner:
    def __init__(self, home: Home, rows: list[Enrollment], stops: Mapping[str, date]) -> None:
        self.home, self.stops = home, stops
        self.held = {one.idcs: one for one in rows if one.status in HOLDING}
        self.ending = [one for one in rows if one.status == Status.ENDED and one.until > home.day]
        self.periods = _by_person(one for one in rows if one.status in (*HOLDING, Status.ENDED))
        self.asked = {one.idcs for one in rows if one.status == Status.PROPOSED}
        self.here = {one.idcs: one for one in home.people}
        self.running = {one.idcs for one in self.held.values() if one.household_id == home.household_id and one.idcs in self.here}
        self.unknown = set(self.here) - {one.idcs for one in rows}
        self.plan = Plan()

    def _free_from(self, idcs: str) -> date:
        """The first day after everything this person was ever covered for."""
        ended = [one.until for one in self.periods.get(idcs, ()) if one.status == Status.ENDED]
        return max([*ended, self.home.moved.get(idcs, date.min)])

    def _covered_since(self, idcs: str, default: date) -> date:
        """The first day of the cover that this person has had without a break until now."""
        first = None
        for one in sorted(self.periods.get(idcs, ()), key=lambda row: (row.since, row.until), reverse=True):
            if first is not None and one.until < first:
                break
            first = one.since
        return first or default

    # Who leaves ----------------------------------------------------------------------------------------------------

    def remove(self) -> None:
        """The dead, and those whom something of their own sets aside."""
        asides = {aside.person.idcs: aside.reason for aside in self.home.sorted.aside}
        for one in [*self.held.values(), *self.ending]:
            if one.household_id != self.home.household_id:
                continue
            if one.idcs in self.here:
                if reason := asides.get(one.idcs):
                    known = self.stops.get(one.idcs) if reason == OTHER_COVER else self._stop_of_insured(one)
                    self._end(one, known or self.home.day, ASIDE[reason])
            elif one.idcs in self.stops:
                self._end(one, self.stops[one.idcs], DIED if one.idcs in self.home.dead else ASIDE[OTHER_COVER])

    def _end(self, one: Enrollment, until: date, reason: str) -> None:
        """A period never ends before it starts, nor later than it already does."""
        until = min(max(one.since, until), one.until)
        if one.status in HOLDING:
            self.plan.endings.append(Ending(one, until, reason))
            self.running.discard(one.idcs)
        elif until < one.until:
            self.plan.endings.append(Ending(one, until, reason))

    def _stop_of_insured(self, row: Enrollment) -> date | None:
        return self.stops.get(row.unit.insured_idcs) if row.unit else None

    # Who stays, moves, comes ---------------------------------------------------------------------------------------

    def settle(self, family: Family) -> None:
        program = self._program_of_insured(family)
        covered = self._settle_insured(family, program)
        if covered is not None:
            for one in family.dependants:
                self._settle_dependant(family, one, covered)

    def _program_of_insured(self, family: Family) -> str:
        row = self.held.get(family.insured.idcs)
        if row and not self._gone(row):
            return row.program
        orphaned = [self.held[one.idcs].program for one in family.dependants if self._orphaned(one)]
        return orphaned[0] if orphaned else Program.AMO_TADAMON

    def _gone(self, row: Enrollment) -> bool:
        """Ended by this very plan."""
        return any(ending.enrollment is row for ending in self.plan.endings)

    def _settle_insured(self, family: Family, program: str) -> Opening | Enrollment | None:
        """What covers the unit's insured person after all; None when nothing does."""
        one = family.insured
        row = self.held.get(one.idcs)
        if row is None or self._gone(row):
            return self._open_insured(family, program)
        if row.household_id != self.home.household_id:
            return self._arrive(family, one, row) if self._may_take(row) else None
        if row.quality == INSURED:
            return row
        if self._grown_up(family, row):
            return self._leave_home(family, row)
        return self._move(family, one, row, MOVED_UNIT)

    def _open_insured(self, family: Family, program: str) -> Opening | None:
        """Somebody not covered yet opens by himself where a day commands it: his other cover ended, or those whom he now insures
        have lost the person they were covered through."""
        one, right = family.insured, self.home.determination
        if not self.home.entitled or program != Program.AMO_TADAMON:
            return None
        if back := self._back(one):
            return self._open(family, one, program, max(back, right.since), BACK)
        if any(self._orphaned(dependant) for dependant in family.dependants):
            return self._open(family, one, program, self.home.day, MOVED_UNIT)
        return None

    def _orphaned(self, one: Person) -> bool:
        """Covered here through somebody who no longer is."""
        row = self.held.get(one.idcs)
        if row is None or self._gone(row) or row.household_id != self.home.household_id or row.quality == INSURED:
            return False
        return row.unit.insured_idcs not in self.running

    def _grown_up(self, family: Family, row: Enrollment) -> bool:
        """A child whom nothing but his age, his studies or his certificate takes out of the unit of somebody still covered."""
        one = family.insured
        child = one.charge in IN_CHARGE or one.relation in ("child", "grandchild") or self._has_parent_here(one)
        alone = family.kind == "adult" and child and not is_dependent(one, self.home.rules)
        return alone and row.unit.insured_idcs in self.running

    def _has_parent_here(self, one: Person) -> bool:
        return bool({one.mother_id, one.father_id} & {other.id for other in self.home.people})

    def _leave_home(self, family: Family, row: Enrollment) -> Opening | None:
        one, since = family.insured, max(row.since, self.home.day)
        self._end(row, since, GROWN_UP)
        if row.program != Program.AMO_TADAMON or not self.home.entitled:
            return None
        if self.home.own_name_at_once:
            return self._open(family, one, row.program, since, IN_OWN_NAME, former=row)
        if one.idcs not in self.asked:
            self.plan.openings.append(Opening(row.program, family, one, Status.PROPOSED, since, IN_OWN_NAME, former=row))
        return None

    def _settle_dependant(self, family: Family, one: Person, covered: Opening | Enrollment) -> None:
        row = self.held.get(one.idcs)
        if row is None:
            self._begin(family, one, covered)
        elif self._gone(row) or row.program != covered.program:
            return
        elif row.household_id != self.home.household_id:
            if self._may_take(row):
                self._arrive(family, one, row)
        elif row.quality == INSURED or row.unit.insured_idcs != family.insured.idcs or isinstance(covered, Opening):
            self._move(family, one, row, MOVED_UNIT)

    def _begin(self, family: Family, one: Person, covered: Opening | Enrollment) -> None:
        """A child born to a covered unit; somebody whose other cover has ended. Others are proposed, for a person to decide."""
        born_on = self.home.born.get(one.idcs)
        if born_on and one.idcs in self.unknown and born_on >= self.home.day - timedelta(days=self.home.birth_days):
            first = self._covered_since(family.insured.idcs, covered.since)
            self._open(family, one, covered.program, max(born_on, first), BORN, like=covered)
        elif self._comes_back_with(one, covered):
            self._open(family, one, covered.program, covered.since, BACK, like=covered)
        elif (back := self._back(one)) and (self.home.entitled or covered.program != Program.AMO_TADAMON):
            self._open(family, one, covered.program, max(back, covered.since), BACK, like=covered)

    def _comes_back_with(self, one: Person, covered: Opening | Enrollment) -> bool:
        """A dependant who had left with the person he depends on, for the scheme that covered them both, and returns the same day."""
        last = max(self.periods.get(one.idcs, ()), key=lambda row: (row.until, row.id), default=None)
        left_with = last is not None and last.status == Status.ENDED and last.reason == ASIDE[NO_INSURED]
        return left_with and isinstance(covered, Opening) and covered.reason == BACK and last.until <= covered.since

    def _back(self, one: Person) -> date | None:
        """First day after another compulsory cover, for whom nothing was opened or decided since."""
        back = self.home.returning.get(one.idcs)
        later = back and any(row.since >= back for row in self.periods.get(one.idcs, ()))
        return None if back is None or later or one.idcs in self.asked else back

    def _may_take(self, row: Enrollment) -> bool:
        """Whether this household's own right takes over a cover that its person brings along."""
        return row.program != Program.AMO_TADAMON or self.home.entitled

    def _arrive(self, family: Family, one: Person, row: Enrollment) -> Opening:
        """His own household there has put it in review because he left: here the right is this household's."""
        since = max(row.since, self.home.day)
        self._end(row, since, MOVED_HOUSEHOLD)
        kept = row if row.status == Status.SUSPENDED else None
        return self._open(family, one, row.program, since, MOVED_HOUSEHOLD, former=kept)

    def _move(self, family: Family, one: Person, row: Enrollment, reason: str) -> Opening:
        """From the day, or from the day on which the person through whom he was covered no longer is."""
        since = max(row.since, self._stop_of_insured(row) or self.home.day)
        self._end(row, since, reason)
        return self._open(family, one, row.program, since, reason, former=row)

    def _open(
        self, family: Family, one: Person, program: str, since: date, reason: str, *,
        former: Enrollment | None = None, like: Opening | Enrollment | None = None,
    ) -> Opening:  # fmt: skip
        """A running period; of the status of the one it continues, or of the person it depends on."""
        pattern = former or like
        status = pattern.status if pattern is not None and pattern.status in HOLDING else Status.ACTIVE
        if former is None:
            since = max(since, self._free_from(one.idcs))
        opening = Opening(program, family, one, status, since, reason, former)
        self.plan.openings.append(opening)
        self.running.add(one.idcs)
        return opening


def _by_person(rows: Iterable[Enrollment]) -> dict[str, list[Enrollment]]:
    found: dict[str, list[Enrollment]] = {}
    for one in rows:
        found.setdefault(one.idcs, []).append(one)
    return found
