"""Payment orders: everything owed is listed once, signed by two, frozen, sent as files, and closed when all of it is answered.

Each deed locks the order first; the same deed twice is done once, and says so.
"""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eligibility.queries import law as law_of
from rsu import audit
from rsu.models import User

from .. import payments
from ..models import DIFFERENCES, OrderApproval, Payment, PaymentAnswer, PaymentFile, PaymentOrder
from ..paying import pain001, spreadsheet, storage
from ..paying.lifecycle import MoveRefused, check_move
from ..paying.rows import Part, Row, Sender
from ..permissions import check_pay, check_sign

PREPARING_LOCK = 7_205_040
Status = PaymentOrder.Status


class OrderRefused(Exception):
    """The deed cannot be done on this order now; the message is a sentence for the screen."""


class NothingOwed(OrderRefused):
    """Everything owed is in an order already."""


@transaction.atomic
def prepare_order(*, month: date, reissues_only: bool = False, on: date, by: User) -> PaymentOrder:
    """A draft of everything owed until the month that no payment stands for; one preparation at a time. Raises OrderRefused, Forbidden."""
    check_pay(by)
    _check_move("", Status.DRAFT, by)
    if month.day != 1 or month > on:
        raise OrderRefused(_("Choisissez un mois déjà commencé."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PREPARING_LOCK])
    order = PaymentOrder.objects.create(month=month, reissues_only=reissues_only, prepared_on=on, prepared_by=by)
    order.payments, order.amount = payments.build(order.pk, month=month, on=on, reissues_only=reissues_only)
    if not order.payments:
        raise NothingOwed(_("Rien à payer : tout ce qui est dû est déjà dans un ordre."))
    order.save(update_fields=["payments", "amount"])
    _record(by, "payment_order.prepared", order, month=str(month), reissues_only=reissues_only)
    return order


@transaction.atomic
def approve_order(order_id: int, *, on: date, by: User) -> PaymentOrder:
    """One signature; the last one the law asks for approves the order. Raises OrderRefused, Forbidden."""
    order = _locked(order_id)
    if order.status not in (Status.DRAFT, Status.IN_APPROVAL):
        raise OrderRefused(_("Cet ordre n’attend plus de signature."))
    law = law_of(on)
    check_sign(by, order, law)
    given = order.approvals.count() + 1
    after = Status.APPROVED if given >= law.value("payment.approvals") else Status.IN_APPROVAL
    if after != order.status:
        _check_move(order.status, after, by)
    OrderApproval.objects.create(order=order, by=by, payments=order.payments, amount=order.amount)
    _move(order, after)
    _record(by, "payment_order.approved", order, signature=given)
    return order


@transaction.atomic
def freeze_order(order_id: int, *, on: date, by: User) -> PaymentOrder:
    """Fix who is paid what and where, as of the day; refused if one payment is not what is owed. Raises OrderRefused, Forbidden."""
    check_pay(by)
    order = _locked(order_id)
    if order.status in (Status.FROZEN, Status.EXPORTED, Status.CLOSED):
        return order
    _check_move(order.status, Status.FROZEN, by)
    law = law_of(on)
    if order.approvals.count() < law.value("payment.approvals"):
        raise OrderRefused(_("La loi demande maintenant plus de signatures que cet ordre n’en a : annulez-le et préparez-le de nouveau."))
    renewed = payments.renew(order.pk, on=on)
    _check_sums(order)
    fields = {
        "frozen_on": on, "frozen_by": by, "frozen_at": timezone.now(), "renewed": renewed, "digest": payments.digest_of(order.pk),
        "debtor": law.value("payment.debtor"), "file_limit": law.value("payment.file_limit"), "batch_limit": law.value("payment.batch_limit"),
    }  # fmt: skip
    _move(order, Status.FROZEN, **fields)
    _record(by, "payment_order.frozen", order, digest=order.digest, renewed=renewed)
    return order


