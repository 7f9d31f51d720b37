"""Numbers that identify invented people and households: valid, unique within a seed, in no visible order."""

from stdnum import verhoeff

PEOPLE_A_SEED = 10_000_000
IDCS_SPACE = 800_000_000
SEEDS = IDCS_SPACE // PEOPLE_A_SEED
CODE_SPACE = 10_000_000_000
CIN_SPACE = 26 * 26 * 1_000_000
# Coprime with the spaces (no factor 2, 5 or 13): multiplying by them shuffles the numbers and repeats none.
SHUFFLE = 387_420_489
CIN_SHUFFLE = 28_629_151


def idcs(seed: int, ordinal: int) -> str:
    """Ten digits, the first from 2 to 9, the last a Verhoeff check digit over all."""
    body = (seed * PEOPLE_A_SEED + ordinal) * SHUFFLE % IDCS_SPACE + 2 * 10**8
    return with_check_digit(str(body))


def household_code(seed: int, ordinal: int) -> str:
    """Ten digits and their Verhoeff check digit."""
    return with_check_digit(f"{(seed * PEOPLE_A_SEED + ordinal) * SHUFFLE % CODE_SPACE:010d}")


def cin(seed: int, ordinal: int) -> str:
    """Two letters and six digits."""
    letters, digits = divmod((seed * PEOPLE_A_SEED + ordinal) * CIN_SHUFFLE % CIN_SPACE, 1_000_000)
    first, second = divmod(letters, 26)
    return f"{chr(65 + first)}{chr(65 + second)}{digits:06d}"


def with_check_digit(digits: str) -> str:
    return digits + verhoeff.calc_check_digit(digits)
