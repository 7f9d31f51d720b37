"""What the score says of those who were moved: kept, as enrollments from that very day, or ended; by whole households, set after set.

The deciding day of a cover is today, or the day it stops when that has gone by: from it the score decides, so nobody loses a day to
a night that did not run. A household whose answers have changed is left until it has been assessed.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from eligibility.models import OPEN, Determination, Program
from eligibility.queries import law as law_of
from households.models import Household, Member
from rsu import audit
from rsu.models import User

from .. import units
from ..lifecycle import COVERING, HOLDING, check_move
from ..models import COVERS, Enrollment, EnrollmentMove, MigratedCover
from .aiding import first_of_next_month
from .moves import count_enrolled, move
from .proposing import _families, _units
from .ramed_covers import Change, change_covers

CHUNK = 500
Status = Enrollment.Status

NOT_ENTITLED = gettext_noop("L’indice du ménage ne donne pas ce droit : la couverture reprise du RAMED prend fin.")
NOT_ASSESSED = gettext_noop(
    "Aucun indice n’a été calculé pour cette personne avant la date fixée : la couverture reprise du RAMED prend fin."
)
OTHERWISE_COVERED = gettext_noop("Cette personne a une autre couverture obligatoire, ou ne peut être assurée dans ce ménage.")


@dataclass(frozen=True)
class Settled:
    """Persons: kept by an enrollment, ended by the score or another cover, ended because nobody was assessed in time."""

    kept: int = 0
    ended: int = 0
    unregistered: int = 0

    @property
    def total(self) -> int:
        return self.kept + self.ended + self.unregistered

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(self.kept + other.kept, self.ended + other.ended, self.unregistered + other.unregistered)


_NEXT = """
    SELECT c.id, h.id FROM enrollment_migratedcover c
    LEFT JOIN households_member m ON m.idcs = c.idcs
    LEFT JOIN households_household h ON h.id = m.household_id AND h.struck_off_on IS NULL
    WHERE c.status = 'migrated' AND c.id > %(after)s AND c.since <= %(on)s AND h.due_since IS NULL AND (c.until <= %(on)s OR EXISTS (
        SELECT FROM eligibility_determination d WHERE d.household_id = h.id AND d.program = 'amo_tadamon'
            AND d.since <= %(on)s AND %(on)s < d.until))
    ORDER BY c.id LIMIT %(limit)s
