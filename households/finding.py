"""People found by their name, in either script and any common spelling.

What was typed is folded by the database's own function; among the spellings it knows, those that sound alike are weighed; then
the people who bear them are read, the best weights first, until there are enough. Five statements, whatever the registry's size.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from . import transliteration
from .models import Household

MOST_TYPED, LONGEST_NAME = 6, 4
"""Words of a search that are read, and words that may make one name (Ben Abd El Kader)."""
MOST_SPELLINGS = 60
LEVELS = (1.0, 0.98, 0.96, 0.94, 0.9, 0.8, 0.6, 0.4, 0.0)
"""People are read from the best spellings down, by these weights."""
EXACT, SAME_SOUND, SHORT_VOWELS, SAME_FOLD, BEGINNING, CONFUSED, NEAR = 1.0, 0.99, 0.86, 0.6, 0.5, 0.4, 0.2
"""The least weight of a word spelled as typed; of one in the other script that is known for the same or sounds so, and of one that
sounds so but for the short vowels that Arabic does not write; of one with its fold, one that it begins, one with a letter written for
another, any slip."""

CONSONANTS = "bcdfghjklmnrstxz"
AMBIGUOUS = (
    ("g", "k"), ("g", "j"), ("j", "k"), ("x", "kh"), ("g", "kh"), ("g", "rh"), ("c", "sh"), ("d", "dh"), ("t", "th"), ("d", "t"), ("s", "z"),
    ("d", "z"), ("b", "f"), ("x", "h"), ("c", "s"), ("c", "k"),
)  # fmt: skip
"""What one hand writes for another's letters: غ is gh, g or rh, and kh is خ or ك and ه."""


@dataclass(frozen=True)
class Part:
    """Some words of the search, read as one name: the places of its first and last word, and its keys."""

    first: int
    last: int
    word: str
    fold: str
    sound: str


@dataclass(frozen=True)
class Person:
    """Somebody whose name answers; `weight` is 1 when it is spelled as typed."""

    member_id: int
    household_id: int
    weight: float


@dataclass
class Reading:
    """One way to cut the search into names, each with the spellings that answer and their weights."""

    parts: list[Part]
    spellings: list[dict[str, float]] = field(default_factory=list)

    def weight(self, words: set[str]) -> float:
        """How well a person's words answer, 0 to 1: each part counts for the words typed in it."""
        typed = sum(part.last - part.first + 1 for part in self.parts)
        total = 0.0
        for part, weights in zip(self.parts, self.spellings, strict=True):
            best = max((weights[word] for word in words if word in weights), default=0.0)
            if not best:
                return 0.0
            total += best * (part.last - part.first + 1)
        return total / typed


def people_named(text: str, households: QuerySet[Household], *, seen: Iterable[int], most: int) -> list[Person]:
    """The best `most` people of these households whose names answer all the words typed, in any order.

    Of two who answer equally well, the one whose household is among `seen`, then the one registered last.
    """
    parts = _parts(text)
    readings = _readings(parts, _spellings(parts))
    rows = _people(readings, households, list(seen), most)
    seen = set(seen)
    found = {}
    for member_id, household_id, words in rows:
        weight = max(reading.weight(set(words)) for reading in readings)
        found[member_id] = Person(member_id, household_id, weight)
    return sorted(found.values(), key=lambda one: (-round(one.weight, 2), one.household_id not in seen, -one.member_id))[:most]


def _parts(text: str) -> list[Part]:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH typed AS (SELECT (array_remove(string_to_array(rsu_plain_name(%s), ' '), ''))[1:%s] AS words)"
            " SELECT first, last, array_to_string(words[first:last], ''), replace(rsu_fold_name(array_to_string(words[first:last], ' ')), ' ', ''),"
            " replace(rsu_sound_name(array_to_string(words[first:last], ' ')), ' ', '')"
            " FROM typed, generate_series(1, cardinality(words)) first, generate_series(first, least(first + %s, cardinality(words))) last"
            " ORDER BY first, last",
            [text, MOST_TYPED, LONGEST_NAME - 1],
        )
        return [Part(*row) for row in cursor.fetchall()]


