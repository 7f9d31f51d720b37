"""What is enrolled, what waits for a decision and who is left without cover; always within the caller's area."""

from datetime import date

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.text import capfirst

from eligibility import references
from eligibility.models import OPEN, Determination, Program
from eligibility.notices import Verified
from households.models import Household, Member
from rsu.models import User
from rsu.permissions import communes_of, in_area

from . import units
from .lifecycle import COVERING, HOLDING
from .models import (
    COVERS,
    Allowance,
    BatchRefusal,
    DecisionBatch,
    DecisionChunk,
    Enrollment,
    EnrollmentMove,
    Hold,
    Message,
    MigratedCover,
    RightNotice,
)
from .moved import migrated_cover
from .reading import OtherCovers

__all__ = [
    "allowance_of_month",
    "batches_of",
    "current_cover",
    "enrollments_of",
    "holds_of",
    "household_enrollments",
    "members_without_cover",
    "messages_by_status",
    "messages_of",
    "moves_of",
    "open_determination",
    "paper_notices",
    "refusals_of",
    "right_notices_of",
    "sorted_members",
    "stored_allowances",
    "told_of",
    "verified_right_notice",
    "work_list",
]

WAITING = (Enrollment.Status.PROPOSED, Enrollment.Status.IN_REVIEW)
ON_TODAY = (Enrollment.Status.PROPOSED, *HOLDING)
"""Statuses that still say something about today; ended and refused ones are history."""


def enrollments_of(user: User) -> QuerySet[Enrollment]:
    """Every enrollment of the area where the household lives today, newest first."""
    return (
        Enrollment.objects.filter(in_area(user, "household__commune"))
        .select_related("household__commune", "member", "unit")
        .order_by("-id")
    )


def work_list(user: User, *, program: str = "", status: str = "") -> QuerySet[Enrollment]:
    """Decisions waiting, oldest first: one row a household, program and status, `persons` saying how many it stands for.

    `household.heads` holds the head, if there is one; `grace_until` the day a lost right runs on until, excluded, even gone by.
    """
    same = Enrollment.objects.filter(household=OuterRef("household"), program=OuterRef("program"), status=OuterRef("status")).order_by()
    graced = Determination.objects.filter(household=OuterRef("household"), program=OuterRef("program"), until=OPEN).values("grace_until")
    counted = same.values("household").annotate(n=Count("pk")).values("n")
    rows = enrollments_of(user).filter(program__in=Program.values, status__in=[status] if status in WAITING else WAITING)
    if program in Program.values:
        rows = rows.filter(program=program)
    heads = Prefetch("household__members", queryset=Member.objects.filter(relation="head"), to_attr="heads")
    return (
        rows.filter(~Exists(same.filter(pk__lt=OuterRef("pk"))))
        .annotate(persons=Subquery(counted, output_field=IntegerField()), grace_until=Subquery(graced))
        .prefetch_related(heads)
        .order_by("id")
    )


def household_enrollments(household: Household) -> QuerySet[Enrollment]:
    """All of a household's enrollments by program: what runs before history, the head's unit first, the insured before those covered
    through him."""
    of_head = Enrollment.objects.filter(unit=OuterRef("unit"), member__relation="head")
    return (
        household.enrollments.select_related("member", "unit", "decided_by")
        .annotate(over=~Q(status__in=ON_TODAY), of_head=Exists(of_head), insured_first=Q(quality="dependant"))
        .order_by("program", "over", "-of_head", "unit_id", "insured_first", "id")
    )


def moves_of(household: Household) -> QuerySet[EnrollmentMove]:
    """Every change of status of the household's enrollments, newest first."""
    return EnrollmentMove.objects.filter(enrollment__household=household).select_related("by", "enrollment").order_by("-id")


def current_cover(idcs: str, on: date) -> Enrollment | MigratedCover | None:
    """What covers this person on the day, the last month of what has ended included: an AMO-TADAMON enrollment, or what was taken
    over from RAMED; the database refuses both on one day."""
    running = Enrollment.objects.filter(program=Program.AMO_TADAMON, idcs=idcs, since__lte=on, until__gt=on)
    enrolled = (
        running.filter(status__in=(*COVERING, Enrollment.Status.ENDED)).select_related("unit", "household").order_by("-since").first()
    )
    return enrolled or migrated_cover(idcs, on)


def open_determination(household: Household, program: str) -> Determination | None:
    """What the household's score says today in this program."""
    return Determination.objects.filter(household=household, program=program, until=OPEN).first()


def sorted_members(household: Household, on: date, law) -> units.Sorted:
    """The household's members in units of AMO, or set aside, as of the day."""
    members = household.members.order_by("position")
    others = OtherCovers(members)
    people = [others.person(member, on) for member in members]
    return units.sort_members(people, units.Rules.of(law))