def _check_sums(order: PaymentOrder) -> None:
    """Sum of the lines = sum of the payments = sum that was signed."""
    sums = payments.sums_of(order.pk)
    if sums.wrong:
        words = ngettext(
            "%(n)d versement n’est plus ce qui est dû : annulez l’ordre et préparez-le de nouveau.",
            "%(n)d versements ne sont plus ce qui est dû : annulez l’ordre et préparez-le de nouveau.",
            sums.wrong,
        )
        raise OrderRefused(words % {"n": sums.wrong})
    if (sums.payments, sums.amount, sums.owed) != (order.payments, order.amount, order.amount):
        raise OrderRefused(_("Les sommes ne concordent pas : rien n’est figé. Annulez l’ordre et préparez-le de nouveau."))


@transaction.atomic
def export_order(order_id: int, *, on: date, by: User) -> PaymentOrder:
    """Write the order's files, read each back, and hold the order sent. Sent already, nothing is written. Raises OrderRefused, Forbidden."""
    check_pay(by)
    order = _locked(order_id)
    if order.status in (Status.EXPORTED, Status.CLOSED):
        return order
    _check_move(order.status, Status.EXPORTED, by)
    if payments.digest_of(order.pk) != order.digest:
        raise OrderRefused(_("Le contenu de l’ordre n’est plus celui qui a été figé : rien n’est envoyé. Prévenez l’administrateur."))
    files = [*_write_pain(order), _write_csv(order)]
    for kind in PaymentFile.Kind.values:
        made = [file for file in files if file.kind == kind]
        if (sum(file.payments for file in made), sum(file.amount for file in made)) != (order.payments, order.amount):
            raise OrderRefused(_("Les fichiers ne contiennent pas la somme de l’ordre : rien n’est envoyé. Prévenez l’administrateur."))
    PaymentFile.objects.bulk_create(files)
    Payment.objects.filter(order=order, status=Payment.Status.READY).update(status=Payment.Status.SENT)
    _move(order, Status.EXPORTED, exported_by=by, exported_at=timezone.now())
    _record(by, "payment_order.exported", order, files=len(files), on=str(on))
    return order


def sender_of(order: PaymentOrder) -> Sender:
    debtor = order.debtor
    return Sender(
        order.reference, debtor["debtor_name"], debtor["debtor_identifier"], debtor["debtor_rib"], debtor["debtor_bic"],
        order.frozen_on, timezone.localtime(order.frozen_at),
    )  # fmt: skip


def rows_of(order: PaymentOrder) -> Iterator[Row]:
    """An order's payments as its files hold them, in order, without holding them."""
    names = ("position", "end_to_end_id", "month", "amount", "payee_name_fr", "payee_name_ar", "payee_idcs", "account")
    found = Payment.objects.filter(order=order).order_by("position").values_list(*names)
    return (Row(*row) for row in found.iterator(chunk_size=5000))


def _write_pain(order: PaymentOrder) -> list[PaymentFile]:
    """One read of the order, cut in files as it comes."""
    cut = payments.parts_of(order.pk, file_limit=order.file_limit, batch_limit=order.batch_limit)
    rows, sender = rows_of(order), sender_of(order)
    return [_write_part(order, part, rows, sender) for part in cut]


def _write_part(order: PaymentOrder, part: Part, rows, sender: Sender) -> PaymentFile:
    name = f"{order.reference}-{part.number:04d}.xml"
    stored = _store(
        name, lambda out: pain001.write(out, part, islice(rows, part.payments), sender=sender), pain001.read_back,
        (f"{order.reference}-{part.number:04d}", part.payments, part.amount),
    )  # fmt: skip
    return PaymentFile(
        order=order, kind=PaymentFile.Kind.PAIN, position=part.number, name=name, sha256=stored.sha256, size=stored.size,
        payments=part.payments, amount=part.amount,
    )  # fmt: skip


def _write_csv(order: PaymentOrder) -> PaymentFile:
    name, sender = f"{order.reference}.csv", sender_of(order)
    expected = (order.reference, order.payments, order.amount)
    stored = _store(name, lambda out: spreadsheet.write(out, rows_of(order), sender=sender), spreadsheet.read_back, expected)
    return PaymentFile(
        order=order, kind=PaymentFile.Kind.CSV, position=1, name=name, sha256=stored.sha256, size=stored.size,
        payments=order.payments, amount=order.amount,
    )  # fmt: skip


