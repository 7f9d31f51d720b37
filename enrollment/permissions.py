"""Who may decide enrollments: caseworkers and supervisors, each in their area."""

from django.utils.translation import gettext as _

from households.models import Household
from rsu.models import User
from rsu.permissions import Forbidden, check_role, in_area

from .lifecycle import PEOPLE


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