def members_without_cover(household: Household, on: date, law) -> list[Member]:
    """Members who declared no cover of their own and whom neither AMO-TADAMON, be it since RAMED, nor AMO ACHAMIL covers on the day."""
    covered = Enrollment.objects.filter(
        program__in=COVERS, idcs=OuterRef("idcs"), since__lte=on, until__gt=on, status__in=(*COVERING, Enrollment.Status.ENDED)
    )
    moved = MigratedCover.objects.filter(idcs=OuterRef("idcs"), since__lte=on, until__gt=on)
    none = Q(cover__isnull=True) | Q(cover__in=law.value("score.cover_not_counted"))
    return list(household.members.filter(none, ~Exists(covered), ~Exists(moved)).order_by("position"))


def allowance_of_month(household: Household, on: date) -> Allowance | None:
    """What was written for the month of the day, with its lines."""
    return stored_allowances(household).filter(month=on.replace(day=1)).first()


def stored_allowances(household: Household) -> QuerySet[Allowance]:
    """The months of direct aid written for a household, newest first, with their lines."""
    return household.allowances.prefetch_related("lines__member", "lines__provision").order_by("-month")


def right_notices_of(user: User) -> QuerySet[RightNotice]:
    """What was told of rights to households of the area, newest first."""
    return RightNotice.objects.filter(in_area(user, "household__commune")).select_related("household__commune").order_by("-id")


def verified_right_notice(typed: str) -> Verified | None:
    """The notice of a right with this reference, however it was typed. One query whether it exists or not."""
    row = RightNotice.objects.filter(reference=references.read(typed)[: references.LENGTH + 1]).first()
    if row is None:
        return None
    kind, withdrawn = capfirst(row._meta.verbose_name), row.withdrawn_on is not None
    return Verified(references.grouped(row.reference), kind, row.on, row.short_digest, withdrawn, in_series=False)


def paper_notices(user: User) -> QuerySet[RightNotice]:
    """Those that no message brings to the family and that nobody has printed yet: no telephone, no wish for it, or nothing got through."""
    carried = Message.objects.filter(notice=OuterRef("pk")).exclude(status__in=Message.LOST)
    return right_notices_of(user).filter(~Exists(carried), printed_at=None, withdrawn_on=None)


def batches_of(user: User) -> QuerySet[DecisionBatch]:
    """Those the user proposed or decided, and those about households of the area: one household there is enough. Newest first."""
    rows = DecisionBatch.objects.select_related("proposed_by", "decided_by")
    done = {
        name: Coalesce(Subquery(_of_chunks().annotate(n=Sum(name)).values("n"), output_field=IntegerField()), 0)
        for name in ("applied", "already", "refused")
    }
    rows = rows.annotate(**done).order_by("-id")
    if user.area_level == User.AreaLevel.KINGDOM:
        return rows
    mine = Q(proposed_by=user) | Q(decided_by=user)
    return rows.filter(mine | Q(communes__overlap=list(communes_of(user).values_list("pk", flat=True))))


def _of_chunks() -> QuerySet[DecisionChunk]:
    return DecisionChunk.objects.filter(batch=OuterRef("pk")).order_by().values("batch")


def refusals_of(batch: DecisionBatch, user: User) -> QuerySet[BatchRefusal]:
    """What the batch left as it was, of the user's area alone, with the household's head (`heads`)."""
    heads = Prefetch("enrollment__household__members", queryset=Member.objects.filter(relation="head"), to_attr="heads")
    rows = batch.refusals.filter(in_area(user, "enrollment__household__commune"))
    return rows.select_related("enrollment__household__commune").prefetch_related(heads).order_by("id")


def messages_of(user: User, *, status: str = "", channel: str = "") -> QuerySet[Message]:
    rows = Message.objects.filter(in_area(user, "household__commune")).select_related("household__commune", "notice").order_by("-id")
    if status in Message.Status.values:
        rows = rows.filter(status=status)
    return rows.filter(channel=channel) if channel in Message.Channel.values else rows


def messages_by_status(user: User) -> list[tuple[str, str, int]]:
    """(status, its words, how many), the empty ones too."""
    counted = Message.objects.filter(in_area(user, "household__commune")).order_by().values_list("status")
    found = dict(counted.annotate(n=Count("pk")))
    return [(value, label, found.get(value, 0)) for value, label in Message.Status.choices]


def told_of(household: Household) -> QuerySet[RightNotice]:
    """What the household was told of its rights, newest first, with the messages that say so."""
    return household.right_notices.prefetch_related("messages").order_by("-id")


def holds_of(household: Household) -> QuerySet[Hold]:
    """What of the household's enrollments waits for a date, papers or a visit."""
    return Hold.objects.filter(enrollment__household=household, settled_at=None, status=F("enrollment__status")).select_related(
        "enrollment", "by"
    )
