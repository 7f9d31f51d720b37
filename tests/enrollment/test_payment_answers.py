"""What the agency answers: each line counted once, applied where it agrees, shown where it does not; and what is paid anew."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrollment import payments, services
from enrollment.models import Payment, PaymentAnswer, PaymentReturn, Placement
from enrollment.paying.reasons import OTHER, REASONS, reason_of
from enrollment.services import NotSettled, ReturnRefused
from rsu.models import AuditEvent
from rsu.permissions import Forbidden
from tests.sizes import cases

from .owing import MONTH, ON, answer, bank, frozen, line, owe, place, prepared, report, rib, rows_of, sent

pytestmark = pytest.mark.django_db
LATER = date(2026, 12, 3)


@pytest.fixture(autouse=True)
def files(tmp_path):
    with override_settings(FILES_ROOT=str(tmp_path / "files")):
        yield


@pytest.fixture
def order(chaima, driss):
    for amount in (50000, 40000, 30000):
        owe(amount)
    return sent(chaima, driss)


def counted(made: PaymentReturn) -> tuple:
    return made.lines, made.paid, made.rejected, made.pending, made.already, made.differences


def outcomes(made: PaymentReturn) -> list[str]:
    return list(made.answers.order_by("number").values_list("outcome", flat=True))


class TestReadingTheReturn:
    def test_paid_is_paid_on_its_day_and_rejected_says_why(self, order, chaima, tmp_path):
        first, second, third = rows_of(order)
        lines = (
            line(first.end_to_end_id, "ACSC", amount="500.00"), line(second.end_to_end_id, "RJCT", reason="AC04", amount="400.00"),
            line(third.end_to_end_id, "ACSP"),
        )  # fmt: skip
        made = answer(order, report(*lines), tmp_path, by=chaima)
        assert counted(made) == (3, 1, 1, 1, 0, 0)
        first, second, third = rows_of(order)
        assert (first.status, first.paid_on, first.reason_code) == ("paid", date(2026, 11, 30), "")
        assert (second.status, second.paid_on, second.reason_code) == ("rejected", None, "AC04")
        assert third.status == "sent"
        assert str(reason_of("AC04").words) == "le compte est fermé"

    @pytest.mark.parametrize("code", ["ACSC", "ACCC"])
    def test_both_settled_statuses_pay(self, code, order, chaima, tmp_path):
        assert answer(order, report(line(rows_of(order)[0].end_to_end_id, code)), tmp_path, by=chaima).paid == 1

    def test_without_a_day_of_its_own_a_line_is_paid_on_the_day_of_the_message(self, order, chaima, tmp_path):
        answer(order, report(line(rows_of(order)[0].end_to_end_id, "ACSC", day="")), tmp_path, by=chaima)
        assert rows_of(order)[0].paid_on == date(2026, 11, 30)

    def test_a_rejection_without_a_reason_says_that_none_was_given(self, order, chaima, tmp_path):
        answer(order, report(line(rows_of(order)[0].end_to_end_id, "RJCT")), tmp_path, by=chaima)
        assert rows_of(order)[0].reason_code == "MS03"

    def test_the_same_file_again_changes_nothing(self, order, chaima, tmp_path):
        content = report(line(rows_of(order)[0].end_to_end_id, "ACSC"))
        first = answer(order, content, tmp_path, by=chaima)
        assert answer(order, content, tmp_path, by=chaima) == first
        assert PaymentReturn.objects.count() == 1 and PaymentAnswer.objects.count() == 1

    def test_the_same_answer_in_another_file_is_already_so(self, order, chaima, tmp_path):
        identifier = rows_of(order)[0].end_to_end_id
        answer(order, report(line(identifier, "ACSC")), tmp_path, by=chaima)
        made = answer(order, report(line(identifier, "ACSC"), version="12"), tmp_path, by=chaima)
        assert outcomes(made) == ["already"]

    def test_one_answer_said_twice_in_a_file_counts_once(self, order, chaima, tmp_path):
        identifier = rows_of(order)[0].end_to_end_id
        made = answer(order, report(line(identifier, "ACSC"), line(identifier, "ACSC")), tmp_path, by=chaima)
        assert outcomes(made) == ["paid", "already"]

    def test_nothing_that_differs_is_applied_and_all_of_it_is_counted(self, order, chaima, driss, tmp_path):
        owe(70000)
        stranger = rows_of(sent(chaima, driss))[0]
        first, second, third = rows_of(order)
        lines = (
            line("RSU0-1", "ACSC"), line(stranger.end_to_end_id, "ACSC"), line(first.end_to_end_id, "ACSC", amount="500.01"),
            line(second.end_to_end_id, "ACSC"), line(second.end_to_end_id, "RJCT", reason="AC01"),
            line("", "ACSC"), line(third.end_to_end_id, "XXXX"), line(third.end_to_end_id, "ACSC", amount="12.345"),
            line(third.end_to_end_id, "ACSC", day="2026-13-45"),
        )  # fmt: skip
        made = answer(order, report(*lines), tmp_path, by=chaima)
        assert outcomes(made) == ["unknown", "unknown", "amount", "twice", "twice", *["unreadable"] * 4]
        assert counted(made) == (9, 0, 0, 0, 0, 9)
        assert {one.status for one in rows_of(order)} == {"sent"}
        assert list(made.answers.order_by("number").values_list("problem", flat=True))[5:] == ["identifier", "status", "amount", "day"]

    def test_a_sum_in_another_currency_is_not_read(self, order, chaima, tmp_path):
        content = report(line(rows_of(order)[0].end_to_end_id, "ACSC", amount="500.00")).replace(b'"MAD"', b'"EUR"')
        assert outcomes(answer(order, content, tmp_path, by=chaima)) == ["unreadable"]

    def test_rejected_after_paid_contradicts(self, order, chaima, tmp_path):
        identifier = rows_of(order)[0].end_to_end_id
        answer(order, report(line(identifier, "ACSC")), tmp_path, by=chaima)
        made = answer(order, report(line(identifier, "RJCT", reason="AC04")), tmp_path, by=chaima)
        assert outcomes(made) == ["contradiction"]
        assert rows_of(order)[0].status == "paid"

    def test_a_whole_file_refused_decides_no_payment(self, order, chaima, tmp_path):
        made = answer(order, report(group="RJCT"), tmp_path, by=chaima)
        assert outcomes(made) == ["whole_file"]
        assert {one.status for one in rows_of(order)} == {"sent"}

    def test_a_group_status_above_lines_is_no_line(self, order, chaima, tmp_path):
        made = answer(order, report(line(rows_of(order)[0].end_to_end_id, "ACSC"), group="ACSC"), tmp_path, by=chaima)
        assert counted(made) == (1, 1, 0, 0, 0, 0)

    def test_entities_are_refused_before_they_are_read(self, order, chaima, tmp_path):
        bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        content = report(line("&f;", "ACSC"), head=bomb)
        with pytest.raises(ReturnRefused, match="type de document"):
            answer(order, content, tmp_path, by=chaima)
        assert not PaymentReturn.objects.exists()

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "vide"),
            (b"  \n", "vide"),
            (b"<Document", "n’est pas entier"),
            (b"<?xml version='1.0'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><GrpHdr/></Document>", "pain.002"),
            (b"<a/>", "pain.002"),
            (report()[:-40], "n’est pas entier"),
            (report(line("RSU1-1", "ACSC")).removesuffix(b"</Document>"), "n’est pas entier"),
            (report(), "aucune réponse"),
            (b"a;b\n1;2\n", "end_to_end_id, status"),
            ("end_to_end_id;status\nRSU1-1;payé\n".encode("latin-1"), "UTF-8"),
            (b'end_to_end_id;status\n"RSU1-1;PAID\n', "coupé"),
        ],
    )
    def test_what_is_no_answer_is_refused_whole_with_a_sentence(self, content, sentence, order, chaima, tmp_path):
        with pytest.raises(ReturnRefused, match=sentence), transaction.atomic():
            answer(order, content, tmp_path, by=chaima)
        assert not PaymentReturn.objects.exists()

    def test_an_order_not_sent_has_no_answer(self, chaima, driss, tmp_path):
        owe(50000)
        with pytest.raises(ReturnRefused, match="n’est pas envoyé"):
            answer(frozen(chaima, driss), report(line("RSU1-1", "ACSC")), tmp_path, by=chaima)

    def test_who_does_not_answer_for_orders_gives_no_answer(self, order, amina, yassine, tmp_path):
        for person in (amina, yassine):
            with pytest.raises(Forbidden):
                answer(order, report(line("RSU1-1", "ACSC")), tmp_path, by=person)

    def test_the_command_reads_a_return_too(self, order, tmp_path, capsys):
        path = tmp_path / "r.xml"
        path.write_bytes(report(line(rows_of(order)[0].end_to_end_id, "ACSC")))
        call_command("record_return", str(order.pk), str(path), by="chaima")
        assert rows_of(order)[0].status == "paid"
        assert "1 lignes = 1 payées + 0 rejetées + 0 en cours + 0 déjà ainsi + 0 différences" in capsys.readouterr().out


class TestCsv:
    @pytest.mark.parametrize("separator", [";", ","])
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_a_csv_says_as_much(self, separator, mark, order, chaima, tmp_path):
        first, second, _third = rows_of(order)
        table = [
            ["end_to_end_id", "status", "reason", "amount", "paid_on"],
            [first.end_to_end_id, "PAID", "", "500.00", "2026-11-30"],
            [second.end_to_end_id, "rejected", "ac01", "", ""],
            ["", "", "", "", ""],
        ]
        content = mark + "\r\n".join(separator.join(row) for row in table).encode()
        made = answer(order, content, tmp_path, by=chaima)
        assert (made.kind, counted(made)) == ("csv", (2, 1, 1, 0, 0, 0))
        assert [one.status for one in rows_of(order)] == ["paid", "rejected", "sent"]
        assert rows_of(order)[1].reason_code == "AC01"

    def test_columns_are_read_by_their_heading_and_a_comma_parts_the_centimes(self, order, chaima, tmp_path):
        content = f"status;amount;paid_on;end_to_end_id\nPAID;500,00;2026-11-30;{rows_of(order)[0].end_to_end_id}\n".encode()
        assert answer(order, content, tmp_path, by=chaima).paid == 1

    def test_a_payment_without_its_day_is_not_read(self, order, chaima, tmp_path):
        content = f"end_to_end_id;status\n{rows_of(order)[0].end_to_end_id};PAID\n".encode()
        assert outcomes(answer(order, content, tmp_path, by=chaima)) == ["unreadable"]


class TestSettling:
    def contradicted(self, order, by, tmp_path) -> PaymentAnswer:
        identifier = rows_of(order)[0].end_to_end_id
        answer(order, report(line(identifier, "ACSC")), tmp_path, by=by)
        return answer(order, report(line(identifier, "RJCT", reason="AC04")), tmp_path, by=by).answers.get()

    def test_the_registry_stands(self, order, chaima, tmp_path):
        one = self.contradicted(order, chaima, tmp_path)
        services.settle_difference(one.pk, follow=False, reason="reçu de la famille vu", on=ON, by=chaima)
        assert rows_of(order)[0].status == "paid"
        assert AuditEvent.objects.filter(verb="payment_difference.settled", reason="reçu de la famille vu").exists()

    def test_the_answer_is_followed(self, order, chaima, tmp_path):
        one = self.contradicted(order, chaima, tmp_path)
        services.settle_difference(one.pk, follow=True, reason="fonds revenus", on=ON, by=chaima)
        payment = rows_of(order)[0]
        assert (payment.status, payment.reason_code, payment.paid_on) == ("rejected", "AC04", None)

    def test_it_is_settled_once_and_with_a_reason(self, order, chaima, tmp_path):
        one = self.contradicted(order, chaima, tmp_path)
        with pytest.raises(NotSettled, match="Dites"):
            services.settle_difference(one.pk, follow=True, reason=" ", on=ON, by=chaima)
        services.settle_difference(one.pk, follow=False, reason="vu", on=ON, by=chaima)
        with pytest.raises(NotSettled, match="déjà réglée"):
            services.settle_difference(one.pk, follow=True, reason="vu", on=ON, by=chaima)

    def test_an_answer_about_nothing_cannot_be_followed(self, order, chaima, tmp_path):
        one = answer(order, report(line("RSU0-9", "ACSC")), tmp_path, by=chaima).answers.get()
        with pytest.raises(NotSettled, match="ne décide d’aucun"):
            services.settle_difference(one.pk, follow=True, reason="vu", on=ON, by=chaima)

    def test_paid_after_it_was_given_up_is_not_followed(self, order, chaima, salma, tmp_path):
        """It may be paid anew already: money twice is only undone by people."""
        payment = rows_of(order)[0]
        answer(order, report(line(payment.end_to_end_id, "RJCT", reason="AM04")), tmp_path, by=chaima)
        services.reissue_payment(payment.pk, reason="banque", on=ON, by=salma)
        one = answer(order, report(line(payment.end_to_end_id, "ACSC")), tmp_path, by=chaima).answers.get()
        assert one.outcome == "contradiction"
        with pytest.raises(NotSettled, match="à réémettre"):
            services.settle_difference(one.pk, follow=True, reason="vu", on=ON, by=chaima)

    def test_an_order_closes_when_everything_is_answered_and_settled(self, order, chaima, tmp_path):
        with pytest.raises(services.OrderRefused, match="3 versements attendent"):
            services.close_order(order.pk, on=ON, by=chaima)
        lines = [line(one.end_to_end_id, "ACSC") for one in rows_of(order)]
        made = answer(order, report(*lines, line("RSU0-1", "ACSC")), tmp_path, by=chaima)
        with pytest.raises(services.OrderRefused, match="différences"):
            services.close_order(order.pk, on=ON, by=chaima)
        [one] = made.answers.filter(outcome="unknown")
        services.settle_difference(one.pk, follow=False, reason="autre payeur", on=ON, by=chaima)
        assert services.close_order(order.pk, on=ON, by=chaima).status == "closed"
        assert services.close_order(order.pk, on=ON, by=chaima).status == "closed"


class TestPaidAnew:
    def rejected(self, order, by, tmp_path, reason="AC04") -> Payment:
        payment = rows_of(order)[0]
        answer(order, report(line(payment.end_to_end_id, "RJCT", reason=reason)), tmp_path, by=by)
        payment.refresh_from_db()
        return payment

    def test_a_rejected_payment_holds_what_is_owed_until_somebody_gives_it_up(self, order, chaima, tmp_path):
        self.rejected(order, chaima, tmp_path)
        with pytest.raises(services.NothingOwed):
            prepared(chaima)

    def test_the_account_at_fault_is_replaced_first(self, chaima, driss, amina, tmp_path):
        household = owe(50000).household
        bank(household, 1, by=amina)
        order = sent(chaima, driss)
        payment = self.rejected(order, chaima, tmp_path)
        with pytest.raises(NotSettled, match="toujours celui du dossier"):
            services.reissue_payment(payment.pk, reason="corrigé", on=LATER, by=amina)
        bank(household, 2, by=amina, on=LATER)
        services.reissue_payment(payment.pk, reason="nouveau compte", on=LATER, by=amina)
        again = services.prepare_order(month=MONTH, on=LATER, by=chaima)
        [new] = rows_of(again)
        assert (new.previous_id, new.account, new.amount, new.status) == (payment.pk, rib(2), 50000, "ready")
        payment.refresh_from_db()
        assert (payment.status, payment.account, payment.reissue_reason) == ("to_reissue", rib(1), "nouveau compte")

    def test_an_order_may_hold_only_what_is_issued_again(self, order, chaima, salma, tmp_path):
        payment = self.rejected(order, chaima, tmp_path, reason="AM04")
        services.reissue_payment(payment.pk, reason="banque", on=ON, by=salma)
        owe(90000)
        again = prepared(chaima, reissues_only=True)
        assert [one.previous_id for one in rows_of(again)] == [payment.pk]

    def test_issued_again_in_an_order_that_is_canceled_it_waits_for_the_next(self, order, chaima, salma, tmp_path):
        payment = self.rejected(order, chaima, tmp_path, reason="AM04")
        services.reissue_payment(payment.pk, reason="banque", on=ON, by=salma)
        services.cancel_order(prepared(chaima).pk, reason="erreur", on=ON, by=chaima)
        assert [one.previous_id for one in rows_of(prepared(chaima))] == [payment.pk]

    def test_rejected_twice_it_names_the_last(self, order, chaima, driss, salma, tmp_path):
        payment = self.rejected(order, chaima, tmp_path, reason="AM04")
        services.reissue_payment(payment.pk, reason="banque", on=ON, by=salma)
        second = sent(chaima, driss)
        third = self.rejected(second, chaima, tmp_path, reason="AM04")
        services.reissue_payment(third.pk, reason="encore", on=ON, by=salma)
        [last] = rows_of(prepared(chaima))
        assert last.previous_id == third.pk and third.previous_id == payment.pk

    def test_twice_is_once(self, order, chaima, salma, tmp_path):
        payment = self.rejected(order, chaima, tmp_path, reason="AM04")
        for _turn in range(2):
            services.reissue_payment(payment.pk, reason="banque", on=ON, by=salma)
        assert AuditEvent.objects.filter(verb="payment.to_reissue").count() == 1

    def test_a_paid_one_is_not_given_up(self, order, chaima, salma, tmp_path):
        payment = rows_of(order)[0]
        answer(order, report(line(payment.end_to_end_id, "ACSC")), tmp_path, by=chaima)
        with pytest.raises(NotSettled, match="payé"):
            services.reissue_payment(payment.pk, reason="deux fois ?", on=ON, by=salma)

    def test_another_commune_gives_up_nothing(self, order, chaima, brahim, yassine, tmp_path):
        payment = self.rejected(order, chaima, tmp_path)
        for person in (brahim, yassine):
            with pytest.raises(Forbidden):
                services.reissue_payment(payment.pk, reason="banque", on=ON, by=person)

    def test_a_child_of_an_institution_is_paid_on_its_corrected_account(self, chaima, driss, amina, tmp_path):
        month = place(50000, by=chaima)
        order = sent(chaima, driss)
        payment = self.rejected(order, chaima, tmp_path, reason="AC01")
        with pytest.raises(Forbidden):
            services.reissue_payment(payment.pk, reason="corrigé", on=ON, by=amina)
        with pytest.raises(NotSettled, match="toujours celui"):
            services.reissue_payment(payment.pk, reason="corrigé", on=ON, by=chaima)
        Placement.objects.filter(pk=month.placement_id).update(account=rib(9))
        services.reissue_payment(payment.pk, reason="corrigé", on=ON, by=chaima)
        assert [one.account for one in rows_of(prepared(chaima))] == [rib(9)]


MEANINGS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["ACSC", "RJCT", "ACSP", "????", "wrong sum"])), min_size=1, max_size=14)


@settings(max_examples=cases(8, 30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(MEANINGS, min_size=1, max_size=3))
def test_whatever_is_answered_every_line_is_counted_and_nothing_is_both_paid_and_owed(files, chaima, driss, salma, tmp_path):
    with transaction.atomic():
        for amount in (100, 200, 300):
            owe(amount)
        order = sent(chaima, driss)
        known = [*(one.end_to_end_id for one in rows_of(order)), "RSU0-0"]
        for number, meanings in enumerate(files):
            said = [
                line(known[which], "ACSC", amount="9.99")
                if code == "wrong sum"
                else line(known[which], code, reason="AM04" * (code == "RJCT"))
                for which, code in meanings
            ]
            made = answer(order, report(*said, version=f"{10 + number}"), tmp_path, by=chaima)
            assert made.lines == len(meanings) == made.paid + made.rejected + made.pending + made.already + made.differences
            assert made.answers.count() == made.lines
        paid = sum(one.amount for one in rows_of(order) if one.status == "paid")
        for one in rows_of(order):
            if one.status == "rejected":
                services.reissue_payment(one.pk, reason="encore", on=ON, by=salma)
        left = {row[2]: row[4] for row in payments.owed_until(MONTH, on=ON, communes=None)}.get("", 0)
        held = sum(one.amount for one in rows_of(order) if one.status == "sent")
        assert paid + held + left == 600
        transaction.set_rollback(True)


def test_every_reason_has_words_and_a_deed():
    assert {"AC01", "AC04", "AC06", "AG01", "BE05", "MD07", "RR04"} <= set(REASONS)
    assert all(str(one.words) and str(one.deed) for one in (*REASONS.values(), OTHER))
    assert reason_of("ZZ99") is OTHER
