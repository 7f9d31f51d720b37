"""Households, drafts and people found, always inside the caller's area."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from rsu.models import Commune, User
from rsu.permissions import communes_of, in_area

from .ages import age_on
from .entries import compact
from .models import Household, Member, Request

MOST_FOUND = 50


def households_of(user: User) -> QuerySet[Household]:
    """Households of the user's area, the latest first."""
    return Household.objects.filter(in_area(user)).select_related("commune__province", "commune__region").order_by("-registered_on", "-id")


def communes_offered(user: User) -> QuerySet[Commune]:
    """Communes of the user's area with the names they stand under, in the order of their codes."""
    return communes_of(user).select_related("province", "region").order_by("id")


def communes_for(user: User, draft: Request) -> QuerySet[Commune]:
    """Where the household of a draft may live: in the user's area; a registered family stays where it is, and moves anywhere."""
    if draft.occasion in (Request.Occasion.MOVE, Request.Occasion.SPLIT):
        return Commune.objects.select_related("province", "region").order_by("id")
    offered = communes_offered(user)
    here = draft.household.commune_id if draft.household else None
    if here is None or offered.filter(pk=here).exists():
        return offered
    return (
        Commune.objects.filter(Q(pk=here) | Q(pk__in=offered.order_by().values("pk"))).select_related("province", "region").order_by("id")
    )


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


def requests_about(household: Household) -> QuerySet[Request]:
    """Every request that concerns the household, asked by it or by the one it came from or went to; the latest first."""
    asked = Request.objects.filter(Q(household=household) | Q(other=household))
    return asked.select_related("created_by", "processed_by").order_by("-id")


@dataclass(frozen=True)
class Kin:
    """A household this one came from, was founded by, or went to; `household` is None outside the user's area."""

    tie: str
    household: Household | None
    on: date | None


FOUNDED_BY, FOUNDED, ABSORBED, ABSORBED_BY = "founded_by", "founded", "absorbed", "absorbed_by"


def kin_of(household: Household, user: User) -> list[Kin]:
    """Both ends of each split that stands, and of each merge."""
    split = Request.objects.filter(occasion=Request.Occasion.SPLIT, status=Request.Status.PROCESSED, undoes=None)
    split = split.exclude(undone_by__status=Request.Status.PROCESSED).exclude(other=None)
    found = [(FOUNDED_BY, one.household_id, timezone.localdate(one.processed_at)) for one in split.filter(other=household).order_by("id")]
    found += [(FOUNDED, one.other_id, timezone.localdate(one.processed_at)) for one in split.filter(household=household).order_by("id")]
    found += [(ABSORBED, one.pk, one.struck_off_on) for one in household.absorbed.order_by("struck_off_on", "id")]
    if household.merged_into_id:
        found.append((ABSORBED_BY, household.merged_into_id, household.struck_off_on))
    seen = households_of(user).in_bulk([pk for _tie, pk, _on in found])
    return [Kin(tie, seen.get(pk), on) for tie, pk, on in found]


def meeting(request: Request, *, touched: Iterable[str] | None = None) -> QuerySet[Request]:
    """Other requests of the household, not answered yet, that touch what this one touches; a draft says itself what it does so far."""
    others = Request.objects.filter(household=request.household_id, status__in=("draft", "in_progress")).exclude(pk=request.pk)
    return (
        others.filter(touched__overlap=request.touched if touched is None else list(touched))
        .select_related("created_by")
        .order_by("submitted_on", "id")
    )


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
