"""Whose eyes reach where: every query starts from `in_area`, every deed from `check_role`."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from rsu.models import Commune, User
from rsu.wording import listed


class Forbidden(Exception):
    """The caller may not do this; the message is a sentence for the screen."""


def in_area(user: User, prefix: str = "commune") -> Q:
    """What of a model the user may see; `prefix` is the path to its commune. An agency sees nothing outside its agreement's area."""
    if not user.is_active or user.area_level == User.AreaLevel.NOWHERE:
        return Q(pk__in=[])
    if user.area_level == User.AreaLevel.KINGDOM:
        return Q()
    if user.area_level == User.AreaLevel.COMMUNE:
        return Q(**{prefix: user.commune_id})
    return Q(**{f"{prefix}__{user.area_level}": getattr(user, f"{user.area_level}_id")})


def in_provinces(user: User, prefix: str = "province") -> Q:
    """The same for a model counted by province: of an area smaller than a province, nothing."""
    if not user.is_active or user.area_level in (User.AreaLevel.NOWHERE, User.AreaLevel.COMMUNE):
        return Q(pk__in=[])
    if user.area_level == User.AreaLevel.KINGDOM:
        return Q()
    if user.area_level == User.AreaLevel.PROVINCE:
        return Q(**{prefix: user.province_id})
    return Q(**{f"{prefix}__region": user.region_id})


def communes_of(user: User) -> QuerySet[Commune]:
    """The communes of the user's area."""
    if user.area_level == User.AreaLevel.COMMUNE:
        return Commune.objects.filter(in_area(user, "pk"))
    if user.area_level in (User.AreaLevel.NOWHERE, User.AreaLevel.KINGDOM) or not user.is_active:
        return Commune.objects.filter(in_area(user))
    return Commune.objects.filter(**{user.area_level: getattr(user, f"{user.area_level}_id")})


def may_role(user: User, *roles: str) -> bool:
    return user.is_active and user.role in roles


def check_role(user: User, *roles: str) -> None:
    """Raise Forbidden, naming who may, unless the user has one of the roles."""
    if not may_role(user, *roles):
        names = listed(User.Role(role).label for role in roles)
        raise Forbidden(_("Cette action revient à : %(roles)s.") % {"roles": names})


def guarantor(user: User) -> User:
    """The account at the origin of this one: who made it or gave it its password, and so on to one the installation made."""
    seen = {user.pk}
    while user.vouched_by is not None and user.vouched_by_id not in seen:
        user = user.vouched_by
        seen.add(user.pk)
    return user
