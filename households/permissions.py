"""Who may register households, and whose drafts are whose."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from rsu.models import Agency, User
from rsu.permissions import Forbidden, check_role, communes_of, in_area, may_role

from .lifecycle import PEOPLE
from .models import DraftHand, Household, Import, Request

REGISTERING = "registration"
"""The purpose an agency's agreement must name for it to register households."""

ON_PAGES = (Request.Kind.REGISTRATION, Request.Kind.UPDATE, Request.Kind.SCORE_REVIEW, Request.Kind.STRIKING_OFF)
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
    """A registration is open to whoever made it, and to whoever took it up while it is about their own area. Later requests, to the area."""
    if request.kind != Request.Kind.REGISTRATION:
        return may_handle_request(user, request)
    if request.created_by_id == user.pk:
        return True
    return may_role(user, *PEOPLE) and _in_own_area(user, request) and DraftHand.objects.filter(request=request, user=user).exists()


def check_work_on(user: User, request: Request) -> None:
    if not may_work_on(user, request):
        raise Forbidden(_("Cette demande est entre les mains d’une autre personne."))


def check_handle(user: User, household: Household) -> None:
    """Whoever registers families may ask for one of the area; the engine for any."""
    if user.is_active and user.role == User.Role.ENGINE:
        return
    check_role(user, *PEOPLE)
    if not Household.objects.filter(in_area(user), pk=household.pk).exists():
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))


def may_handle(user: User, household: Household) -> bool:
    return _allowed(check_handle, user, household)


TOGETHER = (Request.Occasion.MERGE, Request.Occasion.TRANSFER)
"""Occasions that write two families registered before."""


def check_handle_request(user: User, request: Request) -> None:
    """A request is handled where its household lives; a move also by those it leaves, and what brings two families
    together by who answers for both."""
    if request.household is None:
        return check_work_on(user, request)
    if request.occasion in TOGETHER and request.other is not None:
        check_handle(user, request.other)
    leaves = request.occasion == Request.Occasion.MOVE and request.commune_id and may_role(user, *PEOPLE)
    if leaves and communes_of(user).filter(pk=request.commune_id).exists():
        return None
    return check_handle(user, request.household)


def may_handle_request(user: User, request: Request) -> bool:
    return _allowed(check_handle_request, user, request)


def check_approve(user: User, request: Request) -> None:
    """The second signature: a supervisor of the area who had no hand in the request, and neither made nor owes the account of who had.

    Not the guarantor at the origin of all, as for the law: one administrator makes every account of a province, and nobody there
    could then sign for anybody.
    """
    check_role(user, User.Role.SUPERVISOR)
    check_handle_request(user, request)
    hands = [request.created_by, request.submitted_by, *(hand.user for hand in request.hands.select_related("user"))]
    if any(user == one or one.vouched_by_id == user.pk or user.vouched_by_id == one.pk for one in hands if one):
        raise Forbidden(_("Cette demande doit être approuvée par une autre personne que celle qui l’a envoyée."))


def why_not_approve(user: User, request: Request) -> str:
    """The sentence beside the button that may not be pressed; empty when it may."""
    try:
        check_approve(user, request)
    except Forbidden as refusal:
        return str(refusal)
    return ""


def check_assign(user: User, to: User | None, request: Request) -> None:
    """One takes a request oneself or gives it back; a supervisor gives it to anybody of the area."""
    if to not in (None, user):
        check_role(user, User.Role.SUPERVISOR)
        check_handle_request(to, request)


DELIVERERS = ("supervisor", "administrator")
IMPORTERS = {kind: PEOPLE if kind == Import.Kind.HOUSEHOLDS else DELIVERERS for kind in Import.Kind.values}
"""Who may send which file: whoever registers families sends families, whoever answers for an area what partners say of it."""


def check_import(user: User, kind: str) -> None:
    """An agency delivers its own; whether its agreement holds this kind is `check_delivery`'s to say."""
    if kind == Import.Kind.HOUSEHOLDS or user.role != User.Role.AGENCY:
        check_role(user, *IMPORTERS[kind])


def check_delivery(agency: Agency | None, kind: str, *, on: date, by: User) -> None:
    """A partner's answers of a kind that its agreement of the day holds; an agency speaks for itself alone."""
    if agency is None or (by.role == User.Role.AGENCY and agency.user_id != by.pk):
        raise Forbidden(_("Choisissez l’organisme dont viennent ces réponses."))
    if not agency.since <= on < agency.until:
        raise Forbidden(_("La convention de cet organisme n’est pas en vigueur."))
    if kind not in agency.feeds:
        raise Forbidden(_("La convention de cet organisme ne prévoit pas ces livraisons."))


def kinds_offered(user: User) -> list[str]:
    return [kind for kind, roles in IMPORTERS.items() if user.is_active and user.role in roles]


def _allowed(check, *subjects) -> bool:
    try:
        check(*subjects)
    except Forbidden:
        return False
    return True


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


def may_resume(user: User, request: Request) -> bool:
    """A draft of one's own area, begun by somebody at a counter: colleagues may take it up, knowingly."""
    registered = request.kind == Request.Kind.REGISTRATION and request.created_by.role in PEOPLE
    drafted = request.status == Request.Status.DRAFT and registered
    return drafted and may_role(user, *PEOPLE) and request.commune_id is not None and _in_own_area(user, request)


def check_resume(user: User, request: Request) -> None:
    if not may_resume(user, request):
        raise Forbidden(_("Ce brouillon ne peut pas être repris : il n’est plus en cours, ou il n’est pas de votre territoire."))


def _in_own_area(user: User, request: Request) -> bool:
    """A draft whose commune is not chosen, or chosen wrong just now, stays with whoever is at work on it."""
    return request.commune_id is None or communes_of(user).filter(pk=request.commune_id).exists()
