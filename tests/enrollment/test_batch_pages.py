"""Batches, what waits, messages and papers, through HTTP, by the people who use them."""

import io
import re
import threading
import uuid
import zipfile
import zlib
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone, localdate

from eligibility import references
from eligibility.models import Determination
from eligibility.queries import law
from enrollment import clocks, queries, reports, services
from enrollment.models import DecisionBatch, Enrollment, EnrollmentMove, Hold, Message, RightNotice, Suspension
from enrollment.selection import Selection
from enrollment.tasks import take_decisions
from households.models import Request
from rsu.authentication import engine
from rsu.desk import paper
from rsu.models import AuditEvent
from tests.eligibility.families import GUELIZ

from .builders import couple, determine, flip

NOON = datetime(2026, 11, 24, 12, tzinfo=get_current_timezone())


def proposed(count=1, program="direct_aid", on=None, **answers):
    on = on or localdate()
    homes = [couple(**answers) for _number in range(count)]
    for home in homes:
        determine(home, program, since=on)
    while services.propose_due(on=on, by=engine()):
        pass
    return homes


def told(by, count=1, **answers):
    homes = proposed(count, **answers)
    for home in homes:
        services.accept_household(home, "direct_aid", on=localdate(), by=by)
    services.notify_due(at=NOON, by=engine())
    return homes


