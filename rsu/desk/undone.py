"""Something done to see what comes of it, and taken back: what is shown before a decision is what the deed itself would do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


class _Undo(Exception):
    """Raised on purpose at the end of what was tried."""


@contextmanager
def undone() -> Iterator[None]:
    """Everything written inside is rolled back at its end: rows, history, messages. What it raises itself goes through."""
    try:
        with transaction.atomic():
            yield
            raise _Undo
    except _Undo:
        return
