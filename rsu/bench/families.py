"""A family that declares while a run is under way: one adult alone, invented, with a number nobody else has."""

from rsu.models import Commune
from rsu.synthesis.numbers import SEEDS, idcs


def declaration(number: int, commune: Commune) -> dict:
    """The answers of the family of this number; every question of an urban household has one."""
    bills = ["120", "130", "110"]
    household = dict.fromkeys(("computer", "landline", "loan", "second_home", "garage", "premises", "water_in_electricity"), False)
    return household | {
        "commune": commune.code,
        "inside_center": True,
        "dwelling_type": "apartment",
        "rooms": 2,
        "bath": True,
        "electricity_meter": "own",
        "electricity_bills": bills,
        "water_bills": bills,
        "butane_month": "45",
        "telecom_bills": bills,
        "dish": True,
        "mobile_phones": 1,
        "cars": 0,
        "motorcycles": 0,
        "members": [_person(number)],
    }


def _person(number: int) -> dict:
    return {
        "idcs": idcs(SEEDS - 1, number),
        "first_name_fr": "Essai",
        "last_name_fr": "Synthétique",
        "relation": "head",
        "sex": "female",
        "birth_year": 1980,
        "birth_month": 5,
        "birth_day": 17,
        "marital_status": "single",
        "education_level": "primary",
        "literate": True,
        "diploma": "none",
        "situation": "homemaker",
        "cover": "none",
        "disability": "none",
        "other_allowances": False,
    }
