import io
import uuid
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from eligibility.law import Law, founding
from households import queries
from households.models import AnswerConflict, Household, Import, ImportRow, Member, Request, Verification
from households.services import (
    ConflictRefused,
    amend_draft,
    apply_lot,
    check_take,
    claim_lot,
    close_imports,
    close_taken,
    keep_answer,
    receive_import,
    return_request,
    submit_registration,
    submit_request,
    tell_family,
)
from rsu.desk import casework, taking
from rsu.desk.taking import take_verified
from rsu.desk.tasks import take_lots
from rsu.models import Agency, AuditEvent, User
from rsu.permissions import Forbidden
from tests.eligibility.families import GUELIZ, family, person

from .families import town
from .files import as_csv
from .test_imports import valid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]
DAY = date(2026, 11, 22)
SEEN = date(2026, 11, 15)


@pytest.fixture
def cnss(db) -> Agency:
    return Agency.objects.get(code="cnss")


def law(on=DAY):
    return Law(founding(), on)


def line(idcs, cover="amo_employee", quality="principal", as_of=SEEN, since="", until="") -> dict:
    return {
        "idcs": idcs, "cover": cover, "cover_quality": quality, "since": since, "until": until, "as_of": f"{as_of:%d/%m/%Y}",
    }  # fmt: skip


def cover_file(by, *lines, on=DAY) -> Import:
    cnss = Agency.objects.get(code="cnss")
    importing = receive_import(file=io.BytesIO(as_csv(list(lines))), name="cnss.csv", kind="cover", agency=cnss, on=on, by=by)
    while lot := claim_lot(worker="test", at=timezone.now()):
        apply_lot(lot, on=on, at=timezone.now(), law=law(on))
    close_imports(at=timezone.now())
    importing.refresh_from_db()
    return importing


def told(importing: Import) -> dict[str, int]:
    names = ("applied", "already", "refused", "contradicted", "unknown")
    return {name: n for name in names if (n := sum(importing.chunks.values_list(name, flat=True)))}


def declared(cover="none", quality=None, **more) -> Member:
    return family(person(cover=cover, cover_quality=quality), **more).members.get()


