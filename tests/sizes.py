"""How much a test of random cases draws."""

import os


def cases(few: int, many: int) -> int:
    """`few` in the ordinary command, which everybody runs before each change; `many` with THOROUGH=1."""
    return many if "THOROUGH" in os.environ else few
