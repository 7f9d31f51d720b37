"""A jurist's lives: what happens to a covered family, and each person's periods to the day, written by hand from the text."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import eligibility.services
from eligibility.models import Determination, Tally
from enrollment import services
from enrollment.models import CoverWatch, Enrollment, EnrollmentMove, Suspension, Unit
from enrollment.services import moves
from households.models import Member
from rsu.authentication import engine
from tests.eligibility.softening import in_force

from .builders import DAY, child, couple, determine, family, flip, man, widow_with, woman
from .lives import born, change, covered, dies, every_night, follow, people, periods

pytestmark = pytest.mark.django_db


def unit_of(person):
    return Enrollment.objects.get(idcs=person.idcs, status__in=("active", "in_review", "suspended", "proposed")).unit


class TestBirths:
    def test_twins_are_covered_from_the_day_they_are_born(self, amina):
        household = covered(couple(), by=amina)
        father, mother = people(household)
        twins = [born(household, date(2026, 11, 30), mother=mother, father=father) for _ in range(2)]
        follow(household, on=date(2026, 12, 10))
        assert [periods(one) for one in twins] == [[("active", "dependant", "2026-11-30", "")]] * 2
        assert {unit_of(one).insured_idcs for one in twins} == {father.idcs}

    def test_a_child_declared_after_the_delay_is_proposed(self, amina):
        household = covered(couple(), by=amina)
        father, mother = people(household)
        baby = born(household, date(2026, 11, 30), mother=mother, father=father)
        follow(household, on=date(2026, 12, 31))
        assert Enrollment.objects.get(idcs=baby.idcs).status == "proposed"

    def test_the_thirtieth_day_is_still_in_time(self, amina):
        household = covered(couple(), by=amina)
        father, mother = people(household)
        baby = born(household, date(2026, 11, 30), mother=mother, father=father)
        follow(household, on=date(2026, 12, 30))
        assert periods(baby) == [("active", "dependant", "2026-11-30", "")]

    def test_a_child_born_before_his_parents_were_covered_is_covered_with_them(self, amina):
        household = couple()
        covered(household, on=DAY, by=amina)
        father, mother = people(household)
        baby = born(household, date(2026, 11, 1), mother=mother, father=father)
        follow(household, on=date(2026, 11, 25))
        assert periods(baby) == [("active", "dependant", "2026-11-22", "")]

    def test_a_birth_in_a_household_that_is_not_covered_is_proposed(self):
        household = couple()
        determine(household, "amo_tadamon")
        follow(household, on=DAY)
        father, mother = people(household)
        baby = born(household, DAY, mother=mother, father=father)
        follow(household, on=DAY)
        assert Enrollment.objects.get(idcs=baby.idcs).status == "proposed"

    def test_a_birth_in_a_unit_under_review_is_under_review(self, amina):
        household = covered(couple(), by=amina)
        flip(Determination.objects.get(household=household), on=date(2026, 12, 1))
        follow(household, on=date(2026, 12, 1))
        father, mother = people(household)
        baby = born(household, date(2026, 12, 2), mother=mother, father=father)
        follow(household, on=date(2026, 12, 3))
        assert periods(baby) == [("in_review", "dependant", "2026-12-02", "")]


class TestMajority:
    def test_at_21_the_place_ends_on_the_eve_and_the_proposal_starts_that_very_day(self, amina):
        household = covered(couple(child(date(2005, 12, 5), schooling="no")), by=amina)
        _father, _mother, son = people(household)
        every_night(until=date(2026, 12, 4))
        assert periods(son) == [("active", "dependant", "2026-11-22", "")]
        every_night(until=date(2026, 12, 5))
        assert periods(son) == [("ended", "dependant", "2026-11-22", "2026-12-05"), ("proposed", "insured", "2026-12-05", "")]
        services.accept_household(household, "amo_tadamon", on=date(2026, 12, 20), by=amina)
        assert periods(son) == [("ended", "dependant", "2026-11-22", "2026-12-05"), ("active", "insured", "2026-12-05", "")]
        assert unit_of(son).kind == "adult"

    def test_nights_missed_are_followed_at_their_own_day(self, amina):
        household = covered(couple(child(date(2005, 12, 5), schooling="no")), by=amina)
        son = people(household)[2]
        every_night(until=date(2027, 2, 1))
        assert periods(son) == [("ended", "dependant", "2026-11-22", "2026-12-05"), ("proposed", "insured", "2026-12-05", "")]

    def test_born_on_29_february_one_grows_up_on_1_march(self, amina):
        household = covered(couple(child(date(2008, 2, 29), schooling="no")), on=date(2029, 1, 10), by=amina)
        daughter = people(household)[2]
        every_night(until=date(2029, 2, 28))
        assert periods(daughter) == [("active", "dependant", "2029-01-10", "")]
        every_night(until=date(2029, 3, 1))
        assert periods(daughter)[0] == ("ended", "dependant", "2029-01-10", "2029-03-01")

    def test_a_student_stays_until_26(self, amina):
        household = covered(couple(child(date(2001, 12, 5), schooling="higher")), by=amina)
        student = people(household)[2]
        every_night(until=date(2027, 12, 4))
        assert periods(student) == [("active", "dependant", "2026-11-22", "")]
        every_night(until=date(2027, 12, 5))
        assert periods(student)[0][3] == "2027-12-05"

    def test_who_stops_studying_at_22_leaves_the_day_it_is_known(self, amina):
        household = covered(couple(child(date(2004, 12, 5), schooling="higher")), by=amina)
        student = people(household)[2]
        change(student, schooling="no")
        follow(household, on=date(2026, 12, 15))
        assert periods(student)[0] == ("ended", "dependant", "2026-11-22", "2026-12-15")

    def test_a_disabled_child_of_30_stays_while_the_certificate_runs(self, amina):
        answers = {"disability": "severe", "disability_since": date(2020, 1, 1), "disability_until": date(2027, 1, 1)}
        household = covered(couple(child(date(1996, 5, 5), **answers)), by=amina)
        daughter = people(household)[2]
        every_night(until=date(2026, 12, 31))
        assert periods(daughter) == [("active", "dependant", "2026-11-22", "")]
        every_night(until=date(2027, 1, 1))
        assert periods(daughter) == [("ended", "dependant", "2026-11-22", "2027-01-01"), ("proposed", "insured", "2027-01-01", "")]

    def test_in_a_household_no_longer_entitled_nothing_is_proposed(self, amina):
        household = covered(couple(child(date(2005, 12, 5), schooling="no")), by=amina)
        flip(Determination.objects.get(household=household), on=date(2026, 12, 1))
        every_night(until=date(2026, 12, 5))
        follow(household, on=date(2026, 12, 5))
        assert periods(people(household)[2]) == [("ended", "dependant", "2026-11-22", "2026-12-05")]

    def test_one_who_marries_before_deciding_keeps_the_day(self, amina):
        household = covered(couple(child(date(2005, 12, 5), schooling="no")), by=amina)
        son = people(household)[2]
        every_night(until=date(2026, 12, 5))
        bride = born(household, date(2006, 1, 1), relation="other", sex="female", marital_status="married", spouse=son)
        change(son, marital_status="married")
        follow(household, on=date(2026, 12, 12))
        services.accept_household(household, "amo_tadamon", on=date(2026, 12, 13), by=amina)
        assert periods(son)[-1] == ("active", "insured", "2026-12-05", "")
        assert periods(bride) == [("active", "dependant", "2026-12-13", "")]

    def test_the_night_twice_is_the_night_once(self, amina):
        household = covered(couple(child(date(2005, 12, 5), schooling="no")), by=amina)
        every_night(until=date(2026, 12, 5))
        seen = EnrollmentMove.objects.count()
        every_night(until=date(2026, 12, 5))
        follow(household, on=date(2026, 12, 5))
        assert EnrollmentMove.objects.count() == seen

    def test_a_foreigner_leaves_when_the_permit_ends(self, amina):
        guest = man(nationality="sn", permit_until=date(2026, 12, 10), marital_status="single")
        household = covered(family(guest), by=amina)
        every_night(until=date(2026, 12, 31))
        assert periods(people(household)[0]) == [("ended", "insured", "2026-11-22", "2026-12-10")]


class TestDeathsAndMarriages:
    def test_the_death_of_the_insured_moves_his_family_to_a_unit_of_the_widow(self, amina):
        household = covered(couple(child(date(2016, 1, 1), schooling="primary")), by=amina)
        father, mother, son = people(household)
        number = father.idcs
        dies(father, date(2026, 12, 1), told=date(2026, 12, 15), head=mother)
        follow(household, on=date(2026, 12, 15))
        assert periods(number) == [("ended", "insured", "2026-11-22", "2026-12-02")]
        assert periods(mother) == [("ended", "dependant", "2026-11-22", "2026-12-02"), ("active", "insured", "2026-12-02", "")]
        assert periods(son) == [("ended", "dependant", "2026-11-22", "2026-12-02"), ("active", "dependant", "2026-12-02", "")]
        assert unit_of(son).insured_idcs == mother.idcs

    def test_the_death_of_a_dependant_ends_his_cover_alone(self, amina):
        household = covered(couple(child(date(2016, 1, 1))), by=amina)
        father, _mother, son = people(household)
        number = son.idcs
        dies(son, date(2026, 12, 1))
        follow(household, on=date(2026, 12, 2))
        assert periods(number) == [("ended", "dependant", "2026-11-22", "2026-12-02")]
        assert periods(father) == [("active", "insured", "2026-11-22", "")]

    def test_a_cover_that_had_its_end_is_cut_short_by_a_death(self, amina):
        household = covered(couple(), by=amina)
        father, mother = people(household)
        ids = list(Enrollment.objects.filter(household=household).values_list("pk", flat=True))
        services.end_enrollments(ids, reason="L’indice ne donne plus le droit.", on=date(2026, 12, 3), by=amina, other_cause=True)
        number = father.idcs
        dies(father, date(2026, 12, 10), head=mother)
        follow(household, on=date(2026, 12, 12))
        assert periods(number) == [("ended", "insured", "2026-11-22", "2026-12-11")]

    def test_an_orphan_goes_with_the_grandmother_who_was_not_covered(self, amina):
        """She was refused; with the mother's death she insures the child, so that no day is lost."""
        grandmother = woman(relation="head", marital_status="widowed", born_on=date(1955, 1, 1))
        mother = woman(relation="child", marital_status="divorced", born_on=date(1990, 1, 1), mother=1)
        orphan = child(date(2018, 1, 1), relation="grandchild", mother=2)
        household = family(grandmother, mother, orphan)
        determine(household, "amo_tadamon")
        follow(household, on=DAY)
        granny, mum, kid = people(household)
        services.refuse_enrollment(Enrollment.objects.get(idcs=granny.idcs).pk, reason="Dossier à compléter.", on=DAY, by=amina)
        services.accept_household(household, "amo_tadamon", on=DAY, by=amina)
        dies(mum, date(2026, 12, 1))
        follow(household, on=date(2026, 12, 3))
        assert periods(kid) == [("ended", "dependant", "2026-11-22", "2026-12-02"), ("active", "dependant", "2026-12-02", "")]
        assert periods(granny)[-1][:2] == ("active", "insured")
        assert unit_of(kid).insured_idcs == granny.idcs

    def test_a_marriage_at_20_under_the_parents_roof_founds_a_unit_without_losing_a_day(self, amina):
        household = covered(couple(child(date(2006, 6, 1), schooling="no")), by=amina)
        son = people(household)[2]
        bride = born(household, date(2007, 1, 1), relation="other", sex="female", marital_status="married", spouse=son)
        change(son, marital_status="married")
        follow(household, on=date(2026, 12, 12))
        assert periods(son) == [("ended", "dependant", "2026-11-22", "2026-12-12"), ("active", "insured", "2026-12-12", "")]
        assert Enrollment.objects.get(idcs=bride.idcs).status == "proposed"
        assert unit_of(bride) == unit_of(son)

    def test_a_second_wife_joins_the_husband_s_unit(self, amina):
        household = covered(couple(), by=amina)
        father = people(household)[0]
        second = born(household, date(1995, 1, 1), relation="spouse", marital_status="married", spouse=father)
        follow(household, on=date(2026, 12, 12))
        services.accept_household(household, "amo_tadamon", on=date(2026, 12, 12), by=amina)
        assert periods(second) == [("active", "dependant", "2026-12-12", "")]
        assert unit_of(second).insured_idcs == father.idcs

    def test_a_divorce_leaves_each_covered_and_the_children_with_their_mother(self, amina):
        household = covered(couple(child(date(2016, 1, 1))), by=amina)
        father, mother, son = people(household)
        Member.objects.filter(pk__in=[father.pk, mother.pk]).update(marital_status="divorced", spouse=None)
        change(mother, relation="other")
        follow(household, on=date(2026, 12, 12))
        assert periods(father) == [("active", "insured", "2026-11-22", "")]
        assert periods(mother)[-1] == ("active", "insured", "2026-12-12", "")
        assert periods(son)[-1] == ("active", "dependant", "2026-12-12", "")
        assert unit_of(son).insured_idcs == mother.idcs
        assert unit_of(father).kind == "adult"

    def test_a_departed_insured_is_looked_at_again_and_his_family_goes_on(self, amina):
        household = covered(couple(child(date(2016, 1, 1))), by=amina)
        father, mother, _son = people(household)
        number = father.idcs
        change(mother, relation="other")
        father.delete()
        change(mother, relation="head")
        follow(household, on=date(2026, 12, 12))
        assert periods(number) == [("in_review", "insured", "2026-11-22", "")]
        assert periods(mother)[-1] == ("active", "insured", "2026-12-12", "")

    def test_a_cover_moves_with_its_person_to_an_entitled_household(self, amina):
        origin = covered(couple(child(date(1998, 1, 1))), by=amina)
        there = covered(widow_with(), by=amina)
        grown = people(origin)[2]
        change(grown, household=there, position=2, relation="other", mother=None, father=None)
        follow(origin, on=date(2026, 12, 12))
        follow(there, on=date(2026, 12, 12))
        assert periods(grown) == [("ended", "insured", "2026-11-22", "2026-12-12"), ("active", "insured", "2026-12-12", "")]
        assert unit_of(grown).household == there

    def test_a_suspended_dependant_stays_suspended_in_the_new_unit(self, amina):
        household = covered(couple(child(date(2016, 1, 1))), by=amina)
        father, mother, son = people(household)
        row = Enrollment.objects.get(idcs=son.idcs)
        moves.move([row], "suspended", by=amina, reason="Pièce attendue.")
        Suspension.objects.create(enrollment=row, since=date(2026, 11, 25), reason="Pièce attendue.", by=amina)
        dies(father, date(2026, 12, 1), head=mother)
        follow(household, on=date(2026, 12, 2))
        assert periods(son)[-1] == ("suspended", "dependant", "2026-12-02", "")
        found = Suspension.objects.filter(enrollment__idcs=son.idcs).order_by("since").values_list("since", "until")
        assert [(str(since), until.year) for since, until in found] == [("2026-11-25", 2026), ("2026-12-02", 9999)]


