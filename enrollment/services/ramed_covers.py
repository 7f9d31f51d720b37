"""How a migrated cover changes: one function for one person or for thousands, with its moves and what the tally counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Max

from rsu.models import User

from ..lifecycle import check_move
from ..models import Enrollment, MigratedCover, MigratedMove
from .moves import count_enrolled

Status = Enrollment.Status


@dataclass(frozen=True)
class Change:
    """What becomes of one migrated cover: its first day without, who takes it over (if anybody), the household it is found in."""

    cover: MigratedCover
    after: str
    until: date
    reason: str = ""
    enrollment_id: int | None = None
    household_id: int | None = None


def change_covers(changes: Iterable[Change], *, by: User) -> int:
    """Write these changes of locked covers, their moves, and take back what their opening counted; how many."""
    changes = list(changes)
    for after in {change.after for change in changes}:
        check_move(Status.MIGRATED, after, by.role)
    if not changes:
        return 0
    columns = list(zip(*((c.cover.pk, c.after, c.until, c.enrollment_id, c.household_id) for c in changes), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE enrollment_migratedcover c SET status = n.status, until = least(c.until, greatest(c.since, n.until)),"
            " enrollment_id = n.enrollment, household_id = coalesce(n.household, c.household_id)"
            " FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::bigint[], %s::bigint[]) n (id, status, until, enrollment, household)"
            " WHERE c.id = n.id AND c.status = 'migrated'",
            [list(column) for column in columns],
        )
        if cursor.rowcount != len(changes):
            raise RuntimeError("a migrated cover changed was not locked")
    MigratedMove.objects.bulk_create(
        [MigratedMove(cover=c.cover, before=Status.MIGRATED, after=c.after, by=by, reason=c.reason) for c in changes]
    )
    count_covers([c.cover for c in changes], sign=-1)
    return len(changes)


def count_covers(covers: Iterable[MigratedCover], *, sign: int) -> None:
    """Add these to what the tally counts as enrolled, or take them back: persons, and a household for each insured one."""
    people, households = Counter(), Counter()
    for cover in covers:
        if cover.commune_id:
            people[cover.commune_id, cover.milieu] += sign
            households[cover.commune_id, cover.milieu] += sign * (cover.quality == Enrollment.Quality.INSURED)
    for (commune_id, milieu), count in people.items():
        count_enrolled(
            "amo_tadamon", commune_id=commune_id, milieu=milieu, households=households[commune_id, milieu], people=count
        )  # fmt: skip


def make_room(enrollments: Iterable[Enrollment], *, on: date, by: User) -> dict[str, date]:
    """Let these enrollments, about to open on `on`, take over what their people were moved with; whose migrated cover has ended but
    still runs: the day it stops, from which an enrollment may start."""
    waiting = {one.idcs: one for one in enrollments}
    covers = MigratedCover.objects.filter(idcs__in=waiting, status=Status.MIGRATED, until__gt=on).order_by("pk")
    locked = covers.select_for_update(of=("self",), no_key=True)
    change_covers(
        [Change(one, Status.ACTIVE, on, "", waiting[one.idcs].pk, waiting[one.idcs].household_id) for one in locked], by=by
    )  # fmt: skip
    ended = MigratedCover.objects.filter(idcs__in=waiting, status=Status.ENDED, until__gt=on)
    return dict(ended.order_by().values_list("idcs").annotate(until=Max("until")))
