"""Who will lose their place in a unit, told beforehand: one row a person and boundary, for the family to be warned in time."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from eligibility.queries import law as law_of
from households.models import Member
from rsu import audit
from rsu.models import User

from .. import units
from ..lifecycle import HOLDING
from ..models import COVERS, CoverWatch, Enrollment, Forewarning
from ..reading import OtherCovers

CHUNK = 500
NOTICE = "amo.majority_notice_days"
What = Forewarning.What


@transaction.atomic
def forewarn_covers(*, limit: int = CHUNK, on: date, by: User) -> int:
    """The next households in which a place may be lost within the days of notice; how many (0: nothing free is left).

    Written once a person and boundary, whatever the number of nights; a warning whose reason is gone lapses.
    """
    law = law_of(on)
    if not law.has(NOTICE):
        return 0
    until = on + timedelta(days=law.value(NOTICE))
    due = CoverWatch.objects.filter(warn_for__lte=until).order_by("warn_for", "household")
    watches = list(due.select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit])
    if not watches:
        return 0
    rules = units.Rules.of(law)
    coming = _coming([watch.household_id for watch in watches], rules, on=on, until=until)
    written = Forewarning.objects.bulk_create([row for rows, _next in coming.values() for row in rows], ignore_conflicts=True)
    _lapse(coming, on=on)
    for watch in watches:
        watch.warn_for = coming[watch.household_id][1]
    CoverWatch.objects.bulk_update(watches, ["warn_for"])
    audit.record(by=by, verb="forewarn_covers", on=str(on), households=len(watches), forewarned=len(written))
    return len(watches)


def _coming(households: list[int], rules: units.Rules, *, on: date, until: date) -> dict[int, tuple[list[Forewarning], date | None]]:
    """For each household the places lost from the morrow to `until`, and the first day of change after that."""
    members: dict[int, list[Member]] = {household: [] for household in households}
    for member in Member.objects.filter(household_id__in=households).order_by("household_id", "position"):
        members[member.household_id].append(member)
    others = OtherCovers([one for each in members.values() for one in each])
    held = Enrollment.objects.filter(household_id__in=households, program__in=COVERS, status__in=HOLDING)
    covered = set(held.values_list("household_id", "idcs"))
    return {household: _of_household(household, each, covered, others, rules, on, until) for household, each in members.items()}


def _of_household(household, members, covered, others, rules, on, until) -> tuple[list[Forewarning], date | None]:
    days = sorted({day for one in members for day in others.days_of_change(one, rules) if day > on})
    found: dict[str, Forewarning] = {}
    for day in (day for day in days if day <= until):
        before, after = (_places(members, others, rules, moment) for moment in (day - timedelta(days=1), day))
        for one in members:
            lost = (before.get(one.idcs) == "dependant" and after.get(one.idcs) != "dependant") or (
                one.idcs in before and one.idcs not in after
            )
            if lost and (household, one.idcs) in covered and one.idcs not in found and (what := _what(one, rules, day)):
                found[one.idcs] = Forewarning(household_id=household, member=one, idcs=one.idcs, what=what, on_day=day, written_on=on)
    return list(found.values()), next((day for day in days if day > until), None)


def _places(members: Iterable[Member], others: OtherCovers, rules: units.Rules, day: date) -> dict[str, str]:
    """{person: insured or dependant} on a day; whoever is set aside is not there."""
    found = units.sort_members([others.person(one, day) for one in members], rules)
    return {one.idcs: "insured" if one is unit.insured else "dependant" for unit in found.units for one in unit.people}


def _what(one: Member, rules: units.Rules, day: date) -> str | None:
    """What of the person's own ends that day; None when he only follows another's change."""
    if one.nationality != "ma" and one.permit_until == day:
        return What.PERMIT
    if one.disability in rules.dependant_disabilities and one.disability_until == day:
        return What.CERTIFICATE
    if units.birthday(one.born_on, rules.student_dependant_age) == day:
        return What.STUDIES
    return What.MAJORITY if units.birthday(one.born_on, rules.dependant_age) == day else None


def _lapse(coming: dict[int, tuple[list[Forewarning], date | None]], *, on: date) -> None:
    """Warnings of these households that nothing announces any longer."""
    kept = {(row.idcs, row.what, row.on_day) for rows, _next in coming.values() for row in rows}
    open_rows = Forewarning.objects.filter(household_id__in=list(coming), on_day__gt=on)
    for row in open_rows:
        lapsed = None if (row.idcs, row.what, row.on_day) in kept else on
        if (row.lapsed_on is None) != (lapsed is None):
            Forewarning.objects.filter(pk=row.pk).update(lapsed_on=lapsed)
