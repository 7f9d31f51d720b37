"""An appeal is judged: what it would give back, and the same thing done, by one function and in one transaction.

Upheld, the answers claimed become the household's by their own request, the right is determined again from the contested day, cover
is continued without a gap and the months missed are written. Dismissed, a loss that waited for the answer runs with its month.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

import eligibility.runs
import households.services
from eligibility.losses import grace_until
from eligibility.models import OPEN, Determination, Program
from eligibility.queries import law as law_of
from households.models import Household, Request
from households.services import RequestRefused
from rsu.models import User

from ..appeals import suspends_losses
from ..models import Appeal, Enrollment, Scheme
from ..permissions import check_admit, check_judge
from . import deciding, suspending
from .achamil_again import restore_achamil
from .appealing import AppealRefused, close_request, locked_appeal, move_appeal, record_appeal
from .restoring import Months, Restored, determine_again, periods_of_right, restore_months, restore_program, windows

Status, Ground, Contests = Appeal.Status, Appeal.Ground, Appeal.Contests
SIGNED, GAINS, LOSES = "request.second_signature", "gains_right", "loses_right"


class AppealDecided(AppealRefused):
    """Somebody has judged it meanwhile: nothing was done a second time."""


@dataclass(frozen=True)
class Repair:
    """What upholding gives back, program by program, and the programs in which the score's answer of today has changed."""

    restored: list[Restored] = field(default_factory=list)
    gained: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    resumed: list[Enrollment] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(any(self.restored) or self.gained or self.lost or self.resumed)


@transaction.atomic
def uphold_appeal(
    *, appeal_id: int, answer: str, accepted: Collection[str] | None = None, since: date | None = None, on: date, by: User
) -> tuple[Appeal, Repair]:
    """Uphold the appeal whole, or in part: `accepted` are the claims that are granted (None: all), `since` a day later than the
    contested one from which it is repaired.

    Judged already by the same person and the same way, it is given back unchanged. Raises Forbidden, AppealDecided, AppealRefused,
    DeclarationRefused, RequestOutdated.
    """
    appeal = _locked_in_order(appeal_id)
    check_judge(by, appeal)
    if not answer.strip():
        raise AppealRefused({"answer": _("Écrivez la réponse et ses raisons : la famille la recevra.")})
    status = Status.UPHELD if _is_whole(appeal, accepted, since) else Status.PARTLY_UPHELD
    if _judged(appeal, status, by):
        return appeal, Repair()
    if appeal.status != Status.IN_EXAMINATION:
        raise AppealRefused({"": _("Ce recours n’est pas encore en examen.")})
    repair = repair_by(appeal, accepted=accepted, since=since, on=on, by=by)
    if not repair and appeal.ground != Ground.ANSWER:
        raise AppealRefused(
            {"": _("Accueillir ce recours ne changerait rien : le calcul refait donne la même réponse, et aucun jour ni mois ne manque.")}
        )
    appeal.repaired_since, appeal.effect = since or appeal.since, told_of(repair)
    _decide(appeal, status, answer=answer.strip(), on=on, by=by)
    _close(appeal, status, repair, answer=answer.strip(), on=on, by=by)
    record_appeal(appeal, "appeal.upheld", by=by, reason=answer.strip(), status=status, since=str(appeal.repaired_since))
    return appeal, repair


@transaction.atomic
def dismiss_appeal(*, appeal_id: int, answer: str, as_late: bool = False, on: date, by: User) -> Appeal:
    """Dismiss the appeal with its reasons; `as_late`: unexamined, because it came too late and nobody admits it.

    Where the law suspends losses, what waited in review for this answer ends with its month. Raises Forbidden, AppealDecided,
    AppealRefused.
    """
    appeal = _locked_in_order(appeal_id)
    check_admit(by, appeal) if as_late else check_judge(by, appeal)
    if not answer.strip():
        raise AppealRefused({"answer": _("Écrivez la réponse et ses raisons : la famille la recevra.")})
    if _judged(appeal, Status.DISMISSED, by):
        return appeal
    if as_late and not appeal.waits_for_admission:
        raise AppealRefused({"": _("Ce recours a été déposé dans le délai, ou admis : il s’examine.")})
    if not as_late and appeal.status != Status.IN_EXAMINATION:
        raise AppealRefused({"": _("Ce recours n’est pas encore en examen.")})
    _decide(appeal, Status.DISMISSED, answer=answer.strip(), on=on, by=by)
    close_request(appeal, Request.Status.REJECTED, answer=answer.strip(), on=on, by=by)
    ended = [] if as_late else _end_what_waited(appeal, on=on, by=by)
    record_appeal(appeal, "appeal.dismissed", by=by, reason=answer.strip(), late=as_late, ended=ended)
    return appeal


