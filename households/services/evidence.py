"""Evidence brought to a request: taken in, read, taken out while the request is a draft, and orphans swept."""

import uuid
from datetime import date, datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from rsu.audit import record
from rsu.models import User

from .. import files, queries
from ..entries import typed
from ..models import Evidence, Request
from ..permissions import check_register, check_work_on

MOST_FILES = 30
"""Of one request: more is a slip of the hand; a technical bound, not a rule."""
ROW_COMES_WITHIN = timedelta(hours=1)


class EvidenceRefused(Exception):
    """The file cannot be taken in, or out; `field` is the question of the form, the message a sentence for the screen."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


def add_evidence(*, token, content: bytes, proves: str, note: str = "", at: datetime, on: date, by: User) -> Evidence:
    """Write the file, then its row with its trace; the same file twice for the same purpose is one. Raises EvidenceRefused."""
    check_register(by, on=on)
    format = _checked(content, proves)
    kept = Evidence(
        token=uuid.uuid4(), proves=proves, note=typed(note)[:80], format=format, size=len(content),
        sha256=files.digest_of(content), added_by=by, added_at=at,
    )  # fmt: skip
    files.write(kept.token, content)
    try:
        row = _insert(kept, token, by=by)
    except BaseException:
        files.remove(kept.token)
        raise
    if row is not kept:
        files.remove(kept.token)
    return row


def _checked(content: bytes, proves: str) -> str:
    if proves not in Evidence.Proves.values:
        raise EvidenceRefused("proves", _("Dites ce que cette pièce prouve."))
    if not content:
        raise EvidenceRefused("file", _("Ce fichier est vide : choisissez-en un autre."))
    if len(content) > settings.FILES_MOST_BYTES:
        most = settings.FILES_MOST_BYTES // 1_000_000
        sentence = _("Ce fichier dépasse %(most)s Mo : joignez une photo plus petite ou un document plus léger.")
        raise EvidenceRefused("file", sentence % {"most": most})
    format = files.format_of(content)
    if format is None:
        sentence = _("Ce fichier n’est ni une photo ni un document lisible et entier : photographiez la pièce et joignez la photo.")
        raise EvidenceRefused("file", sentence)
    return format


@transaction.atomic
def _insert(kept: Evidence, token, *, by: User) -> Evidence:
    request = _draft(token, by)
    same = Evidence.objects.filter(request=request, sha256=kept.sha256, proves=kept.proves).first()
    if same:
        return same
    if Evidence.objects.filter(request=request).count() >= MOST_FILES:
        raise EvidenceRefused("file", _("Cette demande a déjà %(most)s pièces : retirez-en une d’abord.") % {"most": MOST_FILES})
    kept.request = request
    kept.save(force_insert=True)
    record(
        by=by,
        verb="evidence.added",
        household=request.household_id,
        subject=f"request:{request.pk}",
        proves=kept.proves,
        sha256=kept.sha256,
    )
    return kept


@transaction.atomic
def remove_evidence(*, token, evidence, on: date, by: User) -> None:
    """Take a file out of a draft; gone already, nothing happens. What was sent keeps its evidence."""
    check_register(by, on=on)
    request = _draft(token, by)
    found = Evidence.objects.filter(request=request, token=evidence).first()
    if found is None:
        return
    record(
        by=by,
        verb="evidence.removed",
        household=request.household_id,
        subject=f"request:{request.pk}",
        proves=found.proves,
        sha256=found.sha256,
    )
    found.delete()
    transaction.on_commit(lambda: files.remove(found.token))


def _draft(token, by: User) -> Request:
    request = Request.objects.select_for_update(of=("self",)).get(token=token)
    check_work_on(by, request)
    if request.status != Request.Status.DRAFT:
        raise EvidenceRefused("file", _("Cette demande est déjà envoyée : ses pièces ne changent plus."))
    return request


@transaction.atomic
def read_evidence(*, evidence, on: date, by: User) -> tuple[Evidence, bytes]:
    """The file as it was given, its reading traced. Raises Evidence.DoesNotExist outside what the reader may see, files.Altered."""
    found = queries.evidence_seen_by(by).get(token=evidence)
    content = files.read(found.token, found.sha256)
    request = found.request
    record(
        by=by,
        verb="evidence.read",
        household=request.household_id,
        subject=f"request:{request.pk}",
        proves=found.proves,
        sha256=found.sha256,
    )
    return found, content


def sweep_files(*, before: datetime) -> int:
    """Remove files that never had a row, or have none any more; how many. A file younger than an hour may be waiting for its own."""
    removed, old = 0, files.older_than(before - ROW_COMES_WITHIN)
    while tokens := list(islice(old, 500)):
        kept = set(Evidence.objects.filter(token__in=tokens).values_list("token", flat=True))
        for token in tokens:
            if token not in kept:
                files.remove(token)
                removed += 1
    return removed