def inflated(pdf: bytes) -> bytes:
    """The PDF's own words: its streams unpacked, one after another."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(stream))
    return b"".join(found) + pdf


def as_(client, who):
    client.force_login(who)
    return client


@pytest.mark.django_db
class TestBatchPages:
    CHOICE = "?deed=accept&program=direct_aid"

    def test_from_the_choice_to_the_closed_account(self, client, salma, chaima):
        proposed(2)
        page = as_(client, salma).get(reverse("enrollment:new_batch") + self.CHOICE)
        assert page.context["shown"].planned == 2
        assert not DecisionBatch.objects.exists()
        answer = client.post(reverse("enrollment:new_batch") + self.CHOICE, {"reason": "relus"})
        batch = DecisionBatch.objects.get()
        assert answer.url == reverse("enrollment:batch", args=[batch.pk])
        shown = client.get(answer.url).content.decode()
        assert "une autre personne doit la signer" in shown and "Signer et appliquer" not in shown
        as_(client, chaima).post(reverse("enrollment:sign_batch", args=[batch.pk]), {"answer": ""})
        take_decisions()
        page = client.get(reverse("enrollment:batch", args=[batch.pk]))
        assert page.context["batch"].status == "closed"
        assert (page.context["counted"], page.context["batch"].applied) == (2, 2)
        assert "prévues = appliquées + déjà ainsi + refusées" in page.content.decode()
        assert set(Enrollment.objects.values_list("status", flat=True)) == {"active"}

    def test_what_was_typed_wrong_stays_with_its_sentence(self, client, salma):
        proposed()
        page = as_(client, salma).get(reverse("enrollment:new_batch") + self.CHOICE + "&size_from=5&size_to=2&milieu=urban")
        assert page.status_code == 422
        assert "plus petit que le premier" in page.content.decode()
        assert 'value="5"' in page.content.decode()
        page = client.post(
            reverse("enrollment:new_batch") + "?deed=hold&program=direct_aid", {"reason": "x", "look_again_on": "2020-01-01"}
        )
        assert page.status_code == 422
        assert "rien n’attend sans date" in page.content.decode()

    def test_a_caseworker_and_an_auditor_do_not_propose_and_a_stranger_commune_sees_nothing(self, client, salma, amina, yassine, brahim):
        proposed()
        services.propose_batch(
            deed="accept", program="direct_aid", chosen=Selection(), reason="x", on=localdate(), by=salma,
        )  # fmt: skip
        for who in (amina, yassine):
            assert as_(client, who).get(reverse("enrollment:new_batch")).status_code == 403
        assert as_(client, yassine).get(reverse("enrollment:batches")).status_code == 200
        brahim.role = "supervisor"
        brahim.save()
        assert as_(client, brahim).get(reverse("enrollment:batch", args=[DecisionBatch.objects.get().pk])).status_code == 404

    def test_a_rejection_says_why(self, client, salma, chaima):
        proposed()
        batch = services.propose_batch(deed="accept", program="direct_aid", chosen=Selection(), reason="x", on=localdate(), by=salma)
        answer = as_(client, chaima).post(reverse("enrollment:reject_batch", args=[batch.pk]), {"answer": ""})
        assert answer.status_code == 422 and "Dites pourquoi" in answer.content.decode()
        client.post(reverse("enrollment:reject_batch", args=[batch.pk]), {"answer": "trop tôt"})
        assert "trop tôt" in client.get(reverse("enrollment:batch", args=[batch.pk])).content.decode()

    def test_the_list_of_refusals_asks_as_much_for_one_as_for_ten(self, client, salma, chaima, amina):
        asked = []
        for count in (1, 10):
            homes = proposed(count)
            batch = services.propose_batch(deed="accept", program="direct_aid", chosen=Selection(), reason="x", on=localdate(), by=salma)
            for home in homes:
                services.refuse_enrollment(home.enrollments.get().pk, reason="erreur", on=localdate(), by=amina)
            services.sign_batch(batch.pk, on=localdate(), by=chaima)
            take_decisions()
            as_(client, salma)
            with CaptureQueriesContext(connection) as captured:
                page = client.get(reverse("enrollment:batch", args=[batch.pk]))
            assert page.context["page"].paginator.count == count
            asked.append(len(captured))
        assert asked[0] == asked[1]

    def test_whoever_signs_reads_the_list_before_and_after(self, client, salma, chaima, driss, yassine):
        homes = [*proposed(2), *proposed(1, commune=GUELIZ)]
        batch = services.propose_batch(
            deed="accept", program="direct_aid", chosen=Selection(), reason="droits ouverts", on=localdate(), by=chaima,
        )  # fmt: skip
        address = reverse("enrollment:batch", args=[batch.pk])
        whole, hers = as_(client, yassine).get(address), as_(client, salma).get(address)
        assert [row.household for row in whole.context["listed"]] == homes
        assert [row.household for row in hers.context["listed"]] == homes[:2]
        assert (whole.context["elsewhere"], hers.context["elsewhere"]) == (0, 1)
        shown = hers.content.decode()
        for home in homes[:2]:
            assert reverse("enrollment:decide", args=[home.enrollments.get().pk]) in shown
        assert "à décider le" in shown and "Hors de votre territoire" in shown and "royaume" in shown
        services.sign_batch(batch.pk, on=localdate(), by=driss)
        take_decisions()
        after = as_(client, salma).get(address)
        assert [(row.household, row.status) for row in after.context["listed"]] == [(home, "active") for home in homes[:2]]
        shown = as_(client, chaima).get(address).content.decode()
        assert (
            reverse("desk:open", args=[homes[0].pk]) in shown
            and reverse("enrollment:decide", args=[homes[0].enrollments.get().pk]) not in shown
        )

    def test_a_long_list_is_paged_and_asks_as_much_for_one_as_for_many(self, client, salma, chaima):
        counts = []
        for count in (1, 30):
            proposed(count)
            batch = services.propose_batch(
                deed="hold", program="direct_aid", chosen=Selection(held=False), reason="attendre", on=localdate(), by=salma,
                look_again_on=localdate() + timedelta(days=10),
            )  # fmt: skip
            as_(client, chaima).get(reverse("enrollment:batch", args=[batch.pk]))
            with CaptureQueriesContext(connection) as asked:
                page = client.get(reverse("enrollment:batch", args=[batch.pk]))
            counts.append(len(asked))
        assert counts[0] == counts[1] and len(page.context["listed"]) == 25
        rest = client.get(reverse("enrollment:batch", args=[batch.pk]), {"list": "2"})
        assert len(rest.context["listed"]) == batch.planned - 25

    def test_the_filter_is_read_back_in_words(self, client, salma):
        proposed()
        services.propose_batch(
            deed="accept", program="direct_aid", chosen=Selection(milieu="urban", far=10_000_000, appeal=False), reason="x", on=localdate(),
            by=salma,
        )  # fmt: skip
        page = as_(client, salma).get(reverse("enrollment:batch", args=[DecisionBatch.objects.get().pk]))
        assert [str(word) for _label, word in page.context["choices"]] == ["urbain", "1", "Non"]


def test_a_worker_cut_in_the_middle_leaves_nothing_and_everything_is_done_once(committed_db, salma, chaima, settings):
    settings.BATCH_CHUNK = 1
    first, *_others = proposed(3)
    batch = services.propose_batch(deed="accept", program="direct_aid", chosen=Selection(), reason="x", on=localdate(), by=salma)
    services.sign_batch(batch.pk, on=localdate(), by=chaima)

    def work():
        try:
            take_decisions()
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    with transaction.atomic():
        type(first).objects.select_for_update().get(pk=first.pk)
        worker.start()
        while not _cut():
            pass
        assert EnrollmentMove.objects.filter(after="active").count() == 0
    worker.join()
    take_decisions()
    batch.refresh_from_db()
    assert batch.status == "closed"
    assert EnrollmentMove.objects.filter(after="active").count() == 3
    assert batch.chunks.get(position=1).attempts > 1


def _cut() -> int:
    """End the connections of this database that wait for a lock; how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db
