"""What would cross the line, done: each lever the file shows becomes an answer a family can give, and the whole engine is asked again.

Random families; their declarations pass the product's checks before and after, facts and scores are the engine's own.
"""

import uuid
from copy import deepcopy
from datetime import date

import pytest
from django.db import transaction

from eligibility import queries, services
from eligibility.levers import levers
from eligibility.models import Assessment, Facts, Program
from eligibility.programs import facts_of
from eligibility.score import Formula, entitled, threshold_points
from households.changes import by_key
from households.declaration import read
from households.declared import answers_of, dirhams
from households.entries import annual, bills
from households.models import Household
from households.services import check_declaration, submit_registration
from households.services.applying import Target, rearrange
from rsu.authentication import engine
from tests.journeys.declarations import Drawer
from tests.journeys.test_same_digits import communes
from tests.sizes import cases

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)
EACH_MILIEU = cases(80, 250)
NEAR = (10_000, 200_000, 600_000, 1_200_000, 2_000_000)
BILLS = {"telecom": ("telecom_bills",), "water_power": ("electricity_bills", "water_bills")}
COUNTED = {"has_car": "cars", "has_motorcycle": "motorcycles"}
"""Asked as a number where the country's formula reads yes or no: none, or one."""


class Undo(Exception):
    pass


def changed(answers: dict, lever, not_counted: list[str]) -> dict:
    """The declaration of a family that did just what the page's sentence says: whole dirhams a month, one thing, one answer."""
    answers = deepcopy(answers)
    if lever.fact == "butane":
        answers["butane_month"] = dirhams(_centimes(answers["butane_month"]) + lever.dirhams * 100)
    elif lever.kind == "money":
        _spread(answers, BILLS[lever.fact], lever.dirhams * 100)
    elif lever.kind == "number":
        answers[lever.fact] = str(lever.after)
    elif lever.kind == "pupil":
        _moved_pupils(answers, lever.after - lever.before)
    elif lever.fact == "other_cover":
        for member in answers["members"] if not lever.after else answers["members"][:1]:
            member["cover"] = "amo_employee" if lever.after else "none" if member["cover"] not in not_counted else member["cover"]
            member["cover_quality"] = "principal" if lever.after else member.get("cover_quality")
    elif lever.fact in COUNTED:
        answers[COUNTED[lever.fact]] = str(lever.after)
    else:
        answers[lever.fact] = bool(lever.after)
    return answers


def _centimes(text: str) -> int:
    return bills([text])[0]


def _spread(answers: dict, names: tuple[str, ...], change: int) -> None:
    """So much more or less a month over one bill, then the next; a month's mean is never below nothing."""
    left = 12 * change
    for name in names:
        if name == "water_bills" and answers.get("water_in_electricity"):
            continue
        given = bills(answers[name]) if answers.get(name) else []
        months = [month for month in given if month is not None]
        total, count = sum(months), len(months) or 1
        step = -(-abs(left) * count // 12)  # whole centimes that suffice
        after = max(total + (step if left > 0 else -step), 0)
        share, over = divmod(after, count)
        answers[name] = [dirhams(share + (place < over)) for place in range(count)]
        done = annual(bills(answers[name])) - annual(given)
        left = left - done if (left > 0) == (left - done > 0) else 0
        if not left:
            return


def _moved_pupils(answers: dict, into_private: int) -> None:
    here, there = ("public", "private") if into_private > 0 else ("private", "public")
    pupils = [m for m in answers["members"] if m.get("school_sector") == here and m.get("schooling") != "no"]
    of_age = [m for m in pupils if 6 <= DAY.year - int(m["birth_year"]) - (_birthday(m) > (DAY.month, DAY.day)) <= 14]
    for member in of_age[: abs(into_private)]:
        member["school_sector"] = there


def _birthday(member: dict) -> tuple[int, int]:
    return int(member.get("birth_month") or 1), int(member.get("birth_day") or 1)


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_every_lever_shown_crosses_when_the_family_does_it(milieu):
    by, law = engine(), queries.law(DAY)
    formula = Formula.from_value(law.value("score.formula"))
    lines = [threshold_points(law.value(program.threshold_key)) for program in Program]
    ids = registered(Drawer(11, on=DAY, communes={milieu: communes(milieu)}), milieu, by, law)
    facts = {row.household_id: facts_of(row) for row in Facts.objects.filter(household__in=ids)}
    # Few drawn families stand near the law's own lines: each is also shown a line of its own, a little above or below it.
    near = {pk: formula.score(found) + (-1) ** pk * NEAR[pk % len(NEAR)] for pk, found in facts.items()}
    shown = {pk: [(line, lever) for line in (*lines, near[pk]) for lever in levers(formula, facts[pk], line)[:3]] for pk in ids}
    assert sum(map(len, shown.values())) > 2 * EACH_MILIEU
    kinds = {lever.fact for found in shown.values() for _line, lever in found}
    assert {"telecom", "butane", "water_power"} <= kinds and len(kinds) >= 8
    homes = Household.objects.select_related("commune").in_bulk(ids)
    declared = {pk: answers_of(home) for pk, home in homes.items()}
    done = 0
    for turn in range(max(map(len, shown.values()))):
        done += _tried({pk: found[turn] for pk, found in shown.items() if len(found) > turn}, homes, declared, facts, formula, by, law)
    assert done == sum(map(len, shown.values()))


def registered(drawer: Drawer, milieu: str, by, law) -> list[int]:
    ids = []
    for _ in range(EACH_MILIEU):
        answers = drawer.declaration(milieu)
        answers["confirmed"] = [problem.confirm for problem in check_declaration(answers, on=DAY, by=by, law=law) if problem.confirm]
        ids.append(submit_registration(token=uuid.uuid4(), answers=answers, on=DAY, by=by, law=law).household_id)
    services.assess_households(ids, on=DAY, by=by)
    return ids


def _tried(levers_of: dict, homes: dict, declared: dict, facts: dict, formula, by, law) -> int:
    """One lever of each household declared, checked, applied, read and scored at once, then undone."""
    not_counted = law.value("score.cover_not_counted")
    try:
        with transaction.atomic():
            targets = []
            for pk, (_line, lever) in levers_of.items():
                answers = changed(declared[pk], lever, not_counted)
                found = read(answers, place=homes[pk].commune, on=DAY, law=law)
                assert not [problem for problem in found.problems if not problem.confirm], (lever, found.problems)
                targets.append(Target(Household.objects.get(pk=pk), found, tuple(by_key(answers)), homes[pk].commune))
            rearrange(targets, on=DAY)
            services.assess_households(list(levers_of), on=DAY, by=by)
            scores = dict(Assessment.objects.filter(household__in=list(levers_of)).values_list("household", "score"))
            for pk, (line, lever) in levers_of.items():
                assert entitled(scores[pk], line) != entitled(formula.score(facts[pk]), line), (declared[pk], lever)
                if lever.kind != "money":
                    assert scores[pk] == lever.score, (declared[pk], lever)
            raise Undo
    except Undo:
        return len(levers_of)
