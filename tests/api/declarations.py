"""Whole declarations as partners send them: invented families whose numbers nobody else bears."""

from datetime import date
from itertools import count

from stdnum import verhoeff

SIDI_MOUMEN, GUELIZ = "06.141.01.53", "07.351.01.05"
YEAR = date.today().year
_numbers = count(71_000_000)


def years_ago(years: int) -> int:
    """A birth year that gives this age all year long, born on 1 January."""
    return YEAR - years


def idcs() -> str:
    digits = f"9{next(_numbers):08d}"
    return digits + verhoeff.calc_check_digit(digits)


def adult(**answers) -> dict:
    return {
        "idcs": idcs(), "first_name_fr": "Hassan", "last_name_fr": "Fictif", "relation": "head", "sex": "male",
        "birth_year": years_ago(45),
        "birth_month": 1, "birth_day": 1,
        "marital_status": "single", "education_level": "none", "diploma": "none", "situation": "other_inactive", "cover": "none",
        "disability": "none", "other_allowances": False,
    } | answers  # fmt: skip


def declaration(*members: dict, commune: str = SIDI_MOUMEN, **answers) -> dict:
    """An urban household that owns nothing."""
    return {
        "commune": commune, "rooms": 2, "bath": False, "electricity_meter": "none", "electricity_bills": [], "water_bills": [],
        "butane_month": "75", "telecom_bills": [], "computer": False, "dish": False, "landline": False, "mobile_phones": 1, "cars": 0,
        "motorcycles": 0, "loan": False, "second_home": False, "garage": False, "premises": False, "members": list(members or [adult()]),
    } | answers  # fmt: skip


def couple_with_two_children(**answers) -> dict:
    """The worked example of the decree's formula: four people, 350 DH of water and power, 75 of butane, 100 of telephone a month."""
    head = adult(marital_status="married", situation="employed", occupation_group="9", work_status="employee_private", diploma="none")
    wife = adult(
        first_name_fr="Fatima",
        relation="spouse",
        sex="female",
        marital_status="married",
        spouse=1,
        birth_year=years_ago(41),
        situation="homemaker",
    )
    children = [child("Omar", 10), child("Salma", 8)]
    given = {
        "rooms": 1, "bath": True, "electricity_meter": "own", "electricity_bills": ["350.00", "350", None], "water_in_electricity": True,
        "water_bills": None, "telecom_bills": ["100"], "dish": True, "mobile_phones": 3,
    }  # fmt: skip
    return declaration(head, wife, *children, **(given | answers))


def child(name: str, years: int) -> dict:
    """Of the first two members, in a public school."""
    return adult(
        first_name_fr=name, relation="child", birth_year=years_ago(years), father=1, mother=2, schooling="primary", school_sector="public",
        diploma=None, situation=None, education_level=None, other_allowances=None,
    )  # fmt: skip


def poor_family(**answers) -> dict:
    """Two adults without work and four children, within both lines."""
    head = adult(marital_status="married")
    wife = adult(first_name_fr="Fatima", relation="spouse", sex="female", marital_status="married", spouse=1, birth_year=years_ago(41))
    children = [child(f"Enfant {years}", years) for years in (13, 11, 9, 7)]
    return declaration(head, wife, *children, **({"rooms": 1, "butane_month": "0", "mobile_phones": 0} | answers))
