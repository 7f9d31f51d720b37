"""What families are told beside changes of status: once each, in words of the register, and withdrawn when it will not come."""

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import get_current_timezone
from django.utils.translation import override

from enrollment import notices, services, spending, tasks
from enrollment.models import (
    Allowance,
    Forewarning,
    Message,
    MigratedMove,
    Overpayment,
    Payment,
    RightNotice,
    ToldFact,
    ToldFactFloor,
)
from enrollment.queries import paper_notices
from households.models import Household, Member
from rsu.authentication import engine

from .aiding import DECEMBER, aided, run_month
from .builders import DAY, PUPIL, child, couple, determine
from .owing import answer, line, owe, report, rows_of, sent
from .test_ramed_settling import moved_family, settle

NOON = datetime(2026, 12, 2, 12, tzinfo=get_current_timezone())
PHONE = "0612345678"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)

pytestmark = pytest.mark.django_db


def announce(at=NOON):
    return services.announce_due(at=at, by=engine())


def compare(at=NOON):
    spending.fold()
    return services.announce_amounts(at=at, by=engine())


def said(notice: RightNotice, language="fr") -> str:
    with override(language):
        return " ".join([notices.what(notice), *notices.why(notice), *notices.next_steps(notice)])


def based_on(notice: RightNotice) -> list[str]:
    return [one["key"] for one in notice.content["basis"]]


def only_in_its_language(notice: RightNotice, typed: str = "") -> bool:
    """French without an Arabic letter, Arabic without a Latin word but the names of families that have no Arabic one, no name of a
    placeholder left in either; what somebody typed stays in the language it was typed in."""
    arabic, latin = re.compile(r"[\u0621-\u064a]"), re.compile(r"[A-Za-z]{3,}")
    in_french, in_arabic = said(notice), said(notice, "ar").replace("Fictif", "").replace(typed, "")
    return "{" not in in_french + in_arabic and not arabic.search(in_french) and not latin.search(in_arabic)


class TestMovedCovers:
    def test_who_is_kept_is_told_that_the_cover_goes_on_and_not_that_one_opens(self):
        household = moved_family(child(date(2015, 5, 1), **PUPIL))
        determine(household, "amo_tadamon", since=date(2023, 6, 1))
        settle()
        assert services.notify_due(at=NOON, by=engine()) == 1
        notice = RightNotice.objects.get()
        assert (notice.deed, len(notice.content["people"])) == ("kept", 3)
        assert "reprise du RAMED, est maintenue à partir du 14 juin 2023" in said(notice)
        assert only_in_its_language(notice)
        assert announce() == services.notify_due(at=NOON, by=engine()) == 0

    def test_who_is_not_entitled_is_told_once_for_all_with_the_score(self):
        household = moved_family()
        determine(household, "amo_tadamon", entitled=False, since=date(2023, 6, 1))
        settle()
        assert announce() == 1
        notice = RightNotice.objects.get()
        assert (notice.household, notice.program, notice.deed, notice.appeal_until) == (
            household, "amo_tadamon", "ended", date(2026, 12, 17),
        )  # fmt: skip
        assert "son dernier jour est le 30 juin 2023" in said(notice)
        assert "L’indice de votre ménage est \u20669,9000000\u2069 ; il dépasse" in said(notice)
        assert ToldFact.objects.filter(source="migrated_move", notice=notice).count() == 2
        assert announce() == 0

    def test_who_was_not_assessed_in_time_is_told_where_the_household_is_known(self):
        household = moved_family()
        stranger = moved_family()
        Member.objects.filter(household=stranger).delete()
        settle(date(2024, 2, 1))
        assert MigratedMove.objects.filter(after="ended").count() == 4
        assert announce() == 1
        assert RightNotice.objects.get().household == household
        assert "Aucun indice n’a été calculé" in said(RightNotice.objects.get())

    def test_the_floor_rises_behind_those_whom_nobody_knows(self):
        stranger = moved_family()
        Member.objects.filter(household=stranger).delete()
        settle(date(2024, 2, 1))
        last = MigratedMove.objects.latest("pk")
        services.raise_fact_floors(at=last.at + timedelta(hours=23))
        assert ToldFactFloor.objects.get(source="migrated_move").upto < last.pk
        services.raise_fact_floors(at=last.at + timedelta(days=2))
        assert ToldFactFloor.objects.get(source="migrated_move").upto == last.pk


