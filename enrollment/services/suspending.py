"""A suspension is a deed: days on which a running enrollment gives nothing and keeps its place, until it is taken up again.

Suspended enrollments stay counted, as their place stays theirs: only an end takes them out of the tally.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import OPEN, Program
from households.models import Household
from rsu import audit
from rsu.authentication import engine
from rsu.models import User

from .. import queries
from ..lifecycle import COVERING
from ..models import Enrollment, Suspension
from .deciding import given, locked
from .following import HERE, LEFT_THE_HOUSEHOLD
from .holding import settle_holds
from .moves import NotEnrollable, move
from .proposing import NO_LONGER_ENTITLED
from .restoring import Months, restore_months

Status = Enrollment.Status


@transaction.atomic
def suspend_enrollments(ids: Iterable[int], *, reason: str, on: date, by: User) -> list[Enrollment]:
    """Suspend running enrollments of one household and program from `on`; those suspended already are left as they are.

    A month already written stays: it was read before. Raises NotEnrollable, Forbidden.
    """
    reason = given(reason)
    household, program, enrollments = locked(ids, on=on, by=by)
    running = [one for one in enrollments if one.status != Status.SUSPENDED]
    if any(one.status not in COVERING for one in running):
        raise NotEnrollable(_("Seule une inscription en cours peut être suspendue."))
    _check_whole_units(running)
    move(running, Status.SUSPENDED, by=by, reason=reason)
    Suspension.objects.bulk_create([Suspension(enrollment=one, since=max(on, one.since), reason=reason, by=by) for one in running])
    if running:
        _record(by, "suspend_enrollment", household, program, running, reason=reason, since=str(on))
    return enrollments


@transaction.atomic
def resume_enrollments(ids: Iterable[int], *, reason: str, restore: bool, on: date, by: User) -> list[Enrollment]:
    """Take suspended enrollments up again from `on`; `restore`: as if they had never been suspended, the months written.

    What the score no longer gives, or whoever has left the household, goes on to review. Taken up twice, once. Raises
    NotEnrollable, Forbidden.
    """
    reason = given(reason)
    household, program, enrollments = locked(ids, on=on, by=by)
    suspended = [one for one in enrollments if one.status not in COVERING]
    if any(one.status != Status.SUSPENDED for one in suspended):
        raise NotEnrollable(_("Seule une inscription suspendue peut être reprise."))
    if suspended:
        months = take_up(household, program, suspended, reason=reason, restore=restore, on=on, by=by)
        told = {"restored": restore, "months": len(months.written)}
        _record(by, "resume_enrollment", household, program, suspended, reason=reason, until=str(on), **told)
    return enrollments


def take_up(household: Household, program: str, suspended: list[Enrollment], *, reason: str, restore: bool, on: date, by: User) -> Months:
    """The locked enrollments run again. A suspension given back keeps its row and has no day left: `since` = `until`."""
    open_ones = Suspension.objects.filter(enrollment__in=suspended, until=OPEN).select_for_update()
    since = min((one.since for one in open_ones), default=on)
    for one in open_ones:
        one.until = one.since if restore else max(on, one.since)
    Suspension.objects.bulk_update(open_ones, ["until"])
    move(suspended, Status.ACTIVE, by=by, reason=reason)
    settle_holds([one.pk for one in suspended], by=by)
    _review(household, program, suspended)
    if restore and program == Program.DIRECT_AID:
        return restore_months(household, since=since, on=on)
    return Months()


def _review(household: Household, program: str, resumed: list[Enrollment]) -> None:
    """What changed meanwhile is looked at as it would have been had they run."""
    here = set(Enrollment.objects.filter(HERE, pk__in=[one.pk for one in resumed]).values_list("pk", flat=True))
    gone = [one for one in resumed if one.pk not in here]
    move(gone, Status.IN_REVIEW, by=engine(), reason=LEFT_THE_HOUSEHOLD)
    determination = queries.open_determination(household, program)
    if determination is not None and not determination.entitled:
        move([one for one in resumed if one.pk in here], Status.IN_REVIEW, by=engine(), reason=NO_LONGER_ENTITLED)


def _check_whole_units(running: list[Enrollment]) -> None:
    """Nobody is covered through a person who is not."""
    units = [one.unit_id for one in running if one.quality == Enrollment.Quality.INSURED]
    left = Enrollment.objects.filter(unit__in=units, status__in=COVERING).exclude(pk__in=[one.pk for one in running])
    if left.exists():
        raise NotEnrollable(_("L’assuré ne peut pas être suspendu sans ses ayants droit : suspendez-les ensemble."))


def _record(by: User, verb: str, household: Household, program: str, enrollments: list[Enrollment], *, reason: str, **details) -> None:
    ids = [one.pk for one in enrollments]
    audit.record(
        by=by, verb=verb, household=household, subject=f"program:{program}", reason=reason, program=program, enrollments=ids, **details
    )
