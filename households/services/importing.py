"""A file of rows taken in: kept outside the web root, known again when it is sent twice, read once, taken up again by hand."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from rsu import audit
from rsu.models import Agency, User
from rsu.outbox import send

from ..models import Import, ImportChunk, ImportRow
from ..permissions import check_delivery, check_import
from ..sheets import feeds, reading
from ..sheets.columns import GROUP, folded, household_names
from ..sheets.cover import IDCS
from ..sheets.families import TOO_LONG
from ..sheets.reading import Bytes, Shape, Unusable

BLOCK = 1 << 16
DELIVERED_ROWS = 10
"""A row that a partner delivers costs a tenth of a household: a lot holds ten times as many."""
FORGET_TRIES = 500


class TokenReused(Exception):
    """The sender's mark stands for another delivery; the message is a sentence for the screen."""


def names_of(kind: str) -> dict[str, str]:
    """Folded heading -> column."""
    return household_names() if kind == Import.Kind.HOUSEHOLDS else feeds.names_of(kind)


def path_of(importing: Import) -> Path:
    """Named by its content: the same file sent again, or sent while the first sending died, is one file."""
    return Path(settings.FILES_ROOT) / "imports" / str(importing.by_id) / f"{importing.kind}-{importing.digest}"


def shape_of(importing: Import) -> Shape:
    """How the kept file is read, its headings included."""
    shape = Shape(importing.encoding, importing.separator, (), ())
    return reading.with_headings(shape, reading.first_row(path_of(importing), shape), names_of(importing.kind))


def receive_import(
    *, file: BinaryIO, name: str, kind: str, on: date, by: User, agency: Agency | None = None, as_of: date | None = None,
    token: UUID | None = None,
) -> Import:  # fmt: skip
    """The import of this file, new or the one it made before. What the file is and its headings are read here, its rows later.

    A partner's delivery is dated: `as_of`, or a day on each of its rows. `token` is the sender's own mark of it.
    Raises Forbidden, Unusable with the sentence to show beside the field, TokenReused.
    """
    check_import(by, kind)
    importing = Import(kind=kind, name=Path(name).name[:200] or "-", by=by, token=token)
    if importing.is_delivery:
        check_delivery(agency, kind, on=on, by=by)
        importing.agency, importing.as_of = agency, as_of
        if as_of and as_of > on:
            raise Unusable(_("Cette date est dans l’avenir."))
    kept = _keep(file, importing)
    if known := _known(importing):
        return known
    try:
        shape = reading.shape_of(path_of(importing), kept, names_of(kind), most_unpacked=settings.IMPORT_MOST_UNPACKED)
        _check_columns(shape, importing)
    except Unusable:
        path_of(importing).unlink(missing_ok=True)
        raise
    importing.size, importing.encoding, importing.separator = kept.size, shape.encoding, shape.separator if shape.encoding else ""
    return _begin(importing, on=on, by=by)


def _known(importing: Import) -> Import | None:
    """The same delivery sent before. Raises TokenReused when its mark was another's."""
    same = Import.objects.filter(
        by=importing.by, kind=importing.kind, digest=importing.digest, agency=importing.agency, as_of=importing.as_of
    ).first()
    marked = Import.objects.filter(by=importing.by, token=importing.token).first() if importing.token else None
    if marked and marked != same:
        raise TokenReused(_("Cette marque a déjà servi pour une autre livraison : rien n’a été changé."))
    return same


def _check_columns(shape: Shape, importing: Import) -> None:
    """Those without which no row of the file could be read."""
    asked = feeds.asked_of(importing.kind, dated=importing.as_of is not None) if importing.is_delivery else (GROUP, IDCS)
    if missing := [name for name in asked if name not in shape.columns]:
        raise Unusable(_("Colonnes qui manquent : %(names)s. Commencez par le modèle.") % {"names": " · ".join(missing)})


def _keep(file: BinaryIO, importing: Import) -> Bytes:
    """The bytes under the name of their digest, readable by this program alone, on the disk when this returns."""
    folder = path_of(importing).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh, seen, digest = folder / f".{os.getpid()}-{os.urandom(6).hex()}", Bytes(), hashlib.sha256()
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            while block := file.read(BLOCK):
                seen.see(block)
                if seen.size > settings.IMPORT_MOST_BYTES:
                    most = settings.IMPORT_MOST_BYTES // 1_000_000
                    raise Unusable(_("Ce fichier dépasse %(most)s Mo : partagez-le en plusieurs.") % {"most": most})
                digest.update(block)
                kept.write(block)
            kept.flush()
            os.fsync(kept.fileno())
        importing.digest = digest.hexdigest()
        fresh.replace(path_of(importing))
    finally:
        fresh.unlink(missing_ok=True)
    return seen