class TestWaiting:
    def asked(self, home, day, by):
        Request.objects.create(
            token=uuid.uuid4(), kind="registration", status="processed", household=home, created_by=by, submitted_on=day, processed_by=by,
            processed_at=timezone.now(),
        )  # fmt: skip

    def test_every_line_adds_up_to_the_statuses(self, client, amina, salma):
        proposed(2)
        proposed(1, "amo_tadamon")
        home = told(amina)[0]
        row = home.determinations.get(until__year=9999)
        Determination.objects.filter(pk=row.pk).update(since=localdate() - timedelta(days=1))
        row.refresh_from_db()
        flip(row, on=localdate())
        services.propose_due(on=localdate(), by=engine())
        page = as_(client, salma).get(reverse("enrollment:waiting"))
        found = {line.key: line.total for line in page.context["lines"]}
        assert found == {"direct_aid/proposed": 2, "direct_aid/in_review": 1, "amo_tadamon/proposed": 2}
        assert page.context["total"] == page.context["counted"] == 5
        assert sum(line.total for line in page.context["places"]) == 5

    def test_the_clock_runs_from_the_day_the_family_asked_and_the_last_day_counts(self, amina, salma):
        today = localdate()
        for days in (30, 31, 25, 3):
            [home] = proposed()
            self.asked(home, today - timedelta(days=days), amina)
        [line] = reports.by_state(reports.waiting_of(salma, law=law(today), on=today), on=today)
        assert (line.total, line.late, line.soon) == (4, 1, 2)

    def test_a_right_that_the_law_opened_is_decided_within_as_many_days_of_that_day(self, salma):
        today = localdate()
        for days in (90, 30):
            home = couple()
            determine(home, "direct_aid", since=today - timedelta(days=days), reason="threshold")
        services.propose_due(on=today, by=engine())
        [line] = reports.by_state(reports.waiting_of(salma, law=law(today), on=today), on=today)
        assert (line.total, line.late, line.soon) == (2, 1, 1)

    @pytest.mark.parametrize("reason", ["declaration", "load", "appeal", "time", "threshold"])
    def test_the_deadlines_page_counts_the_same_families_late_and_soon(self, reason, client, amina, salma):
        """One clock, told on two pages: with a request or without, whatever opened the right."""
        today = localdate()
        for asked, opened in ((40, 2), (31, 31), (30, 10), (25, 40), (24, 24), (None, 45), (None, 27), (None, 3)):
            home = couple()
            determine(home, "direct_aid", since=today - timedelta(days=opened), reason=reason)
            services.propose_for_household(home.pk, on=today, by=engine())
            if asked:
                self.asked(home, today - timedelta(days=asked), amina)
        proposed(1, "amo_tadamon")
        rows = reports.waiting_of(salma, law=law(today), on=today)
        late = {row["home"] for row in clocks.running(salma, law=law(today), clocks=["application"], late=True)}
        assert set(rows.filter(late=True).values_list("household_id", flat=True)) == late != set()
        counted = next(one for one in clocks.counts(salma, law=law(today)) if one.clock == "application")
        page = as_(client, salma).get(reverse("enrollment:waiting"))
        assert (page.context["late"], page.context["soon"]) == (counted.late, counted.soon)
        assert counted.running == 8

    def test_each_sees_his_own_and_asks_as_much_whatever_waits(self, client, amina, brahim, yassine):
        asked = []
        for count in (1, 8):
            proposed(count)
            as_(client, yassine)
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("enrollment:waiting"))
            asked.append(len(captured))
        assert asked[0] == asked[1]
        assert as_(client, brahim).get(reverse("enrollment:waiting")).context["total"] == 0
        proposed(1, commune=GUELIZ)
        assert as_(client, amina).get(reverse("enrollment:waiting")).context["total"] == 9

    def test_every_figure_leads_to_the_enrollments_it_counts(self, client, salma, chaima):
        today = localdate()
        for days in (2, 10, 20, 40):
            [home] = proposed(on=today)
            Enrollment.objects.filter(household=home).update(proposed_at=timezone.now() - timedelta(days=days))
            self.asked(home, today - timedelta(days=days), salma)
        proposed(1, "amo_tadamon")
        page = as_(client, salma).get(reverse("enrollment:waiting"))
        address = reverse("enrollment:waiting_list")
        for line in (*page.context["lines"], *page.context["places"]):
            found = {name: self.listed(client, f"{address}?{line.asked}{more}") for name, more in
                     {"total": "", "held": "&only=held", "soon": "&only=soon", "late": "&only=late"}.items()}  # fmt: skip
            assert found == {name: getattr(line, name) for name in found}
            assert [self.listed(client, f"{address}?{line.asked}&age={column}") for column in range(4)] == line.ages
        assert self.listed(client, address) == 6 == page.context["total"]
        assert f"{address}?program=direct_aid&amp;status=proposed&amp;only=late" in page.content.decode()
        assert reverse("desk:deadlines") in page.content.decode()

    def listed(self, client, address) -> int:
        return client.get(address).context["page"].paginator.count

    def test_the_list_behind_is_the_area_s_and_says_the_clock(self, client, salma, brahim, chaima):
        [home] = proposed()
        self.asked(home, localdate() - timedelta(days=60), salma)
        address = reverse("enrollment:waiting_list")
        shown = as_(client, salma).get(address).content.decode()
        assert reverse("enrollment:decide", args=[home.enrollments.get().pk]) in shown and "délai passé" in shown
        assert self.listed(as_(client, brahim), address) == 0
        assert reverse("desk:open", args=[home.pk]) in as_(client, chaima).get(address).content.decode()
        assert client.get(address, {"region": "x", "program": "x", "status": "ended", "age": "9", "only": "x"}).status_code == 200

    def test_the_list_asks_as_much_for_one_as_for_ten(self, client, yassine):
        counts = []
        for count in (1, 9):
            proposed(count)
            as_(client, yassine)
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("enrollment:waiting_list"))
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_a_visit_is_settled_by_what_was_seen(self, client, amina, salma, chaima):
        [home] = proposed()
        batch = services.propose_batch(
            deed="visit", program="direct_aid", chosen=Selection(), reason="voir", on=localdate(), by=salma,
            look_again_on=localdate() + timedelta(days=10),
        )  # fmt: skip
        services.sign_batch(batch.pk, on=localdate(), by=chaima)
        take_decisions()
        decide = reverse("enrollment:decide", args=[home.enrollments.get().pk])
        assert "Visite demandée" in as_(client, amina).get(decide).content.decode()
        client.post(reverse("enrollment:settle_hold", args=[Hold.objects.get().pk]), {"outcome": "logement vu, réponses exactes"})
        assert Hold.objects.get().outcome == "logement vu, réponses exactes"
        assert "Visite demandée" not in client.get(decide).content.decode()
        assert AuditEvent.objects.filter(verb="hold.settled").count() == 1

    def test_what_was_suspended_runs_again_where_it_was(self, client, amina, salma, chaima):
        [home] = told(amina)
        right = home.enrollments.get()
        Enrollment.objects.filter(pk=right.pk).update(status="in_review")
        batch = services.propose_batch(
            deed="suspend", program="direct_aid", chosen=Selection(), reason="à voir", on=localdate(), by=salma,
            look_again_on=localdate() + timedelta(days=10),
        )  # fmt: skip
        services.sign_batch(batch.pk, on=localdate(), by=chaima)
        take_decisions()
        answer = as_(client, amina).post(
            reverse("enrollment:decide", args=[right.pk]), {"enrollments": [right.pk], "deed": "resume", "reason": "pièces reçues"}
        )
        assert answer.status_code == 302
        right.refresh_from_db()
        assert right.status == "active"
        assert Suspension.objects.get().until == localdate()
        assert not Hold.objects.filter(settled_at=None).exists()


