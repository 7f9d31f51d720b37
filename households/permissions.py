"""Who may register households, and whose drafts are whose."""

from datetime import date

from django.utils.translation import gettext as _

from rsu.models import Agency, User
from rsu.permissions import Forbidden, check_role, communes_of, may_role

from .models import DraftHand, Request

REGISTERING = "registration"
"""The purpose an agency's agreement must name for it to register households."""

PEOPLE = ("caseworker", "supervisor")

ON_PAGES = (Request.Kind.REGISTRATION, Request.Kind.UPDATE)
"""Requests whose answers are those of the questionnaire, worked on through its pages."""


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
    """A request is open to whoever made it, and to whoever took it up while it is about their own area."""
    if request.created_by_id == user.pk:
        return True
    return may_role(user, *PEOPLE) and _in_own_area(user, request) and DraftHand.objects.filter(request=request, user=user).exists()


def check_work_on(user: User, request: Request) -> None:
    if not may_work_on(user, request):
        raise Forbidden(_("Cette demande est entre les mains d’une autre personne."))
    if request.kind not in ON_PAGES:
        raise Forbidden(_("Cette demande n’est pas un enregistrement."))


def may_resume(user: User, request: Request) -> bool:
    """A draft of one's own area, begun by somebody at a counter: colleagues may take it up, knowingly."""
    drafted = request.status == Request.Status.DRAFT and request.kind in ON_PAGES and request.created_by.role in PEOPLE
    return drafted and may_role(user, *PEOPLE) and request.commune_id is not None and _in_own_area(user, request)


def check_resume(user: User, request: Request) -> None:
    if not may_resume(user, request):
        raise Forbidden(_("Ce brouillon ne peut pas être repris : il n’est plus en cours, ou il n’est pas de votre territoire."))


def _in_own_area(user: User, request: Request) -> bool:
    """A draft whose commune is not chosen, or chosen wrong just now, stays with whoever is at work on it."""
    return request.commune_id is None or communes_of(user).filter(pk=request.commune_id).exists()
