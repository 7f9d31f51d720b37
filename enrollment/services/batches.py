"""A decision on many enrollments: proposed by one person with its list frozen, signed by another, applied by chunks in the background."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Program
from eligibility.queries import law as law_of
from households.models import Member
from rsu import audit, ledger
from rsu.models import User
from rsu.outbox import send

from ..allowances import AMOUNTS, allowance_lines, reference_day
from ..models import Allowance, BatchRefusal, DecisionBatch, DecisionChunk, Enrollment
from ..permissions import SECOND_FROM, check_propose_batch, check_sign_batch
from ..selection import Selection, selected
from .bulk import decide_many

Deed, Status, Part = DecisionBatch.Deed, DecisionBatch.Status, DecisionChunk.Status
CONTRIBUTION = "amo_tadamon.state_contribution"
SIGN = {Deed.ACCEPT: 1, Deed.END: -1, Deed.SUSPEND: -1}
"""What a deed does to the money of a month; the others leave it as it is."""
UNFINISHED = (Part.WAITING, Part.CLAIMED)
BLOCK = 5000
"""Households priced at a time."""


class BatchRefused(Exception):
    """The batch cannot be proposed, signed or taken up again so; `field` names the answer at fault, "" the whole."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Figures:
    """What a batch would do: enrollments, persons, households, and the centimes a month that it gives or takes away."""

    planned: int
    people: int
    households: int
    monthly: int


def figures(rows: QuerySet[Enrollment], *, deed: str, program: str, on: date) -> Figures:
    """Counted and priced as of the day."""
    counted = rows.order_by().aggregate(planned=Count("pk"), households=Count("household", distinct=True))
    households = list(rows.order_by("household_id").values_list("household_id", flat=True).distinct())
    if program == Program.DIRECT_AID:
        people = Member.objects.filter(household__in=households).count()
        monthly = sum(_aid_of(households[start : start + BLOCK], deed, on) for start in range(0, len(households), BLOCK))
    else:
        people, monthly = counted["planned"], _contribution(rows, on)
    return Figures(counted["planned"], people, counted["households"], SIGN.get(deed, 0) * monthly)


def _aid_of(ids: list[int], deed: str, on: date) -> int:
    """A month of aid: the one written for those who have it, otherwise the one of `on` as it would be."""
    month = on.replace(day=1)
    written = dict(Allowance.objects.filter(household__in=ids, month=month).values_list("household_id", "amount"))
    law = law_of(month)
    rest = [one for one in ids if one not in written]
    lines = allowance_lines(rest, month=month, read_on=reference_day(month, law), law=law) if rest and law.has(AMOUNTS) else []
    return sum(written.values()) + sum(line.amount for line in lines)


def _contribution(rows: QuerySet[Enrollment], on: date) -> int:
    law = law_of(on)
    if not law.has(CONTRIBUTION):
        return 0
    return law.value(CONTRIBUTION) * rows.order_by().filter(quality=Enrollment.Quality.INSURED).count()


@transaction.atomic
def propose_batch(
    *, deed: str, program: str, chosen: Selection, reason: str, look_again_on: date | None = None, on: date, by: User
) -> DecisionBatch:
    """Freeze the filter and the list of what it chooses today in the caller's area; nothing is decided before it is signed.

    Where the law lets one person decide so few, it is signed by the same deed. Raises Forbidden, BatchRefused.
    """
    law = law_of(on)
    check_propose_batch(by, law)
    reason, look_again_on = _given(reason), _dated(deed, look_again_on, on)
    rows = selected(by, deed=deed, program=program, chosen=chosen)
    found = figures(rows, deed=deed, program=program, on=on)
    if not found.planned:
        raise BatchRefused(_("Aucune inscription de votre territoire ne répond à ces choix."))
    batch = DecisionBatch.objects.create(
        deed=deed, program=program, filter=chosen.written(), reason=reason, look_again_on=look_again_on, on=on, proposed_by=by,
        planned=found.planned, people=found.people, households=found.households, monthly=found.monthly,
        needs_second=found.planned >= law.value(SECOND_FROM),
        communes=sorted(rows.order_by().values_list("household__commune", flat=True).distinct()),
    )  # fmt: skip
    _freeze(batch, rows)
    _record(batch, "batch.proposed", by=by, reason=reason, planned=batch.planned, deed=deed, program=program)
    if not batch.needs_second:
        _start(batch, by=by)
    return batch


