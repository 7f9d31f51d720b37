"""What families are told: once, in their language, without a word of what it is; at an hour when they may be disturbed."""

import hashlib
import hmac
import json
import re
import threading
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.models import Provision
from enrollment import gateways, notices, quiet, services
from enrollment.lifecycle import MOVES
from enrollment.models import Contact, EnrollmentMove, Message, RightNotice, Scheme, ToldMove
from households.models import Household
from rsu.authentication import engine
from rsu.models import AuditEvent
from rsu.permissions import Forbidden

from .builders import DAY, couple, determine, flip

NOON = datetime(2026, 11, 24, 12, tzinfo=get_current_timezone())  # a Tuesday
NIGHT = NOON.replace(hour=22)
PHONE = "0612345678"


class Operator:
    """A gateway as a test wants it: what it answers, and what it was handed."""

    recognizes_doubles = True
    answers: list = []
    handed: list = []

    def send(self, letter):
        Operator.handed.append(letter)
        answer = Operator.answers.pop(0) if Operator.answers else gateways.Sent(external_id="x1")
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def operator(settings):
    settings.GATEWAYS = {"sms": f"{__name__}.Operator", "email": "enrollment.gateways.smtp.Smtp"}
    Operator.answers, Operator.handed = [], []
    return Operator


def accepted(by, program="direct_aid", phone=PHONE, **answers):
    household = couple(phone=phone, **answers)
    determine(household, program)
    services.propose_for_household(household.pk, on=DAY, by=engine())
    services.accept_household(household, program, on=DAY, by=by)
    return household


def tell(at=NOON):
    return services.notify_due(at=at, by=engine())


@pytest.mark.django_db
class TestNotices:
    def test_a_cover_accepted_for_two_is_told_once(self, amina):
        household = accepted(amina, "amo_tadamon")
        assert tell() == 1
        notice = RightNotice.objects.get()
        assert (notice.household, notice.program, notice.deed, notice.on) == (household, "amo_tadamon", "opened", date(2026, 11, 24))
        assert len(notice.content["people"]) == 2
        assert ToldMove.objects.filter(notice=notice).count() == 2
        assert tell() == 0

    def test_the_days_to_contest_run_from_the_notice_and_the_last_one_counts(self, amina):
        accepted(amina)
        tell()
        assert RightNotice.objects.get().appeal_until == date(2026, 12, 9)  # 24 November + 15 days

    def test_a_proposal_and_what_the_engine_withdraws_are_not_told(self, amina):
        household = couple(phone=PHONE)
        row = determine(household, "direct_aid")
        services.propose_for_household(household.pk, on=DAY, by=engine())
        flip(row, on=date(2026, 12, 1))
        services.propose_for_household(household.pk, on=date(2026, 12, 1), by=engine())
        assert EnrollmentMove.objects.filter(after="refused").exists()
        assert tell() == 0

    def test_a_refusal_by_a_person_is_told_with_its_reason(self, amina):
        household = couple(phone=PHONE)
        determine(household, "direct_aid")
        services.propose_for_household(household.pk, on=DAY, by=engine())
        services.refuse_enrollment(household.enrollments.get().pk, reason="dossier incomplet", on=DAY, by=amina)
        tell()
        notice = RightNotice.objects.get()
        assert notice.deed == "refused"
        assert any("dossier incomplet" in sentence for sentence in notices.why(notice))

    def test_an_end_says_its_last_day_and_the_score_against_the_line(self, amina):
        household = accepted(amina, "amo_tadamon")
        next_day = DAY + timedelta(days=1)
        flip(household.determinations.get(), on=next_day)
        services.propose_for_household(household.pk, on=next_day, by=engine())
        ids = list(household.enrollments.values_list("pk", flat=True))
        services.end_enrollments(ids, reason="au-dessus du seuil", on=next_day, by=amina)
        tell()
        ended = RightNotice.objects.get(deed="ended")
        with override("fr"):
            assert "30 novembre 2026" in notices.what(ended)
            assert "9,3264284" in " ".join(notices.why(ended))
        assert set(RightNotice.objects.values_list("deed", flat=True)) == {"opened", "reviewed", "ended"}
        assert RightNotice.objects.get(deed="reviewed").appeal_until is None

    def test_what_was_decided_before_the_floor_is_never_told(self, amina):
        accepted(amina)
        from enrollment.models import ToldFloor

        ToldFloor.objects.update_or_create(pk=1, defaults={"move_id": EnrollmentMove.objects.latest("pk").pk})
        assert tell() == 0

    def test_the_floor_rises_behind_what_is_told_and_old(self, amina):
        accepted(amina)
        last = EnrollmentMove.objects.latest("pk").pk
        at = EnrollmentMove.objects.latest("pk").at
        first = EnrollmentMove.objects.get(after="active").pk
        assert services.raise_told_floor(at=at + timedelta(days=2)) == first - 1
        tell()
        assert services.raise_told_floor(at=at) == first - 1
        assert services.raise_told_floor(at=at + timedelta(days=2)) == last

    def test_a_change_is_told_in_one_notice(self, amina):
        accepted(amina)
        tell()
        told = ToldMove.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            ToldMove.objects.create(move=told.move, notice=told.notice)

    def test_telling_asks_as_much_for_two_families_as_for_ten(self, amina):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        asked = []
        for count in (2, 10):
            for _number in range(count):
                accepted(amina)
            with CaptureQueriesContext(connection) as captured:
                assert tell() == count
            asked.append(len(captured))
        assert asked[0] == asked[1]


