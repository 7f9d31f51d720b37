"""The pages on which families are registered."""

from .names import suggest_names
from .registering import add_person, discard, draft, person, register, remove_person, summary

__all__ = ["add_person", "discard", "draft", "person", "register", "remove_person", "suggest_names", "summary"]
