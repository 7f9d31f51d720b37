"""The pages on which families are registered, one by one or from a file."""

from .imports import import_model, import_progress, importing, imports, refused_file, retry_import
from .meeting import alike, claim, not_same
from .names import suggest_names
from .registering import add_person, discard, draft, person, register, remove_person, summary

__all__ = [
    "add_person",
    "alike",
    "claim",
    "discard",
    "draft",
    "import_model",
    "import_progress",
    "importing",
    "imports",
    "not_same",
    "person",
    "refused_file",
    "register",
    "remove_person",
    "retry_import",
    "suggest_names",
    "summary",
]
