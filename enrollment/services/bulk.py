"""What services.deciding does to one household, done to the many of a chunk: the same questions, the same rows, a statement each.

A household is decided whole or left whole, like there: one enrollment that may not be decided leaves the others of its household
as they were. The caller holds the transaction.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef

from eligibility import losses
from eligibility.models import OPEN, Determination, Program, Tally
from eligibility.queries import law as law_of
from eligibility.services import assess_listed
from households.models import Household, Member
from rsu.authentication import engine
from rsu.models import User
from rsu.months import months_between
from rsu.permissions import in_area

from .. import units
from ..allowances import AMOUNTS, FINDINGS, allowance_findings, reference_day
from ..appeals import suspended_by_appeal
from ..lifecycle import COVERING, HOLDING, check_move
from ..models import COVERS, BatchRefusal, DecisionBatch, Enrollment, Hold, Suspension
from ..reading import OtherCovers
from ..runs import write
from ..selection import AFTER, BEFORE
from .achamil import leave_for_tadamon
from .aiding import application_months, end_of_right
from .covering import follow_households
from .holding import settle_holds
from .moves import count_closed
from .proposing import NO_LONGER_ENTITLED
from .ramed_covers import make_room

Status, Deed, Why, Quality = Enrollment.Status, DecisionBatch.Deed, BatchRefusal.Why, Enrollment.Quality
SIGNED = "engine"
"""A decision that two people signed moves what the engine may move (lifecycle.MOVES); it is written under the name of who signed, what
follows from it (another cover that ends) under the engine's."""


@dataclass
class Chunk:
    """The households of a chunk, locked, with what every question below asks for."""

    households: dict[int, Household]
    waiting: dict[int, list[Enrollment]]
    determinations: dict[int, Determination]
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[Enrollment]:
        return [one for group in self.waiting.values() for one in group]

    def refuse(self, household: int, why: str) -> None:
        """The whole household, for one reason; the first one found is told."""
        for one in self.waiting.pop(household, ()):
            self.refused[one.pk] = why


@dataclass(frozen=True)
class Outcome:
    applied: int
    already: int
    refused: dict[int, str]


def decide_many(batch: DecisionBatch, ids: Iterable[int], *, on: date, by: User) -> Outcome:
    """Take the batch's decision on these enrollments, on that day, under the name of `by`."""
    chunk, already = _locked(batch, list(ids), on=on, by=by)
    applied = DEEDS[batch.deed](chunk, batch, on=on, by=by)
    return Outcome(applied, already, chunk.refused)


def _locked(batch: DecisionBatch, ids: list[int], *, on: date, by: User) -> tuple[Chunk, int]:
    """Answers that changed are read first, households locked in order, then their rows; how many are as the deed would leave them."""
    owners = list(Enrollment.objects.filter(pk__in=ids).order_by("household_id").values_list("household_id", flat=True).distinct())
    assess_listed(owners, on=on, by=by)
    locked = Household.objects.filter(pk__in=owners).order_by("pk").select_for_update(of=("self",), no_key=True)
    households = {one.pk: one for one in locked.only("code", "commune", "milieu")}
    rows = Enrollment.objects.filter(pk__in=ids).order_by("id").select_for_update(of=("self",), no_key=True)
    seen = set(Household.objects.filter(in_area(by), pk__in=owners).values_list("pk", flat=True))
    standing = Determination.objects.filter(household__in=owners, program=batch.program, until=OPEN)
    chunk = Chunk(households, {}, {one.household_id: one for one in standing})
    already = 0
    for one in rows:
        if one.status == AFTER.get(batch.deed):
            already += 1
        elif one.status not in BEFORE[batch.deed]:
            chunk.refused[one.pk] = Why.CHANGED
        else:
            chunk.waiting.setdefault(one.household_id, []).append(one)
    for household in [one for one in chunk.waiting if one not in seen]:
        chunk.refuse(household, Why.AWAY)
    return chunk, already


# What is opened ------------------------------------------------------------------------------------------------------


def _accept(chunk: Chunk, batch: DecisionBatch, *, on: date, by: User) -> int:
    for household in list(chunk.waiting):
        determination = chunk.determinations.get(household)
        if determination is None or not determination.entitled:
            chunk.refuse(household, Why.NOT_ENTITLED)
    accept = _accept_aid if batch.program == Program.DIRECT_AID else _accept_cover
    return accept(chunk, batch, on=on, by=by) if chunk.waiting else 0


