"""Households in direct aid, and months written for them, straight through the services."""

from datetime import date, datetime, time

import pgtrigger
from django.utils.timezone import get_default_timezone

from enrollment import runs, services
from enrollment.models import Allowance, Enrollment, MonthRun
from households.models import Household
from rsu.authentication import engine

SINCE = date(2026, 1, 1)
DECEMBER = date(2026, 12, 1)


def aided(household: Household, *, since: date = SINCE, **fields) -> Enrollment:
    """The household's aid, running."""
    place = {"commune_id": household.commune_id, "milieu": household.milieu}
    given = {"program": "direct_aid", "quality": "household", "status": "active", "since": since} | place | fields
    return Enrollment.objects.create(household=household, **given)


def by_hand():
    """Inside, a month written is changed or lost as only somebody in the database itself could do."""
    return pgtrigger.ignore("enrollment.Allowance:allowance_keeps_rows")


def run_month(month: date = DECEMBER, *, on: date | None = None) -> MonthRun:
    """Plan the month, do all its chunks, close it, all of it at noon of the day."""
    on = on or max(month, DECEMBER)
    run = services.start_month(month, on=on, by=engine())
    noon = datetime.combine(on, time(12), get_default_timezone())
    while chunk := runs.claim(worker="test", at=noon):
        assert runs.apply(chunk, at=noon)
    runs.close_finished(at=noon)
    run.refresh_from_db()
    return run


def lines_of(household: Household, month: date = DECEMBER) -> list[tuple]:
    """[(kind, rank, dirhams, month it belongs to when another)]"""
    rows = Allowance.objects.get(household=household, month=month).lines.order_by("position")
    return [(row.kind, row.rank, row.amount / 100, *([row.belongs_to] if row.belongs_to != month else [])) for row in rows]


def paid(household: Household, month: date = DECEMBER) -> float | None:
    """Dirhams, or None when nothing was written."""
    allowance = Allowance.objects.filter(household=household, month=month).first()
    return allowance and allowance.amount / 100
