"""Households, drafts and people found, always inside the caller's area."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import and_, or_

from django.db.models import Prefetch, Q, QuerySet

from rsu.models import Commune, User
from rsu.permissions import communes_of, in_area

from .ages import age_on
from .entries import compact
from .models import DraftHand, DraftPresence, Evidence, Household, Member, Request
from .permissions import ON_PAGES, PEOPLE

MOST_FOUND = 50


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
    """Questionnaires not sent yet that the user began or took up, the latest touched first."""
    mine = Q(created_by=user) | Q(pk__in=DraftHand.objects.filter(user=user).values("request_id"))
    return _drafts().filter(mine).order_by("-saved_at", "-id")


def drafts_nearby(user: User) -> QuerySet[Request]:
    """Colleagues' drafts in the user's area, which the user has not taken up."""
    others = _drafts().filter(in_area(user), created_by__role__in=PEOPLE).exclude(created_by=user)
    return others.exclude(pk__in=DraftHand.objects.filter(user=user).values("request_id")).order_by("-saved_at", "-id")


def _drafts() -> QuerySet[Request]:
    return Request.objects.filter(status=Request.Status.DRAFT, kind__in=ON_PAGES).select_related("commune", "created_by")


def registration(user: User, token) -> Request | None:
    """The user's own registration under this token, sent or not."""
    mine = Request.objects.filter(created_by=user, token=token, kind=Request.Kind.REGISTRATION)
    return mine.select_related("household", "commune").first()


def questionnaire(user: User, token) -> Request | None:
    """The request under this token whose answers are a questionnaire's: begun by the user, taken up, or of the area."""
    taken = DraftHand.objects.filter(user=user).values("request_id")
    reached = Q(created_by=user) | Q(pk__in=taken) | (in_area(user) & Q(commune__isnull=False))
    found = Request.objects.filter(reached, token=token, kind__in=ON_PAGES)
    return found.select_related("household", "commune", "created_by").first()


def present_on(request: Request, *, since: datetime, besides: User, window: str) -> list[DraftPresence]:
    """Browsers seen on the draft since that instant, the asker's own apart."""
    seen = DraftPresence.objects.filter(request=request, seen_at__gte=since).exclude(user=besides, window=window)
    return list(seen.select_related("user").order_by("opened_at", "id"))


def evidence_seen_by(user: User) -> QuerySet[Evidence]:
    """Files of the requests the user works on, and of the households of the user's area."""
    at_work = Q(request__created_by=user) | Q(request__hands__user=user)
    seen = Evidence.objects.filter(at_work | (in_area(user, "request__household__commune") & Q(request__household__isnull=False)))
    return seen.select_related("request__household", "request__commune", "request__created_by", "added_by").distinct().order_by("-id")


def evidence_of_household(household: Household) -> QuerySet[Evidence]:
    """What was brought with each request about the household, the latest first; nothing of a draft."""
    kept = Evidence.objects.filter(request__household=household).exclude(request__status=Request.Status.DRAFT)
    return kept.select_related("request", "added_by").order_by("-id")


def registered(idcs: list[str]) -> set[str]:
    """Which of these people already belong to a household of the kingdom; nothing more is told."""
    return set(Member.objects.filter(idcs__in=idcs).values_list("idcs", flat=True))


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
