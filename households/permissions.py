"""Who may register households, and whose drafts are whose."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from rsu.models import Agency, User
from rsu.permissions import Forbidden, check_role

from .models import Household, Request

REGISTERING = "registration"
"""The purpose an agency's agreement must name for it to register households."""

PEOPLE = ("caseworker", "supervisor")


def check_register(user: User, *, on: date) -> None:
    """Caseworkers, supervisors, the engine, and an agency whose agreement of the day says so."""
    if user.is_active and user.role == User.Role.ENGINE:
        return
    if user.is_active and user.role == User.Role.AGENCY:
        if Agency.objects.filter(user=user, purposes__contains=[REGISTERING], since__lte=on, until__gt=on).exists():
            return
        raise Forbidden(_("La convention de cet organisme ne lui permet pas d’enregistrer des ménages."))
    check_role(user, *PEOPLE)


def may_work_on(user: User, request: Request) -> bool:
    """A request is open to whoever made it: nobody else sees what a family is still answering."""
    return request.created_by_id == user.pk


def check_work_on(user: User, request: Request) -> None:
    if not may_work_on(user, request):
        raise Forbidden(_("Cette demande est entre les mains d’une autre personne."))
    if request.kind != Request.Kind.REGISTRATION:
        raise Forbidden(_("Cette demande n’est pas un enregistrement."))


def own_work(user: User) -> Q:
    """Households whose people a list calls by their names, for this user; of the others it shows initials and masked numbers.

    Those of the one commune the user works for, and those the user has had in hand: registered, or settled a request of. The
    file itself shows everything to whoever may open it, and keeps that it was opened.
    """
    if not user.is_active:
        return Q(pk__in=[])
    in_hand = Request.objects.filter(Q(created_by=user) | Q(processed_by=user), household__isnull=False)
    own = Q(pk__in=in_hand.values("household_id"))
    if user.area_level == User.AreaLevel.COMMUNE:
        own |= Q(commune=user.commune_id)
    return own


def mark_own(user: User, households: Iterable[Household]) -> None:
    """Set `own` on each, in one query; what a list was not told about stays masked."""
    households = list(households)
    own = set(Household.objects.filter(own_work(user), pk__in={household.pk for household in households}).values_list("pk", flat=True))
    for household in households:
        household.own = household.pk in own
