"""Households, drafts and people found, always inside the caller's area."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from rsu.models import Commune, User
from rsu.permissions import communes_of, in_area, in_provinces

from .ages import age_on
from .entries import compact
from .models import AnswerConflict, Household, Import, ImportRow, Member, Request, Verification

MOST_FOUND = 50
PEOPLE = ("caseworker", "supervisor")


def households_of(user: User) -> QuerySet[Household]:
    """Households of the user's area, the latest first."""
    return Household.objects.filter(in_area(user)).select_related("commune__province", "commune__region").order_by("-registered_on", "-id")


def communes_offered(user: User) -> QuerySet[Commune]:
    """Communes of the user's area with the names they stand under, in the order of their codes."""
    return communes_of(user).select_related("province", "region").order_by("id")


def members_of(household: Household, *, on: date) -> list[Member]:
    """Members in the order declared, each with `age` in completed years on the day and those they point to."""
    members = list(Member.objects.filter(household=household).select_related("spouse", "mother", "father").order_by("position"))
    for member in members:
        member.age = age_on(on, member.born_on)
    return members


def drafts_of(user: User) -> QuerySet[Request]:
    """The user's own registrations not sent yet, the latest touched first."""
    return (
        Request.objects.filter(created_by=user, status=Request.Status.DRAFT, kind=Request.Kind.REGISTRATION)
        .select_related("commune")
        .order_by("-saved_at", "-id")
    )


def registration(user: User, token) -> Request | None:
    """The user's own registration under this token, sent or not."""
    mine = Request.objects.filter(created_by=user, token=token, kind=Request.Kind.REGISTRATION)
    return mine.select_related("household", "commune").first()


def declared_in(user: User, token) -> Request | None:
    """The request of this token whose declaration the user may work on: one's own registration, an update of one's area."""
    mine = Q(created_by=user, kind=Request.Kind.REGISTRATION)
    asked = (in_area(user, "household__commune") | in_area(user)) & ~Q(kind=Request.Kind.REGISTRATION)
    return Request.objects.filter(mine | asked, token=token).select_related("household", "commune").first()


def requests_of(user: User) -> QuerySet[Request]:
    """What households of the area asked for, registrations apart, the nearest deadline first."""
    asked = Request.objects.filter(in_area(user, "household__commune") | in_area(user)).exclude(kind=Request.Kind.REGISTRATION)
    return asked.select_related("household__commune", "other", "created_by", "submitted_by", "assignee").order_by("due_on", "id")


def meeting(request: Request) -> QuerySet[Request]:
    """Other requests of the household, not answered yet, that touch what this one touches."""
    others = Request.objects.filter(household=request.household_id, status__in=("draft", "in_progress")).exclude(pk=request.pk)
    return others.filter(touched__overlap=request.touched).select_related("created_by").order_by("submitted_on", "id")


def registered(idcs: list[str], *, but: Iterable[int] = ()) -> set[str]:
    """Which of these people already belong to a household of the kingdom, the rows `but` excepted; nothing more is told."""
    return set(Member.objects.filter(idcs__in=idcs).exclude(pk__in=list(but)).values_list("idcs", flat=True))


@dataclass(frozen=True)
class Found:
    """Households of the area; `exact` when an identifier was given. `registered_elsewhere`: that very IDCS or code
    exists outside the area; where is not told. `more`: others answer too, that are not shown."""

    results: list[Household]
    exact: bool = False
    registered_elsewhere: bool = False
    more: bool = False


def looked_for(text: str) -> tuple[str, str]:
    """(what a search looks for, its number): `idcs`, `code` or `phone`, else `name`, whose number is empty."""
    number = compact(text).replace("-", "")
    if re.fullmatch(r"[0-9]{11}", number):
        return "code", number
    if re.fullmatch(r"[0-9]{10}", number):
        return "phone" if number.startswith("0") else "idcs", number
    return "name", ""


