"""What the agency answered: read once, each line counted, applied where it agrees with what was sent, set aside where it does not."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User
from rsu.permissions import Forbidden, check_role, in_area
from rsu.wording import listed

from ..models import DIFFERENCES, Payment, PaymentAccount, PaymentAnswer, PaymentOrder, PaymentReturn
from ..paying import answers, storage
from ..paying.lifecycle import DESK, MoveRefused, check_payment_move
from ..paying.reasons import reason_of
from ..permissions import check_pay

Settled = PaymentAnswer.Settled


class ReturnRefused(Exception):
    """The file cannot be taken as an answer; the message is a sentence for the screen."""


class NotSettled(Exception):
    """The difference, or the payment, cannot be treated that way; the message is a sentence for the screen."""


_STAGE = """
CREATE TEMPORARY TABLE staged_answer (
  number int, end_to_end_id text, code text, reason text, amount bigint, paid_on date, problem text, whole boolean
) ON COMMIT DROP
"""

# `said` is what a readable line of a known payment for the right sum decides; two lines of one payment must say the same.
_SORT = """
WITH told AS (
  SELECT s.*, p.id AS payment_id, p.amount AS expected, p.status AS standing,
    CASE WHEN s.problem <> '' OR s.whole OR p.id IS NULL OR s.amount <> p.amount THEN NULL
      WHEN s.code = ANY(%(paid)s) THEN 'paid ' || s.paid_on WHEN s.code = ANY(%(rejected)s) THEN 'rejected ' || s.reason END AS said
  FROM staged_answer s
  LEFT JOIN enrollment_payment p ON p.end_to_end_id = s.end_to_end_id AND p.order_id = %(order)s AND NOT s.whole
),
compared AS (
  SELECT told.*, min(said) OVER same <> max(said) OVER same AS twice,
    row_number() OVER (PARTITION BY payment_id, said ORDER BY number) AS turn, split_part(said, ' ', 1) AS meaning
  FROM told WINDOW same AS (PARTITION BY payment_id)
)
INSERT INTO enrollment_paymentanswer
  (returned_id, number, end_to_end_id, code, reason_code, amount, paid_on, problem, payment_id, outcome, settled, settled_reason)
SELECT %(returned)s, number, end_to_end_id, code, reason, amount, paid_on, problem, payment_id, CASE
    WHEN problem <> '' THEN 'unreadable'
    WHEN whole THEN 'whole_file'
    WHEN payment_id IS NULL THEN 'unknown'
    WHEN amount <> expected THEN 'amount'
    WHEN said IS NULL THEN 'pending'
    WHEN twice THEN 'twice'
    WHEN turn > 1 THEN 'already'
    WHEN standing = 'sent' THEN meaning
    WHEN standing = meaning OR (standing = 'to_reissue' AND meaning = 'rejected') THEN 'already'
    ELSE 'contradiction' END, '', ''
FROM compared ORDER BY number
"""

_APPLY = """
UPDATE enrollment_payment p SET status = a.outcome, answered_on = %(on)s,
  paid_on = CASE WHEN a.outcome = 'paid' THEN a.paid_on END,
  reason_code = CASE WHEN a.outcome = 'paid' THEN '' WHEN a.reason_code = '' THEN %(no_reason)s
    WHEN a.reason_code ~ '^[A-Z0-9]{4}$' THEN a.reason_code ELSE 'NARR' END
FROM enrollment_paymentanswer a
WHERE a.returned_id = %(returned)s AND a.outcome IN ('paid', 'rejected') AND a.payment_id = p.id AND p.status = 'sent'
"""

_COUNT = """
SELECT count(*), count(*) FILTER (WHERE outcome = 'paid'), count(*) FILTER (WHERE outcome = 'rejected'),
  count(*) FILTER (WHERE outcome = 'pending'), count(*) FILTER (WHERE outcome = 'already'), count(*) FILTER (WHERE outcome = ANY(%(differences)s))
