"""What partners have delivered, file or API: the kind, the day it was true, and what became of its rows."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from rsu.authentication import role_required

from .. import queries
from ..models import Import
from ..sheets import feeds

READERS = ("supervisor", "administrator", "auditor")


@role_required(*READERS)
@require_GET
def deliveries(request):
    """The latest first; the kind narrows the list and stays in the address."""
    kind = request.GET.get("kind", "")
    found = queries.deliveries_of(request.user)
    if kind in feeds.DELIVERED:
        found = found.filter(kind=kind)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    kinds = [(one.value, Import.Kind(one).label) for one in feeds.DELIVERED]
    return render(request, "households/deliveries.html", {"page": page, "kind": kind, "kinds": kinds})
