"""Pages of enrollment."""

from .coming import coming, directions
from .deciding import decide, work

__all__ = ["coming", "decide", "directions", "work"]
