"""The lots of imports: claimed, done, closed.

Claiming commits by itself, so that the page sees it and a lot that kills its worker is tried five times, not for ever. A lot's rows,
what they make and its own state are one transaction: a kill leaves either nothing or all of it, and a lot delivered twice is done once.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import override

from rsu import audit, ledger
from rsu.outbox import send

from .. import queries
from ..models import Import, ImportChunk, ImportRow
from ..sheets.columns import ARABIC, FRENCH, folded
from ..sheets.families import Family, Found, Row, family_of
from ..sheets.reading import Unusable
from .announcing import verify_rows
from .importing import read_file
from .registering_many import Outcome, Sent, register_many

AT_WORK = (Import.Status.PLANNED, Import.Status.RUNNING)
UNFINISHED = (ImportChunk.Status.WAITING, ImportChunk.Status.CLAIMED)
COUNTS = ("applied", "already", "refused", "contradicted", "unknown")


@transaction.atomic
def claim_lot(*, worker: str, at: datetime) -> ImportChunk | None:
    """Take one waiting lot of the oldest import that has one; committed by itself before any work begins."""
    waiting = ImportChunk.objects.filter(status=ImportChunk.Status.WAITING, importing__status__in=AT_WORK)
    lot = waiting.order_by("importing", "position").select_for_update(skip_locked=True, of=("self",)).first()
    if lot is None:
        return None
    ledger.take(lot, worker=worker, at=at)
    Import.objects.filter(pk=lot.importing_id, status=Import.Status.PLANNED).update(status=Import.Status.RUNNING, started_at=at)
    return lot


@transaction.atomic
def apply_lot(lot: ImportChunk, *, on: date, at: datetime, law) -> bool:
    """Do the lot and close it, in one transaction; False if another worker has done it or taken it meanwhile.

    Done in the name of whoever sent the file: their area, their role.
    """
    held = ImportChunk.objects.select_for_update(of=("self",)).select_related("importing__by", "importing__agency").get(pk=lot.pk)
    if not ledger.is_still(held, lot):
        return False
    importing = held.importing
    if held.position == 0:
        with override(importing.by.language):
            Import.objects.filter(pk=importing.pk).update(rows=read_file(importing))
        send("desk.import_work")
    else:
        _register(held, on=on, law=law) if importing.kind == Import.Kind.HOUSEHOLDS else _verify(held, on=on, law=law)
        counts = {name: getattr(held, name) for name in COUNTS}
        audit.record(by=importing.by, verb="import.applied", subject=f"import:{importing.pk}", lot=held.position, **counts)
    held.status, held.done_at, held.error = ImportChunk.Status.DONE, at, ""
    held.save()
    return True


def _register(lot: ImportChunk, *, on: date, law) -> None:
    """Every household of the lot, by the service that registers many; refused ones keep their rows, with why in both languages."""
    importing = lot.importing
    groups = [[Row(row.number, row.cells) for row in rows] for rows in _families(lot)]
    communes = communes_by_name(importing.by)
    with override(FRENCH):
        families = [family_of(rows, communes) for rows in groups]
        sent = [Sent(_token(importing, family), family.answers, spoiled=bool(family.wrong)) for family in families]
        outcomes = register_many(sent, on=on, by=importing.by, law=law)
    refused: dict[int, list[dict]] = {}
    registered = []
    for family, outcome in zip(families, outcomes, strict=True):
        size = len(family.rows)
        if outcome.explain:
            lot.refused += size
            refused |= {row.number: [] for row in family.rows} | _told(family, outcome, communes)
        elif outcome.already:
            lot.already += size
        else:
            lot.applied, lot.households = lot.applied + size, lot.households + 1
            registered.append(outcome.household)
    _keep_refused(lot, refused)
    if registered:
        send("eligibility.assess_listed", registered)


def _families(lot: ImportChunk) -> Iterable[list[ImportRow]]:
    rows = ImportRow.objects.filter(importing=lot.importing_id, family__range=(lot.first, lot.last)).order_by("family", "number")
    return [list(found) for _family, found in groupby(rows, key=lambda row: row.family)]


def _token(importing: Import, family: Family):
    """The mark of these rows of this file: registered under it once, whatever happens to the lot."""
    return uuid5(NAMESPACE_URL, f"urn:rsu:import:{importing.by_id}:{importing.digest}:{family.rows[0].number}")


def communes_by_name(user) -> dict[str, str]:
    """Folded code, number or name in either script -> code, in the sender's area; a name two communes bear is left out."""
    names: dict[str, set[str]] = {}
    for commune in queries.communes_offered(user):
        for said in (commune.code, str(commune.pk), commune.name_fr, commune.name_ar):
            names.setdefault(folded(said), set()).add(commune.code)
    return {said: next(iter(codes)) for said, codes in names.items() if len(codes) == 1}


