"""A formula is rehearsed on everyone before it is signed: nobody's right moves, and the report says whose would."""

import hashlib
import json
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rsu import audit
from rsu.models import User

from .. import runs
from ..law import FORMULA, Law
from ..models import Proposal, Provision, Run
from ..permissions import check_propose
from ..runs import rehearsals
from .refusals import ProposalRefused
from .starting import call_workers

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
    """The report that may be signed on: of this proposal, under today's law, not too old, its scores still there."""
    latest = _latest_report(proposal)
    return None if latest is None or report_doubts(latest, on=on) else latest


def report_doubts(run: Run, *, on: date) -> list[str]:
    """Why the report of a rehearsal may not be signed on: sentences for the screen, none when it may."""
    if run.status != Run.Status.CLOSED:
        return [_("La répétition n’est pas allée jusqu’au bout.")]
    if not rehearsals.is_kept(run):
        return [_("Ses indices ont été effacés : la répétition a été recommencée, ou la proposition rejetée.")]
    law, doubts = rehearsals.law_of(run.proposal, on=on), []
    if run.digest != digest_of(law):
        doubts.append(_("La loi a changé depuis la répétition."))
    days = law.value(REPORT_DAYS) if law.has(REPORT_DAYS) else 0
    if on - run.on > timedelta(days=days):
        aged = ngettext("La répétition a plus de %(days)d jour.", "La répétition a plus de %(days)d jours.", days)
        doubts.append(aged % {"days": days})
    return doubts


def _latest_report(proposal: Proposal) -> Run | None:
    """The last rehearsal that ended well, if its scores are still there."""
    latest = proposal.rehearsals.filter(status=Run.Status.CLOSED).select_related("proposal").order_by("-id").first()
    return latest if latest and rehearsals.is_kept(latest) else None


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
    latest = _latest_report(proposal)
    # A formula signed meanwhile bears a higher number: a lower one of the same day would not supersede it.
    if latest and not Provision.objects.filter(key=FORMULA, pk__gt=latest.formula_id).exists():
        return latest.formula_id
    drop_reports(proposal)
    return None


def drop_reports(proposal: Proposal) -> None:
    """The tables of the proposal's rehearsals will not be needed; one under way is given up, its table goes when it closes."""
    for run in proposal.rehearsals.select_for_update(of=("self",)).order_by("id"):
        if run.status not in Run.ENDED:
            runs.cancel(run, reason=_("La proposition a été décidée."))
        elif not Provision.objects.filter(pk=run.formula_id).exists():
            runs.discard(run)
