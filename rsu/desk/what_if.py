"""What a household would be owed if its answers were others: the product's own services, in a transaction that is undone.

Nothing stays: no declaration, no row of history, no message, no move of an enrollment. Only that somebody asked is kept.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from stdnum import verhoeff

import eligibility.comparisons
import eligibility.queries
import eligibility.runs
import eligibility.services
import enrollment.queries
import enrollment.services
import households.history
import households.queries
from eligibility.comparisons import Comparison
from eligibility.law import Law
from eligibility.models import Program
from eligibility.programs import Standing
from eligibility.traps import Trap, achamil_trap
from enrollment.services import Month
from enrollment.units import Sorted
from households import declaration, unasked
from households.changes import by_key
from households.declared import answers_of
from households.models import Household, Member
from households.problems import Problem
from households.services.applying import Target, rearrange
from rsu.authentication import engine
from rsu.models import Commune, User

from .undone import undone


@dataclass(frozen=True)
class Picture:
    """A household on a day: score and rights, this month of aid as the day reads it, the units AMO-TADAMON would insure.

    `month` is None without a right to direct aid, `units` empty without a right to AMO-TADAMON.
    """

    standing: Standing
    month: Month | None
    units: Sorted | None
    members: dict[int, Member]
    trap: Trap | None


@dataclass(frozen=True)
class WhatIf:
    """`problems` say why the answers imagined cannot be read; there is then nothing after."""

    before: Picture
    after: Picture | None
    comparison: Comparison | None
    problems: list[Problem]


def imagine(household: Household, answers: Mapping, *, on: date, by: User, law: Law) -> WhatIf:
    """The household beside what these answers would make of it. Its own are up to date: the caller has seen to it."""
    with undone():
        seen = _imagined(household, answers, on=on, by=by, law=law)
    return seen


def _imagined(household: Household, answers: Mapping, *, on: date, by: User, law: Law) -> WhatIf:
    before = picture(household, on=on, law=law)
    commune = households.queries.communes_of_kingdom().filter(code=answers.get("commune") or "").first() or household.commune
    found = declaration.read(answers, place=commune, on=on, law=law, supervised=True)
    wrong = [problem for problem in found.problems if not problem.confirm]
    if not any(member.get("relation") == "head" for member in found.members):
        wrong = [Problem("", _("Il ne reste aucun adulte pour être chef de ménage."))]
    if wrong:
        return WhatIf(before, None, None, wrong)
    unasked.keep(found, answers, unasked.left_out(answers_of(household), place=household.commune, on=on, law=law))
    eligibility.runs.lock_law_for_reading()
    eligibility.runs.lock_households([household.pk])
    old, first = households.history.present(household), _last(household, on)
    apply_answers(household, found, answers, commune, on=on)
    eligibility.services.assess_households([household.pk], on=on, by=engine())
    household = Household.objects.select_related("commune__region", "commune__province").get(pk=household.pk)
    after, last = picture(household, on=on, law=law), _last(household, on)
    comparison = _compared(first, last, old=old, new=households.history.present(household)) if first and last else None
    return WhatIf(before, after, comparison, [])


def apply_answers(household: Household, found: declaration.Declaration, answers: Mapping, commune: Commune, *, on: date) -> None:
    """The household's rows become the declaration, as an update's would; `answers` say who is who."""
    copy = Household.objects.get(pk=household.pk)
    rearrange([Target(copy, found, tuple(by_key(answers)), commune)], on=on)


def newborn(answers: Mapping, number: int, *, on: date) -> dict:
    """A child born today to the head or to the couple, under a number of the population register that no member bears."""
    people = list(answers["members"])
    parents = [place for place, person in enumerate(people, start=1) if person.get("relation") in ("head", "spouse")]
    by_sex = {people[place - 1].get("sex"): place for place in reversed(parents)}
    child = {
        "key": f"birth{number}", "idcs": _unborne(), "first_name_fr": _("Naissance"), "last_name_fr": people[0].get("last_name_fr", ""),
        "relation": "child", "sex": "female", "birth_year": str(on.year), "birth_month": str(on.month), "birth_day": str(on.day),
        "nationality": "ma", "marital_status": "single", "mother": by_sex.get("female"), "father": by_sex.get("male"),
        "cover": "none", "disability": "none",
    }  # fmt: skip
    if not child["father"]:
        child |= {"father_status": "unknown", "charge": "mother" if child["mother"] else "guardian"}
    return {**answers, "members": [*people, child]}


def _unborne() -> str:
    while True:
        digits = f"9{secrets.randbelow(10**8):08d}"
        number = digits + verhoeff.calc_check_digit(digits)
        if not households.queries.registered([number]):
            return number


def _last(household: Household, on: date):
    scores = eligibility.queries.scores_of(household, on=on)
    return scores[-1] if scores else None


def _compared(first, last, *, old, new) -> Comparison:
    rows = eligibility.queries.readings({first.facts_id, last.facts_id})
    return eligibility.comparisons.explain(first, last, rows=(rows[first.facts_id], rows[last.facts_id]), answers=(old, new))


def picture(household: Household, *, on: date, law: Law) -> Picture:
    standing = eligibility.queries.standing(household, on=on)
    rights = {one.program: one.entitled for one in standing.programs}
    month = None
    if rights.get(Program.DIRECT_AID):
        month = enrollment.services.month_of(household, month=on.replace(day=1), read_on=on)
    units = enrollment.queries.sorted_members(household, on, law) if rights.get(Program.AMO_TADAMON) else None
    members = {member.pk: member for member in household.members.order_by("position")}
    return Picture(standing, month, units, members, achamil_trap(standing, law))
