"""A registered household asks for something: the request is opened on today's answers, worked on, sent, annotated, assigned."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User

from .. import events
from ..changes import MEMBER, by_key, changes
from ..declaration import Declaration, read
from ..declared import answers_of, member_id
from ..lifecycle import check_move
from ..models import Household, Request, RequestMove, RequestNote
from ..permissions import check_assign, check_handle, check_handle_request
from ..problems import Problem
from .leaving import leaves, left_now, people_of
from .registering import DeclarationRefused, read_declaration, registered_problems, registry_commune

Kind, Occasion, Status = Request.Kind, Request.Occasion, Request.Status

ANSWERED = (Kind.UPDATE, Kind.SCORE_REVIEW)
"""Kinds that may change answers; the others say what they ask in words."""
PLACED = ("address", "inside_center")
"""Answers that a move leaves behind: asked again, lest the old street follow the family."""
REASONED = (Kind.SCORE_REVIEW, Kind.COMPLAINT, Kind.STRIKING_OFF)


class RequestRefused(Exception):
    """The request cannot be opened, sent or answered so; `problems` gives a sentence by field, "" for the whole."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


@transaction.atomic
def open_request(
    *, household_id: int, kind: str, token, on: date, by: User, law, occasion: str = "", reason: str = "",
    people: tuple[str, ...] = (), new_head: str = "", died_on: date | None = None, other_id: int | None = None, told: bool = False,
) -> Request:  # fmt: skip
    """A draft on today's answers, with what its occasion implies already changed in it; the same token opens one, ever.

    `people` are keys (`m12`) of those who leave, found a household, have died, or come from another household; `other_id` is the
    household a merge absorbs, or the one they come from, whose head has been `told`.
    Raises Forbidden, RequestRefused.
    """
    if (known := Request.objects.filter(token=token).first()) is not None:
        check_handle_request(by, known)
        return known
    household, other = _registered(household_id, other_id, by)
    request = Request(token=token, kind=kind, occasion=occasion, household=household, other=other, created_by=by, reason=reason.strip())
    request.commune = household.commune
    before = answers_of(household, confirmed=_confirmed(household))
    request.details = {name: value for name, value in (("people", list(people)), ("new_head", new_head)) if value}
    if died_on:
        request.details["died_on"] = died_on.isoformat()
    if other:
        request.details["other_before"] = answers_of(other)
    if told:
        request.details["told_on"] = on.isoformat()
    if problems := _opening_problems(request, before, died_on=died_on, on=on, law=law):
        raise RequestRefused(problems)
    request.before, request.answers = before, _first_answers(request, before, died_on, on)
    request.touched = touched_by(request)
    Request.objects.bulk_create([request], ignore_conflicts=True)
    request = Request.objects.get(token=token)
    if not request.moves.exists():
        move_request(request, Status.DRAFT, by=by, before="")
        audit.record(by=by, verb="request.opened", household=household, subject=f"request:{request.pk}", kind=kind, occasion=occasion)
    return request


def _registered(household_id: int, other_id: int | None, by: User) -> tuple[Household, Household | None]:
    """The household and the one it absorbs, locked in the order of ids like everywhere. Raises Forbidden, RequestRefused."""
    wanted = [pk for pk in (household_id, other_id) if pk]
    rows = Household.objects.filter(pk__in=wanted).select_related("commune").order_by("pk").select_for_update(of=("self",))
    found = {row.pk: row for row in rows}
    for pk in wanted:
        check_handle(by, found[pk])
        if found[pk].struck_off_on:
            raise RequestRefused({"": _("Ce ménage est radié : il ne reçoit plus de demandes.")})
    return found[household_id], found.get(other_id)


def _confirmed(household: Household) -> list[str]:
    last = household.requests.filter(status=Status.PROCESSED, answers__has_key="confirmed").order_by("-processed_at").first()
    return last.answers["confirmed"] if last else []


