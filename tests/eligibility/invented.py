"""Invented facts for the score: any whole numbers within bounds wider than life."""

from hypothesis import strategies as st

BOTH = {
    "couple_or_single": 1,
    "two_per_room": 1,
    "head_senior": 1,
    "head_employer": 1,
    "other_cover": 1,
    "second_home": 1,
    "cars": 9,
    "motorcycles": 9,
    "butane": 50_000_000,
    "water_power": 100_000_000,
    "telecom": 100_000_000,
}
URBAN = {
    "several_nuclei": 1,
    "bath": 1,
    "own_meter": 1,
    "head_higher": 1,
    "head_middle": 1,
    "head_retired": 1,
    "computer": 1,
    "dish": 1,
    "landline": 1,
    "loan": 1,
    "garage": 1,
    "premises": 1,
    "head_age": 120,
    "private_pupils": 12,
    "public_pupils": 12,
    "no_diploma": 30,
    "technical_diploma": 30,
    "earners": 30,
    "operators": 30,
    "seniors": 30,
    "mobile_phones": 60,
}
RURAL = {
    "good_dwelling": 1,
    "three_per_room": 1,
    "head_basic": 1,
    "head_operator": 1,
    "head_artisan": 1,
    "head_farmer": 1,
    "land": 1,
    "irrigated_land": 1,
    "aged_19_29": 30,
    "aged_30_59": 30,
    "aged_60_over": 30,
    "literate": 30,
    "higher_diploma": 30,
    "traders": 30,
    "cows": 200,
}
OWN = {"urban": URBAN, "rural": RURAL}
LARGEST_HOUSEHOLD = 30


def with_vehicles(facts):
    if facts["milieu"] == "rural":
        facts["has_car"] = int(facts["cars"] > 0)
        facts["has_motorcycle"] = int(facts["motorcycles"] > 0)
    return facts


def facts_of(milieu):
    bounds = BOTH | OWN[milieu]
    return st.fixed_dictionaries(
        {
            "milieu": st.just(milieu),
            "region": st.integers(1, 12),
            "size": st.integers(1, LARGEST_HOUSEHOLD),
            **{fact: st.integers(0, most) for fact, most in bounds.items()},
        }
    ).map(with_vehicles)


any_facts = st.sampled_from(["urban", "rural"]).flatmap(facts_of)


def drawn(random, milieu):
    """One household from a seeded generator: bills are none, the largest, or anything between."""
    facts = {"milieu": milieu, "region": random.randint(1, 12), "size": random.randint(1, LARGEST_HOUSEHOLD)}
    for fact, most in (BOTH | OWN[milieu]).items():
        facts[fact] = random.choice([0, most, random.randint(0, most)])
    return with_vehicles(facts)


def bare(milieu, **given):
    """A household of which nothing is true but what is given; region 05, one member."""
    return with_vehicles({"milieu": milieu, "region": 5, "size": 1, **dict.fromkeys(BOTH | OWN[milieu], 0), **given})


def family_of_four(**changes):
    """The family of the worked example: Casablanca-Settat, 350 DH of water and electricity, 75 of butane, 100 of telephone a month."""
    return bare(
        "urban",
        **{
            "region": 6,
            "size": 4,
            "head_age": 45,
            "bath": 1,
            "own_meter": 1,
            "dish": 1,
            "mobile_phones": 3,
            "water_power": 12 * 350_00,
            "butane": 12 * 75_00,
            "telecom": 12 * 100_00,
            "earners": 1,
            "no_diploma": 2,
            "public_pupils": 2,
        }
        | changes,
    )
