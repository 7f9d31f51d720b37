"""Who may decide enrollments: caseworkers and supervisors, each in their area; and who proposes, who signs a decision on many."""

from django.utils.translation import gettext as _

from eligibility.law import Law
from households.models import Household
from rsu.models import User
from rsu.permissions import Forbidden, check_role, guarantor, in_area

from .lifecycle import PEOPLE
from .models import DecisionBatch

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


def may_sign_batch(user: User, batch: DecisionBatch, law: Law) -> bool:
    return _allowed(check_sign_batch, user, batch, law)


def why_not_sign_batch(user: User, batch: DecisionBatch, law: Law) -> str:
    try:
        check_sign_batch(user, batch, law)
    except Forbidden as refusal:
        return str(refusal)
    return ""


def check_change_contact(user: User, household: Household) -> None:
    check_decide(user, household)


def check_print_notices(user: User) -> None:
    check_role(user, *PRINTERS)


def _allowed(check, *args) -> bool:
    try:
        check(*args)
    except Forbidden:
        return False
    return True
