"""The file of one household."""

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

import eligibility.notices
import eligibility.permissions
import eligibility.queries
import eligibility.services
import eligibility.traps
import enrollment.appeals
import enrollment.clocks
import enrollment.moved
import enrollment.orders
import enrollment.permissions
import enrollment.queries
import enrollment.services
import households.permissions
import households.queries
from eligibility.models import Program
from enrollment.contested import title_of
from households.questions import BY_FIELD
from rsu import audit
from rsu.authentication import PEOPLE, engine, role_required
from rsu.desk import conflicts
from rsu.desk.compare import why
from rsu.desk.uncovered import uncovered
from rsu.models import AuditEvent
from rsu.trace import SAID_BY_MOVES, trace

from . import deadlines

PAYMENTS_SHOWN = 3
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


@require_safe
@role_required(*PEOPLE)
def open_file(request, pk: int):
    """The way from a list to a file: the list's links would tell the codes that it masks."""
    return redirect("desk:household", code=get_object_or_404(households.queries.households_of(request.user), pk=pk).code)


@role_required(*PEOPLE)
def household(request, code: str):
    """The household's file. One whose answers changed is assessed and proposed first, by the batch's own services."""
    user, today = request.user, timezone.localdate()
    family = get_object_or_404(households.queries.households_of(user), code=code)
    bring_up_to_date(family, on=today)
    audit.record(by=user, verb="read_household", household=family)
    rights = enrollment.queries.household_enrollments(family)
    chains = eligibility.queries.chain_of(family)
    standing = eligibility.queries.standing(family, on=today)
    members = households.queries.members_of(family, on=today)
    marks = households.queries.marks_of(family, members)
    for member in members:
        member.cover_mark = marks.get((member.pk, "cover"))
        member.other_marks = conflicts.marked_answers(member, marks)
    context = {
        "household": family,
        "members": members,
        "dwelling_marks": [(BY_FIELD[name].label, mark) for (member, name), mark in marks.items() if member is None],
        "standing": standing,
        "trap": eligibility.traps.achamil_trap(standing, request.law),
        **why(family, on=today),
        "chains": chains,
        "verifies_losses": user.role in eligibility.permissions.LOSS_READERS,
        "reads_runs": eligibility.permissions.may_read_runs(user),
        "enrollments": rights,
        "moved": enrollment.moved.running_of(members, on=today),
        "aid_readable": any(row.program == Program.DIRECT_AID for row in rights),
        "payments": enrollment.orders.payments_of(family)[:PAYMENTS_SHOWN],
        "accounts": enrollment.orders.accounts_of(family).filter(until__gt=today),
        "allowance": enrollment.queries.allowance_of_month(family, on=today),
        "without_cover": uncovered(family, rights, standing, on=today, law=request.law),
        "evidence": households.queries.evidence_of_household(family),
        "requests": households.queries.requests_about(family, user),
        "kin": households.queries.kin_of(family, user),
        "may_ask": households.permissions.may_handle(user, family) and family.struck_off_on is None,
        "trace": deeds(family, chains),
        "can_enroll": enrollment.permissions.may_decide(user, family),
        "notices": eligibility.notices.notices_of_household(family),
        "can_print": eligibility.permissions.may_issue_notice(user, family),
        "appeals": [(row, title_of(row)) for row in enrollment.appeals.appeals_of_household(family)],
        "deadlines": deadlines.told(enrollment.clocks.running(user, law=request.law, household=family), user, on=today),
        "on": today,
    }
    return render(request, "desk/household.html", context)
