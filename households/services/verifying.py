"""A partner's word against a family's answer, settled by a person: kept, or taken once the family was told. No answer moves by itself."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from rsu import audit
from rsu.authentication import engine
from rsu.models import User

from ..declared import plain_answer
from ..models import AnswerConflict, Member, Request
from ..permissions import check_handle
from .periods import release_taken
from .requesting import move_request

ANSWER_DAYS = "check.answer_days"
MOST_ESCALATED = 5000
Status = AnswerConflict.Status


class ConflictRefused(Exception):
    """The contradiction cannot be settled so; the message is a sentence for the screen, `field` what it is about, "" for the whole."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def open_conflict(conflict_id: int, *, by: User) -> AnswerConflict:
    """The contradiction, locked, if this user may settle it. Raises Forbidden, ConflictRefused when the person has left."""
    conflict = AnswerConflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
    if conflict.member is None:
        raise ConflictRefused(_("Cette personne n’est plus dans le registre : il n’y a plus rien à régler."))
    check_handle(by, conflict.member.household)
    return conflict


@transaction.atomic
def keep_answer(conflict_id: int, *, reason: str, on: date, by: User) -> AnswerConflict:
    """The family's answer stands, for a reason; kept twice, kept once. Raises Forbidden, ConflictRefused."""
    conflict = open_conflict(conflict_id, by=by)
    if conflict.status == Status.KEPT:
        return conflict
    _check_open(conflict)
    if not reason.strip():
        raise ConflictRefused(_("Dites pourquoi la réponse de la famille est gardée : un papier vu, une erreur du partenaire."), "reason")
    return settle(conflict, Status.KEPT, reason=reason.strip(), on=on, by=by)


def _check_open(conflict: AnswerConflict) -> None:
    if conflict.status != Status.OPEN:
        raise ConflictRefused(_("Cette contradiction est déjà réglée : %(how)s.") % {"how": conflict.get_status_display()})
    if waits(conflict):
        raise ConflictRefused(_("Une demande de mise à jour attend déjà une signature pour cette réponse."))


def waits(conflict: AnswerConflict) -> bool:
    """An update that takes the value is sent, and not answered yet."""
    return conflict.request is not None and conflict.request.status == Request.Status.IN_PROGRESS


@transaction.atomic
def tell_family(conflict_id: int, *, on: date, by: User, law) -> AnswerConflict:
    """The family has been told of what the partner says, and its days run from then: the first day stands.

    Raises Forbidden, ConflictRefused.
    """
    conflict = open_conflict(conflict_id, by=by)
    if conflict.told_on is None:
        _check_open(conflict)
        conflict.told_on, conflict.due_on = on, on + timedelta(days=law.value(ANSWER_DAYS))
        conflict.save(update_fields=["told_on", "due_on"])
        _record(conflict, "conflict.told", on=on, by=by)
    return conflict


def check_take(conflict: AnswerConflict, *, reason: str, on: date) -> None:
    """No silent change: the family is told and its days have passed, or it agrees and what it says is written."""
    _check_open(conflict)
    if conflict.is_event:
        raise ConflictRefused(_("Un événement se prend par la demande préparée : complétez-la avec la famille et envoyez-la."))
    if conflict.told_on is None:
        raise ConflictRefused(_("Prévenez d’abord la famille de ce que dit le partenaire."))
    if on <= conflict.due_on and not reason.strip():
        told = _("La famille a encore le temps de répondre : écrivez ce qu’elle a répondu, ou attendez la fin du délai.")
        raise ConflictRefused(told, "reason")


def settle(conflict: AnswerConflict, status: str, *, reason: str, on: date, by: User) -> AnswerConflict:
    """Write the decision of a locked contradiction and its event."""
    if status == Status.KEPT:
        _put_aside(conflict, by=by)
    conflict.status, conflict.reason, conflict.settled_by, conflict.settled_at = status, reason, by, Now()
    conflict.save(update_fields=["status", "reason", "settled_by", "settled_at", "request"])
    conflict.refresh_from_db(fields=["settled_at"])
    release_taken(conflict, on=on)
    _record(conflict, f"conflict.{status}", on=on, by=by, reason=reason)
    return conflict


