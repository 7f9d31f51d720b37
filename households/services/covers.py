"""The answer "health cover" of people whom the registry itself has enrolled, or who have left: no family is asked what it already knows."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from rsu import audit
from rsu.models import User

from ..models import Household, Member


@transaction.atomic
def set_covers(*, household_id: int, covers: Mapping[int, tuple[str, str | None]], on: date, by: User) -> int:
    """These members' cover and quality become those given, and the household is due for assessment if that changes anything; how many.

    The caller has locked the household. Who has left it meanwhile is passed over.
    """
    changed = 0
    for given in set(covers.values()):
        code, quality = given
        people = [pk for pk, wanted in covers.items() if wanted == given]
        rows = Member.objects.filter(household=household_id, pk__in=people).exclude(cover=code, cover_quality=quality)
        changed += rows.update(cover=code, cover_quality=quality)
    if changed:
        Household.objects.filter(pk=household_id, due_since=None).update(due_since=Now())
        audit.record(by=by, verb="covers.set", household=household_id, on=str(on), people=changed)
    return changed