def forewarned(what="majority", phone=PHONE, on_day=date(2027, 1, 15)) -> Forewarning:
    household = couple(child(date(2006, 1, 15), **PUPIL), phone=phone)
    determine(household, "amo_tadamon")
    services.propose_for_household(household.pk, on=DAY, by=engine())
    household.enrollments.update(status="active", since=DAY)
    member = household.members.get(relation="child")
    assert household.enrollments.filter(idcs=member.idcs).exists()
    return Forewarning.objects.create(
        household=household, member=member, idcs=member.idcs, what=what, on_day=on_day, written_on=date(2026, 12, 1)
    )  # fmt: skip


class TestForewarnings:
    @pytest.mark.parametrize("what", Forewarning.What.values)
    def test_it_is_told_once_in_both_languages_and_never_by_sms(self, what):
        row = forewarned(what)
        assert [announce(), announce()] == [1, 0]
        notice = RightNotice.objects.get()
        assert (notice.deed, notice.program, notice.appeal_until) == ("warned", "amo_tadamon", None)
        assert "Ce préavis ne décide rien : aucun délai de recours ne court." in said(notice)
        lost_by = {
            "majority": ["amo.dependant_age"], "studies": ["amo.student_dependant_age"], "certificate": ["amo.dependant_disabilities"],
        }  # fmt: skip
        assert based_on(notice) == [*lost_by.get(what, []), "amo.majority_notice_days"]
        assert ("« Enfant à charge avant l’âge de\u00a0: 21 ans » : Loi n° 65-00" in said(notice)) is (what == "majority")
        assert row.member.name_fr in said(notice)
        assert "à partir du 15 janvier 2027" in said(notice)
        assert only_in_its_language(notice)
        body = Message.objects.get().body
        assert "un avis concerne votre dossier" in body
        assert "Sans délai de recours." in body
        assert "بدون أجل للطعن." in body
        assert not [word for word in (row.member.last_name_fr, row.idcs, "AMO", "janvier", "droit") if word in body.split()]

    def test_one_that_lapsed_is_not_told(self):
        row = forewarned()
        Forewarning.objects.filter(pk=row.pk).update(lapsed_on=date(2026, 12, 1))
        assert announce() == 0

    def test_one_whose_day_has_come_or_whose_place_is_gone_is_not_told(self):
        forewarned(on_day=date(2026, 12, 2))
        gone = forewarned()
        gone.household.enrollments.filter(idcs=gone.idcs).update(status="ended", until=date(2026, 12, 1))
        assert announce() == 0

    def test_one_that_lapses_before_its_message_leaves_is_withdrawn(self, settings):
        settings.GATEWAYS = {"sms": "enrollment.gateways.console.Console", "email": ""}
        row = forewarned()
        announce()
        Forewarning.objects.filter(pk=row.pk).update(lapsed_on=date(2026, 12, 2))
        assert services.send_due(at=NOON) == 0  # before anybody has withdrawn it
        assert [services.withdraw_lapsed(at=NOON), services.withdraw_lapsed(at=NOON)] == [1, 0]
        assert Message.objects.get().status == "withdrawn"
        assert RightNotice.objects.get().withdrawn_on == date(2026, 12, 2)
        Forewarning.objects.filter(pk=row.pk).update(lapsed_on=None)
        services.withdraw_lapsed(at=NOON)
        assert services.send_due(at=NOON) == 1
        assert (Message.objects.get().status, RightNotice.objects.get().withdrawn_on) == ("delivered", None)

    def test_those_that_lapsed_take_the_turn_of_nothing_else(self, settings):
        """A turn of two, and two lapsed before everything else: what is still true leaves in the same turn."""
        settings.GATEWAYS = {"sms": "enrollment.gateways.console.Console", "email": ""}
        lapsed, true = [forewarned(), forewarned()], forewarned()
        announce()
        Forewarning.objects.filter(pk__in=[row.pk for row in lapsed]).update(lapsed_on=date(2026, 12, 2))
        assert services.send_due(at=NOON, limit=2) == 1
        assert Message.objects.get(status="delivered").household == true.household
        assert services.withdraw_lapsed(limit=1, at=NOON) == 1
        assert services.send_due(at=NOON, limit=2) == 0
        assert services.withdraw_lapsed(at=NOON) == 1
        assert Message.objects.filter(status="withdrawn").count() == 2

    def test_what_lapsed_before_is_not_looked_at_again(self):
        for _number in range(3):
            forewarned()
        announce()
        Forewarning.objects.update(lapsed_on=date(2026, 12, 1))
        assert services.withdraw_lapsed(at=NOON - timedelta(days=1)) == 3
        again = forewarned()
        announce()
        Forewarning.objects.filter(pk=again.pk).update(lapsed_on=date(2026, 12, 2))
        assert services.withdraw_lapsed(at=NOON) == 1
        assert sorted(RightNotice.objects.values_list("withdrawn_on", flat=True)) == [date(2026, 12, 1)] * 3 + [date(2026, 12, 2)]
        assert services.withdraw_lapsed(at=NOON) == 0

    def test_every_night_what_lapsed_is_withdrawn(self):
        forewarned()
        announce()
        Forewarning.objects.update(lapsed_on=date(2026, 12, 2))
        assert tasks.withdraw_lapsed() == 1
        assert tasks.withdraw_lapsed() == 0
        assert (Message.objects.get().status, Forewarning.objects.get().withdrawn) == ("withdrawn", True)

    def test_one_that_lapsed_and_holds_again_before_the_night_never_waited(self, settings):
        settings.GATEWAYS = {"sms": "enrollment.gateways.console.Console", "email": ""}
        row = forewarned()
        announce()
        Forewarning.objects.filter(pk=row.pk).update(lapsed_on=date(2026, 12, 2))
        assert services.send_due(at=NOON) == 0
        Forewarning.objects.filter(pk=row.pk).update(lapsed_on=None)
        assert services.withdraw_lapsed(at=NOON) == 0
        assert services.send_due(at=NOON) == 1

    def test_one_that_lapsed_leaves_the_paper_too(self, amina):
        row = forewarned(phone="")
        announce()
        assert paper_notices(amina).count() == 1
        Forewarning.objects.filter(pk=row.pk).update(lapsed_on=date(2026, 12, 2))
        services.withdraw_lapsed(at=NOON)
        assert paper_notices(amina).count() == 0

    def test_only_a_forewarning_is_withdrawn(self):
        household = moved_family()
        determine(household, "amo_tadamon", entitled=False, since=date(2023, 6, 1))
        settle()
        announce()
        with pytest.raises(IntegrityError, match="right_notice_only_a_forewarning_is_withdrawn"), transaction.atomic():
            RightNotice.objects.update(withdrawn_on=DAY)


