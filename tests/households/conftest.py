import pytest
from django.db import connection, connections

WRITTEN = (
    "households_memberevent", "households_householdevent", "households_member", "households_request", "households_household",
    "rsu_auditevent",
)  # fmt: skip


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker):
    """Real commits, for tests with threads; what they wrote is deleted row by row, append-only triggers lifted meanwhile."""
    with django_db_blocker.unblock():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table in WRITTEN:
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute("SET session_replication_role = origin")
        connections.close_all()
