"""Who reads the law's pages, who proposes a change of the law, who signs it: the page's button and the service ask the same."""

from django.utils.translation import gettext as _

from households.models import Household, Request
from rsu.authentication import PEOPLE
from rsu.models import User
from rsu.permissions import Forbidden, check_role, guarantor, in_area

from .models import Notice, Proposal
from .notices import notices_of, requests_receipted

READERS = ("administrator", "auditor")
NOTICE_ISSUERS = ("caseworker", "supervisor")
LOSS_READERS = ("caseworker", "supervisor", "auditor")


def check_propose(user: User) -> None:
    """An administrator whose area is the kingdom: the law is the same everywhere in it."""
    check_role(user, User.Role.ADMINISTRATOR)
    if user.area_level != User.AreaLevel.KINGDOM:
        raise Forbidden(_("La loi vaut pour tout le royaume : seul un administrateur du royaume peut la changer."))


def may_propose(user: User) -> bool:
    return _allowed(check_propose, user)


def why_not_propose(user: User) -> str:
    return _why_not(check_propose, user)


def check_decide(user: User, proposal: Proposal) -> None:
    """Another administrator of the kingdom than the one who proposed, and not an account that he or she made or took over."""
    check_propose(user)
    if proposal.proposed_by_id == user.pk:
        raise Forbidden(_("Vous avez fait cette proposition : un autre administrateur doit la décider."))
    if guarantor(user) == guarantor(proposal.proposed_by):
        raise Forbidden(
            _("Votre compte et celui de la personne qui propose ont le même garant : un administrateur indépendant doit décider.")
        )


def may_decide(user: User, proposal: Proposal) -> bool:
    return _allowed(check_decide, user, proposal)


def why_not_decide(user: User, proposal: Proposal) -> str:
    return _why_not(check_decide, user, proposal)


def check_read_runs(user: User) -> None:
    """A run counts the whole kingdom: an administrator or an auditor whose area it is."""
    check_role(user, *READERS)
    if user.area_level != User.AreaLevel.KINGDOM:
        raise Forbidden(_("Une exécution compte les ménages de tout le royaume : elle se lit à cette échelle."))


def may_read_runs(user: User) -> bool:
    return _allowed(check_read_runs, user)


def check_run(user: User) -> None:
    """A run acts on every household of the kingdom: who may change the law may pause it, give it up or take it up again."""
    check_propose(user)


def why_not_run(user: User) -> str:
    return _why_not(check_run, user)


def check_read_samples(user: User) -> None:
    """A sample is drawn from the whole kingdom: an administrator or an auditor whose area it is."""
    check_role(user, *READERS)
    if user.area_level != User.AreaLevel.KINGDOM:
        raise Forbidden(_("Les échantillons sont tirés dans tout le royaume : ils se lisent à cette échelle."))


def may_read_samples(user: User) -> bool:
    return _allowed(check_read_samples, user)


def check_acknowledge(user: User) -> None:
    """An alarm is lifted by an administrator of the kingdom; an auditor reads and changes nothing."""
    check_role(user, User.Role.ADMINISTRATOR)
    check_read_samples(user)


def may_acknowledge(user: User) -> bool:
    return _allowed(check_acknowledge, user)


def check_confirm_loss(user: User, household: Household) -> None:
    """A supervisor, for a household of his or her area: who takes declarations does not close rights by them alone."""
    check_role(user, User.Role.SUPERVISOR)
    if not Household.objects.filter(in_area(user), pk=household.pk).exists():
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))


def may_confirm_loss(user: User, household: Household) -> bool:
    return _allowed(check_confirm_loss, user, household)


def check_issue_notice(user: User, household: Household) -> None:
    """Who receives the family at the counter gives it the paper; an auditor and an administrator read what was given."""
    check_role(user, *NOTICE_ISSUERS)
    if not Household.objects.filter(in_area(user), pk=household.pk).exists():
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))


def may_issue_notice(user: User, household: Household) -> bool:
    return _allowed(check_issue_notice, user, household)


def check_issue_receipt(user: User, request: Request) -> None:
    """The same people; a request that has no household yet belongs to its commune, and to whoever made it."""
    check_role(user, *NOTICE_ISSUERS)
    own = request.household_id is None and request.created_by_id == user.pk
    if not own and not requests_receipted(user).filter(pk=request.pk).exists():
        raise Forbidden(_("Cette demande n’est pas dans votre territoire."))


def check_read_notice(user: User, notice: Notice) -> None:
    """Who may read the household's file reads what it was told."""
    check_role(user, *PEOPLE)
    if not notices_of(user).filter(pk=notice.pk).exists():
        raise Forbidden(_("Cette notification n’est pas dans votre territoire."))


def _allowed(check, *subjects) -> bool:
    return _refusal(check, *subjects) is None


def _why_not(check, *subjects) -> str:
    """The sentence beside a button that may not be pressed; empty when it may."""
    refusal = _refusal(check, *subjects)
    return "" if refusal is None else str(refusal)


def _refusal(check, *subjects) -> Forbidden | None:
    try:
        check(*subjects)
    except Forbidden as refusal:
        return refusal
    return None