def _accept_cover(chunk: Chunk, batch: DecisionBatch, *, on: date, by: User) -> int:
    _refuse_misplaced(chunk, on=on)
    _refuse_uninsured(chunk)
    _refuse_covered(chunk)
    rows = chunk.rows
    leave_for_tadamon([one.idcs for one in rows], on=on, by=engine())
    ended = Enrollment.objects.filter(program__in=COVERS, status=Status.ENDED, idcs__in=[one.idcs for one in rows])
    free = dict(ended.order_by().values_list("idcs").annotate(until=Max("until"))) | make_room(rows, on=on, by=engine())
    first = _none_running(chunk, batch.program)
    since = {one.pk: one.since or max(on, free.get(one.idcs, on)) for one in rows}
    _open(chunk, batch, rows, since=since, people=dict.fromkeys(since, 1), by=by)
    _count(batch.program, [(chunk.households[key], int(key in first), len(group)) for key, group in chunk.waiting.items()])
    follow_households(list(chunk.waiting), on=on, by=by)
    return len(rows)


def _refuse_misplaced(chunk: Chunk, *, on: date) -> None:
    """Each person still is where the proposal put him: the same sorting as for one household, over the members of all."""
    rules = units.Rules.of(law_of(on))
    people: dict[int, list[units.Person]] = {}
    members = Member.objects.filter(household__in=list(chunk.waiting)).order_by("household_id", "position")
    members = members.only(*_READ_BY_UNITS)
    others = OtherCovers(members)
    for member in members:
        people.setdefault(member.household_id, []).append(others.person(member, on))
    insured = dict(Enrollment.objects.filter(pk__in=[one.pk for one in chunk.rows]).values_list("pk", "unit__insured_idcs"))
    for household, group in list(chunk.waiting.items()):
        sorted_units = units.sort_members(people.get(household, ()), rules).units
        places = {(unit.insured.idcs, one.idcs, one is unit.insured) for unit in sorted_units for one in unit.people}
        if any((insured[one.pk], one.idcs, one.quality == Quality.INSURED) not in places for one in group):
            chunk.refuse(household, Why.OUTGROWN)


_READ_BY_UNITS = (
    "household_id", "idcs", "position", "relation", "sex", "born_on", "marital_status", "spouse_id", "mother_id", "father_id", "charge",
    "schooling", "disability", "disability_since", "disability_until", "nationality", "cover", "permit_until",
)  # fmt: skip


def _refuse_uninsured(chunk: Chunk) -> None:
    """Nobody is covered through a person who is not."""
    rows = chunk.rows
    asked = {one.unit_id for one in rows if one.quality == Quality.DEPENDANT}
    insured = Enrollment.objects.filter(unit__in=asked, quality=Quality.INSURED, status__in=COVERING)
    covered = set(insured.values_list("unit_id", flat=True)) | {one.unit_id for one in rows if one.quality == Quality.INSURED}
    for household in {one.household_id for one in rows if one.unit_id in asked - covered}:
        chunk.refuse(household, Why.NO_INSURED)


def _refuse_covered(chunk: Chunk) -> None:
    rows = chunk.rows
    held = Enrollment.objects.filter(program=Program.AMO_TADAMON, status__in=HOLDING, idcs__in=[one.idcs for one in rows])
    elsewhere = set(held.values_list("idcs", flat=True))
    for household in {one.household_id for one in rows if one.idcs in elsewhere}:
        chunk.refuse(household, Why.COVERED)


def _accept_aid(chunk: Chunk, batch: DecisionBatch, *, on: date, by: User) -> int:
    running = Enrollment.objects.filter(household__in=list(chunk.waiting), program=Program.DIRECT_AID, status__in=HOLDING)
    for household in set(running.values_list("household_id", flat=True)):
        chunk.refuse(household, Why.AIDED)
    opening = application_months(chunk.determinations[one] for one in chunk.waiting)
    _refuse_unpaid(chunk, opening)
    rows = chunk.rows
    sizes = Member.objects.filter(household__in=list(chunk.waiting)).order_by()
    people = dict(sizes.values_list("household_id").annotate(n=Count("pk")))
    since = {one.pk: opening[one.household_id][0] for one in rows}
    _open(chunk, batch, rows, since=since, people={one.pk: people.get(one.household_id, 0) for one in rows}, by=by)
    _count(Program.DIRECT_AID, [(chunk.households[key], 1, people.get(key, 0)) for key in chunk.waiting])
    _write_months({key: opening[key] for key in chunk.waiting}, on=on)
    return len(rows)