class TestWatching:
    def test_an_accepted_household_is_watched_whoever_accepted_it(self, amina):
        household = covered(couple(child(date(2005, 12, 5))), by=amina)
        watch = CoverWatch.objects.get(household=household)
        assert (watch.followed_on, watch.next_on) == (DAY, date(2026, 12, 5))

    def test_a_new_age_of_the_law_is_followed_the_day_it_starts(self, amina):
        household = covered(couple(child(date(2007, 3, 3), schooling="no")), by=amina)
        every_night(until=date(2026, 12, 1))
        in_force("amo.dependant_age", 18, since=date(2026, 12, 10))
        every_night(until=date(2026, 12, 15))
        assert periods(people(household)[2])[0] == ("ended", "dependant", "2026-11-22", "2026-12-10")

    def test_a_chunk_takes_no_more_than_it_was_told_and_what_it_leaves_is_done_next(self, amina):
        for _number in range(3):
            covered(couple(child(date(2005, 12, 5), schooling="no")), by=amina)
        day = date(2026, 12, 5)
        assert [services.follow_covers(limit=2, on=day, by=engine()) for _ in range(3)] == [2, 1, 0]
        assert Enrollment.objects.filter(status="proposed", since=day).count() == 3

    def test_queries_do_not_grow_with_the_households(self, amina):
        counts = []
        for size in (2, 6):
            for _number in range(size):
                covered(couple(child(date(2005, 12, 5), schooling="no")), by=amina)
            every_night(until=DAY)
            with CaptureQueriesContext(connection) as seen:
                services.follow_covers(on=date(2026, 12, 5) + timedelta(days=len(counts)), by=engine())
            counts.append(len(seen))
        assert counts[0] == counts[1]

    def test_a_night_of_a_household_that_changed_unseen_is_found_by_its_new_reading(self, amina):
        household = covered(couple(), by=amina)
        every_night(until=date(2026, 12, 1))
        every_night(until=date(2026, 12, 2))
        father, mother = people(household)
        baby = born(household, date(2026, 12, 2), mother=mother, father=father)
        eligibility.services.assess_households([household.pk], on=date(2026, 12, 3), by=engine())
        every_night(until=date(2026, 12, 3))
        assert periods(baby) == [("active", "dependant", "2026-12-02", "")]


def test_the_tally_counts_who_is_covered(amina):
    def counted():
        rows = Tally.objects.filter(measure="enrolled", program="amo_tadamon")
        return sum(row.people for row in rows), sum(row.households for row in rows)

    household = covered(couple(child(date(2016, 1, 1))), by=amina)
    assert counted() == (3, 1)
    father, mother, son = people(household)
    dies(father, date(2026, 12, 1), head=mother)
    follow(household, on=date(2026, 12, 2))
    assert counted() == (2, 1)
    assert Unit.objects.filter(household=household).count() == 2
    dies(Member.objects.get(pk=mother.pk), date(2026, 12, 3), head=son)
    follow(household, on=date(2026, 12, 4))
    assert counted() == (1, 1)
