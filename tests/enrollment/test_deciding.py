"""What caseworkers decide, and when it starts and ends; days are worked by hand from the texts."""

import threading
import uuid
from datetime import UTC, date, datetime

import pytest
from django.db import connections
from django.db.models import Sum

from eligibility.models import OPEN, Determination, Program, Tally
from eligibility.queries import law
from enrollment import queries, services
from enrollment.models import Allowance, AllowanceLine, Enrollment, EnrollmentMove
from enrollment.permissions import may_decide
from enrollment.services import NotEnrollable, ProposalOutgrown
from households.models import Request
from rsu.authentication import engine
from rsu.models import AuditEvent
from rsu.permissions import Forbidden

from .builders import DAY, PUPIL, child, couple, determine, family, flip, man, woman

PUPILS = [child(date(2012 + index, 5, 1), **PUPIL) for index in range(3)]


def proposed(household, program, **answer):
    determine(household, program, **answer)
    services.propose_due(on=DAY, by=engine())
    return household


def accept(household, program, by, on=DAY):
    return services.accept_household(household, program, on=on, by=by)


def periods(household, program):
    return list(household.enrollments.filter(program=program).order_by("id").values_list("status", "since", "until"))


def enrolled(program):
    counts = Tally.objects.filter(measure="enrolled", program=program).aggregate(h=Sum("households"), p=Sum("people"))
    return counts["h"] or 0, counts["p"] or 0


@pytest.mark.django_db
class TestHealthCover:
    def test_it_starts_the_day_it_is_accepted(self, amina):
        household = proposed(couple(*PUPILS), "amo_tadamon")
        accept(household, "amo_tadamon", amina)
        assert set(periods(household, "amo_tadamon")) == {("active", DAY, OPEN)}
        assert enrolled("amo_tadamon") == (1, 5)

    def test_accepted_twice_is_accepted_once(self, amina):
        household = proposed(couple(), "amo_tadamon")
        ids = [one.pk for one in accept(household, "amo_tadamon", amina)]
        services.accept_enrollments(ids, on=date(2026, 11, 23), by=amina)
        assert set(periods(household, "amo_tadamon")) == {("active", DAY, OPEN)}
        assert enrolled("amo_tadamon") == (1, 2)
        assert AuditEvent.objects.filter(verb="accept_enrollment").count() == 1
        assert EnrollmentMove.objects.filter(after="active").count() == 2

    def test_a_second_unit_of_the_household_is_not_a_second_household(self, amina):
        household = proposed(couple(child(date(1995, 1, 1))), "amo_tadamon")
        first, wife, son = household.enrollments.order_by("id")
        services.accept_enrollments([first.pk, wife.pk], on=DAY, by=amina)
        services.accept_enrollment(son.pk, on=DAY, by=amina)
        assert enrolled("amo_tadamon") == (1, 3)

    def test_it_ends_with_the_month_of_the_notice(self, amina):
        household = proposed(couple(), "amo_tadamon")
        ids = [one.pk for one in accept(household, "amo_tadamon", amina)]
        services.end_enrollments(ids, reason="déménagement", on=date(2026, 12, 3), by=amina)
        assert set(periods(household, "amo_tadamon")) == {("ended", DAY, date(2027, 1, 1))}
        assert enrolled("amo_tadamon") == (0, 0)
        idcs = household.members.get(relation="head").idcs
        assert queries.current_cover(idcs, date(2026, 12, 31)).household == household
        assert queries.current_cover(idcs, date(2027, 1, 1)) is None

    def test_taken_up_again_it_starts_when_the_former_cover_ends(self, amina):
        household = proposed(couple(), "amo_tadamon")
        ids = [one.pk for one in accept(household, "amo_tadamon", amina)]
        services.end_enrollments(ids, reason="erreur", on=DAY, by=amina)
        services.propose_for_household(household.pk, on=DAY, by=amina)
        accept(household, "amo_tadamon", amina)
        assert periods(household, "amo_tadamon")[2:] == [("active", date(2026, 12, 1), OPEN)] * 2

    def test_a_dependant_is_not_covered_without_the_insured(self, amina):
        household = proposed(couple(), "amo_tadamon")
        wife = household.enrollments.get(quality="dependant")
        with pytest.raises(NotEnrollable, match="assuré de son unité"):
            services.accept_enrollment(wife.pk, on=DAY, by=amina)

    def test_the_insured_does_not_leave_before_the_dependants(self, amina):
        household = proposed(couple(), "amo_tadamon")
        accept(household, "amo_tadamon", amina)
        head = household.enrollments.get(quality="insured")
        with pytest.raises(NotEnrollable, match="ayants droit"):
            services.end_enrollment(head.pk, reason="départ", on=DAY, by=amina)

    def test_a_person_who_took_another_cover_since_is_not_enrolled(self, amina):
        household = proposed(couple(), "amo_tadamon")
        household.members.filter(relation="spouse").update(cover="amo_employee")
        with pytest.raises(ProposalOutgrown, match="Fictif"):
            accept(household, "amo_tadamon", amina)
        services.propose_for_household(household.pk, on=DAY, by=amina)
        accept(household, "amo_tadamon", amina)
        assert [row[0] for row in periods(household, "amo_tadamon")] == ["active", "refused"]

    def test_a_right_lost_since_the_proposal_is_not_given(self, amina):
        household = couple()
        row = determine(household, "amo_tadamon")
        services.propose_due(on=DAY, by=engine())
        flip(row, on=date(2026, 12, 1))
        with pytest.raises(NotEnrollable, match="ne donne plus ce droit"):
            accept(household, "amo_tadamon", amina, on=date(2026, 12, 1))

    def test_who_is_without_cover_is_listed_until_covered(self, amina):
        household = proposed(family(man(), woman(spouse=1, cover="amo_employee"), child(date(2012, 1, 1), cover="ramed")), "amo_tadamon")
        today = law(DAY)
        assert [one.position for one in queries.members_without_cover(household, DAY, today)] == [1, 3]
        services.accept_enrollment(household.enrollments.get(quality="insured").pk, on=DAY, by=amina)
        assert [one.position for one in queries.members_without_cover(household, DAY, today)] == [3]
        accept(household, "amo_tadamon", amina)
        assert queries.members_without_cover(household, DAY, today) == []


