"""The reference a paper bears: drawn at random, read aloud and typed by hand without mistake."""

import secrets

from stdnum.iso7064 import mod_37_36

from households.entries import compact

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's thirty-two: no I, L, O or U, so that no two of them are taken for one another."""
LENGTH = 12
GROUP = 4
_LOOK_ALIKE = str.maketrans("OIL", "011")
_DASHES = str.maketrans("", "", "-‐‑‒–—−_.")


def draw() -> str:
    """Eleven random characters (55 bits) and one that betrays any single mistake."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return drawn + mod_37_36.calc_check_digit(drawn, alphabet=ALPHABET)


def grouped(reference: str) -> str:
    """As it is printed: 7K3M-9QXT-2B5F."""
    return "-".join(reference[start : start + GROUP] for start in range(0, len(reference), GROUP))


def read(typed: str) -> str:
    """What was typed, whatever its case, spaces, dashes and look-alike letters, as it is stored; well formed or not."""
    return compact(typed).translate(_DASHES).upper().translate(_LOOK_ALIKE)


def is_well_formed(reference: str) -> bool:
    """Whether such a reference can exist: its length, its letters, and the character that checks the others."""
    return len(reference) == LENGTH and set(reference) <= set(ALPHABET) and mod_37_36.is_valid(reference, alphabet=ALPHABET)