@pytest.mark.django_db
class TestMessagePages:
    def test_counts_by_state_and_masked_addresses_of_the_area(self, client, amina, brahim):
        told(amina, 2, phone="0612345678")
        page = as_(client, amina).get(reverse("enrollment:messages"))
        assert dict((value, n) for value, _label, n in page.context["counts"])["queued"] == 2
        text = page.content.decode()
        assert "06••••••78" in text and "0612345678" not in text
        assert as_(client, brahim).get(reverse("enrollment:messages")).context["page"].paginator.count == 0

    def test_it_asks_as_much_for_one_as_for_ten(self, client, amina):
        asked = []
        for count in (1, 10):
            told(amina, count, phone="0612345678")
            as_(client, amina)
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("enrollment:messages"))
            asked.append(len(captured))
        assert asked[0] == asked[1]

    def test_one_household_s_messages_and_how_it_is_reached(self, client, amina, brahim):
        [home] = told(amina, phone="0612345678")
        page = reverse("enrollment:household_messages", args=[home.code])
        assert "droit ouvert" in as_(client, amina).get(page).content.decode()
        assert client.post(page, {"language": "ar", "email": "pas une adresse"}).status_code == 422
        assert client.post(page, {"language": "ar", "email": "a@example.org"}).status_code == 302
        assert home.contact.email == "a@example.org"
        assert as_(client, brahim).get(page).status_code == 404

    def test_a_doubtful_message_goes_again_from_the_page_for_a_reason(self, client, amina, brahim):
        told(amina, phone="0612345678")
        Message.objects.update(status="doubtful")
        resend = reverse("enrollment:resend", args=[Message.objects.get().pk])
        assert as_(client, brahim).post(resend, {"answer": "x"}).status_code == 404
        as_(client, amina).post(resend, {"answer": ""})
        assert Message.objects.get().status == "doubtful"
        client.post(resend, {"answer": "rien reçu"})
        assert Message.objects.get().status == "queued"


