"""Messages leave through their gateway: claimed, handed over, written down. Handed over and not written down is in doubt, never sent again
by itself unless the law says so and the gateway recognizes a double.
"""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from eligibility.law import Law
from eligibility.queries import law as law_of
from households.models import Household
from rsu import audit
from rsu.models import User
from rsu.outbox import send

from .. import gateways, quiet
from ..gateways import Letter
from ..models import Contact, Forewarning, Message, ToldFact
from ..permissions import check_change_contact, check_decide

logger = logging.getLogger(__name__)

Status, Channel = Message.Status, Message.Channel
ATTEMPTS, RETRY, RESEND = "messages.attempts", "messages.retry_minutes", "messages.resend_doubtful"
SILENT = timedelta(minutes=10)
"""No gateway is waited for so long: a message still in a worker's hands after that has lost it."""
CLAIMED = 50
WRITTEN = 10
"""Messages whose fate is written in one statement: no more than that are in doubt if their worker dies."""
ANY_HOUR = Q(channel=Channel.EMAIL)


class MessageRefused(Exception):
    """The message cannot be sent again so: a sentence for the screen."""


@dataclass
class _Fates:
    """What became of messages handed over, in columns; what a column does not say stays as it was."""

    ids: list[int] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sent: list[datetime | None] = field(default_factory=list)
    receipts: list[datetime | None] = field(default_factory=list)
    external: list[str | None] = field(default_factory=list)
    later: list[datetime | None] = field(default_factory=list)

    def add(
        self, message: Message, status: str, *, error: str = "", sent_at: datetime | None = None, receipt_at: datetime | None = None,
        external_id: str | None = None, not_before: datetime | None = None,
    ) -> None:  # fmt: skip
        row = (message.pk, status, error[:500], sent_at, receipt_at, external_id, not_before)
        for column, value in zip(vars(self).values(), row, strict=True):
            column.append(value)


def send_due(*, at: datetime, limit: int = CLAIMED) -> int:
    """Send the next messages whose time has come; how many were handed to a gateway (0: nothing is left for now)."""
    law = law_of(localtime(at).date())
    claimed = _claim(at=at, limit=limit, law=law)
    left = iter(claimed)
    while few := list(islice(left, WRITTEN)):
        fates = _Fates()
        try:
            for message in few:
                _hand_over(message, fates, at=at, law=law)
        finally:
            _write(fates, claimed_at=at)
    return len(claimed)


@transaction.atomic
def _claim(*, at: datetime, limit: int, law: Law) -> list[Message]:
    """Committed by itself before anything leaves. In quiet hours only e-mail goes; what a lapsed forewarning said never does, and
    waits for the night that withdraws it without taking the place of anything else."""
    due = Message.objects.filter(status=Status.QUEUED, not_before__lte=at, channel__in=gateways.open_channels())
    due = due.exclude(notice__in=_lapsed_notices())
    if quiet.opens(localtime(at), law) != localtime(at):
        due = due.filter(ANY_HOUR)
    rows = list(due.order_by("not_before", "id").select_for_update(skip_locked=True, of=("self",))[:limit])
    taken = {"status": Status.SENDING, "claimed_at": at}
    Message.objects.filter(pk__in=[one.pk for one in rows]).update(attempts=F("attempts") + 1, **taken)
    for one in rows:
        one.attempts += 1
    return rows


def _lapsed_notices() -> QuerySet:
    """What forewarnings said that have lapsed since they were last withdrawn: few, whatever the years."""
    lapsed = Forewarning.objects.filter(Forewarning.TO_WITHDRAW)
    return ToldFact.objects.filter(source=ToldFact.Source.FOREWARNING, subject_id__in=lapsed.values("pk")).values("notice")


def _hand_over(message: Message, fates: _Fates, *, at: datetime, law: Law) -> None:
    """Outside any transaction."""
    letter = Letter(key=message.key, address=message.address, subject=message.subject, body=message.body)
    try:
        sent = gateways.gateway(message.channel).send(letter)
    except gateways.Refused as refusal:
        fates.add(message, Status.UNDELIVERABLE, error=str(refusal))
    except gateways.Later as busy:
        _put_off(message, fates, error=str(busy), at=at, law=law)
    except Exception as unknown:
        logger.exception("message %s is in doubt", message.pk)
        fates.add(message, Status.DOUBTFUL, error=f"{type(unknown).__name__}: {unknown}")
    else:
        told = {"status": Status.DELIVERED, "receipt_at": at} if sent.delivered else {"status": Status.SENT}
        fates.add(message, sent_at=at, external_id=sent.external_id[:100], **told)


