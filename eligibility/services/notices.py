"""A notice is issued once and printed again as it was; a new one only when what it tells has changed."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from households.models import Household, Request
from rsu import audit
from rsu.models import User

from .. import references, runs
from ..models import Notice
from ..models.notices import SHORT
from ..permissions import check_issue_notice, check_issue_receipt, check_read_notice
from ..typesetting import RENDERER, render

VERBS = {
    ("issue", "decision"): "issue_notice",
    ("reprint", "decision"): "reprint_notice",
    ("issue", "receipt"): "issue_receipt",
    ("reprint", "receipt"): "reprint_receipt",
}


class NothingToTell(Exception):
    """There is no decision yet, or the request was not sent: the message is a sentence for the screen."""


@dataclass(frozen=True)
class Telling:
    """What a paper is to say, every text as {"fr": …, "ar": …}.

    `told` makes its digest; `decision` is the part of it that time limits run against; `dated(counts_from=…, on=…)` gives what
    depends on the day; `words` are the labels. All is frozen in the notice.
    """

    told: dict
    words: dict
    dated: Callable[..., dict]
    determinations: list[int] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return digest_of(self.told)

    def frozen(self, *, reference: str, counts_from: date, on: date) -> dict:
        """The whole content of the paper: all that its typesetting reads."""
        shown, short = references.grouped(reference), self.digest[:SHORT]
        issued = {
            **self.dated(counts_from=counts_from, on=on),
            "day": on.isoformat(),
            "reference": {"fr": shown, "ar": shown},
            "digest": {"fr": short, "ar": short},
            "url": f"{settings.PUBLIC_URL}/verify/{shown}",
        }
        return {"told": self.told, "words": self.words, "issued": issued}


@dataclass(frozen=True)
class Issued:
    """`fresh` is false when nothing has changed since the last notice: it is that one."""

    notice: Notice
    fresh: bool


def digest_of(told: dict) -> str:
    """SHA-256 of what is told, in one spelling: keys in order, no space, UTF-8."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@transaction.atomic
def issue_notice(*, household: Household, tell: Callable[[], Telling], on: date, by: User) -> Issued:
    """The household's decision on paper. `tell` is asked under the household's lock: no answer changes while it is told.

    Raises Forbidden, or what `tell` raises (NothingToTell).
    """
    check_issue_notice(by, household)
    runs.lock_law_for_reading()
    runs.lock_households([household.pk])
    subject = {"kind": Notice.Kind.DECISION, "household": household, "request": None}
    return _issue(subject, tell(), on=on, by=by)


@transaction.atomic
def issue_receipt(*, request: Request, tell: Callable[[Request], Telling], on: date, by: User) -> Issued:
    """The receipt of a request that was sent, whatever its kind; `tell` is given the request as it stands, locked."""
    request = Request.objects.select_for_update(of=("self",)).select_related("household", "commune", "created_by").get(pk=request.pk)
    check_issue_receipt(by, request)
    if request.submitted_on is None:
        raise NothingToTell(_("Cette demande n’a pas encore été envoyée : il n’y a pas de reçu à remettre."))
    subject = {"kind": Notice.Kind.RECEIPT, "household": request.household, "request": request}
    return _issue(subject, tell(request), on=on, by=by)


@transaction.atomic
def reprint_notice(*, notice: Notice, on: date, by: User) -> bytes:
    """The very paper that was issued. Raises Forbidden."""
    check_read_notice(by, notice)
    _record(notice, "reprint", by=by)
    return bytes(notice.pdf)


def _issue(subject: dict, telling: Telling, *, on: date, by: User) -> Issued:
    last = _last(subject)
    if last is not None and last.digest == telling.digest:
        _record(last, "reprint", by=by)
        return Issued(last, fresh=False)
    same_decision = last is not None and "decision" in last.content["told"] and last.content["told"]["decision"] == telling.told["decision"]
    counts_from = last.counts_from if same_decision else on
    reference = references.draw()
    content = telling.frozen(reference=reference, counts_from=counts_from, on=on)
    pdf = render(content)
    notice = Notice.objects.create(
        **subject,
        reference=reference,
        on=on,
        counts_from=counts_from,
        content=content,
        digest=telling.digest,
        determinations=telling.determinations,
        renderer=RENDERER,
        pdf=pdf,
        pdf_digest=hashlib.sha256(pdf).hexdigest(),
        replaces=last,
        issued_by=by,
    )
    _record(notice, "issue", by=by)
    return Issued(notice, fresh=True)


def _last(subject: dict) -> Notice | None:
    """The end of the subject's chain; whoever comes here holds the subject's lock."""
    chain = Notice.objects.filter(kind=subject["kind"], replaced_by=None)
    if subject["request"] is not None:
        return chain.filter(request=subject["request"]).first()
    return chain.filter(household=subject["household"]).first()


def _record(notice: Notice, deed: str, *, by: User) -> None:
    audit.record(by=by, verb=VERBS[deed, notice.kind], household=notice.household_id, subject=f"notice:{notice.pk}")