@pytest.mark.django_db
class TestDirectAid:
    def submitted(self, household, day, by):
        return Request.objects.create(
            token=uuid.uuid4(), kind="registration", status="processed", household=household, created_by=by, submitted_on=day,
            processed_by=by, processed_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        )  # fmt: skip

    def test_it_starts_with_the_month_of_application_read_on_the_day_of_submission(self, amina):
        household = couple(*PUPILS[:2], child(date(2020, 11, 20), schooling="no"))
        self.submitted(household, date(2026, 11, 19), amina)
        accept(proposed(household, "direct_aid"), "direct_aid", amina)
        assert periods(household, "direct_aid") == [("active", date(2026, 11, 1), OPEN)]
        month = household.allowances.get()
        assert (month.month, month.read_on, month.amount) == (date(2026, 11, 1), date(2026, 11, 19), 90000)
        assert enrolled("direct_aid") == (1, 5)

    def test_each_month_since_the_application_is_written_under_its_own_law(self, amina):
        household = couple(*PUPILS)
        self.submitted(household, date(2025, 10, 20), amina)
        accept(proposed(household, "direct_aid", since=date(2025, 10, 20)), "direct_aid", amina, on=date(2026, 1, 5))
        months = household.allowances.order_by("month").values_list("month", "read_on", "amount")
        assert list(months) == [
            (date(2025, 10, 1), date(2025, 10, 20), 60000),
            (date(2025, 11, 1), date(2025, 11, 1), 75000),
            (date(2025, 12, 1), date(2025, 12, 1), 75000),
            (date(2026, 1, 1), date(2026, 1, 1), 90000),
        ]

    def test_a_right_the_law_opened_in_a_month_starts_with_the_next(self, amina):
        household = proposed(couple(), "direct_aid", reason="threshold")
        accept(household, "direct_aid", amina)
        assert periods(household, "direct_aid") == [("active", date(2026, 12, 1), OPEN)]
        assert not household.allowances.exists()

    def test_a_right_the_law_opened_on_a_first_starts_that_day(self, amina):
        household = proposed(couple(), "direct_aid", reason="threshold", since=date(2026, 11, 1))
        accept(household, "direct_aid", amina)
        assert periods(household, "direct_aid") == [("active", date(2026, 11, 1), OPEN)]

    def test_the_lines_sum_to_the_amount_and_name_their_provision(self, amina):
        household = proposed(couple(*PUPILS[:1]), "direct_aid")
        accept(household, "direct_aid", amina)
        month = queries.allowance_of_month(household, DAY)
        assert [(line.position, line.kind, line.rank, line.amount) for line in month.lines.all()] == [
            (1, "child", 1, 30000),
            (2, "floor", None, 20000),
        ]
        assert {line.provision.since for line in month.lines.all()} == {date(2026, 1, 1)}
        assert month.amount == 50000

    def test_a_month_is_written_once(self, amina):
        household = proposed(couple(), "direct_aid")
        accept(household, "direct_aid", amina)
        first = household.allowances.get()
        assert services.write_months(household, since=date(2026, 11, 1), read_on=DAY, on=DAY) == 0
        assert household.allowances.get().computed_at == first.computed_at
        assert AllowanceLine.objects.filter(allowance=first).count() == 1

    def test_a_household_without_running_aid_has_no_month(self):
        household = proposed(couple(), "direct_aid")
        assert services.write_months(household, since=date(2026, 11, 1), read_on=DAY, on=DAY) == 0

    def test_it_is_not_cumulated_with_the_allowances_of_another_scheme(self, amina):
        household = proposed(family(man(other_allowances=True)), "direct_aid")
        with pytest.raises(NotEnrollable, match="pas de cumul"):
            accept(household, "direct_aid", amina)
        assert periods(household, "direct_aid") == [("proposed", None, OPEN)]

    def test_it_ends_with_the_month_and_may_start_again_after_it(self, amina):
        household = proposed(couple(), "direct_aid")
        [running] = accept(household, "direct_aid", amina)
        services.end_enrollment(running.pk, reason="radiation", on=DAY, by=amina)
        services.propose_for_household(household.pk, on=DAY, by=amina)
        accept(household, "direct_aid", amina)
        assert periods(household, "direct_aid") == [
            ("ended", date(2026, 11, 1), date(2026, 12, 1)),
            ("active", date(2026, 12, 1), OPEN),
        ]
        assert enrolled("direct_aid") == (1, 2)

    def test_the_month_written_is_shown_as_it_was_whatever_the_family_becomes(self, amina):
        household = proposed(couple(*PUPILS), "direct_aid")
        accept(household, "direct_aid", amina)
        written = services.written_month(household, month=DAY.replace(day=1))
        household.members.filter(relation="child").update(schooling="no", school_sector=None)
        assert services.written_month(household, month=DAY.replace(day=1)) == written
        assert written.amount == Allowance.objects.get(household=household, month=DAY.replace(day=1)).amount == 90_000
        assert services.month_of(household, month=DAY.replace(day=1), read_on=DAY).amount == 60_000

    def test_the_month_shown_before_is_the_month_written(self, amina):
        household = proposed(couple(*PUPILS), "direct_aid")
        shown = services.month_of(household, month=date(2026, 11, 1), read_on=DAY)
        accept(household, "direct_aid", amina)
        assert shown.amount == household.allowances.get().amount == 90000
        asked = services.month_of_application([household.pk], on=DAY, law=law(DAY))
        assert asked == shown.lines


