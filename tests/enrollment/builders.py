"""Households with what their score says written straight into the tables, so that a test of enrollment needs no score."""

from datetime import UTC, date, datetime

from eligibility.models import OPEN, Determination, Provision
from households.models import Household
from tests.eligibility.families import child, family, person

SEEN = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = date(2026, 11, 22)
PUPIL = {"schooling": "primary", "school_sector": "public"}

__all__ = ["DAY", "PUPIL", "child", "couple", "determine", "family", "flip", "man", "widow_with", "woman"]


def man(**answers) -> dict:
    return person(**({"sex": "male", "marital_status": "married", "situation": "homemaker"} | answers))


def woman(**answers) -> dict:
    return person(**({"relation": "spouse", "sex": "female", "marital_status": "married", "situation": "homemaker"} | answers))


def couple(*children: dict, **answers) -> Household:
    """Head, his wife and these children of both."""
    return family(man(), woman(spouse=1), *({"mother": 2, "father": 1} | one for one in children), **answers)


def widow_with(*children: dict, **answers) -> Household:
    """A mother alone at the head, and her children."""
    head = woman(relation="head", marital_status="widowed")
    return family(head, *({"mother": 1} | one for one in children), **answers)


def determine(
    household: Household, program: str, entitled: bool = True, *, since: date = DAY, reason: str = "declaration"
) -> Determination:
    """The score's answer, open and awaiting enrollment."""
    formula = Provision.objects.filter(key="score.formula").first()
    threshold = Provision.objects.filter(key=f"{program}.threshold").first()
    return Determination.objects.create(
        household=household, program=program, since=since, entitled=entitled, score=90000000 if entitled else 99000000, facts_id=0,
        formula=formula, threshold=threshold, reason=reason, determined_at=SEEN, handled=False,
    )  # fmt: skip


def flip(determination: Determination, *, on: date) -> Determination:
    """Close the period on a day and open the opposite answer, as a run does."""
    Determination.objects.filter(pk=determination.pk).update(until=on, handled=True)
    return Determination.objects.create(
        household_id=determination.household_id, program=determination.program, since=on, until=OPEN, previous_until=on,
        entitled=not determination.entitled, score=90000000, facts_id=0, formula_id=determination.formula_id,
        threshold_id=determination.threshold_id, reason="time", determined_at=SEEN, handled=False,
    )  # fmt: skip