class TestAPartnersFile:
    def test_verifies_the_answers_that_are_the_same_and_changes_nothing(self, salma):
        member = declared("amo_employee", "principal")
        before = Member.objects.filter(pk=member.pk).values().get()
        importing = cover_file(salma, line(member.idcs))
        assert (importing.status, told(importing)) == ("closed", {"applied": 1})
        assert {(v.field, v.value, v.as_of) for v in Verification.objects.all()} == {
            ("cover", "amo_employee", SEEN),
            ("cover_quality", "principal", SEEN),
        }
        assert Member.objects.filter(pk=member.pk).values().get() == before
        assert not AnswerConflict.objects.exists()
        mark = queries.marks_of(member.household, [member])[member.pk, "cover"]
        assert (mark.agrees, mark.verification.as_of) == (True, SEEN)

    def test_opens_a_contradiction_and_leaves_the_answer(self, salma):
        member = declared("none")
        importing = cover_file(salma, line(member.idcs))
        conflict = AnswerConflict.objects.get()
        assert told(importing) == {"contradicted": 1}
        assert (conflict.declared, conflict.verified) == (
            {"cover": "none", "cover_quality": None},
            {"cover": "amo_employee", "cover_quality": "principal"},
        )
        assert (conflict.opened_on, conflict.due_on) == (DAY, DAY + timedelta(days=30))
        member.refresh_from_db()
        assert (member.cover, member.household.due_since) == ("none", None)
        assert queries.marks_of(member.household, [member])[member.pk, "cover"].conflict == conflict

    def test_keeps_nothing_of_somebody_the_registry_does_not_know(self, salma):
        stranger = valid(7)
        importing = cover_file(salma, line(stranger))
        assert told(importing) == {"unknown": 1}
        assert not Verification.objects.exists()
        row = ImportRow.objects.get()
        assert row.cells == {} and stranger not in str(row.problems)
        assert not AuditEvent.objects.filter(details__icontains=stranger).exists()

    def test_knows_nobody_outside_the_area_of_who_sends_it(self, salma):
        elsewhere = declared("none", commune=GUELIZ)
        assert told(cover_file(salma, line(elsewhere.idcs))) == {"unknown": 1}
        assert not AnswerConflict.objects.exists()

    def test_refuses_a_bad_row_alone(self, salma):
        member = declared("amo_employee", "principal")
        importing = cover_file(salma, line(member.idcs), line("2000000011"), line(member.idcs) | {"cover": "mutuelle"}, line(member.idcs))
        assert told(importing) == {"applied": 1, "refused": 3}
        sentences = [problem["fr"] for row in ImportRow.objects.order_by("number") for problem in row.problems]
        assert sentences == [
            "Cet IDCS contient une erreur de frappe : son dernier chiffre ne correspond pas aux autres.",
            "Choisissez une des réponses proposées.",
            "Cette personne a déjà une ligne dans ce fichier.",
        ]

    def test_the_latest_day_stands_whatever_the_order_of_arrival(self, salma):
        member = declared("amo_employee", "principal")
        cover_file(salma, line(member.idcs, as_of=SEEN))
        older = cover_file(salma, line(member.idcs, cover="none", quality="", as_of=SEEN - timedelta(days=9)))
        assert told(older) == {"already": 1}
        assert not AnswerConflict.objects.exists()
        assert queries.marks_of(member.household, [member])[member.pk, "cover"].agrees

    def test_the_same_word_again_says_nothing_new(self, salma):
        member = declared("amo_employee", "principal")
        cover_file(salma, line(member.idcs))
        other = declared("amo_employee", "principal")
        assert told(cover_file(salma, line(member.idcs), line(other.idcs))) == {"applied": 1, "already": 1}

    def test_a_cover_that_has_ended_contradicts_who_still_declares_it_and_nobody_else(self, salma):
        still, military = declared("amo_employee", "principal"), declared("military", "principal")
        ended = {"until": "01/09/2026", "since": "01/01/2020"}
        importing = cover_file(salma, line(still.idcs, **ended), line(military.idcs, **ended))
        assert told(importing) == {"already": 1, "contradicted": 1}
        assert AnswerConflict.objects.get().verified == {"cover": "none", "cover_quality": None}
        assert not Verification.objects.filter(idcs=military.idcs).exists()

    def test_a_later_file_takes_the_place_of_an_earlier_one_in_what_is_to_settle(self, salma):
        member = declared("none")
        cover_file(salma, line(member.idcs))
        cover_file(salma, line(member.idcs, cover="amo_student", as_of=SEEN + timedelta(days=3)), on=DAY + timedelta(days=4))
        conflict = AnswerConflict.objects.get()
        assert (conflict.verified["cover"], conflict.due_on) == ("amo_student", DAY + timedelta(days=30))

    def test_somebody_who_left_and_came_back_is_found_again_by_the_next_file(self, salma, amina):
        member = declared("none")
        cover_file(salma, line(member.idcs))
        back = Member.objects.get(pk=member.pk)
        member.delete()
        assert not queries.open_conflicts(amina).exists()
        back.pk = None
        back.save(force_insert=True)
        cover_file(salma, line(back.idcs, as_of=SEEN + timedelta(days=3)))
        assert queries.open_conflicts(amina).get().member == back
        assert AnswerConflict.objects.count() == 1

    def test_a_partner_that_comes_round_leaves_nothing_to_settle(self, salma):
        member = declared("none")
        cover_file(salma, line(member.idcs))
        cover_file(salma, line(member.idcs, cover="none", quality="", as_of=SEEN + timedelta(days=3)))
        assert AnswerConflict.objects.get().status == "kept"

    def test_is_not_for_a_caseworker(self, amina):
        with pytest.raises(Forbidden):
            cover_file(amina, line(valid(1)))


