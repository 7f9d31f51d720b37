"""The file of one household."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

import eligibility.permissions
import eligibility.queries
import eligibility.services
import enrollment.permissions
import enrollment.queries
import enrollment.services
import households.queries
from rsu import audit
from rsu.authentication import PEOPLE, engine, role_required
from rsu.models import AuditEvent
from rsu.trace import SAID_BY_MOVES, trace

DEEDS_READ, DEEDS_SHOWN = 200, 40
"""Many readings make one line."""


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
        "evidence": households.queries.evidence_of_household(family),
        "requests": family.requests.select_related("created_by", "processed_by").order_by("-id"),
        "trace": deeds(family, chains),
        "can_enroll": enrollment.permissions.may_decide(user, family),
        "on": today,
    }
    return render(request, "desk/household.html", context)
