"""The tables are made whole by one migration an app: taken back and made again they are the same; those of before are recognized."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from rsu.whole_tables import AlreadyThere

pytestmark = pytest.mark.django_db
APPS = ("rsu", "households", "eligibility", "enrollment")
OWN = "(c.relname ~ '^(households|eligibility|enrollment)_' AND c.relname !~ '^eligibility_assessment_[0-9]')"
CATALOG = {
    "tables": "SELECT c.relname, c.relkind, c.relpersistence, c.reloptions::text FROM pg_class c WHERE {own} AND c.relkind IN ('r', 'p', 'v')",
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE {own} AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE {own}",
    "indexes": "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE {own}",
    "triggers": """
        SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), pg_get_functiondef(t.tgfoid)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE {own} AND NOT t.tgisinternal""",
    "functions": "SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.proname ~ '^rsu_'",
    "extensions": "SELECT extname FROM pg_extension",
    "floor": "SELECT id, move_id FROM enrollment_toldfloor",
}


def catalog() -> dict[str, set]:
    found = {}
    with connection.cursor() as cursor:
        for kind, query in CATALOG.items():
            cursor.execute(query.format(own=OWN))
            found[kind] = set(cursor.fetchall())
    return found


def forget(app: str, *names: str) -> None:
    """As if these migrations, or all of the app, had not been made."""
    made = MigrationRecorder(connection).migration_qs.filter(app=app)
    (made.filter(name__in=names) if names else made).delete()


def plan() -> list[tuple[str, str]]:
    executor = MigrationExecutor(connection)
    return [(migration.app_label, migration.name) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def whole(app: str) -> str:
    """The migration that makes the app's tables."""
    (name,) = [name for label, name in MigrationExecutor(connection).loader.disk_migrations if label == app and name.startswith("0001_")]
    return name


def test_the_tables_of_the_three_apps_taken_back_and_made_again_are_the_same():
    before = catalog()
    MigrationExecutor(connection).migrate([("households", None)])
    assert not catalog_of_tables() and plan()
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert catalog() == before and all(before.values())


def catalog_of_tables() -> list[str]:
    return [table for table in connection.introspection.table_names() if table.split("_")[0] in APPS[1:]]


@pytest.mark.parametrize("app", APPS)
def test_a_database_made_by_the_earlier_migrations_has_nothing_left_to_do(app):
    forget(app, whole(app))
    assert plan() == []


@pytest.mark.parametrize("app", APPS[1:])
def test_an_earlier_version_that_did_not_finish_is_refused_in_a_sentence(app):
    for one in APPS[APPS.index(app) :]:
        forget(one)
    MigrationRecorder(connection).record_applied(app, "0001_initial")
    executor = MigrationExecutor(connection)
    with pytest.raises(AlreadyThere, match=f"The table {app}_[a-z]+ is there already"):
        executor.migrate([(app, whole(app))])
