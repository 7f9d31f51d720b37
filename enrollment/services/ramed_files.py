"""A RAMED file taken in: kept outside the web root, known again when it is sent twice, taken up again by hand, forgotten in time."""

import hashlib
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from eligibility.queries import law as law_of
from households.sheets.reading import Bytes, Unusable
from rsu import audit
from rsu.models import User
from rsu.outbox import send
from rsu.wording import day

from ..models import RamedLot, RamedMigration, RamedRow
from ..permissions import check_migrate
from ..ramed import files, staging

BLOCK = 1 << 20
HEADINGS = 1
"""Row of the file that no lot counts."""


def path_of(migration: RamedMigration) -> Path:
    """Named by its content: the same file sent again, or sent while the first sending died, is one file."""
    return Path(settings.FILES_ROOT) / "ramed" / migration.digest


def receive_ramed(*, file: BinaryIO, name: str, covered_from: date, on: date, by: User) -> RamedMigration:
    """The migration of this file, new or the one it made before, whoever sent it. Its rows are read later, by lots.

    Raises Forbidden, and Unusable with the sentence to show beside the field.
    """
    check_migrate(by)
    migration = RamedMigration(name=Path(name).name[:200] or "-", by=by, covered_from=covered_from)
    migration.covered_until = _last_day(covered_from)
    seen = _keep(file, migration)
    if known := RamedMigration.objects.filter(digest=migration.digest).first():
        return known
    try:
        shape = files.shape_of(path_of(migration), seen, most_unpacked=settings.IMPORT_MOST_UNPACKED)
    except Unusable:
        path_of(migration).unlink(missing_ok=True)
        raise
    migration.size, migration.encoding, migration.separator = seen.size, shape.encoding, shape.separator if shape.encoding else ""
    return _begin(migration, on=on, by=by)


def _last_day(covered_from: date) -> date:
    """The first day on which the score decides for those moved that day. Raises Unusable when none is said, or it has gone by."""
    law = law_of(covered_from)
    if not law.has("amo_tadamon.migrated_until"):
        raise Unusable(_("Aucune disposition ne règle la bascule au %(day)s.") % {"day": day(covered_from)})
    until = date.fromisoformat(law.value("amo_tadamon.migrated_until"))
    if until <= covered_from:
        words = {"day": day(covered_from), "until": day(until)}
        raise Unusable(_("À partir du %(until)s l’indice décide : personne ne peut être basculé au %(day)s.") % words)
    return until


def _keep(file: BinaryIO, migration: RamedMigration) -> Bytes:
    """The bytes under the name of their digest, readable by this program alone, on the disk when this returns."""
    folder = Path(settings.FILES_ROOT) / "ramed"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh, seen, digest = folder / f".{os.getpid()}-{os.urandom(6).hex()}", files.Utf8(), hashlib.sha256()
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            while block := file.read(BLOCK):
                seen.see(block)
                if seen.size > settings.RAMED_MOST_BYTES:
                    most = settings.RAMED_MOST_BYTES // 1_000_000
                    raise Unusable(_("Ce fichier dépasse %(most)s Mo : partagez-le en plusieurs.") % {"most": most})
                digest.update(block)
                kept.write(block)
            kept.flush()
            os.fsync(kept.fileno())
        migration.digest = digest.hexdigest()
        fresh.replace(path_of(migration))
    finally:
        fresh.unlink(missing_ok=True)
    return seen


@transaction.atomic
def _begin(migration: RamedMigration, *, on: date, by: User) -> RamedMigration:
    """Sent twice at the same instant, one of them makes it."""
    RamedMigration.objects.bulk_create([migration], ignore_conflicts=True)
    made = RamedMigration.objects.select_for_update(of=("self",)).get(digest=migration.digest)
    if not made.lots.exists():
        RamedLot.objects.create(migration=made, step=RamedLot.Step.READ, first=HEADINGS)
        with connection.cursor() as cursor:
            staging.create(cursor, made.pk)
        audit.record(
            by=by, verb="ramed.received", subject=f"ramed:{made.pk}", digest=made.digest, size=made.size,
            covered_from=str(made.covered_from), covered_until=str(made.covered_until), on=str(on),
        )  # fmt: skip
        send("enrollment.migrate_ramed")
    return made


@transaction.atomic
def retry_ramed(migration_id: int, *, on: date, by: User) -> RamedMigration:
    """Lots that failed wait again, their attempts counted from none; what is done stays done. Raises Forbidden."""
    check_migrate(by)
    migration = RamedMigration.objects.select_for_update(of=("self",)).get(pk=migration_id)
    if migration.status == RamedMigration.Status.FAILED and not migration.forgotten_at:
        migration.lots.filter(status=RamedLot.Status.FAILED).update(status=RamedLot.Status.WAITING, attempts=0)
        migration.status, migration.finished_at, migration.reason = RamedMigration.Status.RUNNING, None, ""
        migration.save(update_fields=["status", "finished_at", "reason"])
        audit.record(by=by, verb="ramed.retried", subject=f"ramed:{migration.pk}", on=str(on))
        send("enrollment.migrate_ramed")
    return migration


def forget_ramed(*, at: datetime, by: User) -> int:
    """Remove the bytes of files ended long ago, and what their settled or refused rows say; how many. Rows in the queue keep it."""
    before = at - timedelta(days=settings.IMPORT_KEEP_DAYS)
    old = RamedMigration.objects.filter(received_at__lt=before, forgotten_at=None, finished_at__isnull=False).order_by("id")
    return sum(_forget(migration, at=at, by=by) for migration in old)


@transaction.atomic
def _forget(migration: RamedMigration, *, at: datetime, by: User) -> int:
    waiting = {"outcome": RamedRow.Outcome.QUEUED, "settled": ""}
    rows = RamedRow.objects.filter(migration=migration).exclude(**waiting).update(cells={}, problems=[], idcs="", card="", holder="")
    RamedMigration.objects.filter(pk=migration.pk).update(forgotten_at=at)
    with connection.cursor() as cursor:
        staging.drop(cursor, migration.pk)
    audit.record(by=by, verb="ramed.forgotten", subject=f"ramed:{migration.pk}", rows=rows)
    path_of(migration).unlink(missing_ok=True)
    return 1