def repair_by(appeal: Appeal, *, accepted: Collection[str] | None = None, since: date | None = None, on: date, by: User) -> Repair:
    """What upholding does, without the decision itself: also what the decider is shown beforehand, in a transaction that is undone."""
    since = since or appeal.since
    if not appeal.since <= since <= on:
        raise AppealRefused({"since": _("La réparation part du jour contesté ou d’un jour plus tardif, jamais à venir.")})
    household = Household.objects.select_related("commune").get(pk=appeal.household_id)
    if household.struck_off_on:
        raise AppealRefused({"": _("Ce ménage est radié : rien ne peut lui être rendu. Annulez d’abord la radiation.")})
    before = {program: periods_of_right(household, program) for program in Program}
    open_before = _open_rights(household)
    if appeal.ground == Ground.ANSWER:
        _apply_answers(appeal, accepted, on=on, by=by)
    household = Household.objects.select_for_update(of=("self",), no_key=True).select_related("commune").get(pk=household.pk)
    determine_again(household, since=since, on=on)
    restored, resumed = [], _resume(appeal, household, on=on, by=by)
    for program in Program:
        after = periods_of_right(household, program)
        spans = windows(before[program], after, since=since)
        only = None
        if appeal.contests == Contests.ENROLLMENT and appeal.program == program and not resumed:
            spans = [(max(first, since), last) for first, last in after if last > since]
            only = list(Enrollment.objects.filter(pk__in=appeal.enrollments).exclude(idcs="").values_list("idcs", flat=True)) or None
        restored.append(restore_program(household, program, spans, on=on, only=only))
    if appeal.contests == Contests.ENROLLMENT and appeal.program == Scheme.AMO_ACHAMIL:
        restored.append(restore_achamil(appeal, household, since=since, on=on))
    if appeal.contests == Contests.MONTH:
        restored.append(Restored(Program.DIRECT_AID, months=_contested_month(appeal, household, restored, on=on)))
    open_after = _open_rights(household)
    gained, lost = sorted(open_after - open_before), sorted(open_before - open_after)
    return Repair([one for one in restored if one or one.hindrances], gained, lost, resumed)


def told_of(repair: Repair) -> dict:
    """The repair as the appeal keeps it: amounts and days as they were that day, for the answer on paper and for corrections."""
    return {
        "covers": [
            {"enrollment": one.pk, "program": one.program, "idcs": one.idcs, "since": str(one.since), "until": str(one.until)}
            for part in repair.restored
            for one in part.enrollments
            if one.since
        ],
        "months": [
            {"month": str(one.month), "amount": one.amount, "allowance": one.pk} for part in repair.restored for one in part.months.written
        ],
        "to_correct": [
            {"month": str(one.allowance.month), "allowance": one.allowance.pk, "written": one.allowance.amount, "due": one.due}
            for part in repair.restored
            for one in part.months.to_correct
        ],
        "resumed": [one.pk for one in repair.resumed],
        "hindrances": [sentence for part in repair.restored for sentence in part.hindrances],
        "gained": repair.gained,
    }


def _locked_in_order(appeal_id: int) -> Appeal:
    """The law, the household's block, then the appeal: two deciders wait for one another, the second sees what the first has done."""
    household_id = Appeal.objects.values_list("household_id", flat=True).get(pk=appeal_id)
    eligibility.runs.lock_law_for_reading()
    eligibility.runs.lock_blocks([household_id])
    return locked_appeal(appeal_id)


def _judged(appeal: Appeal, status: str, by: User) -> bool:
    """Whether this very decision stands already; raises AppealDecided when another does."""
    if appeal.is_open:
        return False
    if (appeal.status, appeal.decided_by_id) == (status, by.pk):
        return True
    told = {"who": appeal.decided_by, "status": appeal.get_status_display()}
    if appeal.decided_by is None:
        raise AppealDecided({"": _("Ce recours a été retiré par la famille : rien n’a été décidé.")})
    raise AppealDecided({"": _("%(who)s a déjà jugé ce recours : %(status)s. Rien n’a été fait une seconde fois.") % told})


