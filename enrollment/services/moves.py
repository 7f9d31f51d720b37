"""One way for an enrollment to change status: checked against lifecycle.py, written with its moves, counted in the tally."""

from collections import Counter
from collections.abc import Iterable

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from eligibility.models import Tally
from rsu.models import User

from ..lifecycle import HOLDING, MoveRefused, check_move
from ..models import Enrollment, EnrollmentMove


class NotEnrollable(Exception):
    """The decision cannot be taken; the message is a sentence for the screen."""


def open_proposals(enrollments: list[Enrollment], *, by: User) -> int:
    """Insert these proposals and their first move; how many."""
    check_move("", Enrollment.Status.PROPOSED, by.role)
    Enrollment.objects.bulk_create(enrollments)
    _write_moves(((one, "") for one in enrollments), Enrollment.Status.PROPOSED, by=by, reason="")
    return len(enrollments)


def move(enrollments: list[Enrollment], after: str, *, by: User, reason: str = "", **fields) -> int:
    """Take locked enrollments to a status, all with the same fields; raises NotEnrollable if one may not go there."""
    for before in {one.status for one in enrollments}:
        _check(before, after, by)
    fields |= {"status": after, "reason": reason, "decided_by": by}
    Enrollment.objects.filter(pk__in=[one.pk for one in enrollments]).update(decided_at=Now(), **fields)
    _write_moves([(one, one.status) for one in enrollments], after, by=by, reason=reason)
    for one in enrollments:
        for name, value in fields.items():
            setattr(one, name, value)
    return len(enrollments)


def move_each(changes: Iterable[tuple[Enrollment, str, dict]], *, by: User) -> int:
    """The same for locked enrollments that each have fields of their own (`reason` among them); two statements, however many."""
    changes = list(changes)
    for before, after in {(one.status, after) for one, after, _fields in changes}:
        _check(before, after, by)
    moves, names = [], set()
    for one, after, fields in changes:
        moves.append(EnrollmentMove(enrollment=one, before=one.status, after=after, by=by, reason=fields.get("reason", "")))
        for name, value in (fields | {"status": after, "decided_by": by, "decided_at": Now()}).items():
            setattr(one, name, value)
            names.add(name)
    if changes:
        Enrollment.objects.bulk_update([one for one, _after, _fields in changes], sorted(names))
        EnrollmentMove.objects.bulk_create(moves)
    return len(changes)


def open_each(enrollments: list[Enrollment], *, by: User) -> int:
    """Insert enrollments in the status they bear, proposed or running, with their first move and their reason."""
    for status in {one.status for one in enrollments}:
        check_move("", status, by.role)
    Enrollment.objects.bulk_create(enrollments)
    EnrollmentMove.objects.bulk_create(
        [EnrollmentMove(enrollment=one, before="", after=one.status, by=by, reason=one.reason) for one in enrollments]
    )
    return len(enrollments)


def _check(before: str, after: str, by: User) -> None:
    try:
        check_move(before, after, by.role)
    except MoveRefused as refusal:
        words = {"before": Enrollment.Status(before).label, "after": Enrollment.Status(after).label}
        raise NotEnrollable(_("Une inscription « %(before)s » ne peut pas devenir « %(after)s » par vous.") % words) from refusal


def _write_moves(pairs: Iterable[tuple[Enrollment, str]], after: str, *, by: User, reason: str) -> None:
    rows = [EnrollmentMove(enrollment=one, before=before, after=after, by=by, reason=reason) for one, before in pairs]
    EnrollmentMove.objects.bulk_create(rows)


def count_enrolled(program: str, *, commune_id: int, milieu: str, households: int, people: int) -> None:
    """One delta row of the tally, in the transaction of what it counts."""
    Tally.objects.create(
        measure=Tally.Measure.ENROLLED, program=program, commune_id=commune_id, milieu=milieu, households=households, people=people
    )


def count_closed(closed: Iterable[Enrollment]) -> None:
    """Take back what the opening of these enrollments, closed just now, counted, where it was counted; the household itself with its
    last one in the program."""
    closed = list(closed)
    held = Enrollment.objects.filter(household__in={one.household_id for one in closed}, status__in=HOLDING)
    standing = set(held.values_list("program", "household_id"))
    people, households = Counter(), Counter()
    for one in closed:
        place = one.program, one.commune_id, one.milieu
        people[place] += one.people
        if (one.program, one.household_id) not in standing:
            standing.add((one.program, one.household_id))
            households[place] += 1
    for (program, commune_id, milieu), count in people.items():
        leaving = households[program, commune_id, milieu]
        count_enrolled(program, commune_id=commune_id, milieu=milieu, households=-leaving, people=-count)
