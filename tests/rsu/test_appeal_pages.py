"""The pages of appeals, through HTTP, by the people who use them."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from eligibility.models import Notice
from enrollment import contested, services
from enrollment.models import Appeal
from households.models import Evidence, Household
from households.updates import paths_of
from rsu.authentication import engine
from rsu.models import AuditEvent
from tests.enrollment.appealing import determination, filed, lost_by_answers, registered, truth
from tests.households.test_evidence import PDF
from tests.rsu.asking import desk, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    settings.FILES_ROOT, settings.SECURE_SSL_REDIRECT = tmp_path, False
    return tmp_path


@pytest.fixture(scope="module")
def lost_once(module_db):
    return lost_by_answers()


@pytest.fixture
def lost(lost_once, db):
    return Household.objects.get(pk=lost_once.pk)


def filing(household, **asked) -> str:
    address = reverse("desk:file_appeal", args=[household.code])
    parts = [f"{name}={value}" for name, values in asked.items() for value in (values if isinstance(values, list) else [values])]
    return f"{address}?{'&'.join(parts)}" if parts else address


def key_of(household) -> str:
    return f"determination:{determination(household).pk}"


def sent(household, user, **fields):
    address = filing(household, against=key_of(household), ground="answer", claims=["cars", "second_home"])
    given = {"token": str(uuid.uuid4()), "words": "Ces biens ne sont pas à nous.", "claim-cars": "0", "claim-second_home": "no"} | fields
    return desk(user).post(address, given)


def today(household, user, **given) -> Appeal:
    """Filed today against a decision notified today."""
    return filed(household, user, on=localdate(), **({"notified_on": localdate()} | given))


def examined(household, user, **given) -> Appeal:
    return services.examine_appeal(appeal_id=today(household, user, **given).pk, on=localdate(), by=user)


def page_of(appeal) -> str:
    return reverse("desk:appeal", args=[appeal.pk])


def act(user, appeal, deed, **fields):
    return desk(user).post(reverse("desk:appeal_deed", args=[appeal.pk, deed]), fields)


def weighed(user, appeal, **fields):
    return desk(user).post(reverse("desk:weigh_appeal", args=[appeal.pk]), fields)


class TestFiling:
    def test_the_file_and_the_decision_lead_to_it_with_what_is_contested_chosen(self, lost, amina):
        assert filing(lost) in desk(amina).get(reverse("desk:household", args=[lost.code])).content.decode()
        page = desk(amina).get(filing(lost, against=key_of(lost)))
        assert page.status_code == 200
        offered = [one.title for one in contested.contestable(lost)]
        assert all(title in text(page) for title in offered) and len(offered) == 7  # two ends, two rights, two months, the score

    def test_only_the_questions_chosen_are_asked_with_what_the_file_says(self, lost, amina):
        page = desk(amina).get(filing(lost, against=key_of(lost), ground="answer", claims=["cars", "second_home"]))
        fields = page.context["form"].fields
        assert [name for name in fields if name.startswith("claim-")] == ["claim-cars", "claim-second_home"]
        assert (fields["claim-cars"].initial, fields["claim-second_home"].initial) == ("2", "yes")

    def test_an_answer_must_be_chosen_when_an_answer_is_false(self, lost, amina):
        page = desk(amina).get(filing(lost, against=key_of(lost), ground="answer"))
        assert page.status_code == 422 and "Choisissez au moins une des réponses" in text(page)

    def test_it_is_received_with_its_evidence(self, lost, amina):
        piece = SimpleUploadedFile("carte grise.pdf", PDF)
        answer = sent(lost, amina, notified_on=localdate().strftime("%d/%m/%Y"), file=piece, proves="property")
        appeal = Appeal.objects.get()
        assert answer.url == page_of(appeal) and appeal.filed_on == localdate() and not appeal.late
        assert Evidence.objects.get().request == appeal.request and appeal.request.touched == ["cars", "second_home"]

    def test_what_is_refused_is_said_beside_its_field_and_nothing_typed_is_lost(self, lost, amina):
        answer = sent(lost, amina, words="", notified_on="31/02/2026")
        assert answer.status_code == 422 and set(answer.context["form"].errors) == {"words", "notified_on"}
        unread = sent(lost, amina, **{"claim-cars": "beaucoup"})
        assert unread.status_code == 422 and "claim-cars" in unread.context["form"].errors and 'value="beaucoup"' in unread.content.decode()
        assert not Appeal.objects.exists()

    def test_a_late_one_says_so_and_offers_a_supervisor_to_admit_it(self, lost, amina, salma):
        page = desk(amina).get(filing(lost, against=key_of(lost), ground="rule"))
        assert "admitted_because" not in page.context["form"].fields
        assert "admitted_because" in desk(salma).get(filing(lost, against=key_of(lost), ground="rule")).context["form"].fields
        sent(lost, salma, notified_on="01/10/2026", admitted_because="La mère était à l’hôpital.")
        appeal = Appeal.objects.get()
        assert appeal.late and appeal.admitted_by == salma

    def test_outside_the_area_there_is_no_such_page(self, lost, brahim, chaima):
        assert desk(brahim).get(filing(lost)).status_code == 404
        assert desk(chaima).get(filing(lost)).status_code == 403


class TestThePage:
    def test_before_and_after_and_every_month_that_would_be_given_back_are_shown(self, lost, amina, salma):
        appeal = examined(lost, amina)
        before = (lost.allowances.count(), lost.enrollments.count())
        page = desk(salma).get(page_of(appeal))
        assert page.status_code == 200 and page.context["foreseen"].ready
        [outcome] = page.context["foreseen"].outcomes
        assert [(one.before, one.after) for one in outcome.rights] == [(False, True), (False, True)]
        assert outcome.covered == [0, 6] and outcome.amounts == [None, 93600]
        assert len(page.context["given"].covers) == 7 and {one.amount for one in page.context["given"].months} <= {93600}
        assert (lost.allowances.count(), lost.enrollments.count()) == before  # nothing was kept
        assert AuditEvent.objects.filter(verb="read_household", subject=f"appeal:{appeal.pk}", by=salma).exists()

    def test_the_effect_of_a_part_is_shown_before_it_is_decided_and_nothing_typed_is_lost(self, lost, amina, salma):
        appeal = examined(lost, amina)
        granted = [name for name in truth(lost) if name != "computer"]
        page = weighed(salma, appeal, claims="1", accepted=granted, since="", answer="La voiture est à un cousin.")
        form = page.context["judging"]
        assert page.status_code == 200 and form["accepted"].value() == granted and form["answer"].value() == "La voiture est à un cousin."
        [outcome] = page.context["foreseen"].outcomes
        assert outcome.amounts == [None, 93600] and not form.errors
        appeal.refresh_from_db()
        lost.refresh_from_db()
        assert appeal.status == "in_examination" and lost.cars == 2  # nothing was done

    def test_no_box_ticked_grants_none_and_says_so_beside_the_boxes(self, lost, amina, salma):
        page = weighed(salma, examined(lost, amina), claims="1", answer="Rien.")
        form = page.context["judging"]
        assert page.status_code == 422 and set(form.errors) == {"accepted"} and "checked" not in str(form["accepted"])
        assert form["answer"].value() == "Rien." and page.context["given"].total == 0
        both = weighed(salma, Appeal.objects.get(), claims="1", since="hier").context["judging"]
        assert set(both.errors) == {"accepted", "since"} and both["since"].value() == "hier"

    @pytest.mark.parametrize(("typed", "sentence"), [("31/02/2027", "n’existe pas"), ("01/10/2026", "jour contesté")])
    def test_a_day_that_cannot_be_is_said_beside_it_and_no_other_is_taken(self, lost, amina, salma, typed, sentence):
        page = weighed(salma, examined(lost, amina), claims="1", accepted=list(truth(lost)), since=typed, answer="Oui.")
        form = page.context["judging"]
        assert page.status_code == 422 and set(form.errors) == {"since"} and sentence in form.errors["since"][0]
        assert form["since"].value() == typed and form["answer"].value() == "Oui." and page.context["given"].total == 0

    def test_upholding_without_a_box_or_with_a_wrong_day_is_refused_beside_it(self, lost, amina, salma):
        appeal = examined(lost, amina)
        none = act(salma, appeal, "uphold", claims="1", answer="Oui.")
        wrong = act(salma, appeal, "uphold", claims="1", accepted=["cars"], since="hier", answer="Oui.")
        assert (none.status_code, set(none.context["judging"].errors)) == (422, {"accepted"})
        assert (wrong.status_code, set(wrong.context["judging"].errors)) == (422, {"since"})
        assert wrong.context["judging"]["accepted"].value() == ["cars"]

    def test_accepted_in_part_it_says_in_part(self, lost, amina, salma):
        appeal = examined(lost, amina)
        granted = [name for name in truth(lost) if name != "computer"]
        answer = desk(salma).post(
            reverse("desk:appeal_deed", args=[appeal.pk, "uphold"]),
            {"claims": "1", "accepted": granted, "answer": "En partie."},
            follow=True,
        )
        assert "Le recours est accueilli en partie" in text(answer) and "les droits et les mois sont réparés" not in text(answer)

    def test_seeing_the_effect_of_what_is_judged_already_leads_to_what_was_decided(self, lost, amina, salma):
        appeal = examined(lost, amina)
        act(salma, appeal, "dismiss", answer="Non.")
        assert weighed(salma, appeal, claims="1").url == page_of(appeal)

    def test_what_nobody_contests_stands_and_is_not_listed_as_contested(self, lost, amina, salma):
        wife = lost.members.filter(relation="spouse")
        wife.update(education_level="koranic")
        appeal = examined(lost, amina)
        act(salma, appeal, "uphold", answer="Les biens sont à un cousin.", claims="1", accepted=list(truth(lost)))
        page = desk(salma).get(page_of(appeal))
        appeal.refresh_from_db()
        assert appeal.status == "upheld" and wife.get().education_level == "koranic"
        assert paths_of(page.context["sides"]) == set(truth(lost)) and page.context["carried"] == []

    def test_what_an_answer_granted_makes_moot_is_told_apart_before_and_after(self, lost, amina, salma):
        pupil = lost.members.filter(relation="child").first()
        said, moot = f"m{pupil.pk}.schooling", {f"m{pupil.pk}.school_sector"}
        appeal = examined(lost, amina, claims={said: "no"})
        page = desk(salma).get(page_of(appeal))
        assert paths_of(page.context["foreseen"].carried) == moot and "Ce que ce changement emporte" in text(page)
        services.uphold_appeal(appeal_id=appeal.pk, answer="L’enfant a quitté l’école.", on=localdate(), by=salma)
        page = desk(salma).get(page_of(appeal))
        assert paths_of(page.context["sides"]) == {said} and paths_of(page.context["carried"]) == moot
        assert "Ce que ce changement emporte" in text(page)

    def test_a_rule_shows_the_decision_made_again(self, lost, amina, salma):
        appeal = today(lost, amina, ground="rule", words="Le seuil est faux.")
        page = desk(salma).get(page_of(appeal))
        assert page.context["replayed"].mismatch is None and "La même réponse" in text(page)

    def test_from_filed_to_upheld_by_its_buttons(self, lost, amina, salma):
        appeal = today(lost, amina)
        act(amina, appeal, "examine")
        answer = act(salma, appeal, "uphold", answer="Les biens sont à un cousin.", claims="1", accepted=list(truth(lost)))
        assert answer.url == page_of(appeal)
        appeal.refresh_from_db()
        assert appeal.status == "upheld"
        page = text(desk(salma).get(page_of(appeal)))
        assert "Ce qui a été rendu" in page and "Les biens sont à un cousin." in page

    def test_a_deed_refused_keeps_what_was_typed(self, lost, amina, salma):
        appeal = examined(lost, amina)
        answer = act(salma, appeal, "uphold", answer="  ")
        assert answer.status_code == 422 and "Écrivez la réponse" in text(answer)
        answer = act(salma, appeal, "uphold", answer="Oui.", since="01/10/2026")
        assert answer.status_code == 422 and "jour contesté" in text(answer) and "Oui." in text(answer)

    def test_whoever_may_not_judge_reads_why(self, lost, amina, nadia):
        appeal = examined(lost, amina)
        assert "Vous avez pris la décision contestée" in text(desk(nadia).get(page_of(appeal)))
        assert act(nadia, appeal, "dismiss", answer="Non.").status_code == 403

    def test_it_is_completed_by_the_pages_of_its_request_and_decided_only_here(self, lost, amina, salma):
        appeal = today(lost, amina)
        act(amina, appeal, "complete", reason="La carte grise manque.")
        page = desk(amina).get(page_of(appeal)).content.decode()
        assert reverse("households:evidence", args=[appeal.request.token]) in page
        assert desk(amina).get(reverse("desk:request", args=[appeal.request_id])).url == page_of(appeal)
        desk(amina).post(reverse("households:summary", args=[appeal.request.token]))
        appeal.request.refresh_from_db()
        assert appeal.request.status == "in_progress"
        refused = desk(salma).post(reverse("desk:request_deed", args=[appeal.request_id, "apply"]))
        appeal.request.refresh_from_db()
        assert refused.url == page_of(appeal) and appeal.request.status == "in_progress"

    def test_its_evidence_is_for_the_area_alone(self, lost, amina, salma, brahim):
        sent(lost, amina, file=SimpleUploadedFile("x.pdf", PDF), proves="property")
        address = reverse("households:read_evidence", args=[Evidence.objects.get().token])
        assert desk(salma).get(address).content == PDF and desk(brahim).get(address).status_code == 404
        assert AuditEvent.objects.filter(verb="evidence.read", by=salma, household_id=lost.pk).count() == 1

    def test_outside_the_area_there_is_no_such_page(self, lost, amina, brahim):
        appeal = today(lost, amina)
        assert desk(brahim).get(page_of(appeal)).status_code == 404 and act(brahim, appeal, "examine").status_code == 404

    def test_an_auditor_reads_and_changes_nothing(self, lost, amina, yassine):
        appeal = today(lost, amina)
        page = desk(yassine).get(page_of(appeal))
        assert page.status_code == 200 and reverse("desk:appeal_deed", args=[appeal.pk, "examine"]) not in page.content.decode()
        assert act(yassine, appeal, "examine").status_code == 403


class TestPapers:
    def test_the_receipt_then_the_answer_in_both_languages(self, lost, amina, salma):
        appeal = today(lost, amina)
        address = reverse("desk:appeal_paper", args=[appeal.pk])
        first = desk(amina).post(address)
        assert first["Content-Type"] == "application/pdf" and first.content[:4] == b"%PDF"
        assert desk(amina).post(address).content == first.content
        services.examine_appeal(appeal_id=appeal.pk, on=localdate(), by=amina)
        services.uphold_appeal(appeal_id=appeal.pk, answer="Les biens sont à un cousin.", on=localdate(), by=salma)
        desk(salma).post(address)
        receipt, answer = Notice.objects.order_by("id")
        assert answer.replaces == receipt and receipt.content["words"]["title"] == {"fr": "Reçu de recours", "ar": "وصل طعن"}
        told = [one["fr"] for one in answer.content["told"]["next"]]
        assert told[0].startswith("Le recours est accueilli.") and any("droit rendu depuis le 1er décembre 2026" in one for one in told)


class TestLists:
    def test_each_list_counts_what_it_holds(self, lost, amina):
        today(lost, amina)
        page = desk(amina).get(reverse("desk:appeals"))
        assert [(name, n) for name, _title, n in page.context["lists"]] == [("open", 1), ("late", 0), ("decided", 0)]
        assert desk(amina).get(reverse("desk:appeals"), {"contests": "month"}).context["page"].paginator.count == 0

    def test_queries_do_not_grow_with_the_rows(self, lost, amina):
        def queries() -> int:
            with CaptureQueriesContext(connection) as seen:
                assert desk_of.get(reverse("desk:appeals")).status_code == 200
            return len(seen)

        desk_of = desk(amina)
        today(lost, amina)
        few = queries()
        today(lost, amina, key=f"determination:{determination(lost, 'amo_tadamon').pk}")
        today(lost, amina, key="score")
        assert queries() == few

    def test_another_area_sees_none(self, lost, amina, brahim):
        today(lost, amina)
        assert desk(brahim).get(reverse("desk:appeals")).context["counts"]["open"] == 0


class TestDeadlines:
    def test_what_is_raised_is_shown_to_the_supervisor_then_to_the_administrator(self, lost, amina, salma, chaima):
        appeal = filed(lost, amina)
        services.escalate_clocks(on=appeal.due_on, by=engine())
        assert [row.subject for row, _address in desk(salma).get("/").context["raised"]] == [appeal.pk]
        assert not desk(chaima).get("/").context["raised"]

    def test_the_page_the_home_and_the_file_show_the_clock(self, lost, amina):
        appeal = today(lost, amina)
        for address in (reverse("desk:deadlines"), "/", reverse("desk:household", args=[lost.code])):
            assert page_of(appeal) in desk(amina).get(address).content.decode()

    @pytest.mark.parametrize(
        "asked", ["", "?state=late", "?state=running", "?clock=appeal&mine=1", "?clock=nothing", "?raised=1", "?page=9"]
    )
    def test_every_filter_answers_and_totals_are_those_listed(self, asked, lost, salma):
        today(lost, salma)
        page = desk(salma).get(reverse("desk:deadlines") + asked)
        assert page.status_code == 200
        if not asked:
            assert page.context["total"]["running"] == page.context["page"].paginator.count == 1

    def test_in_arabic(self, lost, amina):
        appeal = today(lost, amina)
        client = desk(amina)
        client.cookies["django_language"] = "ar"
        for address in (reverse("desk:deadlines"), reverse("desk:appeals"), page_of(appeal), filing(lost)):
            page = client.get(address).content.decode()
            assert 'dir="rtl"' in page and "Recours" not in page and "Délai" not in page


def test_suspending_and_resuming_from_the_decision_page(amina):
    household = registered(amina)
    aid = household.enrollments.get(program="direct_aid")
    address = reverse("enrollment:decide", args=[aid.pk])
    desk(amina).post(address, {"deed": "suspend", "enrollments": [aid.pk], "reason": "payé ailleurs ?"})
    aid.refresh_from_db()
    assert aid.status == "suspended" and "Reprendre" in text(desk(amina).get(address))
    desk(amina).post(address, {"deed": "resume", "enrollments": [aid.pk], "reason": "vérifié", "restore": "on"})
    aid.refresh_from_db()
    assert aid.status == "active"


def test_a_paper_leads_to_the_right_it_told_and_the_limit_runs_from_it(lost, amina):
    desk(amina).post(reverse("desk:notice", args=[lost.code]))
    notice = Notice.objects.get()
    page = desk(amina).get(filing(lost, notice=notice.reference))
    assert page.context["form"].initial["against"] in {f"determination:{pk}" for pk in notice.determinations}
    file = desk(amina).get(reverse("desk:household", args=[lost.code])).content.decode()
    assert f"{filing(lost)}?notice={notice.reference}" in file
    sent(lost, amina)
    appeal = Appeal.objects.get()
    assert (appeal.notice, appeal.notified_on) == (notice, localdate()) and appeal.last_day == services.last_day_to_file(localdate())
