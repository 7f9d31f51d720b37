"""Changing the law: one administrator proposes a dated, cited value, another approves it, and the run it asks for is planned."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import JSONField, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from rsu import audit
from rsu.authentication import engine
from rsu.models import User

from .. import law as legal
from .. import queries, runs
from ..law import FORMULA
from ..models import Proposal, Provision
from ..permissions import check_decide, check_propose
from . import rehearsing, starting
from .judging import as_written, proposal_problems
from .refusals import ProposalRefused


@transaction.atomic
def load_founding_law(*, by: User) -> int:
    """Insert the founding provisions that are not there yet; how many. Each formula gets its partition of scores."""
    known = set(Provision.objects.filter(proposal=None).values_list("key", "since"))
    new = [row for row in legal.founding() if (row.key, row.since) not in known]
    names = ("key", "since", "value", "source", "gazette", "url", "note", "confidence")
    rows = Provision.objects.bulk_create([Provision(**{name: getattr(row, name) for name in names}) for row in new])
    for row in rows:
        if row.key == FORMULA:
            runs.create_partition(row.pk)
    if rows:
        audit.record(by=by, verb="load_law", count=len(rows))
    return len(rows)


@transaction.atomic
def propose_provision(
    *, key: str, since: date, value: Any, source: str, reason: str, gazette: str = "", url: str = "", on: date, by: User
) -> Proposal:
    """Propose a value for a key of the law, or None to repeal it. Raises Forbidden or ProposalRefused."""
    check_propose(by)
    _check(key=key, since=since, value=value, source=source, reason=reason, on=on)
    value = as_written(key, value)
    proposal = Proposal.objects.create(
        # JSON's own null: the column has no other, a proposal always says what it wants.
        key=key, since=since, value=Value(None, JSONField()) if value is None else value, source=source.strip(),
        gazette=gazette.strip(), url=url, reason=reason.strip(), proposed_by=by,
    )  # fmt: skip
    proposal.refresh_from_db(fields=["value"])
    audit.record(by=by, verb="propose_provision", subject=f"proposal:{proposal.pk}", reason=reason, **_recorded(proposal))
    return proposal


@transaction.atomic
def approve_proposal(proposal_id: int, *, without_report: str = "", on: date, by: User) -> Proposal:
    """Sign another administrator's proposal: it becomes law, and if it is in force already its run is planned in the same deed.

    What starts later waits for its day: the passing of time plans it. A formula needs a fresh rehearsal, or `without_report`:
    why it is signed without one. Raises Forbidden or ProposalRefused.
    """
    proposal = _open_proposal(proposal_id, by=by)
    runs.lock_law_for_writing()
    _check(key=proposal.key, since=proposal.since, value=proposal.value, source=proposal.source, reason=proposal.reason, on=on)
    before = queries.law(on)
    provision = _enact(proposal, without_report=without_report.strip(), on=on, by=by)
    _decide(proposal, Proposal.Status.APPROVED, by=by)
    audit.record(by=by, verb="approve_provision", subject=f"proposal:{proposal.pk}", reason=proposal.without_report, **_recorded(proposal))
    if proposal.since <= on:
        starting.start(provision, before=before, on=on, by=engine())
    return proposal


def _enact(proposal: Proposal, *, without_report: str, on: date, by: User) -> Provision:
    """The provision of an approved proposal; a formula's takes the id of the partition its rehearsal filled, or an empty one."""
    reserved = None
    if proposal.key == FORMULA:
        reserved = rehearsing.adopt(proposal, without_report=without_report, on=on, by=by)
        proposal.without_report = without_report
    names = ("key", "since", "value", "source", "gazette", "url")
    values = {name: getattr(proposal, name) for name in names} | ({"pk": reserved} if reserved else {})
    provision = Provision.objects.create(**values, note=proposal.reason, confidence="H", proposal=proposal)
    if proposal.key == FORMULA and reserved is None:
        runs.create_partition(provision.pk)
    return provision


def _recorded(proposal: Proposal) -> dict[str, Any]:
    """What the journal keeps of a proposal; a formula stays in the proposal itself, it would fill the journal."""
    told = {"key": proposal.key, "since": str(proposal.since)}
    return told if proposal.key == FORMULA else told | {"value": proposal.value}


def _check(**proposed: Any) -> None:
    if problems := proposal_problems(**proposed):
        raise ProposalRefused(problems)


@transaction.atomic
def reject_proposal(proposal_id: int, *, reason: str, on: date, by: User) -> Proposal:
    """Turn a proposal down, saying why. Raises Forbidden or ProposalRefused."""
    proposal = _open_proposal(proposal_id, by=by)
    if not reason.strip():
        raise ProposalRefused({"reason": _("Dites pourquoi la proposition est rejetée.")})
    _decide(proposal, Proposal.Status.REJECTED, by=by)
    rehearsing.drop_reports(proposal)
    audit.record(by=by, verb="reject_provision", subject=f"proposal:{proposal.pk}", reason=reason)
    return proposal


def _open_proposal(proposal_id: int, *, by: User) -> Proposal:
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    check_decide(by, proposal)
    if proposal.status != Proposal.Status.OPEN:
        raise ProposalRefused({"": _("Cette proposition a déjà été décidée : rien n’a été refait.")})
    return proposal


def _decide(proposal: Proposal, status: str, *, by: User) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = status, by, timezone.now()
    proposal.save(update_fields=["status", "decided_by", "decided_at", "without_report"])