def _told(family: Family, outcome: Outcome, communes: Mapping[str, str]) -> dict[int, list[dict]]:
    """Row -> its problems, each in both languages."""
    with override(FRENCH):
        french = family.located(outcome.explain())
    with override(ARABIC):
        arabic = family_of(family.rows, communes).located(outcome.explain())
    told: dict[int, list[dict]] = {}
    for found, same in zip(french, arabic, strict=True):
        told.setdefault(found.row, []).append(as_kept(found, same))
    return told


def as_kept(found: Found, same: Found) -> dict:
    confirm = {"confirm": found.problem.confirm} if found.problem.confirm else {}
    return {"column": found.column, "value": found.value, "fr": found.problem.sentence, "ar": same.problem.sentence} | confirm


def _verify(lot: ImportChunk, *, on: date, law) -> None:
    rows = [Row(row.number, row.cells) for found in _families(lot) for row in found]
    verified = verify_rows(lot.importing, rows, on=on, law=law)
    lot.applied, lot.already, lot.contradicted = verified.applied, verified.already, verified.contradicted
    lot.refused, lot.unknown = len(verified.refused), len(verified.unknown)
    _keep_refused(lot, verified.refused | verified.unknown)
    # Of somebody the registry does not know nothing stays here but the place of a row in the file.
    ImportRow.objects.filter(importing=lot.importing_id, number__in=verified.unknown).update(cells={})


def _keep_refused(lot: ImportChunk, refused: Mapping[int, list[dict]]) -> None:
    """Rows that are done go; those refused stay with their problems."""
    mine = ImportRow.objects.filter(importing=lot.importing_id, family__range=(lot.first, lot.last))
    mine.exclude(number__in=refused).delete()
    left = list(mine)
    for row in left:
        row.problems = refused[row.number]
    ImportRow.objects.bulk_update(left, ["problems"])


@transaction.atomic
def give_back_lot(lot: ImportChunk, *, error: Exception) -> None:
    """The lot's transaction failed: it waits for its next attempt, or has failed after the last. A file that is no use is tried once."""
    useless = isinstance(error, Unusable)
    words = str(error) if useless else ledger.words_of(error)
    if useless:
        Import.objects.filter(pk=lot.importing_id).update(reason=words)
    ledger.give_back(lot, error=words, for_good=useless)


@transaction.atomic
def revive_lots(*, at: datetime) -> int:
    """Lots whose worker has gone silent wait again, or have failed after the last attempt; how many wait.

    One at work is locked by its transaction, however long it lasts, and is passed over.
    """
    ledger.revive_silent(ImportChunk, at=at)
    return lots_waiting()


def lots_waiting() -> int:
    return ImportChunk.objects.filter(status=ImportChunk.Status.WAITING, importing__status__in=AT_WORK).count()


def close_imports(*, at: datetime) -> list[Import]:
    """Close the imports that have no lot left to do; those closed here. Running twice changes nothing."""
    unfinished = ImportChunk.objects.filter(importing=OuterRef("pk"), status__in=UNFINISHED)
    done = Import.objects.filter(~Exists(unfinished), status__in=AT_WORK).order_by("id")
    closed = [_close(pk, at=at) for pk in done.values_list("pk", flat=True)]
    return [importing for importing in closed if importing]


@transaction.atomic
def _close(pk: int, *, at: datetime) -> Import | None:
    importing = Import.objects.filter(pk=pk, status__in=AT_WORK).select_for_update(skip_locked=True, of=("self",)).first()
    if importing is None or importing.chunks.filter(status__in=UNFINISHED).exists():
        return None
    sums = {name: Sum(name, default=0) for name in COUNTS}
    counts = importing.chunks.aggregate(failed=Count("pk", filter=Q(status=ImportChunk.Status.FAILED)), **sums)
    importing.status, importing.finished_at = Import.Status.CLOSED, at
    if counts["failed"]:
        importing.status = Import.Status.FAILED
    elif importing.rows != sum(counts[name] for name in COUNTS):
        importing.status, importing.reason = Import.Status.FAILED, _("Le compte n’y est pas.")
    importing.save(update_fields=["status", "finished_at", "reason"])
    return importing