"""


def settle_migrated(*, on: date, by: User) -> Settled:
    """Settle every migrated cover that the score, or the day, decides; running twice changes nothing."""
    check_move(Status.MIGRATED, Status.ACTIVE, by.role)
    total, after = Settled(), 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, {"after": after, "on": on, "limit": CHUNK})
            found = cursor.fetchall()
        if not found:
            return total
        after = found[-1][0]
        total += _settle({cover for cover, _household in found}, {one for _cover, one in found if one}, on=on, by=by)


@transaction.atomic
def _settle(ids: set[int], households: set[int], *, on: date, by: User) -> Settled:
    """These covers, and every other of these households: a unit is not made in two halves."""
    homes = Household.objects.filter(pk__in=households).order_by("pk").select_for_update(of=("self",), no_key=True)
    families = {home.pk: home for home in homes if home.due_since is None and home.struck_off_on is None}
    members = {one.idcs: one for one in Member.objects.filter(household__in=families)}
    mine = MigratedCover.objects.filter(status=Status.MIGRATED, since__lte=on)
    locked = (mine.filter(idcs__in=members) | mine.filter(pk__in=ids)).order_by("pk").select_for_update(of=("self",), no_key=True)
    days: dict[date, list[MigratedCover]] = defaultdict(list)
    for cover in locked:
        days[min(on, cover.until)].append(cover)
    total = sum((_settle_day(day, covers, families, members, on=on, by=by) for day, covers in sorted(days.items())), Settled())
    if total.total:
        audit.record(
            by=by, verb="ramed.settled", subject="program:amo_tadamon", on=str(on),
            kept=total.kept, ended=total.ended, unregistered=total.unregistered,
        )  # fmt: skip
    return total


def _settle_day(day: date, covers: list, homes: dict, members: dict, *, on: date, by: User) -> Settled:
    """Covers decided as of one day."""
    standing = Determination.objects.filter(program=Program.AMO_TADAMON, household__in=homes, since__lte=day, until__gt=day)
    rights = {row.household_id: row for row in standing.select_related("household")}
    found = {one.idcs: rights[members[one.idcs].household_id] for one in covers if _assessed(one, members, rights)}
    gained = {row.household_id: row for row in found.values() if row.entitled}
    law = law_of(on)
    places = {one.idcs: (row, family, one) for row, family, one in _places(gained, day, law)}
    over, kept, ended, lapsed = _end_of_right(law, on), [], [], []
    for cover in covers:
        row = found.get(cover.idcs)
        household = row and row.household_id
        if row is None and cover.until <= on:
            lapsed.append(Change(cover, Status.ENDED, cover.until, NOT_ASSESSED))
        elif row is not None and cover.idcs in places:
            kept.append(cover)
        elif row is not None:
            reason = OTHERWISE_COVERED if row.entitled else NOT_ENTITLED
            ended.append(Change(cover, Status.ENDED, over, reason, household_id=household))
    opened = _open(kept, places, homes, day=day, by=by)
    change_covers([*ended, *lapsed], by=by)
    return Settled(opened, len(ended), len(lapsed))


def _assessed(cover: MigratedCover, members: dict, rights: dict) -> bool:
    return cover.idcs in members and members[cover.idcs].household_id in rights


def _places(gained: dict[int, Determination], day: date, law):
    """(right, family, person) of everybody who is in a unit that day."""
    if gained:
        for household, family in _families(gained, on=day, law=law):
            yield from ((gained[household], family, one) for one in family.people)


def _end_of_right(law, on: date) -> date:
    """First day without the right, for a notice given on `on`."""
    return first_of_next_month(on) if law.has("amo.end_of_month") and law.value("amo.end_of_month") else on


def _open(covers: list[MigratedCover], places: dict, homes: dict, *, day: date, by: User) -> int:
    """Close these covers on the day and open their people's enrollments that day: a proposal made meanwhile, otherwise a new one.

    Who has been enrolled by hand since then keeps that enrollment.
    """
    people = [cover.idcs for cover in covers]
    mine = Enrollment.objects.filter(program__in=COVERS, idcs__in=people).order_by("pk")
    standing = {one.idcs: one for one in mine.filter(status__in=(*HOLDING, Status.ENDED), until__gt=day)}
    wanted = [places[idcs] for idcs in people if idcs not in standing]
    amo = Enrollment.objects.filter(household__in=homes, program=Program.AMO_TADAMON, status__in=COVERING)
    running = set(amo.values_list("household_id", flat=True))
    groups = {(row.household_id, family.insured.idcs): (row.household_id, family) for row, family, _one in wanted}
    found = _units(list(groups.values()))
    rows = {one.idcs: _row(row, family, one, found, day=day, by=by) for row, family, one in wanted}
    proposed = {one.idcs: one for one in mine.filter(status=Status.PROPOSED, household__in=homes) if one.idcs in rows}
    # The cover shrinks before the enrollment opens: the database sees each day once, whatever the order of the two tables' triggers.
    new = [one for idcs, one in rows.items() if idcs not in proposed]
    _shrink(covers, day)
    Enrollment.objects.bulk_create(new)
    EnrollmentMove.objects.bulk_create([EnrollmentMove(enrollment=one, before="", after=Status.ACTIVE, by=by) for one in new])
    for idcs, one in proposed.items():
        row = rows[idcs]
        move(
            [one], Status.ACTIVE, by=by, since=day, until=OPEN, determination=row.determination, unit=row.unit, quality=row.quality,
            people=1, commune_id=row.commune_id, milieu=row.milieu,
        )  # fmt: skip
    taken = standing | {one.idcs: one for one in (*new, *proposed.values())}
    changes = [Change(one, Status.ACTIVE, day, "", taken[one.idcs].pk, taken[one.idcs].household_id) for one in covers]
    change_covers(changes, by=by)
    _count(list(rows.values()), running)
    return len(covers)


def _shrink(covers: list[MigratedCover], day: date) -> None:
    MigratedCover.objects.filter(pk__in=[one.pk for one in covers], until__gt=day).update(until=day)


def _row(row: Determination, family: units.Family, one: units.Person, found: dict, *, day: date, by: User) -> Enrollment:
    return Enrollment(
        program=Program.AMO_TADAMON, household_id=row.household_id, unit=found[row.household_id, family.insured.idcs], member_id=one.id,
        idcs=one.idcs, quality=Enrollment.Quality.INSURED if one is family.insured else Enrollment.Quality.DEPENDANT, status=Status.ACTIVE,
        since=day, determination=row, commune_id=row.household.commune_id, milieu=row.household.milieu, decided_by=by,
    )  # fmt: skip


def _count(rows: list[Enrollment], running: set[int]) -> None:
    counted: dict[tuple[int, str], list] = defaultdict(lambda: [set(), 0])
    for one in rows:
        place = counted[one.commune_id, one.milieu]
        place[1] += 1
        if one.household_id not in running:
            place[0].add(one.household_id)
    for (commune_id, milieu), (families, people) in counted.items():
        count_enrolled(Program.AMO_TADAMON, commune_id=commune_id, milieu=milieu, households=len(families), people=people)