def _put_off(message: Message, fates: _Fates, *, error: str, at: datetime, law: Law) -> None:
    """Each wait is three times the one before; after the last attempt the family is told on paper."""
    if message.attempts >= law.value(ATTEMPTS):
        fates.add(message, Status.FAILED, error=error)
        return
    later = at + timedelta(minutes=law.value(RETRY) * 3 ** (message.attempts - 1))
    if message.channel == Channel.SMS:
        later = quiet.opens(localtime(later), law) or later
    fates.add(message, Status.QUEUED, error=error, not_before=later)


def _write(fates: _Fates, *, claimed_at: datetime) -> None:
    """Only where this attempt still holds the message: a receipt may have come before, or another attempt."""
    if fates.ids:
        with connection.cursor() as cursor:
            cursor.execute(_BECAME, vars(fates) | {"claimed_at": claimed_at})


_BECAME = """
UPDATE enrollment_message m SET status = f.status, error = f.error, sent_at = coalesce(f.sent_at, m.sent_at),
  receipt_at = coalesce(f.receipt_at, m.receipt_at), external_id = coalesce(f.external_id, m.external_id),
  not_before = coalesce(f.not_before, m.not_before)
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(errors)s::text[], %(sent)s::timestamptz[], %(receipts)s::timestamptz[],
  %(external)s::text[], %(later)s::timestamptz[]) AS f(id, status, error, sent_at, receipt_at, external_id, not_before)
WHERE m.id = ANY(%(ids)s::bigint[]) AND m.id = f.id AND m.status = 'sending' AND m.claimed_at = %(claimed_at)s
"""


@transaction.atomic
def doubt_silent(*, at: datetime) -> int:
    """Messages that a worker took and never wrote down: in doubt, or queued again where the law and the gateway allow; how many."""
    law = law_of(localtime(at).date())
    silent = Message.objects.filter(status=Status.SENDING, claimed_at__lt=at - SILENT).select_for_update(skip_locked=True)
    ids = list(silent.values_list("pk", flat=True))
    rows = Message.objects.filter(pk__in=ids)
    again = [one for one in gateways.open_channels() if law.value(RESEND) and gateways.gateway(one).recognizes_doubles]
    rows.filter(channel__in=again).update(status=Status.QUEUED, not_before=at)
    rows.exclude(channel__in=again).update(status=Status.DOUBTFUL, error=_("L’envoi a été interrompu : il est peut-être parti."))
    return len(ids)


@transaction.atomic
def receive_receipt(*, key, delivered: bool, at: datetime) -> bool:
    """What the gateway says became of a message; False when it is not one that left. Received twice, it says nothing new."""
    message = Message.objects.select_for_update(of=("self",)).filter(key=key).first()
    if message is None:
        return False
    if message.status in (Status.SENT, Status.DOUBTFUL, Status.SENDING):
        message.status = Status.DELIVERED if delivered else Status.UNDELIVERABLE
        message.receipt_at, message.sent_at = at, message.sent_at or message.claimed_at
        message.save(update_fields=["status", "receipt_at", "sent_at"])
    return True


@transaction.atomic
def resend_message(message_id: int, *, reason: str, on: date, at: datetime, by: User) -> Message:
    """A message in doubt, or that failed, goes again under the same key, because somebody says why. Raises Forbidden, MessageRefused."""
    message = Message.objects.select_for_update(of=("self",)).select_related("household").get(pk=message_id)
    check_decide(by, message.household)
    if not reason.strip():
        raise MessageRefused(_("Dites pourquoi : le journal le garde."))
    if message.status == Status.QUEUED:
        return message
    if message.status not in (Status.DOUBTFUL, *Message.LOST):
        raise MessageRefused(_("Ce message est parti : il ne se renvoie pas."))
    message.status, message.not_before, message.attempts = Status.QUEUED, at, 0
    message.address = _address(message)
    message.save(update_fields=["status", "not_before", "attempts", "address"])
    audit.record(by=by, verb="message.resent", household=message.household, subject=f"message:{message.pk}", reason=reason.strip())
    send("enrollment.send_messages")
    return message


def _address(message: Message) -> str:
    """Where the family is reached today, if it still is."""
    contact = Contact.objects.filter(household=message.household_id).first()
    today = message.household.phone if message.channel == Channel.SMS else contact and contact.email
    return today or message.address


@transaction.atomic
def change_contact(
    *, household: Household, language: str, email: str, no_sms: bool, no_email: bool, on: date, by: User
) -> Contact:  # fmt: skip
    """How the household is reached from now on; the trace keeps what changed, never the address. Raises Forbidden."""
    check_change_contact(by, household)
    wanted = {"language": language, "email": email, "no_sms": no_sms, "no_email": no_email}
    contact = Contact.objects.select_for_update().filter(household=household).first() or Contact(household=household)
    changed = [name for name, value in wanted.items() if getattr(contact, name) != value]
    if changed or contact.pk is None:
        for name, value in wanted.items():
            setattr(contact, name, value)
        contact.changed_by = by
        contact.save()
        audit.record(by=by, verb="contact.changed", household=household, changed=changed)
    return contact
