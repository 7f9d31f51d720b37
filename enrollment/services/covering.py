"""Covers made true to the day, by themselves: births, deaths, marriages, majority, permits, certificates, other covers.

A deed that changes a family makes its covers true in its own transaction. What time alone changes is found by the night in an
index of days (CoverWatch), by chunks, any number of workers, running twice harmless; days missed are followed at their own dates.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Max, Min, Q

from eligibility.models import OPEN, Determination, Facts, Program, Provision
from eligibility.queries import law as law_of
from households.changes import by_key
from households.models import Household, Member, PeriodKind, Request, VerifiedPeriod
from rsu import audit
from rsu.authentication import engine
from rsu.models import User
from rsu.months import first_of_month_from, first_of_next_month

from .. import units
from ..lifecycle import HOLDING
from ..models import COVERS, Adhesion, CoverNight, CoverWatch, Enrollment, MigratedCover, Suspension, Unit
from ..reading import OtherCovers
from .moves import count_enrolled, move_each, open_each
from .places import Ending, Home, Opening, Plan, plan

CHUNK = 500
MARKS_LOOKED_BACK = 2
"""Nights: a reading written by a transaction longer than that is not found by its number, only by its household's next day."""
Status = Enrollment.Status
RULE_KEYS = (
    "amo.dependant_age", "amo.student_dependant_age", "amo.student_levels", "amo.dependant_disabilities", "amo.insured_spouse",
    "amo_tadamon.excluding_covers", "registration.adult_age",
)  # fmt: skip


@dataclass(frozen=True)
class DayRules:
    """What the law of one day says of units."""

    units: units.Rules
    birth_days: int
    own_name_at_once: bool

    @classmethod
    def of(cls, law) -> "DayRules":
        birth_days = law.value("amo.birth_declared_days") if law.has("amo.birth_declared_days") else 0
        at_once = law.has("amo.own_name_at_once") and law.value("amo.own_name_at_once")
        return cls(units.Rules.of(law), birth_days, bool(at_once))


def follow_households(households: Iterable[int], *, on: date, by: User) -> Counter:
    """Make the covers of these households true on the day, and on every day missed before; the caller has locked the households.

    Nothing is written where nothing changes. What was done, counted; the engine moves, `by` is who asked.
    """
    follower, households = _Follower(on), sorted(set(households))
    if not households:
        return Counter()
    done = follower.catch_up(households)
    done += follower.make_true(dict.fromkeys(households, on))
    if done:
        single = households[0] if len(households) == 1 else None
        audit.record(by=by, verb="follow_covers", household=single, on=str(on), **done)
    return done


@transaction.atomic
def follow_covers(*, limit: int = CHUNK, on: date, by: User) -> int:
    """The next households whose day has come, made true at each of their days until `on`; how many (0: nothing free is left)."""
    due = CoverWatch.objects.filter(next_on__lte=on).select_related("household").order_by("next_on", "household")
    locked = due.select_for_update(of=("self", "household"), skip_locked=True, no_key=True)
    households = [watch.household_id for watch in locked[:limit]]
    if not households:
        return 0
    done = _Follower(on).catch_up(households)
    audit.record(by=by, verb="follow_covers", on=str(on), households=len(households), **done)
    return len(households)


@transaction.atomic
def open_night(*, on: date, by: User) -> int:
    """Put before the night's eyes what no birthday announces: a rule of the law that changes, answers read again since the last nights.

    How many households were put there. Harmless twice; the night is closed by `close_night` once nothing is left.
    """
    nights = list(CoverNight.objects.filter(on__lt=on).order_by("-on")[:MARKS_LOOKED_BACK])
    last = nights[0].on if nights else on - timedelta(days=1)
    changed = Provision.objects.filter(key__in=RULE_KEYS, since__gt=last, since__lte=on).aggregate(day=Min("since"))["day"]
    found = 0
    if changed:
        found = CoverWatch.objects.filter(Q(next_on__isnull=True) | Q(next_on__gt=changed)).update(next_on=changed)
    if nights:
        stale = CoverWatch.objects.filter(household__facts__pk__gt=nights[-1].facts_mark).exclude(facts_id=F("household__facts__pk"))
        spoken = VerifiedPeriod.objects.filter(kind=PeriodKind.COVER, held=False, pk__gt=nights[-1].periods_mark)
        told = CoverWatch.objects.filter(household__in=Member.objects.filter(idcs__in=spoken.values("idcs")).values("household"))
        for rows in (stale, told):
            found += rows.filter(Q(next_on__isnull=True) | Q(next_on__gt=on)).update(next_on=on)
    return found


