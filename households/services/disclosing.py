"""What a page tells of registered people to whoever registers somebody who looks like them."""

from collections.abc import Iterable

from django.db import transaction

from rsu import audit
from rsu.models import AuditEvent, User

from ..models import Household, Member, Request

MET = "met_household"


def record_met(*, request: Request, members: Iterable[Member], households: Iterable[Household], by: User) -> None:
    """Trace that `by` was shown these people and households on a draft: each person once, each household named without one once."""
    people = {member.pk: member.household_id for member in members}
    families = {household.pk for household in households}
    if not _new(request, people, families, by):
        return
    with transaction.atomic():
        Request.objects.select_for_update(of=("self",)).get(pk=request.pk)  # two windows of one reader trace it once
        audit.record_each(by=by, verb=MET, about=_new(request, people, families, by), subject=_subject(request))


def _new(request: Request, people: dict[int, int], families: set[int], by: User) -> list[tuple[int, dict]]:
    """(household, details) of what this reader was not shown yet on this draft."""
    concerned = families | set(people.values())
    if not concerned:
        return []
    told = AuditEvent.objects.filter(household_id__in=concerned, by=by, verb=MET, subject=_subject(request))
    known = set(told.values_list("household_id", "details__member"))
    fresh = [(household, {"member": pk}) for pk, household in people.items() if (household, pk) not in known]
    seen = {household for household, _member in known} | set(people.values())
    return fresh + [(household, {}) for household in sorted(families - seen)]


def _subject(request: Request) -> str:
    return f"request:{request.pk}"
