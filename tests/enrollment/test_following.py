"""Rights follow the family: who has left it is looked at again, and is counted where it lives now."""

from datetime import date

import pytest

from eligibility.models import Tally
from enrollment import services
from enrollment.models import Enrollment
from households.models import Household
from rsu.authentication import engine
from rsu.models import Commune

from .builders import DAY, PUPIL, child, couple, determine


@pytest.fixture
def household(db):
    return couple(child(date(2012, 1, 1), **PUPIL), child(date(1998, 1, 1)))


def proposed(household, on=DAY):
    return services.propose_for_household(household.pk, on=on, by=engine())


def accepted(household, program, by):
    determine(household, program)
    services.propose_due(limit=500, on=DAY, by=engine())
    services.accept_household(household, program, on=DAY, by=by)


def enrolled() -> dict:
    rows = Tally.objects.filter(measure="enrolled").values_list("commune__code", "milieu", "households", "people")
    total: dict = {}
    for commune, milieu, households, people in rows:
        one = total.setdefault((commune, milieu), [0, 0])
        one[0] += households
        one[1] += people
    return {place: tuple(counts) for place, counts in total.items() if counts != [0, 0]}


class TestSomebodyWhoLeft:
    def test_has_their_cover_reviewed_once_and_nobody_else(self, household, amina):
        accepted(household, "amo_tadamon", amina)
        grown = household.members.get(born_on=date(1998, 1, 1))
        grown.delete()
        proposed(household)
        proposed(household)
        rows = Enrollment.objects.filter(household=household).order_by("id")
        assert [row.status for row in rows] == ["active", "active", "active", "in_review"]
        assert rows.last().reason == "Cette personne n’est plus dans le ménage."
        assert rows.last().moves.count() == 3

    def test_loses_a_proposal_nobody_has_decided(self, household):
        determine(household, "amo_tadamon")
        proposed(household)
        household.members.get(born_on=date(1998, 1, 1)).delete()
        proposed(household)
        assert list(Enrollment.objects.order_by("id").values_list("status", flat=True)) == ["proposed", "proposed", "proposed", "refused"]


class TestAFamilyThatMoved:
    def test_is_counted_where_it_lives_now(self, household, amina):
        accepted(household, "amo_tadamon", amina)
        assert enrolled() == {(household.commune.code, household.milieu): (1, 4)}
        there = Commune.objects.get(code="01.051.09.13")
        Household.objects.filter(pk=household.pk).update(commune=there, milieu="rural")
        proposed(household)
        proposed(household)
        assert enrolled() == {("01.051.09.13", "rural"): (1, 4)}

    def test_is_taken_out_of_that_count_when_its_right_ends(self, household, amina, salma):
        accepted(household, "direct_aid", amina)
        there = Commune.objects.get(code="01.051.09.13")
        Household.objects.filter(pk=household.pk).update(commune=there, milieu="rural")
        proposed(household)
        row = Enrollment.objects.get(program="direct_aid", status="active")
        services.end_enrollment(row.pk, reason="Départ.", on=DAY, by=engine_like(salma), other_cause=True)
        assert enrolled() == {}


def engine_like(user):
    """A supervisor of the kingdom, so that the place does not matter."""
    user.area_level, user.province, user.region, user.commune = "kingdom", None, None, None
    user.save()
    return user