def close_night(*, followed: int, on: date) -> CoverNight:
    """Nothing of the day is left: the next night looks from here."""
    mark = Facts.objects.aggregate(mark=Max("pk"))["mark"] or 0
    periods = VerifiedPeriod.objects.aggregate(mark=Max("pk"))["mark"] or 0
    night, _created = CoverNight.objects.get_or_create(on=on, defaults={"facts_mark": mark, "periods_mark": periods, "followed": followed})
    return night


class _Follower:
    """Rounds over a chunk: each makes its households true on one day apiece, with a constant number of queries."""

    def __init__(self, on: date) -> None:
        self.on, self.by, self._rules = on, engine(), {}

    def rules(self, day: date) -> DayRules:
        if day not in self._rules:
            self._rules[day] = DayRules.of(law_of(day))
        return self._rules[day]

    def catch_up(self, households: list[int]) -> Counter:
        """Every day of change until `on`, in order; a day before the one already followed is followed on that one."""
        done = Counter()
        while due := {
            watch.household_id: max(watch.next_on, watch.followed_on)
            for watch in CoverWatch.objects.filter(household_id__in=households, next_on__lte=self.on)
        }:
            done += self.make_true({household: min(day, self.on) for household, day in due.items()})
        return done

    def make_true(self, days: Mapping[int, date]) -> Counter:
        read = _Reading(days, self.rules)
        plans = {home.household_id: plan(home, read.rows_of(home), stops=read.stops_of(home)) for home in read.homes}
        done = _write(plans, read, by=self.by)
        _watch(read, plans)
        return done


class _Reading:
    """Everything the plans of a chunk rest on; covers are locked, in the order of their ids."""

    def __init__(self, days: Mapping[int, date], rules) -> None:
        self.days, ids = days, list(days)
        members = Member.objects.filter(household_id__in=ids).order_by("household_id", "position")
        self.members: dict[int, list[Member]] = {}
        for member in members:
            self.members.setdefault(member.household_id, []).append(member)
        self.others = OtherCovers(members)
        people = {member.idcs for member in members}
        here = Q(household_id__in=ids, status__in=(*HOLDING, Status.ENDED))
        rows = Enrollment.objects.filter(here | Q(idcs__in=sorted(people)), program__in=COVERS).select_related("unit").order_by("id")
        self.rows = list(rows.select_for_update(of=("self",), no_key=True))
        self.households = {one.pk: one for one in Household.objects.filter(pk__in=ids)}
        self._by_household, self._by_person = _grouped(self.rows, "household_id"), _grouped(self.rows, "idcs")
        moved = MigratedCover.objects.filter(idcs__in=sorted(people), since__lt=F("until"))
        self.moved = dict(moved.values_list("idcs", "until"))
        self.deaths = _deaths(ids) if any(row.idcs not in people for row in self.rows) else {}
        self.determinations = _determinations(days)
        self.homes = [self._home(household, day, rules(day)) for household, day in days.items()]

    def rows_of(self, home: Home) -> list[Enrollment]:
        here = self._by_household.get(home.household_id, [])
        elsewhere = [row for one in home.people for row in self._by_person.get(one.idcs, []) if row.household_id != home.household_id]
        return [*here, *elsewhere]

    def stops_of(self, home: Home) -> dict[str, date]:
        """First day without cover of those who have died or whose other cover has begun: known to the day, whenever it is learnt."""
        return self.deaths | self.others.begun(home.day)

    def _home(self, household_id: int, day: date, rules: DayRules) -> Home:
        members = self.members.get(household_id, [])
        people = tuple(self.others.person(member, day) for member in members)
        return Home(
            household_id=household_id, day=day, people=people, sorted=units.sort_members(people, rules.units), rules=rules.units,
            determination=self.determinations.get(household_id), birth_days=rules.birth_days, own_name_at_once=rules.own_name_at_once,
            born={member.idcs: member.born_on for member in members}, dead=self.deaths.keys(), returning=self.others.returning(day),
            moved=self.moved,
        )  # fmt: skip


def _grouped(rows: Iterable[Enrollment], name: str) -> dict:
    found: dict = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


