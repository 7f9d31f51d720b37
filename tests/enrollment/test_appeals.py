"""Appeals: what is received, who may judge it, and what upholding gives back, to the dirham and to the day; figures by hand."""

import threading
import uuid
from datetime import date

import pytest
from django.db import IntegrityError, connections, transaction

from eligibility.models import OPEN, Determination, PastDetermination, Provision
from enrollment import appeals, contested, services
from enrollment.models import Appeal, DueLine, Enrollment, EnrollmentMove
from enrollment.services import AppealDecided, AppealRefused, NotEnrollable
from households.models import Household, Member
from rsu.models import AuditEvent, User
from rsu.permissions import Forbidden

from .aiding import by_hand
from .appealing import (
    AT,
    ENDED_ON,
    FILED_ON,
    JUDGED_ON,
    RICHER_ON,
    bring_up_to_date,
    determination,
    ended,
    examined,
    filed,
    law,
    lost_by_answers,
    made_richer,
    registered,
    truth,
    uphold,
)
from .test_ramed_settling import cover

OCTOBER, NOVEMBER, DECEMBER, JANUARY = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture(scope="class")
def lost_once(class_db):
    return lost_by_answers()


@pytest.fixture
def lost(lost_once, db):
    return Household.objects.get(pk=lost_once.pk)


def periods(household, program):
    rows = household.enrollments.filter(program=program, since__isnull=False).order_by("idcs", "since")
    found = {}
    for idcs, status, since, until in rows.values_list("idcs", "status", "since", "until"):
        found.setdefault(idcs, []).append((status, since, until))
    return list(found.values())


def months(household):
    return list(household.allowances.order_by("month").values_list("month", "amount"))


def suspending() -> None:
    Provision.objects.create(key="appeal.suspends", since=date(2026, 1, 1), value=True, source="Décret n° 2-26-300", confidence="H")


