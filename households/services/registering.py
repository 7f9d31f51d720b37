"""A household registered: its draft kept at each step, its declaration checked, its rows written once."""

import json
import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from stdnum import verhoeff

from rsu.audit import record
from rsu.models import Commune, User
from rsu.outbox import send
from rsu.permissions import Forbidden

from .. import declaration, queries
from ..declaration import Declaration
from ..drafts import POINTERS
from ..entries import typed
from ..models import DraftHand, Household, Member, Request
from ..permissions import check_register, check_work_on
from ..problems import Problem


class DeclarationRefused(Exception):
    """The declaration cannot be applied as it stands; `problems` say why, each where it is."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.sentence}" for problem in problems))
        self.problems = problems


def read_declaration(answers: dict, *, on: date, by: User, law) -> Declaration:
    """The declaration's clean values and its problems, those only the registry can tell included."""
    answers = answers if isinstance(answers, dict) else {}
    found = declaration.read(answers, place=commune_of(answers, by), on=on, law=law, supervised=by.role == User.Role.SUPERVISOR)
    found.problems += registered_problems(found)
    return found


def check_declaration(answers: dict, *, on: date, by: User, law) -> list[Problem]:
    """Everything to mend or to confirm before the declaration can be sent; empty when it can."""
    return read_declaration(answers, on=on, by=by, law=law).problems


def save_draft(*, token, answers: dict, by: User, on: date) -> Request:
    """Keep the whole declaration as typed, right or wrong. A registration already sent is given back unchanged."""
    return amend_draft(token=token, change=lambda _kept: answers, by=by, on=on)


@transaction.atomic
def amend_draft(*, token, change: Callable[[dict], dict], by: User, on: date) -> Request:
    """Apply `change` to the draft's answers under its lock: two pages saved at once both stand."""
    check_register(by, on=on)
    request = _claim(token, by)
    if request.status != Request.Status.DRAFT:
        return request
    answers = plain(change(request.answers))
    request.answers = answers if isinstance(answers, dict) else {}
    if request.kind == Request.Kind.REGISTRATION:
        request.commune = commune_of(request.answers, by)
    else:
        take_in_hand(request, by)
    request.save(update_fields=["answers", "commune", "saved_at"])
    return request


def take_in_hand(request: Request, by: User) -> None:
    """Whoever changes a request somebody else prepared has prepared it too, and cannot be its second signature."""
    if request.created_by_id != by.pk:
        DraftHand.objects.get_or_create(request=request, user=by, defaults={"since": Now()})


@transaction.atomic
def discard_draft(*, token, on: date, by: User) -> Request:
    """Put aside a registration that will not be sent; what was typed is kept with the request."""
    check_register(by, on=on)
    request = _claim(token, by)
    _check_registration(request)
    if request.status == Request.Status.DRAFT:
        request.status = Request.Status.REJECTED
        request.save(update_fields=["status", "saved_at"])
        record(by=by, verb="registration.discarded", subject=f"request:{request.pk}")
    return request


def submit_registration(*, token, answers: dict | None = None, on: date, by: User, law) -> Request:
    """Register the household once, whatever the number of times the token is sent; `answers` replace the draft's.

    Raises DeclarationRefused. The household is due for assessment from this instant.
    """
    check_register(by, on=on)
    try:
        with transaction.atomic():
            return _register(token, answers, on=on, by=by, law=law)
    except IntegrityError as error:
        if constraint_of(error) != "member_idcs_once":
            raise
        # Somebody else registered one of these people between our check and our insert.
        kept = answers if answers is not None else Request.objects.filter(token=token).values_list("answers", flat=True).first()
        raise DeclarationRefused(check_declaration(kept or {}, on=on, by=by, law=law)) from error


def _register(token, answers: dict | None, *, on: date, by: User, law) -> Request:
    request = _claim(token, by)
    _check_registration(request)
    if request.status == Request.Status.PROCESSED:
        return request
    if request.status != Request.Status.DRAFT:
        raise DeclarationRefused([Problem("", _("Cette demande a été abandonnée : commencez un nouvel enregistrement."))])
    answers = plain(request.answers if answers is None else answers)
    found = read_declaration(answers, on=on, by=by, law=law)
    if found.problems:
        raise DeclarationRefused(found.problems)
    household = insert_household(found, commune=commune_of(answers, by), on=on)
    _insert_members(found, household)
    request.household, request.commune, request.answers = household, household.commune, answers
    request.status, request.submitted_on, request.processed_by, request.processed_at = Request.Status.PROCESSED, on, by, Now()
    request.save()
    request.refresh_from_db(fields=["processed_at"])
    record(by=by, verb="household.registered", household=household, subject=f"request:{request.pk}", members=len(found.members))
    send("eligibility.assess_due", household.pk)
    return request


