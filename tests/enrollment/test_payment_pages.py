"""Orders, answers, differences and a family's payments through HTTP, by who uses them, in both languages."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.timezone import localdate

from enrollment import services
from enrollment.models import Payment, PaymentAccount, PaymentOrder
from rsu.models import AuditEvent
from tests.eligibility.families import GUELIZ

from .builders import couple
from .owing import MONTH, ON, answer, bank, line, owe, place, prepared, report, rib, rows_of, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path):
    with override_settings(FILES_ROOT=str(tmp_path / "files")):
        yield


@pytest.fixture
def office(client, chaima):
    client.force_login(chaima)
    return client


def page_of(order, **asked):
    return reverse("enrollment:payment_order", args=[order.pk]) + ("?status=" + asked["status"] if asked else "")


def do(client, order, deed, **given):
    return client.post(reverse("enrollment:payment_deed", args=[order.pk, deed]), given, follow=True)


def text(response) -> str:
    return response.content.decode()


class TestRoles:
    PAGES = ("payment_orders", "payments_owed", "payment_differences")

    @pytest.mark.parametrize("name", PAGES)
    @pytest.mark.parametrize(("who", "status"), [("chaima", 200), ("salma", 200), ("yassine", 200), ("amina", 403), ("brahim", 403)])
    def test_who_reads_the_orders(self, name, who, status, client, request):
        client.force_login(request.getfixturevalue(who))
        assert client.get(reverse(f"enrollment:{name}")).status_code == status

    def test_the_auditor_reads_one_and_does_nothing(self, client, chaima, driss, yassine):
        owe(50000)
        order = sent(chaima, driss)
        client.force_login(yassine)
        assert "Signer cet ordre" not in text(client.get(page_of(order)))
        for deed in ("approve", "freeze", "export", "close", "cancel"):
            assert client.post(reverse("enrollment:payment_deed", args=[order.pk, deed])).status_code == 403
        assert client.get(reverse("enrollment:payment_file", args=[order.files.first().pk])).status_code == 403

    def test_a_province_reads_its_own_rows_and_no_file(self, client, chaima, driss, salma):
        owe(50000)
        owe(40000, household=couple(commune=GUELIZ))
        order = sent(chaima, driss)
        client.force_login(salma)
        page = client.get(page_of(order))
        assert page.context["total_amount"] == 50000 and page.context["rows"].paginator.count == 1
        assert client.get(reverse("enrollment:payment_file", args=[order.files.first().pk])).status_code == 404
        assert do(client, order, "close").status_code == 200
        order.refresh_from_db()
        assert order.status == "exported"


class TestOrders:
    def test_from_preparing_to_sending_by_clicks(self, office, driss):
        owe(50000)
        month = localdate().replace(day=1)
        prepared_page = office.post(reverse("enrollment:payment_orders"), {"month": month.isoformat()}, follow=True)
        order = PaymentOrder.objects.get()
        assert prepared_page.redirect_chain[-1][0] == page_of(order)
        assert "Signer cet ordre" in text(prepared_page)
        assert "déjà signé" in text(do(office, order, "approve"))
        office.force_login(driss)
        assert "Figer" in text(do(office, order, "approve"))
        assert "plus rien n’y change" in text(do(office, order, "freeze"))
        shown = text(do(office, order, "export"))
        assert f"{order.reference}-0001.xml" in shown and "Lire cette réponse" in shown
        order.refresh_from_db()
        assert order.status == "exported"

    def test_a_second_click_does_nothing_more(self, office, chaima, driss):
        owe(50000)
        order = prepared(chaima)
        for _turn in range(2):
            do(office, order, "approve")
        assert order.approvals.count() == 1

    def test_nothing_owed_is_said_beside_the_form(self, office):
        page = office.post(reverse("enrollment:payment_orders"), {"month": localdate().replace(day=1).isoformat()})
        assert page.status_code == 422 and "Rien à payer" in text(page)

    @pytest.mark.parametrize("month", ["", "2031-01-01", "x"])
    def test_a_month_not_offered_is_refused(self, month, office):
        owe(50000)
        assert office.post(reverse("enrollment:payment_orders"), {"month": month}).status_code == 422
        assert not PaymentOrder.objects.exists()

    def test_canceling_asks_why_and_keeps_what_was_typed(self, office, chaima):
        owe(50000)
        order = prepared(chaima)
        assert office.post(reverse("enrollment:payment_deed", args=[order.pk, "cancel"]), {"reason": ""}).status_code == 422
        assert "de nouveau dû" in text(do(office, order, "cancel", reason="mauvais mois"))

    def test_an_unknown_deed_and_an_unknown_order_are_not_found(self, office, chaima):
        owe(50000)
        order = prepared(chaima)
        assert office.post(reverse("enrollment:payment_deed", args=[order.pk, "pay"])).status_code == 404
        assert office.get(reverse("enrollment:payment_order", args=[0])).status_code == 404

    def test_the_page_says_the_same_sum_everywhere(self, office, chaima, driss):
        for amount in (50000, 40007):
            owe(amount)
        place(30000, by=chaima)
        page = office.get(page_of(sent(chaima, driss)))
        assert page.context["total_amount"] == page.context["order"].amount == 120007
        assert [(one.program, one.amount) for one in page.context["totals"]] == [("direct_aid", 90007), ("placement", 30000)]
        assert "1\u202f200,07" in text(page)

    def test_the_file_is_received_as_it_was_sent(self, office, chaima, driss):
        owe(50000)
        file = sent(chaima, driss).files.get(kind="pain001")
        given = office.get(reverse("enrollment:payment_file", args=[file.pk]))
        content = b"".join(given.streaming_content)
        assert len(content) == file.size and b"pain.001.001.09" in content
        assert given["Content-Disposition"] == f'attachment; filename="{file.name}"'

    def test_an_account_shared_by_two_families_is_shown(self, office, chaima, amina):
        for _turn in range(2):
            bank(owe(50000).household, 5, by=amina)
        assert "Comptes qui reçoivent pour plusieurs personnes" in text(office.get(page_of(prepared(chaima))))

    def test_a_large_order_is_left_to_the_background(self, office, chaima, driss, django_capture_on_commit_callbacks):
        owe(50000)
        order = prepared(chaima)
        for person in (chaima, driss):
            services.approve_order(order.pk, on=ON, by=person)
        with override_settings(PAYMENTS_AT_ONCE=0), django_capture_on_commit_callbacks() as left:
            page = do(office, order, "freeze")
        order.refresh_from_db()
        assert "C’est en cours" in text(page) and order.status == "approved" and len(left) == 1

    def test_the_list_asks_no_more_for_more_orders(self, office, chaima):
        owe(50000)
        prepared(chaima)
        with CaptureQueriesContext(connection) as one:
            office.get(reverse("enrollment:payment_orders"))
        for _turn in range(4):
            owe(50000)
            prepared(chaima)
        with CaptureQueriesContext(connection) as five:
            page = office.get(reverse("enrollment:payment_orders"))
        assert len(one) == len(five) and len(page.context["page"].object_list) == 5

    def test_an_order_asks_no_more_for_more_payments(self, office, chaima):
        owe(50000)
        small = prepared(chaima)
        for _turn in range(6):
            owe(50000)
        large = prepared(chaima)
        counts = []
        for order in (small, large):
            with CaptureQueriesContext(connection) as asked:
                office.get(page_of(order))
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestAnswers:
    def send(self, client, order, content, name="retour.xml"):
        url = reverse("enrollment:payment_return", args=[order.pk])
        return client.post(url, {"file": SimpleUploadedFile(name, content)}, follow=True)

    def test_a_return_is_read_and_its_lines_add_up_on_the_page(self, office, chaima, driss):
        for amount in (50000, 40000):
            owe(amount)
        order = sent(chaima, driss)
        first, second = rows_of(order)
        page = self.send(
            office, order, report(line(first.end_to_end_id, "ACSC"), line(second.end_to_end_id, "RJCT", reason="AC04"), line("X", "ACSC"))
        )
        assert "3 = 1 + 1 + 0 + 0 + 1" in strip_tags(text(page)) and "des différences restent" in text(page)
        assert "AC04" in text(office.get(page_of(order, status="rejected")))

    def test_what_is_no_answer_is_said_beside_the_field(self, office, chaima, driss):
        owe(50000)
        order = sent(chaima, driss)
        page = self.send(office, order, b"hello")
        assert page.status_code == 422 and "Réponse de l’organisme payeur" in text(page) and "end_to_end_id" in text(page)
        assert self.send(office, order, b"").status_code == 422

    def test_a_difference_is_shown_with_what_to_do_and_settled(self, office, chaima, driss, tmp_path):
        owe(50000)
        order = sent(chaima, driss)
        [payment] = rows_of(order)
        answer(order, report(line(payment.end_to_end_id, "ACSC")), tmp_path, by=chaima)
        one = answer(order, report(line(payment.end_to_end_id, "RJCT", reason="AC04")), tmp_path, by=chaima).answers.get()
        shown = text(office.get(reverse("enrollment:payment_differences")))
        assert "Contredit une réponse d’avant" in shown and "vérifiez avec l’organisme payeur" in shown and "Suivre la réponse" in shown
        url = reverse("enrollment:settle_difference", args=[one.pk])
        assert office.post(url, {"deed": "follow", "reason": ""}).status_code == 422
        assert "Aucune différence" in text(office.post(url, {"deed": "follow", "reason": "fonds revenus"}, follow=True))
        payment.refresh_from_db()
        assert payment.status == "rejected"

    def test_differences_ask_no_more_for_more(self, office, chaima, driss, tmp_path):
        for amount in range(5):
            owe(10000 + amount)
        order = sent(chaima, driss)
        rows = rows_of(order)
        counts = []
        for wanted in (rows[:1], rows[1:]):
            answer(order, report(*(line(one.end_to_end_id, "ACSC", amount="1.00") for one in wanted)), tmp_path, by=chaima)
            with CaptureQueriesContext(connection) as asked:
                office.get(reverse("enrollment:payment_differences"))
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestOwed:
    def test_every_sum_of_a_month_is_counted_once(self, office, chaima, driss):
        month = localdate().replace(day=1)
        owe(50000, month=month)
        sent(chaima, driss) if month == MONTH else services.prepare_order(month=month, on=localdate(), by=chaima)
        owe(0, month=month)
        owe(40000, month=month)
        page = office.get(reverse("enrollment:payments_owed"))
        assert (page.context["rows"], page.context["amount"]) == (3, 90000)
        assert {state: amount for state, _label, _n, amount in page.context["account"]}["none"] == 40000
        assert page.context["owed"] == [(month, False, "", 1, 40000)]

    def test_an_area_counts_its_own(self, client, salma):
        month = localdate().replace(day=1)
        owe(50000, month=month)
        owe(40000, month=month, household=couple(commune=GUELIZ))
        client.force_login(salma)
        assert client.get(reverse("enrollment:payments_owed")).context["amount"] == 50000


class TestFamily:
    @pytest.fixture
    def desk(self, client, amina):
        client.force_login(amina)
        return client

    def url(self, household):
        return reverse("enrollment:household_payments", args=[household.code])

    def record(self, client, household, **change):
        head = household.members.get(relation="head")
        given = {"deed": "record", "member": head.pk, "rib": rib(4), "holder": "Ali Alami", "reason": "RIB apporté"} | change
        return client.post(self.url(household), given, follow=True)

    def test_an_account_is_recorded_and_the_family_sees_why(self, desk):
        household = couple()
        page = self.record(desk, household, rib=f"{rib(4)[:3]} {rib(4)[3:]}")
        assert "les prochains versements y vont" in text(page) and "RIB apporté" in text(page)
        assert PaymentAccount.objects.get().rib == rib(4)

    @pytest.mark.parametrize(
        ("change", "field"),
        [({"rib": "123"}, "rib"), ({"rib": rib(4)[:-1] + "x"}, "rib"), ({"holder": ""}, "holder"), ({"reason": ""}, "reason"), ({"member": "0"}, "member")],
    )  # fmt: skip
    def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(self, change, field, desk):
        page = self.record(desk, couple(), **change)
        assert page.status_code == 422 and page.context["form"].errors[field]
        if field != "holder":
            assert "Ali Alami" in text(page)
        assert not PaymentAccount.objects.exists()

    def test_an_account_of_another_family_is_flagged(self, desk):
        self.record(desk, couple())
        other = couple()
        assert "sert aussi à une autre famille" in text(self.record(desk, other))
        assert "Ce compte reçoit pour" in text(desk.get(self.url(other)))
        assert "sert aussi à une autre famille" in text(desk.get(reverse("desk:household", args=[other.code])))

    def test_it_is_paid_in_cash_again(self, desk):
        household = couple()
        self.record(desk, household)
        member = household.members.get(relation="head").pk
        assert desk.post(self.url(household), {"deed": "cash", "member": member, "reason": ""}).status_code == 422
        page = desk.post(self.url(household), {"deed": "cash", "member": member, "reason": "compte fermé"}, follow=True)
        assert "au guichet" in text(page) and "compte fermé" in text(page)

    def test_a_rejected_payment_says_why_and_what_to_do_and_is_issued_again(self, desk, chaima, driss, tmp_path):
        household = owe(50000).household
        order = sent(chaima, driss)
        [payment] = rows_of(order)
        answer(order, report(line(payment.end_to_end_id, "RJCT", reason="MD07")), tmp_path, by=chaima)
        shown = text(desk.get(self.url(household)))
        assert "Rejeté : le bénéficiaire est décédé." in shown and "Enregistrez le décès" in shown
        url = reverse("enrollment:reissue_payment", args=[payment.pk])
        assert desk.post(url, {"reason": ""}).status_code == 422
        assert "sera payé avec le prochain ordre" in text(desk.post(url, {"reason": "veuve enregistrée"}, follow=True))

    def test_a_paid_one_says_its_day(self, desk, chaima, driss, tmp_path):
        household = owe(50000).household
        order = sent(chaima, driss)
        answer(order, report(line(rows_of(order)[0].end_to_end_id, "ACSC")), tmp_path, by=chaima)
        assert "Payé le 30 novembre 2026." in text(desk.get(self.url(household)))

    def test_another_commune_finds_nothing(self, desk, chaima, driss, tmp_path):
        household = owe(50000, household=couple(commune=GUELIZ)).household
        order = sent(chaima, driss)
        answer(order, report(line(rows_of(order)[0].end_to_end_id, "RJCT")), tmp_path, by=chaima)
        assert desk.get(self.url(household)).status_code == 404
        url = reverse("enrollment:reissue_payment", args=[Payment.objects.get().pk])
        assert desk.post(url, {"reason": "x"}).status_code == 404
        assert self.record(desk, household).status_code == 404

    def test_the_whole_number_is_shown_to_who_may_change_it_and_its_end_to_others(self, client, amina, yassine):
        household = couple()
        bank(household, 4, by=amina)
        for person, shown in ((amina, True), (yassine, False)):
            client.force_login(person)
            page = text(client.get(self.url(household))).replace(" ", "")
            assert (rib(4) in page) is shown and rib(4)[-4:] in page

    def test_reading_is_traced_and_the_auditor_records_nothing(self, client, yassine):
        household = couple()
        client.force_login(yassine)
        assert "Enregistrer le compte" not in text(client.get(self.url(household)))
        assert AuditEvent.objects.filter(by=yassine, verb="read_household", household_id=household.pk).exists()
        assert self.record(client, household).status_code == 422
        assert not PaymentAccount.objects.exists()

    def test_in_arabic_every_page_is_arabic(self, office, chaima, driss, amina, tmp_path):
        household = owe(50000).household
        bank(household, 1, by=amina)
        order = sent(chaima, driss)
        answer(order, report(line(rows_of(order)[0].end_to_end_id, "RJCT", reason="AC04"), line("X", "ACSC")), tmp_path, by=chaima)
        office.cookies["django_language"] = "ar"
        for url in (page_of(order), self.url(household), *(reverse(f"enrollment:{name}") for name in TestRoles.PAGES)):
            shown = text(office.get(url))
            assert 'dir="rtl"' in shown and "Versement" not in shown and "versement" not in shown.replace("/versement", "")
        assert "الحساب مغلق" in text(office.get(self.url(household)))


def test_the_day_of_the_tests_is_within_the_months_offered():
    assert date(2026, 11, 1) == MONTH
