"""Changing the law: one administrator proposes a dated, cited value, another approves it, and the run it asks for is planned."""

from datetime import date

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rsu import audit
from rsu.authentication import engine
from rsu.models import User

from .. import law as legal
from .. import queries, runs
from ..models import Program, Proposal, Provision
from ..permissions import check_decide, check_propose
from ..score import format_points, threshold_points
from ..tasks_by_name import send

THRESHOLDS = {program.threshold_key: program for program in Program}


class ProposalRefused(Exception):
    """The proposal cannot stand; `field` is the form's field at fault (or ""), the message a sentence for the screen."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def load_founding_law(*, by: User) -> int:
    """Insert the founding provisions that are not there yet; how many. Each formula gets its partition of scores."""
    known = set(Provision.objects.filter(proposal=None).values_list("key", "since"))
    new = [row for row in legal.founding() if (row.key, row.since) not in known]
    names = ("key", "since", "value", "source", "gazette", "url", "note", "confidence")
    rows = Provision.objects.bulk_create([Provision(**{name: getattr(row, name) for name in names}) for row in new])
    for row in rows:
        if row.key == "score.formula":
            create_partition(row)
    if rows:
        audit.record(by=by, verb="load_law", count=len(rows))
    return len(rows)


def create_partition(formula: Provision) -> None:
    """Give a formula the partition its scores will live in."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE eligibility_assessment_{formula.pk} PARTITION OF eligibility_assessment FOR VALUES IN ({formula.pk})")


@transaction.atomic
def propose_provision(
    *, key: str, since: date, value: str, source: str, reason: str, gazette: str = "", url: str = "", on: date, by: User
) -> Proposal:
    """Propose a new line for a program; `value` is its decimal text. Raises Forbidden or ProposalRefused."""
    check_propose(by)
    value = value.strip().replace(",", ".")
    _check(key=key, since=since, value=value, source=source, reason=reason, on=on)
    proposal = Proposal.objects.create(
        key=key, since=since, value=format_points(threshold_points(value)), source=source.strip(), gazette=gazette.strip(), url=url,
        reason=reason.strip(), proposed_by=by,
    )  # fmt: skip
    audit.record(
        by=by, verb="propose_provision", subject=f"proposal:{proposal.pk}", reason=reason, key=key, since=str(since), value=proposal.value
    )
    return proposal


@transaction.atomic
def approve_proposal(proposal_id: int, *, on: date, by: User) -> Proposal:
    """Sign another administrator's proposal: it becomes law, and the run of a line already in force is planned in the same deed.

    A line that starts later waits for its day: the passing of time plans it. Raises Forbidden or ProposalRefused.
    """
    proposal = _open_proposal(proposal_id, by=by)
    runs.lock_law_for_writing()
    _check(key=proposal.key, since=proposal.since, value=proposal.value, source=proposal.source, reason=proposal.reason, on=on)
    before = queries.law(on)
    names = ("key", "since", "value", "source", "gazette", "url")
    provision = Provision.objects.create(
        **{name: getattr(proposal, name) for name in names}, note=proposal.reason, confidence="H", proposal=proposal
    )
    _decide(proposal, Proposal.Status.APPROVED, by=by)
    audit.record(
        by=by,
        verb="approve_provision",
        subject=f"proposal:{proposal.pk}",
        key=proposal.key,
        since=str(proposal.since),
        value=proposal.value,
    )
    if proposal.since <= on:
        runs.plan_threshold(provision, program=THRESHOLDS[proposal.key], law=before, by=engine())
        send("eligibility.work")
    return proposal


@transaction.atomic
def reject_proposal(proposal_id: int, *, reason: str, on: date, by: User) -> Proposal:
    """Turn a proposal down, saying why. Raises Forbidden or ProposalRefused."""
    proposal = _open_proposal(proposal_id, by=by)
    if not reason.strip():
        raise ProposalRefused(_("Dites pourquoi la proposition est rejetée."), "reason")
    _decide(proposal, Proposal.Status.REJECTED, by=by)
    audit.record(by=by, verb="reject_provision", subject=f"proposal:{proposal.pk}", reason=reason)
    return proposal


def _open_proposal(proposal_id: int, *, by: User) -> Proposal:
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    check_decide(by, proposal)
    if proposal.status != Proposal.Status.OPEN:
        raise ProposalRefused(_("Cette proposition a déjà été décidée : rien n’a été refait."))
    return proposal


def _decide(proposal: Proposal, status: str, *, by: User) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = status, by, timezone.now()
    proposal.save(update_fields=["status", "decided_by", "decided_at"])


def _check(*, key: str, since: date, value: str, source: str, reason: str, on: date) -> None:
    if key not in THRESHOLDS:
        raise ProposalRefused(_("Seuls les seuils des programmes se proposent ici."), "key")
    try:
        legal.check_value(key, value)
    except ValueError:
        raise ProposalRefused(_("Le seuil est un nombre positif de sept décimales au plus, par exemple 9,1234567."), "value") from None
    if since < on:
        raise ProposalRefused(
            _("La date d’effet est passée : une disposition ne revient pas sur des droits déjà lus. Choisissez aujourd’hui ou plus tard."),
            "since",
        )
    if not source.strip():
        raise ProposalRefused(_("Citez le texte d’où vient cette valeur."), "source")
    if not reason.strip():
        raise ProposalRefused(_("Dites pourquoi cette valeur est proposée."), "reason")
    latest = Provision.objects.filter(key=key).order_by("-since").first()
    if latest and since < latest.since:
        raise ProposalRefused(
            _("Une disposition plus récente existe déjà, au %(day)s.") % {"day": latest.since.strftime("%d/%m/%Y")}, "since"
        )
    in_force = queries.law(since)
    if in_force.has(key) and threshold_points(in_force.value(key)) == threshold_points(value):
        raise ProposalRefused(_("Ce seuil est déjà celui en vigueur à cette date : rien ne changerait."), "value")
