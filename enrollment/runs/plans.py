"""Who a month is about, written down as chunks before anything is done: `planned` is what its closing equation must find."""

from datetime import date

from django.conf import settings
from django.db import connection

from eligibility.law import Law
from households.models import VerifiedPeriod
from rsu.models import User

from ..allowances import AMOUNTS, reference_day
from ..models import DueLine, MonthRun, Suspension
from .writing import WAITING

_DUE = f"""
    SELECT household_id FROM enrollment_enrollment
    WHERE program = 'direct_aid' AND status IN ('active', 'in_review', 'suspended', 'ended') AND since <= %(read_on)s AND until > %(read_on)s
    UNION
    SELECT household_id FROM enrollment_dueline WHERE {WAITING}
"""
_WRITTEN = "SELECT household_id FROM enrollment_allowance WHERE month = %(month)s"
_CHUNKS = """
    INSERT INTO enrollment_monthchunk (run_id, position, households, size, status, attempts, worker, paid, already, not_due, lines, amount, error)
    SELECT %(run)s, row_number() OVER (ORDER BY block), households, cardinality(households), 'waiting', 0, '', 0, 0, '{{}}', 0, 0, ''
    FROM (SELECT household_id / %(width)s AS block, array_agg(household_id ORDER BY household_id) AS households FROM ({about}) d GROUP BY 1) b
"""
# A delivery may just have stated a period for every pupil: planned on what the table was, each chunk would read all of it.
_READ = f"ANALYZE {VerifiedPeriod._meta.db_table}, {Suspension._meta.db_table}, {DueLine._meta.db_table}"


def plan_month(kind: str, *, month: date, law: Law, reason: str, on: date, by: User) -> MonthRun:
    """Plan every household whose aid runs on the reference day or that is owed something by then; a correction, those already written."""
    read_on = reference_day(month, law)
    run = MonthRun.objects.create(kind=kind, month=month, read_on=read_on, provision_id=law.cite(AMOUNTS).id, reason=reason, on=on, by=by)
    about = _DUE if kind == MonthRun.Kind.PAYMENT else _WRITTEN
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        parameters = {"run": run.pk, "width": settings.RUN_MONTH_RANGE, "read_on": read_on, "month": month}
        cursor.execute(_CHUNKS.format(about=about), parameters)
        cursor.execute("SELECT coalesce(sum(size), 0) FROM enrollment_monthchunk WHERE run_id = %s", [run.pk])
        run.planned = cursor.fetchone()[0]
    run.save(update_fields=["planned"])
    return run