def two_months(*children: dict, change=None, phone=PHONE) -> Household:
    """November, then December after `change`."""
    household = couple(*children, phone=phone)
    aided(household)
    run_month(NOVEMBER)
    if change:
        change(household)
    run_month(DECEMBER)
    return household


def written(household, right, month, lines, member, months=None) -> Allowance:
    kinds, ranks, amounts = zip(*lines, strict=True)
    members = [None if kind in ("floor", "flat", "recovery") else member.pk for kind in kinds]
    return Allowance.objects.create(
        household=household, enrollment=right, commune=household.commune, month=month, read_on=month, amount=sum(amounts),
        kinds=list(kinds), ranks=list(ranks), amounts=list(amounts), members=members, months=months,
    )  # fmt: skip


class TestAmounts:
    def test_a_child_who_turns_six_out_of_school_is_the_reason(self):
        household = two_months(child(date(2020, 11, 20), schooling="no"), child(date(2016, 5, 1), **PUPIL))
        before, now = (Allowance.objects.get(household=household, month=month).amount for month in (NOVEMBER, DECEMBER))
        assert before != now
        assert compare() > 0
        notice = RightNotice.objects.get()
        assert (notice.deed, notice.content["before"], notice.content["now"]) == ("amount", before, now)
        assert "« Montants de l’aide, par mois » : source non confirmée, en vigueur depuis le 1er janvier 2026." in said(notice)
        younger = household.members.get(born_on=date(2020, 11, 20))
        assert f"{younger.name_fr}\u2069 a eu 6 ans et n’est pas scolarisé(e)" in said(notice)
        assert only_in_its_language(notice)
        assert compare() == 0

    def test_the_same_amount_is_not_told(self):
        two_months(child(date(2016, 5, 1), **PUPIL))
        assert compare() > 0
        assert not RightNotice.objects.exists()

    def test_a_birth_tells_who_came_and_what_is_paid_once_is_left_out(self):
        def born(household):
            mother = household.members.get(relation="spouse")
            baby = household.members.get(relation="child")
            baby.pk, baby.born_on, baby.position, baby.idcs = None, date(2026, 11, 9), 9, "9990000123"
            baby.mother = mother
            baby.save()

        household = two_months(*[child(date(2016 - place, 5, 1), **PUPIL) for place in range(1)], change=born)
        compare()
        notice = RightNotice.objects.get()
        assert [one["code"] for one in notice.content["changes"]] == ["born"]
        assert notice.household == household

    @pytest.mark.parametrize(
        ("before", "now", "codes"),
        [
            ([("child", 1, 30000)], [("child", 1, 35000)], ["rates"]),
            ([("child", 2, 30000)], [("child", 1, 30500)], ["rank"]),
            ([("child_not_in_school", 1, 10000)], [("child", 1, 30000)], ["in_school"]),
            ([("child", 1, 30000)], [("child_not_in_school", 1, 10000)], ["out_of_school"]),
            ([("child", 1, 30000)], [("orphan", 1, 37500)], ["orphan"]),
            ([("orphan", 1, 37500)], [("child", 1, 30000)], ["not_orphan"]),
            ([("child", 1, 30000)], [("child", 1, 30000), ("disability", 1, 10000)], ["disability"]),
            ([("child", 1, 30000), ("disability", 1, 10000)], [("child", 1, 30000)], ["no_disability"]),
            ([("child", 1, 60000)], [("flat", None, 50000)], ["left", "flat"]),
            ([("child", 1, 60000)], [("child", 1, 60000), ("floor", None, 100)], ["floor"]),
        ],
    )  # fmt: skip
    def test_lines_tell_why(self, before, now, codes):
        household = couple(child(date(2015, 5, 1), **PUPIL), phone=PHONE)
        right, member = aided(household), household.members.get(relation="child")
        written(household, right, NOVEMBER, before, member)
        written(household, right, DECEMBER, now, member)
        compare()
        notice = RightNotice.objects.get()
        assert [one["code"] for one in notice.content["changes"]] == codes
        assert only_in_its_language(notice)

    def test_grants_corrections_and_other_months_change_nothing(self):
        household = couple(child(date(2015, 5, 1), **PUPIL))
        right, member = aided(household), household.members.get(relation="child")
        written(household, right, NOVEMBER, [("child", 1, 30000)], member)
        lines = [("child", 1, 30000), ("birth_grant", 1, 200000), ("child", 1, 5000), ("recovery", None, -1000)]
        written(household, right, DECEMBER, lines, member, months=[None, None, OCTOBER, OCTOBER])
        assert compare() > 0
        assert not RightNotice.objects.exists()

    def test_a_month_without_one_before_is_no_change(self):
        household = couple(child(date(2015, 5, 1), **PUPIL))
        right, member = aided(household), household.members.get(relation="child")
        written(household, right, OCTOBER, [("child", 1, 30000)], member)
        written(household, right, DECEMBER, [("child", 1, 35000)], member)
        compare()
        assert not RightNotice.objects.exists()

    def test_comparing_asks_as_much_for_two_families_as_for_ten(self):
        ToldFactFloor.objects.get_or_create(source="allowance")
        asked = []
        for count in (2, 10):
            for _number in range(count):
                household = couple(child(date(2015, 5, 1), **PUPIL), phone=PHONE)
                right, member = aided(household), household.members.get(relation="child")
                written(household, right, NOVEMBER, [("child", 1, 30000)], member)
                written(household, right, DECEMBER, [("child", 1, 35000)], member)
            spending.fold()
            with CaptureQueriesContext(connection) as captured:
                assert services.announce_amounts(at=NOON, by=engine()) > 0
            asked.append(len(captured))
        assert asked[0] == asked[1]
        assert RightNotice.objects.filter(deed="amount").count() == 12