FROM enrollment_paymentanswer WHERE returned_id = %(returned)s
"""


@transaction.atomic
def record_return(order_id: int, *, path: Path, name: str, on: date, by: User) -> PaymentReturn:
    """Take in a pain.002 or a CSV about a sent order, whole or not at all; the same bytes again give what they made the first time.

    Raises ReturnRefused, Forbidden.
    """
    check_pay(by)
    order = PaymentOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
    if order.status not in (PaymentOrder.Status.EXPORTED, PaymentOrder.Status.CLOSED):
        raise ReturnRefused(_("Cet ordre n’est pas envoyé : l’organisme payeur ne peut pas y avoir répondu."))
    digest = storage.digest_of(path)
    again = PaymentReturn.objects.filter(order=order, sha256=digest).first()
    if again:
        return again
    try:
        kind = answers.kind_of(path)
        made = PaymentReturn.objects.create(
            order=order, kind=kind, name=name[:200], sha256=digest, size=path.stat().st_size, by=by, received_on=on
        )
        _stage(answers.read(path, kind))
    except answers.Unusable as fault:
        raise ReturnRefused(_sentence(fault)) from fault
    _sort(made, on=on)
    if not made.lines:
        raise ReturnRefused(_("Ce fichier ne contient aucune réponse."))
    audit.record(
        by=by, verb="payment_order.answered", subject=f"payment_order:{order.pk}", lines=made.lines, paid=made.paid, rejected=made.rejected,
        differences=made.differences, sha256=digest,
    )  # fmt: skip
    return made


def _stage(lines: Iterator[answers.Answer]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged_answer")
        cursor.execute(_STAGE)
        with cursor.copy("COPY staged_answer FROM STDIN") as copy:
            for one in lines:
                copy.write_row(
                    (one.number, one.end_to_end_id, one.code, one.reason, one.amount, one.paid_on, one.problem, one.whole)
                )  # fmt: skip
        cursor.execute("ANALYZE staged_answer")


def _sort(made: PaymentReturn, *, on: date) -> None:
    words = {"paid": list(answers.PAID), "rejected": list(answers.REJECTED), "no_reason": answers.NO_REASON}
    bound = words | {"returned": made.pk, "order": made.order_id, "on": on, "differences": list(DIFFERENCES)}
    with connection.cursor() as cursor:
        cursor.execute(_SORT, bound)
        cursor.execute(_APPLY, bound)
        cursor.execute(_COUNT, bound)
        counts = cursor.fetchone()
    names = ("lines", "paid", "rejected", "pending", "already", "differences")
    for name, count in zip(names, counts, strict=True):
        setattr(made, name, count)
    made.save(update_fields=names)


def _sentence(fault: answers.Unusable) -> str:
    return {
        "empty": _("Ce fichier est vide."),
        "document_type": _("Ce fichier déclare un type de document : il n’est pas lu. Demandez-le de nouveau à l’organisme payeur."),
        "not_xml": _("Ce fichier n’est pas entier ou pas bien formé (ligne %(where)s) : demandez-le de nouveau à l’organisme payeur."),
        "other_message": _("Ce fichier n’est pas une réponse %(message)s."),
        "headings": _("La première ligne du CSV doit porter au moins les titres %(headings)s."),
        "encoding": _("Ce CSV n’est pas en UTF-8 : enregistrez-le de nouveau dans ce format."),
        "not_csv": _("Ce CSV est coupé au milieu d’une cellule : demandez-le de nouveau à l’organisme payeur."),
    }[fault.code] % {"where": fault.where or "?", "message": "pain.002", "headings": listed(answers.COLUMNS[:2])}


@transaction.atomic
def settle_difference(answer_id: int, *, follow: bool, reason: str, on: date, by: User) -> PaymentAnswer:
    """Say what becomes of a difference: the registry stands, or the agency's answer is followed where it decides one payment.

    Raises NotSettled, Forbidden.
    """
    check_pay(by)
    answer = PaymentAnswer.objects.select_for_update(of=("self",)).get(pk=answer_id, outcome__in=DIFFERENCES)
    if answer.settled:
        raise NotSettled(_("Cette différence est déjà réglée."))
    if not reason.strip():
        raise NotSettled(_("Dites ce qui a été vérifié et avec qui : le motif est gardé."))
    if follow:
        _follow(answer, on=on, by=by)
    answer.settled = Settled.FOLLOWED if follow else Settled.KEPT
    answer.settled_by, answer.settled_at, answer.settled_reason = by, timezone.now(), reason.strip()
    answer.save(update_fields=["settled", "settled_by", "settled_at", "settled_reason"])
    household = answer.payment.household_id if answer.payment else None
    audit.record(
        by=by, verb="payment_difference.settled", household=household, subject=f"payment_answer:{answer.pk}", reason=reason.strip(),
        outcome=answer.outcome, settled=answer.settled,
    )  # fmt: skip
    return answer


FOLLOWABLE = ("twice", "contradiction")


def _follow(answer: PaymentAnswer, *, on: date, by: User) -> None:
    if answer.outcome not in FOLLOWABLE:
        raise NotSettled(_("Cette réponse ne décide d’aucun versement de cet ordre : seul le registre peut être maintenu."))
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=answer.payment_id)
    after = Payment.Status.PAID if answer.code in answers.PAID else Payment.Status.REJECTED
    if payment.status != after:
        _check(payment, after, by)
    payment.status, payment.answered_on = after, on
    payment.paid_on = answer.paid_on if after == Payment.Status.PAID else None
    code = answer.reason_code if len(answer.reason_code) == 4 else answers.NO_REASON
    payment.reason_code = "" if after == Payment.Status.PAID else code
    payment.save(update_fields=["status", "answered_on", "paid_on", "reason_code"])


def _check(payment: Payment, after: str, by: User) -> None:
    try:
        check_payment_move(payment.status, after, by.role)
    except MoveRefused as refusal:
        words = {"before": payment.get_status_display(), "after": Payment.Status(after).label}
        raise NotSettled(_("Un versement « %(before)s » ne peut pas devenir « %(after)s ».") % words) from refusal


@transaction.atomic
def reissue_payment(payment_id: int, *, reason: str, on: date, by: User) -> Payment:
    """Give up a rejected payment so that the next order pays it anew; an account at fault must have been replaced first.

    Given up already, nothing happens. Raises NotSettled, Forbidden.
    """
    check_role(by, *DESK)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    _check_sees(payment, by)
    if payment.status == Payment.Status.TO_REISSUE:
        return payment
    _check(payment, Payment.Status.TO_REISSUE, by)
    if not reason.strip():
        raise NotSettled(_("Dites ce qui a été corrigé."))
    if reason_of(payment.reason_code).account and current_account(payment, on=on) == payment.account:
        raise NotSettled(_("Le compte rejeté est toujours celui du dossier : enregistrez d’abord le compte corrigé, ou passez au guichet."))
    payment.status, payment.reissue_reason = Payment.Status.TO_REISSUE, reason.strip()
    payment.save(update_fields=["status", "reissue_reason"])
    audit.record(
        by=by, verb="payment.to_reissue", household=payment.household_id, subject=f"payment:{payment.pk}", reason=reason.strip(),
        code=payment.reason_code, on=str(on),
    )  # fmt: skip
    return payment


def current_account(payment: Payment, *, on: date) -> str:
    """Where it would be paid today: a RIB, or "" for cash."""
    if payment.placement_month_id:
        return payment.placement_month.placement.account
    found = PaymentAccount.objects.filter(payee_idcs=payment.payee_idcs, since__lte=on, until__gt=on)
    return found.values_list("rib", flat=True).first() or ""


def _check_sees(payment: Payment, by: User) -> None:
    """A household's in its area; a child's of an institution by who answers for the orders."""
    if payment.household_id is None:
        check_pay(by)
    elif not Payment.objects.filter(in_area(by, "household__commune"), pk=payment.pk).exists():
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))
