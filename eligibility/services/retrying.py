"""A run that failed is taken up again: the chunks that failed wait once more, those done stay done."""

from datetime import date

from django.db import transaction

from rsu import audit
from rsu.models import User
from rsu.outbox import send

from .. import runs
from ..models import Run
from ..permissions import check_retry


@transaction.atomic
def retry_run(run_id: int, *, on: date, by: User) -> Run:
    """Give the failed chunks of a failed run their five attempts again; a run in any other state is left as it is. Raises Forbidden."""
    check_retry(by)
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.status == Run.Status.FAILED:
        chunks = runs.reopen(run)
        audit.record(by=by, verb="retry_run", subject=f"run:{run.pk}", chunks=chunks, on=str(on))
        send("eligibility.work")
    return run
