"""What RAMED migrations became: their equation, their progress, why rows stopped, the queue, and who is covered by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum

from households.models import Member
from rsu.models import User
from rsu.permissions import in_area

from .models import MigratedCover, RamedLot, RamedMigration, RamedRow
from .ramed.defects import DEFECTS

Outcome, Settled = RamedRow.Outcome, RamedRow.Settled
PACE_OVER = 20
"""Lots done last, from which the rate is read."""


@dataclass(frozen=True)
class Counts:
    """Where the rows of a migration are today: what is settled in the queue has moved to those covered or refused."""

    rows: int
    covered: int
    already: int
    aside: int
    queued: int
    refused: int
    principals: int = 0

    @property
    def total(self) -> int:
        return self.covered + self.already + self.aside + self.queued + self.refused

    @property
    def holds(self) -> bool:
        return self.total == self.rows


@dataclass(frozen=True)
class Progress:
    """The step at work: rows done and to do (unknown while the file is read), rows a second, when it should end."""

    step: RamedLot.Step
    done: int
    total: int | None
    rate: int | None = None
    ends_at: datetime | None = None


def migrations() -> QuerySet[RamedMigration]:
    """Every migration, newest first, each with the counts of its lots."""
    sums = {name: Sum(f"lots__{name}", default=0) for name in ("covered", "already", "aside", "queued", "refused")}
    return RamedMigration.objects.select_related("by").annotate(**sums).order_by("-id")


def ramed_counts(migration: RamedMigration) -> Counts:
    names = ("covered", "already", "aside", "queued", "refused", "principals")
    found = migration.lots.aggregate(**{name: Sum(name, default=0) for name in names})
    settled = migration.unmoved.filter(outcome=Outcome.QUEUED).aggregate(
        accepted=Count("pk", filter=~Q(settled__in=("", Settled.REJECTED))),
        rejected=Count("pk", filter=Q(settled=Settled.REJECTED)),
        principals=Count("pk", filter=Q(principal=True) & ~Q(settled__in=("", Settled.REJECTED))),
    )
    return Counts(
        rows=migration.rows or 0,
        covered=found["covered"] + settled["accepted"],
        already=found["already"],
        aside=found["aside"],
        queued=found["queued"] - settled["accepted"] - settled["rejected"],
        refused=found["refused"] + settled["rejected"],
        principals=found["principals"] + settled["principals"],
    )


def ramed_kinds(migration: RamedMigration) -> list[tuple[str, str, int]]:
    """(kind, outcome, rows) of the rows that did not simply pass, in the order of the defects."""
    order = list(DEFECTS)
    rows = migration.unmoved.order_by().values_list("kind", "outcome").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: order.index(row[0]))


def ramed_progress(migration: RamedMigration, *, at: datetime) -> Progress:
    """The last step begun, as its lots stand."""
    step = migration.lots.aggregate(step=Max("step"))["step"] or RamedLot.Step.READ
    lots = migration.lots.filter(step=step)
    seen = lots.aggregate(done=Sum("size", filter=Q(status="done"), default=0), all=Sum("size", default=0))
    total = migration.rows if step == RamedLot.Step.READ else seen["all"]
    rate = _rate(lots)
    left = max((total or 0) - seen["done"], 0)
    ends_at = at + timedelta(seconds=left / rate) if rate and left and not migration.ended else None
    return Progress(RamedLot.Step(step), seen["done"], total, rate, ends_at)


def _rate(lots: QuerySet[RamedLot]) -> int | None:
    """Rows a second of the lots done last."""
    last = list(
        lots.filter(status="done", done_at__isnull=False).order_by("-done_at").values_list("claimed_at", "size", "done_at")[:PACE_OVER]
    )
    if not last:
        return None
    seconds = (last[0][2] - min(claimed for claimed, _size, _done in last)).total_seconds()
    return round(sum(size for _claimed, size, _done in last) / seconds) if seconds > 0 else None


def refused_rows(migration: RamedMigration, user: User) -> QuerySet[RamedRow]:
    """Rows to mend where the file was made: those refused, and those rejected in the queue; of the user's area, as in the queue."""
    back = Q(outcome=Outcome.REFUSED) | Q(settled=Settled.REJECTED)
    return migration.unmoved.filter(back & in_area(user)).order_by("number")


def queue(user: User, *, kind: str = "", migration: int | None = None) -> QuerySet[RamedRow]:
    """Doubtful rows of the user's area that nobody has settled, oldest first; those of no known commune are the kingdom's."""
    rows = RamedRow.objects.filter(in_area(user), outcome=Outcome.QUEUED, settled="", migration__status=RamedMigration.Status.CLOSED)
    if kind:
        rows = rows.filter(kind=kind)
    if migration:
        rows = rows.filter(migration=migration)
    return rows.select_related("commune", "migration").order_by("migration_id", "number")


def queue_kinds(user: User, *, migration: int | None = None) -> list[tuple[str, int]]:
    rows = queue(user, migration=migration).order_by().values_list("kind").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: list(DEFECTS).index(row[0]))


def queued_row(user: User, pk: int) -> RamedRow | None:
    rows = RamedRow.objects.filter(in_area(user), outcome=Outcome.QUEUED, pk=pk)
    return rows.select_related("commune", "migration", "settled_by").first()


def unit_of(row: RamedRow) -> list[RamedRow]:
    """The other stopped rows of the same unit in the same file."""
    if not row.holder:
        return []
    return list(RamedRow.objects.filter(migration=row.migration_id, holder=row.holder).exclude(pk=row.pk).order_by("number")[:50])


def known_member(user: User, idcs: str) -> Member | None:
    """Who bears this number in the registry, if their household is in the user's area."""
    return Member.objects.filter(in_area(user, "household__commune"), idcs=idcs).select_related("household").first() if idcs else None


def migrated_cover(idcs: str, on: date) -> MigratedCover | None:
    """The cover taken over from RAMED that covers this person on the day."""
    return MigratedCover.objects.filter(idcs=idcs, since__lte=on, until__gt=on).first()


def migrated_cover_seen(user: User, idcs: str, on: date) -> MigratedCover | None:
    """The same, if it is counted in the user's area."""
    return MigratedCover.objects.filter(in_area(user), idcs=idcs, since__lte=on, until__gt=on).first()


def covers_of(idcs: list[str]) -> QuerySet[MigratedCover]:
    return MigratedCover.objects.filter(idcs__in=idcs).select_related("migration").order_by("idcs")


def running_of(members: Iterable[Member], *, on: date) -> list[MigratedCover]:
    """What covers these people since RAMED on the day, in their order, each with its `member`; one that ended says its last day."""
    members = list(members)
    rows = MigratedCover.objects.filter(idcs__in=[one.idcs for one in members], since__lte=on, until__gt=on)
    found = {row.idcs: row for row in rows}
    for member in members:
        if member.idcs in found:
            found[member.idcs].member = member
    return [found[member.idcs] for member in members if member.idcs in found]
