"""Households, drafts and people found, always inside the caller's area."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from rsu.models import AuditEvent, Commune, User
from rsu.permissions import communes_of, in_area

from . import drafts, transliteration
from .ages import age_on
from .entries import compact
from .finding import people_named
from .models import Household, Member, Request
from .permissions import mark_own

MOST_FOUND = 50
MOST_READ = 200
"""Readings looked back at: who opens one file all day still finds the others."""


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


def registered(idcs: list[str]) -> set[str]:
    """Which of these people already belong to a household of the kingdom; nothing more is told."""
    return set(Member.objects.filter(idcs__in=idcs).values_list("idcs", flat=True))


@dataclass(frozen=True)
class Found:
    """Households of the area, the best answers first, each with `named`: the person a search by name or CIN found there.

    `exact` when an identifier was given. `registered_elsewhere`: that very identifier exists outside the area; where is not told.
    `more`: others answer too, that are not shown.
    """

    results: list[Household]
    exact: bool = False
    registered_elsewhere: bool = False
    more: bool = False


def looked_for(text: str) -> tuple[str, str]:
    """(what a search looks for, its number): `idcs`, `code`, `cin` or `phone`, else `name`, whose number is empty."""
    number = re.sub("[-.]", "", compact(text)).upper()
    if re.fullmatch(r"[0-9]{11}", number):
        return "code", number
    if re.fullmatch(r"[0-9]{10}", number):
        return "phone" if number.startswith("0") else "idcs", number
    if abroad := re.fullmatch(r"(?:\+|00)212\(?0?\)?([5-9][0-9]{8})", number):
        return "phone", f"0{abroad[1]}"
    if re.fullmatch(r"[A-Z]{1,2}[0-9]{1,7}", number):
        return "cin", number
    return "name", ""


def begun_from(text: str, key: str) -> dict:
    """What a registration begins with when a search found nobody: the number or the name looked for, as the first person's."""
    kind, number = looked_for(text)
    if kind == "phone":
        return {"phone": number}
    person = {kind: number} if kind in ("idcs", "cin") else transliteration.person_named(text) if kind == "name" else {}
    return drafts.person_amended(drafts.with_person({}, key), key, person, ()) if person else {}


def search(user: User, text: str) -> Found:
    """By exact IDCS, household code, CIN or phone, else by name in either script; members are fetched with each household."""
    kind, number = looked_for(text)
    if number:
        return _by_number(user, kind, number)
    if not text.strip():
        return Found([])
    people = people_named(text, Household.objects.filter(in_area(user)), seen=_seen(user), most=MOST_FOUND * 2)
    named = {}
    for person in people:
        named.setdefault(person.household_id, person.member_id)
    shown = list(named)[:MOST_FOUND]
    households = {household.pk: household for household in _with_members(households_of(user).filter(pk__in=shown))}
    results = [_named(households[pk], named[pk]) for pk in shown if pk in households]
    mark_own(user, results)
    return Found(results, more=len(named) > MOST_FOUND or len(people) == MOST_FOUND * 2)


def _by_number(user: User, kind: str, number: str) -> Found:
    if kind == "phone":
        return _first(user, households_of(user).filter(phone=number))
    if kind == "code":
        exact = Q(code=number)
    else:
        bearers = Member.objects.filter(**{kind: number}).order_by("id")
        exact = Q(pk__in=bearers.values("household_id"))
    found = _first(user, households_of(user).filter(exact))
    for household in found.results:
        for member in household.members.all():
            if kind != "code" and getattr(member, kind) == number:
                _named(household, member.pk)
    elsewhere = not found.results and Household.objects.filter(exact).exists()
    return Found(found.results, exact=True, registered_elsewhere=elsewhere, more=found.more)


def _first(user: User, households: QuerySet[Household]) -> Found:
    found = list(_with_members(households)[: MOST_FOUND + 1])
    mark_own(user, found)
    return Found([_named(household) for household in found[:MOST_FOUND]], more=len(found) > MOST_FOUND)


def _with_members(households: QuerySet[Household]) -> QuerySet[Household]:
    return households.prefetch_related(Prefetch("members", Member.objects.order_by("position")))


def _named(household: Household, member_id: int | None = None) -> Household:
    household.named = next((member for member in household.members.all() if member.pk == member_id), None)
    return household


def recently_seen(user: User, *, most: int = 10) -> list[Household]:
    """Households whose file the user opened last, the latest first, still in the area."""
    seen = _seen(user)
    households = {household.pk: household for household in _with_members(households_of(user).filter(pk__in=seen))}
    recent = [_named(households[pk]) for pk in seen if pk in households][:most]
    mark_own(user, recent)
    return recent


def _seen(user: User) -> list[int]:
    """Ids of the households read last, each once, among the user's latest readings."""
    read = AuditEvent.objects.filter(by=user, verb="read_household", household_id__isnull=False).order_by("-id")
    return list(dict.fromkeys(read.values_list("household_id", flat=True)[:MOST_READ]))
