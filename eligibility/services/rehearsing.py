"""A formula is rehearsed on everyone before it is signed: nobody's right moves, and the report says whose would."""

import hashlib
import json
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User

from .. import runs
from ..law import Law
from ..models import Proposal, Provision, Run
from ..permissions import check_propose
from ..runs import rehearsals
from .refusals import ProposalRefused
from .starting import FORMULA, call_workers

REPORT_DAYS = "policy.report_days"


@transaction.atomic
def rehearse_formula(proposal_id: int, *, on: date, by: User) -> Run:
    """Plan the score of everyone under an open proposal's formula; the one under way if there is one.

    An older report of the same proposal is dropped with its table. Raises Forbidden or ProposalRefused.
    """
    check_propose(by)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    if proposal.key != FORMULA or proposal.value is None or proposal.status != Proposal.Status.OPEN:
        raise ProposalRefused({"": _("Seule une formule proposée et pas encore décidée se répète sur le registre.")})
    runs.lock_law_for_writing()
    under_way = proposal.rehearsals.exclude(status__in=Run.ENDED).first()
    if under_way:
        return under_way
    drop_reports(proposal)
    run = runs.plan_rehearsal(proposal, on=on, digest=digest_of(rehearsals.law_of(proposal, on=on)), by=by)
    audit.record(by=by, verb="rehearse_formula", subject=f"proposal:{proposal.pk}", run=run.pk, planned=run.planned)
    call_workers()
    return run


def digest_of(law: Law) -> str:
    """A fingerprint of everything in force on the law's day: two reports with the same one met the same law."""
    standing = [(key, law.cite(key).id) for key in sorted(law.keys()) if law.has(key)]
    return hashlib.sha256(json.dumps(standing).encode()).hexdigest()


def fresh_report(proposal: Proposal, *, on: date) -> Run | None:
    """The report that may be signed on: of this proposal, under today's law, not too old."""
    law = rehearsals.law_of(proposal, on=on)
    latest = proposal.rehearsals.filter(status=Run.Status.CLOSED).order_by("-id").first()
    if latest is None or not law.has(REPORT_DAYS):
        return None
    fresh = rehearsals.is_fresh(latest, digest=digest_of(law), days=law.value(REPORT_DAYS), on=on)
    return latest if fresh else None


def adopt(proposal: Proposal, *, without_report: str, on: date, by: User) -> int | None:
    """The number that the provision of an approved formula must bear: that of the table its last rehearsal filled.

    None where there is no such table: the formula then gets an empty one. Without a fresh report a written reason is asked
    for. The caller holds the law's exclusive lock. Raises ProposalRefused.
    """
    if fresh_report(proposal, on=on) is None and not without_report.strip():
        raise ProposalRefused(
            {"without_report": _("Il n’y a pas de répétition récente sous la loi d’aujourd’hui : répétez la formule, ou écrivez pourquoi.")}
        )
    if proposal.rehearsals.exclude(status__in=Run.ENDED).exists():
        raise ProposalRefused({"": _("Une répétition de cette formule est en cours : attendez sa fin, ou annulez-la.")})
    latest = proposal.rehearsals.filter(status=Run.Status.CLOSED).order_by("-id").first()
    # A formula signed meanwhile bears a higher number: a lower one of the same day would not supersede it.
    if latest is None or Provision.objects.filter(key=FORMULA, pk__gt=latest.formula_id).exists():
        return None
    return latest.formula_id


def drop_reports(proposal: Proposal) -> None:
    """The tables of the proposal's rehearsals that have ended: they will not be needed."""
    for run in proposal.rehearsals.filter(status__in=Run.ENDED):
        if not Provision.objects.filter(pk=run.formula_id).exists():
            runs.discard(run)
