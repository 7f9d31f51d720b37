"""The trace: one event in each deed's own transaction, and a chain laid over committed events by a single sealer.

Chaining inside each deed would make every deed wait for the one before (155 a second measured, against 3,500).
"""

import hashlib
import json
from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from rsu.models import AuditEvent, AuditSeal, User

SEALER_LOCK = 7_205_001


def record(*, by: User, verb: str, household=None, subject: str = "", reason: str = "", **details) -> AuditEvent:
    """Insert the event now, in the caller's transaction: the deed and its trace stand or fall together."""
    household_id = getattr(household, "pk", household)
    return AuditEvent.objects.create(by=by, verb=verb, household_id=household_id, subject=subject, reason=reason, details=details)


def record_each(*, by: User, verb: str, about: Iterable[tuple[int, dict]], subject: str = "") -> None:
    """One event for each (household, details), in one statement."""
    AuditEvent.objects.bulk_create(
        [AuditEvent(by=by, verb=verb, household_id=household, subject=subject, details=details) for household, details in about]
    )


def veiled(number: str) -> str:
    """A number as the trace keeps it: a keyed digest, that tells whether a given number was meant and never which one."""
    return _veil(number, settings.SECRET_KEY)


def veils(number: str) -> list[str]:
    """Every digest this number may stand under, those of the keys in use before this one included."""
    return [_veil(number, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _veil(number: str, key: str) -> str:
    return salted_hmac("rsu.audit", number, secret=key, algorithm="sha256").hexdigest()


def _digest(previous: str, event: AuditEvent) -> str:
    content = [
        event.pk, event.at.isoformat(), event.by_id, event.verb, event.household_id, event.subject, event.reason, event.details,
    ]  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


@transaction.atomic
def seal(*, limit: int = 5000) -> int:
    """Chain committed events not sealed yet, oldest first; returns how many. One sealer at a time, the others return 0."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = AuditSeal.objects.order_by("-position").first()
    position, digest = (last.position, last.digest) if last else (0, "")
    seals = []
    # An event committed late has a lower id than one already sealed: it is still not sealed, and comes next.
    for event in AuditEvent.objects.filter(seal=None).order_by("id")[:limit]:
        position, digest = position + 1, _digest(digest, event)
        seals.append(AuditSeal(event=event, position=position, digest=digest))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def first_broken_seal() -> int | None:
    """Position of the first seal that does not follow from the one before and its event; None when the chain holds."""
    digest = ""
    for expected, link in enumerate(AuditSeal.objects.select_related("event").order_by("position").iterator(), start=1):
        digest = _digest(digest, link.event)
        if link.position != expected or link.digest != digest:
            return expected
    return None
