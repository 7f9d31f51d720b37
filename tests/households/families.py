"""Declarations written by hand, right as they stand; each test spoils one answer."""

from copy import deepcopy
from datetime import date

from eligibility.law import Law, founding

DAY = date(2026, 11, 22)
SIDI_MOUMEN, GUELIZ, ISSAGUEN = "06.141.01.53", "07.351.01.05", "01.051.09.13"

# Verhoeff numbers worked out once; they belong to nobody known.
HEAD, WIFE, SON, DAUGHTER, OTHER = "2000000006", "2000000010", "2000000023", "2000000034", "2000000047"


def law():
    return Law(founding(), DAY)


MAN = {
    "idcs": HEAD, "first_name_fr": "Said", "last_name_fr": "Alaoui", "first_name_ar": "سعيد", "last_name_ar": "العلوي",
    "relation": "head", "sex": "male", "birth_year": 1981, "birth_month": 3, "birth_day": 5, "marital_status": "married",
    "education_level": "primary", "diploma": "none", "literate": True, "situation": "employed", "occupation": "maçon",
    "occupation_group": "6", "work_status": "self_employed", "cover": "none", "disability": "none", "other_allowances": False,
}  # fmt: skip
WOMAN = {
    "idcs": WIFE, "first_name_fr": "Fatima", "last_name_fr": "Idrissi", "relation": "spouse", "sex": "female",
    "birth_year": "1985", "marital_status": "married", "spouse": 1, "diploma": "none", "literate": False, "situation": "homemaker",
    "cover": "none", "disability": "none", "other_allowances": False,
}  # fmt: skip
BOY = {
    "idcs": SON, "first_name_fr": "Adam", "last_name_fr": "Alaoui", "relation": "child", "sex": "male",
    "birth_year": 2015, "birth_month": 9, "birth_day": 1, "marital_status": "single", "mother": 2, "father": 1,
    "schooling": "primary", "school_sector": "public", "cover": "none", "disability": "none",
}  # fmt: skip
TOWN = {
    "commune": SIDI_MOUMEN, "address": "12, rue des Oliviers", "phone": "0612345678", "rooms": 2, "bath": True, "electricity_meter": "own",
    "electricity_bills": ["100", None, "200"], "water_bills": ["40"], "water_in_electricity": False, "butane_month": "75,5",
    "telecom_bills": [], "computer": False, "dish": True, "landline": False, "mobile_phones": 2, "cars": 0, "motorcycles": 1,
    "loan": False, "second_home": False, "garage": False, "premises": False, "members": [MAN, WOMAN, BOY],
}  # fmt: skip
COUNTRY = {
    "commune": ISSAGUEN, "inside_center": False, "dwelling_type": "rural_earth", "rooms": 3, "electricity_bills": [],
    "water_in_electricity": True, "butane_month": 50, "telecom_bills": [20, 30, 40], "cars": 0, "motorcycles": 0, "second_home": False,
    "land": False, "irrigated_land": True, "cows": 2, "members": [MAN, WOMAN, BOY],
}  # fmt: skip


def town(**changes) -> dict:
    return deepcopy(TOWN) | changes


def country(**changes) -> dict:
    return deepcopy(COUNTRY) | changes


def with_person(answers: dict, position: int, **changes) -> dict:
    """The same declaration, one member changed; None takes the answer away."""
    answers = deepcopy(answers)
    answers["members"][position - 1].update(changes)
    return answers
