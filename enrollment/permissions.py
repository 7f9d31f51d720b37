"""Who may decide enrollments: caseworkers and supervisors, each in their area; who signs for many, pays, moves another scheme, judges."""

from django.utils.translation import gettext as _

from eligibility.law import Law
from households.models import Household
from rsu.models import User
from rsu.permissions import Forbidden, check_role, guarantor, in_area

from .appeal_lifecycle import DECIDERS
from .lifecycle import PEOPLE
from .models import Appeal, DecisionBatch, PaymentOrder

PROPOSERS, SIGNERS, SECOND_FROM = "batch.proposers", "batch.signers", "batch.second_from"
BATCH_READERS = ("supervisor", "administrator", "auditor")
WAITING_READERS = ("caseworker", "supervisor", "administrator", "auditor")
MESSAGE_READERS = ("caseworker", "supervisor", "administrator", "auditor")
PRINTERS = ("caseworker", "supervisor")


def check_decide(user: User, household: Household) -> None:
    """Raise Forbidden unless the user may accept, refuse, keep or end this household's enrollments."""
    check_role(user, *PEOPLE)
    if not Household.objects.filter(in_area(user), pk=household.pk).exists():
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))


def may_decide(user: User, household: Household) -> bool:
    return _allowed(check_decide, user, household)


def check_propose_batch(user: User, law: Law) -> None:
    check_role(user, *law.value(PROPOSERS))


def may_propose_batch(user: User, law: Law) -> bool:
    return _allowed(check_propose_batch, user, law)


def check_sign_batch(user: User, batch: DecisionBatch, law: Law) -> None:
    """Another person than the one who proposed, not an account that he or she made, who sees every household of the list."""
    check_role(user, *law.value(SIGNERS))
    if batch.proposed_by_id == user.pk:
        raise Forbidden(_("Vous avez proposé cette décision : une autre personne doit la signer."))
    if guarantor(user) == guarantor(batch.proposed_by):
        raise Forbidden(_("Votre compte et celui de la personne qui propose ont le même garant : une personne indépendante doit signer."))
    listed = {household for (ids,) in batch.chunks.values_list("households") for household in ids}
    if Household.objects.filter(in_area(user), pk__in=listed).count() != len(listed):
        raise Forbidden(_("Des ménages de cette liste ne sont pas dans votre territoire : une personne qui les voit tous doit la signer."))


def why_not_sign_batch(user: User, batch: DecisionBatch, law: Law) -> str:
    try:
        check_sign_batch(user, batch, law)
    except Forbidden as refusal:
        return str(refusal)
    return ""


def check_change_contact(user: User, household: Household) -> None:
    check_decide(user, household)


def _allowed(check, *args) -> bool:
    try:
        check(*args)
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


def check_judge(user: User, appeal: Appeal) -> None:
    """A supervisor of the area who neither took the contested decision nor received the appeal, and neither made nor owes the account
    of who did."""
    check_role(user, *DECIDERS)
    check_decide(user, appeal.household)
    request = appeal.request
    hands = [request.created_by, request.submitted_by, *(hand.user for hand in request.hands.select_related("user"))]
    sentences = [
        (appeal.contested_by, _("Vous avez pris la décision contestée : un autre superviseur doit juger ce recours.")),
        *((one, _("Vous avez reçu ce recours : un autre superviseur doit le juger.")) for one in [appeal.filed_by, *hands]),
    ]
    for one, sentence in sentences:
        if one and (user == one or one.vouched_by_id == user.pk or user.vouched_by_id == one.pk):
            raise Forbidden(sentence)


def why_not_judge(user: User, appeal: Appeal) -> str:
    """The sentence beside the button that may not be pressed; empty when it may."""
    try:
        check_judge(user, appeal)
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


def check_admit(user: User, appeal: Appeal) -> None:
    """Who may admit an appeal although it is late, or refuse it as late: a supervisor of the area."""
    check_role(user, *DECIDERS)
    check_decide(user, appeal.household)