@transaction.atomic
def _begin(importing: Import, *, on: date, by: User) -> Import:
    """Sent twice at the same instant, one of them makes it. Those of an agency are numbered one after another, by kind."""
    if importing.is_delivery:
        Agency.objects.select_for_update(of=("self",)).get(pk=importing.agency_id)
        numbered = Import.objects.filter(agency=importing.agency, kind=importing.kind)
        importing.number = (numbered.aggregate(last=Max("number"))["last"] or 0) + 1
    Import.objects.bulk_create([importing], ignore_conflicts=True)
    made = _known(importing)
    if made is None:
        raise TokenReused(_("Cette marque a déjà servi pour une autre livraison : rien n’a été changé."))
    made = Import.objects.select_for_update(of=("self",)).get(pk=made.pk)
    if not made.chunks.exists():
        ImportChunk.objects.create(importing=made, position=0)
        audit.record(
            by=by, verb="import.received", subject=f"import:{made.pk}", kind=made.kind, digest=made.digest, size=made.size, on=str(on)
        )
        send("desk.import_work")
    return made


def read_file(importing: Import) -> int:
    """Put every row of the file in the database and plan its lots; how many rows. Inside the caller's transaction. Raises Unusable."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # COPY is never the first statement of a transaction: the trace would lose its context
        copy = f"COPY {ImportRow._meta.db_table} (importing_id, number, family, cells) FROM STDIN"
        with cursor.copy(copy) as rows:
            count = 0
            for number, family, cells in _numbered(importing):
                count += 1
                if count > settings.IMPORT_MOST_ROWS:
                    raise Unusable(
                        _("Ce fichier a plus de %(most)s lignes : partagez-le en plusieurs.") % {"most": settings.IMPORT_MOST_ROWS}
                    )
                rows.write_row((importing.pk, number, family, Jsonb(cells)))
    if not count:
        raise Unusable(_("Ce fichier n’a que des titres, et aucune ligne."))
    _plan(importing)
    return count


def _numbered(importing: Import) -> Iterator[tuple[int, int, Mapping[str, str]]]:
    """(row, household of the file, cells): a household's rows, or in a delivery a person's, may stand anywhere; one without a mark is alone."""
    shape, families = shape_of(importing), {}
    lines = reading.lines(path_of(importing), shape)
    next(lines, None)
    for number, line in lines:
        cells = reading.cells_of(shape, line, TOO_LONG)
        if cells:
            mark = folded(cells.get(IDCS if importing.is_delivery else GROUP, "")) or number
            yield number, families.setdefault(mark, len(families) + 1), cells


def _plan(importing: Import) -> None:
    """Lots of whole households, their rows counted, in one statement."""
    size = settings.IMPORT_CHUNK * (DELIVERED_ROWS if importing.is_delivery else 1)
    statement = f"""
        INSERT INTO {ImportChunk._meta.db_table}
            (importing_id, position, first, last, size, status, attempts, worker, applied, already, refused, contradicted, unknown,
             households, error)
        SELECT importing_id, 1 + (family - 1) / %s, min(family), max(family), count(*), 'waiting', 0, '', 0, 0, 0, 0, 0, 0, ''
        FROM {ImportRow._meta.db_table} WHERE importing_id = %s
        GROUP BY importing_id, 1 + (family - 1) / %s
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [size, importing.pk, size])


@transaction.atomic
def retry_import(import_id: int, *, on: date, by: User) -> Import:
    """Lots that failed wait again, their attempts counted from none; what is done stays done. Raises Forbidden."""
    importing = Import.objects.select_for_update(of=("self",)).get(pk=import_id)
    check_import(by, importing.kind)
    if importing.status == Import.Status.FAILED and not importing.forgotten_at:
        importing.chunks.filter(status=ImportChunk.Status.FAILED).update(status=ImportChunk.Status.WAITING, attempts=0)
        importing.status, importing.finished_at, importing.reason = Import.Status.RUNNING, None, ""
        importing.save(update_fields=["status", "finished_at", "reason"])
        audit.record(by=by, verb="import.retried", subject=f"import:{importing.pk}", on=str(on))
        send("desk.import_work")
    return importing


def forget_imports(*, at: datetime, by: User) -> int:
    """Remove the bytes and the refused rows of imports ended long ago; how many. A crash leaves some for the next time."""
    before = at - timedelta(days=settings.IMPORT_KEEP_DAYS)
    old = Import.objects.filter(received_at__lt=before, forgotten_at=None, finished_at__isnull=False).order_by("id")
    return sum(_forget(importing, at=at, by=by) for importing in old[:FORGET_TRIES])


@transaction.atomic
def _forget(importing: Import, *, at: datetime, by: User) -> int:
    rows, _by_model = ImportRow.objects.filter(importing=importing).delete()
    Import.objects.filter(pk=importing.pk).update(forgotten_at=at)
    audit.record(by=by, verb="import.forgotten", subject=f"import:{importing.pk}", rows=rows)
    if not Import.objects.filter(by=importing.by, kind=importing.kind, digest=importing.digest, forgotten_at=None).exists():
        path_of(importing).unlink(missing_ok=True)
    return 1