def near_folds(fold: str, *, any_slip: bool = True) -> dict[str, float]:
    """Folds one slip away, each with how likely: a letter written for another, 1; any letter too many, too few or wrong, a half."""
    found = {}
    if len(fold) < 2:
        return found
    places = range(len(fold) + 1)
    if any_slip and len(fold) > 2:
        edits = [fold[:place] + letter + fold[place + cut :] for place, letter, cut in product(places, CONSONANTS, (0, 1))]
        edits += [fold[:place] + fold[place + 1 :] for place in places]
        found |= dict.fromkeys(edits, 0.5)
    for one, other in AMBIGUOUS:
        for written, meant in ((one, other), (other, one)):
            found |= dict.fromkeys(
                (fold[:place] + meant + fold[place + len(written) :] for place in places if fold.startswith(written, place)), 1.0
            )
    found.pop(fold, None)
    return found


def _spellings(parts: list[Part]) -> dict[tuple[int, int], dict[str, float]]:
    """For each part, the known words that answer it and their weights."""
    wanted = [
        (number, fold, likely)
        for number, part in enumerate(parts)
        for fold, likely in near_folds(part.fold, any_slip=part.first == part.last).items()
    ]
    numbers = list(range(len(parts)))
    with connection.cursor() as cursor:
        cursor.execute(
            _SPELLINGS,
            {
                "numbers": numbers,
                "words": [part.word for part in parts],
                "folds": [part.fold for part in parts],
                "sounds": [part.sound for part in parts],
                "single": [part.first == part.last and len(part.word) > 2 for part in parts],
                "near_numbers": [number for number, _fold, _likely in wanted],
                "near_folds": [fold for _number, fold, _likely in wanted],
                "likely": [likely for _number, _fold, likely in wanted],
                "most": MOST_SPELLINGS,
            },
        )
        found: dict[tuple[int, int], dict[str, float]] = {}
        for number, word, weight in cursor.fetchall():
            part = parts[number]
            same = word in transliteration.same_name(part.word)
            found.setdefault((part.first, part.last), {})[word] = max(weight, SAME_SOUND) if same else weight
    # A name that people bear as it was typed is hardly a slip for another: what any letter wrong would give is left out.
    return {
        place: {word: weight for word, weight in weights.items() if weight >= CONFUSED} if EXACT in weights.values() else weights
        for place, weights in found.items()
    }


ALIKE = "(1 - levenshtein(known.sound, part.sound)::float8 / greatest(length(known.sound), length(part.sound), 1))"


def _arabic(side: str) -> str:
    """A plain word has nothing but ASCII and Arabic."""
    return f"(octet_length({side}.word) > length({side}.word))"


def _heard(side: str) -> str:
    """The Arabic sounds of a Latin one: a vowel between two consonants may be short, and so may a first one; a last ى is silent."""
    return f"('^[awy]?' || regexp_replace(ltrim({side}.sound, 'awy'), '(?<=[^wy])([wy])(?=[^wy])', '\\1?', 'g') || 'y?$')"