@pytest.mark.django_db
class TestReviewAndRefusal:
    def in_review(self, amina):
        household = couple()
        row = determine(household, "direct_aid")
        services.propose_due(on=DAY, by=engine())
        [running] = accept(household, "direct_aid", amina)
        flip(row, on=date(2026, 12, 3))
        services.propose_due(on=date(2026, 12, 3), by=engine())
        return running.pk

    def test_a_reviewed_right_is_kept_for_a_reason(self, amina):
        pk = self.in_review(amina)
        kept = services.keep_enrollment(pk, reason="recours accepté", on=date(2026, 12, 4), by=amina)
        assert (kept.status, kept.reason, kept.decided_by) == ("active", "recours accepté", amina)
        services.keep_enrollment(pk, reason="encore", on=date(2026, 12, 4), by=amina)
        assert AuditEvent.objects.filter(verb="keep_enrollment").count() == 1

    def test_a_reviewed_right_is_ended(self, amina):
        ended = services.end_enrollment(self.in_review(amina), reason="au-dessus du seuil", on=date(2026, 12, 4), by=amina)
        assert (ended.status, ended.until) == ("ended", date(2027, 1, 1))

    def test_only_a_reviewed_right_is_kept(self, amina):
        household = proposed(couple(), "direct_aid")
        with pytest.raises(NotEnrollable, match="à revoir"):
            services.keep_enrollment(household.enrollments.get().pk, reason="x", on=DAY, by=amina)

    @pytest.mark.parametrize("deed", [services.refuse_enrollment, services.keep_enrollment, services.end_enrollment])
    def test_a_refusal_an_end_and_a_keeping_need_a_reason(self, deed, amina):
        household = proposed(couple(), "direct_aid")
        with pytest.raises(NotEnrollable, match="motif"):
            deed(household.enrollments.get().pk, reason="  ", on=DAY, by=amina)

    def test_a_refusal_keeps_its_reason_in_the_row_the_move_and_the_trace(self, amina):
        household = proposed(couple(), "direct_aid")
        refused = services.refuse_enrollment(household.enrollments.get().pk, reason="déjà aidé", on=DAY, by=amina)
        assert (refused.status, refused.reason) == ("refused", "déjà aidé")
        assert EnrollmentMove.objects.filter(after="refused", reason="déjà aidé", by=amina).exists()
        assert AuditEvent.objects.get(verb="refuse_enrollment").reason == "déjà aidé"

    def test_what_was_refused_is_not_accepted(self, amina):
        household = proposed(couple(), "direct_aid")
        pk = services.refuse_enrollment(household.enrollments.get().pk, reason="erreur", on=DAY, by=amina).pk
        with pytest.raises(NotEnrollable, match="ne peut pas devenir"):
            services.accept_enrollment(pk, on=DAY, by=amina)

    def test_a_proposal_is_not_ended(self, amina):
        household = proposed(couple(), "direct_aid")
        with pytest.raises(NotEnrollable, match="ne peut pas devenir"):
            services.end_enrollment(household.enrollments.get().pk, reason="x", on=DAY, by=amina)

    def test_one_decision_is_about_one_household(self, amina):
        first, second = proposed(couple(), "direct_aid"), proposed(couple(), "direct_aid")
        ids = [first.enrollments.get().pk, second.enrollments.get().pk]
        with pytest.raises(NotEnrollable, match="même ménage"):
            services.accept_enrollments(ids, on=DAY, by=amina)
        with pytest.raises(NotEnrollable, match="au moins une"):
            services.accept_enrollments([], on=DAY, by=amina)

    def test_answers_that_changed_are_read_before_the_decision(self, amina):
        household = proposed(couple(), "amo_tadamon")
        household.cars, household.second_home, household.mobile_phones = 3, True, 6
        household.due_since = datetime(2026, 11, 22, 10, tzinfo=UTC)
        household.save()
        with pytest.raises(NotEnrollable, match="ne donne plus ce droit"):
            accept(household, "amo_tadamon", amina)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "may"), [("amina", True), ("salma", True), ("brahim", False), ("chaima", False), ("driss", False), ("yassine", False)]
)
def test_caseworkers_and_supervisors_decide_in_their_area(who, may, request):
    user = request.getfixturevalue(who)
    household = proposed(couple(), "direct_aid")
    assert may_decide(user, household) is may
    if may:
        assert accept(household, "direct_aid", user)
    else:
        with pytest.raises(Forbidden):
            accept(household, "direct_aid", user)
        assert periods(household, "direct_aid") == [("proposed", None, OPEN)]


@pytest.mark.parametrize("program", Program.values)
def test_two_people_accept_at_once_and_it_is_accepted_once(program, committed_db, amina, salma):
    household = proposed(couple(), program)
    ids = list(household.enrollments.values_list("pk", flat=True))
    ready, errors = threading.Barrier(2), []

    def decide(by):
        try:
            ready.wait()
            services.accept_enrollments(ids, on=DAY, by=by)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    deciders = [threading.Thread(target=decide, args=(by,)) for by in (amina, salma)]
    for decider in deciders:
        decider.start()
    for decider in deciders:
        decider.join()
    assert errors == []
    assert EnrollmentMove.objects.filter(after="active").count() == len(ids)
    assert enrolled(program) == (1, 2)
    assert AuditEvent.objects.filter(verb="accept_enrollment").count() == 1
    assert Allowance.objects.count() == (program == "direct_aid")
    assert Enrollment.objects.filter(status="active").count() == len(ids)
    assert Determination.objects.filter(handled=False).count() == 0
