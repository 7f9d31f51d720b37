"""Clocks left to run are raised: to the supervisor as the last day comes near, to the administrator once it is past; once each."""

from datetime import date

from django.db import connection, transaction

from eligibility.queries import law as law_of
from rsu import audit
from rsu.models import User

from .. import clocks
from ..models import Escalation

Level = Escalation.Level

_RAISE = """
INSERT INTO enrollment_escalation (clock, subject_id, level, household_id, commune_id, due_on, raised_on, raised_at)
SELECT c.clock, c.subject, %s, c.home, c.place, c.due, %s, statement_timestamp()
FROM ({clocks}) c (clock, subject, home, place, started, due, owner, of_program, raised)
WHERE c.due <= %s
ON CONFLICT (clock, subject_id, level) DO NOTHING
"""


@transaction.atomic
def escalate_clocks(*, on: date, by: User) -> dict[str, int]:
    """Raise whatever the law of the day says is to be raised; how many by level. Done twice, or by two workers, raises nothing more."""
    law = law_of(on)
    limits = {Level.SUPERVISOR: on + clocks.before(law), Level.ADMINISTRATOR: on - clocks.after(law)}
    raised = {}
    statement, parameters = clocks.running(by, law=law).query.sql_with_params()
    with connection.cursor() as cursor:
        for level, last in limits.items():
            cursor.execute(_RAISE.format(clocks=statement), [level, on, *parameters, last])
            raised[level.value] = cursor.rowcount
    if any(raised.values()):
        audit.record(by=by, verb="escalate_clocks", on=str(on), **raised)
    return raised
