"""The steps of a search and where it stands.

Each step and the place of the next are one transaction: after a kill the search goes on from the step that was under way.
The beginning of a step is counted and committed apart, so that one that kills its process is tried five times, not for ever.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from rsu import audit
from rsu.models import User

from ..models import DuplicatePass
from . import blocks, people, proposing, weights
from .comparing import compare

KINDS = len(blocks.BLOCKS)
PEOPLE, CHANCES, FIRST_KEYS = 0, 1, 2
FIRST_SLICE = FIRST_KEYS + KINDS


@dataclass(frozen=True)
class Rates:
    """What a search reads of the law, as it keeps it."""

    values: dict

    @classmethod
    def of(cls, law) -> "Rates":
        return cls(
            law.value("duplicates.rates")
            | {
                "expected": law.value("duplicates.expected"),
                "floor": law.value("duplicates.floor"),
                "block": law.value("duplicates.block"),
            }
        )


def begin(*, on: date, law) -> DuplicatePass:
    """The search under way, or a new one."""
    running = DuplicatePass.objects.filter(status=DuplicatePass.Status.RUNNING).first()
    if running:
        return running
    DuplicatePass.objects.bulk_create([DuplicatePass(on=on, rates=Rates.of(law).values)], ignore_conflicts=True)
    return DuplicatePass.objects.get(status=DuplicatePass.Status.RUNNING)


def advance(pk: int, *, by: User) -> DuplicatePass | None:
    """Do the next step; the search after it, None when it has none left, is over, or is in another process's hands."""
    if not _count_attempt(pk):
        return None
    try:
        return _step(pk, by=by)
    except Exception as error:
        DuplicatePass.objects.filter(pk=pk).update(error=f"{type(error).__name__}: {error}"[:2000])
        raise


@transaction.atomic
def _count_attempt(pk: int) -> bool:
    found = _mine(pk)
    if found is None:
        return False
    if found.attempts >= DuplicatePass.MAX_ATTEMPTS:
        found.status, found.finished_at = DuplicatePass.Status.FAILED, Now()
        found.save(update_fields=["status", "finished_at"])
        return False
    found.attempts += 1
    found.save(update_fields=["attempts"])
    return True


def _mine(pk: int) -> DuplicatePass | None:
    """The search, locked; None when another process is at work on it."""
    running = DuplicatePass.objects.filter(pk=pk, status=DuplicatePass.Status.RUNNING)
    return running.select_for_update(skip_locked=True, of=("self",)).first()


@transaction.atomic
def _step(pk: int, *, by: User) -> DuplicatePass | None:
    found = _mine(pk)
    if found is None:
        return None
    if found.position > PEOPLE and found.people and not people.are_written():
        found.position, found.left_out, found.compared, found.alike = PEOPLE, 0, 0, 0
    _do(found, by=by)
    found.position, found.attempts, found.error = found.position + 1, 0, ""
    found.save()
    return found


def _do(found: DuplicatePass, *, by: User) -> None:
    place = found.position
    if place == PEOPLE:
        known = people.write()
        found.people, found.slices, found.chances = known["people"], blocks.slices_for(known["people"]), {"known": known}
        found.steps = FIRST_SLICE + KINDS * found.slices + 1
    elif place == CHANCES:
        found.chances |= {"counted": weights.chances(found.people)}
    elif place < FIRST_SLICE:
        found.left_out += blocks.write(place - FIRST_KEYS, slices=found.slices, most=found.rates["block"])
        if place == FIRST_SLICE - 1:
            blocks.index()
    elif place < found.steps - 1:
        kind, number = divmod(place - FIRST_SLICE, found.slices)
        compared, alike = compare(kind, number, rates=found.rates, chances=found.chances, floor=found.rates["floor"])
        found.compared, found.alike = found.compared + compared, found.alike + alike
    else:
        _close(found, by=by)


def _close(found: DuplicatePass, *, by: User) -> None:
    done = proposing.propose(found_by=found.pk, by=by.pk)
    found.proposed, found.lapsed = done.opened, done.lapsed
    found.status, found.finished_at = DuplicatePass.Status.DONE, Now()
    told = {"people": found.people, "compared": found.compared, "proposed": found.proposed, "lapsed": found.lapsed}
    audit.record(by=by, verb="find_duplicates", subject=f"duplicate_pass:{found.pk}", on=str(found.on), **told)
