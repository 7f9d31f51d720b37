"""AMO ACHAMIL by hand: bands, months, waiting, waiver, the trap; and moving from one cover to another without losing or doubling a day."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

import eligibility.queries
import eligibility.services
from eligibility.models import Assessment, Tally
from enrollment import services
from enrollment.models import Adhesion, Contribution, Enrollment
from enrollment.services import NotEnrollable, TrapNotAcknowledged, WrongPayment
from households.models import Household, Member
from rsu.authentication import engine
from rsu.permissions import Forbidden
from tests.eligibility.families import child, idcs
from tests.eligibility.softening import in_force

from .builders import couple, widow_with
from .lives import born, change, covered, dies, every_night, follow, near, people, periods
from .test_ramed_settling import cover

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


def score(household: Household, points: int, on: date = DAY):
    """Another score, read on a day."""
    Assessment.objects.filter(household_id=household.pk).update(score=points, on=on)


def joined(household, by, on=DAY, **options) -> Adhesion:
    head = household.members.get(relation="head")
    return services.join_achamil(household_id=household.pk, insured_id=head.pk, on=on, by=by, **{"acknowledged": True} | options)


def pay(adhesion, month, on, by, amount=None):
    row = Contribution.objects.filter(adhesion=adhesion, month=month).first()
    amount = amount or (row.amount if row else 1)
    return services.record_contribution(adhesion_id=adhesion.pk, month=month, amount=amount, paid_on=on, on=on, by=by)


class TestContributions:
    def test_months_are_called_on_their_first_day_at_the_band_of_the_score(self, amina):
        home = near(97_430_010)
        points = eligibility.queries.standing(home, on=DAY).score
        assert 97_430_010 < points <= 99_903_727
        adhesion = joined(home, amina)
        assert (adhesion.first_month, adhesion.waiting_months, adhesion.rights_on) == (date(2026, 12, 1), 3, None)
        every = [services.call_contributions(on=day, by=engine()) for day in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 1))]
        assert every == [0, 1, 0]
        row = Contribution.objects.get(adhesion=adhesion)
        assert (row.amount, row.due_on, row.score, row.band.key) == (22_400, date(2026, 12, 1), points, "amo_achamil.bands")

    @pytest.mark.parametrize(
        ("points", "amount"),
        [
            (95_124_369, 14_400),
            (95_124_370, 17_600),
            (97_430_010, 17_600),
            (97_430_011, 22_400),
            (110_130_680, 61_100),
            (110_130_681, 116_400),
        ],
    )
    def test_a_score_equal_to_the_upper_bound_is_within_the_band(self, amina, points, amount):
        adhesion = joined(near(97_430_010), amina)
        score(adhesion.enrollment.household, points)
        services.call_contributions(on=date(2026, 12, 1), by=engine())
        assert Contribution.objects.get(adhesion=adhesion).amount == amount

    def test_the_band_follows_the_score_from_the_next_month(self, amina):
        home = near(97_430_010)
        adhesion = joined(home, amina)
        services.call_contributions(on=date(2026, 12, 1), by=engine())
        score(home, 100_000_000, on=date(2026, 12, 15))
        services.call_contributions(on=date(2027, 1, 1), by=engine())
        assert list(adhesion.contributions.values_list("amount", flat=True)) == [22_400, 28_700]

    def test_months_missed_are_called_together(self, amina):
        adhesion = joined(near(97_430_010), amina)
        assert services.call_contributions(on=date(2027, 3, 20), by=engine()) == 4
        assert [str(row.month) for row in adhesion.contributions.all()] == ["2026-12-01", "2027-01-01", "2027-02-01", "2027-03-01"]

    def test_a_month_paid_twice_is_paid_once_and_another_amount_is_refused(self, amina):
        adhesion = joined(near(97_430_010), amina)
        services.call_contributions(on=date(2026, 12, 1), by=engine())
        with pytest.raises(WrongPayment, match="224 dirhams"):
            pay(adhesion, date(2026, 12, 1), date(2026, 12, 2), amina, amount=22_300)
        first, second = (pay(adhesion, date(2026, 12, 1), date(2026, 12, 2), amina) for _ in range(2))
        assert first == second
        with pytest.raises(WrongPayment, match="déjà payé"):
            pay(adhesion, date(2026, 12, 1), date(2026, 12, 3), amina)
        with pytest.raises(WrongPayment, match="pas encore appelé"):
            pay(adhesion, date(2027, 1, 1), date(2026, 12, 3), amina)

    def test_the_database_refuses_a_month_twice(self, amina):
        adhesion = joined(near(97_430_010), amina)
        services.call_contributions(on=date(2026, 12, 1), by=engine())
        row = Contribution.objects.get()
        with pytest.raises(IntegrityError, match="contribution_month_once"), transaction.atomic():
            Contribution.objects.create(
                adhesion=adhesion, month=row.month, due_on=row.due_on, score=row.score, band=row.band, amount=row.amount
            )


class TestRights:
    def test_rights_open_after_three_months_of_contributions(self, amina):
        home = near(97_430_010)
        adhesion = joined(home, amina)
        head, kid = people(home)
        for month in (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)):
            services.call_contributions(on=month, by=engine())
            pay(adhesion, month, month, amina)
        assert {row.status for row in Enrollment.objects.filter(idcs__in=[head.idcs, kid.idcs])} == {"proposed"}
        adhesion.refresh_from_db()
        assert adhesion.rights_on == date(2027, 3, 1)
        assert [services.open_rights(on=day, by=engine()) for day in (date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 1))] == [0, 1, 0]
        assert periods(head) == [("active", "insured", "2027-03-01", "")]
        assert periods(kid) == [("active", "dependant", "2027-03-01", "")]

    def test_a_month_of_the_waiting_paid_late_opens_them_that_day(self, amina):
        home = near(97_430_010)
        adhesion = joined(home, amina)
        services.call_contributions(on=date(2027, 3, 1), by=engine())
        for month in (date(2026, 12, 1), date(2027, 2, 1)):
            pay(adhesion, month, date(2027, 3, 5), amina)
        assert Enrollment.objects.filter(status="active").count() == 0
        pay(adhesion, date(2027, 1, 1), date(2027, 3, 9), amina)
        assert periods(people(home)[0]) == [("active", "insured", "2027-03-09", "")]

    def test_who_works_since_then_keeps_neither_his_payment_nor_the_others_rights_from_being_written(self, amina):
        works, home = near(97_430_010), near(97_430_010)
        for one in (works, home):
            adhesion = joined(one, amina)
            services.call_contributions(on=date(2027, 2, 1), by=engine())
            if one is works:
                change(people(one)[0], situation="employed", occupation_group="9", work_status="employee_private")
            for month in (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)):
                pay(adhesion, month, date(2027, 2, 1), amina)
        assert services.open_rights(on=date(2027, 3, 1), by=engine()) == 1
        assert periods(people(home)[0]) == [("active", "insured", "2027-03-01", "")]
        assert Contribution.objects.filter(paid_on=None).count() == 0
        assert set(works.enrollments.values_list("status", flat=True)) == {"proposed"}

    def test_rights_that_open_count_in_the_score(self, amina):
        home = near(97_430_010)
        before = eligibility.queries.standing(home, on=DAY).score
        adhesion = joined(home, amina)
        services.call_contributions(on=date(2027, 2, 1), by=engine())
        for month in (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)):
            pay(adhesion, month, date(2027, 2, 1), amina)
        assert set(Member.objects.filter(household=home).values_list("cover", flat=True)) == {"none"}
        services.open_rights(on=date(2027, 3, 1), by=engine())
        assert set(Member.objects.filter(household=home).values_list("cover", flat=True)) == {"amo_achamil"}
        eligibility.services.assess_due(home.pk, on=date(2027, 3, 1), by=engine())
        assert eligibility.queries.standing(home, on=date(2027, 3, 1)).score == before + 1_510_000

    def test_who_had_amo_tadamon_on_30_november_2023_does_not_wait(self, amina):
        home = near(97_430_010)
        head = people(home)[0]
        Enrollment.objects.create(
            program="amo_tadamon", household=home, member=head, idcs=head.idcs, quality="insured", status="ended",
            since=date(2022, 12, 1), until=date(2023, 12, 1), commune=home.commune,
        )  # fmt: skip
        joined(home, amina)
        assert periods(head)[-1] == ("active", "insured", "2026-11-22", "")

    def test_nor_does_who_was_moved_from_ramed_and_still_had_it_that_day(self, amina):
        home = near(97_430_010)
        head = people(home)[0]
        cover(head.idcs, since=date(2022, 12, 1), until=date(2023, 12, 1), status="ended")
        joined(home, amina)
        assert periods(head) == [("active", "insured", "2026-11-22", "")]

    def test_rights_start_the_day_a_cover_moved_from_ramed_stops(self, amina):
        home = near(97_430_010)
        head, kid = people(home)
        in_force("amo_achamil.waiting_months", 0, since=date(2026, 11, 20))
        cover(head.idcs, since=date(2026, 6, 1), until=date(2026, 12, 1), status="ended")
        running = cover(kid.idcs, since=date(2026, 6, 1), until=date(2027, 6, 1))
        joined(home, amina)
        assert periods(head) == [("active", "insured", "2026-12-01", "")]
        assert periods(kid) == [("active", "dependant", "2026-11-22", "")]
        running.refresh_from_db()
        assert (running.status, running.until) == ("active", date(2026, 11, 22))

    def test_the_day_after_30_november_2023_waits(self, amina):
        home = near(97_430_010)
        head = people(home)[0]
        Enrollment.objects.create(
            program="amo_tadamon", household=home, member=head, idcs=head.idcs, quality="insured", status="ended",
            since=date(2023, 12, 1), until=date(2024, 12, 1), commune=home.commune,
        )  # fmt: skip
        assert joined(home, amina).waiting_months == 3

    def test_the_other_waiver_is_off_until_it_is_voted(self, amina):
        home = near(97_430_010)
        head = people(home)[0]
        Enrollment.objects.create(
            program="amo_tadamon", household=home, member=head, idcs=head.idcs, quality="insured", status="ended",
            since=date(2026, 1, 1), until=date(2026, 12, 1), commune=home.commune,
        )  # fmt: skip
        in_force("amo_achamil.waiting_waived", True, since=date(2026, 11, 20))
        joined(home, amina)
        assert periods(head) == [("ended", "insured", "2026-01-01", "2026-12-01"), ("active", "insured", "2026-12-01", "")]

    def test_a_child_born_while_waiting_is_covered_when_rights_open(self, amina):
        home = near(97_430_010)
        adhesion = joined(home, amina)
        services.call_contributions(on=date(2027, 2, 1), by=engine())
        for month in (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)):
            pay(adhesion, month, date(2027, 2, 1), amina)
        baby = born(home, date(2027, 2, 20), father=people(home)[0])
        services.open_rights(on=date(2027, 3, 1), by=engine())
        assert periods(baby) == [("active", "dependant", "2027-03-01", "")]

    @pytest.mark.parametrize(
        ("died", "told", "hers"),
        [
            (date(2026, 12, 14), date(2026, 12, 20), "2027-01-01"),
            (date(2026, 12, 31), date(2026, 12, 31), "2027-01-01"),
            (date(2026, 12, 31), date(2027, 1, 5), "2027-02-01"),
            (date(2027, 1, 1), date(2027, 1, 5), "2027-02-01"),
        ],
    )
    def test_each_month_has_one_contribution_when_the_widow_takes_over(self, died, told, hers, amina):
        """Called on each first: the month he was called for is his, the next one is hers."""
        home = near(97_430_010)
        head, kid = people(home)
        wife = Member.objects.create(
            household=home, position=3, idcs=idcs(49_999), relation="spouse", sex="female", born_on=date(1990, 1, 1), marital_status="married",
            spouse=head, cover="none", situation="homemaker", first_name_fr="Zineb", last_name_fr="Essai",
        )  # fmt: skip
        change(head, marital_status="married", sex="male", spouse=wife)
        change(kid, mother=wife)
        in_force("amo_achamil.waiting_months", 0, since=date(2026, 11, 20))
        joined(home, amina)
        for first in (date(2026, 12, 1), date(2027, 1, 1)):
            if first <= told:
                services.call_contributions(on=first, by=engine())
        dies(head, died, told=told, head=wife)
        follow(home, on=told)
        services.call_contributions(on=date(2027, 3, 1), by=engine())
        assert str(Adhesion.objects.get(left_on=None).first_month) == hers
        months = Contribution.objects.order_by("month").values_list("month", flat=True)
        assert [str(month) for month in months] == ["2026-12-01", "2027-01-01", "2027-02-01", "2027-03-01"]

    def test_leaving_ends_with_the_month_and_frees_the_answer(self, amina):
        home = near(97_430_010)
        in_force("amo_achamil.waiting_months", 0, since=date(2026, 11, 20))
        adhesion = joined(home, amina)
        services.leave_achamil(adhesion_id=adhesion.pk, reason="La famille part à l’étranger.", on=date(2027, 1, 10), by=amina)
        assert periods(people(home)[0]) == [("ended", "insured", "2026-11-22", "2027-02-01")]
        assert set(Member.objects.filter(household=home).values_list("cover", flat=True)) == {"none"}
        assert services.call_contributions(on=date(2027, 4, 1), by=engine()) == 0


class TestJoining:
    def test_who_works_is_directed_elsewhere(self, amina):
        home = near(97_430_010)
        change(people(home)[0], situation="employed", occupation_group="9", work_status="employee_private")
        with pytest.raises(NotEnrollable, match="régime de son travail"):
            joined(home, amina)

    def test_within_the_line_there_is_nothing_to_pay(self, amina):
        home = near(97_430_010)
        in_force("amo_tadamon.threshold", "10.5", since=date(2026, 11, 20))
        eligibility.services.assess_households([home.pk], on=DAY, by=engine())
        with pytest.raises(NotEnrollable, match="n’a rien à payer"):
            joined(home, amina)

    def test_the_trap_is_said_before_it_is_sprung(self, amina):
        home = near(95_920_010)
        standing = eligibility.queries.standing(home, on=DAY)
        assert 95_920_010 < standing.score <= 97_430_010
        with pytest.raises(TrapNotAcknowledged) as told:
            joined(home, amina, acknowledged=False)
        assert (told.value.trap.score, told.value.trap.monthly) == (standing.score + 1_510_000, 17_600)
        assert not Adhesion.objects.exists()
        assert joined(home, amina, acknowledged=True).waiting_months == 3

    def test_where_the_law_does_not_count_the_cover_there_is_no_trap(self, amina):
        home = near(95_920_010)
        in_force("score.cover_not_counted", ["none", "ramed", "amo_tadamon", "amo_achamil"], since=date(2026, 11, 20))
        assert joined(home, amina, acknowledged=False).pk

    def test_twice_is_once_and_another_area_is_refused(self, amina, brahim):
        home = near(97_430_010)
        with pytest.raises(Forbidden):
            joined(home, brahim)
        assert joined(home, amina) == joined(home, amina)
        assert Enrollment.objects.filter(program="amo_achamil").count() == 2


class TestFromOneCoverToAnother:
    """CNSS → AMO-TADAMON → AMO ACHAMIL, and back, to the day."""

    def entitled(self, amina):
        return covered(couple(child(date(2016, 1, 1))), by=amina)

    def test_a_first_job_ends_his_cover_on_the_eve_and_his_family_s_goes_on(self, amina):
        home = self.entitled(amina)
        father, mother, kid = people(home)
        services.confirm_direction(idcs=father.idcs, scheme="amo_employee", since=date(2026, 12, 10), on=date(2026, 12, 20), by=amina)
        assert periods(father) == [("ended", "insured", "2026-11-22", "2026-12-10")]
        assert periods(mother)[-1] == ("active", "insured", "2026-12-10", "")
        assert periods(kid)[-1] == ("active", "dependant", "2026-12-10", "")

    def test_a_job_that_starts_later_waits_for_its_day(self, amina):
        home = self.entitled(amina)
        father = people(home)[0]
        services.confirm_direction(idcs=father.idcs, scheme="amo_employee", since=date(2027, 1, 4), on=date(2026, 12, 20), by=amina)
        assert periods(father) == [("active", "insured", "2026-11-22", "")]
        every_night(until=date(2027, 1, 4))
        assert periods(father) == [("ended", "insured", "2026-11-22", "2027-01-04")]

    def test_when_the_job_ends_amo_tadamon_opens_the_day_after(self, amina):
        home = self.entitled(amina)
        father, mother, kid = people(home)
        services.confirm_direction(idcs=father.idcs, scheme="amo_employee", since=date(2026, 12, 10), on=date(2026, 12, 10), by=amina)
        services.end_direction(idcs=father.idcs, scheme="amo_employee", until=date(2027, 3, 1), on=date(2027, 3, 15), by=amina)
        assert periods(father)[-1] == ("active", "insured", "2027-03-01", "")
        assert periods(mother)[-1][:2] == ("active", "dependant")
        assert periods(kid)[-1][:2] == ("active", "dependant")

    def test_a_lone_mother_and_her_child_leave_and_come_back_together(self, amina):
        """Her scheme covers them both meanwhile: AMO-TADAMON takes both again the very day it ends, whenever that is told."""
        home = covered(widow_with(child(date(2016, 1, 1))), by=amina)
        mother, kid = people(home)
        services.confirm_direction(idcs=mother.idcs, scheme="amo_employee", since=date(2026, 12, 10), on=date(2026, 12, 12), by=amina)
        services.end_direction(idcs=mother.idcs, scheme="amo_employee", until=date(2027, 3, 1), on=date(2027, 3, 15), by=amina)
        assert periods(mother) == [("ended", "insured", "2026-11-22", "2026-12-10"), ("active", "insured", "2027-03-01", "")]
        assert periods(kid) == [("ended", "dependant", "2026-11-22", "2026-12-10"), ("active", "dependant", "2027-03-01", "")]

    def test_amo_tadamon_takes_over_from_achamil_without_a_double_day(self, amina):
        home = near(97_430_010)
        in_force("amo_achamil.waiting_months", 0, since=date(2026, 11, 20))
        joined(home, amina)
        in_force("amo_tadamon.threshold", "10.5", since=date(2027, 2, 10))
        eligibility.services.assess_households([home.pk], on=date(2027, 2, 10), by=engine())
        follow(home, on=date(2027, 2, 10))
        services.accept_household(home, "amo_tadamon", on=date(2027, 2, 10), by=amina)
        rows = Enrollment.objects.filter(idcs=people(home)[0].idcs).order_by("since")
        assert [(row.program, row.status, str(row.since)) for row in rows] == [
            ("amo_achamil", "ended", "2026-11-22"), ("amo_tadamon", "active", "2027-02-10"),
        ]  # fmt: skip
        assert rows[0].until == date(2027, 2, 10)
        assert set(Member.objects.filter(household=home).values_list("cover", flat=True)) == {"amo_tadamon"}
        counted = (
            Tally.objects.filter(measure="enrolled").values("program").annotate(h=Sum("households"), p=Sum("people")).order_by("program")
        )
        assert [tuple(row.values()) for row in counted] == [("amo_achamil", 0, 0), ("amo_tadamon", 1, 2)]

    def test_a_cover_known_already_is_refused_and_the_same_twice_is_once(self, amina):
        father = people(self.entitled(amina))[0]
        first = services.confirm_direction(
            idcs=father.idcs, scheme="amo_employee", since=date(2026, 12, 10), on=date(2026, 12, 20), by=amina
        )
        same = services.confirm_direction(
            idcs=father.idcs, scheme="amo_employee", since=date(2026, 12, 10), on=date(2026, 12, 21), by=engine()
        )
        assert first == same
        with pytest.raises(services.NotDirectable, match="déjà connue"):
            services.confirm_direction(idcs=father.idcs, scheme="military", since=date(2026, 12, 15), on=date(2026, 12, 20), by=amina)


class TestDirections:
    def test_each_step_is_kept_with_who_and_when(self, amina, brahim):
        home = near(97_430_010)
        head = people(home)[0]
        direction = services.direct(member_id=head.pk, scheme="amo_employee", on=DAY, by=amina)
        assert services.direct(member_id=head.pk, scheme="amo_employee", on=DAY, by=amina) == direction
        with pytest.raises(services.NotDirectable, match="déjà orienté"):
            services.direct(member_id=head.pk, scheme="amo_self_employed", on=DAY, by=amina)
        with pytest.raises(Forbidden):
            services.advance(direction_id=direction.pk, state="applied", on=DAY, by=brahim)
        services.advance(direction_id=direction.pk, state="applied", reference="CNSS-77", on=DAY, by=amina)
        confirmed = services.confirm_direction(idcs=head.idcs, scheme="amo_employee", since=DAY, on=DAY, by=engine())
        assert (confirmed.pk, confirmed.state, confirmed.reference) == (direction.pk, "confirmed", "CNSS-77")
        assert [(move.before, move.after, move.by.username) for move in direction.moves.all()] == [
            ("", "directed", "amina"), ("directed", "applied", "amina"), ("applied", "confirmed", "engine"),
        ]  # fmt: skip

    def test_a_refusal_needs_its_reason_and_frees_the_person(self, amina):
        head = people(near(97_430_010))[0]
        direction = services.direct(member_id=head.pk, scheme="amo_employee", on=DAY, by=amina)
        with pytest.raises(services.NotDirectable, match="motif"):
            services.advance(direction_id=direction.pk, state="refused", on=DAY, by=amina)
        services.advance(direction_id=direction.pk, state="refused", note="Employeur non affilié.", on=DAY, by=amina)
        assert services.direct(member_id=head.pk, scheme="amo_self_employed", on=DAY, by=amina).pk != direction.pk

    @pytest.mark.parametrize(
        ("situation", "status", "scheme"),
        [
            ("employed", "employee_private", "amo_employee"), ("employed", "employee_public", "amo_public"),
            ("employed", "self_employed", "amo_self_employed"), ("homemaker", None, None), ("unemployed_worked", None, None),
        ],
    )  # fmt: skip
    def test_the_scheme_of_an_activity(self, situation, status, scheme):
        member = Member(situation=situation, work_status=status)
        assert services.scheme_of(member, eligibility.queries.law(DAY)) == scheme
