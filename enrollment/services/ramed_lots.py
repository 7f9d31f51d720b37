"""The lots of RAMED migrations: claimed, done, closed; reading, then checking, then loading.

Claiming commits by itself, so that the page sees it and a lot that kills its worker is tried five times, not for ever. What a lot
does and its own state are one transaction: a kill leaves either nothing or all of it, and a lot delivered twice is done once. The
lots of a step are planned by the transaction that ends the last one of the step before, under the migration's own lock.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from eligibility.queries import law as law_of
from households.sheets.columns import folded
from households.sheets.reading import Unusable
from rsu import audit, ledger
from rsu.authentication import engine
from rsu.models import Commune
from rsu.outbox import send

from ..lifecycle import HOLDING, check_move
from ..models import COVERS, Enrollment, RamedLot, RamedMigration
from ..ramed import checking, files, loading, staging
from ..ramed.rows import Ages, Reader
from .budgeting import recount_contributions
from .ramed_files import HEADINGS, path_of

Step, Status = RamedLot.Step, RamedLot.Status
AT_WORK = (RamedMigration.Status.PLANNED, RamedMigration.Status.RUNNING)
UNFINISHED = (Status.WAITING, Status.CLAIMED)
COUNTS = ("covered", "already", "aside", "queued", "refused")


@transaction.atomic
def claim_ramed_lot(*, worker: str, at: datetime) -> RamedLot | None:
    """Take one waiting lot of the oldest migration that has one; committed by itself before any work begins."""
    waiting = RamedLot.objects.filter(status=Status.WAITING, migration__status__in=AT_WORK).order_by("migration", "step", "first")
    lot = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if lot is None:
        return None
    ledger.take(lot, worker=worker, at=at)
    planned = RamedMigration.objects.filter(pk=lot.migration_id, status=RamedMigration.Status.PLANNED)
    planned.update(status=RamedMigration.Status.RUNNING, started_at=at)
    return lot


@transaction.atomic
def apply_ramed_lot(lot: RamedLot, *, at: datetime) -> bool:
    """Do the lot and close it, in one transaction; False if another worker has done it or taken it meanwhile."""
    held = RamedLot.objects.select_for_update(of=("self",)).select_related("migration__by").get(pk=lot.pk)
    if not ledger.is_still(held, lot):
        return False
    {Step.READ: _read, Step.CHECK: _check, Step.LOAD: _load}[held.step](held)
    held.status, held.done_at, held.error = Status.DONE, at, ""
    held.save()
    _plan_what_follows(held)
    return True


def _read(lot: RamedLot) -> None:
    """Rows of the file from where this lot begins; the next lot begins where they end. Raises Unusable."""
    migration, path = lot.migration, path_of(lot.migration)
    shape = files.known_shape(path, migration.encoding, migration.separator)
    reader = Reader(
        columns=shape.columns, on=migration.covered_from, ages=Ages.of(law_of(migration.covered_from)), communes=communes_by_name()
    )
    last, place = lot.first - 1, lot.place
    with connection.cursor() as cursor, staging.staged(cursor, migration.pk, reader) as stage:
        for rows, after in files.batches(path, shape, first=lot.first, place=lot.place, most=settings.RAMED_READ):
            place, last = after, rows[-1][0]
            stage.write(rows[1:] if rows[0][0] == HEADINGS else rows)
    lot.last, lot.size = last, stage.count
    ended = migration.is_workbook or last < lot.first - 1 + settings.RAMED_READ
    if not ended:
        RamedLot.objects.create(migration=migration, step=Step.READ, first=last + 1, place=place)


def communes_by_name() -> dict[str, int]:
    """Folded code, number or name in either script -> commune; a name that two of them bear is left out."""
    names: dict[str, set[int]] = {}
    for commune in Commune.objects.all():
        for said in (commune.code, str(commune.pk), commune.name_fr, commune.name_ar):
            names.setdefault(folded(said), set()).add(commune.pk)
    return {said: next(iter(ids)) for said, ids in names.items() if len(ids) == 1}


def _check(lot: RamedLot) -> None:
    excluding = law_of(lot.migration.covered_from).value("amo_tadamon.excluding_covers")
    with connection.cursor() as cursor:
        on = lot.migration.covered_from
        checking.check(cursor, lot.migration_id, first=lot.first, last=lot.last, excluding=list(excluding), on=on)


def _load(lot: RamedLot) -> None:
    migration, actor = lot.migration, engine()
    check_move("", Enrollment.Status.MIGRATED, actor.role)
    with connection.cursor() as cursor:
        found = loading.load(
            cursor, migration.pk, first=lot.first, last=lot.last, since=migration.covered_from, until=migration.covered_until,
            by=actor.pk, covers=COVERS, held=(*HOLDING, Enrollment.Status.ENDED.value),
        )  # fmt: skip
    for name in COUNTS:
        setattr(lot, name, found.get(name, (0, 0))[0])
    lot.principals = found.get(loading.COVERED, (0, 0))[1]
    counts = {name: getattr(lot, name) for name in COUNTS}
    audit.record(by=migration.by, verb="ramed.loaded", subject=f"ramed:{migration.pk}", first=lot.first, last=lot.last, **counts)


def _plan_what_follows(lot: RamedLot) -> None:
    """The lots of the next step, if this was the last of its own: two that end together are told apart by the migration's lock."""
    if lot.step == Step.LOAD:
        return
    migration = RamedMigration.objects.select_for_update(of=("self",)).get(pk=lot.migration_id)
    if migration.lots.filter(step=lot.step).exclude(status=Status.DONE).exists():
        return
    if lot.step == Step.READ:
        migration.rows = migration.lots.filter(step=Step.READ).aggregate(n=Sum("size"))["n"]
        if not migration.rows:
            raise Unusable(_("Ce fichier n’a que des titres, et aucune ligne."))
        migration.save(update_fields=["rows"])
        with connection.cursor() as cursor:
            staging.index(cursor, migration.pk)
            _plan_checks(cursor, migration)
    else:
        checked = migration.lots.filter(step=Step.CHECK).order_by("first")
        RamedLot.objects.bulk_create(
            [RamedLot(migration=migration, step=Step.LOAD, first=one.first, last=one.last, size=one.size) for one in checked]
        )
    send("enrollment.migrate_ramed")