def _given(reason: str) -> str:
    if not reason.strip():
        raise BatchRefused(_("Donnez le motif : la famille doit pouvoir le lire."), "reason")
    return reason.strip()


def _dated(deed: str, look_again_on: date | None, on: date) -> date | None:
    if deed not in DecisionBatch.LOOKED_AT_AGAIN:
        return None
    if look_again_on is None or look_again_on <= on:
        raise BatchRefused(_("Donnez le jour, à venir, où ces inscriptions seront revues : rien n’attend sans date."), "look_again_on")
    return look_again_on


def _freeze(batch: DecisionBatch, rows: QuerySet[Enrollment]) -> None:
    """Chunks of whole households, BATCH_CHUNK enrollments or the few more of the last household."""
    chunks, listed = [], 0
    for part in _parts(rows.values_list("household_id", "id").iterator(chunk_size=10_000)):
        households, ids = sorted({household for household, _id in part}), [pk for _household, pk in part]
        chunks.append(DecisionChunk(batch=batch, position=len(chunks) + 1, households=households, enrollments=ids, size=len(ids)))
        listed += len(ids)
    if listed != batch.planned:
        raise BatchRefused(_("La liste a changé pendant qu’elle était comptée : recommencez."))
    DecisionChunk.objects.bulk_create(chunks)


def _parts(pairs) -> Iterator[list[tuple[int, int]]]:
    part: list[tuple[int, int]] = []
    for _household, group in groupby(pairs, key=lambda pair: pair[0]):
        part += group
        if len(part) >= settings.BATCH_CHUNK:
            yield part
            part = []
    if part:
        yield part


@transaction.atomic
def sign_batch(batch_id: int, *, on: date, by: User, answer: str = "") -> DecisionBatch:
    """Another person's signature: the list as it was frozen is now applied. Signed twice is signed once.

    Raises Forbidden when the caller proposed it, shares the proposer's guarantor, or does not see every household of the list.
    """
    batch = DecisionBatch.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=batch_id)
    check_sign_batch(by, batch, law_of(on))
    if batch.status == Status.REJECTED:
        raise BatchRefused(_("Cette décision a été rejetée : proposez-la de nouveau s’il le faut."))
    if batch.status != Status.PROPOSED:
        return batch
    batch.answer = answer.strip()
    _start(batch, by=by)
    return batch


@transaction.atomic
def reject_batch(batch_id: int, *, reason: str, on: date, by: User) -> DecisionBatch:
    """By a second person, or withdrawn by whoever proposed it; nothing of it is applied. Raises Forbidden, BatchRefused."""
    batch = DecisionBatch.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=batch_id)
    if batch.proposed_by_id != by.pk:
        check_sign_batch(by, batch, law_of(on))
    if not reason.strip():
        raise BatchRefused(_("Dites pourquoi : la personne qui a proposé la décision le lira."), "answer")
    if batch.status != Status.PROPOSED:
        raise BatchRefused(_("Cette décision a déjà été signée ou rejetée."))
    _decide(batch, Status.REJECTED, by=by, answer=reason.strip())
    _record(batch, "batch.rejected", by=by, reason=reason.strip())
    return batch


@transaction.atomic
def retry_batch(batch_id: int, *, on: date, by: User) -> DecisionBatch:
    """The chunks that failed wait again; a batch in any other state is left as it is. Raises Forbidden."""
    batch = DecisionBatch.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=batch_id)
    check_propose_batch(by, law_of(on))
    if batch.status == Status.FAILED:
        batch.chunks.filter(status=Part.FAILED).update(status=Part.WAITING, attempts=0)
        batch.status, batch.finished_at = Status.RUNNING, None
        batch.save(update_fields=["status", "finished_at"])
        _record(batch, "batch.retried", by=by)
        send("enrollment.decide_batches")
    return batch


def _start(batch: DecisionBatch, *, by: User) -> None:
    _decide(batch, Status.RUNNING, by=by, answer=batch.answer)
    _record(batch, "batch.signed", by=by, reason=batch.reason, planned=batch.planned)
    send("enrollment.decide_batches")