def _opening_problems(request: Request, before: dict, *, died_on: date | None, on: date, law) -> dict[str, str]:
    """What is missing before the draft can be begun, by field."""
    transfer = request.occasion == Occasion.TRANSFER
    origin = request.details.get("other_before", {}) if transfer else before
    known, people = by_key(origin), request.details.get("people", [])
    problems = {}
    if request.kind in REASONED and not request.reason:
        problems["reason"] = _("Écrivez ce que la famille demande, avec ses mots.")
    if (transfer or request.occasion == Occasion.MERGE) and (request.other is None or request.other_id == request.household_id):
        problems["other"] = _("Choisissez l’autre ménage, de votre territoire.")
    elif any(key not in known for key in people):
        problems["people"] = _("Cette personne n’est plus dans le ménage : rouvrez le dossier.")
    elif request.occasion in (Occasion.DEPARTURE, Occasion.DEATH, Occasion.SPLIT, Occasion.TRANSFER):
        problems |= _leaving_problems(request, origin, died_on=died_on, on=on)
    if request.kind == Kind.STRIKING_OFF and people:
        problems |= _leaving_problems(request, before, died_on=None, on=on)
    if transfer and "told_on" not in request.details:
        problems["told"] = _("Prévenez d’abord le chef de l’autre ménage : il doit savoir que cette personne le quitte.")
    return problems


def _leaving_problems(request: Request, before: dict, *, died_on: date | None, on: date) -> dict[str, str]:
    people, new_head = request.details.get("people", []), request.details.get("new_head", "")
    if not people:
        return {"people": _("Dites de qui il s’agit.")}
    problems = {}
    left = [key for key in by_key(before) if key not in people]
    if not left and request.occasion == Occasion.TRANSFER:
        problems["people"] = _("Personne ne resterait dans l’autre ménage : demandez plutôt la réunion des deux ménages.")
    elif not left:
        problems["people"] = _("Personne ne resterait dans ce ménage : demandez plutôt sa radiation.")
    elif events.head_of(before) in people and new_head not in left:
        problems["new_head"] = _("Le chef de ménage part : dites qui devient chef.")
    if request.occasion == Occasion.DEATH and died_on is None:
        problems["died_on"] = _("Donnez le jour du décès.")
    elif died_on and died_on > on:
        problems["died_on"] = _("Cette date est dans l’avenir.")
    return problems


def _first_answers(request: Request, before: dict, died_on: date | None, on: date) -> dict:
    people, new_head = request.details.get("people", []), request.details.get("new_head") or None
    match request.occasion:
        case Occasion.MOVE:
            return {name: value for name, value in before.items() if name not in PLACED}
        case Occasion.DEATH:
            return events.deceased(before, people[0], died_on=died_on, new_head=new_head)
        case Occasion.DEPARTURE:
            return events.departed(before, people, new_head=new_head, on=on)
        case Occasion.SPLIT:
            return events.founded(before, people, commune=before["commune"])
        case Occasion.MERGE:
            return events.joined(before, request.details["other_before"])
        case Occasion.TRANSFER:
            return events.welcomed(before, request.details["other_before"], people)
    if request.kind == Kind.STRIKING_OFF:
        return events.departed(before, people, new_head=new_head, on=on) if people else {}
    return before if request.kind in ANSWERED else {}


def touched_by(request: Request) -> list[str]:
    """Paths of what the request changes in its household, `member` for the coming or going of somebody."""
    if request.occasion == Occasion.SPLIT:
        return [f"{key}.{MEMBER}" for key in people_of(request)]
    if request.kind == Kind.STRIKING_OFF and not request.details.get("people"):
        return [MEMBER]
    return [change.path for change in changes(request.before, request.answers)] if request.answers else []


def read_request(request: Request, *, on: date, by: User, law) -> Declaration:
    """The request's declaration with its problems; those it is about may keep the IDCS they are registered under."""
    place = registry_commune(request.answers)
    found = read(request.answers, place=place, on=on, law=law, supervised=by.role == User.Role.SUPERVISOR)
    found.problems += registered_problems(found, own=[member_id(key) for key in by_key(request.answers)])
    return found


def left_problems(request: Request, *, on: date, by: User, law) -> list[Problem]:
    """What is wrong or missing today in the household that people leave for another; none where nobody leaves one so."""
    if not leaves(request):
        return []
    found = read_request(Request(kind=request.kind, answers=left_now(request)), on=on, by=by, law=law)
    return [problem for problem in found.problems if not problem.confirm]


def read_draft(draft: Request, *, on: date, by: User, law) -> Declaration:
    """The declaration of a draft of any kind, with its problems."""
    if draft.kind == Kind.REGISTRATION:
        return read_declaration(draft.answers, on=on, by=by, law=law)
    return read_request(draft, on=on, by=by, law=law)


