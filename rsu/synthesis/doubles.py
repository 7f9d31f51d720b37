"""Invented people recorded a second time, with the errors of a counter: for measuring what a search for duplicates finds.

Spellings, slips of the finger, day and month exchanged, a birth known by its year, a CIN not given, a family that has moved. What
was planted is given back: it is the truth a search is measured against. Only for a registry of invented people.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from django.db import connection, transaction

from households.models import Household, Member

from .numbers import household_code, idcs

SEED_OF_COPIES = 79
"""Numbers of the copies: those of a seed that no load should take."""
SPELLINGS = (
    ("ou", "u"), ("ss", "s"), ("mm", "m"), ("dd", "d"), ("ll", "l"), ("y", "i"), ("ai", "aï"), ("q", "k"), ("kh", "k"), ("é", "e"), ("ee", "i"),
    ("ei", "i"), ("h", ""), ("c", "s"), ("a", "e"), ("s", "ss"), ("m", "mm"), ("i", "y"), ("u", "ou"),
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ERRORS = {
    "spelled": 0.30,
    "slipped": 0.10,
    "swapped": 0.04,
    "year": 0.05,
    "day": 0.03,
    "cin": 0.45,
    "moved": 0.2,
    "phone": 0.35,
    "sex": 0.005,
}
"""How often a copy bears each error; a name has its spelling and its slip drawn apart from the other."""
WITH_PHONE, SHARED_PHONE = 0.7, 0.03


@dataclass(frozen=True)
class Planted:
    """Pairs of people who are one, the lower number first, and pairs of households that are one."""

    people: set[tuple[int, int]]
    households: set[tuple[int, int]]


def give_phones(*, seed: int) -> None:
    """Invented households are drawn without a telephone: seven in ten get one, a few of them a relative's."""
    rng = Random(f"{seed}:phones")
    households, numbers = list(Household.objects.order_by("id").values_list("id", flat=True)), []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE phone (id bigint, number text)")
        with cursor.copy("COPY phone FROM STDIN") as copy:
            for place, pk in enumerate(households):
                if rng.random() < WITH_PHONE:
                    number = rng.choice(numbers) if numbers and rng.random() < SHARED_PHONE else f"06{place * 7919 % 10**8:08d}"
                    numbers.append(number)
                    copy.write_row((pk, number))
        cursor.execute("UPDATE households_household h SET phone = number FROM phone WHERE phone.id = h.id")
        cursor.execute("DROP TABLE phone")


@transaction.atomic
def plant(count: int, *, seed: int) -> Planted:
    """`count` households recorded again: half of them whole, half one adult who is recorded alone."""
    rng = Random(f"{seed}:doubles")
    ids = rng.sample(list(Household.objects.filter(synthetic=True).order_by("id").values_list("id", flat=True)), count)
    communes = list(Household.objects.order_by("id").values_list("commune_id", flat=True)[:5000])
    originals = Household.objects.in_bulk(ids)
    families: dict[int, list[Member]] = {}
    for member in Member.objects.filter(household_id__in=ids).order_by("household_id", "position"):
        families.setdefault(member.household_id, []).append(member)
    planted, ordinal = Planted(set(), set()), 0
    for number, pk in enumerate(ids):
        members = families[pk]
        whole = number % 2 == 0 and len(members) > 1
        chosen = members if whole else [rng.choice([m for m in members if m.relation != "child"] or members)]
        household, copies = _again(rng, originals[pk], chosen, number, ordinal, communes)
        ordinal += len(chosen)
        planted.people.update((original.pk, copy.pk) for original, copy in zip(chosen, copies, strict=True))
        if whole:
            planted.households.add((pk, household.pk))
    return planted


def _again(rng: Random, original: Household, members: list[Member], number: int, ordinal: int, communes: list[int]) -> tuple:
    before = original.pk
    household = Household.objects.get(pk=before)
    household.pk, household._state.adding, household.code = None, True, household_code(SEED_OF_COPIES, number)
    household.commune_id = rng.choice(communes) if rng.random() < ERRORS["moved"] else household.commune_id
    if rng.random() < ERRORS["phone"]:
        household.phone = ""
    household.save(force_insert=True)
    copies, places = [], {}
    for position, member in enumerate(members, start=1):
        copy = Member.objects.get(pk=member.pk)
        copy.pk, copy._state.adding, copy.household, copy.position = None, True, household, position
        copy.idcs = idcs(SEED_OF_COPIES, ordinal + position - 1)
        copy.relation = member.relation if len(members) > 1 else "head"
        for pointer in ("spouse", "mother", "father"):
            setattr(copy, f"{pointer}_id", places.get(getattr(member, f"{pointer}_id")))
        _spoil(rng, copy)
        copy.save(force_insert=True)
        places[member.pk] = copy.pk
        copies.append(copy)
    return household, copies


def _spoil(rng: Random, person: Member) -> None:
    for name in ("first_name_fr", "last_name_fr"):
        if rng.random() < ERRORS["spelled"]:
            setattr(person, name, _spelled(rng, getattr(person, name)))
        if rng.random() < ERRORS["slipped"]:
            setattr(person, name, _slipped(rng, getattr(person, name)))
    day = person.born_on
    if rng.random() < ERRORS["swapped"] and day.day <= 12:
        person.born_on = date(day.year, day.day, day.month)
    elif rng.random() < ERRORS["year"]:
        person.born_on, person.birth_precision = date(day.year, 1, 1), "year"
    elif rng.random() < ERRORS["day"]:
        person.born_on = date(day.year, day.month, rng.randint(1, 28))
    if rng.random() < ERRORS["cin"]:
        person.cin = ""
    if rng.random() < ERRORS["sex"]:
        person.sex = "female" if person.sex == "male" else "male"


def _spelled(rng: Random, name: str) -> str:
    """Another common spelling of the same name, if it has one."""
    possible = [pair for pair in SPELLINGS if pair[0] in name[1:]]
    if not possible:
        return name
    before, after = rng.choice(possible)
    return name[0] + name[1:].replace(before, after, 1)


def _slipped(rng: Random, name: str) -> str:
    """One letter changed, lost, added, or exchanged with its neighbor, never the first."""
    if len(name) < 4:
        return name
    place = rng.randrange(1, len(name) - 1)
    return rng.choice(
        (
            name[:place] + rng.choice(LETTERS) + name[place + 1 :],
            name[:place] + name[place + 1 :],
            name[:place] + rng.choice(LETTERS) + name[place:],
            name[:place] + name[place + 1] + name[place] + name[place + 2 :],
        )
    )