def test_two_workers_tell_each_change_once(committed_db, amina):
    for _number in range(12):
        accepted(amina)
    ready, errors = threading.Barrier(2), []

    def work():
        try:
            ready.wait()
            while services.notify_due(limit=3, at=NOON, by=engine()):
                pass
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while tell():
        pass
    assert errors == []
    assert RightNotice.objects.count() == 12
    assert ToldMove.objects.count() == EnrollmentMove.objects.filter(after="active").count() == 12
    assert Message.objects.count() == 12


class TestWords:
    def test_every_move_of_the_lifecycle_is_told_or_said_to_be_bookkeeping(self):
        assert set(notices.TOLD) == set(MOVES)

    @pytest.mark.parametrize("language", ["fr", "ar"])
    @pytest.mark.parametrize("deed", RightNotice.Deed.values)
    @pytest.mark.parametrize("program", Scheme.values)
    def test_every_deed_has_a_text_in_both_languages(self, program, deed, language):
        content = {
            "decided_on": "2026-11-22", "since": "2026-11-01", "until": "2026-12-01", "people": [["Fictif Un", "خيالي واحد"]], "reason": "",
            "score": 97000000, "line": 97430010, "source": "Décret n° 1 / المرسوم رقم 1",
            "limit": {"days": 15, "source": "Loi n° 1 / القانون رقم 1"}, "what": "majority", "month": "2026-11-01",
            "earlier": "2026-10-01", "before": 20000, "now": 30000, "changes": [{"code": "flat"}], "amount": 10000, "made_up": 0,
            "lines": [], "state": "recovering", "share": 1000, "code": "AC04", "filed_on": "2026-11-22", "status": "upheld",
            "finding": "other_allowances",
            "basis": [{"key": "direct_aid.amounts", "source": "Décret n° 2 / المرسوم رقم 2", "since": "2026-01-01"}],
        }  # fmt: skip
        notice = RightNotice(
            program=program,
            deed=deed,
            content=content,
            reference="0" * 12,
            appeal_until=date(2026, 12, 9),
            household=Household(code="1" * 11),
        )
        with override(language):
            said = [notices.what(notice), *notices.why(notice), *notices.next_steps(notice), notices.short_text(notice, language)]
        assert all(sentence and "{" not in sentence for sentence in said)
        letters = re.compile(r"[A-Za-z]{3,}") if language == "ar" else re.compile(r"[\u0621-\u064a]")
        assert not [sentence for sentence in said if letters.search(sentence)]

    @pytest.mark.django_db
    @pytest.mark.parametrize("language", ["", "fr", "ar"])
    def test_an_sms_says_nothing_of_the_decision_nor_of_anybody(self, language, amina):
        household = accepted(amina, "amo_tadamon")
        household.members.update(last_name_fr="Nomdefamille")
        services.change_contact(household=household, language=language, email="", no_sms=False, no_email=False, on=DAY, by=amina)
        tell()
        body = Message.objects.get().body
        for member in household.members.all():
            assert member.idcs not in body
            assert member.last_name_fr not in body.split()
        for word in ("AMO", "TADAMON", "aide", "Fictif", "أمو", "الدعم", "MAD", "indice"):
            assert word not in body
        assert household.shown_code in body
        assert ("السجل" in body, "Registre" in body) == {"": (True, True), "fr": (False, True), "ar": (True, False)}[language]


