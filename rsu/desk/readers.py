"""Who looked at a family's file, as the family may be told: on screen, and printed in both languages."""

from django.conf import settings
from django.db.models import Count, Max, Min
from django.db.models.functions import TruncDate
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

import households.queries
from rsu import audit
from rsu.authentication import PEOPLE, role_required
from rsu.models import AuditEvent, User

READINGS = (
    "read_household", "met_household", "simulate_household", "evidence.read", "read_readers", "read_losing_family", "replay", "issue_notice",
    "reprint_notice", "issue_receipt", "reprint_receipt", "api.eligibility_check", "api.eligibility_read", "api.coverage_check",
)  # fmt: skip
"""Verbs by which somebody saw this family's answers or rights."""
NAMING = ("supervisor", "administrator", "auditor")
"""Roles shown the names of those who looked; the family is told their function and place."""
MOST_DAYS = 500


def readings_of(family) -> list[dict]:
    """One row a person and day, the latest day first: who, that day, how many times, at what hours."""
    rows = (
        AuditEvent.objects.filter(household_id=family.pk, verb__in=READINGS)
        .annotate(day=TruncDate("at"))
        .values("by", "day")
        .annotate(times=Count("id"), first=Min("at"), last=Max("at"))
        .order_by("-last", "by")[:MOST_DAYS]
    )
    rows = list(rows)
    people = User.objects.select_related("commune", "province", "region", "agency").in_bulk({row["by"] for row in rows})
    return [row | {"by": people[row["by"]]} for row in rows]


@require_safe
@role_required(*PEOPLE)
def readers(request, code: str):
    """Reading this page is a reading too: it is recorded, and stands in the list the next time."""
    family = get_object_or_404(households.queries.households_of(request.user), code=code)
    rows = readings_of(family)
    audit.record(by=request.user, verb="read_readers", household=family)
    first = getattr(request, "LANGUAGE_CODE", "fr")
    languages = sorted((language for language, _name in settings.LANGUAGES), key=lambda language: language != first)
    context = {
        "household": family,
        "rows": rows,
        "cut": len(rows) == MOST_DAYS,
        "languages": languages,
        "names_shown": request.user.role in NAMING,
        "on": timezone.localdate(),
    }
    return render(request, "desk/readers.html", context)
