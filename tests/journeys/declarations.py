"""Random whole declarations of both milieux: families of one to fourteen, every answer drawn, all of them passing the checks."""

from datetime import date
from random import Random

from stdnum import verhoeff

LEVELS = ("none", "preschool", "koranic", "primary", "lower_secondary", "upper_secondary", "higher")
DIPLOMAS = (
    "none", "primary_certificate", "lower_secondary_certificate", "vocational_initiation", "vocational_specialisation",
    "vocational_qualification", "baccalaureate", "technician", "specialised_technician", "higher",
)  # fmt: skip
SITUATIONS = ("employed", "employed", "unemployed_worked", "homemaker", "retired", "rentier", "infirm", "elderly", "other_inactive")
STATUSES = (
    "employer", "self_employed", "employee_public", "employee_private", "family_worker", "apprentice", "cooperative_member", "other",
)  # fmt: skip
COVERS = ("none", "none", "none", "ramed", "amo_tadamon", "amo_employee", "amo_achamil", "amo_student", "private")
DWELLINGS = (
    "villa", "apartment", "traditional_house", "modern_house", "rural_stone", "rural_earth", "rural_other", "basic_or_slum", "other",
)  # fmt: skip


class Drawer:
    """One seed, one series of declarations; identifiers never repeat within it."""

    def __init__(self, seed: int, *, on: date, communes: dict[str, list[str]]) -> None:
        self.random, self.on, self.communes = Random(seed), on, communes
        self.number = seed * 1_000_000 % 80_000_000

    def declaration(self, milieu: str) -> dict:
        draw = self.random
        members = self._family(milieu)
        answers = {
            "commune": draw.choice(self.communes[milieu]), "rooms": draw.randint(1, 8), "butane_month": self._amount(40_000),
            "electricity_bills": self._bills(), "telecom_bills": self._bills(), "cars": draw.choice([0, 0, 1, 2, 3]),
            "motorcycles": draw.choice([0, 0, 1, 2]), "second_home": draw.random() < 0.2, "members": members,
        }  # fmt: skip
        if draw.random() < 0.3:
            answers["water_in_electricity"] = True
        else:
            answers["water_bills"] = self._bills()
        flags = ("bath", "computer", "dish", "landline", "loan", "garage", "premises") if milieu == "urban" else ("land", "irrigated_land")
        answers |= {name: draw.random() < 0.5 for name in flags}
        if milieu == "urban":
            return answers | {"electricity_meter": draw.choice(["own", "shared", "none"]), "mobile_phones": draw.randint(0, 9)}
        return answers | {"dwelling_type": draw.choice(DWELLINGS), "cows": draw.choice([0, 0, 1, 4, 30]), "inside_center": False}

    def _family(self, milieu: str) -> list[dict]:
        draw = self.random
        head = self._person(milieu, "head", draw.randint(20, 90))
        members = [head]
        if draw.random() < 0.7:
            head["marital_status"] = "married"
            other = "female" if head["sex"] == "male" else "male"
            members.append(self._person(milieu, "spouse", draw.randint(18, 85), sex=other, marital_status="married", spouse=1))
            head["spouse"] = 2
        youngest_parent = min(self.on.year - member["birth_year"] for member in members)
        for _ in range(draw.choice([0, 0, 1, 2, 3, 4, 6])):
            if youngest_parent > 17:
                child = self._person(milieu, "child", draw.randint(0, youngest_parent - 16))
                if len(members) > 1 and members[1]["relation"] == "spouse":
                    father = 1 if head["sex"] == "male" else 2
                    child |= {"father": father, "mother": 3 - father}
                else:
                    child[{"male": "father", "female": "mother"}[head["sex"]]] = 1
                members.append(child)
        for _ in range(draw.choice([0, 0, 0, 1, 2, 3])):
            members.append(self._person(milieu, draw.choice(["sibling", "other"]), draw.randint(25, 88)))
        for member in members:
            if self.on.year - member["birth_year"] <= 22 and "father" not in member:
                member |= {"father_status": "alive", "charge": "mother" if "mother" in member else "guardian"}
        return members

    def _person(self, milieu: str, relation: str, age: int, **answers) -> dict:
        draw = self.random
        self.number += 1
        digits = f"3{self.number:08d}"
        person = {
            "idcs": digits + verhoeff.calc_check_digit(digits), "first_name_fr": "Fictif", "last_name_fr": f"N{self.number}",
            "relation": relation, "sex": draw.choice(["male", "female"]), "marital_status": "single", "cover": draw.choice(COVERS),
            "disability": "none", "other_allowances": False, "birth_year": self.on.year - age,
        }  # fmt: skip
        if draw.random() < 0.85:
            person["birth_month"] = draw.randint(1, 12)
            if draw.random() < 0.95:
                person["birth_day"] = draw.randint(1, 28)
        if age == 0:
            person |= {"birth_month": 1, "birth_day": 1}
        if relation == "head":
            person["education_level"] = draw.choice(LEVELS)
        if person["cover"] not in ("none",):
            person["cover_quality"] = "principal" if age >= 21 else "dependant"
        if age <= 26:
            person["schooling"] = draw.choice(
                ["no", "preschool", "primary"] if age < 12 else ["no", "lower_secondary", "upper_secondary", "vocational"]
            )
            if person["schooling"] != "no":
                person["school_sector"] = draw.choice(["public", "private", "other"])
        if age >= 14:
            person |= self._adult(milieu)
        return person | answers

    def _adult(self, milieu: str) -> dict:
        draw = self.random
        answers = {"diploma": draw.choice(DIPLOMAS), "situation": draw.choice(SITUATIONS)}
        if milieu == "rural":
            answers["literate"] = draw.random() < 0.5
        if answers["situation"] == "employed":
            answers |= {"occupation_group": str(draw.randint(0, 9)), "work_status": draw.choice(STATUSES)}
            if answers["work_status"] in ("family_worker", "apprentice"):
                answers["paid"] = draw.random() < 0.5
        return answers

    def _amount(self, most: int) -> str:
        centimes = self.random.choice([0, self.random.randint(0, most), self.random.randint(0, most)])
        return f"{centimes // 100}.{centimes % 100:02d}"

    def _bills(self) -> list:
        if self.random.random() < 0.15:
            return []
        months = [self._amount(150_000) if self.random.random() < 0.8 else None for _ in range(3)]
        return months if any(months) else [self._amount(150_000), None, None]
