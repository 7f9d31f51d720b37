"""The nightly proof that rights can be made again from what was stored, and what an administrator answers to a mismatch."""

import logging
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User

from .. import replays
from ..models import ReplayedSample
from ..permissions import check_acknowledge

logger = logging.getLogger(__name__)


class AcknowledgmentRefused(Exception):
    """The sentence says why, fit for the screen."""


@transaction.atomic
def replay_sample(*, size: int, on: date, by: User) -> ReplayedSample:
    """Draw about `size` rights, make them again, keep what was found; a mismatch is logged as an error and stands as an alarm."""
    made = replays.replay_all(replays.drawn(size))
    mismatches = [
        {
            "determination": replayed.determination.pk,
            "household": replayed.code,
            "kind": replayed.mismatch.kind,
            "values": replayed.mismatch.values,
            "sentence": replayed.mismatch.sentence,
        }
        for replayed in made
        if replayed.mismatch
    ]
    sample = ReplayedSample.objects.create(on=on, checked=len(made), mismatches=mismatches)
    audit.record(by=by, verb="replay_sample", subject=f"sample:{sample.pk}", checked=len(made), mismatches=len(mismatches))
    for found in mismatches:
        logger.error("determination %(determination)s of household %(household)s: %(sentence)s", found)
    return sample


@transaction.atomic
def acknowledge_sample(sample_id: int, *, reason: str, on: date, by: User) -> ReplayedSample:
    """Take note of a sample's mismatches, saying what was found and done: the alarm stops. Raises Forbidden or AcknowledgmentRefused."""
    check_acknowledge(by)
    sample = ReplayedSample.objects.select_for_update(of=("self",)).get(pk=sample_id)
    if not sample.mismatches:
        raise AcknowledgmentRefused(_("Cet échantillon n’a aucun écart : il n’y a pas d’alarme à lever."))
    if sample.acknowledged_at:
        raise AcknowledgmentRefused(_("Cette alarme a déjà été levée : rien n’a été refait."))
    if not reason.strip():
        raise AcknowledgmentRefused(_("Dites ce qui a été trouvé et ce qui a été fait."))
    sample.acknowledged_by, sample.acknowledged_at, sample.reason = by, timezone.now(), reason.strip()
    sample.save(update_fields=["acknowledged_by", "acknowledged_at", "reason"])
    audit.record(
        by=by, verb="acknowledge_replay", subject=f"sample:{sample.pk}", reason=sample.reason, mismatches=len(sample.mismatches), on=str(on)
    )
    return sample