@pytest.mark.django_db
class TestWhoIsReached:
    @pytest.mark.parametrize(("phone", "reached"), [(PHONE, True), ("0712345678", True), ("0522345678", False), ("", False)])
    def test_a_mobile_gets_an_sms_and_nobody_else(self, phone, reached, amina):
        accepted(amina, phone=phone)
        tell()
        assert Message.objects.exists() is reached

    def test_an_address_and_a_wish_are_followed(self, amina):
        first, second = accepted(amina), accepted(amina)
        services.change_contact(household=first, language="fr", email="a@example.org", no_sms=True, no_email=False, on=DAY, by=amina)
        services.change_contact(household=second, language="ar", email="b@example.org", no_sms=False, no_email=True, on=DAY, by=amina)
        tell()
        assert set(Message.objects.values_list("household", "channel")) == {(first.pk, "email"), (second.pk, "sms")}

    def test_the_trace_says_what_changed_and_never_the_address(self, amina):
        household = accepted(amina)
        for _twice in range(2):
            services.change_contact(
                household=household, language="fr", email="a@example.org", no_sms=False, no_email=False, on=DAY, by=amina
            )
        event = AuditEvent.objects.get(verb="contact.changed")
        assert event.details == {"changed": ["language", "email"]}
        assert Contact.objects.count() == 1

    def test_another_commune_changes_nothing(self, amina, brahim):
        household = accepted(amina)
        with pytest.raises(Forbidden):
            services.change_contact(household=household, language="fr", email="", no_sms=True, no_email=False, on=DAY, by=brahim)


class TestQuietHours:
    LAW = {"messages.quiet_from": 20, "messages.quiet_until": 8, "messages.quiet_weekdays": ["sunday"]}

    class Law:
        def __init__(self, values):
            self.values = values

        def value(self, key):
            return self.values[key]

        def has(self, key):
            return key in self.values

    @pytest.mark.parametrize(
        ("at", "opens"),
        [
            ((24, 7, 59), (24, 8, 0)),
            ((24, 8, 0), (24, 8, 0)),
            ((24, 19, 59), (24, 19, 59)),
            ((24, 20, 0), (25, 8, 0)),
            ((28, 20, 0), (30, 8, 0)),  # Saturday evening: Sunday is skipped
            ((29, 12, 0), (30, 8, 0)),
        ],
    )
    def test_no_sms_at_night_nor_on_sunday(self, at, opens):
        zone = get_current_timezone()
        (day, hour, minute), (next_day, next_hour, next_minute) = at, opens
        found = quiet.opens(datetime(2026, 11, day, hour, minute, tzinfo=zone), self.Law(self.LAW))
        assert found == datetime(2026, 11, next_day, next_hour, next_minute, tzinfo=zone)

    def test_a_week_without_a_day_opens_never(self):
        every = self.LAW | {"messages.quiet_weekdays": list(quiet.WEEKDAYS)}
        assert quiet.opens(NOON, self.Law(every)) is None

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        minutes=st.integers(0, 60 * 24 * 400),
        begins=st.integers(0, 23),
        ends=st.integers(0, 23),
        days=st.sets(st.sampled_from(quiet.WEEKDAYS), max_size=6),
    )
    def test_what_opens_is_open_and_never_earlier(self, minutes, begins, ends, days):
        rules = self.Law({"messages.quiet_from": begins, "messages.quiet_until": ends, "messages.quiet_weekdays": sorted(days)})
        moment = datetime(2026, 1, 1, tzinfo=get_current_timezone()) + timedelta(minutes=minutes)
        found = quiet.opens(moment, rules)
        assert found >= moment
        assert quiet.opens(found, rules) == found