class TestUnpaidMonths:
    def test_a_running_aid_that_pays_nothing_is_told_once_with_the_reason(self):
        def paid_elsewhere(household):
            household.members.filter(relation="head").update(other_allowances=True, other_allowances_since=date(2026, 11, 15))

        household = two_months(child(date(2015, 5, 1), **PUPIL), change=paid_elsewhere)
        two_months(child(date(2015, 5, 1), **PUPIL))
        assert not Allowance.objects.filter(household=household, month=DECEMBER).exists()
        while services.announce_unpaid(at=NOON, by=engine()):
            pass
        notice = RightNotice.objects.get()
        assert (notice.household, notice.deed, notice.appeal_until) == (household, "unpaid", date(2026, 12, 17))
        assert "n’est pas versée à partir du mois de décembre 2026" in said(notice)
        assert "allocations familiales d’un autre régime" in said(notice)
        assert based_on(notice) == ["direct_aid.payee_order"]
        assert "Loi n° 58-23 et décret n° 2-23-1067, en vigueur depuis le 1er décembre 2023." in said(notice)
        assert only_in_its_language(notice)
        run_month(date(2027, 1, 1))
        while services.announce_unpaid(at=NOON, by=engine()):
            pass
        assert RightNotice.objects.count() == 1


class TestCorrectionsAndRecoveries:
    def corrected(self, schooling: str) -> Household:
        """Of three children the eldest alone changes: with fewer, the minimum of the household would make up for the change."""
        before = "no" if schooling != "no" else "primary"
        eldest = child(date(2015, 5, 1), schooling=before, school_sector="public")
        household = couple(eldest, child(date(2016, 5, 1), **PUPIL), child(date(2017, 5, 1), **PUPIL))
        aided(household)
        run_month(NOVEMBER)
        household.members.filter(born_on=date(2015, 5, 1)).update(schooling=schooling, school_sector="public")
        services.correct_months(households=[household.pk], months=[NOVEMBER], reason="vérifié", on=DECEMBER, by=engine())
        return household

    @pytest.mark.parametrize(("schooling", "sentence"), [("primary", "encore dus"), ("no", "reçus en trop")])
    def test_a_month_corrected_is_told_line_by_line(self, schooling, sentence):
        household = self.corrected(schooling)
        correction = household.corrections.get()
        assert [announce(), announce()] == [1, 0]
        notice = RightNotice.objects.get()
        assert (notice.deed, notice.content["amount"]) == ("corrected", correction.amount)
        assert sum(amount for _kind, _who, amount in notice.content["lines"]) - notice.content["made_up"] == correction.amount
        assert sentence in said(notice)
        assert "Motif : vérifié" in said(notice)
        assert based_on(notice) == ["direct_aid.amounts"]
        assert "en vigueur depuis le 1er janvier 2026." in said(notice)
        assert notice.appeal_until == date(2026, 12, 17)  # 2 December + 15 days
        assert "déposez un recours au bureau jusqu’au 17 décembre 2026 inclus (15 jours" in said(notice)
        assert "{" not in said(notice) + said(notice, "ar")
        assert "MAD" not in said(notice, "ar")

    def test_a_month_corrected_rests_on_the_amounts_of_that_month_and_not_of_today(self):
        household = couple(*[child(date(2015 + place, 5, 1), schooling="primary", school_sector="public") for place in range(3)])
        aided(household, since=date(2025, 10, 1))
        run_month(date(2025, 10, 1))
        household.members.filter(born_on=date(2015, 5, 1)).update(schooling="no")
        services.correct_months(households=[household.pk], months=[date(2025, 10, 1)], reason="vérifié", on=DECEMBER, by=engine())
        announce()
        notice = RightNotice.objects.get()
        assert [one["since"] for one in notice.content["basis"]] == ["2023-12-01"]
        assert "Décret n° 2-23-1067, en vigueur depuis le 1er décembre 2023." in said(notice)

    @pytest.mark.parametrize(("accept", "sentence"), [(True, "MAD par mois au plus"), (False, "ne seront pas retenus")])
    def test_a_recovery_decided_is_told_with_its_reason(self, accept, sentence, amina, salma):
        self.corrected("no")
        announce()
        overpayment = Overpayment.objects.get()
        services.propose_recovery(overpayment.pk, share=1000, reason="certificat rendu", on=DECEMBER, by=amina)
        assert announce() == 0
        services.decide_recovery(overpayment.pk, accept=accept, reason="bonne foi", on=DECEMBER, by=salma)
        assert [announce(), announce()] == [1, 0]
        notice = RightNotice.objects.get(deed="recovery")
        assert sentence in said(notice)
        assert "Motif : bonne foi" in said(notice)
        assert based_on(notice) == ["direct_aid.amounts", *(["direct_aid.recovery_share"] if accept else [])]
        assert ("« Retenue au plus sur un mois pour un trop-perçu, en pour cent\u00a0: 20 »" in said(notice)) is accept
        assert notice.appeal_until is not None
        assert only_in_its_language(notice, typed="bonne foi")


