"""The pages on which families are registered."""

from .meeting import alike, claim, not_same
from .registering import add_person, discard, draft, person, register, remove_person, summary

__all__ = ["add_person", "alike", "claim", "discard", "draft", "not_same", "person", "register", "remove_person", "summary"]