def _refuse_unpaid(chunk: Chunk, opening: dict[int, tuple[date, date]]) -> None:
    """What forbids paying the first month, asked once for all those that read it on the same day."""
    for (since, read_on), ids in _by_opening({key: opening[key] for key in chunk.waiting}).items():
        law = law_of(since)
        if not law.has(AMOUNTS):
            found = dict.fromkeys(ids, Why.NOT_IN_FORCE)
        else:
            rows = allowance_findings(ids, month=since, read_on=read_on, law=law)
            found = {household: finding for household, finding, _member in reversed(rows)}
        for household, finding in found.items():
            chunk.refuse(household, finding)


assert set(FINDINGS) <= set(Why.values)


def _by_opening(opening: dict[int, tuple[date, date]]) -> dict[tuple[date, date], list[int]]:
    groups: dict[tuple[date, date], list[int]] = {}
    for household, read in opening.items():
        groups.setdefault(read, []).append(household)
    return groups


def _write_months(opening: dict[int, tuple[date, date]], *, on: date) -> None:
    """Every month until that of `on`: the first as each household's application says, the others once for all on their own day."""
    groups = _by_opening(opening)
    for month in months_between(min((since for since, _read_on in groups), default=on), on):
        law = law_of(month)
        if law.has(AMOUNTS):
            for (since, read_on), ids in groups.items():
                if since == month:
                    write(ids, month=month, read_on=read_on, law=law)
            if earlier := [household for household, (since, _read_on) in opening.items() if since < month]:
                write(earlier, month=month, read_on=reference_day(month, law), law=law)


# What is closed ------------------------------------------------------------------------------------------------------


def _end(chunk: Chunk, batch: DecisionBatch, *, on: date, by: User) -> int:
    _refuse_losses(chunk, batch, on=on)
    _refuse_left_behind(chunk, HOLDING)
    rows = chunk.rows
    if not rows:
        return 0
    last = end_of_right(batch.program, on)
    _move(rows, Status.ENDED, by=by, reason=batch.reason, until=[max(one.since or last, last) for one in rows])
    count_closed(rows)
    settle_holds([one.pk for one in rows], by=by)
    return len(rows)


def _suspend(chunk: Chunk, batch: DecisionBatch, *, on: date, by: User) -> int:
    _refuse_losses(chunk, batch, on=on)
    _refuse_left_behind(chunk, COVERING)
    rows = chunk.rows
    _move(rows, Status.SUSPENDED, by=by, reason=batch.reason)
    Suspension.objects.bulk_create([Suspension(enrollment=one, since=max(on, one.since), reason=batch.reason, by=by) for one in rows])
    return _hold_rows(rows, batch, Status.SUSPENDED, on=on, by=by)


def _refuse_losses(chunk: Chunk, batch: DecisionBatch, *, on: date) -> None:
    """A loss that its score has taken back, that runs on in grace, or that an appeal suspends where the law says so, is not carried out."""
    law, ids = law_of(on), list(chunk.waiting)
    periods = Determination.objects.filter(household__in=ids, program=batch.program, since__lte=on, until__gt=on)
    graced = {one.household_id for one in periods if losses.grace_on(one, on)}
    held = Enrollment.objects.filter(suspended_by_appeal(law), pk__in=[one.pk for one in chunk.rows])
    appealed = set(held.values_list("household_id", flat=True))
    for household, group in list(chunk.waiting.items()):
        determination = chunk.determinations.get(household)
        by_score = any(one.reason == NO_LONGER_ENTITLED for one in group)
        if by_score and determination is not None and determination.entitled:
            chunk.refuse(household, Why.ENTITLED)
        elif household in graced:
            chunk.refuse(household, Why.GRACE)
        elif household in appealed:
            chunk.refuse(household, Why.APPEAL)


def _refuse_left_behind(chunk: Chunk, statuses: tuple[str, ...]) -> None:
    """The insured does not lose the cover before those covered through him, who stand in one of these statuses."""
    rows = chunk.rows
    insured = [one.unit_id for one in rows if one.quality == Quality.INSURED]
    left = Enrollment.objects.filter(unit__in=insured, status__in=statuses).exclude(pk__in=[one.pk for one in rows])
    for household in set(left.values_list("household_id", flat=True)):
        chunk.refuse(household, Why.LEFT_BEHIND)


# What stays ----------------------------------------------------------------------------------------------------------


def _keep(chunk: Chunk, batch: DecisionBatch, *, on: date, by: User) -> int:
    rows = chunk.rows
    _move(rows, Status.ACTIVE, by=by, reason=batch.reason)
    settle_holds([one.pk for one in rows], by=by)
    return len(rows)


def _hold(chunk: Chunk, batch: DecisionBatch, *, on: date, by: User) -> int:
    return _hold_rows(chunk.rows, batch, "", on=on, by=by)


