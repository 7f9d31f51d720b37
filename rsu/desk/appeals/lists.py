"""Appeals that wait, those filed too late, those judged."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from enrollment import appeals
from enrollment.contested import title_of
from enrollment.models import Appeal
from households.permissions import mark_own
from rsu.authentication import role_required

from .page import READERS

PAGE = 25
TITLES = {"open": gettext_lazy("À juger"), "late": gettext_lazy("Hors délai, à admettre"), "decided": gettext_lazy("Répondus")}


@require_safe
@role_required(*READERS)
def list_appeals(request):
    """One list at a time, the nearest deadline first; filters narrow it and stay in the address."""
    user, today = request.user, timezone.localdate()
    shown = request.GET.get("list", "")
    shown = shown if shown in TITLES else "open"
    contests, overdue = request.GET.get("contests", ""), bool(request.GET.get("overdue"))
    rows = appeals.appeals_in(shown, user, on=today, contests=contests, overdue=overdue)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    mark_own(user, [row.household for row in page.object_list])
    counts = appeals.counts_of(user, on=today)
    context = {
        "page": page,
        "rows": [(row, title_of(row)) for row in page.object_list],
        "lists": [(name, title, counts[name]) for name, title in TITLES.items()],
        "shown": shown,
        "counts": counts,
        "kinds": Appeal.Contests.choices,
        "contests": contests,
        "only_overdue": overdue,
        "on": today,
    }
    return render(request, "desk/appeals/appeals.html", context)
