"""Households, drafts and people found, always inside the caller's area."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from rsu.models import AuditEvent, Commune, User
from rsu.permissions import communes_of, in_area, in_provinces

from . import drafts, lifecycle, transliteration
from .ages import age_on
from .declared import plain_answer
from .entries import compact
from .finding import people_named
from .models import AnswerConflict, DraftHand, DraftPresence, Evidence, Household, Import, ImportRow, Member, Request, Verification
from .permissions import DELIVERERS, ON_PAGES, PEOPLE, TOGETHER, mark_own

MOST_FOUND = 50
MOST_READ = 200
"""Readings looked back at: who opens one file all day still finds the others."""


def households_of(user: User) -> QuerySet[Household]:
    """Households of the user's area, the latest first."""
    return Household.objects.filter(in_area(user)).select_related("commune__province", "commune__region").order_by("-registered_on", "-id")


def communes_offered(user: User) -> QuerySet[Commune]:
    """Communes of the user's area with the names they stand under, in the order of their codes."""
    return communes_of(user).select_related("province", "region").order_by("id")


def communes_of_kingdom() -> QuerySet[Commune]:
    """Every commune, by its code: where a family may move."""
    return Commune.objects.select_related("province", "region").order_by("id")


def communes_for(user: User, draft: Request) -> QuerySet[Commune]:
    """Where the household of a draft may live: in the user's area; a registered family stays where it is, and moves anywhere."""
    if draft.occasion in (Request.Occasion.MOVE, Request.Occasion.SPLIT):
        return communes_of_kingdom()
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
    """Questionnaires not sent yet that the user began or took up, the latest touched first."""
    mine = Q(created_by=user) | Q(pk__in=DraftHand.objects.filter(user=user).values("request_id"))
    return _drafts().filter(mine).order_by("-saved_at", "-id")


def drafts_nearby(user: User) -> QuerySet[Request]:
    """Colleagues' drafts in the user's area, which the user has not taken up."""
    others = _drafts().filter(in_area(user), created_by__role__in=PEOPLE).exclude(created_by=user)
    return others.exclude(pk__in=DraftHand.objects.filter(user=user).values("request_id")).order_by("-saved_at", "-id")


def _drafts() -> QuerySet[Request]:
    return Request.objects.filter(status=Request.Status.DRAFT, kind=Request.Kind.REGISTRATION).select_related("commune", "created_by")


def registration(user: User, token) -> Request | None:
    """The user's own registration under this token, sent or not."""
    mine = Request.objects.filter(created_by=user, token=token, kind=Request.Kind.REGISTRATION)
    return mine.select_related("household", "commune").first()


def questionnaire(user: User, token) -> Request | None:
    """The request under this token whose answers are a questionnaire's: begun by the user, taken up, or of the area."""
    taken = DraftHand.objects.filter(user=user).values("request_id")
    mine = Q(created_by=user) | Q(pk__in=taken) | (in_area(user) & Q(commune__isnull=False))
    reached = (Q(kind=Request.Kind.REGISTRATION) & mine) | (~Q(kind=Request.Kind.REGISTRATION) & asked_in(user))
    found = Request.objects.filter(reached, token=token, kind__in=ON_PAGES)
    return found.select_related("household", "commune", "created_by").first()


def present_on(request: Request, *, since: datetime, besides: User, window: str) -> list[DraftPresence]:
    """Browsers seen on the draft since that instant, the asker's own apart."""
    seen = DraftPresence.objects.filter(request=request, seen_at__gte=since).exclude(user=besides, window=window)
    return list(seen.select_related("user").order_by("opened_at", "id"))


def evidence_seen_by(user: User) -> QuerySet[Evidence]:
    """Files of the requests the user works on, and of the households of the user's area."""
    at_work = (Q(request__created_by=user) | Q(request__hands__user=user)) & Q(request__status=Request.Status.DRAFT)
    seen = Evidence.objects.filter(at_work | (in_area(user, "request__household__commune") & Q(request__household__isnull=False)))
    return seen.select_related("request__household", "request__commune", "request__created_by", "added_by").distinct().order_by("-id")


