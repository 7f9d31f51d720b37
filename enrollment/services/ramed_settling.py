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

from ..lifecycle import HOLDING, check_move
from ..models import COVERS, Enrollment, MigratedCover
from .aiding import end_of_right
from .moves import count_enrolled, move
from .proposing import NO_LONGER_ENTITLED, _families, _propose_cover
from .ramed_covers import Change, change_covers

CHUNK = 500
Status = Enrollment.Status

NOT_ENTITLED = gettext_noop("L’indice du ménage ne donne pas ce droit : la couverture reprise du RAMED prend fin.")
NOT_ASSESSED = gettext_noop(
    "Aucun indice n’a été calculé pour cette personne avant la date fixée : la couverture reprise du RAMED prend fin."
)
REFUSED_BY_HAND = gettext_noop("Un agent a refusé l’inscription de cette personne : la couverture reprise du RAMED prend fin.")
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
    over, wanted, ended, lapsed = end_of_right(Program.AMO_TADAMON, on), [], [], []
    insurable = _insurable(gained, day, law)
    for cover in covers:
        row = found.get(cover.idcs)
        if row is None and cover.until <= on:
            lapsed.append(Change(cover, Status.ENDED, cover.until, NOT_ASSESSED))
        elif row is not None and cover.idcs in insurable:
            wanted.append(cover)
        elif row is not None:
            reason = OTHERWISE_COVERED if row.entitled else NOT_ENTITLED
            ended.append(Change(cover, Status.ENDED, over, reason, household_id=row.household_id))
    _propose_cover(gained, on=day, law=law, by=by)
    kept, refused = _open(wanted, homes, gained, day=day, by=by)
    ended += [Change(one, Status.ENDED, over, REFUSED_BY_HAND, household_id=found[one.idcs].household_id) for one in refused]
    change_covers([*ended, *lapsed], by=by)
    return Settled(kept, len(ended), len(lapsed))


def _assessed(cover: MigratedCover, members: dict, rights: dict) -> bool:
    return cover.idcs in members and members[cover.idcs].household_id in rights


def _insurable(gained: dict[int, Determination], day: date, law) -> set[str]:
    """Everybody who is in a unit that day."""
    return {one.idcs for _household, family in _families(gained, on=day, law=law) for one in family.people} if gained else set()


def _open(
    covers: list[MigratedCover], homes: dict, gained: dict[int, Determination], *, day: date, by: User
) -> tuple[int, list[MigratedCover]]:
    """Close these covers on the day and open their people's proposals that day; how many, and the covers of those whom somebody
    has refused. Who has been enrolled by hand since then keeps that enrollment; a right lost since then goes to review."""
    mine = Enrollment.objects.filter(program__in=COVERS, idcs__in=[cover.idcs for cover in covers]).order_by("pk")
    standing = {one.idcs: one for one in mine.filter(status__in=(*HOLDING, Status.ENDED), until__gt=day)}
    waiting = mine.filter(status=Status.PROPOSED, household__in=homes).exclude(idcs__in=standing)
    proposed = {one.idcs: one for one in waiting.select_for_update(of=("self",), no_key=True)}
    taken = standing | proposed
    kept = [cover for cover in covers if cover.idcs in taken]
    running = set(
        Enrollment.objects.filter(household__in=homes, program=Program.AMO_TADAMON, status__in=HOLDING).values_list(
            "household_id", flat=True
        )
    )
    # The cover shrinks before the enrollment opens: on no day does the database see both.
    changes = [Change(one, Status.ACTIVE, day, "", taken[one.idcs].pk, taken[one.idcs].household_id) for one in kept]
    change_covers(changes, by=by)
    move(list(proposed.values()), Status.ACTIVE, by=by, since=day, until=OPEN, people=1)
    _count(list(proposed.values()), running)
    lost = [one for one in proposed.values() if gained[one.household_id].until != OPEN]
    move(lost, Status.IN_REVIEW, by=by, reason=NO_LONGER_ENTITLED)
    return len(kept), [cover for cover in covers if cover.idcs not in taken]


def _count(rows: list[Enrollment], running: set[int]) -> None:
    counted: dict[tuple[int, str], list] = defaultdict(lambda: [set(), 0])
    for one in rows:
        place = counted[one.commune_id, one.milieu]
        place[1] += 1
        if one.household_id not in running:
            place[0].add(one.household_id)
    for (commune_id, milieu), (families, people) in counted.items():
        count_enrolled(Program.AMO_TADAMON, commune_id=commune_id, milieu=milieu, households=len(families), people=people)