@pytest.mark.django_db
class TestSending:
    def queued(self, amina):
        accepted(amina)
        tell()
        return Message.objects.get()

    def test_a_message_leaves_once(self, operator, amina):
        message = self.queued(amina)
        assert services.send_due(at=NOON) == 1
        assert services.send_due(at=NOON) == 0
        message.refresh_from_db()
        assert (message.status, message.external_id, message.attempts, message.sent_at) == ("sent", "x1", 1, NOON)
        assert [letter.key for letter in operator.handed] == [message.key]

    def test_what_was_told_at_night_leaves_in_the_morning(self, operator, amina):
        accepted(amina)
        tell(NIGHT)
        assert services.send_due(at=NIGHT) == 0
        assert services.send_due(at=NIGHT + timedelta(hours=9, minutes=59)) == 0
        assert services.send_due(at=NIGHT + timedelta(hours=10)) == 1

    def test_a_queue_that_lasted_until_the_evening_waits_for_the_morning(self, operator, amina):
        self.queued(amina)
        assert services.send_due(at=NIGHT) == 0

    def test_a_busy_operator_is_asked_again_later_and_later_and_then_given_up(self, operator, amina):
        message = self.queued(amina)
        at, waits = NOON, []
        for _attempt in range(5):
            operator.answers = [gateways.Later("busy")]
            assert services.send_due(at=at) == 1
            message.refresh_from_db()
            if message.status == "queued":
                waits.append(message.not_before - at)
                at = message.not_before
        assert waits == [timedelta(minutes=minutes) for minutes in (5, 15, 45, 135)]
        assert (message.status, message.attempts) == ("failed", 5)
        assert services.send_due(at=at + timedelta(days=1)) == 0

    def test_an_address_refused_is_not_tried_again(self, operator, amina):
        message = self.queued(amina)
        operator.answers = [gateways.Refused("unknown number")]
        services.send_due(at=NOON)
        message.refresh_from_db()
        assert message.status == "undeliverable"
        assert services.send_due(at=NOON + timedelta(hours=1)) == 0

    def test_an_answer_that_was_lost_leaves_the_message_in_doubt(self, operator, amina, caplog):
        message = self.queued(amina)
        operator.answers = [TimeoutError("no answer")]
        services.send_due(at=NOON)
        message.refresh_from_db()
        assert message.status == "doubtful"
        assert services.send_due(at=NOON + timedelta(hours=1)) == 0

    def test_a_worker_that_died_with_a_message_leaves_it_in_doubt(self, operator, amina):
        message = self.queued(amina)
        Message.objects.update(status="sending", claimed_at=NOON, attempts=1)
        assert services.doubt_silent(at=NOON + timedelta(minutes=9)) == 0
        assert services.doubt_silent(at=NOON + timedelta(minutes=11)) == 1
        message.refresh_from_db()
        assert message.status == "doubtful"
        assert services.send_due(at=NOON + timedelta(hours=1)) == 0

    def test_it_goes_again_by_itself_only_where_the_law_says_so_under_the_same_key(self, operator, amina):
        message = self.queued(amina)
        Provision.objects.create(
            key="messages.resend_doubtful", since=date(2026, 1, 1), value=True, source="x", gazette="", url="", note="", confidence="L"
        )
        Message.objects.update(status="sending", claimed_at=NOON, attempts=1)
        services.doubt_silent(at=NOON + timedelta(minutes=11))
        services.send_due(at=NOON + timedelta(minutes=12))
        assert [letter.key for letter in operator.handed] == [message.key]

    def test_a_person_sends_it_again_for_a_reason(self, operator, amina, brahim):
        message = self.queued(amina)
        Message.objects.update(status="doubtful", attempts=1)
        with pytest.raises(services.MessageRefused):
            services.resend_message(message.pk, reason=" ", on=DAY, at=NOON, by=amina)
        with pytest.raises(Forbidden):
            services.resend_message(message.pk, reason="x", on=DAY, at=NOON, by=brahim)
        services.resend_message(message.pk, reason="la famille n’a rien reçu", on=DAY, at=NOON, by=amina)
        assert services.send_due(at=NOON) == 1
        with pytest.raises(services.MessageRefused, match="est parti"):
            services.resend_message(message.pk, reason="encore", on=DAY, at=NOON, by=amina)

    def test_a_channel_without_a_gateway_keeps_its_messages(self, settings, amina):
        self.queued(amina)
        settings.GATEWAYS = {"sms": "", "email": ""}
        assert services.send_due(at=NOON) == 0
        assert Message.objects.get().status == "queued"

    def test_an_email_leaves_at_any_hour_in_the_language_of_the_family(self, operator, amina):
        household = accepted(amina, phone="")
        services.change_contact(household=household, language="ar", email="a@example.org", no_sms=False, no_email=False, on=DAY, by=amina)
        tell(NIGHT)
        assert services.send_due(at=NIGHT) == 1
        [sent] = mail.outbox
        assert sent.to == ["a@example.org"]
        assert "ملف" in sent.subject
        assert Message.objects.get().status == "sent"

    def test_the_console_says_what_would_leave_and_counts_it_as_received(self, settings, amina):
        settings.GATEWAYS = {"sms": "enrollment.gateways.console.Console", "email": ""}
        self.queued(amina)
        services.send_due(at=NOON)
        assert Message.objects.get().status == "delivered"


