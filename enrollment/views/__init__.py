"""Pages of enrollment."""

from .deciding import decide, work

__all__ = ["decide", "work"]
