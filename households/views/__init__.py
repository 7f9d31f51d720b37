"""The pages on which families are registered."""

from .evidence import evidence, read_evidence, remove_evidence
from .questions import draft, person
from .registering import add_person, discard, presence, register, remove_person, resume, summary

__all__ = [
    "add_person",
    "discard",
    "draft",
    "evidence",
    "person",
    "presence",
    "read_evidence",
    "register",
    "remove_evidence",
    "remove_person",
    "resume",
    "summary",
]
