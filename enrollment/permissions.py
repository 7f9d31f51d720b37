"""Who may decide enrollments: caseworkers and supervisors, each in their area."""

from django.utils.translation import gettext as _

from households.models import Household
from rsu.models import User
from rsu.permissions import Forbidden, check_role, guarantor, in_area

from .lifecycle import PEOPLE
from .models import PaymentOrder


def check_decide(user: User, household: Household) -> None:
    """Raise Forbidden unless the user may accept, refuse, keep or end this household's enrollments."""
    check_role(user, *PEOPLE)
    if not Household.objects.filter(in_area(user), pk=household.pk).exists():
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))


def may_decide(user: User, household: Household) -> bool:
    try:
        check_decide(user, household)
    except Forbidden:
        return False
    return True


OFFICE = ("administrator", "supervisor")
PAYMENT_READERS = (*OFFICE, "auditor")


def check_pay(user: User) -> None:
    """Payment orders cover the whole kingdom: only who sees all of it prepares, signs, sends and answers for them."""
    check_role(user, *OFFICE)
    if user.area_level != User.AreaLevel.KINGDOM:
        raise Forbidden(_("Un ordre de versement paie tout le royaume : il revient à qui voit tout le royaume."))


def may_pay(user: User) -> bool:
    try:
        check_pay(user)
    except Forbidden:
        return False
    return True


def check_sign(user: User, order: PaymentOrder, law) -> None:
    """Raise Forbidden unless the user may put the order's next signature: each signer is another person, and one at least did not prepare it."""
    check_pay(user)
    check_role(user, *law.value("payment.approvers"))
    signers = [one.by for one in order.approvals.select_related("by")]
    if user in signers:
        raise Forbidden(_("Vous avez déjà signé cet ordre : une autre personne doit le signer."))
    if guarantor(user) in {guarantor(one) for one in signers}:
        raise Forbidden(_("Votre compte et celui d’un signataire ont le même garant : une personne indépendante doit signer."))
    alone = {guarantor(one) for one in (*signers, user)} == {guarantor(order.prepared_by)}
    last = len(signers) + 1 >= law.value("payment.approvals")
    if (order.prepared_by == user and not law.value("payment.preparer_approves")) or (alone and last):
        raise Forbidden(_("Vous avez préparé cet ordre : une autre personne doit le signer."))


def why_not_sign(user: User, order: PaymentOrder, law) -> str:
    """Empty when the user may sign."""
    try:
        check_sign(user, order, law)
    except Forbidden as refusal:
        return str(refusal)
    return ""


def check_migrate(user: User) -> None:
    """Raise Forbidden unless the user may move beneficiaries of another scheme into this one: administrators of the whole kingdom."""
    check_role(user, User.Role.ADMINISTRATOR)
    if user.area_level != User.AreaLevel.KINGDOM:
        raise Forbidden(_("Seul un administrateur du royaume peut faire une bascule."))


def may_migrate(user: User) -> bool:
    try:
        check_migrate(user)
    except Forbidden:
        return False
    return True


def check_settle(user: User) -> None:
    """Raise Forbidden unless the user may say who a doubtful beneficiary is."""
    check_role(user, User.Role.SUPERVISOR, User.Role.ADMINISTRATOR)