def _deaths(households: list[int]) -> dict[str, date]:
    """{person: day after the death} of everybody these households said had died: the day itself is covered."""
    requests = Request.objects.filter(household_id__in=households, occasion=Request.Occasion.DEATH, status=Request.Status.PROCESSED)
    found = {}
    for details, before in requests.order_by("id").values_list("details", "before"):
        people = by_key(before or {"members": []})
        for key in details.get("people", []):
            if key in people and details.get("died_on"):
                found[people[key]["idcs"]] = date.fromisoformat(details["died_on"]) + timedelta(days=1)
    return found


def _determinations(days: Mapping[int, date]) -> dict[int, Determination]:
    """What each household's score says of AMO-TADAMON on its day."""
    rows = Determination.objects.filter(household_id__in=list(days), program=Program.AMO_TADAMON, until__gt=min(days.values()))
    return {row.household_id: row for row in rows if row.since <= days[row.household_id] < row.until}


# Writing ---------------------------------------------------------------------------------------------------------------


def _write(plans: Mapping[int, Plan], read: _Reading, *, by: User) -> Counter:
    endings = [ending for each in plans.values() for ending in each.endings]
    openings = [(household, opening) for household, each in plans.items() for opening in each.openings]
    done = Counter()
    if not endings and not openings:
        return done
    counted = _Counted(read)
    done["ended"] = _write_endings(endings, counted, by=by)
    running, done["proposed"] = _write_openings(openings, read, counted, by=by)
    done["opened"] = len(running)
    _follow_adhesions(endings, running)
    counted.write()
    return +done


def _write_endings(endings: list[Ending], counted: "_Counted", *, by: User) -> int:
    """What already had its end is only shortened: it keeps its status and the reason it was given."""
    running = [ending for ending in endings if ending.enrollment.status in HOLDING]
    counted.close([ending.enrollment for ending in running])
    suspended = {ending.enrollment.pk: ending.until for ending in running if ending.enrollment.status == Status.SUSPENDED}
    for suspension in Suspension.objects.filter(enrollment_id__in=suspended, until=OPEN) if suspended else ():
        Suspension.objects.filter(pk=suspension.pk).update(until=max(suspension.since, suspended[suspension.enrollment_id]))
    shortened = [ending for ending in endings if ending.enrollment.status not in HOLDING]
    for ending in shortened:
        ending.enrollment.until = ending.until
    Enrollment.objects.bulk_update([ending.enrollment for ending in shortened], ["until"])
    move_each([(one.enrollment, Status.ENDED, {"until": one.until, "reason": one.reason}) for one in running], by=by)
    return len(endings)


def _write_openings(openings: list[tuple[int, Opening]], read: _Reading, counted: "_Counted", *, by: User) -> tuple[list, int]:
    """Those that run, how many are proposed."""
    found = units_for([(household, opening.family) for household, opening in openings])
    made = [(opening, _enrollment(household, opening, read, found)) for household, opening in openings]
    later = [(row, row.status) for _opening, row in made if row.status in (Status.IN_REVIEW, Status.SUSPENDED)]
    for row, _status in later:
        row.status = Status.ACTIVE
    open_each([row for _opening, row in made], by=by)
    move_each([(row, status, {"reason": row.reason}) for row, status in later], by=by)
    _suspend_again([row for row, status in later if status == Status.SUSPENDED], by=by)
    running = [(opening, row) for opening, row in made if row.status in HOLDING]
    counted.open([row for _opening, row in running])
    return running, len(made) - len(running)


def _enrollment(household_id: int, opening: Opening, read: _Reading, found: Mapping[tuple[int, str], Unit]) -> Enrollment:
    household = read.households[household_id]
    return Enrollment(
        program=opening.program, household=household, unit=found[household_id, opening.family.insured.idcs], member_id=opening.person.id,
        idcs=opening.person.idcs, quality=opening.quality, status=opening.status, since=opening.since, commune_id=household.commune_id,
        milieu=household.milieu, determination=read.determinations.get(household_id), reason=opening.reason,
    )  # fmt: skip


def _suspend_again(rows: list[Enrollment], *, by: User) -> None:
    Suspension.objects.bulk_create([Suspension(enrollment=row, since=row.since, reason=row.reason, by=by) for row in rows])


