"""How two people resemble each other, one level for each thing compared: the only definition, in SQL, for one pair or for millions.

Mohamed and Mohammed are one name written otherwise (`rsu_sound_name`) before any letter is counted.
Two rows `a` and `b` have: first and last in plain letters, first_sound, last_sound, born_on, precise (the day of birth is known),
sex, commune_id, phone, cin, mother and father by the sound of their names; an empty text is not known and weighs nothing.
"""

FIELDS = ("names", "last", "first", "birth", "sex", "commune", "phone", "cin", "mother", "father")

AGREEMENTS = {
    "names": ("crossed",),
    "last": ("same", "spelled", "one_letter", "two_letters"),
    "first": ("same", "spelled", "one_letter", "two_letters"),
    "birth": ("same", "year", "swapped", "same_month", "anniversary"),
    "sex": ("same",),
    "commune": ("same",),
    "phone": ("same",),
    "cin": ("same",),
    "mother": ("same", "one_letter", "two_letters"),
    "father": ("same", "one_letter", "two_letters"),
}
"""Levels that speak for one person; `other` speaks against, `unknown` is silent. `spelled`: the same name written otherwise.
`crossed`: the first name of one is the last name of the other. `swapped`: day and month exchanged. `same_month`: another day of
the same month. `anniversary`: the same day of another year. `year`: the same year, the day of one of them not being known."""

LETTERS_FOR_TWO = 7
"""Under so many letters, two of them make another name; a technical bound of the comparison."""
LETTERS_FOR_ONE = 4

_CROSSED = "a.first_sound = b.last_sound AND a.last_sound = b.first_sound AND a.first_sound <> a.last_sound"


def _letters(name: str, unknown: str, spelled: str = "") -> str:
    shorter = f"least(length(a.{name}), length(b.{name}))"
    return f"""CASE
        WHEN {unknown} THEN 'unknown'
        WHEN a.{name} = b.{name} THEN 'same' {spelled}
        WHEN {shorter} < {LETTERS_FOR_ONE} OR abs(length(a.{name}) - length(b.{name})) > 2 THEN 'other'
        WHEN levenshtein_less_equal(a.{name}, b.{name}, 2) <= 1 THEN 'one_letter'
        WHEN {shorter} >= {LETTERS_FOR_TWO} AND levenshtein_less_equal(a.{name}, b.{name}, 2) = 2 THEN 'two_letters'
        ELSE 'other' END"""


def _name(name: str) -> str:
    return _letters(name, _CROSSED, f"WHEN a.{name}_sound = b.{name}_sound AND a.{name}_sound <> '' THEN 'spelled'")


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
    {_name("last")} AS last,
    {_name("first")} AS first,
    {_BIRTH} AS birth,
    CASE WHEN a.sex = '' OR b.sex = '' THEN 'unknown' WHEN a.sex = b.sex THEN 'same' ELSE 'other' END AS sex,
    CASE WHEN a.commune_id IS NULL OR b.commune_id IS NULL THEN 'unknown' WHEN a.commune_id = b.commune_id THEN 'same' ELSE 'other' END AS commune,
    {_known("phone")} AS phone,
    {_known("cin")} AS cin,
    {_letters("mother", _missing("mother"))} AS mother,
    {_letters("father", _missing("father"))} AS father"""
"""One row of levels; to be laid beside each pair with CROSS JOIN LATERAL."""