class TestPayments:
    @pytest.mark.parametrize(
        ("code", "asked"),
        [("AC04", "le relevé d’un autre compte"), ("AC01", "un relevé d’identité bancaire récent"), ("RR03", "la pièce d’identité"),
         ("MD07", "Déclarez le décès"), ("TM01", "rien à apporter"), ("ZZ99", "rien à apporter")],
    )  # fmt: skip
    def test_one_that_came_back_says_why_and_what_to_bring(self, code, asked, chaima, driss, tmp_path, settings):
        settings.FILES_ROOT = str(tmp_path / "files")
        owe(30000, household=couple(phone=PHONE))
        order = sent(chaima, driss)
        [payment] = rows_of(order)
        assert announce() == 0
        answer(order, report(line(payment.end_to_end_id, "RJCT", reason=code)), tmp_path, by=chaima)
        assert Payment.objects.get().status == "rejected"
        assert [announce(), announce()] == [1, 0]
        notice = RightNotice.objects.get()
        assert (notice.deed, notice.appeal_until) == ("returned", None)
        assert asked in said(notice)
        assert "novembre 2026 n’a pas pu être fait" in said(notice)
        assert based_on(notice) == ["direct_aid.amounts", "direct_aid.payee_order"]
        assert "n’est pas une décision sur votre droit : aucun délai de recours ne court" in said(notice)
        assert only_in_its_language(notice)
        assert "300" not in Message.objects.get().body


