"""Who is at the door: guards for pages, and the engine's own user."""

from functools import wraps

from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpResponse
from django.shortcuts import render

from rsu import stash
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


class Login(LoginView):
    """The door; it says when this browser keeps a form that a session left behind, and to nobody whose it is."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"typed_waits": stash.waits(self.request)}


def _to_the_door(request):
    """The login; to a script, which would take that page for its answer, 401."""
    if request.headers.get("X-Autosave") or request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    if request.method == "POST":
        stash.keep(request)
    return redirect_to_login(request.get_full_path())


def role_required(*roles: str):
    """Guard a page: a login, then one of the roles; otherwise 403 with the reason in a sentence.

    What somebody typed on a page whose session ended meanwhile comes back after their login (`rsu.stash`).
    """

    def guard(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return _to_the_door(request)
            try:
                check_role(request.user, *roles)
                return view(request, *args, **kwargs)
            except Forbidden as refusal:
                return render(request, "403.html", {"reason": str(refusal)}, status=403)

        guarded.roles = roles
        return guarded

    return guard
