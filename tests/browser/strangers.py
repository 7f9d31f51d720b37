"""Three families described on paper, of different shapes: invented, with numbers nobody bears."""

from tests.api.declarations import SIDI_MOUMEN, idcs, years_ago


def grown(first: str, last: str, sex: str, years: int, relation: str, **answers) -> dict:
    return {
        "idcs": idcs(), "first_name_fr": first, "last_name_fr": last, "relation": relation, "sex": sex, "birth_year": years_ago(years),
        "marital_status": "single", "diploma": "none", "situation": "other_inactive", "cover": "none", "disability": "none",
        "other_allowances": False,
    } | answers  # fmt: skip


def pupil(first: str, last: str, sex: str, years: int, schooling: str = "primary", **answers) -> dict:
    return {
        "idcs": idcs(), "first_name_fr": first, "last_name_fr": last, "relation": "child", "sex": sex, "birth_year": years_ago(years),
        "birth_month": 1, "birth_day": 1, "marital_status": "single", "schooling": schooling, "school_sector": "public", "cover": "none",
        "disability": "none",
    } | answers  # fmt: skip


def lone_widow(commune: str) -> dict:
    """A widow and her three children, in the country."""
    widow = grown(
        "Fatna",
        "Bouazza",
        "female",
        38,
        "head",
        birth_month=1,
        birth_day=1,
        marital_status="widowed",
        education_level="none",
        literate=False,
    )
    orphan = {"mother": 1, "father_status": "deceased", "father_died_on": "05/03/2022", "charge": "mother"}
    children = [pupil(name, "Bouazza", sex, years, **orphan) for name, sex, years in (("Adam", "male", 12), ("Hiba", "female", 9))]
    baby = {"idcs": idcs(), "first_name_fr": "Rayan", "last_name_fr": "Bouazza", "relation": "child", "sex": "male"}
    baby |= {"birth_year": years_ago(4), "birth_month": 1, "birth_day": 1, "marital_status": "single", "schooling": "no", "cover": "none"}
    return {
        "commune": commune, "address": "Douar Oulad Ziane", "dwelling_type": "rural_earth", "rooms": 2, "electricity_bills": [60, 55, 70],
        "water_bills": [], "butane_month": "50", "telecom_bills": [20, 20, 20], "cars": 0, "motorcycles": 0, "second_home": False,
        "land": False, "irrigated_land": False, "cows": 1, "members": [widow, *children, baby | {"disability": "none"} | orphan],
    }  # fmt: skip


def two_wives() -> dict:
    """A man, two wives, a child of each, in town."""
    head = grown(
        "Driss", "Fictif", "male", 52, "head", birth_month=1, birth_day=1, marital_status="married", education_level="primary",
        situation="employed", occupation="maçon", occupation_group="6", work_status="self_employed",
    )  # fmt: skip
    wives = [
        grown(
            name, "Fictif", "female", years, "spouse", birth_month=1, birth_day=1, marital_status="married", spouse=1, situation="homemaker"
        )
        for name, years in (("Aicha", 47), ("Naima", 36))
    ]
    children = [
        pupil("Mehdi", "Fictif", "male", 14, "lower_secondary", father=1, mother=2, diploma="none", situation="student"),
        pupil("Sara", "Fictif", "female", 8, father=1, mother=3)
    ]  # fmt: skip
    return in_town(rooms=3, members=[head, *wives, *children])


def three_generations() -> dict:
    """A couple, their grown son who is disabled and the man's mother; nobody knows more of a birth than its year."""
    mother = grown("Rkia", "Fictif", "female", 82, "parent", marital_status="widowed", situation="elderly")
    head = grown(
        "Omar", "Fictif", "male", 60, "head", marital_status="married", education_level="none", mother=1, situation="employed",
        occupation_group="9", work_status="employee_private",
    )  # fmt: skip
    wife = grown("Zohra", "Fictif", "female", 55, "spouse", marital_status="married", spouse=2, situation="homemaker")
    son = grown(
        "Karim", "Fictif", "male", 27, "child", father=2, mother=3, disability="severe", disability_number="H-2019-77", situation="infirm"
    )
    return in_town(rooms=2, members=[mother, head, wife, son])


def in_town(**answers) -> dict:
    return {
        "commune": SIDI_MOUMEN, "address": "Rue 9, numéro 3", "rooms": 2, "bath": True, "electricity_meter": "own",
        "electricity_bills": [120, 110, 130], "water_bills": [40, 40, 40], "butane_month": "75", "telecom_bills": [50, 50, 50],
        "computer": False, "dish": True, "landline": False, "mobile_phones": 2, "cars": 0, "motorcycles": 0, "loan": False,
        "second_home": False, "garage": False, "premises": False,
    } | answers  # fmt: skip
