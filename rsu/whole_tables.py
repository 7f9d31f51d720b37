"""New tables and their triggers made in one step of a migration."""

from django.core.management.base import CommandError
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import AddTrigger


class AlreadyThere(CommandError):
    """A table to be made is there: an earlier version made it and never came to its own last migration."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"The table {table} is there already, made by an earlier version that did not finish: migrate to the end with that version"
            " first, or start from an empty database (the demo keeps its own in var/demo)."
        )


class WholeTables(Operation):
    """Models created with everything that belongs to them, then their triggers.

    Django draws every model of the project again after each operation: hundreds of steps make a first start wait for minutes. Here the
    models are drawn once: each table is created as it stands after the last operation, so that a field, a key or an index added
    to it in between asks for nothing more.
    """

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations
        made = {one.name_lower for one in operations if isinstance(one, CreateModel)}
        strangers = [one for one in operations if not isinstance(one, CreateModel | AddTrigger) and one.model_name_lower not in made]
        if strangers:
            raise ValueError(f"not a table made here: {strangers}")

    def deconstruct(self):
        return (type(self).__name__, [], {"operations": self.operations})

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)
        for one in self.operations:
            one.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Raises AlreadyThere before anything is made."""
        if not schema_editor.collect_sql:
            self._nothing_is_there(app_label, schema_editor.connection, to_state)
        for one in self.operations:
            if isinstance(one, CreateModel | AddTrigger):
                one.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Both states are the one with the tables: a trigger is taken from a table that is there."""
        for one in reversed(self.operations):
            if isinstance(one, CreateModel | AddTrigger):
                one.database_backwards(app_label, schema_editor, from_state, from_state)

    def _nothing_is_there(self, app_label, connection, state):
        models = [state.apps.get_model(app_label, one.name) for one in self.operations if isinstance(one, CreateModel)]
        tables = {model._meta.db_table for model in models if model._meta.managed}
        if left := sorted(tables.intersection(connection.introspection.table_names())):
            raise AlreadyThere(left[0])

    def describe(self) -> str:
        return "Make tables whole"
