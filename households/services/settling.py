"""A request is answered: applied to the registry, answered in words, or undone; once, whatever the number of times it is asked.

Applying it here writes the declaration and nothing of what follows from it: whoever calls holds the transaction, has taken the
locks that stand above this app, and has the household assessed before it commits.
"""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User
from rsu.outbox import send
from rsu.permissions import Forbidden

from .. import events, unasked
from ..changes import MEMBER, Conflict, by_key, changes, together
from ..declaration import Declaration
from ..declared import answers_of
from ..models import Household, Member, Request
from ..permissions import check_approve
from .applying import Target, rearrange
from .leaving import left_by, people_of
from .registering import DeclarationRefused, constraint_of, registry_commune
from .requesting import RequestRefused, locked_request, move_request, read_request, touched_by

Kind, Occasion, Status = Request.Kind, Request.Occasion, Request.Status


class RequestOutdated(Exception):
    """The household has changed since the request was prepared, in the very answers it changes; `conflicts` say which."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__(", ".join(conflict.path for conflict in conflicts))
        self.conflicts = conflicts


class SecondNeeded(Exception):
    """Nothing was applied: the request waits for a second person; `reasons` are those of provision request.second_signature."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


def households_of_request(request: Request) -> list[int]:
    """The households a request writes, in id order."""
    return sorted({pk for pk in (request.household_id, request.other_id) if pk})


def apply_request(*, request_id: int, on: date, by: User, law) -> Request:
    """Make a request sent earlier true. Applied already, it is given back unchanged.

    What others have changed meanwhile elsewhere in the household is kept. Raises Forbidden, RequestRefused, DeclarationRefused,
    RequestOutdated.
    """
    try:
        return _apply(request_id, on=on, by=by, law=law)
    except IntegrityError as error:
        if constraint_of(error) != "member_idcs_once":
            raise
        # Somebody else registered one of these people between our check and our insert.
        raise RequestRefused({"": _("Un IDCS de cette demande vient d’être enregistré ailleurs : rendez-la à corriger.")}) from error


@transaction.atomic
def _apply(request_id: int, *, on: date, by: User, law) -> Request:
    request = locked_request(request_id, by)
    if request.status == Status.PROCESSED:
        return request
    if request.status != Status.IN_PROGRESS or request.kind == Kind.COMPLAINT:
        raise RequestRefused({"": _("Cette demande n’attend pas de réponse.")})
    locked = Household.objects.filter(pk__in=households_of_request(request)).order_by("pk").select_for_update(of=("self",))
    households = {row.pk: row for row in locked.select_related("commune")}
    if request.undoes_id is None and any(row.struck_off_on for row in households.values()):
        raise RequestRefused({"": _("Ce ménage est radié : il ne reçoit plus de demandes.")})
    household, other = households[request.household_id], households.get(request.other_id)
    _catch_up(request, household, other)
    made = rearrange(_targets(request, household, other, on=on, by=by, law=law), on=on)
    _keep_what_stands(request, made)
    # Whether two must sign is judged again on what it does today: whoever applies it writes that with `sign_second`.
    request.processed_by, request.processed_at, request.second = by, Now(), []
    move_request(request, Status.PROCESSED, by=by)
    request.save()
    request.refresh_from_db(fields=["processed_at"])
    audit.record(
        by=by, verb="request.processed", household=household, subject=f"request:{request.pk}", kind=request.kind,
        occasion=request.occasion, touched=len(request.touched), other=request.other_id,
    )  # fmt: skip
    for row in made:
        send("eligibility.assess_due", row.pk)
    return request


def _catch_up(request: Request, household: Household, other: Household | None) -> None:
    """Bring into the request what the registry has learnt since it was prepared."""
    if request.undoes_id:
        request.before = answers_of(household)
    elif conflicts := bring_up_to_date(request, household, other):
        raise RequestOutdated(conflicts)


def bring_up_to_date(request: Request, household: Household, other: Household | None) -> list[Conflict]:
    """The request on today's answers, unsaved; where both changed one answer the request's stands, and is told.

    Raises RequestOutdated when somebody who founds a household, or comes from another, has left it meanwhile: there is nothing to
    bring together.
    """
    now = answers_of(household)
    conflicts: list[Conflict] = []
    if request.occasion == Occasion.SPLIT:
        leaving = people_of(request)
        base, theirs = events.only(request.before, leaving), events.only(now, leaving)
        _check_still_there(leaving, request.before, now)
        rest = {name: value for name, value in request.answers.items() if name != "members"}
        base, theirs = base | rest, theirs | rest
    elif other is not None and request.occasion == Occasion.MERGE:
        base, theirs = events.joined(request.before, request.details["other_before"]), events.joined(now, answers_of(other))
        request.details["other_before"] = answers_of(other)
    elif other is not None and request.occasion == Occasion.TRANSFER:
        coming, there = people_of(request), answers_of(other)
        _check_still_there(coming, request.details["other_before"], there)
        base = events.welcomed(request.before, request.details["other_before"], coming)
        theirs = events.welcomed(now, there, coming)
        request.details["other_before"] = there
    else:
        base, theirs = request.before, now
    if request.answers and changes(base, theirs):
        request.answers, conflicts = together(base, request.answers, theirs)
    request.before = now
    return conflicts