def _store(name: str, write, read_back, expected: tuple[str, int, int]) -> storage.Stored:
    def check(path) -> None:
        read = read_back(path)
        if (read.message, read.payments, read.amount) != expected:
            raise pain001.Invalid(f"{name} holds {read} and not {expected}")

    try:
        return storage.store(name, write, check)
    except pain001.Invalid as fault:
        words = _("Le fichier %(name)s n’est pas conforme : rien n’est envoyé. Prévenez l’administrateur. (%(fault)s)")
        raise OrderRefused(words % {"name": name, "fault": fault}) from fault


@transaction.atomic
def cancel_order(order_id: int, *, reason: str, on: date, by: User) -> PaymentOrder:
    """Give up an order before it is sent: what it listed is owed again. Raises OrderRefused, Forbidden."""
    check_pay(by)
    order = _locked(order_id)
    if order.status == Status.CANCELED:
        return order
    if order.status in (Status.EXPORTED, Status.CLOSED):
        raise OrderRefused(
            _("Cet ordre est envoyé : il ne peut plus être annulé. Demandez à l’organisme payeur de rejeter ce qui doit l’être.")
        )
    _check_move(order.status, Status.CANCELED, by)
    if not reason.strip():
        raise OrderRefused(_("Dites pourquoi l’ordre est annulé."))
    Payment.objects.filter(order=order, status=Payment.Status.READY).update(status=Payment.Status.CANCELED)
    _move(order, Status.CANCELED, canceled_by=by, canceled_at=timezone.now(), canceled_reason=reason.strip())
    _record(by, "payment_order.canceled", order, why=reason.strip(), on=str(on))
    return order


@transaction.atomic
def close_order(order_id: int, *, on: date, by: User) -> PaymentOrder:
    """Close an order once every payment has its answer and no difference is left. Raises OrderRefused, Forbidden."""
    check_pay(by)
    order = _locked(order_id)
    if order.status == Status.CLOSED:
        return order
    _check_move(order.status, Status.CLOSED, by)
    silent = Payment.objects.filter(order=order, status=Payment.Status.SENT).count()
    if silent:
        words = ngettext("%(n)d versement attend encore une réponse.", "%(n)d versements attendent encore une réponse.", silent)
        raise OrderRefused(words % {"n": silent})
    if PaymentAnswer.objects.filter(returned__order=order, outcome__in=DIFFERENCES, settled="").exists():
        raise OrderRefused(_("Des différences restent à régler."))
    _move(order, Status.CLOSED, closed_by=by, closed_at=timezone.now())
    _record(by, "payment_order.closed", order, on=str(on))
    return order


@transaction.atomic
def read_file(file: PaymentFile, *, on: date, by: User):
    """The bytes as they were sent, their reading traced. Raises storage.Altered, Forbidden."""
    check_pay(by)
    opened = storage.opened(file.name, file.sha256)
    audit.record(by=by, verb="payment_order.file_read", subject=f"payment_order:{file.order_id}", file=file.name, on=str(on))
    return opened


def _locked(order_id: int) -> PaymentOrder:
    return PaymentOrder.objects.select_for_update(of=("self",)).select_related("prepared_by").get(pk=order_id)


def _check_move(before: str, after: str, by: User) -> None:
    try:
        check_move(before, after, by.role)
    except MoveRefused as refusal:
        words = {"before": Status(before).label if before else "", "after": Status(after).label}
        raise OrderRefused(_("Un ordre « %(before)s » ne peut pas devenir « %(after)s ».") % words) from refusal


def _move(order: PaymentOrder, after: str, **fields) -> None:
    for name, value in {"status": after, **fields}.items():
        setattr(order, name, value)
    order.save(update_fields=["status", *fields])


def _record(by: User, verb: str, order: PaymentOrder, *, why: str = "", **details) -> None:
    audit.record(by=by, verb=verb, subject=f"payment_order:{order.pk}", reason=why, payments=order.payments, amount=order.amount, **details)