@pytest.mark.django_db
class TestUpheld:
    def test_on_an_answer_cover_has_no_gap_and_each_month_missed_is_written(self, lost, amina, salma):
        appeal, repair = uphold(examined(lost, amina), salma)
        assert appeal.status == "upheld" and appeal.repaired_since == RICHER_ON
        each = [("ended", date(2026, 10, 5), DECEMBER), ("active", DECEMBER, OPEN)]
        assert periods(lost, "amo_tadamon") == [each] * 6
        assert periods(lost, "direct_aid") == [[("ended", OCTOBER, DECEMBER), ("active", DECEMBER, OPEN)]]
        # Three pupils at 300 and the fourth at 36: 936 dirhams a month, in 2026 and 2027.
        assert months(lost) == [(OCTOBER, 93600), (NOVEMBER, 93600), (DECEMBER, 93600), (JANUARY, 93600)]
        assert [one["amount"] for one in appeal.effect["months"]] == [93600, 93600] and appeal.effect["to_correct"] == []
        assert repair.gained == ["amo_tadamon", "direct_aid"]

    def test_the_determination_is_replaced_from_the_contested_day(self, lost, amina, salma):
        uphold(examined(lost, amina), salma)
        for program in ("amo_tadamon", "direct_aid"):
            chain = Determination.objects.filter(household=lost, program=program).values_list("since", "until", "entitled")
            assert list(chain) == [(date(2026, 10, 5), OPEN, True)]
            cut = PastDetermination.objects.get(household=lost, program=program)
            assert (cut.since, cut.entitled, cut.cut_on) == (RICHER_ON, False, RICHER_ON)

    def test_the_answer_is_corrected_by_its_own_request_signed_by_the_decider(self, lost, amina, salma):
        appeal, _repair = uphold(examined(lost, amina), salma)
        request = appeal.request
        request.refresh_from_db()
        assert (request.kind, request.status, request.processed_by, request.second) == ("score_review", "processed", salma, ["gains_right"])
        lost.refresh_from_db()
        assert (lost.cars, lost.second_home, lost.mobile_phones) == (0, False, 0)

    def test_what_waits_in_review_runs_again_and_nothing_is_opened_twice(self, amina, nadia, salma):
        household = registered(amina)
        made_richer(household, amina, nadia)
        uphold(examined(household, amina), salma)
        assert periods(household, "amo_tadamon") == [[("active", date(2026, 10, 5), OPEN)]] * 6
        assert periods(household, "direct_aid") == [[("active", OCTOBER, OPEN)]]
        assert months(household) == [(OCTOBER, 93600), (NOVEMBER, 93600), (DECEMBER, 93600), (JANUARY, 93600)]

    def test_in_part_only_the_answers_granted_are_corrected(self, lost, amina, salma):
        granted = [name for name in truth(lost) if name != "computer"]
        appeal, _repair = uphold(examined(lost, amina), salma, accepted=granted)
        lost.refresh_from_db()
        assert appeal.status == "partly_upheld" and lost.computer is True and lost.cars == 0

    def test_in_part_it_is_repaired_from_a_later_day(self, lost, amina, salma):
        appeal, _repair = uphold(examined(lost, amina), salma, since=date(2026, 12, 15))
        assert (appeal.status, appeal.repaired_since) == ("partly_upheld", date(2026, 12, 15))
        assert periods(lost, "amo_tadamon")[0] == [("ended", date(2026, 10, 5), DECEMBER), ("active", date(2026, 12, 15), OPEN)]
        assert periods(lost, "direct_aid")[0] == [("ended", OCTOBER, DECEMBER), ("active", JANUARY, OPEN)]
        assert months(lost)[2:] == [(JANUARY, 93600)]

    def test_no_earlier_than_what_is_contested(self, lost, amina, salma):
        with pytest.raises(AppealRefused, match="jour contesté"):
            uphold(examined(lost, amina), salma, since=date(2026, 11, 1))

    def test_somebody_covered_elsewhere_meanwhile_is_covered_once(self, lost, amina, salma):
        head = lost.enrollments.filter(program="amo_tadamon", quality="insured").first()
        elsewhere = Enrollment.objects.create(
            program="amo_achamil", household=lost, unit=head.unit, member=head.member, idcs=head.idcs, quality="insured", status="ended",
            since=DECEMBER, until=date(2026, 12, 20), commune=lost.commune, milieu=lost.milieu,
        )  # fmt: skip
        uphold(examined(lost, amina), salma)
        rows = Enrollment.objects.filter(idcs=head.idcs, since__isnull=False).order_by("since").values_list("since", "until")
        assert list(rows) == [(date(2026, 10, 5), DECEMBER), (elsewhere.since, elsewhere.until), (date(2026, 12, 20), OPEN)]

    def test_somebody_moved_from_ramed_meanwhile_is_covered_once(self, lost, amina, salma):
        head = lost.enrollments.filter(program="amo_tadamon", quality="insured").first()
        cover(head.idcs, since=DECEMBER, until=date(2026, 12, 20), status="ended")
        uphold(examined(lost, amina), salma)
        rows = Enrollment.objects.filter(idcs=head.idcs, since__isnull=False).order_by("since").values_list("since", "until")
        assert list(rows) == [(date(2026, 10, 5), DECEMBER), (date(2026, 12, 20), OPEN)]

    def test_a_family_refused_at_first_is_owed_from_the_month_it_asked(self, amina, nadia, salma):
        household = registered(amina)
        household = Household.objects.get(pk=household.pk)
        # The same family, whose first declaration was wrong: nothing was ever opened.
        from .appealing import RICHER, four_pupils

        poor = registered(amina, answers=four_pupils() | RICHER)
        assert periods(poor, "direct_aid") == [] and months(poor) == []
        appeal = examined(poor, amina, claims={name: four_pupils()[name] for name in RICHER}, notified_on=date(2026, 11, 9))
        uphold(appeal, salma)
        assert periods(poor, "direct_aid") == [[("active", OCTOBER, OPEN)]]
        assert months(poor) == [(OCTOBER, 93600), (NOVEMBER, 93600), (DECEMBER, 93600), (JANUARY, 93600)]
        assert poor.allowances.get(month=OCTOBER).read_on == date(2026, 10, 5)
        assert periods(poor, "amo_tadamon") == [[("active", date(2026, 10, 5), OPEN)]] * 6

    def test_a_rule_misapplied_undoes_the_decision_without_touching_the_answers(self, amina, salma):
        household = registered(amina)
        rows = household.enrollments.filter(program="amo_tadamon").values_list("pk", flat=True)
        services.end_enrollments(list(rows), reason="déménagement", on=ENDED_ON, by=amina)
        key = next(one.key for one in contested.contestable(household) if one.kind == "enrollment")
        appeal = examined(household, amina, key=key, ground="rule", words="Nous n’avons jamais déménagé.")
        appeal, _repair = uphold(appeal, salma) if appeal.contested_by != salma else (None, None)
        assert periods(household, "amo_tadamon") == [[("ended", date(2026, 10, 5), DECEMBER), ("active", DECEMBER, OPEN)]] * 6
        appeal.request.refresh_from_db()
        assert (appeal.request.kind, appeal.request.status) == ("complaint", "processed")

    def test_a_rule_well_applied_cannot_be_upheld(self, lost, amina, salma):
        appeal = examined(lost, amina, ground="rule", words="Le seuil n’est pas celui de la loi.")
        with pytest.raises(AppealRefused, match="ne changerait rien"):
            uphold(appeal, salma)

    def test_a_month_already_written_stays_and_what_it_lacks_waits_for_the_next(self, amina, salma):
        household = registered(amina)
        eldest = household.members.get(position=3)
        Member.objects.filter(pk=eldest.pk).update(schooling="no", school_sector=None)
        wrong = household.allowances.get(month=NOVEMBER)
        with by_hand():  # as if it had never been written
            household.allowances.filter(pk=wrong.pk).delete()
        services.write_months(household, since=NOVEMBER, read_on=NOVEMBER, on=NOVEMBER)
        # Out of school the eldest is worth 200 instead of 300.
        assert months(household)[1] == (NOVEMBER, 83600)
        month = household.allowances.get(month=NOVEMBER)
        claims = {f"m{eldest.pk}.schooling": "primary", f"m{eldest.pk}.school_sector": "public"}
        appeal, _repair = uphold(examined(household, amina, key=f"month:{month.pk}", claims=claims), salma)
        assert appeal.effect["to_correct"] == [{"month": "2026-11-01", "allowance": month.pk, "written": 83600, "due": 93600}]
        assert months(household)[:2] == [(OCTOBER, 93600), (NOVEMBER, 83600)]
        assert sum(line.amount for line in DueLine.objects.filter(household=household, belongs_to=NOVEMBER)) == 10000


