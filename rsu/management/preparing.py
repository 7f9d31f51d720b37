"""A database with nothing in it is made ready, so that a command works on a fresh machine; one with tables is never touched."""

from django.core.management import call_command
from django.db import connection


def prepare_empty_database(write) -> bool:
    """Migrate, then load the geography and the law, if there is no table at all; whether there was anything to do."""
    if connection.introspection.table_names():
        return False
    write("Base vide : préparation (tables, territoire, loi).")
    call_command("migrate", verbosity=0)
    call_command("load_geography", verbosity=0)
    call_command("load_law", verbosity=0)
    return True
