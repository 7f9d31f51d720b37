"""What a change would do to a household's score and rights, told before anything is declared."""

from dataclasses import dataclass
from itertools import zip_longest

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

import households.queries
from eligibility.models import Program
from eligibility.traps import Trap
from enrollment.models import AllowanceLine, Unit
from households.declared import answers_of
from households.models import Member
from rsu import audit, explanation
from rsu.authentication import PEOPLE, role_required
from rsu.models import Region

from .household import bring_up_to_date
from .imagining import WhatIfForm
from .what_if import Picture, WhatIf, imagine


@dataclass(frozen=True)
class Money:
    """One line of the month of aid."""

    member: Member | None
    label: str
    rank: int | None
    amount: int


@dataclass(frozen=True)
class Cover:
    """One unit AMO-TADAMON would insure: its kind, whom in his own name, whom through him."""

    kind: str
    insured: Member
    dependants: list[Member]


@dataclass(frozen=True)
class Side:
    """One side of the page."""

    picture: Picture
    lines: list[Money]
    units: list[Cover]

    @property
    def trap(self) -> Trap | None:
        return self.picture.trap


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*PEOPLE)
def simulate(request, code: str):
    """GET proposes the household's own answers; POST tells what the changed ones would give. Nothing is stored but that it was asked.

    A household struck off has nothing to imagine: a 404.
    """
    user, today = request.user, timezone.localdate()
    family = get_object_or_404(households.queries.households_of(user), code=code, struck_off_on=None)
    bring_up_to_date(family, on=today)
    family.refresh_from_db()
    members = households.queries.members_of(family, on=today)
    sent = request.POST.dict() if request.method == "POST" else {}
    form = WhatIfForm(family, answers_of(family), members, data=sent, on=today, law=request.law)
    context = {"household": family, "members": members, "form": form, "on": today}
    if sent:
        answers = form.declared()
        found = imagine(family, answers, on=today, by=user, law=request.law)
        form.refuse(found.problems, answers)
        context |= told(found) if found.after else {}
    audit.record(by=user, verb="simulate_household" if sent else "read_household", household=family)
    return render(request, "desk/simulate_household.html", context, status=422 if form.problems else 200)


def told(found: WhatIf) -> dict:
    regions = {region.pk: region.name for region in Region.objects.all()}
    before, after = _side(found.before), _side(found.after)
    now, then = (side.picture.standing.by_program for side in (before, after))
    programs = [(program.label, now.get(program.value), then.get(program.value)) for program in Program if program.value in (now | then)]
    why = explanation.explained(found.comparison, regions=regions) if found.comparison else None
    return {"before": before, "after": after, "programs": programs, "why": why, "money": list(zip_longest(before.lines, after.lines))}


def _side(picture: Picture) -> Side:
    kinds, unit_kinds = dict(AllowanceLine.Kind.choices), dict(Unit.Kind.choices)
    lines = [
        Money(picture.members.get(line.member_id), str(kinds[line.kind]), line.rank, line.amount)
        for line in (picture.month.lines if picture.month else [])
    ]
    units = [
        Cover(str(unit_kinds[unit.kind]), picture.members[unit.insured.id], [picture.members[one.id] for one in unit.dependants])
        for unit in (picture.units.units if picture.units else [])
    ]
    return Side(picture, lines, units)