def _record(conflict: AnswerConflict, verb: str, *, on: date, by: User, reason: str = "") -> None:
    household = conflict.member and conflict.member.household_id
    audit.record(by=by, verb=verb, household=household, subject=f"conflict:{conflict.pk}", reason=reason, on=str(on), field=conflict.field)


def _put_aside(conflict: AnswerConflict, *, by: User) -> None:
    """The draft that an event opened is not to be sent: the event did not happen."""
    draft = conflict.request
    if conflict.is_event and draft is not None and draft.status == Request.Status.DRAFT:
        move_request(draft, Request.Status.REJECTED, by=by)
        draft.save(update_fields=["status", "saved_at"])


def settle_taken(conflict: AnswerConflict, *, reason: str, on: date, by: User) -> bool:
    """Taken, if the partner's value is the person's answer now; if not, a locked contradiction stays open, free of its update."""
    member = conflict.member
    if member is not None and all(plain_answer(member, name) == value for name, value in conflict.verified.items()):
        settle(conflict, Status.TAKEN, reason=reason, on=on, by=by)
        return True
    conflict.request = None
    conflict.save(update_fields=["request"])
    return False


@transaction.atomic
def close_taken(*, on: date) -> int:
    """Contradictions whose update was signed since, where the partner's value stands, and events that the registry now knows; how many.

    Running twice changes nothing. An update that was changed before it was signed, or a person who left, takes nothing: what it was
    to settle is still to settle.
    """
    signed = Q(request__status__in=(Request.Status.PROCESSED, Request.Status.PARTIALLY_ACCEPTED))
    waiting = AnswerConflict.objects.filter(signed, status=Status.OPEN).exclude(field__in=AnswerConflict.EVENTS)
    done = 0
    for conflict in waiting.select_related("request__processed_by").select_for_update(of=("self",)).order_by("id"):
        by, day = conflict.request.processed_by, localdate(conflict.request.processed_at)
        done += settle_taken(conflict, reason=conflict.request.reason, on=day, by=by)
    return done + _close_events(on=on)


def _close_events(*, on: date) -> int:
    """A dead person who is in no household any more, a child who is in one: whoever's request it was."""
    registered = Exists(Member.objects.filter(idcs=OuterRef("idcs")))
    happened = Q(field=AnswerConflict.DEATH) & ~registered | Q(field=AnswerConflict.BIRTH) & registered
    known = AnswerConflict.objects.filter(happened, status=Status.OPEN).select_related("request__processed_by", "member")
    done = 0
    for conflict in known.select_for_update(of=("self",)).order_by("id"):
        by = (conflict.request and conflict.request.processed_by) or engine()
        settle(conflict, Status.TAKEN, reason=conflict.request.reason if conflict.request else "", on=on, by=by)
        done += 1
    return done


@transaction.atomic
def escalate_conflicts(*, on: date, by: User) -> int:
    """Call the supervisors for contradictions whose days have run out, told or not, that nobody has settled; how many. Once each."""
    late = AnswerConflict.objects.filter(status=Status.OPEN, due_on__lt=on, escalated_on=None, member__isnull=False)
    found = list(late.select_related("member").order_by("id").select_for_update(skip_locked=True, of=("self",))[:MOST_ESCALATED])
    AnswerConflict.objects.filter(pk__in=[one.pk for one in found]).update(escalated_on=on)
    about = [(one.member.household_id, {"conflict": one.pk, "field": one.field, "due_on": str(one.due_on)}) for one in found]
    audit.record_each(by=by, verb="conflict.escalated", about=about)
    return len(found)