class TestSettling:
    @pytest.fixture
    def conflict(self, salma) -> AnswerConflict:
        cover_file(salma, line(declared("none").idcs))
        return AnswerConflict.objects.get()

    def test_the_answer_is_kept_for_a_reason_and_once(self, conflict, amina):
        with pytest.raises(ConflictRefused):
            keep_answer(conflict.pk, reason=" ", on=DAY, by=amina)
        for _time in range(2):
            kept = keep_answer(conflict.pk, reason="attestation vue", on=DAY, by=amina)
        assert (kept.status, kept.settled_by, kept.reason) == ("kept", amina, "attestation vue")
        assert AuditEvent.objects.filter(verb="conflict.kept").count() == 1
        assert conflict.member.cover == "none"

    def test_what_was_kept_is_not_asked_again_by_the_same_word(self, conflict, amina, salma):
        keep_answer(conflict.pk, reason="attestation vue", on=DAY, by=amina)
        cover_file(salma, line(conflict.idcs, as_of=SEEN + timedelta(days=2)))
        assert AnswerConflict.objects.count() == 1

    def test_somebody_of_another_area_settles_nothing(self, conflict, brahim):
        with pytest.raises(Forbidden):
            keep_answer(conflict.pk, reason="x", on=DAY, by=brahim)
        assert not queries.open_conflicts(brahim).exists()

    def test_the_family_is_told_before_anything_is_taken(self, conflict, amina):
        with pytest.raises(ConflictRefused, match="Prévenez"):
            take_verified(conflict.pk, reason="d’accord", on=DAY, by=amina)
        tell_family(conflict.pk, on=DAY, by=amina, law=law())
        with pytest.raises(ConflictRefused, match="encore le temps"):
            take_verified(conflict.pk, reason="", on=DAY + timedelta(days=30), by=amina)
        assert not Request.objects.exists()

    def test_the_days_of_the_family_run_from_the_first_time_it_is_told(self, conflict, amina):
        told_on = date(2026, 12, 20)  # 28 days after the file
        for day in (told_on, date(2026, 12, 25)):
            conflict = tell_family(conflict.pk, on=day, by=amina, law=law(day))
        assert (conflict.opened_on, conflict.told_on, conflict.due_on) == (DAY, told_on, date(2027, 1, 19))
        with pytest.raises(ConflictRefused, match="encore le temps"):
            check_take(conflict, reason="", on=date(2027, 1, 19))
        check_take(conflict, reason="", on=date(2027, 1, 20))

    def test_no_last_day_is_told_before_the_family_is(self, conflict, amina, client):
        client.force_login(amina)
        pages = [reverse("desk:conflicts"), reverse("desk:conflict", args=[conflict.pk])]
        assert not any("22 décembre 2026" in client.get(page).content.decode() for page in pages)
        tell_family(conflict.pk, on=date(2026, 11, 24), by=amina, law=law())
        assert all("24 décembre 2026" in client.get(page).content.decode() for page in pages)

    def test_a_person_who_left_leaves_nothing_to_settle(self, conflict, amina):
        Member.objects.filter(pk=conflict.member_id).delete()
        with pytest.raises(ConflictRefused, match="plus dans le registre"):
            keep_answer(conflict.pk, reason="x", on=DAY, by=amina)
        assert not queries.open_conflicts(User.objects.get(username="nadia")).exists()


