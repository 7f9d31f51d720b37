"""The pages on which a registered family asks for something, through HTTP, by the people who use them."""

import re
import uuid
from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

import eligibility.queries
from households.models import Household, Request
from rsu.models import AuditEvent, User
from tests.api.declarations import poor_family
from tests.households.families import GUELIZ, HEAD, OTHER, SON, WIFE, town
from tests.rsu.asking import (
    RICHER,
    SOMEBODY,
    act,
    ask,
    asked,
    desk,
    fill,
    fill_person,
    finish,
    key,
    page_of,
    registered,
    see,
    send,
    sent,
    status_of,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(amina) -> Household:
    return registered(amina)


def _read_by(user: User, request: Request) -> set[int]:
    """Households whose reading this page has recorded for the user."""
    events = AuditEvent.objects.filter(by=user, verb="read_household", subject=f"request:{request.pk}")
    return set(events.values_list("household_id", flat=True))


class TestWhereARequestBegins:
    def test_the_file_leads_to_one_page_where_everything_that_happens_is_offered(self, family, amina):
        assert reverse("desk:new_request", args=[family.code]) in desk(amina).get(f"/household/{family.code}").content.decode()
        page = text(desk(amina).get(reverse("desk:new_request", args=[family.code])))
        for words in ("ont changé", "déménagé", "parti", "décédé", "fondent", "qu’un", "conteste", "réclamation", "radiation du ménage"):
            assert words in page

    @pytest.mark.parametrize(
        ("what", "fields"),
        [
            ("update", set()),
            ("move", set()),
            ("departure", {"people", "new_head"}),
            ("death", {"person", "died_on", "new_head"}),
            ("split", {"people", "founder", "new_head"}),
            ("merge", {"other"}),
            ("score_review", {"reason"}),
            ("complaint", {"reason"}),
            ("striking_off", {"reason"}),
            ("striking_off_member", {"person", "new_head", "reason"}),
        ],
    )
    def test_each_asks_only_what_it_needs(self, what, fields, family, amina):
        page = desk(amina).get(reverse("desk:new_request", args=[family.code]) + f"?what={what}")
        assert set(page.context["form"].fields) == {"token"} | fields

    def test_the_wife_is_proposed_as_the_next_head(self, family, amina):
        page = desk(amina).get(reverse("desk:new_request", args=[family.code]) + "?what=death").content.decode()
        assert re.search(rf'<option value="{key(family, WIFE)}" selected>', page)

    def test_only_adults_ask_for_their_own_striking_off(self, family, amina):
        form = desk(amina).get(reverse("desk:new_request", args=[family.code]) + "?what=striking_off_member").context["form"]
        assert [value for value, _name in form.fields["person"].choices] == [key(family, HEAD), key(family, WIFE)]

    def test_a_double_click_opens_one(self, family, amina):
        address, token = reverse("desk:new_request", args=[family.code]), str(uuid.uuid4())
        places = {desk(amina).post(address, {"what": "update", "token": token}).headers["location"] for _click in range(2)}
        assert len(places) == 1
        assert Request.objects.filter(kind="update").count() == 1

    def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(self, family, amina):
        answer = ask(amina, family, "death", person=key(family, HEAD), died_on="31/02/2026", new_head=key(family, WIFE))
        assert answer.status_code == 422
        assert "n’existe pas dans le calendrier" in str(answer.context["form"].errors["died_on"])
        assert 'value="31/02/2026"' in answer.content.decode()
        assert not Request.objects.filter(occasion="death").exists()

    def test_a_head_who_dies_leaves_somebody_in_his_place(self, family, amina):
        answer = ask(amina, family, "death", person=key(family, HEAD), died_on="01/10/2026")
        assert list(answer.context["form"].errors) == ["new_head"]

    def test_who_founds_a_household_leaves_the_first_one(self, family, amina):
        answer = ask(amina, family, "split", people=[key(family, WIFE)], founder=key(family, SON))
        assert list(answer.context["form"].errors) == ["founder"]

    def test_the_other_household_is_one_of_the_area_and_nothing_more_is_told(self, family, amina, brahim):
        far = registered(brahim, town(commune=GUELIZ, members=[SOMEBODY]))
        answer = ask(amina, family, "merge", other=OTHER)
        assert "hors de votre territoire" in str(answer.context["form"].errors["other"])
        assert far.shown_code not in text(answer)
        assert "Aucun ménage" in str(ask(amina, family, "merge", other="7000000018").context["form"].errors["other"])
        assert "onze chiffres" in str(ask(amina, family, "merge", other="Zahra").context["form"].errors["other"])


class TestTheDraftOfAnUpdate:
    def test_is_worked_on_with_the_pages_of_a_registration(self, family, amina):
        draft = asked(amina, family, "update")
        page = text(desk(amina).get(reverse("households:draft", args=[draft.token, "dwelling"])))
        assert f"Mise à jour – ménage {family.shown_code}" in page
        assert "avant :" not in page

    def test_marks_each_changed_answer_with_what_stood_before(self, family, amina):
        draft = asked(amina, family, "update")
        desk(amina).post(reverse("households:draft", args=[draft.token, "dwelling"]), {"rooms": "3", "bath": "true", "later": "1"})
        page = text(desk(amina).get(reverse("households:draft", args=[draft.token, "dwelling"])))
        assert "avant : 2" in page
        assert re.search(r"Logement ± \d changement", page)

    def test_marks_a_persons_answers_too(self, family, amina):
        draft = asked(amina, family, "update")
        fill_person(amina, draft, key(family, WIFE), situation="unemployed_never")
        page = desk(amina).get(reverse("households:person", args=[draft.token, key(family, WIFE)])).content.decode()
        [was] = re.findall(r'<p class="was">([^<]*)</p>', page)
        assert was.startswith("avant : ") and "foyer" in was

    def test_the_summary_shows_only_what_changed(self, family, amina):
        draft = asked(amina, family, "update")
        fill(amina, draft, rooms="3")
        page = desk(amina).get(reverse("households:summary", args=[draft.token])).content.decode()
        rows = re.findall(r'<th scope="row">([^<]*)</th>', page)
        assert len(rows) == 1 and "pièces" in rows[0]
        assert "<del><bdi>2</bdi></del>" in page and "<ins><bdi>3</bdi></ins>" in page

    def test_without_a_change_is_not_sent_and_says_so(self, family, amina):
        draft = asked(amina, family, "update")
        answer = send(amina, draft)
        assert (answer.status_code, status_of(draft)) == (422, "draft")
        assert "Aucune réponse n’a changé : corrigez" in text(answer)

    def test_shows_the_other_requests_that_touch_the_same_answers(self, family, amina):
        other = asked(amina, family, "update")
        fill(amina, other, rooms="4")
        sent(amina, other)
        draft = asked(amina, family, "update")
        fill(amina, draft, rooms="3")
        assert page_of(other) in desk(amina).get(reverse("households:summary", args=[draft.token])).content.decode()

    def test_a_move_offers_the_whole_kingdom_and_an_update_the_area(self, family, amina):
        for what, offered in (("move", True), ("update", False)):
            draft = asked(amina, family, what)
            page = desk(amina).get(reverse("households:draft", args=[draft.token, "address"])).content.decode()
            assert (f'value="{GUELIZ}"' in page) is offered

    def test_put_aside_leads_back_to_the_file(self, family, amina):
        draft = asked(amina, family, "update")
        answer = desk(amina).post(reverse("households:discard", args=[draft.token]))
        assert answer.headers["location"] == f"/household/{family.code}"
        assert status_of(draft) == "rejected"
        assert desk(amina).get(reverse("households:summary", args=[draft.token])).headers["location"] == page_of(draft)

    def test_is_not_for_another_commune(self, family, amina, brahim):
        draft = asked(amina, family, "update")
        assert desk(brahim).get(reverse("households:summary", args=[draft.token])).status_code == 404
        assert desk(brahim).get(reverse("households:draft", args=[draft.token, "dwelling"])).status_code == 404


@pytest.fixture
def poor(amina) -> Household:
    """Two adults without work and four children: every right is open."""
    return registered(amina, poor_family())


class TestWhoMayDoWhat:
    @pytest.fixture
    def waiting(self, poor, amina) -> Request:
        draft = asked(amina, poor, "update")
        fill(amina, draft, **RICHER)
        request = sent(amina, draft)
        act(amina, request, "apply")
        return request

    @pytest.mark.parametrize(
        ("name", "opens", "reads", "lists", "applies"),
        [
            ("amina", 200, 200, 200, 302),
            ("brahim", 404, 404, 200, 404),
            ("salma", 200, 200, 200, 302),
            ("chaima", 403, 403, 403, 403),
            ("yassine", 403, 200, 200, 403),
        ],
    )
    def test_each_role_and_area(self, name, opens, reads, lists, applies, waiting, db):
        user = User.objects.get(username=name)
        assert desk(user).get(reverse("desk:new_request", args=[waiting.household.code])).status_code == opens
        assert see(user, waiting).status_code == reads
        assert desk(user).get(reverse("desk:requests")).status_code == lists
        assert act(user, waiting, "apply").status_code == applies
        assert status_of(waiting) == ("processed" if name == "salma" else "in_progress")

    def test_reading_a_request_is_reading_the_file(self, waiting, salma):
        see(salma, waiting)
        event = AuditEvent.objects.filter(verb="read_household", by=salma).latest("id")
        assert (event.household_id, event.subject) == (waiting.household_id, f"request:{waiting.pk}")

    def test_the_caseworker_reads_why_the_button_may_not_be_pressed(self, waiting, amina, salma):
        page = see(amina, waiting)
        assert "disabled" in page.content.decode()
        assert "ferme un droit" in text(page)
        assert "source non confirmée" in text(page)
        assert "Cette action revient à : superviseur." in text(page)
        assert "disabled" not in see(salma, waiting).content.decode()

    def test_the_auditor_reads_the_effect_and_has_no_button(self, waiting, yassine):
        page = see(yassine, waiting)
        assert page.context["foreseen"].outcomes
        assert '<form method="post" action="/requests/' not in page.content.decode()


class TestTheEffectSeenBefore:
    def test_score_rights_month_and_people_stand_side_by_side(self, poor, amina):
        draft = asked(amina, poor, "update")
        fill(amina, draft, **RICHER)
        request = sent(amina, draft)
        page = see(amina, request)
        [one] = page.context["foreseen"].outcomes
        assert one.difference == one.after.standing.score - one.before.standing.score > 0
        assert [(right.before, right.after) for right in one.rights] == [(True, False), (True, False)]
        assert one.amounts[1] is None and one.amounts[0] > 0
        assert one.covered == [6, 0]
        assert "perdu" in text(page) and "Envoyer au superviseur" in text(page)
        poor.refresh_from_db()
        assert poor.cars == 0

    def test_what_is_approved_is_what_was_seen(self, poor, amina, salma):
        draft = asked(amina, poor, "update")
        fill(amina, draft, **RICHER)
        request = sent(amina, draft)
        [seen] = see(salma, request).context["foreseen"].outcomes
        act(salma, request, "apply")
        assert eligibility.queries.standing(poor, on=localdate()).score == seen.after.standing.score

    def test_a_draft_shows_its_effect_before_it_is_sent(self, poor, amina):
        draft = asked(amina, poor, "update")
        fill(amina, draft, **RICHER)
        assert see(amina, draft).context["foreseen"].reasons == ["ferme un droit"]
        assert status_of(draft) == "draft"

    def test_a_change_that_moves_no_right_is_applied_by_whoever_prepared_it(self, poor, amina):
        draft = asked(amina, poor, "update")
        fill(amina, draft, address="14, rue des Oliviers")
        request = sent(amina, draft)
        assert "Appliquer" in text(see(amina, request))
        act(amina, request, "apply")
        poor.refresh_from_db()
        assert (status_of(request), poor.address) == ("processed", "14, rue des Oliviers")


class TestASupervisor:
    @pytest.fixture
    def waiting(self, poor, amina) -> Request:
        draft = asked(amina, poor, "update")
        fill(amina, draft, **RICHER)
        request = sent(amina, draft)
        act(amina, request, "apply")
        request.refresh_from_db()
        return request

    def test_finds_it_first_in_the_queue(self, waiting, salma):
        assert waiting.second == ["loses_right"]
        page = desk(salma).get(reverse("desk:requests"))
        assert [row.pk for row in page.context["page"]] == [waiting.pk]
        assert "attend un superviseur" in text(page)

    def test_approves_once_and_the_second_click_says_what_was_done(self, waiting, salma):
        nadia = User.objects.get(username="nadia")
        act(salma, waiting, "apply")
        answer = act(nadia, waiting, "apply")
        said = text(desk(nadia).get(answer.headers["location"]))
        waiting.refresh_from_db()
        assert (waiting.status, waiting.processed_by, waiting.second) == ("processed", salma, ["loses_right"])
        assert AuditEvent.objects.filter(verb="request.processed").count() == 1
        told = [str(one) for one in answer.wsgi_request._messages]
        assert ["Salma" in one and "avait déjà répondu" in one for one in told] == [True]
        assert "Appliquer" not in said

    def test_gives_it_back_with_what_is_to_mend_and_the_draft_says_so(self, waiting, amina, salma):
        refused = act(salma, waiting, "return", reason=" ")
        assert refused.status_code == 422 and list(refused.context["forms"]["return"].errors) == ["reason"]
        act(salma, waiting, "return", reason="Relire la carte grise.")
        page = text(desk(amina).get(reverse("households:summary", args=[waiting.token])))
        assert status_of(waiting) == "draft"
        assert "Rendue par Salma" in page and "Relire la carte grise." in page

    def test_rejects_with_a_reason_kept_for_the_family(self, waiting, salma):
        assert act(salma, waiting, "reject", answer="").status_code == 422
        act(salma, waiting, "reject", answer="La carte grise est au nom d’un cousin.")
        page = text(see(salma, waiting))
        assert status_of(waiting) == "rejected"
        assert "La carte grise est au nom d’un cousin." in page

    def test_a_caseworker_may_not_reject_what_waits_for_the_supervisor(self, waiting, amina):
        assert act(amina, waiting, "reject", answer="Non.").status_code == 403
        assert status_of(waiting) == "in_progress"

    def test_who_prepared_it_does_not_approve_it(self, poor, salma):
        draft = asked(salma, poor, "update")
        fill(salma, draft, **RICHER)
        request = sent(salma, draft)
        act(salma, request, "apply")
        page = see(salma, request)
        assert status_of(request) == "in_progress"
        assert "autre personne que celle qui l’a envoyée" in text(page)

    def test_gives_it_to_somebody_of_the_area_only(self, waiting, amina, brahim, salma):
        offered = see(salma, waiting).context["people"]
        assert amina in offered and brahim not in offered
        act(salma, waiting, "assign", to=amina.pk)
        waiting.refresh_from_db()
        assert waiting.assignee == amina
        assert act(salma, waiting, "assign", to=brahim.pk).status_code == 403

    def test_a_caseworker_takes_it_and_gives_it_back(self, waiting, amina):
        act(amina, waiting, "assign", to="me")
        waiting.refresh_from_db()
        assert waiting.assignee == amina
        act(amina, waiting, "assign", to="")
        waiting.refresh_from_db()
        assert waiting.assignee is None


class TestEachKindToItsEnd:
    def test_a_death(self, family, amina, salma):
        draft = asked(amina, family, "death", person=key(family, HEAD), died_on="01/10/2026", new_head=key(family, WIFE))
        fill_person(amina, draft, key(family, WIFE), education_level="none")
        assert "ne fait plus partie du ménage" in text(desk(amina).get(reverse("households:summary", args=[draft.token])))
        finish(sent(amina, draft), amina, salma)
        wife = family.members.get(idcs=WIFE)
        assert (wife.relation, wife.marital_status, family.members.count()) == ("head", "widowed", 2)
        assert family.members.get(idcs=SON).father_died_on == date(2026, 10, 1)

    def test_a_departure(self, family, amina, salma):
        draft = asked(amina, family, "departure", people=[key(family, SON)])
        finish(sent(amina, draft), amina, salma)
        assert sorted(family.members.values_list("idcs", flat=True)) == [HEAD, WIFE]

    def test_a_move_elsewhere_in_the_kingdom_leaves_the_area_and_is_still_read_there(self, family, amina, brahim):
        nadia = User.objects.get(username="nadia")
        draft = asked(amina, family, "move")
        fill(amina, draft, commune=GUELIZ, address="3, derb Chtouka")
        request = sent(amina, draft)
        finish(request, amina, nadia)
        family.refresh_from_db()
        assert family.commune.code == GUELIZ
        assert desk(amina).get(f"/household/{family.code}").status_code == 404
        assert (see(amina, request).status_code, see(brahim, request).status_code) == (200, 200)

    def test_a_split_shows_both_households_and_links_them(self, family, amina, salma):
        draft = asked(amina, family, "split", people=[key(family, WIFE), key(family, SON)], founder=key(family, WIFE))
        fill(amina, draft, **{name: value for name, value in town(address="9, rue Neuve").items() if name != "members"})
        fill_person(amina, draft, key(family, WIFE), education_level="none", marital_status="divorced")
        fill_person(amina, draft, key(family, SON), father_status="alive", charge="mother")
        request = sent(amina, draft)
        page = see(amina, request)
        assert [one.title for one in page.context["foreseen"].outcomes] == ["Ménage", "Le nouveau ménage"]
        assert [side.role for side in page.context["sides"]] == ["", "founded"]
        finish(request, amina, salma)
        request.refresh_from_db()
        child = request.other
        see(salma, request)
        assert _read_by(salma, request) == {family.pk, child.pk}
        assert sorted(child.members.values_list("idcs", flat=True)) == sorted([WIFE, SON])
        assert f"/household/{child.code}" in desk(amina).get(f"/household/{family.code}").content.decode()
        assert f"/household/{family.code}" in desk(amina).get(f"/household/{child.code}").content.decode()

    def test_a_merge_and_its_undoing(self, family, amina, salma):
        other = registered(amina, town(members=[SOMEBODY]))
        draft = asked(amina, family, "merge", other=other.shown_code)
        assert draft.other == other
        fill_person(amina, draft, f"m{other.members.get().pk}", relation="other")
        request = sent(amina, draft)
        page = see(salma, request)
        assert _read_by(salma, request) == {family.pk, other.pk}
        assert "L’autre ménage" in text(page) and "entre dans le ménage" in text(page)
        assert act(amina, request, "apply").status_code == 302 and status_of(request) == "in_progress"
        act(salma, request, "apply")
        file = text(desk(amina).get(f"/household/{other.code}"))
        assert "ce ménage a rejoint un autre ménage" in file and "Indice socio-économique" not in file
        assert act(amina, request, "undo", reason="").status_code == 422
        undoing = Request.objects.get(pk=act(amina, request, "undo", reason="Erreur de nom.").headers["location"].rpartition("/")[2])
        assert see(salma, undoing).status_code == 200
        act(salma, undoing, "apply")
        other.refresh_from_db()
        assert (status_of(undoing), other.struck_off_on, other.members.count(), family.members.count()) == ("processed", None, 1, 3)
        assert "Son annulation" in text(see(amina, request))

    def test_a_score_review_confirmed(self, family, amina):
        draft = asked(amina, family, "score_review", reason="Nous n’avons plus de voiture.")
        request = sent(amina, draft)
        page = text(see(amina, request))
        assert "Nous n’avons plus de voiture." in page and "Aucune réponse n’a changé." in page
        act(amina, request, "apply")
        assert status_of(request) == "processed"

    def test_a_complaint_goes_straight_to_its_page_and_is_answered_in_part(self, family, amina):
        assert "Écrivez" in str(ask(amina, family, "complaint", reason=" ").context["form"].errors["reason"])
        answer = ask(amina, family, "complaint", reason="On nous a fait attendre.")
        request = Request.objects.get(kind="complaint")
        assert answer.headers["location"] == page_of(request)
        act(amina, request, "send", reason="On nous a fait attendre trois mois.")
        refused = act(amina, request, "answer", status="partially_accepted", answer="")
        assert refused.status_code == 422 and list(refused.context["forms"]["answer"].errors) == ["answer"]
        act(amina, request, "answer", status="partially_accepted", answer="Le délai est reconnu.")
        page = text(see(amina, request))
        assert status_of(request) == "partially_accepted"
        assert "trois mois" in page and "Le délai est reconnu." in page

    def test_a_whole_household_struck_off_by_two_people(self, family, amina, salma):
        request = asked(amina, family, "striking_off", reason="La famille part à l’étranger.")
        assert see(amina, request).context["foreseen"].reasons[-1:] == ["radie un ménage ou une personne"]
        act(amina, request, "send", reason="La famille part à l’étranger.")
        act(amina, request, "apply")
        assert status_of(request) == "in_progress"
        act(salma, request, "apply")
        file = desk(amina).get(f"/household/{family.code}")
        assert "ce ménage n’est plus au registre" in text(file)
        assert f"<title>Ménage {family.shown_code} · radié" in re.sub(r"\s+", " ", file.content.decode())
        simulation = reverse("desk:simulate_household", args=[family.code])
        assert simulation not in file.content.decode() and desk(amina).get(simulation).status_code == 404
        assert 'id="people"' not in file.content.decode() and "proposition est faite" not in text(file)
        assert reverse("desk:new_request", args=[family.code]) not in file.content.decode()
        assert "il ne reçoit plus de demandes" in text(desk(amina).get(reverse("desk:new_request", args=[family.code])))
        assert "radié" in text(desk(amina).get("/"))

    def test_an_adult_strikes_himself_off(self, family, amina, salma):
        draft = asked(amina, family, "striking_off_member", person=key(family, WIFE), reason="Elle le demande.")
        fill_person(amina, draft, key(family, HEAD), marital_status="divorced")
        fill_person(amina, draft, key(family, SON), charge="father")
        request = sent(amina, draft)
        finish(request, amina, salma)
        assert (status_of(request), family.members.filter(idcs=WIFE).count()) == ("processed", 0)


class TestAHouseholdThatChangedMeanwhile:
    @pytest.fixture
    def outgrown(self, family, amina) -> Request:
        one, two = asked(amina, family, "update"), asked(amina, family, "update")
        fill(amina, one, address="1, rue A", rooms="3")
        fill(amina, two, address="2, rue B", mobile_phones="1")
        sent(amina, one), sent(amina, two)
        act(amina, one, "apply")
        assert status_of(one) == "processed"
        return two

    def test_is_told_answer_by_answer_and_nothing_is_applied(self, outgrown, amina):
        page = see(amina, outgrown)
        [line] = page.context["foreseen"].conflicts
        assert (line.before, line.after) == ("1, rue A", "2, rue B")
        assert act(amina, outgrown, "apply").status_code == 409
        outgrown.household.refresh_from_db()
        assert outgrown.household.address == "1, rue A"

    def test_goes_back_to_its_draft_with_both_values_shown_and_then_applies(self, outgrown, amina):
        act(amina, outgrown, "reopen")
        page = text(desk(amina).get(reverse("households:draft", args=[outgrown.token, "address"])))
        assert "le registre dit maintenant « 1, rue A »" in page and "la demande dit « 2, rue B »" in page
        assert "avant : 1, rue A" in page
        sent(amina, outgrown)
        act(amina, outgrown, "apply")
        family = Household.objects.get(pk=outgrown.household_id)
        assert (family.address, family.rooms, family.mobile_phones) == ("2, rue B", 3, 1)

    def test_reopened_twice_is_reopened_once(self, outgrown, amina):
        act(amina, outgrown, "reopen")
        act(amina, outgrown, "reopen")
        assert outgrown.moves.filter(before="in_progress", after="draft").count() == 1


def test_a_remark_is_kept_and_an_empty_one_is_refused(family, amina):
    request = asked(amina, family, "complaint", reason="Attente.")
    assert act(amina, request, "note", text=" ").status_code == 422
    act(amina, request, "note", text="La famille repasse lundi.")
    act(amina, request, "note", text="La famille repasse lundi.")
    assert text(see(amina, request)).count("La famille repasse lundi.") == 1


def test_a_deed_nobody_knows_is_not_found(family, amina):
    request = asked(amina, family, "complaint", reason="Attente.")
    assert act(amina, request, "explode").status_code == 404