@pytest.mark.django_db
class TestReceived:
    @pytest.mark.parametrize(
        ("notified", "last"),
        [
            (date(2026, 11, 22), date(2026, 12, 7)),  # 15 days, that of the notice not counted: 7 December
            (date(2026, 1, 31), date(2026, 2, 15)),
            (date(2028, 2, 14), date(2028, 2, 29)),  # a leap year
            (date(2027, 2, 14), date(2027, 3, 1)),
        ],
    )
    def test_the_last_day_to_file_is_included(self, notified, last, db):
        assert services.last_day_to_file(notified) == last

    def test_its_answer_is_due_thirty_days_later(self, db):
        assert services.answer_due(date(2028, 1, 30)) == date(2028, 2, 29)
        assert services.answer_due(date(2026, 11, 20)) == date(2026, 12, 20)

    def test_on_the_last_day_it_is_in_time_and_the_day_after_it_is_late(self, lost, amina):
        in_time = filed(lost, amina, on=date(2026, 11, 25))
        assert (in_time.last_day, in_time.late) == (date(2026, 11, 25), False)
        late = filed(lost, amina, on=date(2026, 11, 26), key=f"determination:{determination(lost, 'amo_tadamon').pk}")
        assert late.late and late.waits_for_admission

    def test_without_any_notice_the_limit_has_not_begun(self, lost, amina):
        assert filed(lost, amina, on=date(2027, 3, 1), notified_on=None).late is False

    def test_a_late_one_waits_for_a_supervisor_who_says_why(self, lost, amina, salma):
        late = filed(lost, amina, on=date(2026, 12, 1))
        with pytest.raises(AppealRefused, match="hors délai"):
            services.examine_appeal(appeal_id=late.pk, on=date(2026, 12, 1), by=amina)
        with pytest.raises(Forbidden):
            services.admit_appeal(appeal_id=late.pk, reason="hospitalisée", on=date(2026, 12, 1), by=amina)
        with pytest.raises(AppealRefused, match="pourquoi"):
            services.admit_appeal(appeal_id=late.pk, reason=" ", on=date(2026, 12, 1), by=salma)
        services.admit_appeal(appeal_id=late.pk, reason="hospitalisée", on=date(2026, 12, 1), by=salma)
        assert services.examine_appeal(appeal_id=late.pk, on=date(2026, 12, 1), by=amina).status == "in_examination"

    def test_a_late_one_is_refused_as_late_and_no_other_is(self, lost, amina, salma):
        late = filed(lost, amina, on=date(2026, 12, 1))
        done = services.dismiss_appeal(appeal_id=late.pk, answer="Hors délai.", as_late=True, on=date(2026, 12, 2), by=salma)
        assert done.status == "dismissed" and done.request.__class__.objects.get(pk=done.request_id).status == "rejected"
        in_time = filed(lost, amina)
        with pytest.raises(AppealRefused, match="dans le délai"):
            services.dismiss_appeal(appeal_id=in_time.pk, answer="Hors délai.", as_late=True, on=FILED_ON, by=salma)

    def test_the_same_form_sent_twice_is_one_appeal(self, lost, amina):
        token = uuid.uuid4()
        assert filed(lost, amina, token=token) == filed(lost, amina, token=token)
        assert Appeal.objects.count() == 1

    def test_one_open_appeal_stands_against_one_thing(self, lost, amina):
        first = filed(lost, amina)
        with pytest.raises(AppealRefused, match=f"n° {first.pk}"):
            filed(lost, amina)
        services.withdraw_appeal(appeal_id=first.pk, reason="La famille renonce.", on=FILED_ON, by=amina)
        assert filed(lost, amina).pk != first.pk

    def test_what_was_refused_leaves_nothing_behind(self, lost, amina):
        before = lost.requests.count()
        for wrong in ({"claims": {}}, {"words": " "}, {"key": "determination:0"}, {"notified_on": date(2026, 12, 25)}):
            with pytest.raises(AppealRefused):
                filed(lost, amina, **wrong)
        assert lost.requests.count() == before and not Appeal.objects.exists()

    def test_an_answer_that_cannot_be_read_is_said_beside_the_claims(self, lost, amina):
        with pytest.raises(AppealRefused) as refused:
            filed(lost, amina, claims={"cars": "beaucoup"})
        assert set(refused.value.problems) == {"claims"}

    def test_nobody_files_outside_the_area_and_an_auditor_never(self, lost, brahim, yassine):
        for somebody in (brahim, yassine):
            with pytest.raises(Forbidden):
                filed(lost, somebody)

    def test_filing_and_judging_are_traced(self, lost, amina, salma):
        uphold(examined(lost, amina), salma)
        verbs = list(
            AuditEvent.objects.filter(household_id=lost.pk, verb__startswith="appeal.").order_by("id").values_list("verb", flat=True)
        )
        assert verbs == ["appeal.filed", "appeal.examined", "appeal.upheld"]


