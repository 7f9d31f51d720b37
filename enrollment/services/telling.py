"""Families are told what was decided, whoever decided it: changes of status become dated notices, and messages that say there is one.

The day of the notice is the day it is written: time limits run from it. A change is told once: `ToldMove` holds it to one notice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, Min, Model, OuterRef, Q, QuerySet
from django.utils.timezone import localtime

from eligibility import references
from eligibility.law import Law
from eligibility.limits import last_day
from eligibility.models import OPEN, Determination
from eligibility.queries import law as law_of
from eligibility.score import threshold_points
from households.models import Household, Member
from rsu import audit
from rsu.models import User

from .. import notices, quiet
from ..models import Allowance, Contact, EnrollmentMove, Hold, Message, MigratedCover, RightNotice, Scheme, ToldFloor, ToldMove

CHUNK = 500
"""Households told in one transaction."""
SETTLED = timedelta(days=1)
"""No transaction lasts so long: older than that, no change of status is still to appear."""
FILING = "appeal.filing_days"
MOBILE = ("06", "07")


@dataclass(frozen=True)
class _Told:
    """The moves that one notice tells: of one household, program, day and deed."""

    household: Household
    program: str
    deed: str
    decided_on: date
    moves: list[EnrollmentMove]


@transaction.atomic
def notify_due(*, limit: int = CHUNK, at: datetime, by: User) -> int:
    """Tell what is untold to the next households that nobody holds; how many notices were written (0: nothing free is left).

    Whoever writes a move holds its household: once that is locked here, all its changes are seen.
    """
    oldest = _untold().order_by("pk").values_list("enrollment__household", flat=True)[: 10 * limit]
    waiting = Household.objects.filter(pk__in=sorted(set(oldest))).order_by("pk")
    locked = waiting.select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit]
    households = {one.pk: one for one in locked}
    groups = list(_grouped(_untold().filter(enrollment__household__in=list(households)), households))
    if not groups:
        return 0
    law, on = law_of(localtime(at).date()), localtime(at).date()
    written = _write(groups, on=on, law=law)
    queue_messages(written, at=at, law=law)
    audit.record(by=by, verb="notify_families", on=str(on), notices=len(written))
    return len(written)


def _untold() -> QuerySet[EnrollmentMove]:
    pairs = Q(pk__in=[])
    for (before, after), deed in notices.TOLD.items():
        if deed is not None:
            told = Q(before=before, after=after)
            pairs |= told & ~Q(by__role=User.Role.ENGINE) if (before, after) in notices.BOOKKEEPING else told
    return EnrollmentMove.objects.filter(pairs, pk__gt=_floor(), told=None)


def _floor() -> int:
    return ToldFloor.objects.filter(pk=1).values_list("move_id", flat=True).first() or 0


@transaction.atomic
def raise_told_floor(*, at: datetime) -> int:
    """Once a day: changes older than a day, all told, are not looked through again; the new floor."""
    ToldFloor.objects.get_or_create(pk=1)
    floor = ToldFloor.objects.select_for_update().get(pk=1)
    reach = all_told(_untold(), of=EnrollmentMove, at=at)
    if reach > floor.move_id:
        floor.move_id = reach
        floor.save(update_fields=["move_id"])
    return floor.move_id


def all_told(untold: QuerySet, *, of: type[Model], at: datetime) -> int:
    """The number up to which rows `of` a kind that is only ever added are all told, and so old that none can still appear before it."""
    first = untold.aggregate(first=Min("pk"))["first"]
    settled = of.objects.filter(at__lt=at - SETTLED).order_by("-pk").values_list("pk", flat=True).first() or 0
    return min(settled, first - 1) if first else settled


def _grouped(untold: QuerySet[EnrollmentMove], households: dict[int, Household]) -> Iterator[_Told]:
    def key(move: EnrollmentMove):
        deed = notices.KEPT_OF_RAMED if move.moved else notices.TOLD[move.before, move.after]
        return move.enrollment.household_id, move.enrollment.program, localtime(move.at).date(), deed

    cover = MigratedCover.objects.filter(idcs=OuterRef("enrollment__idcs"), enrollment=OuterRef("enrollment"), status="active")
    rows = untold.annotate(moved=Q(after="active", before__in=("", "proposed")) & Exists(cover))
    rows = sorted(rows.select_related("enrollment"), key=lambda move: (*key(move), move.pk))
    for (household, program, decided_on, deed), moves in groupby(rows, key=key):
        yield _Told(households[household], program, deed, decided_on, list(moves))


def _write(groups: list[_Told], *, on: date, law: Law) -> list[RightNotice]:
    facts = _Facts.of(groups, on)
    rows = [new_notice(one.household, one.program, one.deed, facts.content(one), on=on, law=law) for one in groups]
    written = RightNotice.objects.bulk_create(rows)
    ToldMove.objects.bulk_create(ToldMove(move=move, notice=row) for row, one in zip(written, groups, strict=True) for move in one.moves)
    return written


def new_notice(household: Household, program: str, deed: str, content: dict, *, on: date, law: Law) -> RightNotice:
    """A notice not written yet, with the days to contest it where it decides something."""
    contested = deed in notices.CONTESTED and law.has(FILING)
    if contested:
        cited = law.cite(FILING)
        content |= {"limit": {"days": cited.value, "source": cited.source}}
    return RightNotice(
        reference=references.draw(), household=household, program=program, deed=deed, on=on, content=content,
        appeal_until=last_day(law, FILING, start=on) if contested else None,
    )  # fmt: skip


@dataclass(frozen=True)
class _Facts:
    """What the notices of a chunk say beside the moves, read once for all."""

    names: dict[str, list[str]]
    standing: dict[tuple[int, str], Determination]
    months: dict[int, Allowance]
    holds: dict[int, Hold]

    @classmethod
    def of(cls, groups: Iterable[_Told], on: date) -> "_Facts":
        households = [one.household.pk for one in groups]
        rights = {move.enrollment_id for one in groups for move in one.moves}
        people = {move.enrollment.idcs for one in groups for move in one.moves}
        standing = Determination.objects.filter(household__in=households, until=OPEN).select_related("threshold")
        months = Allowance.objects.filter(household__in=households, month__lte=on).order_by("month")
        return cls(
            names={one.idcs: [one.name_fr, one.name_ar] for one in Member.objects.filter(idcs__in=people)},
            standing={(one.household_id, one.program): one for one in standing},
            months={one.household_id: one for one in months},
            holds={one.enrollment_id: one for one in Hold.objects.filter(enrollment__in=rights, settled_at=None)},
        )

    def content(self, one: _Told) -> dict:
        rights = [move.enrollment for move in one.moves]
        said = {"decided_on": one.decided_on.isoformat(), "reason": next((move.reason for move in one.moves if move.reason), "")}
        said["people"] = [self.names[right.idcs] for right in rights if right.idcs in self.names]
        said["covered"] = sorted(right.idcs for right in rights if right.idcs)
        if any(move.moved for move in one.moves):
            said["moved"] = True
        said["since"] = _iso(min((right.since for right in rights if right.since), default=None))
        said["until"] = _iso(max(right.until for right in rights))
        if standing := self.standing.get((one.household.pk, one.program)):
            said |= {"score": standing.score, "line": threshold_points(standing.threshold.value), "source": standing.threshold.source}
        month = self.months.get(one.household.pk)
        if one.program == Scheme.DIRECT_AID and one.deed == RightNotice.Deed.OPENED and month:
            said |= {"month": _iso(month.month), "amount": month.amount}
        if one.deed == RightNotice.Deed.SUSPENDED and (hold := self.holds.get(rights[0].pk)):
            said["look_again_on"] = _iso(hold.look_again_on)
        return said


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def queue_messages(written: list[RightNotice], *, at: datetime, law: Law) -> None:
    """A message a channel that the family has and accepts; who has none is told on paper."""
    contacts = {one.household_id: one for one in Contact.objects.filter(household__in=[row.household_id for row in written])}
    morning = quiet.opens(localtime(at), law)
    messages = []
    for row in written:
        contact = contacts.get(row.household_id) or Contact(household=row.household)
        common = {"notice": row, "household": row.household, "body": notices.short_text(row, contact.language)}
        if morning and row.household.phone.startswith(MOBILE) and not contact.no_sms:
            sms = {"channel": Message.Channel.SMS, "address": row.household.phone, "not_before": morning}
            messages.append(Message(key=uuid4(), **sms, **common))
        if contact.email and not contact.no_email:
            mail = {"channel": Message.Channel.EMAIL, "address": contact.email, "not_before": at}
            messages.append(Message(key=uuid4(), subject=notices.short_subject(row, contact.language), **mail, **common))
    Message.objects.bulk_create(messages)