def search(user: User, text: str) -> Found:
    """By exact IDCS, household code or phone, else by name in either script; members are fetched with each household."""
    kind, number = looked_for(text)
    if number:
        return _by_number(user, kind, number)
    words = text.split()[:6]
    if not words:
        return Found([])
    fields = ("first_name_fr", "last_name_fr", "first_name_ar", "last_name_ar")
    spelled = [reduce(or_, (Q(**{f"{name}__icontains": word}) for name in fields)) for word in words]
    people = Member.objects.filter(in_area(user, "household__commune"), reduce(and_, spelled)).order_by("-id")
    most = MOST_FOUND * 4
    ids = list(people.values_list("household_id", flat=True)[: most + 1])
    return _first(households_of(user).filter(pk__in=ids[:most]), more=len(ids) > most)


def _by_number(user: User, kind: str, number: str) -> Found:
    if kind == "phone":
        return _first(households_of(user).filter(phone=number))
    exact = Q(code=number) if kind == "code" else Q(pk__in=Member.objects.filter(idcs=number).values("household_id"))
    households = _first(households_of(user).filter(exact)).results
    return Found(households, exact=True, registered_elsewhere=not households and Household.objects.filter(exact).exists())


def _first(households: QuerySet[Household], *, more: bool = False) -> Found:
    found = list(households.prefetch_related(Prefetch("members", Member.objects.order_by("position")))[: MOST_FOUND + 1])
    return Found(found[:MOST_FOUND], more=more or len(found) > MOST_FOUND)


def imports_of(user: User) -> QuerySet[Import]:
    """Files the user sent, and for a supervisor those of people whose area is inside their own; with the sums of their lots."""
    seen = Q(by=user)
    if user.role == User.Role.SUPERVISOR:
        theirs = in_area(user, "by__commune") & Q(by__commune__isnull=False)
        seen |= (theirs | in_provinces(user, "by__province") & Q(by__province__isnull=False)) & Q(by__role__in=PEOPLE)
    sums = {name: Sum(f"chunks__{name}", default=0) for name in COUNTED}
    return Import.objects.filter(seen).select_related("by", "agency").annotate(**sums, **_LOTS).order_by("-id")


COUNTED = ("applied", "already", "refused", "contradicted", "unknown", "households")
_LOTS = {
    "lots": Count("chunks", filter=Q(chunks__position__gt=0)),
    "lots_done": Count("chunks", filter=Q(chunks__position__gt=0, chunks__status="done")),
    "lots_failed": Count("chunks", filter=Q(chunks__status="failed")),
}


def refused_rows(importing: Import) -> QuerySet[ImportRow]:
    """Rows of the refused households, in the order of the file; those without a problem of their own included."""
    return ImportRow.objects.filter(importing=importing, problems__isnull=False).order_by("number")


def conflicts_of(user: User) -> QuerySet[AnswerConflict]:
    """Contradictions about people of the area, the nearest deadline first."""
    here = in_area(user, "member__household__commune")
    asked = AnswerConflict.objects.filter(here, member__isnull=False)
    return asked.select_related("member__household__commune", "agency", "settled_by", "request").order_by("due_on", "id")


def open_conflicts(user: User) -> QuerySet[AnswerConflict]:
    """Those that wait for somebody: an update already sent to take the value waits on its own page."""
    sent = Q(request__status__in=("in_progress", "processed"))
    return conflicts_of(user).filter(status=AnswerConflict.Status.OPEN).exclude(sent)


@dataclass(frozen=True)
class Mark:
    """What a partner says of one answer, and whether the registry says the same."""

    verification: Verification
    agrees: bool
    conflict: AnswerConflict | None = None


def marks_of(household: Household, members: Iterable[Member]) -> dict[tuple[int | None, str], Mark]:
    """(member's id, None for the household itself, field) -> what the latest word of a partner makes of the answer."""
    people = {member.idcs: member for member in members}
    said = Verification.objects.filter(Q(idcs__in=people) | Q(household=household)).select_related("agency")
    opened = AnswerConflict.objects.filter(idcs__in=people).select_related("agency", "request").order_by("id")
    conflicts = {(one.idcs, name): one for one in opened for name in one.verified}
    marks: dict[tuple[int | None, str], Mark] = {}
    for one in said.order_by("as_of", "id"):
        subject = people.get(one.idcs, household)
        agrees = getattr(subject, one.field) == one.value
        conflict = None if agrees else conflicts.get((one.idcs, one.field))
        marks[(subject.pk if one.idcs else None, one.field)] = Mark(one, agrees, conflict)
    return marks
