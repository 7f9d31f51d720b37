"""What a caseworker decides: accept, refuse, keep, end; one household and program at a time, the household locked first.

Everything is asked again at that moment: the score's answer, each person's place in a unit, other allowances. What was held
waits no longer. The same acceptance twice is one acceptance.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from eligibility import losses
from eligibility.models import OPEN, Determination, Program
from eligibility.queries import law as law_of
from eligibility.runs import lock_blocks, lock_law_for_reading
from eligibility.services import assess_due
from households.models import Household
from rsu import audit
from rsu.models import User
from rsu.wording import day

from .. import queries
from ..appeals import suspended_by_appeal
from ..lifecycle import COVERING, HOLDING
from ..models import COVERS, Enrollment
from ..permissions import check_decide
from .achamil import leave_for_tadamon
from .aiding import application_month, end_of_right, month_of, write_months
from .covering import follow_households
from .holding import settle_holds
from .moves import NotEnrollable, count_closed, count_enrolled, move
from .ramed_covers import make_room

Status = Enrollment.Status


class ProposalOutgrown(NotEnrollable):
    """The family is no longer the one the proposal was made for: it must be proposed again."""


@transaction.atomic
def accept_enrollments(ids: Iterable[int], *, on: date, by: User) -> list[Enrollment]:
    """Open these enrollments of one household and program; those already running are left as they are.

    Health cover starts on `on`, or when a former cover ends; direct aid with the month of application, its months until
    `on` written line by line. Raises NotEnrollable, Forbidden.
    """
    household, program, enrollments = locked(ids, on=on, by=by)
    waiting = [one for one in enrollments if one.status not in COVERING]
    if not waiting:
        return enrollments
    if any(one.status == Status.SUSPENDED for one in waiting):
        raise NotEnrollable(_("Une inscription suspendue ne s’accepte pas de nouveau : elle se reprend."))
    determination = queries.open_determination(household, program)
    if determination is None or not determination.entitled:
        raise NotEnrollable(_("L’indice du ménage ne donne plus ce droit : la proposition ne peut pas être acceptée."))
    enroll = _open_cover if program == Program.AMO_TADAMON else _open_aid
    enroll(household, determination, waiting, on=on, by=by)
    settle_holds([one.pk for one in waiting], by=by)
    _record(by, "accept_enrollment", household, program, waiting, on=on)
    return enrollments


def accept_enrollment(enrollment_id: int, *, on: date, by: User) -> Enrollment:
    return accept_enrollments([enrollment_id], on=on, by=by)[0]


def accept_household(household: Household, program: str, *, on: date, by: User) -> list[Enrollment]:
    """Accept all that is proposed to the household in the program; nothing proposed is nothing done."""
    ids = list(household.enrollments.filter(program=program, status=Status.PROPOSED).values_list("pk", flat=True))
    return accept_enrollments(ids, on=on, by=by) if ids else []


@transaction.atomic
def refuse_enrollments(ids: Iterable[int], *, reason: str, on: date, by: User) -> list[Enrollment]:
    """Refuse proposals, with the reason the family will be told."""
    reason = given(reason)
    household, program, enrollments = locked(ids, on=on, by=by)
    waiting = [one for one in enrollments if one.status != Status.REFUSED]
    move(waiting, Status.REFUSED, by=by, reason=reason)
    settle_holds([one.pk for one in waiting], by=by)
    if waiting:
        _record(by, "refuse_enrollment", household, program, waiting, on=on, reason=reason)
    return enrollments


def refuse_enrollment(enrollment_id: int, *, reason: str, on: date, by: User) -> Enrollment:
    return refuse_enrollments([enrollment_id], reason=reason, on=on, by=by)[0]


@transaction.atomic
def end_enrollments(ids: Iterable[int], *, reason: str, on: date, by: User, other_cause: bool = False) -> list[Enrollment]:
    """End running enrollments with the month of the notice (`on`), where the law says so, otherwise that day.

    A right lost by the score that runs on in grace is not ended before its day, unless `other_cause`: a death, a departure,
    another cover. Raises NotEnrollable, Forbidden.
    """
    reason = given(reason)
    household, program, enrollments = locked(ids, on=on, by=by)
    running = [one for one in enrollments if one.status != Status.ENDED]
    if running and not other_cause:
        _check_grace_over(household, program, on=on)
        _check_no_appeal(running, on=on)
    _check_nobody_left_behind(running)
    last = end_of_right(program, on)
    for until, group in _grouped(running, lambda one: max(one.since or last, last)).items():
        move(group, Status.ENDED, by=by, reason=reason, until=until)
    settle_holds([one.pk for one in running], by=by)
    if running:
        count_closed(running)
        told = {"other_cause": True} if other_cause else {}
        _record(by, "end_enrollment", household, program, running, on=on, reason=reason, until=str(last), **told)
    return enrollments


def end_enrollment(enrollment_id: int, *, reason: str, on: date, by: User, other_cause: bool = False) -> Enrollment:
    return end_enrollments([enrollment_id], reason=reason, on=on, by=by, other_cause=other_cause)[0]


@transaction.atomic
def keep_enrollments(ids: Iterable[int], *, reason: str, on: date, by: User) -> list[Enrollment]:
    """Take enrollments in review back to running, for a reason that the audit keeps."""
    reason = given(reason)
    household, program, enrollments = locked(ids, on=on, by=by)
    reviewed = [one for one in enrollments if one.status != Status.ACTIVE]
    if any(one.status != Status.IN_REVIEW for one in reviewed):
        raise NotEnrollable(_("Seule une inscription à revoir peut être maintenue."))
    move(reviewed, Status.ACTIVE, by=by, reason=reason)
    settle_holds([one.pk for one in reviewed], by=by)
    if reviewed:
        _record(by, "keep_enrollment", household, program, reviewed, on=on, reason=reason)
    return enrollments


def keep_enrollment(enrollment_id: int, *, reason: str, on: date, by: User) -> Enrollment:
    return keep_enrollments([enrollment_id], reason=reason, on=on, by=by)[0]


def locked(ids: Iterable[int], *, on: date, by: User) -> tuple[Household, str, list[Enrollment]]:
    """The household assessed if it was due, then locked, and these enrollments of it, locked in order.

    Its block comes first: a month written or corrected for everybody waits for the decision, or is waited for.
    """
    ids = list(ids)
    owners = list(Enrollment.objects.filter(pk__in=ids).order_by("household_id").values_list("household_id", "program").distinct())
    if len(owners) != 1:
        raise NotEnrollable(_("Choisissez au moins une inscription, toutes d’un même ménage et d’un même programme."))
    [(household_id, program)] = owners
    if program not in Program.values:
        raise NotEnrollable(_("L’AMO ACHAMIL ne se décide pas ici : l’adhésion se suit sur la page de couverture du ménage."))
    check_decide(by, Household.objects.get(pk=household_id))
    lock_law_for_reading()
    lock_blocks([household_id])
    assess_due(household_id, on=on, by=by)
    household = Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household_id)
    rows = Enrollment.objects.filter(pk__in=ids).select_related("unit", "member").order_by("id")
    return household, program, list(rows.select_for_update(of=("self",), no_key=True))


def given(reason: str) -> str:
    if not reason.strip():
        raise NotEnrollable(_("Donnez le motif : la famille doit pouvoir le lire."))
    return reason.strip()


def _record(by: User, verb: str, household: Household, program: str, enrollments: list[Enrollment], *, reason: str = "", **details) -> None:
    details = {name: str(value) for name, value in details.items()}
    subject = f"enrollment:{enrollments[0].pk}" if len(enrollments) == 1 else f"program:{program}"
    audit.record(
        by=by, verb=verb, household=household, subject=subject, reason=reason,
        program=program, enrollments=[one.pk for one in enrollments], **details,
    )  # fmt: skip


def _grouped(enrollments: list[Enrollment], key) -> dict[date, list[Enrollment]]:
    groups: dict[date, list[Enrollment]] = {}
    for one in enrollments:
        groups.setdefault(key(one), []).append(one)
    return groups


def _open_cover(household: Household, determination: Determination, waiting: list[Enrollment], *, on: date, by: User) -> None:
    _check_places(household, waiting, on=on)
    _check_insured(waiting)
    people = [one.idcs for one in waiting]
    others = Enrollment.objects.filter(program__in=COVERS, idcs__in=people)
    tadamon = others.filter(program=Program.AMO_TADAMON, status__in=HOLDING)
    if elsewhere := tadamon.exclude(pk__in=[one.pk for one in waiting]).select_related("member").first():
        raise NotEnrollable(_("%(name)s est déjà couvert(e) par l’AMO-TADAMON.") % {"name": elsewhere.member or elsewhere.idcs})
    leave_for_tadamon(people, on=on, by=by)
    ended = dict(others.filter(status=Status.ENDED).values_list("idcs").annotate(until=Max("until")))
    ended |= make_room(waiting, on=on, by=by)
    first = not _running(household, Program.AMO_TADAMON).exists()
    # No gap and no overlap: who is still covered by an ended enrollment starts the day it stops, as does who was proposed to continue one.
    for since, group in _grouped(waiting, lambda one: one.since or max(on, ended.get(one.idcs, on))).items():
        place = {"commune_id": household.commune_id, "milieu": household.milieu}
        move(group, Status.ACTIVE, by=by, since=since, until=OPEN, determination=determination, people=1, **place)
    _count_opened(household, Program.AMO_TADAMON, first=first, people=len(waiting))
    follow_households([household.pk], on=on, by=by)


def _check_places(household: Household, waiting: list[Enrollment], *, on: date) -> None:
    """Each person still is where the proposal put him: in the household, in that unit, without another cover."""
    found = queries.sorted_members(household, on, law_of(on))
    places = {(unit.insured.idcs, one.idcs, one is unit.insured) for unit in found.units for one in unit.people}
    for one in waiting:
        if (one.unit.insured_idcs, one.idcs, one.quality == Enrollment.Quality.INSURED) not in places:
            sentence = _("La situation de %(name)s a changé depuis la proposition : elle doit être refaite.")
            raise ProposalOutgrown(sentence % {"name": one.member or one.idcs})


def _check_insured(waiting: list[Enrollment]) -> None:
    """Nobody is covered through a person who is not."""
    units = {one.unit_id for one in waiting if one.quality == Enrollment.Quality.DEPENDANT}
    opening = {one.unit_id for one in waiting if one.quality == Enrollment.Quality.INSURED}
    running = Enrollment.objects.filter(unit__in=units, quality=Enrollment.Quality.INSURED, status__in=COVERING)
    if units - opening - set(running.values_list("unit_id", flat=True)):
        raise NotEnrollable(_("Un ayant droit n’est couvert qu’avec l’assuré de son unité : acceptez-les ensemble."))


def _check_grace_over(household: Household, program: str, *, on: date) -> None:
    if until := losses.grace_until(household, program, on=on):
        last = day(until - timedelta(days=1))
        raise NotEnrollable(
            _("Le droit perdu court encore jusqu’au %(day)s inclus : l’indice ne peut pas y mettre fin avant. Une autre raison le peut.")
            % {"day": last}
        )


def _check_no_appeal(running: list[Enrollment], *, on: date) -> None:
    held = Enrollment.objects.filter(suspended_by_appeal(law_of(on)), pk__in=[one.pk for one in running])
    if held.exists():
        raise NotEnrollable(
            _(
                "Un recours est ouvert contre cette perte : la loi la suspend jusqu’à la réponse. Une autre raison que l’indice peut y mettre fin."
            )
        )


def _check_nobody_left_behind(running: list[Enrollment]) -> None:
    ending = [one.pk for one in running]
    units = [one.unit_id for one in running if one.quality == Enrollment.Quality.INSURED]
    if Enrollment.objects.filter(unit__in=units, status__in=HOLDING).exclude(pk__in=ending).exists():
        raise NotEnrollable(_("L’assuré ne peut pas perdre sa couverture avant ses ayants droit : terminez-les ensemble."))


def _open_aid(household: Household, determination: Determination, waiting: list[Enrollment], *, on: date, by: User) -> None:
    if len(waiting) > 1 or _running(household, Program.DIRECT_AID).exists():
        raise NotEnrollable(_("Ce ménage reçoit déjà l’aide : un seul droit par ménage."))
    since, read_on = application_month(household, determination)
    for sentence in month_of(household, month=since, read_on=read_on).findings:
        raise NotEnrollable(sentence)
    people = household.members.count()
    opened = {"since": since, "until": OPEN, "determination": determination, "people": people}
    opened |= {"commune_id": household.commune_id, "milieu": household.milieu}
    move(waiting, Status.ACTIVE, by=by, **opened)
    _count_opened(household, Program.DIRECT_AID, first=True, people=people)
    write_months(household, since=since, read_on=read_on, on=on)


def _running(household: Household, program: str):
    return household.enrollments.filter(program=program, status__in=HOLDING)


def _count_opened(household: Household, program: str, *, first: bool, people: int) -> None:
    count_enrolled(program, commune_id=household.commune_id, milieu=household.milieu, households=int(first), people=people)