@pytest.mark.django_db
class TestWhoJudges:
    def test_not_whoever_took_the_contested_decision(self, lost, amina, salma, nadia):
        appeal = examined(lost, amina)
        assert appeal.contested_by == nadia
        with pytest.raises(Forbidden, match="pris la décision"):
            uphold(appeal, nadia)
        with pytest.raises(Forbidden, match="pris la décision"):
            services.dismiss_appeal(appeal_id=appeal.pk, answer="Non.", on=JUDGED_ON, by=nadia)

    def test_not_whoever_received_it(self, lost, salma):
        appeal = examined(lost, salma)
        with pytest.raises(Forbidden, match="reçu ce recours"):
            uphold(appeal, salma)

    def test_not_who_owes_the_account_to_whoever_decided(self, lost, amina, salma, nadia):
        appeal = examined(lost, amina)
        User.objects.filter(pk=salma.pk).update(vouched_by=nadia)
        with pytest.raises(Forbidden):
            uphold(appeal, User.objects.get(pk=salma.pk))

    def test_not_a_caseworker_nor_an_administrator(self, lost, amina, chaima):
        appeal = examined(lost, amina)
        for somebody in (amina, chaima):
            with pytest.raises(Forbidden):
                uphold(appeal, somebody)

    def test_not_before_it_is_examined_and_not_without_an_answer(self, lost, amina, salma):
        appeal = filed(lost, amina)
        with pytest.raises(AppealRefused, match="pas encore en examen"):
            uphold(appeal, salma)
        services.examine_appeal(appeal_id=appeal.pk, on=FILED_ON, by=amina)
        with pytest.raises(AppealRefused, match="Écrivez la réponse"):
            services.uphold_appeal(appeal_id=appeal.pk, answer=" ", on=JUDGED_ON, by=salma)

    def test_pressed_twice_it_is_judged_once(self, lost, amina, salma):
        appeal = examined(lost, amina)
        uphold(appeal, salma)
        uphold(appeal, salma)
        assert AuditEvent.objects.filter(verb="appeal.upheld").count() == 1 and len(months(lost)) == 4

    def test_another_answer_afterwards_is_refused_with_who_judged(self, lost, amina, salma):
        appeal = examined(lost, amina)
        uphold(appeal, salma)
        with pytest.raises(AppealDecided, match="Salma"):
            services.dismiss_appeal(appeal_id=appeal.pk, answer="Non.", on=JUDGED_ON, by=salma)


