"""Answers that are possible and rare: the family confirms them, nobody refuses them (provision registration.plausible)."""

from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from rsu import numerals, wording
from rsu.wording import ELIDED

from .ages import age_on
from .entries import annual, last_months
from .family import name
from .problems import Problem

if TYPE_CHECKING:
    from .declaration import Declaration


def check(declaration: "Declaration", *, confirmed, on: date, law) -> list[Problem]:
    """Problems to confirm, without those `confirmed` already names; a changed answer is asked again."""
    if declaration.milieu is None:
        return []
    limits = law.value("registration.plausible")[declaration.milieu]
    known = set(map(str, confirmed)) if isinstance(confirmed, list) else set()
    found = _household(declaration, limits, on=on, adult_age=law.value("registration.adult_age"))
    found += _ages(declaration, limits, on) + _parents(declaration, limits, on)
    return [problem for problem in found if problem.confirm not in known]


def _household(declaration: "Declaration", limits: dict, *, on: date, adult_age: int) -> list[Problem]:
    answers = declaration.household
    born = [member["born_on"] for member in declaration.members if "born_on" in member]
    adults = sum(age_on(on, day) >= adult_age for day in born)
    phones = answers.get("mobile_phones") if born else None  # not judged before the people are known
    power, water = (annual(answers.get(name) or []) for name in ("electricity_bills", "water_bills"))
    measured = (
        ("rooms", answers.get("rooms"), limits["rooms"], _("Plus de %(limit)s pièces : est-ce exact ?")),
        ("cars", answers.get("cars"), limits["cars"], _("Plus de %(limit)s voitures : est-ce exact ?")),
        ("cows", answers.get("cows"), limits["cows"], _("Plus de %(limit)s vaches : est-ce exact ?")),
        ("mobile_phones", phones, limits["phones_per_adult"] * adults,
         _("Plus de %(limit)s téléphones : est-ce exact ?")),
        ("butane_month", answers.get("butane_month"), limits["butane_monthly"],
         _("Plus de %(dirhams)s dirhams de gaz par mois : est-ce exact ?")),
        ("electricity_bills", (power + water) // 12, limits["water_power_monthly"],
         _("Plus de %(dirhams)s dirhams d’eau et d’électricité par mois : est-ce exact ?")),
        ("telecom_bills", annual(answers.get("telecom_bills") or []) // 12, limits["telecom_monthly"],
         _("Plus de %(dirhams)s dirhams de téléphone par mois : est-ce exact ?")),
    )  # fmt: skip
    problems = []
    for path, value, limit, sentence in measured:
        if value is not None and value > limit:
            said = sentence % {"limit": limit, "dirhams": numerals.grouped(limit // 100)}
            problems.append(Problem(path, said + _high_months(answers, path, limit, on), confirm=f"{path}={value}"))
    return problems


TOGETHER = {"electricity_bills": ("electricity_bills", "water_bills"), "telecom_bills": ("telecom_bills",)}
"""Bills one limit is for, by the field that is told."""


def _high_months(answers: dict, path: str, limit: int, on: date) -> str:
    """The months whose bills pass the limit, by their name; the mean may pass it by two bills of different months."""
    given = [answers.get(name) or [None] * 3 for name in TOGETHER.get(path, ())]
    sums = [sum(month or 0 for month in months) for months in zip(*given, strict=True)]
    names = [name for name, month in zip(last_months(on), sums, strict=False) if month > limit]
    return " " + _("Au-dessus : %(months)s.") % {"months": wording.listed(names)} if names else ""


def _ages(declaration: "Declaration", limits: dict, on: date) -> list[Problem]:
    """A law loaded before this limit was named has none, and then nothing is asked."""
    oldest, problems = limits.get("oldest_age"), []
    for position, member in enumerate(declaration.members, start=1):
        age = age_on(on, member["born_on"]) if "born_on" in member else 0
        if oldest is not None and age > oldest:
            sentence = _("Cette personne aurait %(age)s ans : est-ce exact ?") % {"age": age}
            confirm = f"birth_year={member.get('idcs', position)}:{member['born_on']}"
            problems.append(Problem(f"members.{position}.birth_year", sentence, confirm=confirm))
    return problems


def _parents(declaration: "Declaration", limits: dict, on: date) -> list[Problem]:
    gap, problems = limits["parent_gap_years"], []
    for position, child in enumerate(declaration.members, start=1):
        for role in ("mother", "father"):
            parent = declaration.members[child[role] - 1] if role in child else {}
            if "born_on" not in parent or "born_on" not in child or parent["born_on"] >= child["born_on"]:
                continue
            if age_on(child["born_on"], parent["born_on"]) < gap:
                plain = _("%(parent)s a moins de %(gap)s ans de plus que %(child)s : est-ce exact ?")
                elided = _("%(parent)s a moins de %(gap)s ans de plus qu’%(child)s : est-ce exact ?")
                sentence = elided if ELIDED.match(name(child)) else plain
                words = {"parent": name(parent), "child": name(child), "gap": gap}
                confirm = f"{role}={child.get('idcs', position)}:{parent['born_on']}:{child['born_on']}"
                problems.append(Problem(f"members.{position}.{role}", sentence % words, confirm=confirm))
    return problems