def _check_still_there(people: list[str], before: dict, now: dict) -> None:
    if gone := [key for key in people if key not in by_key(now)]:
        raise RequestOutdated([Conflict(key, MEMBER, by_key(before)[key], None) for key in gone])


def _targets(request: Request, household: Household, other: Household | None, *, on: date, by: User, law) -> Iterable[Target]:
    if request.undoes_id:
        return _restored(request, household, other, on=on, by=by, law=law)
    if not request.answers:
        return [Target(household)] if request.kind == Kind.STRIKING_OFF else []
    found, stood = _readable(request, on=on, by=by, law=law), _unasked(household, other, on=on, law=law)
    unasked.keep(found, request.answers, stood)
    keys, commune = tuple(by_key(request.answers)), registry_commune(request.answers)
    if request.occasion == Occasion.SPLIT:
        return [_left_target(household, request, stood, on=on, by=by, law=law), Target(None, found, keys, commune)]
    targets = [Target(household, found, keys, commune)]
    if request.occasion == Occasion.TRANSFER:
        return [*targets, _left_target(other, request, _unasked(other, household, on=on, law=law), on=on, by=by, law=law)]
    return targets + ([Target(other, merged_into=household)] if request.occasion == Occasion.MERGE else [])


def _unasked(household: Household, other: Household | None, *, on: date, law) -> dict[str, dict]:
    """What stands unasked in the household, and of the people of both: they may live in either afterwards."""
    stood = unasked.left_out(answers_of(other), place=other.commune, on=on, law=law) if other else {}
    stood.pop(unasked.OWN, None)
    return stood | unasked.left_out(answers_of(household), place=household.commune, on=on, law=law)


def _left_target(household: Household, request: Request, stood: dict[str, dict], *, on: date, by: User, law) -> Target:
    try:
        return _target(household, left_by(request), request, stood, on=on, by=by, law=law)
    except DeclarationRefused as refusal:
        raise RequestRefused(
            {"": _("Le départ laisse des réponses à donner dans le ménage quitté : rendez la demande à corriger.")}
        ) from refusal


def _readable(request: Request, *, on: date, by: User, law) -> Declaration:
    found = read_request(request, on=on, by=by, law=law)
    if found.problems:
        raise DeclarationRefused(found.problems)
    return found


def _target(household: Household, answers: dict, request: Request, stood: dict[str, dict], *, on: date, by: User, law) -> Target:
    """A household that follows from the request without having been edited in it; who had left the registry comes back anew.

    Nobody is at the page to confirm again a rare answer that was confirmed once.
    """
    found = read_request(Request(kind=request.kind, answers=answers), on=on, by=by, law=law)
    if problems := [problem for problem in found.problems if not problem.confirm]:
        raise DeclarationRefused(problems)
    unasked.keep(found, answers, stood)
    rows = Member.objects.filter(household__in=households_of_request(request)).values_list("pk", flat=True)
    here = {f"m{pk}" for pk in rows}
    keys = tuple(key if key in here else f"back{key}" for key in by_key(answers))
    return Target(household, found, keys, registry_commune(answers))


def _keep_what_stands(request: Request, made: list[Household]) -> None:
    """`after`, as today's answers would be read again, and the household that a split has founded."""
    if request.occasion == Occasion.SPLIT and request.undoes_id is None:
        request.other = made[1]
    request.touched = touched_by(request) if request.undoes_id is None else request.touched
    request.after = answers_of(Household.objects.select_related("commune").get(pk=request.household_id))
    if request.other_id:
        request.details["other_after"] = answers_of(Household.objects.select_related("commune").get(pk=request.other_id))


@transaction.atomic
def answer_request(*, request_id: int, status: str, answer: str, on: date, by: User) -> Request:
    """Answer in words, without touching the registry: rejected, or for a complaint accepted whole or in part.

    Answered already, it is given back unchanged. Raises Forbidden, RequestRefused.
    """
    request = locked_request(request_id, by)
    if request.status in (Status.PROCESSED, Status.PARTIALLY_ACCEPTED, Status.REJECTED):
        return request
    accepted = (Status.PROCESSED, Status.PARTIALLY_ACCEPTED)
    if request.status != Status.IN_PROGRESS or (status in accepted and request.kind != Kind.COMPLAINT) or status == Status.DRAFT:
        raise RequestRefused({"": _("Cette demande n’attend pas de réponse.")})
    if not answer.strip():
        raise RequestRefused({"answer": _("Écrivez la réponse : la famille la recevra.")})
    if request.second:
        check_approve(by, request)
    request.answer, request.processed_by, request.processed_at = answer.strip(), by, Now()
    move_request(request, status, by=by, reason=answer.strip())
    request.save()
    request.refresh_from_db(fields=["processed_at"])
    verb = "request.rejected" if status == Status.REJECTED else "request.answered"
    audit.record(by=by, verb=verb, household=request.household, subject=f"request:{request.pk}", reason=answer.strip(), status=status)
    return request


