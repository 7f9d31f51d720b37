"""From what is owed to what is sent: listed once, signed by two, frozen by the database, and the same sum everywhere."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from eligibility.law import Law
from enrollment import payments, services
from enrollment.models import AllowanceLine, OrderApproval, Payment, PaymentFile, PaymentOrder, Placement
from enrollment.paying import lifecycle, pain001, spreadsheet, storage
from enrollment.services import NothingOwed, OrderRefused
from households.models import Member
from rsu.models import AuditEvent, User
from rsu.permissions import Forbidden
from tests.sizes import cases

from .aiding import by_hand
from .builders import couple
from .owing import MONTH, ON, bank, frozen, owe, place, prepared, rib, rows_of, sent

pytestmark = pytest.mark.django_db
NS = {"p": pain001.NAMESPACE}


@pytest.fixture(autouse=True)
def files(tmp_path):
    with override_settings(FILES_ROOT=str(tmp_path / "files")):
        yield


@pytest.fixture
def nadia(db):
    return User.objects.get(username="nadia")


def opened(file: PaymentFile) -> etree._Element:
    return etree.parse(storage.path_of(file.name)).getroot()


class TestPreparing:
    def test_everything_owed_is_listed_once_at_what_is_owed(self, chaima):
        allowance, month = owe(30000, 20000), place(50000, by=chaima)
        order = prepared(chaima)
        assert (order.status, order.payments, order.amount) == ("draft", 2, 100000)
        assert [(one.allowance_id, one.placement_month_id, one.amount) for one in rows_of(order)] == [
            (None, month.pk, 50000), (allowance.pk, None, 50000),
        ]  # fmt: skip

    def test_a_month_late_is_paid_with_the_next_order_and_a_month_to_come_is_not(self, chaima):
        household = couple()
        owe(50000, household=household, month=date(2026, 9, 1))
        owe(50000, household=household)
        owe(50000, household=household, month=date(2026, 12, 1))
        assert [one.month for one in rows_of(prepared(chaima))] == [date(2026, 9, 1), MONTH]

    def test_what_is_listed_is_not_listed_again(self, chaima):
        owe(50000)
        prepared(chaima)
        with pytest.raises(NothingOwed):
            prepared(chaima)
        assert PaymentOrder.objects.count() == 1
        owe(60000)
        assert [one.amount for one in rows_of(prepared(chaima))] == [60000]

    def test_a_zero_is_not_paid_and_is_counted(self, chaima):
        owe(0)
        owe(50000)
        assert prepared(chaima).payments == 1
        assert payments.account_of(MONTH, communes=None) == {"zero": (1, 0), "ready": (1, 50000)}

    def test_the_month_is_paid_on_the_account_of_its_payee_or_in_cash(self, chaima, amina):
        banked, other = owe(50000), owe(50000)
        bank(banked.household, 7, by=amina)
        first, second = rows_of(prepared(chaima))
        assert (first.allowance_id, first.account, first.in_cash) == (banked.pk, rib(7), False)
        assert (second.allowance_id, second.account, second.in_cash) == (other.pk, "", True)

    def test_who_is_paid_is_named_in_both_scripts(self, chaima):
        allowance = owe(50000)
        Member.objects.filter(pk=allowance.payee_id).update(
            first_name_fr="Aïcha", last_name_fr="El Fassi", first_name_ar="عائشة", last_name_ar="الفاسي"
        )
        [payment] = rows_of(prepared(chaima))
        assert (payment.payee_name_fr, payment.payee_name_ar) == ("Aïcha El Fassi", "عائشة الفاسي")

    def test_what_cannot_be_paid_waits_and_says_why(self, chaima):
        gone, unsound = owe(50000), place(40000, by=chaima, account="1" * 24)
        with by_hand():
            type(gone).objects.filter(pk=gone.pk).update(payee=None, payee_idcs="2999999999")
        owe(30000)
        assert prepared(chaima).payments == 1
        assert payments.owed_until(MONTH, on=ON, communes=None) == [
            (MONTH, False, "no_payee", 1, 50000),
            (MONTH, True, "bad_account", 1, 40000),
        ]
        told = payments.waiting(MONTH, on=ON, communes=None, most=10)
        assert [(row[1], row[2], row[6]) for row in told] == [
            (gone.household_id, None, "no_payee"), (None, unsound.pk, "bad_account"),
        ]  # fmt: skip

    def test_identifiers_say_nothing_of_anybody(self, chaima):
        allowance = owe(50000)
        [payment] = rows_of(prepared(chaima))
        assert payment.end_to_end_id == f"RSU{payment.order_id}-1"
        assert allowance.payee_idcs not in payment.end_to_end_id

    def test_a_month_to_come_is_refused(self, chaima):
        with pytest.raises(OrderRefused, match="déjà commencé"):
            services.prepare_order(month=date(2026, 12, 1), on=ON, by=chaima)

    @pytest.mark.parametrize("who", ["amina", "salma", "yassine"])
    def test_who_does_not_answer_for_the_kingdom_prepares_nothing(self, who, request):
        owe(50000)
        with pytest.raises(Forbidden):
            prepared(request.getfixturevalue(who))
        assert not PaymentOrder.objects.exists()


class TestSigning:
    def test_two_people_sign_and_the_first_alone_does_not_suffice(self, chaima, driss):
        owe(50000)
        order = prepared(chaima)
        assert services.approve_order(order.pk, on=ON, by=chaima).status == "in_approval"
        with pytest.raises(OrderRefused, match="ne peut pas devenir"):
            services.freeze_order(order.pk, on=ON, by=chaima)
        assert services.approve_order(order.pk, on=ON, by=driss).status == "approved"
        assert [(one.by, one.amount) for one in order.approvals.all()] == [(chaima, 50000), (driss, 50000)]

    def test_the_same_person_does_not_sign_twice(self, chaima):
        owe(50000)
        order = prepared(chaima)
        services.approve_order(order.pk, on=ON, by=chaima)
        with pytest.raises(Forbidden, match="déjà signé"):
            services.approve_order(order.pk, on=ON, by=chaima)
        with pytest.raises(IntegrityError, match="payment_order_approved_once_by_each"), transaction.atomic():
            OrderApproval.objects.create(order=order, by=chaima, payments=1, amount=50000)
        assert order.approvals.count() == 1

    def test_an_account_made_by_a_signer_is_no_other_person(self, chaima):
        owe(50000)
        order = prepared(chaima)
        services.approve_order(order.pk, on=ON, by=chaima)
        made = User.objects.create(username="double", role="administrator", area_level="kingdom", vouched_by=chaima)
        with pytest.raises(Forbidden, match="même garant"):
            services.approve_order(order.pk, on=ON, by=made)

    def test_a_supervisor_of_the_kingdom_signs_and_one_of_a_province_does_not(self, chaima, nadia, salma):
        owe(50000)
        order = prepared(chaima)
        services.approve_order(order.pk, on=ON, by=nadia)
        with pytest.raises(Forbidden, match="tout le royaume"):
            services.approve_order(order.pk, on=ON, by=salma)

    def test_an_order_signed_needs_no_third(self, chaima, driss, nadia):
        owe(50000)
        order = prepared(chaima)
        for person in (chaima, driss):
            services.approve_order(order.pk, on=ON, by=person)
        with pytest.raises(OrderRefused, match="plus de signature"):
            services.approve_order(order.pk, on=ON, by=nadia)

    @pytest.mark.parametrize(
        ("key", "value", "signer", "sentence"),
        [
            ("payment.preparer_approves", False, "chaima", "Vous avez préparé"),
            ("payment.approvals", 1, "chaima", "Vous avez préparé"),
            ("payment.approvers", ["supervisor"], "driss", "superviseur"),
        ],
    )
    def test_the_law_says_who_signs(self, key, value, signer, sentence, chaima, driss, request, monkeypatch):
        owe(50000)
        order = prepared(chaima)
        ruled(monkeypatch, key, value)
        with pytest.raises(Forbidden, match=sentence):
            services.approve_order(order.pk, on=ON, by=request.getfixturevalue(signer))

    def test_where_the_law_asks_for_one_signature_another_person_gives_it(self, chaima, driss, monkeypatch):
        owe(50000)
        order = prepared(chaima)
        ruled(monkeypatch, "payment.approvals", 1)
        assert services.approve_order(order.pk, on=ON, by=driss).status == "approved"


def ruled(monkeypatch, key, value):
    """The law of the day with one value changed."""
    read = Law.value
    monkeypatch.setattr(Law, "value", lambda self, asked: value if asked == key else read(self, asked))


class TestFreezing:
    def test_frozen_keeps_who_pays_what_and_its_digest(self, chaima, driss):
        owe(50000)
        order = frozen(chaima, driss)
        assert order.status == "frozen" and order.frozen_on == ON and len(order.digest) == 64
        assert order.digest == payments.digest_of(order.pk)
        assert order.debtor["debtor_identifier"] == "ANSS"

    def test_twice_is_once(self, chaima, driss):
        owe(50000)
        order = frozen(chaima, driss)
        again = services.freeze_order(order.pk, on=date(2026, 11, 28), by=driss)
        assert (again.frozen_on, again.frozen_by) == (ON, chaima)

    def test_names_and_accounts_are_those_of_the_day(self, chaima, driss, amina):
        allowance, other = owe(50000), owe(40000)
        order = prepared(chaima)
        bank(other.household, 3, by=amina)
        Member.objects.filter(pk=allowance.payee_id).update(last_name_fr="Corrigé")
        for person in (chaima, driss):
            services.approve_order(order.pk, on=ON, by=person)
        order = services.freeze_order(order.pk, on=ON, by=driss)
        first, second = rows_of(order)
        assert (first.allowance_id, first.account, first.position) == (other.pk, rib(3), 1)
        assert second.payee_name_fr.endswith("Corrigé") and order.renewed == 2

    def test_the_account_of_a_child_is_that_of_the_day_and_never_one_that_is_none(self, chaima, driss):
        good, bad = place(50000, by=chaima), place(50000, by=chaima)
        order = prepared(chaima)
        Placement.objects.filter(pk=good.placement_id).update(account=rib(8), name="Nom Corrigé")
        Placement.objects.filter(pk=bad.placement_id).update(account="12")
        for person in (chaima, driss):
            services.approve_order(order.pk, on=ON, by=person)
        first, second = rows_of(services.freeze_order(order.pk, on=ON, by=driss))
        assert (first.account, first.payee_name_fr) == (rib(8), "Nom Corrigé")
        assert second.account == bad.placement.account

    def test_a_payment_that_is_not_what_is_owed_stops_it(self, chaima, driss):
        allowance = owe(50000)
        order = prepared(chaima)
        for person in (chaima, driss):
            services.approve_order(order.pk, on=ON, by=person)
        with by_hand():
            type(allowance).objects.filter(pk=allowance.pk).update(amount=60000)
        with pytest.raises(OrderRefused, match="1 versement n’est plus ce qui est dû"):
            services.freeze_order(order.pk, on=ON, by=chaima)

    def test_a_line_that_moved_stops_it(self, chaima, driss):
        allowance = owe(30000, 20000)
        order = prepared(chaima)
        for person in (chaima, driss):
            services.approve_order(order.pk, on=ON, by=person)
        with by_hand():
            type(allowance).objects.filter(pk=allowance.pk).update(amounts=[30000, 19999])
        with pytest.raises(OrderRefused, match="1 versement n’est plus"):
            services.freeze_order(order.pk, on=ON, by=chaima)

    @pytest.mark.parametrize(
        "change",
        [{"amount": 1}, {"account": "1" * 24}, {"payee_name_fr": "X"}, {"payee_idcs": "2000000006"}, {"position": 9}, {"month": date(2026, 1, 1)}],
    )  # fmt: skip
    def test_the_database_refuses_to_change_a_frozen_payment(self, change, chaima, driss):
        owe(50000)
        order = frozen(chaima, driss)
        with pytest.raises(DatabaseError, match="is frozen"), transaction.atomic():
            Payment.objects.filter(order=order).update(**change)

    @pytest.mark.parametrize("change", [{"amount": 1}, {"digest": "0" * 64}, {"payments": 9}, {"debtor": {}}, {"month": date(2026, 1, 1)}])
    def test_the_database_refuses_to_change_a_frozen_order(self, change, chaima, driss):
        owe(50000)
        order = frozen(chaima, driss)
        with pytest.raises(DatabaseError, match="is frozen"), transaction.atomic():
            PaymentOrder.objects.filter(pk=order.pk).update(**change)

    def test_nothing_enters_a_frozen_order_and_nothing_leaves_any(self, chaima, driss):
        owe(50000)
        order = frozen(chaima, driss)
        other = owe(40000)
        [row] = rows_of(order)
        with pytest.raises(DatabaseError, match="no draft"), transaction.atomic():
            Payment.objects.create(
                order=order, position=2, allowance=other, household=other.household, commune=other.household.commune, month=MONTH, amount=40000,
                payee_idcs=other.payee_idcs, payee_name_fr="X", end_to_end_id="X-2",
            )  # fmt: skip
        for refused in (row.delete, order.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                refused()

    @pytest.mark.parametrize("after", ["draft", "approved", "closed"])
    def test_the_database_refuses_a_stage_out_of_turn(self, after, chaima, driss):
        owe(50000)
        order = frozen(chaima, driss)
        with pytest.raises(DatabaseError, match="cannot go from frozen"), transaction.atomic():
            PaymentOrder.objects.filter(pk=order.pk).update(status=after)


class TestExport:
    def test_the_file_is_a_pain_001_with_the_sums_of_the_order(self, chaima, driss, amina):
        banked = owe(30000, 20005)
        bank(banked.household, 7, by=amina)
        cash = owe(40000)
        Member.objects.filter(pk=cash.payee_id).update(first_name_fr="Aïcha & Cie", last_name_fr="Ben d’Or")
        order = sent(chaima, driss)
        [xml] = order.files.filter(kind="pain001")
        root = opened(xml)
        first, second = root.findall(".//p:PmtInf", NS)
        assert root.findtext(".//p:GrpHdr/p:MsgId", namespaces=NS) == f"RSU-{order.pk:06d}-0001"
        assert root.findtext(".//p:GrpHdr/p:NbOfTxs", namespaces=NS) == "2"
        assert root.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=NS) == "900.05"
        assert [one.findtext("p:PmtMtd", namespaces=NS) for one in (first, second)] == ["TRF", "CHK"]
        assert [one.findtext("p:CtrlSum", namespaces=NS) for one in (first, second)] == ["500.05", "400.00"]
        assert first.findtext(".//p:CdtrAcct/p:Id/p:IBAN", namespaces=NS) == f"MA64{rib(7)}"
        assert first.find(".//p:PrvtId", NS) is None
        assert second.find(".//p:CdtrAcct", NS) is None
        assert second.findtext(".//p:LclInstrm/p:Prtry", namespaces=NS) == "MISE A DISPOSITION"
        assert second.findtext(".//p:Cdtr/p:Nm", namespaces=NS) == "Aicha Cie Ben d'Or"
        assert second.findtext(".//p:PrvtId/p:Othr/p:Id", namespaces=NS) == cash.payee_idcs
        assert second.find(".//p:InstdAmt", NS).get("Ccy") == "MAD"
        assert first.findtext("p:ReqdExctnDt/p:Dt", namespaces=NS) == "2026-11-27"

    def test_the_csv_says_the_same_and_opens_in_a_spreadsheet(self, chaima, driss, amina):
        banked, cash = owe(50005), owe(40000)
        bank(banked.household, 7, by=amina)
        Member.objects.filter(pk=cash.payee_id).update(first_name_fr="=1+1")
        order = sent(chaima, driss)
        [file] = order.files.filter(kind="csv")
        content = storage.path_of(file.name).read_bytes()
        assert content.startswith(b"\xef\xbb\xbfreference;end_to_end_id;")
        lines = [line.split(";") for line in content.decode("utf-8-sig").splitlines()]
        assert [(one[3], one[4], one[7], one[8]) for one in lines[1:]] == [
            ("transfer", f"011 780 {rib(7)[6:22]} {rib(7)[22:]}", "", "500.05"), ("cash", "", cash.payee_idcs, "400.00"),
        ]  # fmt: skip
        assert lines[2][5].startswith("'=1+1")
        assert spreadsheet.read_back(storage.path_of(file.name)).amount == 90005

    def test_what_is_sent_is_sent_and_twice_is_once(self, chaima, driss):
        owe(50000)
        order = sent(chaima, driss)
        before = list(order.files.values_list("name", "sha256"))
        services.export_order(order.pk, on=ON, by=driss)
        assert list(order.files.values_list("name", "sha256")) == before
        assert [one.status for one in rows_of(order)] == ["sent"]
        assert AuditEvent.objects.filter(verb="payment_order.exported").count() == 1

    def test_the_same_bytes_are_written_every_time(self, chaima, driss):
        owe(50000)
        order = frozen(chaima, driss)
        written = []
        for _turn in range(2):
            with transaction.atomic():
                services.export_order(order.pk, on=ON, by=chaima)
                written.append(list(order.files.values_list("sha256", flat=True)))
                transaction.set_rollback(True)
        assert written[0] == written[1] and len(written[0]) == 2

    def test_an_order_is_cut_in_files_and_batches_and_loses_nothing(self, chaima, driss, amina, monkeypatch):
        for number in range(7):
            allowance = owe(10000 + number)
            if number < 4:
                bank(allowance.household, number + 1, by=amina)
        read = Law.value
        limits = {"payment.file_limit": 3, "payment.batch_limit": 2}
        monkeypatch.setattr(Law, "value", lambda self, key: limits.get(key) or read(self, key))
        order = sent(chaima, driss)
        files = list(order.files.filter(kind="pain001"))
        assert [file.payments for file in files] == [3, 3, 1]
        assert sum(file.amount for file in files) == order.amount == 70021
        batches = [[int(one.text) for one in opened(file).findall(".//p:PmtInf/p:NbOfTxs", NS)] for file in files]
        assert batches == [[2, 1], [1, 1, 1], [1]]
        identifiers = [one.text for file in files for one in opened(file).findall(".//p:EndToEndId", NS)]
        assert identifiers == [one.end_to_end_id for one in rows_of(order)]

    def test_a_file_is_read_by_who_answers_for_it_and_the_reading_is_traced(self, chaima, driss, salma, yassine):
        owe(50000)
        order = sent(chaima, driss)
        file = order.files.first()
        with services.read_file(file, on=ON, by=driss) as content:
            assert content.read()
        assert AuditEvent.objects.filter(verb="payment_order.file_read", by=driss).count() == 1
        for other in (salma, yassine):
            with pytest.raises(Forbidden):
                services.read_file(file, on=ON, by=other)

    def test_a_file_that_was_touched_is_not_given(self, chaima, driss):
        owe(50000)
        file = sent(chaima, driss).files.first()
        storage.path_of(file.name).write_bytes(b"other")
        with pytest.raises(storage.Altered):
            services.read_file(file, on=ON, by=chaima)

    def test_a_draft_is_not_sent(self, chaima):
        owe(50000)
        with pytest.raises(OrderRefused, match="ne peut pas devenir"):
            services.export_order(prepared(chaima).pk, on=ON, by=chaima)

    def test_a_failure_in_the_middle_leaves_the_order_frozen_and_the_next_turn_sends_it(self, chaima, driss, monkeypatch):
        """Killed between the files and the rows: nothing is half sent, the file left behind is written over."""
        owe(50000)
        order = frozen(chaima, driss)
        bulk_create = PaymentFile.objects.bulk_create
        monkeypatch.setattr(type(PaymentFile.objects), "bulk_create", lambda *_given: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            services.export_order(order.pk, on=ON, by=chaima)
        monkeypatch.undo()
        assert bulk_create
        order.refresh_from_db()
        assert order.status == "frozen" and not order.files.exists() and rows_of(order)[0].status == "ready"
        with override_settings(FILES_ROOT=str(storage.path_of("x").parent.parent)):
            assert services.export_order(order.pk, on=ON, by=chaima).files.count() == 2


class TestCanceling:
    @pytest.mark.parametrize("stage", ["draft", "in_approval", "approved", "frozen"])
    def test_before_it_is_sent_what_it_listed_is_owed_again(self, stage, chaima, driss):
        owe(50000)
        order = prepared(chaima)
        deeds = {
            "draft": [], "in_approval": [chaima], "approved": [chaima, driss], "frozen": [chaima, driss],
        }[stage]  # fmt: skip
        for person in deeds:
            services.approve_order(order.pk, on=ON, by=person)
        if stage == "frozen":
            services.freeze_order(order.pk, on=ON, by=chaima)
        order.refresh_from_db()
        assert order.status == stage
        services.cancel_order(order.pk, reason="erreur de mois", on=ON, by=driss)
        assert [one.status for one in rows_of(order)] == ["canceled"]
        assert prepared(chaima).payments == 1

    def test_once_sent_it_is_not_canceled(self, chaima, driss):
        owe(50000)
        order = sent(chaima, driss)
        with pytest.raises(OrderRefused, match="est envoyé"):
            services.cancel_order(order.pk, reason="trop tard", on=ON, by=chaima)
        with pytest.raises(DatabaseError, match="cannot go from exported"), transaction.atomic():
            PaymentOrder.objects.filter(pk=order.pk).update(status="canceled")

    def test_a_reason_is_asked_for(self, chaima):
        owe(50000)
        with pytest.raises(OrderRefused, match="Dites pourquoi"):
            services.cancel_order(prepared(chaima).pk, reason=" ", on=ON, by=chaima)


SUMS = st.lists(st.lists(st.integers(0, 99_999_99), min_size=1, max_size=4), min_size=1, max_size=8)


@settings(max_examples=cases(8, 30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(owed=SUMS)
def test_lines_payments_files_and_page_are_one_sum(owed, chaima, driss, tmp_path):
    """Whatever is owed, to the centime: counted from the lines, the payments, the XML and the CSV parsed back, and the page's totals."""
    with transaction.atomic():
        for lines in owed:
            owe(*lines)
        total = sum(sum(lines) for lines in owed)
        if total:
            order = sent(chaima, driss)
            assert AllowanceLine.objects.aggregate(s=Sum("amount"))["s"] == total
            assert order.rows.aggregate(s=Sum("amount"))["s"] == order.amount == total
            roots = [opened(file) for file in order.files.filter(kind="pain001")]
            assert sum(Decimal(one.text) for root in roots for one in root.findall(".//p:InstdAmt", NS)) * 100 == total
            assert sum(Decimal(root.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=NS)) for root in roots) * 100 == total
            assert spreadsheet.read_back(storage.path_of(f"{order.reference}.csv")).amount == total
            zeros = sum(1 for lines in owed if not sum(lines))
            account = payments.account_of(MONTH, communes=None)
            assert account.get("zero", (0, 0))[0] == zeros and account["sent"] == (len(owed) - zeros, total)
        transaction.set_rollback(True)


def test_every_stage_has_an_owner_and_a_way_in():
    assert {after for _before, after in lifecycle.MOVES} == set(PaymentOrder.Status.values)
    assert {before for before, _after in lifecycle.MOVES if before} == set(PaymentOrder.Status.values) - {"closed", "canceled"}
    assert {after for _before, after in lifecycle.PAYMENT_MOVES} == set(Payment.Status.values)
    assert "draft --> in_approval: administrator, supervisor" in lifecycle.diagram()
