"""Small families written straight into the tables, for tests of what is read from them (no check, no form)."""

from datetime import date
from functools import cache
from itertools import count

from django.db import connection
from stdnum import verhoeff

from households.models import Household, Member
from rsu.models import Commune

SIDI_MOUMEN, GUELIZ = "06.141.01.53", "07.351.01.05"
URBAN = {
    "rooms": 2, "bath": False, "electricity_meter": "none", "electricity_bills": [], "water_bills": [], "butane_month": 0, "telecom_bills": [],
    "computer": False, "dish": False, "landline": False, "mobile_phones": 0, "cars": 0, "motorcycles": 0, "loan": False, "second_home": False,
    "garage": False, "premises": False,
}  # fmt: skip
RURAL = {
    "dwelling_type": "rural_earth", "rooms": 2, "electricity_bills": [], "water_bills": [], "butane_month": 0, "telecom_bills": [], "cars": 0,
    "motorcycles": 0, "second_home": False, "land": False, "irrigated_land": False, "cows": 0,
}  # fmt: skip
POINTERS = ("spouse", "mother", "father")
_numbers = count(1)


def idcs(number: int) -> str:
    """A valid population-register number made from a small number."""
    digits = f"2{number:08d}"
    return digits + verhoeff.calc_check_digit(digits)


def person(**answers) -> dict:
    """An adult without diploma or activity, unless told otherwise."""
    return {
        "relation": "head", "sex": "male", "born_on": date(1981, 3, 5), "marital_status": "single", "education_level": "none", "diploma": "none",
        "literate": False, "situation": "other_inactive", "cover": "none", "schooling": None, "disability": "none",
    } | answers  # fmt: skip


def child(born_on: date, **answers) -> dict:
    return (
        person(relation="child", born_on=born_on, education_level=None, diploma=None, literate=None, situation=None, schooling="no")
        | answers
    )


def family(*people: dict, milieu: str = "urban", commune: str = SIDI_MOUMEN, **answers) -> Household:
    """Store one household; pointers (`spouse`, `mother`, `father`) are positions, from 1, in `people`."""
    base = URBAN if milieu == "urban" else RURAL
    household = Household.objects.create(
        code=f"{next(_numbers):011d}", commune_id=_commune(commune), milieu=milieu, synthetic=True, registered_on=date(2026, 1, 1), **(base | answers)
    )  # fmt: skip
    ids = _member_ids(len(people))
    Member.objects.bulk_create(_member(household, position, ids, answered) for position, answered in enumerate(people, start=1))
    return household


def _member(household: Household, position: int, ids: list[int], answered: dict) -> Member:
    number = next(_numbers)
    pointers = {f"{name}_id": ids[answered[name] - 1] for name in POINTERS if answered.get(name)}
    own = {name: value for name, value in answered.items() if name not in POINTERS} | pointers
    names = {"first_name_fr": "Fictif", "last_name_fr": str(number)}
    return Member(pk=ids[position - 1], household=household, position=position, idcs=idcs(number), **names, **own)


@cache
def _commune(code: str) -> int:
    return Commune.objects.get(code=code).pk


def _member_ids(n: int) -> list[int]:
    """Numbers taken beforehand, so that members who point to one another are stored at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [Member._meta.db_table, n])
        return [number for (number,) in cursor.fetchall()]
