"""Where a payee is paid: a sound number, its history; and what the database refuses of accounts, payments and returns."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from enrollment import services
from enrollment.models import Payment, PaymentAccount, PaymentAnswer, PaymentReturn
from enrollment.paying.rib import fault_of, iban, plain, with_key
from enrollment.services import AccountRefused
from rsu.models import AuditEvent
from rsu.permissions import Forbidden

from .builders import couple
from .owing import MONTH, ON, answer, bank, line, owe, place, prepared, report, rib, rows_of, sent

pytestmark = pytest.mark.django_db
LATER = date(2026, 12, 3)


@pytest.fixture(autouse=True)
def files(tmp_path):
    with override_settings(FILES_ROOT=str(tmp_path / "files")):
        yield


@pytest.fixture
def order(chaima, driss):
    owe(50000)
    return sent(chaima, driss)


class TestAccounts:
    def test_the_key_is_97_less_the_remainder(self):
        """By hand, modulo 97: 10² is 3, so 10²² is 3¹¹ = 177147, which is 25, and 10²³ is 250, which is 56; 97 - 56 is 41."""
        assert fault_of("1" + "0" * 21 + "41") == ""
        assert iban("1" + "0" * 21 + "41") == "MA641" + "0" * 21 + "41"

    @pytest.mark.parametrize(
        ("typed", "fault"),
        [
            ("1" + "0" * 21 + "42", "key"),
            ("0" * 24, "key"),
            ("1" * 23, "length"),
            ("1" * 25, "length"),
            ("", "digits"),
            ("A" * 24, "digits"),
        ],
    )
    def test_a_wrong_number_is_told_apart(self, typed, fault):
        assert fault_of(typed) == fault

    @settings(deadline=None)
    @given(first=st.integers(10**21, 10**22 - 1), place=st.integers(0, 23), digit=st.integers(0, 9))
    def test_one_wrong_digit_never_passes(self, first, place, digit):
        good = with_key(str(first))
        assert fault_of(good) == ""
        wrong = good[:place] + str(digit) + good[place + 1 :]
        assert wrong == good or fault_of(wrong) == "key"

    def test_it_is_read_as_people_copy_it(self):
        number = rib(3)
        assert plain(f"MA64 {number[:4]} {number[4:]}") == number
        assert plain(" ".join(number)) == number
        assert plain(number.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)})) == number

    def test_a_change_keeps_what_was_before(self, amina):
        household = couple()
        bank(household, 1, by=amina)
        bank(household, 2, by=amina, on=LATER)
        rows = list(PaymentAccount.objects.order_by("since").values_list("rib", "since", "until", "closed_by"))
        assert rows == [(rib(1), ON, LATER, amina.pk), (rib(2), LATER, date(9999, 12, 31), None)]

    def test_the_same_again_is_nothing_and_twice_in_a_day_the_last_stands(self, amina):
        household = couple()
        first = bank(household, 1, by=amina)
        assert bank(household, 1, by=amina) == first
        bank(household, 2, by=amina)
        assert PaymentAccount.objects.get(until=date(9999, 12, 31)).rib == rib(2)

    def test_closed_he_is_paid_in_cash(self, amina):
        household = couple()
        made = bank(household, 1, by=amina)
        services.close_account(household, member_id=made.member_id, reason="compte fermé", on=LATER, by=amina)
        assert not PaymentAccount.objects.filter(until__gt=LATER).exists()

    @pytest.mark.parametrize(
        ("change", "field", "sentence"),
        [
            ({"rib": "12"}, "rib", "24 chiffres ; celui-ci en a 2"),
            ({"rib": "x"}, "rib", "que des chiffres"),
            ({"rib": rib(1)[:-2] + "00"}, "rib", "La clé"),
            ({"holder": " "}, "holder", "titulaire"),
            ({"reason": ""}, "reason", "Dites pourquoi"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(self, change, field, sentence, amina):
        household = couple()
        given_ = {"rib": rib(1), "holder": "A B", "reason": "RIB"} | change
        with pytest.raises(AccountRefused) as refusal:
            services.record_account(household, member_id=household.members.first().pk, on=ON, by=amina, **given_)
        assert sentence in refusal.value.problems[field]

    def test_another_commune_and_another_family_are_refused(self, amina, brahim):
        household = couple()
        with pytest.raises(Forbidden):
            bank(household, 1, by=brahim)
        with pytest.raises(AccountRefused, match="de ce ménage"):
            services.record_account(household, member_id=couple().members.first().pk, rib=rib(1), holder="A", reason="R", on=ON, by=amina)

    def test_the_number_stays_out_of_the_journal(self, amina):
        bank(couple(), 1, by=amina)
        event = AuditEvent.objects.get(verb="payment_account.recorded")
        assert rib(1) not in str(event.details) and event.details["ending"] == rib(1)[-4:]


class TestWhatTheDatabaseRefuses:
    def account(self, household, by, **change):
        fields = {"payee_idcs": "2000000006", "rib": rib(1), "holder": "A", "since": ON, "reason": "R"} | change
        return PaymentAccount.objects.create(household=household, recorded_by=by, **fields)

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("payment_account_once", {"since": LATER}),
            ("payment_account_digits", {"payee_idcs": "2000000014", "rib": "1" * 23 + "a"}),
            ("payment_account_key", {"payee_idcs": "2000000014", "rib": "1" * 24}),
            ("payment_account_forward", {"payee_idcs": "2000000014", "until": date(2026, 1, 1)}),
        ],
    )
    def test_an_account(self, name, change, amina):
        household = couple()
        self.account(household, amina)
        with pytest.raises(IntegrityError if name != "payment_account_forward" else DatabaseError), transaction.atomic():
            self.account(household, amina, **change)

    def test_an_account_is_closed_not_rewritten(self, amina):
        made = self.account(couple(), amina)
        with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic():
            PaymentAccount.objects.update(rib=rib(2))
        PaymentAccount.objects.update(until=LATER)
        with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic():
            PaymentAccount.objects.update(until=date(9999, 12, 31))
        with pytest.raises(DatabaseError), transaction.atomic():
            made.delete()

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("allowance_paid_once", {"end_to_end_id": "X-2"}),
            ("payment_end_to_end_once", {"status": "canceled"}),
            ("payment_pays_one_thing", {"allowance": None}),
            ("payment_positive", {"amount": 0}),
            ("payment_names_its_payee", {"payee_name_fr": ""}),
            ("payment_names_its_payee", {"payee_idcs": "12"}),
            ("payment_account_or_cash", {"account": "12"}),
            ("payment_end_to_end_form", {"end_to_end_id": "é"}),
            ("payment_paid_on_a_day", {"status": "paid", "end_to_end_id": "X-2"}),
            ("payment_paid_on_a_day", {"paid_on": ON}),
            ("payment_rejected_for_a_reason", {"status": "rejected"}),
            ("payment_rejected_for_a_reason", {"reason_code": "AC01"}),
        ],
    )
    def test_a_payment(self, name, change, chaima):
        allowance = owe(50000)
        [first] = rows_of(prepared(chaima))
        fields = {
            "order": first.order, "position": 2, "allowance": allowance, "household": allowance.household, "commune_id": first.commune_id,
            "month": MONTH, "amount": 50000, "payee_idcs": first.payee_idcs, "payee_name_fr": "A B", "end_to_end_id": first.end_to_end_id,
        } | change  # fmt: skip
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Payment.objects.create(**fields)

    def test_a_month_of_placement_is_paid_once_and_a_payment_issued_again_once(self, chaima):
        month = place(50000, by=chaima)
        [first] = rows_of(prepared(chaima))
        fields = {
            "order": first.order, "position": 2, "commune_id": first.commune_id, "month": MONTH, "amount": 50000,
            "payee_idcs": first.payee_idcs, "payee_name_fr": "A B", "placement_month": month,
        }  # fmt: skip
        with pytest.raises(IntegrityError, match="placement_month_paid_once"), transaction.atomic():
            Payment.objects.create(end_to_end_id="X-2", **fields)
        again = fields | {"previous": first, "reason_code": "AC01", "status": "to_reissue"}
        Payment.objects.create(end_to_end_id="X-3", **again)
        with pytest.raises(IntegrityError, match="payment_reissued_once"), transaction.atomic():
            Payment.objects.create(end_to_end_id="X-4", **again)

    def test_a_payment_goes_from_state_to_state_as_the_moves_say(self, chaima):
        owe(50000)
        prepared(chaima)
        with pytest.raises(DatabaseError, match="cannot go from ready to paid"), transaction.atomic():
            Payment.objects.update(status="paid", paid_on=ON)

    def test_a_return_that_does_not_add_up(self, order, chaima):
        with pytest.raises(IntegrityError, match="payment_return_counts_every_line"), transaction.atomic():
            PaymentReturn.objects.create(
                order=order, kind="csv", name="x", sha256="0" * 64, size=1, by=chaima, received_on=ON, lines=2, paid=1
            )

    def test_one_line_of_a_return_twice_and_a_settlement_without_its_reason(self, order, chaima, tmp_path):
        made = answer(order, report(line("X", "ACSC")), tmp_path, by=chaima)
        with pytest.raises(IntegrityError, match="payment_answer_once"), transaction.atomic():
            PaymentAnswer.objects.create(returned=made, number=1, outcome="unknown")
        with pytest.raises(IntegrityError, match="payment_answer_settled_whole"), transaction.atomic():
            PaymentAnswer.objects.update(settled="kept")
        with pytest.raises(IntegrityError, match="payment_return_once"), transaction.atomic():
            PaymentReturn.objects.create(order=order, kind="csv", name="x", sha256=made.sha256, size=1, by=chaima, received_on=ON)

    def test_a_file_and_a_signature_are_never_changed(self, order):
        for rows in (order.files, order.approvals):
            for deed in (lambda rows=rows: rows.update(payments=9), lambda rows=rows: rows.all().delete()):
                with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
                    deed()

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("payment_order_month_is_first_day", {"month": date(2026, 11, 2)}),
            ("payment_order_counts", {"amount": -1}),
            ("payment_order_canceled_says_why", {"status": "canceled"}),
        ],
    )
    def test_an_order(self, name, change, chaima):
        owe(50000)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            type(prepared(chaima)).objects.filter(status="draft").update(**change)

    def test_an_order_frozen_by_halves(self, chaima, driss):
        owe(50000)
        order = prepared(chaima)
        for person in (chaima, driss):
            services.approve_order(order.pk, on=ON, by=person)
        with pytest.raises(IntegrityError, match="payment_order_frozen_is_whole"), transaction.atomic():
            type(order).objects.filter(pk=order.pk).update(status="frozen")

    def test_a_file_of_nothing_or_written_twice(self, order):
        [file] = order.files.filter(kind="csv")
        again = {"order": order, "kind": "csv", "name": "x", "sha256": "0" * 64, "size": 1, "payments": 1, "amount": 1}
        for name, change in (("payment_file_once", {"position": file.position}), ("payment_file_counts", {"position": 2, "payments": 0})):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                type(file).objects.create(**(again | change))
