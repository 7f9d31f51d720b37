"""A small kingdom with some history, and the hand that alters what must never change."""

from contextlib import contextmanager
from datetime import date, timedelta
from random import Random

from django.db import connection

from eligibility import services
from eligibility.models import Assessment, Determination
from households.models import Household
from rsu.authentication import engine
from tests.eligibility.families import GUELIZ, child, family, person

DAY = date(2026, 11, 22)


def assess(ids, on=DAY) -> None:
    services.assess_households(list(ids), on=on, by=engine())


def random_families(random: Random, number: int = 40) -> list[Household]:
    """Urban and rural, in two provinces, of one to eight people of any age, rich and poor."""
    return [_family(random) for _ in range(number)]


def _family(random: Random) -> Household:
    head = person(born_on=date(random.randint(1940, 2005), random.randint(1, 12), random.randint(1, 28)))
    children = [_child(date(random.randint(2004, 2025), random.randint(1, 12), random.randint(1, 28))) for _ in range(random.randint(0, 7))]
    adult = [person(relation="other", literate=True, born_on=date(1990, 2, 28))] if random.random() < 0.3 else []
    milieu = random.choice(["urban", "rural"])
    own = {"rooms": random.randint(1, 6), "butane_month": random.randint(0, 20_000), "cars": random.randint(0, 1)}
    if milieu == "urban":
        own["mobile_phones"] = random.randint(0, 6)
    else:
        own["cows"] = random.randint(0, 9)
    return family(head, *children, *adult, milieu=milieu, commune=random.choice(["06.141.01.53", GUELIZ]), **own)


def history(random: Random, number: int = 40) -> list[Household]:
    """Random families read on three days, their bills changed in between: rights opened, closed, replaced the same day."""
    households = random_families(random, number)
    ids = [household.pk for household in households]
    for days in (20, 10, 10, 0):
        assess(ids, on=DAY - timedelta(days=days))
        for household in households:
            Household.objects.filter(pk=household.pk).update(butane_month=random.choice([0, 5_000, 20_000, 60_000]))
    assess(ids)
    return households


def _child(born_on: date) -> dict:
    if born_on.year < 2013:
        return person(relation="child", born_on=born_on, father=1, schooling="no")
    return child(born_on, father=1)


@contextmanager
def altered():
    """Within, nothing is enforced: what a hand in the database could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = origin")


def first_right(**wanted) -> Determination:
    return Determination.objects.filter(**wanted).order_by("pk").first()


def score_of(household: int) -> int:
    return Assessment.objects.get(household=household).score
