"""Three families whose money is worked by hand: two pupils and a child of five in town, a widow with an orphan pupil in the country, a
couple alone whose score stands one ten-millionth above the line."""

from datetime import date

from eligibility.models import Assessment, Provision
from enrollment.models import Enrollment, Unit

from ..eligibility.families import GUELIZ
from .builders import DAY, PUPIL, child, couple, widow_with

CASABLANCA, MARRAKECH = 6, 7
LINE = 97430010
OCTOBER, NOVEMBER, JANUARY = date(2025, 10, 1), date(2025, 11, 1), date(2026, 1, 1)
DECEASED = {"father_status": "deceased", "father_died_on": date(2020, 5, 4)}
EVER = date(9999, 12, 31)


def three_families() -> tuple:
    first = couple(child(date(2012, 5, 1), **PUPIL), child(date(2014, 5, 1), **PUPIL), child(date(2020, 1, 1), schooling="no"))
    second = widow_with(child(date(2013, 2, 1), **PUPIL, **DECEASED), milieu="rural", commune=GUELIZ)
    third = couple(commune=GUELIZ)
    for household, score in ((first, 90_000_000), (second, LINE), (third, LINE + 1)):
        scored(household, score)
    return first, second, third


def scored(household, score):
    formula = Provision.objects.filter(key="score.formula").first()
    Assessment.objects.create(formula=formula, household=household, facts_id=0, score=score, on=DAY, assessed_at="2026-11-22T09:00Z")


def aided(household, *, since=date(2025, 1, 1), until=EVER, status="active"):
    return Enrollment.objects.create(
        program="direct_aid", household=household, quality="household", status=status, since=since, until=until,
        commune=household.commune, milieu=household.milieu, people=household.members.count(), determination=None,
    )  # fmt: skip


def covered(household, *, since=date(2025, 1, 1), until=EVER, status="active", program="amo_tadamon"):
    """The head insured, the others through him."""
    people = list(household.members.order_by("position"))
    unit = Unit.objects.create(household=household, kind="family", insured=people[0], insured_idcs=people[0].idcs)
    return [
        Enrollment.objects.create(
            program=program, household=household, unit=unit, member=one, idcs=one.idcs, status=status, since=since, until=until,
            quality="insured" if one.relation == "head" else "dependant", commune=household.commune, milieu=household.milieu,
        )
        for one in people
    ]  # fmt: skip