@pytest.mark.django_db
class TestReceipts:
    @pytest.fixture
    def sent(self, amina, settings):
        settings.GATEWAY_SECRET = "shared"
        household = accepted(amina)
        tell()
        Message.objects.update(status="sent", sent_at=NOON, claimed_at=NOON)
        assert household
        return Message.objects.get()

    def post(self, client, told, secret="shared"):
        body = json.dumps(told).encode()
        mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return client.post(reverse("enrollment:receipt"), body, content_type="application/json", headers={"X-Signature": mark})

    def test_a_signed_receipt_is_written_once(self, sent, client):
        told = {"key": str(sent.key), "status": "delivered"}
        assert [self.post(client, told).status_code for _twice in range(2)] == [204, 204]
        sent.refresh_from_db()
        assert sent.status == "delivered"
        assert self.post(client, told | {"status": "undeliverable"}).status_code == 204
        sent.refresh_from_db()
        assert sent.status == "delivered"

    def test_a_number_that_cannot_be_reached_goes_on_paper(self, sent, client, amina):
        from enrollment.queries import paper_notices

        assert not paper_notices(amina).exists()
        self.post(client, {"key": str(sent.key), "status": "undeliverable"})
        assert paper_notices(amina).get() == sent.notice

    @pytest.mark.parametrize(
        ("told", "answer"),
        [
            ({"key": "x", "status": "delivered"}, 400),
            ({"status": "delivered"}, 400),
            ([], 400),
            ({"key": str(uuid4()), "status": "lost"}, 400),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, told, answer, sent, client):
        assert self.post(client, told).status_code == answer

    def test_an_unknown_key_and_a_wrong_signature_change_nothing(self, sent, client, settings):
        assert self.post(client, {"key": str(uuid4()), "status": "delivered"}).status_code == 404
        assert self.post(client, {"key": str(sent.key), "status": "delivered"}, secret="other").status_code == 401
        settings.GATEWAY_SECRET = ""
        assert self.post(client, {"key": str(sent.key), "status": "delivered"}, secret="").status_code == 401
        sent.refresh_from_db()
        assert sent.status == "sent"


@pytest.mark.django_db
class TestConstraints:
    def test_one_message_a_channel_and_never_without_an_address(self, amina):
        accepted(amina)
        tell()
        row = Message.objects.get()
        fields = {"notice": row.notice, "household": row.household, "channel": "sms", "address": PHONE, "body": "x", "not_before": NOON}
        for wrong, name in (
            ({}, "message_once_by_channel"),
            ({"channel": "email", "address": ""}, "message_has_address"),
            ({"channel": "email", "status": "sent"}, "message_sent_is_dated"),
            ({"channel": "email", "status": "sending"}, "message_sending_is_claimed"),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                Message.objects.create(key=uuid4(), **fields | wrong)

    def test_a_limit_does_not_end_before_its_notice(self, amina):
        accepted(amina)
        tell()
        with pytest.raises(IntegrityError, match="right_notice_limit_after"), transaction.atomic():
            RightNotice.objects.update(appeal_until=date(2026, 11, 1))