class TestAppeals:
    def test_an_answer_is_told_by_a_message_that_says_only_that_it_waits(self, amina, salma, driss):
        from enrollment.models import Appeal, AppealMove
        from households.models import Request

        household = couple(phone=PHONE)
        request = Request.objects.create(
            token=uuid4(), kind="score_review", status="in_progress", household=household, created_by=amina, submitted_on=DAY
        )  # fmt: skip
        appeal = Appeal.objects.create(
            household=household, request=request, contests="score", contested_on=DAY, since=DAY, ground="rule", provision="score.formula",
            filed_on=DAY,
            filed_by=amina, due_on=date(2027, 1, 20), status="dismissed", decided_by=salma, decided_on=DECEMBER, answer="calcul exact",
        )  # fmt: skip
        AppealMove.objects.create(appeal=appeal, before="in_examination", after="dismissed", by=salma)
        assert [announce(), announce()] == [1, 0]
        notice = RightNotice.objects.get()
        assert (notice.deed, notice.program) == ("answered", "")
        assert "Votre recours déposé le 22 novembre 2026 a reçu sa réponse : rejeté." in said(notice)
        assert "calcul exact" in said(notice)
        assert (based_on(notice), notice.appeal_until) == (["score.formula", "appeal.answer_days"], None)
        assert "Aucun nouveau délai de recours ne part de cette réponse" in said(notice)
        with override("fr"):
            assert notices.next_steps(notice)[-1].endswith("venez au bureau nommé en tête de cette notification, avec sa référence.")
        body = Message.objects.get().body
        assert "une réponse vous attend" in body
        assert "rejet" not in body


class TestOnce:
    def test_a_fact_is_told_in_one_notice(self):
        forewarned()
        announce()
        told = ToldFact.objects.get()
        with pytest.raises(IntegrityError, match="fact_told_once"), transaction.atomic():
            ToldFact.objects.create(source=told.source, subject_id=told.subject_id, notice=told.notice)

    def test_announcing_asks_as_much_for_two_families_as_for_ten(self):
        asked = []
        for count in (2, 10):
            for _number in range(count):
                forewarned()
            with CaptureQueriesContext(connection) as captured:
                assert announce() == count
            asked.append(len(captured))
        assert asked[0] == asked[1]
