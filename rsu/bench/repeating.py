"""Beyond the families that one seed draws, a bench repeats them under other numbers: what the engine does costs the same.

The numbers are unique and shaped like real ones, their check digit excepted; nothing but a bench ever holds such rows.
"""

from django.db import connection, transaction

from households.models import Household, Member
from rsu.synthesis.numbers import CODE_SPACE, IDCS_SPACE, PEOPLE_A_SEED, SHUFFLE

HOUSEHOLDS, MEMBERS = Household._meta.db_table, Member._meta.db_table


def repeat(households: int) -> None:
    """Bring the registry to that many households by copying those of the first seed, whole families at a time."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id), count(*) FROM {HOUSEHOLDS}")
        span, present = cursor.fetchone()
        cursor.execute(f"SELECT max(id) FROM {MEMBERS}")
        people = cursor.fetchone()[0]
    indexes = _drop_indexes()
    for turn, start in enumerate(range(present, households, present), start=1):
        _copy(turn, span=span, people=people, last=min(present, households - start))
    for definition in indexes:
        _execute(definition)
    for table in (HOUSEHOLDS, MEMBERS):
        _execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        _execute(f"VACUUM ANALYZE {table}")


@transaction.atomic
def _copy(turn: int, *, span: int, people: int, last: int) -> None:
    """One more copy of the first `last` households; keys point inside the copy, so nothing has to look whether they exist."""
    _execute("SET LOCAL session_replication_role = replica")
    number = f"({turn + 1}::bigint * {PEOPLE_A_SEED} + id) * {SHUFFLE}"
    household = {"id": f"id + {turn * span}", "code": f"lpad(({number} % {CODE_SPACE})::text, 10, '0') || '0'"}
    member = {name: f"{name} + {turn * people}" for name in ("id", "spouse_id", "mother_id", "father_id")}
    member |= {"household_id": f"household_id + {turn * span}", "idcs": f"({number} % {IDCS_SPACE} + 200000000)::text || '0'"}
    _insert(HOUSEHOLDS, household, f"id <= {last}")
    _insert(MEMBERS, member, f"household_id <= {last}")


def _insert(table: str, changed: dict[str, str], scope: str) -> None:
    with connection.cursor() as cursor:
        # A generated column is never written: the copy computes its own.
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]
    quoted = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    _execute(f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {table} WHERE {scope}")


def _drop_indexes() -> list[str]:
    """The indexes that are no constraint: built again at the end they cost a fraction. Their definitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = ANY(ARRAY[%s, %s]::regclass[]) AND NOT i.indisunique",
            [HOUSEHOLDS, MEMBERS],
        )
        found = cursor.fetchall()
    for name, _definition in found:
        _execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
