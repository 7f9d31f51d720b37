"""Parts of long work that several workers share: taken, given back, taken away from whoever has gone silent.

A part is a row with status (waiting, claimed, done, failed), attempts, worker, claimed_at and error, whatever the work: a run, an
import, a month, a batch, a migration. Claiming commits by itself, so that a part that kills its worker is tried so many times, not
for ever; the work and the part's own end are one transaction, so that a part delivered twice is done once.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _


def take(part: models.Model, *, worker: str, at: datetime) -> None:
    """Mark a waiting part, locked by the caller, as this worker's next attempt."""
    part.status, part.worker, part.claimed_at, part.attempts = part.Status.CLAIMED, worker, at, part.attempts + 1
    part.save(update_fields=["status", "worker", "claimed_at", "attempts"])


def is_still(held: models.Model, part: models.Model) -> bool:
    """Whether the row as it is `held` now is still the attempt that `part` was taken for: nobody has done it or taken it since."""
    return held.status == part.Status.CLAIMED and held.attempts == part.attempts


def give_back(part: models.Model, *, error: str, for_good: bool = False) -> None:
    """The part's transaction failed: it waits for its next attempt, or has failed after the last (`for_good`: after this one)."""
    failed = for_good or part.attempts >= part.MAX_ATTEMPTS
    mine = type(part).objects.filter(pk=part.pk, status=part.Status.CLAIMED, attempts=part.attempts)
    mine.update(status=part.Status.FAILED if failed else part.Status.WAITING, error=error[:2000])


def revive_silent(parts: type[models.Model], *, at: datetime) -> None:
    """Parts whose worker has gone silent wait again, or have failed after the last attempt.

    Between a claim and the lock of its work stand milliseconds: a part nobody has locked since the last sweep has lost its worker.
    One at work is locked by its transaction, however long it lasts, and is passed over. The caller holds the transaction.
    """
    claimed = parts.objects.filter(status=parts.Status.CLAIMED, claimed_at__lt=at - timedelta(seconds=settings.RUN_SWEEP))
    silent = parts.objects.filter(pk__in=[*claimed.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)])
    gone = _("Le processus qui traitait ce lot a disparu à chaque tentative.")
    silent.filter(attempts__gte=parts.MAX_ATTEMPTS).update(status=parts.Status.FAILED, error=gone)
    silent.filter(attempts__lt=parts.MAX_ATTEMPTS).update(status=parts.Status.WAITING)


def words_of(error: Exception) -> str:
    """What a failed attempt keeps of its error."""
    return f"{type(error).__name__}: {error}"