@pytest.mark.django_db
class TestDismissedAndSuspending:
    def test_off_the_loss_runs_while_the_appeal_is_open(self, amina, nadia, salma):
        household = registered(amina)
        made_richer(household, amina, nadia)
        appeal = examined(household, amina)
        ended(household, amina)
        assert {row[0][0] for row in periods(household, "amo_tadamon")} == {"ended"}
        done = services.dismiss_appeal(appeal_id=appeal.pk, answer="Les biens sont à eux.", on=JUDGED_ON, by=salma)
        assert done.status == "dismissed" and months(household) == [(OCTOBER, 93600), (NOVEMBER, 93600)]

    def test_on_a_loss_under_appeal_does_not_end(self, amina, nadia, salma):
        household = registered(amina)
        made_richer(household, amina, nadia)
        suspending()
        filed(household, amina)
        with pytest.raises(NotEnrollable, match="recours est ouvert"):
            ended(household, amina)
        held = Enrollment.objects.filter(appeals.suspended_by_appeal(law(ENDED_ON)))
        assert {one.program for one in held} == {"direct_aid"}  # the appeal contests the aid alone
        assert not Enrollment.objects.filter(appeals.suspended_by_appeal(law(date(2025, 12, 31)))).exists()

    def test_on_a_death_still_ends_it(self, amina, nadia):
        household = registered(amina)
        made_richer(household, amina, nadia)
        suspending()
        filed(household, amina)
        aid = household.enrollments.get(program="direct_aid")
        assert services.end_enrollment(aid.pk, reason="décès", on=ENDED_ON, by=amina, other_cause=True).status == "ended"

    def test_on_a_late_appeal_suspends_nothing_until_it_is_admitted(self, amina, nadia, salma):
        household = registered(amina)
        made_richer(household, amina, nadia)
        suspending()
        late, on = filed(household, amina, on=date(2026, 12, 1)), date(2026, 12, 1)
        waiting = Enrollment.objects.filter(appeals.suspended_by_appeal(law(on)), status="in_review")
        assert not waiting.exists()
        services.admit_appeal(appeal_id=late.pk, reason="hospitalisée", on=on, by=salma)
        assert waiting.exists()

    def test_on_dismissed_the_loss_runs_from_the_end_of_that_month(self, amina, nadia, salma):
        household = registered(amina)
        made_richer(household, amina, nadia)
        suspending()
        appeal = examined(household, amina)
        services.dismiss_appeal(appeal_id=appeal.pk, answer="Les biens sont à eux.", on=date(2026, 12, 10), by=salma)
        assert periods(household, "direct_aid") == [[("ended", OCTOBER, JANUARY)]]

    def test_withdrawn_the_loss_runs_again(self, amina, nadia):
        household = registered(amina)
        made_richer(household, amina, nadia)
        suspending()
        appeal = filed(household, amina)
        services.withdraw_appeal(appeal_id=appeal.pk, reason="La famille renonce.", on=FILED_ON, by=amina)
        ended(household, amina)
        assert periods(household, "direct_aid") == [[("ended", OCTOBER, DECEMBER)]]


