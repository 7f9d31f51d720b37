"""Changing the law: one administrator proposes a dated, cited value, another approves it, and the run it asks for is planned."""

from datetime import date

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rsu import audit
from rsu.authentication import engine
from rsu.models import User
from rsu.outbox import send

from .. import law as legal
from .. import queries, runs
from ..models import Program, Proposal, Provision
from ..permissions import check_decide, check_propose
from ..score import format_points, threshold_points

THRESHOLDS = {program.threshold_key: program for program in Program}


class ProposalRefused(Exception):
    """The proposal cannot stand: `problems` are a sentence for each field at fault ("" for the whole), `field` the first."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems

    @property
    def field(self) -> str:
        return next(iter(self.problems))


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


def plain_line(typed: str) -> str:
    """A line as it was typed, made to have a decimal point."""
    return typed.strip().replace(",", ".")


@transaction.atomic
def propose_provision(
    *, key: str, since: date, value: str, source: str, reason: str, gazette: str = "", url: str = "", on: date, by: User
) -> Proposal:
    """Propose a new line for a program; `value` is its decimal text. Raises Forbidden or ProposalRefused."""
    check_propose(by)
    value = plain_line(value)
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
        raise ProposalRefused({"reason": _("Dites pourquoi la proposition est rejetée.")})
    _decide(proposal, Proposal.Status.REJECTED, by=by)
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
    proposal.save(update_fields=["status", "decided_by", "decided_at"])


def proposal_problems(*, key: str, since: date | None, value: str, source: str, reason: str, on: date) -> dict[str, str]:
    """Everything that keeps a proposal from standing, by field; a day that could not be read is None and judged elsewhere."""
    value = plain_line(value)
    if key not in THRESHOLDS:
        return {"key": _("Seuls les seuils des programmes se proposent ici.")}
    problems = {}
    readable = _is_line(key, value)
    if not readable:
        problems["value"] = _("Le seuil est un nombre positif de sept décimales au plus, par exemple 9,1234567.")
    if since is not None:
        if wrong := _wrong_day(key, since, on=on):
            problems["since"] = wrong
        elif readable and _already_so(key, since, value):
            problems["value"] = _("Ce seuil est déjà celui en vigueur à cette date : rien ne changerait.")
    if not source.strip():
        problems["source"] = _("Citez le texte d’où vient cette valeur.")
    if not reason.strip():
        problems["reason"] = _("Dites pourquoi cette valeur est proposée.")
    return problems


def _check(**proposed) -> None:
    if problems := proposal_problems(**proposed):
        raise ProposalRefused(problems)


def _is_line(key: str, value: str) -> bool:
    try:
        legal.check_value(key, value)
    except ValueError:
        return False
    return True


def _wrong_day(key: str, since: date, *, on: date) -> str:
    if since < on:
        return _(
            "La date d’effet est passée : une disposition ne revient pas sur des droits déjà lus. Choisissez aujourd’hui ou plus tard."
        )
    latest = Provision.objects.filter(key=key).order_by("-since").first()
    if latest and since < latest.since:
        return _("Une disposition plus récente existe déjà, au %(day)s.") % {"day": latest.since.strftime("%d/%m/%Y")}
    return ""


def _already_so(key: str, since: date, value: str) -> bool:
    in_force = queries.law(since)
    return in_force.has(key) and threshold_points(in_force.value(key)) == threshold_points(value)