class TestTaking:
    """On a household registered as a counter does, so that its update can be sent."""

    @pytest.fixture
    def conflict(self, amina, salma) -> AnswerConflict:
        submit_registration(token=uuid.uuid4(), answers=town(), on=localdate(), by=amina, law=law(localdate()))
        head = Member.objects.get(position=1)
        cover_file(salma, line(head.idcs, as_of=localdate()), on=localdate())
        conflict = AnswerConflict.objects.get()
        tell_family(conflict.pk, on=localdate(), by=amina, law=law(localdate()))
        return conflict

    def test_makes_the_verified_value_the_answer_by_an_update_once(self, conflict, amina):
        first = take_verified(conflict.pk, reason="elle confirme", on=localdate(), by=amina)
        if first.waits:  # the update moves a right: a supervisor who did not send it signs
            assert AnswerConflict.objects.get().status == "open"
            casework.process(first.conflict.request_id, on=localdate(), by=User.objects.get(username="salma"))
            assert close_taken(on=localdate()) == 1
            assert close_taken(on=localdate()) == 0
        again = take_verified(conflict.pk, reason="elle confirme", on=localdate(), by=amina)
        conflict.refresh_from_db()
        member = Member.objects.get(pk=conflict.member_id)
        assert (member.cover, member.cover_quality) == ("amo_employee", "principal")
        assert (conflict.status, again.conflict.status) == ("taken", "taken")
        assert Request.objects.filter(kind="update").count() == 1
        assert queries.marks_of(member.household, [member])[member.pk, "cover"].agrees

    def sent(self, conflict, amina) -> Request:
        """The update sent and not applied: as where it waits for a signature, or after a kill between the two."""
        taking._send(conflict.pk, reason="elle confirme", on=localdate(), by=amina)
        conflict.refresh_from_db()
        assert conflict.request.status == "in_progress"
        return conflict.request

    def test_what_waits_for_a_signature_is_what_is_taken_whatever_a_later_file_says(self, conflict, amina, salma):
        self.sent(conflict, amina)
        for later in ({"cover": "amo_student"}, {"cover": "none", "quality": ""}):
            cover_file(salma, line(conflict.idcs, as_of=localdate(), **later), on=localdate())
            conflict.refresh_from_db()
            assert (conflict.status, conflict.verified) == ("open", {"cover": "amo_employee", "cover_quality": "principal"})
        casework.process(conflict.request_id, on=localdate(), by=salma)
        assert close_taken(on=localdate()) == 1
        conflict.refresh_from_db()
        assert (conflict.status, conflict.member.cover) == ("taken", "amo_employee")

    def edited_back(self, conflict, amina, salma) -> Request:
        """The update comes back to its author, who sends the family's cover again with another telephone."""
        request = self.sent(conflict, amina)
        return_request(request_id=request.pk, reason="papier vu", on=localdate(), by=salma)

        def change(answers):
            head, *others = answers["members"]
            head = {name: value for name, value in head.items() if name != "cover_quality"} | {"cover": "none"}
            return answers | {"phone": "0612345679", "members": [head, *others]}

        amend_draft(token=request.token, change=change, on=localdate(), by=amina)
        return submit_request(token=request.token, on=localdate(), by=amina, law=law(localdate()))

    def test_an_update_edited_back_takes_nothing_and_the_value_can_be_taken_after(self, conflict, amina, salma):
        request = self.edited_back(conflict, amina, salma)
        done, _effect = casework.process(request.pk, on=localdate(), by=salma)
        assert (done.status, close_taken(on=localdate())) == ("processed", 0)
        assert not AuditEvent.objects.filter(verb="conflict.taken").exists()
        still = queries.open_conflicts(amina).get()
        assert (still.pk, still.request, still.member.cover) == (conflict.pk, None, "none")
        casework.process(self.sent(conflict, amina).pk, on=localdate(), by=salma)
        assert (close_taken(on=localdate()), Member.objects.get(pk=conflict.member_id).cover) == (1, "amo_employee")

    def test_the_button_says_that_an_update_edited_back_takes_nothing(self, conflict, amina, salma):
        self.edited_back(conflict, amina, salma)
        with pytest.raises(ConflictRefused, match="corrigée avant d’être appliquée"):
            take_verified(conflict.pk, reason="elle confirme", on=localdate(), by=amina)
        conflict.refresh_from_db()
        assert (conflict.status, conflict.request, conflict.member.cover) == ("open", None, "none")

    @pytest.mark.parametrize(
        ("meanwhile", "sentence"),
        [
            (lambda member: Member.objects.filter(pk=member.pk).update(cover="amo_student"), "Le ménage a changé depuis"),
            (lambda member: Household.objects.filter(pk=member.household_id).update(phone="12"), "ne peut pas être appliquée ainsi : "),
        ],
    )
    def test_a_household_that_changed_after_it_was_sent_is_said_in_a_sentence(self, conflict, amina, meanwhile, sentence):
        request = self.sent(conflict, amina)
        meanwhile(conflict.member)
        with pytest.raises(ConflictRefused, match=sentence):
            take_verified(conflict.pk, reason="elle confirme", on=localdate(), by=amina)
        request.refresh_from_db()
        assert request.status == "in_progress"

    def test_after_the_delay_needs_no_word_of_the_family(self, conflict, amina):
        taken = take_verified(conflict.pk, reason="", on=conflict.due_on + timedelta(days=1), by=amina)
        assert taken.conflict.request_id is not None

    def test_cannot_be_kept_while_the_update_waits(self, conflict, amina):
        request = Request.objects.create(
            token="00000000-0000-0000-0000-000000000001", kind="update", status="in_progress", household=conflict.member.household,
            created_by=amina, submitted_on=localdate(),
        )  # fmt: skip
        AnswerConflict.objects.update(request=request)
        with pytest.raises(ConflictRefused, match="attend déjà"):
            keep_answer(conflict.pk, reason="x", on=localdate(), by=amina)
        assert not queries.open_conflicts(amina).exists()
        Request.objects.filter(pk=request.pk).update(status="rejected")
        assert queries.open_conflicts(amina).get() == conflict


