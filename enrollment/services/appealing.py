"""An appeal is received, admitted although late, examined, annotated, withdrawn; what judges it stands in judging_appeals.

Its answers, words and evidence are a request's, opened and sent with it: whatever is kept, checked and traced of a request is of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

import households.services
from eligibility.law import Law
from eligibility.limits import last_day
from eligibility.queries import law as law_of
from households.changes import by_key, placed
from households.models import Household, Request
from households.services import DeclarationRefused, EvidenceRefused, RequestRefused
from households.services.requesting import touched_by
from rsu import audit
from rsu.models import User
from rsu.wording import day

from .. import contested
from ..appeal_lifecycle import OPEN, MoveRefused, check_move
from ..models import Appeal, AppealMove, AppealNote
from ..permissions import check_admit, check_decide

FILING, ANSWER, ANSWER_OF_REQUESTS = "appeal.filing_days", "appeal.answer_days", "request.answer_days"
Status, Ground, Contests = Appeal.Status, Appeal.Ground, Appeal.Contests


class AppealRefused(Exception):
    """The appeal cannot be received, or go where it is asked to; `problems` gives a sentence by field, "" for the whole."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True)
class Piece:
    """A file brought with the appeal, judged by the service of evidence."""

    content: bytes
    proves: str
    note: str = ""


@transaction.atomic
def file_appeal(
    *, household_id: int, key: str, ground: str, words: str, token, claims: Mapping[str, object] | None = None, provision: str = "",
    notified_on: date | None = None, admitted_because: str = "", pieces: Iterable[Piece] = (), at: datetime, on: date, by: User,
) -> Appeal:  # fmt: skip
    """Receive an appeal against the thing of that key; the same token receives one, ever.

    `claims` are answers by path (`rooms`, `m12.cover`) as typed. The time limit runs from the notice that told the decision, else
    from `notified_on`, else it has not begun. Late, it is received and waits for a supervisor to admit it; one who receives it may
    do so at once, saying why. Raises Forbidden, AppealRefused.
    """
    household = Household.objects.get(pk=household_id)
    check_decide(by, household)
    if (known := Appeal.objects.filter(request__token=token).first()) is not None:
        return known
    if not words.strip():
        raise AppealRefused({"words": _("Écrivez ce que la famille conteste, avec ses mots.")})
    if notified_on and notified_on > on:
        raise AppealRefused({"notified_on": _("Cette date est dans l’avenir.")})
    try:
        request = _open_request(household, token, ground, words, on=on, by=by)
        if hasattr(request, "appeal"):
            return request.appeal  # the button pressed twice: whoever held the household has just received it
        found = _still_contestable(household, key)
        _claim(request, ground, claims or {}, on=on, by=by)
        for piece in pieces:
            households.services.add_evidence(token=token, content=piece.content, proves=piece.proves, note=piece.note, at=at, on=on, by=by)
        request = households.services.submit_request(token=token, on=on, by=by, law=law_of(on))
    except RequestRefused as refused:
        raise AppealRefused({"words" if name == "reason" else name: said for name, said in refused.problems.items()}) from refused
    except DeclarationRefused as refused:
        raise AppealRefused({"claims": " ".join(dict.fromkeys(one.sentence for one in refused.problems))}) from refused
    except EvidenceRefused as refused:
        raise AppealRefused({"file" if refused.field == "file" else refused.field: refused.sentence}) from refused
    appeal = _received(household, request, found, ground=ground, provision=provision, notified_on=notified_on, on=on, by=by)
    if appeal.late and admitted_because.strip():
        admit_appeal(appeal_id=appeal.pk, reason=admitted_because, on=on, by=by)
        appeal.refresh_from_db()
    return appeal


def _open_request(household: Household, token, ground: str, words: str, *, on: date, by: User) -> Request:
    """The household is locked from here on: two people who file at once come one after the other."""
    if ground not in Ground.values:
        raise AppealRefused({"ground": _("Dites ce que la famille conteste : une réponse, ou l’application d’une règle.")})
    kind = Request.Kind.SCORE_REVIEW if ground == Ground.ANSWER else Request.Kind.COMPLAINT
    return households.services.open_request(household_id=household.pk, kind=kind, token=token, reason=words, on=on, by=by, law=law_of(on))