def _follow_adhesions(endings: list[Ending], running: list[tuple[Opening, Enrollment]]) -> None:
    """Who paid for a unit hands over to who is insured after him: no new waiting, the months go on. Others who end have left."""
    until = {ending.enrollment.pk: ending.until for ending in endings}
    heirs = {opening.former.unit_id: row for opening, row in running if opening.former and opening.quality == Enrollment.Quality.INSURED}
    paying = Adhesion.objects.filter(enrollment__in=until, left_on=None).select_related("enrollment")
    for adhesion in paying.annotate(called=Max("contributions__month")):
        Adhesion.objects.filter(pk=adhesion.pk).update(left_on=until[adhesion.pk])
        if heir := heirs.get(adhesion.enrollment.unit_id):
            # Neither a month without a contribution nor one called twice, whenever the death is told.
            first = first_of_month_from(heir.since)
            if adhesion.called:
                first = max(first, first_of_next_month(adhesion.called))
            Adhesion.objects.create(enrollment=heir, joined_on=heir.since, first_month=first, waiting_months=0, rights_on=heir.since)


def units_for(wanted: Iterable[tuple[int, units.Family]]) -> dict[tuple[int, str], Unit]:
    """The unit of each family: the one its insured person already has, otherwise a new one."""
    wanted = list(wanted)
    living = Unit.objects.filter(
        household_id__in=[household for household, _family in wanted],
        enrollments__quality=Enrollment.Quality.INSURED,
        enrollments__status__in=(Status.PROPOSED, *HOLDING),
    )
    found = {(unit.household_id, unit.insured_idcs): unit for unit in living.distinct()}
    new = {
        (household, family.insured.idcs): Unit(
            household_id=household, kind=family.kind, insured_id=family.insured.id, insured_idcs=family.insured.idcs
        )
        for household, family in wanted
        if (household, family.insured.idcs) not in found
    }
    Unit.objects.bulk_create(new.values())
    return found | new


class _Counted:
    """Deltas of the tally for what this chunk opens and closes, a household itself with its first and its last cover."""

    def __init__(self, read: _Reading) -> None:
        self.people, self.moved, self.places = Counter(), Counter(), {}

    def close(self, rows: Iterable[Enrollment]) -> None:
        self._add(rows, -1)

    def open(self, rows: Iterable[Enrollment]) -> None:
        self._add(rows, 1)

    def _add(self, rows: Iterable[Enrollment], sign: int) -> None:
        for row in rows:
            place = (row.commune_id, row.milieu)
            self.people[row.program, place] += sign * row.people
            self.moved[row.program, row.household_id] += sign
            self.places[row.program, row.household_id, sign] = place

    def write(self) -> None:
        held = Enrollment.objects.filter(household_id__in={household for _program, household in self.moved}, program__in=COVERS)
        after = Counter(held.filter(status__in=HOLDING).values_list("program", "household_id"))
        families = Counter()
        for (program, household), moved in self.moved.items():
            before = after[program, household] - moved
            if not before and after[program, household]:
                families[program, self.places[program, household, 1]] += 1
            elif before and not after[program, household]:
                families[program, self.places[program, household, -1]] -= 1
        for program, place in {*self.people, *families}:
            if self.people[program, place] or families[program, place]:
                delta = {"people": self.people[program, place], "households": families[program, place]}
                count_enrolled(program, commune_id=place[0], milieu=place[1], **delta)


def _watch(read: _Reading, plans: Mapping[int, Plan]) -> None:
    """The next day on which time alone may change something here, and what kind each unit now is."""
    watched = set(CoverWatch.objects.filter(household_id__in=list(read.days)).values_list("household_id", flat=True))
    facts = dict(Facts.objects.filter(household_id__in=watched).values_list("household_id", "pk"))
    rows = []
    for home in read.homes:
        if home.household_id not in watched:
            continue
        coming = {day for one in read.members.get(home.household_id, ()) for day in read.others.days_of_change(one, home.rules)}
        following = min((day for day in coming if day > home.day), default=None)
        rows.append(
            CoverWatch(
                household_id=home.household_id, followed_on=home.day, next_on=following, warn_for=following,
                facts_id=facts.get(home.household_id, 0),
            )
        )  # fmt: skip
    fields = ["followed_on", "next_on", "warn_for", "facts_id"]
    CoverWatch.objects.bulk_create(rows, update_conflicts=True, unique_fields=["household"], update_fields=fields)
    _name_units(read)


def _name_units(read: _Reading) -> None:
    """A unit that a child has joined or left may be of another kind."""
    insured = {(row.household_id, row.idcs): row.unit for row in read.rows if row.status in HOLDING and row.quality == "insured"}
    renamed = []
    for home in read.homes:
        for family in home.sorted.units:
            unit = insured.get((home.household_id, family.insured.idcs))
            if unit is not None and unit.kind != family.kind:
                unit.kind = family.kind
                renamed.append(unit)
    Unit.objects.bulk_update(renamed, ["kind"])
