"""How figures are written, in French and in Arabic alike: Western digits, decimal comma, narrow no-break spaces."""

POINTS_DECIMALS = 7
NARROW_SPACE = "\u202f"
MINUS = "\u2212"


def grouped(number: int) -> str:
    """1250 is "1 250"."""
    sign = MINUS if number < 0 else ""
    return sign + f"{abs(number):,}".replace(",", NARROW_SPACE)


def count(number: int, *, signed: bool = False) -> str:
    return ("+" if signed and number > 0 else "") + grouped(number)


def decimal(number: int, decimals: int, *, signed: bool = False, trim: bool = False) -> str:
    """A whole number of 10^-decimals; `trim` drops the zeros that end it, and the comma with them."""
    whole, fraction = divmod(abs(number), 10**decimals)
    digits = f"{fraction:0{decimals}d}"
    if trim:
        digits = digits.rstrip("0")
    sign = MINUS if number < 0 else "+" if signed and number > 0 else ""
    return f"{sign}{grouped(whole)}{',' if digits else ''}{digits}"


def points(score: int, *, signed: bool = False, trim: bool = False) -> str:
    """A score or a part of one, in units of 10^-7."""
    return decimal(score, POINTS_DECIMALS, signed=signed, trim=trim)


def short_points(score: int, decimals: int = 3) -> str:
    """Cut, not rounded: a threshold must not seem higher than it is."""
    return decimal(score // 10 ** (POINTS_DECIMALS - decimals), decimals, trim=True)


def dirhams(centimes: int, *, trim: bool = False) -> str:
    """125000 is "1 250,00"; `trim` leaves whole dirhams without decimals."""
    if trim and centimes % 100 == 0:
        return grouped(centimes // 100)
    return decimal(centimes, 2)


def coefficient(text: str) -> str:
    """The law's own digits, "-0.0319", as "−0,0319"."""
    return text.replace("-", MINUS).replace(".", ",")


def percent(part: int, whole: int) -> str:
    """One decimal, half up; a dash when there is nothing to compare with."""
    if not whole:
        return "–"
    return decimal((part * 2000 + whole) // (whole * 2), 1, trim=True) + NARROW_SPACE + "%"
