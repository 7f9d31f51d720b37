"""The trace as auditors read it, and the pulse that machines read."""

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

import households.queries
from households.models import Household
from rsu import audit
from rsu.authentication import role_required
from rsu.models import AuditEvent


@role_required("auditor")
def journal(request):
    """The trace, newest first, by household, verb, actor or number searched; the auditor reads everything and changes nothing."""
    household_code = Household.objects.filter(pk=OuterRef("household_id")).values("code")
    events = AuditEvent.objects.select_related("by").annotate(household_code=Subquery(household_code)).order_by("-id")
    if code := "".join(filter(str.isdecimal, request.GET.get("household", ""))):
        events = events.filter(household_id__in=Household.objects.filter(code=code).values("pk"))
    filters = {"verb": "verb", "by": "by__username", "subject": "subject"}
    for name, lookup in filters.items():
        if value := request.GET.get(name, "").strip():
            events = events.filter(**{lookup: value})
    if number := request.GET.get("number", "").strip():
        events = events.filter(verb="search", details__number__in=audit.veils(households.queries.looked_for(number)[1]))
    before = request.GET.get("before", "")
    if before.isdecimal():
        events = events.filter(pk__lt=int(before))
    page = list(events[:51])
    return render(
        request, "rsu/journal.html", {"events": page[:50], "next": page[49].pk if len(page) > 50 else None, "filters": request.GET}
    )


def health(request) -> HttpResponse:
    """200 when the database answers; says nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