KINDS = {Deed.SUSPEND: Hold.Kind.WAIT, Deed.HOLD: Hold.Kind.WAIT, Deed.REQUEST: Hold.Kind.REQUEST, Deed.VISIT: Hold.Kind.VISIT}


def _hold_rows(rows: list[Enrollment], batch: DecisionBatch, status: str, *, on: date, by: User) -> int:
    settle_holds([one.pk for one in rows], by=by)
    common = {
        "kind": KINDS[batch.deed],
        "since": on,
        "look_again_on": batch.look_again_on,
        "reason": batch.reason,
        "batch": batch,
        "by": by,
    }
    Hold.objects.bulk_create([Hold(enrollment=one, status=status or one.status, **common) for one in rows])
    return len(rows)


DEEDS = {
    Deed.ACCEPT: _accept,
    Deed.END: _end,
    Deed.KEEP: _keep,
    Deed.SUSPEND: _suspend,
    Deed.HOLD: _hold,
    Deed.REQUEST: _hold,
    Deed.VISIT: _hold,
}


# How it is written ---------------------------------------------------------------------------------------------------

_MOVE = """
WITH wanted AS (
  SELECT o.id, o.status AS before, w.since, w."until", w.determination, w.people, w.commune, w.milieu
  FROM unnest(%(ids)s::bigint[], %(since)s::date[], %(until)s::date[], %(determination)s::bigint[], %(people)s::int[],
              %(commune)s::int[], %(milieu)s::text[]) AS w(id, since, "until", determination, people, commune, milieu)
  JOIN enrollment_enrollment o ON o.id = w.id
),
moved AS (
  UPDATE enrollment_enrollment e
  SET status = %(after)s, reason = %(reason)s, decided_by_id = %(by)s, decided_at = statement_timestamp(),
    since = coalesce(w.since, e.since), "until" = coalesce(w."until", e."until"),
    determination_id = coalesce(w.determination, e.determination_id), people = coalesce(w.people, e.people),
    commune_id = coalesce(w.commune, e.commune_id), milieu = coalesce(w.milieu, e.milieu)
  FROM wanted w WHERE e.id = w.id
  RETURNING e.id, w.before
)
INSERT INTO enrollment_enrollmentmove (enrollment_id, before, after, by_id, at, reason)
SELECT id, before, %(after)s, %(by)s, statement_timestamp(), %(reason)s FROM moved ORDER BY id
"""


def _move(rows: list[Enrollment], after: str, *, by: User, reason: str, **columns: list) -> None:
    """services.moves.move over rows that each have fields of their own: rows and their steps in one statement."""
    if not rows:
        return
    for before in {one.status for one in rows}:
        check_move(before, after, SIGNED)
    nothing = [None] * len(rows)
    own = {name: columns.get(name, nothing) for name in ("since", "until", "determination", "people", "commune", "milieu")}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"ids": [one.pk for one in rows], "after": after, "by": by.pk, "reason": reason} | own)


def _open(chunk: Chunk, batch: DecisionBatch, rows: list[Enrollment], *, since: dict, people: dict, by: User) -> None:
    homes = [chunk.households[one.household_id] for one in rows]
    _move(
        rows, Status.ACTIVE, by=by, reason="",
        since=[since[one.pk] for one in rows],
        until=[OPEN] * len(rows),
        determination=[chunk.determinations[one.household_id].pk for one in rows],
        people=[people[one.pk] for one in rows],
        commune=[home.commune_id for home in homes],
        milieu=[home.milieu for home in homes],
    )  # fmt: skip
    settle_holds([one.pk for one in rows], by=by)


def _none_running(chunk: Chunk, program: str) -> set[int]:
    running = Enrollment.objects.filter(household=OuterRef("pk"), program=program, status__in=HOLDING)
    return set(Household.objects.filter(~Exists(running), pk__in=list(chunk.waiting)).values_list("pk", flat=True))


def _count(program: str, counted: list[tuple[Household, int, int]]) -> None:
    """The tally's delta rows, one a place: (household, households, people)."""
    households, people = Counter(), Counter()
    for home, families, persons in counted:
        households[home.commune_id, home.milieu] += families
        people[home.commune_id, home.milieu] += persons
    _write_tally(program, households, people)


def _write_tally(program: str, households: Counter, people: Counter) -> None:
    Tally.objects.bulk_create(
        Tally(
            measure=Tally.Measure.ENROLLED, program=program, commune_id=commune, milieu=milieu,
            households=households[commune, milieu], people=persons,
        )
        for (commune, milieu), persons in people.items()
    )  # fmt: skip