def _plan_checks(cursor, migration: RamedMigration) -> None:
    """Lots of so many rows each, whatever their numbers: empty rows of the file have one and are not here."""
    cursor.execute(
        f"SELECT min(number), max(number), count(*) FROM {staging.table(migration.pk)} GROUP BY number / %s ORDER BY 1",
        [settings.RAMED_LOT],
    )
    lots = [RamedLot(migration=migration, step=Step.CHECK, first=first, last=last, size=n) for first, last, n in cursor.fetchall()]
    RamedLot.objects.bulk_create(lots)


@transaction.atomic
def give_back_ramed_lot(lot: RamedLot, *, error: Exception) -> None:
    """The lot's transaction failed: it waits for its next attempt, or has failed after the last. A file that is no use is tried once."""
    useless = isinstance(error, Unusable)
    words = str(error) if useless else ledger.words_of(error)
    if useless:
        RamedMigration.objects.filter(pk=lot.migration_id).update(reason=words)
    ledger.give_back(lot, error=words, for_good=useless)


@transaction.atomic
def revive_ramed_lots(*, at: datetime) -> int:
    """Lots whose worker has gone silent wait again, or have failed after the last attempt; how many wait.

    One at work is locked by its transaction, however long it lasts, and is passed over.
    """
    ledger.revive_silent(RamedLot, at=at)
    return ramed_lots_waiting()


def ramed_lots_waiting() -> int:
    return RamedLot.objects.filter(status=Status.WAITING, migration__status__in=AT_WORK).count()


def close_ramed(*, at: datetime) -> list[RamedMigration]:
    """Close the migrations that have no lot left to do; those closed here. Running twice changes nothing."""
    unfinished = RamedLot.objects.filter(migration=OuterRef("pk"), status__in=UNFINISHED)
    done = RamedMigration.objects.filter(~Exists(unfinished), status__in=AT_WORK).order_by("id")
    closed = [_close(pk, at=at) for pk in done.values_list("pk", flat=True)]
    return [migration for migration in closed if migration]


@transaction.atomic
def _close(pk: int, *, at: datetime) -> RamedMigration | None:
    migration = RamedMigration.objects.filter(pk=pk, status__in=AT_WORK).select_for_update(skip_locked=True, of=("self",)).first()
    if migration is None or migration.lots.filter(status__in=UNFINISHED).exists():
        return None
    sums = {name: Sum(name, default=0) for name in COUNTS}
    counts = migration.lots.aggregate(failed=Count("pk", filter=Q(status=Status.FAILED)), **sums)
    migration.status, migration.finished_at = RamedMigration.Status.CLOSED, at
    if counts["failed"]:
        migration.status = RamedMigration.Status.FAILED
    elif migration.rows != sum(counts[name] for name in COUNTS):
        migration.status, migration.reason = RamedMigration.Status.FAILED, _("Le compte n’y est pas.")
    else:
        with connection.cursor() as cursor:
            staging.drop(cursor, migration.pk)
        # Months gone by, that were counted before these covers were known.
        recount_contributions(since=migration.covered_from, on=min(localdate(at), migration.covered_until))
        if migration.covered_until <= localdate(at):
            # These covers were over before they were loaded: they are not counted as running until the night comes.
            send("enrollment.settle_migrated")
        audit.record(by=migration.by, verb="ramed.closed", subject=f"ramed:{pk}", rows=migration.rows, **counts)
    migration.save(update_fields=["status", "finished_at", "reason"])
    return migration
