"""Pairs to settle, always inside the caller's area: both sides of a pair must be in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from rsu.models import User
from rsu.permissions import in_area

from ..models import DuplicatePair, Household, Member
from . import words

LOW, HIGH = "household_low__commune", "household_high__commune"


def _seen(user: User) -> Q:
    """A claim has one side in the registry: whoever sees the bearer's household answers it."""
    high = in_area(user, HIGH)
    if not high:  # the kingdom: `claimed | Q()` would be `claimed` alone
        return Q()
    return in_area(user, LOW) & (Q(kind=DuplicatePair.Kind.IDCS_CLAIMED) | high)


def pairs_of(user: User) -> QuerySet[DuplicatePair]:
    """Every pair of the area, settled ones included, the likeliest first."""
    people = Prefetch("members", Member.objects.order_by("position"))
    sides = [
        Prefetch(side, Household.objects.select_related("commune").prefetch_related(people)) for side in ("household_low", "household_high")
    ]
    rows = DuplicatePair.objects.filter(_seen(user)).select_related("member_low", "member_high", "request", "settled_by", "proposed_by")
    return rows.prefetch_related(*sides).order_by("-probability", "id")


def to_settle(user: User, *, kind: str = "", commune: int | None = None, least: int = 0) -> QuerySet[DuplicatePair]:
    """Open pairs; claims, that somebody waits for, before any other."""
    rows = pairs_of(user).filter(status=DuplicatePair.Status.OPEN)
    if kind in DuplicatePair.Kind.values:
        rows = rows.filter(kind=kind)
    if commune:
        rows = rows.filter(Q(household_low__commune=commune) | Q(household_high__commune=commune))
    if least:
        rows = rows.filter(Q(probability__gte=least) | Q(probability=None))
    return rows


def count_to_settle(user: User) -> int:
    return DuplicatePair.objects.filter(_seen(user), status=DuplicatePair.Status.OPEN).count()


def counts(user: User) -> dict[str, int]:
    """{"inside": pairs of the area, "across": those with one side in it, that go to whoever sees both}, in one query."""
    rows, seen = DuplicatePair.objects.filter(status=DuplicatePair.Status.OPEN), _seen(user)
    if not seen:
        return {"inside": rows.count(), "across": 0}
    across = (in_area(user, LOW) | in_area(user, HIGH)) & ~seen & Q(household_high__isnull=False)
    return rows.aggregate(inside=Count("pk", filter=seen), across=Count("pk", filter=across))


def claims_of(request_id: int) -> dict[str, DuplicatePair]:
    """The claims of a draft by the person's key, the latest of each."""
    rows = DuplicatePair.objects.filter(request=request_id, kind=DuplicatePair.Kind.IDCS_CLAIMED).select_related("settled_by")
    return {row.person_key: row for row in rows.order_by("id")}


@dataclass(frozen=True)
class Reason:
    """One thing compared: its sentence, how common it is, how much it counts, and whether it speaks against."""

    sentence: str
    bearers: str
    force: str
    against: bool


@dataclass(frozen=True)
class Alike:
    """Two people of two households that look like one, with why."""

    low: Member
    high: Member
    probability: int
    reasons: list[Reason]


def reasons(evidence: Iterable[dict]) -> list[Reason]:
    """In the order of what counts most, for or against."""
    told = [item for item in evidence if item["field"] != "people" and item["level"] != "unknown"]
    told.sort(key=lambda item: -abs(item.get("weight") or 0))
    return [
        Reason(
            words.sentence(item["field"], item["level"]),
            words.bearers(item.get("bearers")),
            words.force(item["weight"]) if item.get("weight") is not None else "",
            item["level"] == "other",
        )
        for item in told
    ]


def alike(pair: DuplicatePair) -> list[Alike]:
    """The people of two households that look like one: each once, the likeliest pair first."""
    if pair.kind != DuplicatePair.Kind.HOUSEHOLDS:
        return []
    found = next((item["pairs"] for item in pair.evidence if item["field"] == "people"), [])
    low = {member.pk: member for member in pair.household_low.members.all()}
    high = {member.pk: member for member in pair.household_high.members.all()}
    taken: set[int] = set()
    listed = []
    for first, second, probability, evidence in found:
        if first in low and second in high and not taken & {first, second}:
            taken |= {first, second}
            listed.append(Alike(low[first], high[second], probability, reasons(evidence)))
    return listed
