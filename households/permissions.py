"""Who may register households, and whose drafts are whose."""

from datetime import date

from django.utils.translation import gettext as _

from rsu.models import Agency, User
from rsu.permissions import Forbidden, check_role

from .models import Request

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
