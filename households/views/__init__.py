"""The pages on which families are registered, one by one or from a file."""

from .deliveries import deliveries
from .evidence import evidence, read_evidence, remove_evidence
from .imports import import_model, import_progress, importing, imports, refused_file, retry_import
from .leaving import left
from .meeting import alike, claim, not_same
from .names import suggest_names
from .questions import draft, person
from .registering import add_person, discard, presence, register, remove_person, resume, summary

__all__ = [
    "add_person",
    "alike",
    "claim",
    "deliveries",
    "discard",
    "draft",
    "evidence",
    "import_model",
    "import_progress",
    "importing",
    "imports",
    "left",
    "not_same",
    "person",
    "presence",
    "read_evidence",
    "refused_file",
    "register",
    "remove_evidence",
    "remove_person",
    "resume",
    "retry_import",
    "suggest_names",
    "summary",
]
