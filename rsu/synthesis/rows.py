"""Blocks of the plan as rows in PostgreSQL's COPY text format, columns in the order of HOUSEHOLD_COLUMNS and MEMBER_COLUMNS."""

from collections.abc import Iterator
from datetime import date
from multiprocessing import get_context
from random import Random
from typing import Any

from . import people, welfare
from .entries import Household, Member
from .margins import Census
from .names import Names, draw_address
from .numbers import household_code
from .plan import BLOCK, Plan
from .schooling import Schools, thresholds

ANSWERED = tuple(name for name in Household.__dataclass_fields__ if name not in ("commune", "region", "members"))
HOUSEHOLD_COLUMNS = ("id", "commune_id", "synthetic", "phone", *ANSWERED)
TOLD = tuple(name for name in Member.__dataclass_fields__ if name not in ("age", "spouse", "mother", "father", "first_name", "last_name"))
NAMED = ("first_name_fr", "first_name_ar", "last_name_fr", "last_name_ar")
MEMBER_COLUMNS = ("id", "household_id", "position", "spouse_id", "mother_id", "father_id", *NAMED, *TOLD)

# Below this many blocks a second process costs more than it gives.
WORTH_A_PROCESS = 8


class Writer:
    """Draws blocks of one plan; ids count from the first household and the first member."""

    def __init__(self, plan: Plan, *, seed: int, on: date, first_household: int, first_member: int):
        self.plan, self.seed = plan, seed
        self.first_household, self.first_member = first_household, first_member
        self.census = Census()
        self.scene = people.Scene(seed, on, Names(), Schools(self.census))
        self.limits: dict[int, tuple] = {}

    def block(self, number: int) -> tuple[str, str]:
        """(rows of households, rows of members)"""
        start = self.plan.blocks[number]
        rng = Random(f"{self.seed}:block:{number}")
        ordinal, households, members = self.plan.first_people[number], [], []
        for place in range(start, min(start + BLOCK, len(self.plan.places))):
            household = self.draw(rng, place, ordinal)
            number_of_household = self.first_household + place
            households.append(_household_row(household, number_of_household))
            members += _member_rows(household, number_of_household, self.first_member + ordinal)
            ordinal += len(household.members)
        return "".join(households), "".join(members)

    def draw(self, rng: Random, place: int, ordinal: int) -> Household:
        cell_number, _ = self.plan.places[place]
        cell = self.census.cells[cell_number]
        if cell_number not in self.limits:
            self.limits[cell_number] = welfare.limits(self.census, cell), thresholds(self.census, cell)
        bounds, schooling = self.limits[cell_number]
        family = self.plan.family(self.plan.places[place], self.census)
        levels = welfare.draw_levels(rng, cell, len(family))
        household = Household(
            code=household_code(self.seed, place),
            commune=cell.commune,
            region=cell.region,
            milieu=cell.milieu,
            inside_center=cell.inside_center,
            address=draw_address(rng, cell.milieu),
            registered_on=self.scene.ago(rng.random() * 2.5),
        )
        people.describe(rng, household, family, cell, schooling, self.scene, ordinal, levels)
        welfare.furnish(rng, household, bounds, *levels)
        return household


def blocks(plan: Plan, *, processes: int, **beginning: Any) -> Iterator[tuple[str, str]]:
    """Every block in order, drawn here or in other processes: the rows are the same."""
    numbers = range(len(plan.blocks))
    if processes < 2 or len(numbers) < WORTH_A_PROCESS:
        writer = Writer(plan, **beginning)
        yield from map(writer.block, numbers)
        return
    with get_context("spawn").Pool(processes, _begin, (plan, beginning)) as pool:
        yield from pool.imap(_write, numbers)


def _begin(plan: Plan, beginning: dict[str, Any]) -> None:
    global _writer
    _writer = Writer(plan, **beginning)


def _write(number: int) -> tuple[str, str]:
    return _writer.block(number)


def _household_row(household: Household, number: int) -> str:
    values = [number, household.commune, True, "", *(getattr(household, name) for name in ANSWERED)]
    return "\t".join(map(_text, values)) + "\n"


def _member_rows(household: Household, number: int, first_member: int) -> list[str]:
    rows = []
    for position, member in enumerate(household.members):
        pointers = [None if place is None else first_member + place for place in (member.spouse, member.mother, member.father)]
        values = [first_member + position, number, position + 1, *pointers, *member.first_name, *member.last_name]
        values += [getattr(member, name) for name in TOLD]
        rows.append("\t".join(map(_text, values)) + "\n")
    return rows


def _text(value: Any) -> str:
    """Nothing invented here holds a tab, a line end or a backslash."""
    if value is None:
        return "\\N"
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, tuple):
        return "{" + ",".join("NULL" if month is None else str(month) for month in value) + "}"
    return str(value)
