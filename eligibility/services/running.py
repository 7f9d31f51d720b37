"""A run is paused, resumed, given up or taken up again by hand; what is done stays done, what is under way ends."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User

from .. import runs
from ..models import Run, RunChunk
from ..permissions import check_run
from .starting import call_workers


class RunRefused(Exception):
    """The run is not in a state to do that, or the reason is missing: a sentence for the screen."""


@transaction.atomic
def pause_run(run_id: int, *, reason: str, on: date, by: User) -> Run:
    """No further chunk is taken. A run that is already paused is left as it is. Raises Forbidden or RunRefused."""
    run, reason = _locked(run_id, by=by), _given(reason)
    if run.status == Run.Status.PAUSED:
        return run
    if not runs.pause(run, reason=reason):
        raise RunRefused(_("Cette exécution est terminée : il n’y a rien à suspendre."))
    _record(run, "pause_run", reason=reason, on=on, by=by)
    return run


@transaction.atomic
def resume_run(run_id: int, *, on: date, by: User) -> Run:
    """The chunks that wait are taken again. A run that is not paused is left as it is. Raises Forbidden."""
    run = _locked(run_id, by=by)
    if runs.resume(run):
        _record(run, "resume_run", on=on, by=by)
        call_workers()
    return run


@transaction.atomic
def cancel_run(run_id: int, *, reason: str, on: date, by: User) -> Run:
    """The chunks that wait are given up; the households in them keep their decision of before until the run is taken up again.

    A run that was given up already is left as it is. Raises Forbidden or RunRefused.
    """
    run, reason = _locked(run_id, by=by), _given(reason)
    if run.chunks.filter(status=RunChunk.Status.CANCELED).exists() and not run.chunks.filter(status=RunChunk.Status.WAITING).exists():
        return run
    if run.status in Run.ENDED:
        raise RunRefused(_("Cette exécution est terminée : il n’y a rien à annuler."))
    given_up = runs.cancel(run, reason=reason)
    if not given_up:
        raise RunRefused(_("Tous les lots sont déjà pris ou faits : il n’y a plus rien à annuler."))
    _record(run, "cancel_run", reason=reason, chunks=given_up, on=on, by=by)
    call_workers()
    return run


@transaction.atomic
def retry_run(run_id: int, *, on: date, by: User) -> Run:
    """The chunks of a run that failed or were given up wait again; a run in any other state is left as it is.

    A rehearsal that has lost its table is planned anew from its proposal instead. Raises Forbidden or RunRefused.
    """
    run = _locked(run_id, by=by)
    if run.status in (Run.Status.FAILED, Run.Status.CANCELED):
        if run.kind == Run.Kind.REHEARSAL and not runs.is_kept(run):
            raise RunRefused(_("Les indices de cette répétition ont été effacés : recommencez-la depuis la proposition."))
        chunks = runs.reopen(run)
        _record(run, "retry_run", chunks=chunks, on=on, by=by)
        call_workers()
    return run


def _locked(run_id: int, *, by: User) -> Run:
    check_run(by)
    return Run.objects.select_for_update(of=("self",)).get(pk=run_id)


def _given(reason: str) -> str:
    if not reason.strip():
        raise RunRefused(_("Dites pourquoi : le journal le garde."))
    return reason.strip()


def _record(run: Run, verb: str, *, on: date, by: User, reason: str = "", **details) -> None:
    audit.record(by=by, verb=verb, subject=f"run:{run.pk}", reason=reason, on=str(on), **details)