@pytest.mark.django_db
class TestTheDatabaseRefuses:
    def test_a_second_open_appeal_against_the_same_thing(self, lost, amina):
        first = filed(lost, amina)
        other = filed(lost, amina, key=f"determination:{determination(lost, 'amo_tadamon').pk}")
        with pytest.raises(IntegrityError, match="appeal_open_once"), transaction.atomic():
            Appeal.objects.filter(pk=other.pk).update(program="direct_aid", determination_id=first.determination_id)

    @pytest.mark.parametrize(
        ("constraint", "wrong"),
        [
            ("appeal_names_what_it_contests", {"determination_id": None}),
            ("appeal_decided_whole", {"status": "upheld"}),
            ("appeal_rule_or_answer", {"provision": "direct_aid.threshold"}),
            ("appeal_late_is_admitted", {"status": "in_examination", "last_day": date(2026, 11, 1)}),
            ("appeal_answered_after_it_is_filed", {"due_on": date(2026, 11, 1)}),
        ],
    )
    def test_a_row_that_says_nothing_true(self, constraint, wrong, lost, amina):
        appeal = filed(lost, amina)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Appeal.objects.filter(pk=appeal.pk).update(**wrong)

    def test_a_judge_who_received_it(self, lost, amina, salma):
        appeal, _repair = uphold(examined(lost, amina), salma)
        with pytest.raises(IntegrityError, match="appeal_decided_by_another"), transaction.atomic():
            Appeal.objects.filter(pk=appeal.pk).update(decided_by=amina)

    def test_a_step_written_again(self, lost, amina):
        appeal = filed(lost, amina)
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            appeal.moves.update(reason="autre")


class TestAtOnce:
    def test_two_answers_at_once_are_one_answer(self, committed_db, amina, salma, nadia):
        household = registered(amina)
        made_richer(household, amina, nadia)
        ended(household, amina)
        appeal, told = examined(household, amina), []
        barrier = threading.Barrier(2)

        def judge(by, deed):
            try:
                barrier.wait()
                deed(by)
                told.append("done")
            except AppealDecided:
                told.append("too late")
            finally:
                connections.close_all()

        def dismiss(by):
            services.dismiss_appeal(appeal_id=appeal.pk, answer="Non.", on=JUDGED_ON, by=by)

        workers = [
            threading.Thread(target=judge, args=(salma, lambda by: uphold(appeal, by))),
            threading.Thread(target=judge, args=(salma, dismiss)),
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(told) == ["done", "too late"]
        appeal.refresh_from_db()
        assert len(months(household)) == (4 if appeal.status == "upheld" else 2)

    def test_two_counters_receive_one_appeal(self, committed_db, amina, salma, nadia):
        household = registered(amina)
        made_richer(household, amina, nadia)
        key, told, barrier = f"determination:{determination(household).pk}", [], threading.Barrier(2)
        claims = truth(household)

        def file(by):
            try:
                barrier.wait()
                told.append(
                    services.file_appeal(
                        household_id=household.pk, key=key, ground="answer", words="Non.", token=uuid.uuid4(), claims=claims, at=AT,
                        on=FILED_ON, by=by,
                    ).pk
                )  # fmt: skip
            except AppealRefused:
                told.append(None)
            finally:
                connections.close_all()

        workers = [threading.Thread(target=file, args=(by,)) for by in (amina, salma)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert told.count(None) == 1 and Appeal.objects.count() == 1


@pytest.mark.django_db
def test_moves_of_what_is_restored_are_the_engines_and_say_why(lost, amina, salma):
    uphold(examined(lost, amina), salma)
    moves = EnrollmentMove.objects.filter(enrollment__household=lost, enrollment__since=DECEMBER, after="active")
    assert moves.count() == 7
    assert set(moves.values_list("by__role", "reason")) == {("engine", "Recours accueilli : le droit est rendu.")}


@pytest.mark.django_db
def test_the_household_brought_up_to_date_again_changes_nothing(lost, amina, salma):
    uphold(examined(lost, amina), salma)
    before = (periods(lost, "amo_tadamon"), periods(lost, "direct_aid"), months(lost))
    bring_up_to_date(lost, on=JUDGED_ON)
    assert (periods(lost, "amo_tadamon"), periods(lost, "direct_aid"), months(lost)) == before


@pytest.mark.django_db
def test_judged_before_the_lost_right_has_ended_it_goes_on_from_that_day(lost, amina, salma):
    uphold(examined(lost, amina), salma, on=date(2026, 11, 25))
    assert periods(lost, "direct_aid") == [[("ended", OCTOBER, DECEMBER), ("active", DECEMBER, OPEN)]]
    assert {tuple(row) for row in periods(lost, "amo_tadamon")} == {(("ended", date(2026, 10, 5), DECEMBER), ("active", DECEMBER, OPEN))}
    assert months(lost) == [(OCTOBER, 93600), (NOVEMBER, 93600)]