class TestThePages:
    def test_the_household_file_says_who_verified_and_who_contradicts(self, client, salma, amina):
        verified, contradicted = declared("amo_employee", "principal"), declared("none")
        cover_file(salma, line(verified.idcs), line(contradicted.idcs))
        client.force_login(amina)
        page = client.get(reverse("desk:household", args=[verified.household.code])).content.decode()
        assert "vérifié par CNSS le 15 novembre 2026" in page
        page = client.get(reverse("desk:household", args=[contradicted.household.code])).content.decode()
        assert "contredit par CNSS le 15 novembre 2026" in page
        assert reverse("desk:conflict", args=[AnswerConflict.objects.get().pk]) in page

    def test_a_word_about_the_household_is_shown_with_its_dwelling(self, client, salma, amina, cnss):
        household = family(person(), cars=0)
        importing = cover_file(salma, line(valid(9)))
        Verification.objects.create(household=household, field="cars", value=0, agency=cnss, importing=importing, as_of=SEEN)
        client.force_login(amina)
        page = client.get(reverse("desk:household", args=[household.code])).content.decode()
        assert "Combien de voitures à la disposition du ménage" in page
        assert "vérifié par CNSS le 15 novembre 2026" in page

    def test_the_queue_takes_the_same_queries_for_two_and_for_twelve(self, client, salma, amina):
        client.force_login(amina)

        def asked(number: int) -> int:
            cover_file(salma, *(line(declared("none").idcs) for _n in range(number)))
            with CaptureQueriesContext(connection) as captured:
                assert client.get(reverse("desk:conflicts")).status_code == 200
            return len(captured)

        assert asked(2) == asked(10)

    def test_people_are_named_in_ones_own_work_and_masked_over_a_whole_area(self, client, salma, amina):
        one = declared("none")
        cover_file(salma, line(one.idcs))
        name, code = one.name_fr, one.household.shown_code
        client.force_login(amina)
        own = client.get(reverse("desk:conflicts")).content.decode()
        assert name in own and code in own
        client.force_login(salma)
        wide = client.get(reverse("desk:conflicts")).content.decode()
        assert name not in wide and code not in wide
        assert " ".join(f"{word[0]}." for word in name.split()) in wide and f"…{one.household.code[6:10]}-{one.household.code[10:]}" in wide

    def test_a_contradiction_outside_the_area_is_not_there(self, client, salma, brahim):
        cover_file(salma, line(declared("none").idcs))
        client.force_login(brahim)
        pk = AnswerConflict.objects.get().pk
        assert client.get(reverse("desk:conflict", args=[pk])).status_code == 404
        assert client.post(reverse("desk:keep_answer", args=[pk]), {"reason": "x"}).status_code == 404

    def test_told_kept_and_refused_on_the_page(self, client, salma, amina):
        cover_file(salma, line(declared("none").idcs))
        client.force_login(amina)
        pk = AnswerConflict.objects.get().pk
        refused = client.post(reverse("desk:keep_answer", args=[pk]), {"reason": ""})
        assert refused.status_code == 422
        assert "Dites pourquoi la réponse de la famille est gardée" in refused.content.decode()
        client.post(reverse("desk:tell_family", args=[pk]))
        early = client.post(reverse("desk:take_verified", args=[pk]), {"reason": ""})
        assert early.status_code == 422
        client.post(reverse("desk:keep_answer", args=[pk]), {"reason": "attestation vue"})
        page = client.get(reverse("desk:conflict", args=[pk])).content.decode()
        assert "attestation vue" in page
        assert Household.objects.get().members.get().cover == "none"

    def test_in_arabic(self, client, salma, brahim):
        elsewhere = declared("none", commune=GUELIZ)
        cover_file(User.objects.get(username="nadia"), line(elsewhere.idcs))
        client.force_login(brahim)
        client.cookies["django_language"] = "ar"
        page = client.get(reverse("desk:conflicts")).content.decode()
        assert 'dir="rtl"' in page and "Contradictions" not in page


def test_an_invented_file_holds_what_it_says_of_synthetic_people_only(salma, tmp_path):
    for cover, quality in (("none", None), ("amo_employee", "principal"), ("ramed", "principal"), ("military", "principal")):
        declared(cover, quality)
    real = declared("none")
    Household.objects.filter(pk=real.household_id).update(synthetic=False)
    path = tmp_path / "couvertures-synthetiques.csv"
    call_command("make_cover_file", str(path), rows=5, different=40, unknown=20, stdout=io.StringIO())
    assert real.idcs not in path.read_text()
    cnss = Agency.objects.get(code="cnss")
    with path.open("rb") as file:
        importing = receive_import(file=file, name=path.name, kind="cover", agency=cnss, on=localdate(), by=salma)
    take_lots()
    assert told(importing) == {"applied": 2, "contradicted": 2, "unknown": 1}
    assert AnswerConflict.objects.count() == 2
