"""A provision that takes effect asks for a run, or for none: what each key of the law touches in the registry."""

from datetime import date, timedelta

from django.conf import settings

from rsu.models import User
from rsu.outbox import send

from .. import facts, prices, queries, runs
from ..determinations import BANDS
from ..law import FORMULA, Law
from ..models import Program, Proposal, Provision, Run

THRESHOLDS = {program.threshold_key: program for program in Program}
BANDED = {key: program for program, key in BANDS.items()}
AMOUNTS = frozenset({"direct_aid.amounts", "direct_aid.orphan_not_in_school"})
READ = frozenset({*facts.LAW_LISTS, *prices.READ})
"""Keys that the reading of the answers depends on: everybody is read again."""
AGES = ("child_under", "young_under")
STARTING = frozenset({FORMULA, *THRESHOLDS, *BANDED, *AMOUNTS, *READ})
"""Keys whose provisions start a run on their first day."""


def start(provision: Provision, *, before: Law, on: date, by: User) -> Run | None:
    """Plan what a provision in force since `on` or earlier asks for; `before` is the law it replaced.

    None when the key touches no household. The caller holds the law's exclusive lock; a provision starts one run, ever.
    """
    run = _planned(provision, before=_carried_out(provision, before), on=on, by=by)
    if run:
        call_workers()
    return run


def _carried_out(provision: Provision, before: Law) -> Law:
    """The law that rights follow until this run: a value signed for the same day, whose run was never planned, moved nobody."""
    same_day = Provision.objects.filter(key=provision.key, since=provision.since, id__lt=provision.pk, proposal__isnull=False)
    replaced = same_day.order_by("-id").first()
    if replaced is None or replaced.value is None or replaced.runs.exists():
        return before
    return queries.law(provision.since - timedelta(days=1))


def call_workers(*, busy: int = 0) -> None:
    """As many messages as workers that may share a run, less those that already do: a long run must not fill the queue."""
    for _worker in range(busy, settings.RUN_WORKERS):
        send("eligibility.work")


def _planned(provision: Provision, *, before: Law, on: date, by: User) -> Run | None:
    key, since = provision.key, max(provision.since, before.on)
    if key in THRESHOLDS and provision.value is not None:
        return runs.plan_threshold(provision, program=THRESHOLDS[key], law=before, by=by)
    if key == FORMULA:
        return runs.plan_everyone(Run.Kind.FORMULA, provision=provision, on=since, by=by)
    if key in BANDED:
        return runs.plan_held(provision, program=BANDED[key], on=on, by=by)
    if key in READ or ages_move(provision, before):
        return runs.plan_everyone(Run.Kind.READING, provision=provision, on=on, by=by)
    if key in AMOUNTS:
        return runs.plan_everyone(Run.Kind.AMOUNTS, provision=provision, on=on, by=by)
    return None


def ages_move(provision: Provision | Proposal, before: Law) -> bool:
    """Amounts that count children up to another age: the families' children must be read again, not only priced."""
    if provision.key not in AMOUNTS or not isinstance(provision.value, dict) or not before.has(provision.key):
        return provision.key in AMOUNTS and isinstance(provision.value, dict)
    old = before.value(provision.key)
    return any(provision.value[age] != old[age] for age in AGES)
