"""The one search box."""

from django.shortcuts import redirect, render

import households.queries
from rsu import audit
from rsu.authentication import PEOPLE, role_required


@role_required(*PEOPLE)
def search(request):
    """One box: an exact identifier in the area goes straight to the household, anything else lists what was found."""
    text = request.GET.get("q", "").strip()
    found = households.queries.search(request.user, text)
    if text:
        kind, number = households.queries.looked_for(text)
        asked = {"number": audit.veiled(number)} if number else {}
        audit.record(by=request.user, verb="search", kind=kind, found=len(found.results), **asked)
    if found.exact and len(found.results) == 1:
        return redirect("desk:household", code=found.results[0].code)
    return render(request, "desk/search.html", {"q": text} | vars(found))
