"""Pages of enrollment."""

from .deciding import decide, work
from .ramed import (
    ramed_migration,
    ramed_migrations,
    ramed_model,
    ramed_progress,
    ramed_refused,
    retry_ramed,
)
from .ramed_queue import ramed_queue, ramed_row

__all__ = [
    "decide",
    "ramed_migration",
    "ramed_migrations",
    "ramed_model",
    "ramed_progress",
    "ramed_queue",
    "ramed_refused",
    "ramed_row",
    "retry_ramed",
    "work",
]