def evidence_of_household(household: Household) -> QuerySet[Evidence]:
    """What was brought with each request about the household, the latest first; nothing of a draft."""
    kept = Evidence.objects.filter(request__household=household).exclude(request__status=Request.Status.DRAFT)
    return kept.select_related("request", "added_by").order_by("-id")


def asked_in(user: User) -> Q:
    """Requests the user may read: of a household of the area; a move, or what has its answer, also where the family lived when it
    asked; what brings two families together only by who sees both."""
    if in_area(user) == Q():
        return Q()  # the whole kingdom; and an empty condition counts for nothing in an "or"
    ended = Q(status__in=lifecycle.ENDED) | Q(occasion=Request.Occasion.MOVE)
    both = ~Q(occasion__in=TOGETHER) | in_area(user, "other__commune")
    return (in_area(user, "household__commune") | (in_area(user) & ended)) & both


def requests_of(user: User) -> QuerySet[Request]:
    """What households of the area asked for, registrations apart, the nearest deadline first."""
    asked = Request.objects.filter(asked_in(user)).exclude(kind=Request.Kind.REGISTRATION)
    return asked.select_related("household__commune", "other", "created_by", "submitted_by", "assignee").order_by("due_on", "id")


def requests_about(household: Household, user: User) -> QuerySet[Request]:
    """Every request that concerns the household and that the user may read, asked by it or by another; the latest first."""
    asked = Request.objects.filter(Q(household=household) | Q(other=household)).filter(asked_in(user) | Q(kind=Request.Kind.REGISTRATION))
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
    """Other open requests that touch what this one touches, of its household, or of another of the same commune about the same people.

    A draft says itself what it does so far. An answer of a household is told from another's by its household alone.
    """
    paths = request.touched if touched is None else list(touched)
    people = [path for path in paths if "." in path]
    about = [pk for pk in (request.household_id, request.other_id) if pk]
    same = Q(household__in=about) | Q(other__in=about)
    near = same & Q(touched__overlap=people, household__commune=request.household.commune_id)
    others = Request.objects.filter(Q(household=request.household_id, touched__overlap=paths) | near, status__in=("draft", "in_progress"))
    return others.exclude(pk=request.pk).select_related("created_by").order_by("submitted_on", "id")


def bearers(idcs: list[str]) -> dict[str, int]:
    """Rows of those of these people who already belong to a household of the kingdom; nothing more is told."""
    return dict(Member.objects.filter(idcs__in=idcs).values_list("idcs", "pk"))


def registered(idcs: list[str], *, but: Iterable[int] = ()) -> set[str]:
    """Which of these people already belong to a household of the kingdom, the rows `but` excepted; nothing more is told."""
    return set(Member.objects.filter(idcs__in=idcs).exclude(pk__in=list(but)).values_list("idcs", flat=True))


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


def imports_of(user: User) -> QuerySet[Import]:
    """Files the user sent, and for a supervisor those of people whose area is inside their own; with the sums of their lots.

    What agencies deliver by themselves, whoever answers for the kingdom; an auditor of the kingdom every delivery.
    """
    seen = Q(by=user)
    if user.is_active and user.area_level == User.AreaLevel.KINGDOM:
        if user.role in (*DELIVERERS, User.Role.AUDITOR):
            seen |= Q(by__role=User.Role.AGENCY)
        if user.role == User.Role.AUDITOR:
            seen |= ~Q(kind=Import.Kind.HOUSEHOLDS)
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
class ConflictCounts:
    """How many wait for somebody of the area, and of how many the family's days have run out."""

    waiting: int
    late: int


def conflict_counts(user: User, *, on: date) -> ConflictCounts:
    waiting = open_conflicts(user).order_by()
    return ConflictCounts(**waiting.aggregate(waiting=Count("pk"), late=Count("pk", filter=Q(due_on__lt=on))))


def deliveries_of(user: User) -> QuerySet[Import]:
    """Partners' deliveries that the user may see, with the sums of their lots; the latest first."""
    return imports_of(user).exclude(kind=Import.Kind.HOUSEHOLDS)


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
        agrees = plain_answer(subject, one.field) == one.value
        conflict = None if agrees else conflicts.get((one.idcs, one.field))
        marks[(subject.pk if one.idcs else None, one.field)] = Mark(one, agrees, conflict)
    return marks
