"""Work lists of covers: who will lose their place, whose other cover is awaited; always within the caller's area."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from rsu.models import User
from rsu.permissions import in_area

from .lifecycle import HOLDING
from .models import COVERS, Direction, Enrollment, Forewarning

AWAITED = (Direction.State.DIRECTED, Direction.State.APPLIED)


def coming_changes(user: User, *, on: date) -> QuerySet[Forewarning]:
    """Places that end after the day, the nearest first; of whoever still holds one."""
    held = Enrollment.objects.filter(program__in=COVERS, idcs=OuterRef("idcs"), household=OuterRef("household"), status__in=HOLDING)
    rows = Forewarning.objects.filter(in_area(user, "household__commune"), Exists(held), on_day__gt=on, lapsed_on=None)
    return rows.select_related("household__commune", "member").order_by("on_day", "id")


def directions_waiting(user: User, *, state: str = "") -> QuerySet[Direction]:
    """Persons directed to another scheme that does not cover them yet, the longest first."""
    rows = Direction.objects.filter(in_area(user, "household__commune"), state__in=[state] if state in AWAITED else AWAITED)
    return rows.select_related("household__commune", "member").order_by("directed_on", "id")