@pytest.mark.django_db
class TestPaper:
    def test_who_has_no_telephone_is_on_the_list_until_printed(self, client, amina):
        told(amina, 2)
        page = as_(client, amina).get(reverse("desk:paper"))
        assert page.context["total"] == 2
        assert client.post(reverse("desk:paper"), {"reason": ""}).status_code == 422
        answer = client.post(reverse("desk:paper"), {"reason": "distribution au guichet"})
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        assert archive.namelist() == ["06.141.01.53/001.pdf"]
        assert archive.read(archive.namelist()[0]).startswith(b"%PDF")
        assert client.get(reverse("desk:paper")).context["total"] == 0
        event = AuditEvent.objects.get(verb="print_right_notices")
        assert (event.reason, event.details["count"]) == ("distribution au guichet", 2)

    def test_a_file_a_commune(self, client, amina, brahim, chaima):
        told(amina)
        told(brahim, commune=GUELIZ)
        chaima.role = "supervisor"
        chaima.save()
        answer = as_(client, chaima).post(reverse("desk:paper"), {"reason": "distribution"})
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        assert sorted(archive.namelist()) == ["06.141.01.53/001.pdf", "07.351.01.05/001.pdf"]

    def test_one_notice_is_printed_and_kept_in_the_trace(self, client, amina, brahim):
        told(amina)
        page = reverse("desk:right_notice", args=[RightNotice.objects.get().reference])
        assert as_(client, brahim).get(page).status_code == 404
        answer = as_(client, amina).get(page)
        assert answer.content.startswith(b"%PDF") and b"PDF/UA" not in answer.content[:20]
        assert RightNotice.objects.get().printed_by == amina
        assert AuditEvent.objects.filter(verb="print_right_notice").count() == 1

    def test_each_page_of_a_pile_bears_the_code_the_address_and_the_digest_that_verify_it(self, client, amina):
        told(amina, 2)
        rows = list(RightNotice.objects.order_by("id"))
        letters = paper.content(rows, on=localdate())["papers"]
        addresses = [f"{settings.PUBLIC_URL}/verify/{references.grouped(row.reference)}" for row in rows]
        assert [letter["url"] for letter in letters] == addresses
        assert [letter["digest"]["fr"] for letter in letters] == [row.short_digest for row in rows]
        answer = as_(client, amina).post(reverse("desk:paper"), {"reason": "distribution au guichet"})
        archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        printed = inflated(archive.read(archive.namelist()[0]))
        assert all(address.encode() in printed for address in addresses)  # what a screen reader says of each drawn code
        for address in addresses:
            assert client.get(address.removeprefix(settings.PUBLIC_URL)).status_code == 200

    def test_a_message_that_arrives_spares_the_paper(self, client, amina):
        told(amina, phone="0612345678")
        assert not queries.paper_notices(amina).exists()
        Message.objects.update(status="failed")
        assert queries.paper_notices(amina).count() == 1