def _is_whole(appeal: Appeal, accepted: Collection[str] | None, since: date | None) -> bool:
    claimed = set(appeal.request.touched)
    every_claim = accepted is None or appeal.ground != Ground.ANSWER or set(accepted) == claimed
    return every_claim and since in (None, appeal.since)


def _apply_answers(appeal: Appeal, accepted: Collection[str] | None, *, on: date, by: User) -> None:
    request = Request.objects.get(pk=appeal.request_id)
    if request.status == Request.Status.DRAFT:
        raise AppealRefused({"": _("Le dossier du recours est en cours de complément : envoyez-le d’abord.")})
    if request.status != Request.Status.IN_PROGRESS:
        raise AppealRefused({"": _("La demande de ce recours a été abandonnée : la famille retire le recours, ou en dépose un autre.")})
    try:
        if accepted is not None:
            households.services.narrow_request(request_id=request.pk, paths=accepted, on=on, by=by)
        households.services.apply_request(request_id=request.pk, on=on, by=by, law=law_of(on))
    except RequestRefused as refused:
        raise AppealRefused(refused.problems) from refused


def _open_rights(household: Household) -> set[str]:
    rows = Determination.objects.filter(household=household, until=OPEN, entitled=True)
    return set(rows.values_list("program", flat=True))


def _resume(appeal: Appeal, household: Household, *, on: date, by: User) -> list[Enrollment]:
    """A suspension contested is lifted as if it had not been."""
    if appeal.contests != Contests.ENROLLMENT or appeal.decided_as != Enrollment.Status.SUSPENDED:
        return []
    rows = Enrollment.objects.filter(pk__in=appeal.enrollments, status=Enrollment.Status.SUSPENDED).order_by("id")
    suspended = list(rows.select_for_update(of=("self",), no_key=True))
    if suspended:
        suspending.take_up(household, appeal.program, suspended, reason=_("Recours accueilli."), restore=True, on=on, by=by)
    return suspended


def _contested_month(appeal: Appeal, household: Household, restored: list[Restored], *, on: date) -> Months:
    """The contested month and those after it, save what another part of the repair names already."""
    named = {one.allowance.pk for part in restored for one in part.months.to_correct}
    found = restore_months(household, since=appeal.allowance.month, on=on)
    return Months(found.written, [one for one in found.to_correct if one.allowance.pk not in named])


def _decide(appeal: Appeal, status: str, *, answer: str, on: date, by: User) -> None:
    move_appeal(appeal, status, by=by, reason=answer)
    appeal.answer, appeal.decided_by, appeal.decided_on, appeal.decided_at = answer, by, on, Now()
    appeal.save()
    appeal.refresh_from_db(fields=["decided_at"])


def _close(appeal: Appeal, status: str, repair: Repair, *, answer: str, on: date, by: User) -> None:
    """The request answers with the appeal. Answers applied are signed by the decider, whom the law's second signature asks for."""
    if appeal.ground == Ground.RULE:
        closed = Request.Status.PROCESSED if status == Status.UPHELD else Request.Status.PARTIALLY_ACCEPTED
        close_request(appeal, closed, answer=answer, on=on, by=by)
        return
    wanted = law_of(on).value(SIGNED)
    does = {GAINS: repair.gained, LOSES: repair.lost}
    if reasons := [code for code in wanted if does.get(code)]:
        households.services.sign_second(request_id=appeal.request_id, reasons=reasons, on=on, by=by)


def _end_what_waited(appeal: Appeal, *, on: date, by: User) -> list[int]:
    """Enrollments in review whose loss only the appeal kept waiting; one in grace still runs to its own last day. No score takes AMO
    ACHAMIL away: nothing of it waits for one."""
    if not suspends_losses(law_of(on)) or appeal.program == Scheme.AMO_ACHAMIL:
        return []
    ended = []
    for program in [appeal.program] if appeal.program else list(Program):
        rows = Enrollment.objects.filter(household=appeal.household_id, program=program, status=Enrollment.Status.IN_REVIEW)
        ids = list(rows.order_by("id").values_list("pk", flat=True))
        other = Appeal.objects.filter(household=appeal.household_id, status__in=("filed", "in_examination"), program__in=("", program))
        if ids and not other.exists() and not grace_until(appeal.household, program, on=on):
            deciding.end_enrollments(ids, reason=appeal.answer, on=on, by=by)
            ended += ids
    return ended
