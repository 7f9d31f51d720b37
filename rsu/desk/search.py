"""The one search box."""

import uuid

from django.shortcuts import redirect, render

import households.permissions
import households.queries
from rsu import audit
from rsu.authentication import PEOPLE, role_required


@role_required(*PEOPLE)
def search(request):
    """One box: an exact identifier in the area goes straight to the household, anything else lists what was found."""
    user, text = request.user, request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = households.queries.search(user, text)
    if text:
        kind, number = households.queries.looked_for(text)
        asked = {"number": audit.veiled(number)} if number else {}
        audit.record(by=user, verb="search", kind=kind, found=len(found.results), **asked)
    if found.exact and len(found.results) == 1:
        return redirect("desk:household", code=found.results[0].code)
    context = {"q": text, "can_register": user.role in households.permissions.PEOPLE, "token": uuid.uuid4()}
    if not text:
        context["recent"] = households.queries.recently_seen(user)
    return render(request, "desk/search.html", context | vars(found))
