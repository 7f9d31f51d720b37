"""The jurist's cases: `cases/aid.toml`, amounts by hand against the product; a year against the sum of its months."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from eligibility.queries import law
from enrollment import months, runs
from enrollment.allowances import allowance_lines

from .aiding import aided
from .builders import child, couple, widow_with

pytestmark = pytest.mark.django_db

CASES = tomllib.loads((Path(__file__).parent / "cases/aid.toml").read_text())["case"]


def household_of(case: dict):
    children = []
    for one in case["children"]:
        answers = {"schooling": one["schooling"], "school_sector": one.get("sector"), "disability": one.get("disability", "none")}
        if "orphan_since" in one:
            answers |= {"father_status": "deceased", "father_died_on": one["orphan_since"]}
        children.append(child(one["born_on"], **answers))
    return (widow_with if case["family"] == "widow" else couple)(*children)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_month_is_what_the_jurist_wrote(case):
    household = household_of(case)
    for expected in case["months"]:
        month = expected["month"]
        lines = allowance_lines([household.pk], month=month, read_on=month, law=law(month))
        assert [[line.kind, line.rank or 0, line.amount / 100] for line in lines] == expected["lines"], month
        assert sum(line.amount for line in lines) == expected["total"] * 100


@pytest.mark.parametrize("case", [case for case in CASES if "year" in case], ids=lambda case: case["name"])
def test_the_year_is_the_sum_of_its_twelve_months(case):
    household, year = household_of(case), case["year"]["year"]
    aided(household, since=date(year, 1, 1))
    for number in range(1, 13):
        month = date(year, number, 1)
        assert runs.write([household.pk], month=month, read_on=month, law=law(month)).paid == 1
    written = months.year_of_aid(household, year)
    assert len(written) == 12
    assert (
        sum(line.amount for one in written for line in one.lines.all()) == sum(one.amount for one in written) == case["year"]["total"] * 100
    )