@transaction.atomic
def submit_request(*, token, on: date, by: User, law) -> Request:
    """Send the draft: its answers read without a problem, and it says something new. Sent twice, it is sent once.

    Raises Forbidden, DeclarationRefused, RequestRefused.
    """
    request = Request.objects.select_for_update(of=("self",)).select_related("household").get(token=token)
    check_handle_request(by, request)
    if request.status != Status.DRAFT:
        return request
    if request.answers:
        problems = read_request(request, on=on, by=by, law=law).problems
        if problems:
            raise DeclarationRefused(problems)
    if leaves(request) and not people_of(request):
        raise RequestRefused({"": _("Plus personne ne part : abandonnez cette demande, et préparez une mise à jour s’il le faut.")})
    if left_problems(request, on=on, by=by, law=law):
        raise RequestRefused({"left": _("Le départ laisse des réponses à donner dans le ménage quitté.")})
    if request.kind == Kind.UPDATE and request.occasion != Occasion.MERGE and not touched_by(request):
        raise RequestRefused({"": _("Aucune réponse n’a changé : corrigez ce qui doit l’être, ou abandonnez cette demande.")})
    if request.occasion == Occasion.MOVE and not (request.answers.get("address") or {*touched_by(request)} - {*PLACED}):
        raise RequestRefused({"": _("Dites où vit la famille à présent : sa commune ou son adresse, sinon abandonnez cette demande.")})
    request.touched, request.submitted_on, request.submitted_by = touched_by(request), on, by
    request.details.pop("conflicts", None)
    request.due_on = on + timedelta(days=law.value("request.answer_days"))
    move_request(request, Status.IN_PROGRESS, by=by)
    request.save()
    audit.record(by=by, verb="request.sent", household=request.household, subject=f"request:{request.pk}", touched=len(request.touched))
    return request


@transaction.atomic
def return_request(*, request_id: int, reason: str, on: date, by: User) -> Request:
    """Back to its author as a draft, with what is to be mended. Raises Forbidden, RequestRefused."""
    request = locked_request(request_id, by)
    if request.status == Status.DRAFT:
        return request
    if not reason.strip():
        raise RequestRefused({"reason": _("Dites ce qui est à corriger : la personne qui a préparé la demande le lira.")})
    if request.status != Status.IN_PROGRESS:
        raise RequestRefused({"": _("Cette demande a déjà reçu sa réponse.")})
    move_request(request, Status.DRAFT, by=by, reason=reason.strip())
    request.second = []
    request.save()
    audit.record(by=by, verb="request.returned", household=request.household, subject=f"request:{request.pk}", reason=reason.strip())
    return request


@transaction.atomic
def note_request(*, request_id: int, text: str, on: date, by: User) -> RequestNote:
    """A remark kept with the request. Raises Forbidden, RequestRefused."""
    request = locked_request(request_id, by)
    if not text.strip():
        raise RequestRefused({"text": _("Écrivez la remarque.")})
    last = request.notes.order_by("-pk").first()
    if last and (last.by_id, last.text) == (by.pk, text.strip()):
        return last  # the button pressed twice
    note = RequestNote.objects.create(request=request, by=by, text=text.strip())
    audit.record(by=by, verb="request.noted", household=request.household, subject=f"request:{request.pk}")
    return note


@transaction.atomic
def assign_request(*, request_id: int, to: User | None, on: date, by: User) -> Request:
    """Who handles it from now on; None gives it back to everybody. Raises Forbidden."""
    request = locked_request(request_id, by)
    check_assign(by, to, request)
    if request.assignee_id != (to and to.pk):
        request.assignee = to
        request.save(update_fields=["assignee", "saved_at"])
        audit.record(
            by=by, verb="request.assigned", household=request.household, subject=f"request:{request.pk}", to=to and to.get_username()
        )
    return request


def locked_request(request_id: int, by: User) -> Request:
    """The request, locked, if it is of the caller's area. Raises Forbidden."""
    request = Request.objects.select_for_update(of=("self",)).select_related("household__commune", "other").get(pk=request_id)
    check_handle_request(by, request)
    return request


def move_request(request: Request, after: str, *, by: User, reason: str = "", before: str | None = None) -> None:
    """Set the status, checked against the lifecycle, and write the step; the caller saves the request."""
    before = request.status if before is None else before
    check_move(before, after, by.role)
    request.status = after
    RequestMove.objects.create(request=request, before=before, after=after, by=by, reason=reason)
