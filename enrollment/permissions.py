"""Who may decide enrollments: caseworkers and supervisors, each in their area; who may judge an appeal: a supervisor who is independent."""

from django.utils.translation import gettext as _

from households.models import Household
from rsu.models import User
from rsu.permissions import Forbidden, check_role, in_area

from .appeal_lifecycle import DECIDERS
from .lifecycle import PEOPLE
from .models import Appeal


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


def check_admit(user: User, appeal: Appeal) -> None:
    """Who may admit an appeal although it is late, or refuse it as late: a supervisor of the area."""
    check_role(user, *DECIDERS)
    check_decide(user, appeal.household)
