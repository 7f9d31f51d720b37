"""The formula once more, in exact fractions and straight from the text of the annexes: what the product is compared with.

Nothing here comes from the product's own data or code. How a variable is read stands in its name: ``²`` squared,
``/n`` divided by the number of members, ``$`` centimes a year brought to dirhams a member.
"""

from fractions import Fraction
from math import floor

CONSTANT = {"urban": "9.825", "rural": "8.695"}
REGION = {
    "urban": ["0.107", "0.196", "0.123", "0.0555", "0", "0.22", "0.194", "0", "0", "0.285", "0.285", "0.285"],
    "rural": ["0.42", "0.23", "0.296", "0.302", "0.351", "0.464", "0.377", "0", "0.221", "0.318", "0.318", "0.318"],
}
URBAN = (
    ("U01", "couple_or_single", "0.103"),
    ("U02", "several_nuclei", "0.035"),
    ("U03", "two_per_room", "0.0475"),
    ("U04", "bath", "0.096"),
    ("U05", "own_meter", "0.0466"),
    ("U06", "head_higher", "0.0806"),
    ("U07", "head_senior", "0.0782"),
    ("U08", "head_middle", "0.11"),
    ("U09", "head_employer", "0.182"),
    ("U10", "head_retired", "0.0605"),
    ("U11", "computer", "0.138"),
    ("U12", "dish", "0.0873"),
    ("U13", "landline", "0.0532"),
    ("U14", "other_cover", "0.151"),
    ("U15", "loan", "0.135"),
    ("U16", "second_home", "0.173"),
    ("U17", "garage", "0.117"),
    ("U18", "premises", "0.111"),
    ("U19", "size", "-0.177"),
    ("U20", "size²", "0.00533"),
    ("U21", "head_age", "-0.0104"),
    ("U22", "head_age²", "0.0000771"),
    ("U23", "private_pupils", "0.105"),
    ("U24", "public_pupils", "-0.0319"),
    ("U25", "no_diploma/n", "-0.0557"),
    ("U26", "technical_diploma/n", "0.12"),
    ("U27", "earners/n", "0.139"),
    ("U28", "operators/n", "0.307"),
    ("U29", "seniors/n", "0.18"),
    ("U30", "mobile_phones", "0.0516"),
    ("U31", "cars", "0.226"),
    ("U32", "motorcycles", "0.0598"),
    ("U33", "butane$", "0.000422"),
    ("U34", "water_power$", "0.00011"),
    ("U35", "telecom$", "0.000302"),
)
RURAL = (
    ("R01", "couple_or_single", "0.13"),
    ("R02", "good_dwelling", "0.127"),
    ("R03", "two_per_room", "0.129"),
    ("R04", "three_per_room", "0.108"),
    ("R05", "head_basic", "0.0569"),
    ("R06", "head_senior", "0.154"),
    ("R07", "head_operator", "0.196"),
    ("R08", "head_artisan", "0.125"),
    ("R09", "head_farmer", "0.0722"),
    ("R10", "head_employer", "0.19"),
    ("R11", "has_car", "0.187"),
    ("R12", "has_motorcycle", "0.0635"),
    ("R13", "other_cover", "0.193"),
    ("R14", "second_home", "0.334"),
    ("R15", "land", "0.233"),
    ("R16", "irrigated_land", "0.126"),
    ("R17", "size", "-0.138"),
    ("R18", "size²", "0.00469"),
    ("R19", "aged_19_29", "0.0523"),
    ("R20", "aged_30_59", "0.0337"),
    ("R21", "aged_60_over", "0.0781"),
    ("R22", "literate/n", "0.128"),
    ("R23", "higher_diploma/n", "0.344"),
    ("R24", "traders/n", "0.301"),
    ("R25", "cows", "0.0257"),
    ("R26", "butane$", "0.000755"),
    ("R27", "water_power$", "0.000145"),
    ("R28", "telecom$", "0.00086"),
)
LINES = {"urban": URBAN, "rural": RURAL}


def exact_lines(facts):
    """The exact amount of the constant, the region and each variable, as (code, fraction)."""
    milieu = facts["milieu"]
    yield "constant", Fraction(CONSTANT[milieu])
    yield "region", Fraction(REGION[milieu][facts["region"] - 1])
    for code, reading, coefficient in LINES[milieu]:
        yield code, Fraction(coefficient) * amount(reading, facts)


def amount(reading, facts):
    fact = reading.rstrip("²$").removesuffix("/n")
    value = Fraction(facts[fact])
    if reading.endswith("²"):
        return value**2
    if reading.endswith("/n"):
        return value / facts["size"]
    if reading.endswith("$"):
        return value / 100 / facts["size"]
    return value


def exact_score(facts):
    return sum(value for _, value in exact_lines(facts))


def half_up(value):
    """The score in units of 10⁻⁷; ties go toward plus infinity."""
    return floor(value * 10**7 + Fraction(1, 2))


def score(facts):
    return half_up(exact_score(facts))