def _still_contestable(household: Household, key: str) -> contested.Contested:
    found = contested.find(household, key)
    if found is None:
        raise AppealRefused({"key": _("Cette décision n’est plus celle du dossier : rouvrez-le et choisissez de nouveau.")})
    first = found.enrollments[0] if found.enrollments else None
    same = Appeal.objects.filter(
        household=household, contests=found.kind, program=found.program, status__in=OPEN, decided_as=found.decided_as, enrollment=first,
        determination_id=found.determination and found.determination.pk, allowance=found.allowance,
    )  # fmt: skip
    if other := same.first():
        raise AppealRefused({"key": _("Un recours est déjà ouvert contre cette décision (n° %(number)s).") % {"number": other.pk}})
    return found


def _claim(request: Request, ground: str, claims: Mapping[str, object], *, on: date, by: User) -> None:
    if ground != Ground.ANSWER:
        return
    households.services.amend_draft(token=request.token, change=lambda answers: _claimed(answers, claims), on=on, by=by)
    request.refresh_from_db()
    if not touched_by(request):
        raise AppealRefused({"claims": _("Dites quelle réponse est fausse, et laquelle est vraie : rien ne change encore.")})


def _claimed(answers: dict, claims: Mapping[str, object]) -> dict:
    members = by_key(answers)
    own = {path: value for path, value in claims.items() if "." not in path}
    for path, value in claims.items():
        who, dot, name = path.partition(".")
        if dot:
            if who not in members:
                raise AppealRefused({"claims": _("Cette personne n’est plus dans le ménage : rouvrez le dossier.")})
            members[who] = members[who] | {name: value}
    return {**answers, **own, "members": placed(members)}


def _received(
    household: Household, request: Request, found: contested.Contested, *, ground: str, provision: str, notified_on: date | None,
    on: date, by: User,
) -> Appeal:  # fmt: skip
    starts = found.notice.counts_from if found.notice else notified_on
    appeal = Appeal.objects.create(
        household=household, request=request, contests=found.kind, program=found.program,
        determination_id=found.determination and found.determination.pk, enrollment=found.enrollments[0] if found.enrollments else None,
        enrollments=[one.pk for one in found.enrollments], decided_as=found.decided_as, allowance=found.allowance, contested_by=found.by,
        contested_on=found.decided_on, since=found.since, ground=ground, provision=provision if ground == Ground.RULE else "",
        notice=found.notice, notified_on=starts, filed_on=on, filed_by=by, last_day=last_day_to_file(starts), due_on=answer_due(on),
    )  # fmt: skip
    _write_move(appeal, Status.FILED, by=by, before="", reason="")
    record_appeal(appeal, "appeal.filed", by=by, contests=found.kind, key=found.key, late=appeal.late)
    return appeal


def last_day_to_file(notified_on: date | None) -> date | None:
    """Counted as the law of the notice's day counts; None while nothing was notified, or where that law set no limit."""
    if notified_on is None:
        return None
    law = law_of(notified_on)
    return last_day(law, FILING, start=notified_on) if law.has(FILING) else None


def answer_due(filed_on: date) -> date:
    law: Law = law_of(filed_on)
    return last_day(law, ANSWER if law.has(ANSWER) else ANSWER_OF_REQUESTS, start=filed_on)


@transaction.atomic
def admit_appeal(*, appeal_id: int, reason: str, on: date, by: User) -> Appeal:
    """Admit an appeal although it is late, and say why. Admitted already, it is left so. Raises Forbidden, AppealRefused."""
    appeal = locked_appeal(appeal_id)
    check_admit(by, appeal)
    if not appeal.late or appeal.admitted_by_id:
        return appeal
    if not reason.strip():
        raise AppealRefused({"admitted_because": _("Dites pourquoi ce recours est admis hors délai.")})
    if not appeal.is_open:
        raise AppealRefused({"": _("Ce recours a déjà reçu sa réponse.")})
    appeal.admitted_by, appeal.admitted_because = by, reason.strip()
    appeal.save(update_fields=["admitted_by", "admitted_because"])
    record_appeal(appeal, "appeal.admitted", by=by, reason=reason.strip())
    return appeal


@transaction.atomic
def examine_appeal(*, appeal_id: int, on: date, by: User) -> Appeal:
    """Take the appeal up; whoever does has it, unless it is in somebody's hands. Raises Forbidden, AppealRefused."""
    appeal = locked_appeal(appeal_id)
    check_decide(by, appeal.household)
    if appeal.status == Status.IN_EXAMINATION:
        return appeal
    if appeal.waits_for_admission:
        told = {"day": day(appeal.last_day)}
        raise AppealRefused(
            {"": _("Ce recours est hors délai depuis le %(day)s : un superviseur l’admet avec son motif, ou le rejette.") % told}
        )
    appeal.assignee = appeal.assignee or by
    move_appeal(appeal, Status.IN_EXAMINATION, by=by)
    appeal.save()
    record_appeal(appeal, "appeal.examined", by=by)
    return appeal