@transaction.atomic
def withdraw_request(*, token, on: date, by: User) -> Request:
    """Put a draft aside; what was typed is kept with it. Raises Forbidden."""
    request = locked_request(Request.objects.get(token=token).pk, by)
    if request.status == Status.DRAFT:
        move_request(request, Status.REJECTED, by=by)
        request.save()
        audit.record(by=by, verb="request.withdrawn", household=request.household, subject=f"request:{request.pk}")
    return request


@transaction.atomic
def await_second(*, request_id: int, reasons: list[str], on: date, by: User) -> Request:
    """Say on the request why it waits for a second person, and that it does. Raises Forbidden."""
    request = locked_request(request_id, by)
    if request.status == Status.IN_PROGRESS and request.second != reasons:
        request.second = reasons
        request.save(update_fields=["second", "saved_at"])
        audit.record(by=by, verb="request.awaits_second", household=request.household, subject=f"request:{request.pk}", reasons=reasons)
    return request


@transaction.atomic
def sign_second(*, request_id: int, reasons: list[str], on: date, by: User) -> Request:
    """Keep with an applied request why two people signed it; the caller's transaction ends here if `by` may not be the second.

    Raises SecondNeeded.
    """
    request = Request.objects.select_for_update(of=("self",)).select_related("household", "created_by", "submitted_by").get(pk=request_id)
    try:
        check_approve(by, request)
    except Forbidden as refusal:
        raise SecondNeeded(reasons) from refusal
    request.second = reasons
    request.save(update_fields=["second", "saved_at"])
    return request


def may_be_undone(request: Request) -> bool:
    """What joins, parts or strikes off households, once applied; an undoing is mended by a new request."""
    parts = request.occasion in (Occasion.MERGE, Occasion.SPLIT, Occasion.TRANSFER) or request.kind == Kind.STRIKING_OFF
    return parts and request.status == Status.PROCESSED and request.undoes_id is None


@transaction.atomic
def undo_request(*, request_id: int, token, reason: str, on: date, by: User) -> Request:
    """Ask for a merge, a split, a transfer or a striking off to be undone: a request sent at once, that puts back what stood before.

    Asked twice, it is one request. Raises Forbidden, RequestRefused.
    """
    done = locked_request(request_id, by)
    if (known := done.undone_by.exclude(status=Status.REJECTED).first()) is not None:
        return known
    if not may_be_undone(done):
        raise RequestRefused({"": _("Cette demande ne peut pas être annulée ainsi : préparez une mise à jour.")})
    if not reason.strip():
        raise RequestRefused({"reason": _("Dites pourquoi elle est annulée : le journal le garde.")})
    undoing = Request.objects.create(
        token=token, kind=done.kind, occasion=done.occasion, household=done.household, other=done.other, commune=done.commune,
        answers=done.before, before=done.after, touched=done.touched, reason=reason.strip(), created_by=by, submitted_by=by,
        submitted_on=on, undoes=done, details={name: done.details[name] for name in ("people", "other_before") if name in done.details},
    )  # fmt: skip
    move_request(undoing, Status.DRAFT, by=by, before="")
    move_request(undoing, Status.IN_PROGRESS, by=by, reason=reason.strip())
    undoing.save()
    audit.record(by=by, verb="request.undo_asked", household=done.household, subject=f"request:{done.pk}", reason=reason.strip())
    return undoing


def _restored(request: Request, household: Household, other: Household | None, *, on: date, by: User, law) -> list[Target]:
    """Both households as they stood before the deed being undone; refused if one of them has changed since."""
    done = request.undoes
    stands = [(household, done.after), (other, done.details.get("other_after"))]
    if any(row is not None and changes(said, answers_of(row)) for row, said in stands if said is not None):
        raise RequestRefused({"": _("Un de ces ménages a changé depuis : l’annulation effacerait ce qui a été déclaré après.")})
    stood = [_unasked(*pair, on=on, law=law) for pair in ((household, other), (other, household)) if pair[0]]
    targets = [_target(household, done.before, request, stood[0], on=on, by=by, law=law)]
    if done.occasion == Occasion.SPLIT:
        return [*targets, Target(other, merged_into=household)]
    if done.occasion in (Occasion.MERGE, Occasion.TRANSFER):
        return [*targets, _target(other, done.details["other_before"], request, stood[1], on=on, by=by, law=law)]
    return targets
