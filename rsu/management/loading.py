"""Bulk loading of invented households: ids reserved first, rows streamed by COPY, all or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from households.models import Household, Member
from rsu.synthesis.plan import Plan
from rsu.synthesis.rows import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS, blocks


@dataclass(frozen=True)
class Loaded:
    """Ids of what was loaded, both ends included."""

    first_household: int
    last_household: int
    people: int


def load(plan: Plan, *, seed: int, on: date, processes: int, due_since: datetime | None) -> Loaded:
    """Write the plan's households and members. `due_since` is set on them when nobody is going to assess them at once.

    The caller holds the transaction.
    """
    first_household = _reserve(Household, len(plan.places))
    first_member = _reserve(Member, plan.people)
    _copy_blocks(blocks(plan, processes=processes, seed=seed, on=on, first_household=first_household, first_member=first_member))
    loaded = Loaded(first_household, first_household + len(plan.places) - 1, plan.people)
    if due_since:
        Household.objects.filter(pk__range=(loaded.first_household, loaded.last_household)).update(due_since=due_since)
    return loaded


@transaction.atomic
def _reserve(model: type[Household] | type[Member], count: int) -> int:
    """The first of `count` ids that nobody else will get."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        # Waits for inserts under way and holds back new ones while the sequence jumps.
        cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        first = cursor.fetchone()[0]
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first + count - 1])
    return first


def _copy_blocks(rows: Iterable[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        for households, members in rows:
            for table, columns, text in (
                (Household._meta.db_table, HOUSEHOLD_COLUMNS, households),
                (Member._meta.db_table, MEMBER_COLUMNS, members),
            ):
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                    copy.write(text)
        cursor.execute(f"ANALYZE {Household._meta.db_table}")
        cursor.execute(f"ANALYZE {Member._meta.db_table}")
