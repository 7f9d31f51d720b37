"""Any two scores of a household side by side: what changed between them, how much each change weighs, and why.

The answers of before are made again from the history and read once more by the same SQL as always (`facts.reading_sql` over
rebuilt rows), on the later day, then with the later law, then with the people of after: what each of these readings changes is
its cause's doing. What was made again is believed only if it gives the stored facts to the last one.
"""

import json
from dataclasses import dataclass
from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

import households.history
from households.history import Answers
from households.models import Household

from . import facts, queries
from .differences import Cause, Difference, Side, Step, difference
from .law import Law
from .models import Facts, PastFacts, Provision
from .programs import facts_of
from .queries import Scored
from .scope import Scope
from .score import Formula


@dataclass(frozen=True)
class Comparison:
    """`old` and `new` are the answers behind the two scores; None when they could not be made again and what age did cannot be told."""

    before: Scored
    after: Scored
    difference: Difference
    formulas: tuple[Provision, Provision]
    readings: tuple[Facts | PastFacts, Facts | PastFacts]
    old: Answers | None
    new: Answers | None

    @property
    def rebuilt(self) -> bool:
        return self.old is not None and self.new is not None

    @property
    def points(self) -> int:
        return self.after.score - self.before.score


def compare(household: Household, before: Scored, after: Scored) -> Comparison:
    """The two scores, in a number of queries that does not depend on the family."""
    rows = queries.readings({before.facts_id, after.facts_id})
    past = households.history.Past(household.pk)
    first, last = rows[before.facts_id], rows[after.facts_id]
    answers = tuple(past.answers(row.read_at, size=row.size) for row in (first, last))
    return explain(before, after, rows=(first, last), answers=answers)


def explain(
    before: Scored, after: Scored, *, rows: tuple[Facts | PastFacts, Facts | PastFacts], answers: tuple[Answers | None, Answers | None]
) -> Comparison:
    """The comparison of two scores whose facts and answers are at hand; answers that do not give their facts again are left aside."""
    laws = tuple(queries.law(row.on) for row in rows)
    old, new = (found if found and _gives(found, row, law) else None for found, row, law in zip(answers, rows, laws, strict=True))
    if old is None or new is None:
        old = new = None
    provisions = Provision.objects.in_bulk([before.formula_id, after.formula_id])
    sides = [
        Side(Formula.from_value(provisions[scored.formula_id].value), facts_of(row))
        for scored, row in zip((before, after), rows, strict=True)
    ]
    same = before.facts_id == after.facts_id
    steps = _steps(old, new, rows=rows, laws=laws) if old and new and not same else []
    found = difference(*sides, steps, rebuilt=same or old is not None, same_day=rows[0].on == rows[1].on)
    formulas = (provisions[before.formula_id], provisions[after.formula_id])
    return Comparison(before, after, found, formulas, rows, old, new)


def _gives(answers: Answers, row: Facts | PastFacts, law: Law) -> bool:
    """Whether reading these answers on the row's day gives the row."""
    read = read_answers(answers, law)
    return {name: read[name] for name in facts_of(row)} == facts_of(row)


def _steps(old: Answers, new: Answers, *, rows, laws: tuple[Law, Law]) -> list[Step]:
    """The readings between the two: the day alone, the law's lists, the people."""
    steps, day = [], rows[1].on
    if rows[0].on != day:
        steps.append(Step(Cause.AGE, read_answers(old, laws[0], on=day)))
    if any(laws[0].value(key) != laws[1].value(key) for key in facts.LAW_LISTS):
        steps.append(Step(Cause.READING, read_answers(old, laws[1])))
    if {member.idcs for member in old.members.values()} != {member.idcs for member in new.members.values()}:
        people = read_answers(households.history.with_people_of(old, new), laws[1])
        unheaded = people["heads"] != 1
        steps.append(Step(Cause.PEOPLE, {name: value for name, value in people.items() if not (unheaded and name.startswith("head_"))}))
    return steps


def read_answers(answers: Answers, law: Law, *, on: date | None = None) -> dict:
    """The facts of answers that stand in no table, by the very SQL that reads everybody: its tables are these rows.

    With the lists of the law, on its own day or on another.
    """
    values = {key: law.value(key) for key in facts.LAW_LISTS}
    rows = {"homes": _rows([answers.household]), "people": _rows(answers.members.values()), "ids": [answers.household.pk]}
    with connection.cursor() as cursor:
        cursor.execute(_READ, facts.parameters(on=on or law.on, values=values) | rows)
        names = [column.name for column in cursor.description]
        row = cursor.fetchone()
    return dict(zip(names, row, strict=True)) if row else dict.fromkeys(names)


_READ = f"""
WITH households_household AS (
    SELECT * FROM jsonb_populate_recordset(NULL::households_household, %(homes)s::jsonb)
), households_member AS (
    SELECT * FROM jsonb_populate_recordset(NULL::households_member, %(people)s::jsonb)
)
{facts.reading_sql(Scope([]).sql)}
"""


def _rows(rows) -> str:
    return json.dumps([_row(row) for row in rows], cls=DjangoJSONEncoder)


def _row(row: Model) -> dict:
    return {field.column: getattr(row, field.attname) for field in row._meta.concrete_fields}
