"""The account a payee is paid on: recorded and changed at the desk with a reason, its whole history kept on the family's file."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import OPEN
from households.models import Household, Member
from rsu import audit
from rsu.models import User

from ..models import PaymentAccount
from ..paying import rib as ribs
from ..permissions import check_decide


class AccountRefused(Exception):
    """What was typed cannot stand; `problems` is a sentence by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@transaction.atomic
def record_account(household: Household, *, member_id: int, rib: str, holder: str, reason: str, on: date, by: User) -> PaymentAccount:
    """Pay a member of the household on this account from the day; the one before ends that day. The same account again changes nothing.

    Raises AccountRefused, Forbidden.
    """
    check_decide(by, household)
    member = _payee(household, member_id)
    number = ribs.plain(rib)
    holder, reason = " ".join(holder.split()), reason.strip()
    problems = _problems(number, holder, reason)
    if problems:
        raise AccountRefused(problems)
    before = _running(member.idcs)
    if before and (before.rib, before.holder) == (number, holder):
        return before
    if before:
        _close(before, reason=reason, on=on, by=by)
    made = PaymentAccount.objects.create(
        household=household, member=member, payee_idcs=member.idcs, rib=number, holder=holder, since=on, reason=reason, recorded_by=by
    )
    # The number itself stays out of the journal: its digest tells whether a given one was meant.
    audit.record(
        by=by, verb="payment_account.recorded", household=household, subject=f"payment_account:{made.pk}", reason=reason,
        account=audit.veiled(number), ending=number[-4:], replaces=before.pk if before else None,
    )  # fmt: skip
    return made


@transaction.atomic
def close_account(household: Household, *, member_id: int, reason: str, on: date, by: User) -> PaymentAccount | None:
    """Pay in cash at the agency from the day; without an account, nothing happens. Raises AccountRefused, Forbidden."""
    check_decide(by, household)
    member = _payee(household, member_id)
    if not reason.strip():
        raise AccountRefused({"reason": _no_reason()})
    running = _running(member.idcs)
    if running:
        _close(running, reason=reason.strip(), on=on, by=by)
        audit.record(
            by=by, verb="payment_account.closed", household=household, subject=f"payment_account:{running.pk}", reason=reason.strip()
        )
    return running


def _payee(household: Household, member_id: int) -> Member:
    """Locked: two recordings for one person follow one another."""
    member = Member.objects.select_for_update(of=("self",)).filter(household=household, pk=member_id).first()
    if member is None:
        raise AccountRefused({"member": _("Choisissez une personne de ce ménage.")})
    return member


def _running(idcs: str) -> PaymentAccount | None:
    return PaymentAccount.objects.filter(payee_idcs=idcs, until=OPEN).first()


def _close(account: PaymentAccount, *, reason: str, on: date, by: User) -> None:
    account.until, account.closed_by, account.closed_reason = on, by, reason
    account.save(update_fields=["until", "closed_by", "closed_reason"])


def _problems(number: str, holder: str, reason: str) -> dict[str, str]:
    problems = {}
    if fault := ribs.fault_of(number):
        problems["rib"] = {
            "digits": _("Un RIB n’a que des chiffres : recopiez-le du relevé de la banque."),
            "length": _("Un RIB a 24 chiffres ; celui-ci en a %(n)d."),
            "key": _(
                "La clé (les deux derniers chiffres) ne correspond pas : un chiffre est faux ou manque. Relisez le relevé de la banque."
            ),
        }[fault] % {"n": len(number)}
    if not holder:
        problems["holder"] = _("Écrivez le titulaire, comme sur le relevé de la banque.")
    elif len(holder) > 120:
        problems["holder"] = _("Au plus %(most)s caractères.") % {"most": 120}
    if not reason:
        problems["reason"] = _no_reason()
    return problems


def _no_reason() -> str:
    return _("Dites pourquoi le compte est enregistré ou changé : la famille peut le lire.")
