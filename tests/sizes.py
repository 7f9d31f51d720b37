"""How much the ordinary command tries, which everybody runs before each change; THOROUGH=1 tries all of it."""

import os

import pytest

THOROUGH = "THOROUGH" in os.environ
LONG = pytest.mark.skipif(not THOROUGH, reason="THOROUGH=1 tries this one too")


def cases(few: int, many: int) -> int:
    """How many random cases are drawn."""
    return many if THOROUGH else few
