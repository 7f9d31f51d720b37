"""Small families written straight into the tables, for tests of what is read from them (no check, no form)."""

from datetime import date
from itertools import count

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
    number = next(_numbers)
    base = URBAN if milieu == "urban" else RURAL
    household = Household.objects.create(
        code=f"{number:011d}",
        commune=Commune.objects.get(code=commune),
        milieu=milieu,
        synthetic=True,
        registered_on=date(2026, 1, 1),
        **(base | answers),
    )
    members = []
    for position, answered in enumerate(people, start=1):
        pointers = ("spouse", "mother", "father")
        own = {name: value for name, value in answered.items() if name not in pointers}
        number = next(_numbers)
        members.append(
            Member.objects.create(
                household=household, position=position, idcs=idcs(number), first_name_fr="Fictif", last_name_fr=str(number), **own
            )
        )
    for member, answered in zip(members, people, strict=True):
        for name in ("spouse", "mother", "father"):
            if answered.get(name):
                setattr(member, name, members[answered[name] - 1])
        member.save()
    return household
