"""After the night: the score keeps or ends each cover, without a day lost or doubled; two tables never say one day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.models import OPEN, Determination, Tally
from enrollment import moved, queries, services
from enrollment.models import Enrollment, EnrollmentMove, MigratedCover, MigratedMove, RamedMigration
from enrollment.services.ramed_settling import NOT_ASSESSED, NOT_ENTITLED, OTHERWISE_COVERED, REFUSED_BY_HAND
from households.models import Household, Member
from rsu.authentication import engine
from tests.sizes import cases

from .builders import PUPIL, child, couple, determine, flip
from .ramed_files import NIGHT, SCORED

pytestmark = pytest.mark.django_db
JUNE = date(2023, 6, 14)


def cover(idcs: str, **fields) -> MigratedCover:
    by = engine()
    migration, _made = RamedMigration.objects.get_or_create(
        digest="0" * 64, defaults={"name": "essai", "size": 1, "covered_from": NIGHT, "covered_until": SCORED, "by": by}
    )
    base = {
        "migration": migration, "number": MigratedCover.objects.count() + 2, "idcs": idcs, "principal_idcs": idcs, "quality": "insured",
        "card": "R0000001", "sex": "male", "born_on": date(1970, 1, 1), "since": NIGHT, "until": SCORED, "last_name_fr": "Alaoui",
    }  # fmt: skip
    return MigratedCover.objects.create(**(base | fields))


def moved_family(*children: dict, **fields) -> Household:
    """A registered couple and their children, all of them moved from RAMED, where they live."""
    household = couple(*children)
    head = household.members.get(relation="head")
    for one in household.members.order_by("position"):
        quality = "insured" if one == head else "dependant"
        cover(one.idcs, principal_idcs=head.idcs, quality=quality, commune=household.commune, milieu=household.milieu, **fields)
    return household


def days(idcs: str) -> list[tuple]:
    """Every period of a person in both tables, in order."""
    periods = [(one.since, one.until) for one in MigratedCover.objects.filter(idcs=idcs)]
    periods += [(one.since, one.until) for one in Enrollment.objects.filter(idcs=idcs, status__in=["active", "in_review", "ended"])]
    return sorted(period for period in periods if period[0] < period[1])


def settle(on=JUNE):
    return services.settle_migrated(on=on, by=engine())


def test_who_is_entitled_is_kept_by_an_enrollment_that_opens_the_day_the_cover_closes():
    household = moved_family(child(date(2015, 5, 1), **PUPIL))
    right = determine(household, "amo_tadamon", since=date(2023, 6, 1))
    done = settle()
    assert (done.kept, done.ended, done.unregistered) == (3, 0, 0)
    for member in household.members.all():
        assert days(member.idcs) == [(NIGHT, JUNE), (JUNE, OPEN)]
    opened = Enrollment.objects.filter(household=household, status="active")
    assert set(opened.values_list("determination", "program", "decided_by__role")) == {(right.pk, "amo_tadamon", "engine")}
    assert set(MigratedCover.objects.values_list("status", "household")) == {("active", household.pk)}
    assert MigratedCover.objects.exclude(enrollment__idcs__isnull=False).count() == 0
    assert list(opened.values_list("unit__insured__relation", flat=True)) == ["head"] * 3
    assert set(EnrollmentMove.objects.values_list("before", "after")) == {("", "proposed"), ("proposed", "active")}
    assert set(MigratedMove.objects.values_list("before", "after")) == {("migrated", "active")}
    assert settle().total == 0


def test_a_proposal_made_meanwhile_becomes_the_enrollment():
    household = moved_family()
    determine(household, "amo_tadamon", since=date(2023, 6, 1))
    services.propose_for_household(household.pk, on=date(2023, 6, 5), by=engine())
    assert Enrollment.objects.filter(status="proposed").count() == 2
    assert settle().kept == 2
    assert list(Enrollment.objects.order_by().values_list("status", "since").distinct()) == [("active", JUNE)]
    assert Enrollment.objects.count() == 2


def test_those_the_file_did_not_name_wait_for_a_person_in_the_unit_of_the_others():
    household = moved_family()
    head = household.members.get(relation="head")
    MigratedCover.objects.filter(idcs=head.idcs).delete()
    determine(household, "amo_tadamon", since=date(2023, 6, 1))
    assert settle().kept == 1
    assert set(Enrollment.objects.values_list("idcs", "status")) == {
        (head.idcs, "proposed"), (household.members.get(relation="spouse").idcs, "active"),
    }  # fmt: skip
    assert Enrollment.objects.order_by().values("unit").distinct().count() == 1


def test_who_was_refused_at_the_counter_is_not_kept_by_the_night(amina):
    household = moved_family()
    determine(household, "amo_tadamon", since=date(2023, 6, 1))
    services.propose_for_household(household.pk, on=JUNE, by=engine())
    spouse = Enrollment.objects.get(member__relation="spouse")
    services.refuse_enrollment(spouse.pk, reason="Partie vivre ailleurs.", on=JUNE, by=amina)
    done = settle()
    assert (done.kept, done.ended) == (1, 1)
    assert MigratedCover.objects.get(status="ended").moves.get().reason == REFUSED_BY_HAND


def test_who_is_not_entitled_is_covered_until_the_end_of_the_month_with_the_reason():
    household = moved_family()
    determine(household, "amo_tadamon", entitled=False, since=date(2023, 6, 1))
    assert settle().ended == 2
    assert set(MigratedCover.objects.values_list("status", "until")) == {("ended", date(2023, 7, 1))}
    assert set(MigratedMove.objects.values_list("before", "after", "reason")) == {("migrated", "ended", NOT_ENTITLED)}
    assert not Enrollment.objects.exists()


def test_an_end_never_outlasts_the_day_from_which_the_score_decides():
    household = moved_family()
    determine(household, "amo_tadamon", entitled=False, since=date(2023, 12, 1))
    assert settle(on=date(2023, 12, 9)).ended == 2
    assert set(MigratedCover.objects.values_list("until", flat=True)) == {SCORED}


def test_who_is_registered_nowhere_keeps_the_cover_until_that_day_and_not_a_day_more():
    cover("2000000006")
    assert settle(on=SCORED - timedelta(days=1)).total == 0
    assert settle(on=SCORED).unregistered == 1
    ended = MigratedCover.objects.get()
    assert (ended.status, ended.until, ended.moves.get().reason) == ("ended", SCORED, NOT_ASSESSED)


def test_a_night_that_did_not_run_loses_nobody_a_day():
    household = moved_family()
    determine(household, "amo_tadamon", since=date(2023, 11, 2))
    assert settle(on=SCORED + timedelta(days=12)).kept == 2
    head = household.members.get(relation="head")
    assert days(head.idcs) == [(NIGHT, SCORED), (SCORED, OPEN)]


def test_a_right_lost_before_a_late_night_is_kept_for_its_days_and_seen_by_a_person():
    household = moved_family()
    flip(determine(household, "amo_tadamon", since=date(2023, 11, 2)), on=SCORED + timedelta(days=4))
    assert settle(on=SCORED + timedelta(days=12)).kept == 2
    assert set(Enrollment.objects.values_list("status", "since")) == {("in_review", SCORED)}


def test_a_score_that_came_after_that_day_does_not_reach_back():
    household = moved_family()
    determine(household, "amo_tadamon", since=SCORED + timedelta(days=5))
    assert settle(on=SCORED + timedelta(days=12)).unregistered == 2
    assert not Enrollment.objects.exists()


def test_a_household_whose_answers_changed_waits_for_its_score():
    household = moved_family()
    determine(household, "amo_tadamon", since=date(2023, 6, 1))
    Household.objects.filter(pk=household.pk).update(due_since="2023-06-14T08:00Z")
    assert settle(on=SCORED).total == 0


def test_a_member_with_another_compulsory_cover_is_ended_and_the_others_are_kept():
    household = moved_family()
    Member.objects.filter(household=household, relation="spouse").update(cover="amo_employee")
    determine(household, "amo_tadamon", since=date(2023, 6, 1))
    done = settle()
    assert (done.kept, done.ended) == (1, 1)
    wife = MigratedCover.objects.get(status="ended")
    assert (wife.until, wife.moves.get().reason) == (date(2023, 7, 1), OTHERWISE_COVERED)


def test_an_acceptance_at_the_counter_takes_the_migrated_cover_over(amina):
    household = moved_family()
    determine(household, "amo_tadamon", since=date(2023, 6, 1))
    services.propose_for_household(household.pk, on=JUNE, by=engine())
    services.accept_household(household, "amo_tadamon", on=JUNE, by=amina)
    for member in household.members.all():
        assert days(member.idcs) == [(NIGHT, JUNE), (JUNE, OPEN)]
    assert set(MigratedMove.objects.values_list("after", "by")) == {("active", amina.pk)}
    assert settle().total == 0


def test_an_acceptance_waits_for_the_end_of_a_migrated_cover_that_still_runs(amina):
    household = moved_family()
    lost = determine(household, "amo_tadamon", entitled=False, since=date(2023, 6, 1))
    settle()
    flip(lost, on=date(2023, 6, 20))
    services.propose_for_household(household.pk, on=date(2023, 6, 20), by=engine())
    services.accept_household(household, "amo_tadamon", on=date(2023, 6, 20), by=amina)
    head = household.members.get(relation="head")
    assert days(head.idcs) == [(NIGHT, date(2023, 7, 1)), (date(2023, 7, 1), OPEN)]


def test_the_tally_follows_those_kept_ended_and_gone():
    kept, lost = moved_family(), moved_family()
    determine(kept, "amo_tadamon", since=date(2023, 6, 1))
    determine(lost, "amo_tadamon", entitled=False, since=date(2023, 6, 1))
    from enrollment.services.ramed_covers import count_covers

    count_covers(MigratedCover.objects.all(), sign=1)

    def counted():
        return tuple(Tally.objects.filter(measure="enrolled").aggregate(Sum("people"), Sum("households")).values())

    assert counted() == (4, 2)
    settle()
    assert counted() == (2, 1)


def test_the_cover_of_the_day_is_told_whichever_table_holds_it():
    household = moved_family()
    head = household.members.get(relation="head")
    assert moved.migrated_cover(head.idcs, JUNE).idcs == head.idcs
    assert moved.migrated_cover(head.idcs, SCORED) is None
    assert queries.current_cover(head.idcs, JUNE) == MigratedCover.objects.get(idcs=head.idcs)
    assert queries.current_cover(head.idcs, SCORED) is None
    law = queries_law()
    assert queries.members_without_cover(household, JUNE, law) == []
    assert len(queries.members_without_cover(household, SCORED, law)) == 2


def queries_law():
    from eligibility.queries import law

    return law(JUNE)


# One day, one table


def enrolled(idcs, since, until=OPEN, status="active", program="amo_tadamon"):
    household = Household.objects.first() or couple()
    return Enrollment.objects.create(
        program=program,
        household=household,
        commune=household.commune,
        idcs=idcs,
        quality="insured",
        status=status,
        since=since,
        until=until,
    )


def refused(deed):
    with pytest.raises(IntegrityError, match="person_covered_in_one_table"), transaction.atomic():
        deed()


@pytest.mark.parametrize("status", ["active", "in_review", "suspended", "ended"])
@pytest.mark.parametrize("program", ["amo_tadamon", "amo_achamil"])
def test_neither_table_accepts_a_day_that_the_other_holds(status, program):
    cover("2000000006")
    refused(lambda: enrolled("2000000006", JUNE, status=status, program=program))
    one = enrolled("2000000006", SCORED, status=status, program=program)
    refused(lambda: Enrollment.objects.filter(pk=one.pk).update(since=SCORED - timedelta(days=1)))
    enrolled("2000000014", JUNE, SCORED, status=status, program=program)
    refused(lambda: cover("2000000014"))
    late = cover("2000000014", until=JUNE)
    refused(lambda: MigratedCover.objects.filter(pk=late.pk).update(until=JUNE + timedelta(days=1)))


def test_what_holds_no_place_meets_nothing():
    cover("2000000006")
    enrolled("2000000006", JUNE, status="proposed")
    enrolled("2000000006", JUNE, status="refused")
    enrolled("2000000006", JUNE, JUNE)
    refused(lambda: Enrollment.objects.filter(status="proposed").update(status="active"))


@settings(max_examples=cases(15, 80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["register", "lose", "gain", "settle", "accept"]), st.integers(1, 40)), max_size=10))
def test_whatever_happens_in_whatever_order_there_is_no_gap_and_no_overlap_while_entitled(amina, deeds):
    """From the night on, every person's periods follow one another to the day, and the tables never meet."""
    with transaction.atomic():
        household, on, right = moved_family(), NIGHT, None
        for deed, later in deeds:
            on += timedelta(days=later)
            if deed == "register" and right is None:
                right = determine(household, "amo_tadamon", since=on)
            elif deed in ("lose", "gain") and right is not None and right.since < on and right.entitled == (deed == "lose"):
                right = flip(right, on=on)
            elif deed == "settle":
                settle(on=on)
            elif deed == "accept" and right is not None:
                services.propose_for_household(household.pk, on=on, by=engine())
                if right.entitled:
                    services.accept_household(household, "amo_tadamon", on=on, by=amina)
        for member in household.members.all():
            periods = days(member.idcs)
            assert periods[0][0] == NIGHT
            assert all(one[1] <= other[0] for one, other in pairwise(periods))
            never_lost = not Determination.objects.filter(household=household, entitled=False).exists()
            if never_lost and on < SCORED:
                assert all(one[1] == other[0] for one, other in pairwise(periods))
                assert periods[-1][1] in (SCORED, OPEN)
        transaction.set_rollback(True)
