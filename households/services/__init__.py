"""Deeds on households: what people declare is kept, checked and applied."""

from ..problems import Problem
from .finding import find_duplicates, searched_on
from .registering import (
    DeclarationRefused,
    amend_draft,
    check_declaration,
    discard_draft,
    plain,
    read_declaration,
    save_draft,
    submit_registration,
)

__all__ = [
    "DeclarationRefused",
    "Problem",
    "amend_draft",
    "check_declaration",
    "discard_draft",
    "find_duplicates",
    "plain",
    "read_declaration",
    "save_draft",
    "searched_on",
    "submit_registration",
]