def _decide(batch: DecisionBatch, status: str, *, by: User, answer: str) -> None:
    batch.status, batch.decided_by, batch.decided_at, batch.answer = status, by, timezone.now(), answer
    batch.save(update_fields=["status", "decided_by", "decided_at", "answer"])


def _record(batch: DecisionBatch, verb: str, *, by: User, reason: str = "", **details) -> None:
    audit.record(by=by, verb=verb, subject=f"batch:{batch.pk}", reason=reason, **details)


# The ledger ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def claim_decisions(*, worker: str, at: datetime) -> DecisionChunk | None:
    """Take one waiting chunk of the oldest signed batch; committed by itself before any work begins."""
    waiting = DecisionChunk.objects.filter(status=Part.WAITING, batch__status=Status.RUNNING)
    chunk = waiting.order_by("batch", "position").select_for_update(skip_locked=True, of=("self",)).first()
    if chunk is None:
        return None
    ledger.take(chunk, worker=worker, at=at)
    return chunk


@transaction.atomic
def apply_decisions(chunk: DecisionChunk, *, on: date, at: datetime) -> bool:
    """Do the chunk and close it, in one transaction; False if another worker has done it or taken it meanwhile."""
    held = DecisionChunk.objects.select_for_update(of=("self",)).select_related("batch__decided_by").get(pk=chunk.pk)
    if not ledger.is_still(held, chunk):
        return False
    batch = held.batch
    outcome = decide_many(batch, held.enrollments, on=on, by=batch.decided_by)
    BatchRefusal.objects.bulk_create(BatchRefusal(batch=batch, enrollment_id=pk, why=why) for pk, why in outcome.refused.items())
    held.applied, held.already, held.refused = outcome.applied, outcome.already, len(outcome.refused)
    held.status, held.done_at, held.error = Part.DONE, at, ""
    held.save(update_fields=["status", "done_at", "applied", "already", "refused", "error"])
    _record(batch, "batch.applied", by=batch.decided_by, reason=batch.reason, chunk=held.position, applied=held.applied)
    return True


def give_back_decisions(chunk: DecisionChunk, *, error: Exception) -> None:
    """The chunk's transaction failed: it waits for its next attempt, or has failed after the last, its error kept."""
    ledger.give_back(chunk, error=ledger.words_of(error))


@transaction.atomic
def revive_decisions(*, at: datetime) -> int:
    """Chunks whose worker has gone silent wait again, or have failed after the last attempt; how many wait.

    One at work is locked by its transaction, however long it lasts, and is passed over.
    """
    ledger.revive_silent(DecisionChunk, at=at)
    return decisions_waiting()


def decisions_waiting() -> int:
    return DecisionChunk.objects.filter(status=Part.WAITING, batch__status=Status.RUNNING).count()


def close_batches(*, at: datetime) -> list[DecisionBatch]:
    """Close the batches that have no chunk left to do; those closed here. Running twice changes nothing."""
    unfinished = DecisionChunk.objects.filter(batch=OuterRef("pk"), status__in=UNFINISHED)
    done = DecisionBatch.objects.filter(~Exists(unfinished), status=Status.RUNNING).order_by("id")
    closed = [_close(pk, at=at) for pk in done.values_list("pk", flat=True)]
    return [batch for batch in closed if batch]


@transaction.atomic
def _close(pk: int, *, at: datetime) -> DecisionBatch | None:
    batch = DecisionBatch.objects.filter(pk=pk, status=Status.RUNNING).select_for_update(skip_locked=True, of=("self",)).first()
    if batch is None or batch.chunks.filter(status__in=UNFINISHED).exists():
        return None
    found = batch.chunks.aggregate(
        failed=Count("pk", filter=Q(status=Part.FAILED)),
        counted=Sum("applied", default=0) + Sum("already", default=0) + Sum("refused", default=0),
    )
    adds_up = not found["failed"] and found["counted"] == batch.planned
    batch.status, batch.finished_at = Status.CLOSED if adds_up else Status.FAILED, at
    batch.save(update_fields=["status", "finished_at"])
    return batch