# A beginning is matched between two bounds: LIKE would have to escape what was typed.
_SPELLINGS = f"""
WITH part AS MATERIALIZED (
    SELECT * FROM unnest(%(numbers)s::int[], %(words)s::text[], %(folds)s::text[], %(sounds)s::text[], %(single)s::bool[])
        part(number, word, fold, sound, single)
), near AS MATERIALIZED (
    SELECT * FROM unnest(%(near_numbers)s::int[], %(near_folds)s::text[], %(likely)s::float8[]) near(number, fold, likely)
), answer AS (
    SELECT number, known.word, {EXACT}::float8 AS weight FROM part JOIN households_spelling known ON known.word = part.word
    UNION ALL
    SELECT number, known.word, CASE
            WHEN {_arabic("known")} = {_arabic("part")} THEN {SAME_FOLD} + 0.35 * {ALIKE}
            WHEN known.sound = part.sound THEN {SAME_SOUND}
            WHEN {_arabic("known")} AND known.sound ~ {_heard("part")} THEN {SHORT_VOWELS} + 0.12 * {ALIKE}
            WHEN {_arabic("part")} AND part.sound ~ {_heard("known")} THEN {SHORT_VOWELS} + 0.12 * {ALIKE}
            ELSE {SAME_FOLD} + 0.35 * {ALIKE} END
        FROM part JOIN households_spelling known ON known.fold = part.fold AND part.fold <> '' AND length(known.word) > 2
            AND (length(part.fold) > 1 OR {ALIKE} >= 0.8)
    UNION ALL
    SELECT number, known.word, {BEGINNING} + 0.3 * length(part.word) / length(known.word)
        FROM part JOIN households_spelling known ON known.word ~>=~ part.word AND known.word ~<~ (part.word || chr(1114109)) WHERE part.single
    UNION ALL
    SELECT number, known.word, CASE WHEN near.likely = 1 THEN {CONFUSED} ELSE {NEAR} END + 0.15 * {ALIKE}
        FROM near JOIN part USING (number) JOIN households_spelling known ON known.fold = near.fold
), best AS (SELECT number, word, max(weight) AS weight FROM answer GROUP BY number, word)
SELECT number, word, weight FROM (
    SELECT *, row_number() OVER (PARTITION BY number ORDER BY weight DESC, word) AS rank FROM best
) ranked WHERE rank <= %(most)s
"""


def _readings(parts: list[Part], spellings: dict[tuple[int, int], dict[str, float]]) -> list[Reading]:
    """Every way to cut the search into names that are all known."""
    answered = {(part.first, part.last): part for part in parts if (part.first, part.last) in spellings}
    length = max((part.last for part in parts), default=0)

    def cut(first: int) -> Iterator[list[Part]]:
        if first > length:
            yield []
        for last in range(first, length + 1):
            if (first, last) in answered:
                yield from ([answered[first, last], *rest] for rest in cut(last + 1))

    return [Reading(way, [spellings[part.first, part.last] for part in way]) for way in cut(1) if way]


def _people(readings: list[Reading], households: QuerySet[Household], seen: list[int], most: int) -> list[tuple]:
    """(member, household, words) of people who answer: those of the households seen first, then by level, until there are enough."""
    if not readings:
        return []
    scope, scope_parameters = "true", ()
    if households.query.where:  # the kingdom's own query has no condition: joining it would read a household for each person
        try:
            area, scope_parameters = households.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:  # who has no area
            return []
        scope = f"m.household_id IN ({area})"
    statements, parameters = [], []
    levels = [(LEVELS[-1], "m.household_id = ANY(%s) AND ", [seen])] + [(level, "", []) for level in LEVELS]
    known = None
    for level, narrowed, narrowing in levels:
        ways = [way for way in (_at_level(reading, level) for reading in readings) if way]
        if not ways or (not narrowed and ways == known):
            continue
        known = known if narrowed else ways
        matched = " OR ".join("(" + " AND ".join("m.words && %s" for _ in way) + ")" for way in ways)
        statements.append(
            f"(SELECT m.id, m.household_id, m.words FROM households_member m WHERE {narrowed}({matched}) AND {scope} LIMIT %s)"
        )
        parameters += [*narrowing, *(spellings for way in ways for spellings in way), *scope_parameters, most * 2]
    with transaction.atomic(), connection.cursor() as cursor:
        # For a few of many the planner would read the table from its start, and to its end when there are fewer than it thought.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(" UNION ALL ".join(statements), parameters)
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_seqscan = on")
        return rows


def _at_level(reading: Reading, level: float) -> list[list[str]] | None:
    """The spellings of this weight or more, of each part; None when a part has none."""
    way = [[word for word, weight in weights.items() if weight >= level] for weights in reading.spellings]
    return way if all(way) else None
