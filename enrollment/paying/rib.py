"""The number of a Moroccan account: 24 digits (bank 3, town 3, account 16, key 2), and the international form of it."""

import re

LENGTH = 24
BLANKS = re.compile(r"[\s.\-\u200e\u200f\u00a0\u202f]+")
EASTERN = str.maketrans({chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0) for digit in range(10)})


def plain(typed: str) -> str:
    """As people copy it: blanks between groups, either row of Arabic digits, the international prefix when it is there."""
    text = BLANKS.sub("", typed).translate(EASTERN).upper()
    return text[4:] if re.fullmatch(r"MA[0-9]{2}[0-9]{24}", text) else text


def fault_of(rib: str) -> str:
    """ "", "digits", "length" or "key": the first thing wrong with a plain number.

    The key is 97 less the remainder of the 22 other digits followed by 00: the whole number is a multiple of 97, its key from 01 to 97.
    """
    if not re.fullmatch(r"[0-9]+", rib):
        return "digits"
    if len(rib) != LENGTH:
        return "length"
    if int(rib) % 97 or not 1 <= int(rib[-2:]) <= 97:
        return "key"
    return ""


def iban(rib: str) -> str:
    """The same account abroad. A sound RIB is a multiple of 97, which makes the two check digits 64 for every one of them."""
    return f"MA64{rib}"


def grouped(rib: str) -> str:
    """As banks print it: 3-3-16-2."""
    return " ".join((rib[:3], rib[3:6], rib[6:22], rib[22:])) if len(rib) == LENGTH else rib


def masked(rib: str) -> str:
    """What a page shows to who has no need of the whole number."""
    return f"{rib[:3]} … {rib[-4:]}" if len(rib) == LENGTH else rib


def with_key(first: str) -> str:
    """The 22 first digits and their key: for invented accounts."""
    return f"{first}{97 - int(first + '00') % 97:02d}"
