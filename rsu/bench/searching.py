"""How well, and how fast, one spelling of a name finds another among a million people.

For each attested pair (an Arabic name, a Latin spelling of it) two people are planted, each written in one script alone, with a
common other name in the same script. Each is then searched by the other spelling: alone, and with the other name in the searched
script. A search by one name has found when one of its first ten households answers by a person who bears a spelling of the pair;
a search by two names, when that person bears both. Where ten others bear the very spelling that was typed, or the planted person's
own, nobody can say which one was meant: `alone_so_spelled` counts the searches where they do not, and `very_person` how often the
planted person then stood among the first ten: the harder measure. Pairs are split by a digest of the
Arabic name: the fold was made with half 0 in sight, half 1 was kept aside.
"""

import csv
import hashlib
import random
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import connection, transaction

from households import queries
from households.models import Household, Member
from rsu.models import Commune, User
from rsu.synthesis.names import NAMES
from rsu.synthesis.numbers import PEOPLE_A_SEED, SEEDS, household_code, idcs

OTHER = {"given": ("العلوي", "Alaoui"), "family": ("محمد", "Mohamed"), "unknown": ("محمد", "Mohamed")}
"""The common name that goes with a name of each kind, in both scripts."""
FIRST = 10


@dataclass(frozen=True)
class Pair:
    arabic: str
    latin: str
    kind: str
    half: int


@dataclass
class Count:
    """What the searches of one half and one manner found."""

    searches: int = 0
    found: int = 0
    alone_so_spelled: int = 0
    very_person: int = 0
    missed: list[str] = field(default_factory=list)


def pairs(pairs_file: Path, a_half: int, *, seed: int = 1) -> list[Pair]:
    """At most `a_half` pairs of each half, drawn by chance."""
    read = []
    with pairs_file.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] in OTHER:
                half = int(hashlib.sha256(row["name_ar"].encode()).hexdigest(), 16) % 2
                read.append(Pair(row["name_ar"], row["name_fr"], row["kind"], half))
    random.Random(seed).shuffle(read)
    return [one for half in (0, 1) for one in [pair for pair in read if pair.half == half][:a_half]]


PAIRS = NAMES / "spelling_pairs.csv"


def planted_names(pair: Pair, script: str) -> dict[str, str]:
    place = 0 if script == "ar" else 1
    name, other = (pair.arabic, pair.latin)[place], OTHER[pair.kind][place]
    first, last = (name, other) if pair.kind == "given" else (other, name)
    names = dict.fromkeys(("first_name_fr", "last_name_fr", "first_name_ar", "last_name_ar"), "")
    return names | {f"first_name_{script}": first, f"last_name_{script}": last}


@transaction.atomic
def plant(chosen: list[Pair], *, on: date) -> dict[tuple[Pair, str], int]:
    """A household of one person for each pair and script; those planted before are there still. Their household's id."""
    seed, communes = SEEDS - 1, list(Commune.objects.order_by("id"))
    wanted = [(pair, script) for pair in chosen for script in ("ar", "fr")]
    households = [
        Household(
            code=household_code(seed, number), commune=communes[number % len(communes)], milieu=communes[number % len(communes)].milieu,
            synthetic=True, registered_on=on,
        )
        for number in range(len(wanted))
    ]  # fmt: skip
    Member.objects.filter(household__code__in=[one.code for one in households]).delete()
    Household.objects.filter(code__in=[one.code for one in households]).delete()
    made = Household.objects.bulk_create(households, batch_size=1000)
    Member.objects.bulk_create(
        [
            Member(
                household=household, position=1, idcs=idcs(seed, PEOPLE_A_SEED - 1 - number), relation="head", sex="female",
                born_on=date(1980, 1, 1), marital_status="single", **planted_names(*wanted[number]),
            )
            for number, household in enumerate(made)
        ],
        batch_size=1000,
    )  # fmt: skip
    return {one: household.pk for one, household in zip(wanted, made, strict=True)}


def measure(user: User, planted: dict[tuple[Pair, str], int], say) -> tuple[dict[tuple[int, str], Count], dict[str, list[float]]]:
    """Every search: what was found by half and manner, and the seconds of each, by manner and bare."""
    counts: dict[tuple[int, str], Count] = {}
    times: dict[str, list[float]] = {"alone": [], "with another name": [], "bare": []}
    for number, ((pair, stored), household_id) in enumerate(planted.items()):
        if number % 200 == 0:
            say(f"{number} of {len(planted)} people searched")
        searched = pair.latin if stored == "ar" else pair.arabic
        other = OTHER[pair.kind][1 if stored == "ar" else 0]
        both = f"{searched} {other}" if number % 4 < 2 else f"{other} {searched}"
        for manner, text in (("alone", searched), ("with another name", both)):
            begun = time.perf_counter()
            found = queries.search(user, text).results[:FIRST]
            times[manner].append(time.perf_counter() - begun)
            count = counts.setdefault((pair.half, manner), Count())
            count.searches += 1
            there = household_id in [household.pk for household in found]
            stood = pair.arabic if stored == "ar" else pair.latin
            own = stood if manner == "alone" else f"{stood} {OTHER[pair.kind][0 if stored == 'ar' else 1]}"
            if hard := not (_many_so_spelled(text) or _many_so_spelled(own)):
                count.alone_so_spelled += 1
                count.very_person += there
            if any(_bears(household.named, pair, manner) for household in found):
                count.found += 1
            if hard and not there:
                count.missed.append(f"{text} → {stood}")
        times["bare"].append(_bare(household_id))
    return counts, times


def _bears(person: Member, pair: Pair, manner: str) -> bool:
    """Whether the person's names hold a spelling of the pair, and of the other name when it was asked too."""
    if person is None:
        return False
    names = [
        _spelled(f"{first} {last}")
        for first, last in ((person.first_name_fr, person.last_name_fr), (person.first_name_ar, person.last_name_ar))
    ]
    held = any(_spelled(spelling) in name for spelling in (pair.arabic, pair.latin) for name in names)
    others = any(_spelled(spelling) in name for spelling in OTHER[pair.kind] for name in names)
    return held and (manner == "alone" or others)


def _spelled(name: str) -> str:
    return name.casefold().translate(str.maketrans("أإآةىئؤ-", "اااهييو ", "ء'’")).replace(" ", "")


def _many_so_spelled(text: str) -> bool:
    """Whether ten people are spelled as typed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) = %s FROM (SELECT FROM households_member"
            " WHERE words @> array_remove(string_to_array(rsu_plain_name(%s), ' '), '') LIMIT %s) so",
            [FIRST, text, FIRST],
        )
        return cursor.fetchone()[0]


def _bare(household_id: int) -> float:
    number = Member.objects.values_list("idcs", flat=True).get(household_id=household_id)
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, household_id FROM households_member WHERE idcs = %s", [number])
        cursor.fetchall()
    return time.perf_counter() - begun
