"""The desk: the caseworker's home, the one search box and the household file; composes what the three apps know."""

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import eligibility.losses
import eligibility.permissions
import eligibility.queries
import eligibility.services
import enrollment.permissions
import enrollment.queries
import enrollment.services
import households.queries
from households.models import Household
from rsu import audit
from rsu.authentication import PEOPLE, engine, role_required
from rsu.models import AuditEvent
from rsu.trace import SAID_BY_MOVES, trace

DEEDS_READ, DEEDS_SHOWN = 200, 40
"""Many readings make one line."""

NAVIGATION = (
    ("desk:home", _("Mon travail"), PEOPLE),
    ("households:register", _("Enregistrer"), ("caseworker", "supervisor")),
    ("enrollment:work", _("Inscriptions"), ("caseworker", "supervisor", "auditor")),
    ("dashboards:kingdom", _("Tableau de bord"), ("supervisor", "administrator", "auditor")),
    ("eligibility:policy", _("Politique"), ("administrator", "auditor")),
    ("eligibility:runs", _("Exécutions"), ("administrator", "auditor")),
    ("audit", _("Journal"), ("auditor",)),
)


def navigation(request) -> dict:
    """Context processor: the pages this role has, the present one marked."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": [], "search_allowed": False}
    here = request.resolver_match.view_name if request.resolver_match else ""
    entries = [
        {"url": reverse(name), "label": label, "current": here == name}
        for name, label, roles in NAVIGATION
        if user.role in roles and (name != "eligibility:runs" or eligibility.permissions.may_read_runs(user))
    ]
    return {"navigation": entries, "search_allowed": user.role in PEOPLE}


@role_required(*PEOPLE)
def home(request):
    user, today = request.user, timezone.localdate()
    work = enrollment.queries.work_list(user)
    context = {
        "drafts": households.queries.drafts_of(user)[:20],
        "recent": households.queries.households_of(user).prefetch_related("members")[:10],
        "to_decide_count": work.filter(status="proposed").count(),
        "to_decide": work.filter(status="proposed")[:10],
        "in_review_count": work.filter(status="in_review").count(),
        "in_review": work.filter(status="in_review")[:10],
        "on": today,
    }
    if user.role in eligibility.permissions.LOSS_READERS:
        context["losses_count"] = eligibility.losses.waiting_losses(user).count()
    if user.role in ("administrator", "auditor"):
        context["proposals_open"] = eligibility.queries.proposals().filter(status="open")[:10]
    if eligibility.permissions.may_read_runs(user):
        context["runs"] = eligibility.queries.runs()[:5]
    return render(request, "desk/home.html", context)


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


def bring_up_to_date(family, *, on) -> None:
    """What the background would do for this household a moment later, done now if it is still to do."""
    eligibility.services.assess_due(family.pk, on=on, by=engine())
    if family.determinations.filter(handled=False).exists():
        enrollment.services.propose_for_household(family.pk, on=on, by=engine())


def deeds(family, chains) -> list:
    """The last deeds on a household, readings and runs included."""
    events = AuditEvent.objects.filter(household_id=family.pk).exclude(verb__in=SAID_BY_MOVES).select_related("by").order_by("-id")
    periods = [row for chain in chains for row in chain.rows]
    return trace(events[:DEEDS_READ], enrollment.queries.moves_of(family)[:DEEDS_READ], periods)[:DEEDS_SHOWN]


@role_required(*PEOPLE)
def household(request, code: str):
    """The household's file. One whose answers changed is assessed and proposed first, by the batch's own services."""
    user, today = request.user, timezone.localdate()
    family = get_object_or_404(households.queries.households_of(user), code=code)
    bring_up_to_date(family, on=today)
    audit.record(by=user, verb="read_household", household=family)
    rights = enrollment.queries.household_enrollments(family)
    chains = eligibility.queries.chain_of(family)
    context = {
        "household": family,
        "members": households.queries.members_of(family, on=today),
        "standing": eligibility.queries.standing(family, on=today),
        "history": eligibility.queries.score_history(family, on=today),
        "chains": chains,
        "verifies_losses": user.role in eligibility.permissions.LOSS_READERS,
        "reads_runs": eligibility.permissions.may_read_runs(user),
        "enrollments": rights,
        "allowance": enrollment.queries.allowance_of_month(family, on=today),
        "without_cover": enrollment.queries.members_without_cover(family, on=today, law=request.law),
        "requests": family.requests.select_related("created_by", "processed_by").order_by("-id"),
        "trace": deeds(family, chains),
        "can_enroll": enrollment.permissions.may_decide(user, family),
        "on": today,
    }
    return render(request, "desk/household.html", context)


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


app_name = "desk"
urlpatterns = [
    path("", home, name="home"),
    path("search", search, name="search"),
    path("household/<str:code>", household, name="household"),
    path("health", health, name="health"),
]
