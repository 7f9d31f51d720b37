"""Who is at the door: guards for pages, and the engine's own user."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from rsu.models import User
from rsu.permissions import Forbidden, check_role

PEOPLE = ("caseworker", "supervisor", "administrator", "auditor")
"""Roles that log in through the browser; agencies use tokens, the engine never logs in."""


def engine() -> User:
    """The engine acts under its own name; it has no password and sees the kingdom."""
    user, _created = User.objects.get_or_create(
        username="engine",
        defaults={"role": User.Role.ENGINE, "area_level": User.AreaLevel.KINGDOM, "password": "!", "first_name": "Moteur"},
    )
    return user


def role_required(*roles: str):
    """Guard a page: a login, then one of the roles; otherwise 403 with the reason in a sentence."""

    def guard(view):
        @login_required
        @wraps(view)
        def guarded(request, *args, **kwargs):
            try:
                check_role(request.user, *roles)
                return view(request, *args, **kwargs)
            except Forbidden as refusal:
                return render(request, "403.html", {"reason": str(refusal)}, status=403)

        guarded.roles = roles
        return guarded

    return guard
