"""How two people resemble each other, one level for each thing compared: the only definition, in SQL, for one pair or for millions.

Names are compared once folded (`rsu_fold_name`), so that Mohamed and Mohammed are one name before any letter is counted.
Two rows `a` and `b` have: first, last, born_on, precise (the day of birth is known), sex, commune_id, phone, cin, mother,
father; an empty text is not known. What is not known on either side weighs nothing.
"""

FIELDS = ("names", "last", "first", "birth", "sex", "commune", "phone", "cin", "mother", "father")

AGREEMENTS = {
    "names": ("crossed",),
    "last": ("same", "one_letter", "two_letters"),
    "first": ("same", "one_letter", "two_letters"),
    "birth": ("same", "year", "swapped", "same_month", "anniversary"),
    "sex": ("same",),
    "commune": ("same",),
    "phone": ("same",),
    "cin": ("same",),
    "mother": ("same", "one_letter", "two_letters"),
    "father": ("same", "one_letter", "two_letters"),
}
"""Levels that speak for one person; `other` speaks against, `unknown` is silent. `crossed`: the first name of one is the
last name of the other. `swapped`: day and month exchanged. `same_month`: another day of the same month. `anniversary`: the same
day of another year. `year`: the same year, the day of one of them not being known."""

LETTERS_FOR_TWO = 7
"""Under so many letters, two of them make another name; a technical bound of the comparison."""
LETTERS_FOR_ONE = 4

_CROSSED = "a.first = b.last AND a.last = b.first AND a.first <> a.last"


def _letters(name: str, unknown: str) -> str:
    shorter = f"least(length(a.{name}), length(b.{name}))"
    return f"""CASE
        WHEN {unknown} THEN 'unknown'
        WHEN a.{name} = b.{name} THEN 'same'
        WHEN {shorter} < {LETTERS_FOR_ONE} OR abs(length(a.{name}) - length(b.{name})) > 2 THEN 'other'
        WHEN levenshtein_less_equal(a.{name}, b.{name}, 2) <= 1 THEN 'one_letter'
        WHEN {shorter} >= {LETTERS_FOR_TWO} AND levenshtein_less_equal(a.{name}, b.{name}, 2) = 2 THEN 'two_letters'
        ELSE 'other' END"""


def _missing(name: str) -> str:
    return f"a.{name} = '' OR b.{name} = ''"


def _known(name: str) -> str:
    return f"CASE WHEN {_missing(name)} THEN 'unknown' WHEN a.{name} = b.{name} THEN 'same' ELSE 'other' END"


def _part(name: str, row: str) -> str:
    return f"date_part('{name}', {row}.born_on)"


_BIRTH = f"""CASE
        WHEN a.precise AND b.precise AND a.born_on = b.born_on THEN 'same'
        WHEN NOT (a.precise AND b.precise) THEN
            CASE WHEN {_part("year", "a")} = {_part("year", "b")} THEN 'year' ELSE 'other' END
        WHEN {_part("year", "a")} = {_part("year", "b")} THEN CASE
            WHEN {_part("day", "a")} = {_part("month", "b")} AND {_part("month", "a")} = {_part("day", "b")} THEN 'swapped'
            WHEN {_part("month", "a")} = {_part("month", "b")} THEN 'same_month'
            ELSE 'other' END
        WHEN {_part("day", "a")} = {_part("day", "b")} AND {_part("month", "a")} = {_part("month", "b")} THEN 'anniversary'
        ELSE 'other' END"""

LEVELS = f"""SELECT
    CASE WHEN {_CROSSED} THEN 'crossed' ELSE 'unknown' END AS names,
    {_letters("last", _CROSSED)} AS last,
    {_letters("first", _CROSSED)} AS first,
    {_BIRTH} AS birth,
    CASE WHEN a.sex = '' OR b.sex = '' THEN 'unknown' WHEN a.sex = b.sex THEN 'same' ELSE 'other' END AS sex,
    CASE WHEN a.commune_id IS NULL OR b.commune_id IS NULL THEN 'unknown' WHEN a.commune_id = b.commune_id THEN 'same' ELSE 'other' END AS commune,
    {_known("phone")} AS phone,
    {_known("cin")} AS cin,
    {_letters("mother", _missing("mother"))} AS mother,
    {_letters("father", _missing("father"))} AS father"""
"""One row of levels; to be laid beside each pair with CROSS JOIN LATERAL."""
