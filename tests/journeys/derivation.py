"""From a family's answers to the facts, a second time and in plain Python, straight from the published formula and its questionnaire.

Nothing of the product is imported: what it reads in SQL is compared with this.
"""

from datetime import date

EMPLOYED = "employed"
TECHNICAL = {
    "vocational_initiation", "vocational_specialisation", "vocational_qualification", "technician", "specialised_technician",
}  # fmt: skip


def age_of(person: dict, on: date) -> int:
    """Completed years; unknown day or month count as the first."""
    month, day = person.get("birth_month") or 1, person.get("birth_day") or 1
    return on.year - person["birth_year"] - ((on.month, on.day) < (month, day))


def annual(bills: list) -> int:
    """Centimes a year: the mean of the months given, times twelve."""
    given = [round(float(month) * 100) for month in bills if month is not None]
    return sum(given) * 12 // len(given) if given else 0


def nuclei(people: list[dict]) -> int:
    """Couples (a husband and his wives once), then parents of children who have neither spouse nor child here."""
    tied, couples = set(), set()
    for position, person in enumerate(people, start=1):
        if person.get("spouse"):
            pair = {position, person["spouse"]}
            tied |= pair
            couples.add(next(p for p in pair if people[p - 1]["sex"] == "male"))
    parents = {person.get("mother") for person in people} | {person.get("father") for person in people}
    lone = set()
    for position, person in enumerate(people, start=1):
        parent = person.get("mother") or person.get("father")
        if parent and parent not in tied and position not in tied and position not in parents:
            lone.add(parent)
    return len(couples) + len(lone)


def facts(answers: dict, *, milieu: str, region: int, on: date) -> dict:
    people = answers["members"]
    size, head = len(people), next(person for person in people if person["relation"] == "head")
    adults = [person for person in people if age_of(person, on) >= 15]
    pupils = [p for p in people if 6 <= age_of(p, on) <= 14 and p["schooling"] != "no"]
    works = head.get("situation") == EMPLOYED
    group = int(head["occupation_group"]) if works else None
    water = 0 if answers.get("water_in_electricity") else annual(answers["water_bills"])
    ages = [age_of(person, on) for person in people]
    rooms = answers["rooms"]

    def employed(person, *groups) -> bool:
        return person.get("situation") == EMPLOYED and int(person["occupation_group"]) in groups

    both = {
        "milieu": milieu, "region": region, "size": size,
        "couple_or_single": int(size == 1 or (size == 2 and any(p["relation"] == "spouse" for p in people))),
        "two_per_room": int(size <= 2 * rooms),
        "head_senior": int(group in (0, 1)), "head_employer": int(works and head["work_status"] == "employer"),
        "other_cover": int(any(p["cover"] not in ("none", "ramed", "amo_tadamon") for p in people)),
        "second_home": int(answers["second_home"]),
        "butane": round(float(answers["butane_month"]) * 100) * 12, "water_power": annual(answers["electricity_bills"]) + water,
        "telecom": annual(answers["telecom_bills"]),
    }  # fmt: skip
    urban = {
        "several_nuclei": int(nuclei(people) >= 2), "own_meter": int(answers.get("electricity_meter") == "own"),
        "head_higher": int(head["education_level"] == "higher"), "head_middle": int(group == 2),
        "head_retired": int(head["situation"] in ("retired", "rentier")), "head_age": age_of(head, on),
        "private_pupils": sum(p["school_sector"] == "private" for p in pupils),
        "public_pupils": sum(p["school_sector"] == "public" for p in pupils),
        "no_diploma": sum(p["diploma"] == "none" for p in adults), "technical_diploma": sum(p["diploma"] in TECHNICAL for p in adults),
        "earners": sum(
            p["situation"] == EMPLOYED and (p["work_status"] not in ("family_worker", "apprentice") or p["paid"]) for p in adults
        ),
        "operators": sum(employed(p, 8) for p in adults), "seniors": sum(employed(p, 0, 1) for p in people),
        **{name: answers.get(name) for name in ("mobile_phones", "cars", "motorcycles")},
        **{name: int(bool(answers.get(name))) for name in ("bath", "computer", "dish", "landline", "loan", "garage", "premises")},
    }  # fmt: skip
    rural = {
        "good_dwelling": int(answers.get("dwelling_type") in ("villa", "apartment", "traditional_house", "rural_stone")),
        "three_per_room": int(2 * rooms < size <= 3 * rooms),
        "head_basic": int(head["education_level"] in ("primary", "lower_secondary")),
        "head_operator": int(group == 8), "head_artisan": int(group == 6), "head_farmer": int(group == 5),
        "has_car": int(answers["cars"] >= 1), "has_motorcycle": int(answers["motorcycles"] >= 1),
        "land": int(bool(answers.get("land"))), "irrigated_land": int(bool(answers.get("irrigated_land"))),
        "aged_19_29": sum(19 <= age <= 29 for age in ages), "aged_30_59": sum(30 <= age <= 59 for age in ages),
        "aged_60_over": sum(age >= 60 for age in ages),
        "literate": sum(bool(p.get("literate")) for p in adults), "higher_diploma": sum(p["diploma"] == "higher" for p in adults),
        "traders": sum(employed(p, 4) for p in adults), "cows": answers.get("cows"),
    }  # fmt: skip
    return both | (urban if milieu == "urban" else rural)
