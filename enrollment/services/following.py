"""Enrollments follow the family: who has left it is looked at again, and a right is counted where the household lives now."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_noop

from households.models import Member
from rsu.models import User

from ..lifecycle import HOLDING
from ..models import COVERS, Enrollment
from .moves import count_enrolled, move

Status = Enrollment.Status
LEFT_THE_HOUSEHOLD = gettext_noop("Cette personne n’est plus dans le ménage.")


HERE = Q(idcs="") | Exists(Member.objects.filter(household=OuterRef("household_id"), idcs=OuterRef("idcs")))
"""Enrollments of a household itself, or of somebody who still lives in it."""


def review_departed(households: Iterable[int], *, by: User) -> int:
    """Covers of people who left these households go to review, proposals made for them are withdrawn; how many."""
    rows = Enrollment.objects.filter(~HERE, program__in=COVERS, household_id__in=list(households))
    count = 0
    for before, after in ((Status.ACTIVE, Status.IN_REVIEW), (Status.PROPOSED, Status.REFUSED)):
        locked = list(rows.filter(status=before).order_by("id").select_for_update(of=("self",), no_key=True))
        count += move(locked, after, by=by, reason=LEFT_THE_HOUSEHOLD)
    return count


def follow_moves(households: Iterable[int]) -> int:
    """Running enrollments of households that have moved are counted in their new commune and milieu; how many."""
    elsewhere = ~Q(commune=F("household__commune")) | ~Q(milieu=F("household__milieu"))
    rows = Enrollment.objects.filter(elsewhere, household_id__in=list(households), status__in=(Status.PROPOSED, *HOLDING))
    moved = list(rows.select_related("household").order_by("id").select_for_update(of=("self",), no_key=True))
    people, families = Counter(), set()
    for one in moved:
        if one.status in HOLDING:
            for sign, commune_id, milieu in ((-1, one.commune_id, one.milieu), (1, one.household.commune_id, one.household.milieu)):
                people[one.program, commune_id, milieu] += sign * one.people
                families.add((one.program, one.household_id, sign, commune_id, milieu))
        one.commune_id, one.milieu = one.household.commune_id, one.household.milieu
    counted = Counter()
    for program, _household, sign, commune_id, milieu in families:
        counted[program, commune_id, milieu] += sign
    for program, commune_id, milieu in people:
        delta = {"households": counted[program, commune_id, milieu], "people": people[program, commune_id, milieu]}
        count_enrolled(program, commune_id=commune_id, milieu=milieu, **delta)
    Enrollment.objects.bulk_update(moved, ["commune", "milieu"])
    return len(moved)