def _check_registration(request: Request) -> None:
    """A later request of a household has services of its own, and never registers another one."""
    if request.kind != Request.Kind.REGISTRATION:
        raise Forbidden(_("Cette demande n’est pas un enregistrement."))


def _claim(token, by: User) -> Request:
    """The request of this token, locked; made now if it is the first time. Two callers at once: the second waits."""
    fresh = Request(token=token, kind=Request.Kind.REGISTRATION, created_by=by)
    Request.objects.bulk_create([fresh], ignore_conflicts=True)
    request = Request.objects.select_for_update(of=("self",)).get(token=token)
    check_work_on(by, request)
    return request


def commune_of(answers: dict, by: User) -> Commune | None:
    """The commune answered, if it is one of the person's own area."""
    code = answers.get("commune")
    return queries.communes_offered(by).filter(code=typed(code)).first() if isinstance(code, str) else None


def registry_commune(answers: dict) -> Commune | None:
    """The commune of a registered household's declaration: a family may move anywhere in the kingdom."""
    code = answers.get("commune")
    return Commune.objects.select_related("province", "region").filter(code=typed(code)).first() if isinstance(code, str) else None


def registered_problems(found: Declaration, *, own: Iterable[int | None] = ()) -> list[Problem]:
    """People who already belong to a household; `own` are the rows of those declared, in their order, each of whom bears their number."""
    bearers = queries.bearers([member["idcs"] for member in found.members if "idcs" in member])
    own = [*own, *[None] * len(found.members)]
    taken = {member["idcs"] for member, row in zip(found.members, own, strict=False) if bearers.get(member.get("idcs"), row) != row}
    return taken_problems(found, taken)


def taken_problems(found: Declaration, known: Collection[str]) -> list[Problem]:
    """The same, knowing already whose IDCS are taken."""
    sentence = _("Cet IDCS est déjà enregistré dans un ménage.")
    return [
        Problem(f"members.{position}.idcs", sentence)
        for position, member in enumerate(found.members, start=1)
        if member.get("idcs") in known
    ]


def insert_household(found: Declaration, *, commune: Commune, on: date) -> Household:
    """With a code nobody bears: drawn again in the rare case where it is taken, seen or not."""
    while True:
        household = household_of(found, code=draw_code(), commune=commune, on=on)
        try:
            with transaction.atomic():
                household.save(force_insert=True)
        except IntegrityError:
            if not Household.objects.filter(code=household.code).exists():
                raise
        else:
            household.refresh_from_db(fields=["due_since"])
            return household


def household_of(found: Declaration, *, code: str, commune: Commune, on: date, **more) -> Household:
    """A declaration's household, not written yet, due for assessment from the instant it is."""
    return Household(code=code, commune=commune, milieu=found.milieu, registered_on=on, due_since=Now(), **found.household, **more)


def draw_code() -> str:
    digits = str(1_000_000_000 + secrets.randbelow(9_000_000_000))
    return digits + verhoeff.calc_check_digit(digits)


def _insert_members(found: Declaration, household: Household) -> None:
    """One INSERT, pointers included: the ids are drawn first, so that no row is written twice nor history made of it.

    In the order of IDCS, so that two households claiming the same people wait for one another instead of dying together.
    """
    members = members_of(found, household, draw_member_ids(len(found.members)))
    Member.objects.bulk_create(sorted(members, key=lambda member: member.idcs))


def members_of(found: Declaration, household: Household, ids: list[int]) -> list[Member]:
    """The rows of a declaration's people, not written yet, pointers made of the ids drawn for them."""
    return [
        Member(
            pk=ids[position - 1],
            household=household,
            position=position,
            **{f"{role}_id": ids[values[role] - 1] for role in POINTERS if role in values},
            **{field: value for field, value in values.items() if field not in POINTERS},
        )
        for position, values in enumerate(found.members, start=1)
    ]


def draw_member_ids(count: int) -> list[int]:
    return draw_ids(Member, count)


def draw_ids(model, count: int) -> list[int]:
    with connection.cursor() as cursor:
        drawn = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        cursor.execute(drawn, [model._meta.db_table, count])
        return [row[0] for row in cursor.fetchall()]


def constraint_of(error: IntegrityError) -> str | None:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)


def plain(value):
    """The same value as JSON PostgreSQL accepts: dates and decimals as text, no NUL, no half characters, no NaN."""
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    cleaned = text.encode("utf-8", "ignore").decode()
    return _without_nul(json.loads(cleaned, parse_constant=str))


def _without_nul(value):
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {key.replace("\x00", ""): _without_nul(item) for key, item in value.items()}
    return value
