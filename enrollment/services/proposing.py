"""What the score opened becomes proposals, what it closed goes to review: by chunks, any number of workers, running twice harmless.

A chunk locks its determinations and their households without waiting for either; who finds one locked leaves it to the
next turn. Only the engine moves enrollments here; `by` is who asked, and the audit names him.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from eligibility.models import OPEN, Determination, Program
from eligibility.queries import law as law_of
from households.models import Household, Member
from rsu import audit
from rsu.authentication import engine
from rsu.models import User

from .. import units
from ..lifecycle import COVERING, HOLDING, PEOPLE
from ..models import Enrollment, Unit
from .following import HERE, follow_moves, review_departed
from .moves import move, open_proposals

CHUNK = 500
Status = Enrollment.Status

NO_LONGER_ENTITLED = gettext_noop("L’indice du ménage ne donne plus ce droit.")
COMPOSITION_CHANGED = gettext_noop("La composition du ménage a changé : la proposition est refaite.")


@transaction.atomic
def propose_due(*, limit: int = CHUNK, on: date, by: User) -> int:
    """Handle the next determinations that await enrollment; how many were handled (0: nothing free is left)."""
    due = Determination.objects.filter(handled=False).select_related("household").order_by("program", "id")
    locked = due.select_for_update(of=("self", "household"), skip_locked=True, no_key=True)
    return _handle(list(locked[:limit]), on=on, by=by)


@transaction.atomic
def propose_for_household(household_id: int, *, on: date, by: User) -> int:
    """The same for one household, new members under an old determination included; waits for whoever holds it.

    Leaves no trace when there was nothing to do.
    """
    Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household_id)
    standing = Determination.objects.filter(Q(handled=False) | Q(until=OPEN), household_id=household_id)
    locked = standing.select_related("household").order_by("program", "id").select_for_update(of=("self",), no_key=True)
    return _handle(list(locked), on=on, by=by)


def _handle(determinations: list[Determination], *, on: date, by: User) -> int:
    if not determinations:
        return 0
    actor, law, done = engine(), law_of(on), Counter()
    households = {row.household_id for row in determinations}
    done["departed"] = review_departed(households, by=actor)
    done["moved"] = follow_moves(households)
    for program in Program:
        current = {row.household_id: row for row in determinations if row.program == program and row.until == OPEN}
        lost = [household for household, row in current.items() if not row.entitled]
        gained = {household: row for household, row in current.items() if row.entitled}
        done["in_review"] += _move_all(program, lost, Status.ACTIVE, Status.IN_REVIEW, by=actor, reason=NO_LONGER_ENTITLED)
        done["refused"] += _move_all(program, lost, Status.PROPOSED, Status.REFUSED, by=actor, reason=NO_LONGER_ENTITLED)
        done["restored"] += _move_all(program, gained, Status.IN_REVIEW, Status.ACTIVE, by=actor)
        propose = _propose_cover if program == Program.AMO_TADAMON else _propose_aid
        done["proposed"] += propose(gained, on=on, law=law, by=actor)
    due = [row for row in determinations if not row.handled]
    Determination.objects.filter(pk__in=[row.pk for row in due]).update(handled=True)
    if due or any(done.values()):
        single = households.pop() if len(households) == 1 else None
        audit.record(by=by, verb="propose_enrollments", household=single, on=str(on), determinations=len(due), **done)
    return len(determinations)


def _move_all(program: str, households: Iterable[int], before: str, after: str, *, by: User, reason: str = "") -> int:
    rows = Enrollment.objects.filter(HERE, program=program, household_id__in=list(households), status=before)
    return move(list(rows.order_by("id").select_for_update(of=("self",), no_key=True)), after, by=by, reason=reason)


def _refused_before(gained: dict[int, Determination]) -> set[tuple]:
    """(determination, insured, person) that a caseworker refused: not asked again until the score or the family changes."""
    rows = Enrollment.objects.filter(household_id__in=list(gained), status=Status.REFUSED, decided_by__role__in=PEOPLE)
    return set(rows.values_list("determination_id", "unit__insured_idcs", "idcs"))


def _propose_aid(gained: dict[int, Determination], *, on: date, law, by: User) -> int:
    """One proposal a household that has none and no running aid."""
    standing = (Status.PROPOSED, *HOLDING)
    taken = set(
        Enrollment.objects.filter(program=Program.DIRECT_AID, household_id__in=list(gained), status__in=standing).values_list(
            "household_id", flat=True
        )
    )
    refused = _refused_before(gained)
    rows = [row for household, row in gained.items() if household not in taken and (row.pk, None, "") not in refused]
    return open_proposals([_proposal(row, quality=Enrollment.Quality.HOUSEHOLD) for row in rows], by=by) if rows else 0


def _propose_cover(gained: dict[int, Determination], *, on: date, law, by: User) -> int:
    """One proposal a person who is in a unit and neither covered nor proposed; proposals the family outgrew are replaced."""
    if not gained:
        return 0
    families = [(gained[household], family) for household, family in _families(gained, on=on, law=law)]
    _refuse_outgrown(gained, families, by=by)
    taken, refused = _taken(gained, families), _refused_before(gained)
    wanted = []
    for row, family in families:
        people = [one for one in family.people if one.idcs not in taken and (row.pk, family.insured.idcs, one.idcs) not in refused]
        if people:
            wanted.append((row, family, people))
    found = _units([(row.household_id, family) for row, family, _people in wanted])
    proposals = []
    for row, family, people in wanted:
        unit = found[row.household_id, family.insured.idcs]
        for one in people:
            quality = Enrollment.Quality.INSURED if one is family.insured else Enrollment.Quality.DEPENDANT
            proposals.append(_proposal(row, quality=quality, unit=unit, member_id=one.id, idcs=one.idcs))
    return open_proposals(proposals, by=by) if proposals else 0


def _proposal(row: Determination, *, quality: str, **fields) -> Enrollment:
    return Enrollment(
        program=row.program,
        household_id=row.household_id,
        commune_id=row.household.commune_id,
        milieu=row.household.milieu,
        determination=row,
        quality=quality,
        **fields,
    )


def _families(gained: Iterable[int], *, on: date, law) -> list[tuple[int, units.Family]]:
    """(household, unit to be) of all these households, from one query."""
    rules, people = units.Rules.of(law), {}
    for member in Member.objects.filter(household_id__in=list(gained)).order_by("household_id", "position"):
        people.setdefault(member.household_id, []).append(units.person(member, on))
    return [(household, family) for household, each in people.items() for family in units.sort_members(each, rules).units]


def _refuse_outgrown(gained: Iterable[int], families: list, *, by: User) -> None:
    """Refuse proposals made for a place in a unit that the person no longer has."""
    places = {(row.household_id, family.insured.idcs, one.idcs) for row, family in families for one in family.people}
    rows = Enrollment.objects.filter(program=Program.AMO_TADAMON, household_id__in=list(gained), status=Status.PROPOSED)
    locked = rows.select_related("unit").order_by("id").select_for_update(of=("self",), no_key=True)
    outgrown = [one for one in locked if (one.household_id, one.unit.insured_idcs, one.idcs) not in places]
    move(outgrown, Status.REFUSED, by=by, reason=COMPOSITION_CHANGED)


def _taken(gained: Iterable[int], families: list) -> set[str]:
    """Persons proposed in these households, or covered anywhere."""
    people = [one.idcs for _row, family in families for one in family.people]
    waiting = Q(status=Status.PROPOSED, household_id__in=list(gained))
    rows = Enrollment.objects.filter(waiting | Q(status__in=HOLDING), program=Program.AMO_TADAMON, idcs__in=people)
    return set(rows.values_list("idcs", flat=True))


def _units(wanted: list[tuple[int, units.Family]]) -> dict[tuple[int, str], Unit]:
    """The unit of each family: the one its insured person already has, otherwise a new one."""
    living = Unit.objects.filter(
        household_id__in=[household for household, _family in wanted],
        enrollments__quality=Enrollment.Quality.INSURED,
        enrollments__status__in=(Status.PROPOSED, *COVERING),
    )
    found = {(unit.household_id, unit.insured_idcs): unit for unit in living.distinct()}
    new = [
        Unit(household_id=household, kind=family.kind, insured_id=family.insured.id, insured_idcs=family.insured.idcs)
        for household, family in wanted
        if (household, family.insured.idcs) not in found
    ]
    return found | {(unit.household_id, unit.insured_idcs): unit for unit in Unit.objects.bulk_create(new)}
