"""What every test may lean on: the kingdom's geography, the founding law and the personas are loaded once.

`db` is pytest-django's: everything a test does is rolled back. `committed_db` is for tests that need real commits
(threads, workers, kills): it empties the working tables afterwards and leaves the kingdom, the law and the people.
"""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import override_settings, setup_databases, teardown_databases
from django.utils import translation

from rsu.models import User

KEPT = {
    *("rsu_region", "rsu_province", "rsu_commune", "rsu_user", "rsu_agency"),
    *("eligibility_provision", "eligibility_proposal", "oauth2_provider_application"),
}


@pytest.fixture(scope="session")
def django_db_setup(
    as_quick_as_harmless, django_test_environment, django_db_modify_db_settings, django_db_keepdb, django_db_createdb, django_db_blocker
):
    """Instead of pytest-django's, which makes no database when every test asked for uses `committed_db`."""
    keep = django_db_keepdb and not django_db_createdb
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, keepdb=keep)
        call_command("load_geography", verbosity=0)
        call_command("load_law", verbosity=0)
        call_command("seed_personas", verbosity=0)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True, scope="session")
def as_quick_as_harmless():
    """A client of a test lists no static files before its first page; a password is hashed in no time, for it is nobody's."""
    with override_settings(
        WHITENOISE_AUTOREFRESH=True, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    ):
        yield


@pytest.fixture(autouse=True)
def french_again():
    """A page asked for in Arabic leaves its language on the thread: no test starts with another's."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture
def own_folder(settings, tmp_path):
    """Files that people bring are kept in a folder of the test's own."""
    settings.FILES_ROOT = str(tmp_path)


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker):
    """Real transactions; append-only triggers are lifted only to clean up."""
    with _committed(django_db_blocker):
        yield


@pytest.fixture(scope="module")
def kept_db(django_db_setup, django_db_blocker):
    """The same until the module ends, for tests that only read what one of its fixtures has made."""
    with _committed(django_db_blocker):
        yield


@pytest.fixture(scope="class")
def class_db(django_db_setup, django_db_blocker):
    """A transaction that lasts as long as the class: each test begins from what the fixtures of the class made, and undoes its own."""
    with _undone(django_db_blocker):
        yield


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """The same until the module ends."""
    with _undone(django_db_blocker):
        yield


@contextmanager
def _undone(blocker):
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _committed(blocker):
    with blocker.unblock():
        yield
        _empty_working_tables()
        connections.close_all()


def _empty_working_tables() -> None:
    tables = [
        t
        for t in connection.introspection.table_names()
        if t.split("_")[0] in ("rsu", "households", "eligibility", "enrollment") and t not in KEPT
    ]
    tables = [t for t in tables if not t.startswith("eligibility_assessment_")]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join({*tables, 'eligibility_assessment'})}")
        cursor.execute("DELETE FROM eligibility_provision WHERE proposal_id IS NOT NULL")
        cursor.execute("DELETE FROM eligibility_proposal")
        cursor.execute("SET session_replication_role = origin")


def _person(username: str):
    @pytest.fixture(name=username)
    def person(request) -> User:
        request.getfixturevalue("committed_db" if "committed_db" in request.fixturenames else "db")
        return User.objects.get(username=username)

    return person


amina = _person("amina")
brahim = _person("brahim")
salma = _person("salma")
chaima = _person("chaima")
driss = _person("driss")
yassine = _person("yassine")
nadia = _person("nadia")