@transaction.atomic
def assign_appeal(*, appeal_id: int, to: User | None, on: date, by: User) -> Appeal:
    """Who handles it from now on; None gives it back to everybody. Raises Forbidden."""
    appeal = locked_appeal(appeal_id)
    check_decide(by, appeal.household)
    if to not in (None, by):
        check_admit(by, appeal)
        check_decide(to, appeal.household)
    if appeal.assignee_id != (to and to.pk):
        appeal.assignee = to
        appeal.save(update_fields=["assignee"])
        record_appeal(appeal, "appeal.assigned", by=by, to=to and to.get_username())
    return appeal


@transaction.atomic
def note_appeal(*, appeal_id: int, text: str, on: date, by: User) -> AppealNote:
    """A remark for those who examine it. Raises Forbidden, AppealRefused."""
    appeal = locked_appeal(appeal_id)
    check_decide(by, appeal.household)
    if not text.strip():
        raise AppealRefused({"text": _("Écrivez la remarque.")})
    last = appeal.notes.order_by("-pk").first()
    if last and (last.by_id, last.text) == (by.pk, text.strip()):
        return last  # the button pressed twice
    note = AppealNote.objects.create(appeal=appeal, by=by, text=text.strip())
    record_appeal(appeal, "appeal.noted", by=by)
    return note


@transaction.atomic
def complete_appeal(*, appeal_id: int, reason: str, on: date, by: User) -> Appeal:
    """Give the appeal's request back to its pages, for an answer or a piece that is missing; its clock goes on. Raises Forbidden,
    AppealRefused."""
    appeal = locked_appeal(appeal_id)
    check_decide(by, appeal.household)
    if not appeal.is_open:
        raise AppealRefused({"": _("Ce recours a déjà reçu sa réponse.")})
    try:
        households.services.return_request(request_id=appeal.request_id, reason=reason, on=on, by=by)
    except RequestRefused as refused:
        raise AppealRefused(refused.problems) from refused
    return appeal


@transaction.atomic
def withdraw_appeal(*, appeal_id: int, reason: str, on: date, by: User) -> Appeal:
    """The family gives its appeal up; a loss that waited for it runs again. Raises Forbidden, AppealRefused."""
    appeal = locked_appeal(appeal_id)
    check_decide(by, appeal.household)
    if appeal.status == Status.WITHDRAWN:
        return appeal
    if not reason.strip():
        raise AppealRefused({"reason": _("Écrivez ce que la famille a dit en retirant son recours.")})
    move_appeal(appeal, Status.WITHDRAWN, by=by, reason=reason.strip())
    appeal.save()
    close_request(appeal, Request.Status.REJECTED, answer=reason.strip(), on=on, by=by)
    record_appeal(appeal, "appeal.withdrawn", by=by, reason=reason.strip())
    return appeal


def close_request(appeal: Appeal, status: str, *, answer: str, on: date, by: User) -> None:
    """Answer the appeal's request in words; a draft is put aside, what has its answer keeps it."""
    request = Request.objects.get(pk=appeal.request_id)
    if request.status == Request.Status.DRAFT:
        households.services.withdraw_request(token=request.token, on=on, by=by)
    elif request.status == Request.Status.IN_PROGRESS:
        households.services.answer_request(request_id=request.pk, status=status, answer=answer, on=on, by=by)


def locked_appeal(appeal_id: int) -> Appeal:
    rows = Appeal.objects.select_for_update(of=("self",))
    return rows.select_related("household__commune", "request", "filed_by", "contested_by", "enrollment", "allowance").get(pk=appeal_id)


def move_appeal(appeal: Appeal, after: str, *, by: User, reason: str = "") -> None:
    """Set the status, checked against the lifecycle, and write the step; the caller saves the appeal."""
    try:
        check_move(appeal.status, after, by.role)
    except MoveRefused as refusal:
        words = {"before": appeal.get_status_display(), "after": Status(after).label}
        raise AppealRefused({"": _("Un recours « %(before)s » ne peut pas devenir « %(after)s » par vous.") % words}) from refusal
    before, appeal.status = appeal.status, after
    _write_move(appeal, after, by=by, before=before, reason=reason)


def _write_move(appeal: Appeal, after: str, *, by: User, before: str, reason: str) -> None:
    AppealMove.objects.create(appeal=appeal, before=before, after=after, by=by, reason=reason)


def record_appeal(appeal: Appeal, verb: str, *, by: User, reason: str = "", **details) -> None:
    audit.record(by=by, verb=verb, household=appeal.household_id, subject=f"appeal:{appeal.pk}", reason=reason, **details)
