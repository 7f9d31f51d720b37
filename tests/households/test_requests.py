"""What a registered family asks: opened on today's answers, sent, applied once, undone."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from households import met, services
from households.changes import Change, changes, together
from households.declared import answers_of
from households.models import Household, Member, Request
from households.queries import questionnaire, requests_of
from households.services import DeclarationRefused, RequestOutdated, RequestRefused
from rsu.authentication import engine
from rsu.desk import casework
from rsu.desk.requests import effects
from rsu.models import AuditEvent
from rsu.permissions import Forbidden
from tests.sizes import cases

from .families import DAUGHTER, DAY, GUELIZ, HEAD, OTHER, SON, WIFE, country, law, town
from .requesting import BABY, COUSIN, GRANDMOTHER, LATER, casework_process, edit, edit_person, key, names, opened, registered, send


class TestARegisteredFamilysAnswers:
    def test_read_again_as_they_were_declared(self, amina):
        household = registered(amina)
        answers = answers_of(household)
        found = services.read_declaration({"members": []} | answers, on=DAY, by=amina, law=law())
        wrong = [problem.path for problem in found.problems if "déjà enregistré" not in problem.sentence]
        assert wrong == []
        assert found.household["electricity_bills"] == [10000, None, 20000]
        assert (answers["butane_month"], answers["members"][1]["birth_year"], "birth_month" in answers["members"][1]) == (
            "75,50",
            "1985",
            False,
        )

    @pytest.mark.parametrize("declared", [town(), country()])
    def test_opened_and_sent_unchanged_change_nothing(self, declared, salma, chaima):
        household = registered(engine(), declared)
        request = opened(engine(), household)
        with pytest.raises(RequestRefused) as refusal:
            send(engine(), request)
        assert "Aucune réponse n’a changé" in refusal.value.problems[""]


class TestAnUpdate:
    def test_changes_what_it_says_and_keeps_what_stood(self, amina):
        household = registered(amina)
        request = edit(amina, opened(amina, household), rooms="3", mobile_phones="1")
        done, _effect = casework.process(send(amina, request).pk, on=DAY, by=amina)
        household.refresh_from_db()
        assert (household.rooms, household.mobile_phones) == (3, 1)
        assert done.touched == ["rooms", "mobile_phones"]
        assert (done.before["rooms"], done.after["rooms"]) == ("2", "3")
        assert [(move.before, move.after) for move in done.moves.order_by("id")] == [
            ("", "draft"), ("draft", "in_progress"), ("in_progress", "processed")
        ]  # fmt: skip

    def test_writes_only_the_rows_that_changed(self, amina):
        household = registered(amina)
        request = edit_person(amina, opened(amina, household), 2, situation="unemployed_never")
        casework.process(send(amina, request).pk, on=DAY, by=amina)
        kept = Member.pgh_event_model.objects.filter(household=household)
        assert [event.situation for event in kept] == ["homemaker"]
        assert Household.pgh_event_model.objects.filter(pgh_obj_id=household.pk).count() == 0

    def test_adds_a_child_and_removes_nobody(self, amina, salma):
        household = registered(amina)
        request = opened(amina, household)
        services.amend_draft(token=request.token, change=lambda kept: kept | {"members": [*kept["members"], BABY]}, by=amina, on=DAY)
        casework_process(send(amina, request).pk, amina, salma)
        assert names(household) == ["Said", "Fatima", "Adam", "Lina"]
        assert household.members.get(idcs=DAUGHTER).mother.idcs == WIFE

    def test_gives_the_household_another_head_without_two_at_once(self, amina):
        household = registered(amina)
        request = opened(amina, household)
        edit_person(amina, request, 1, relation="spouse", education_level=None)
        edit_person(amina, request, 2, relation="head", education_level="none")
        casework.process(send(amina, request).pk, on=DAY, by=amina)
        assert household.members.get(relation="head").idcs == WIFE

    def test_is_applied_once_whatever_the_number_of_times(self, amina):
        household = registered(amina)
        request = send(amina, edit(amina, opened(amina, household), rooms="3"))
        first, _effect = casework.process(request.pk, on=DAY, by=amina)
        second, again = casework.process(request.pk, on=LATER, by=amina)
        assert (first.pk, again.pairs) == (second.pk, [])
        assert AuditEvent.objects.filter(verb="request.processed").count() == 1

    def test_opened_twice_by_a_double_click_is_one(self, amina):
        household, token = registered(amina), uuid.uuid4()
        ask = {"household_id": household.pk, "kind": "update", "token": token, "on": DAY, "by": amina, "law": law()}
        assert services.open_request(**ask).pk == services.open_request(**ask).pk
        assert AuditEvent.objects.filter(verb="request.opened").count() == 1

    def test_is_not_for_a_caseworker_of_another_commune(self, amina, brahim):
        household = registered(amina)
        with pytest.raises(Forbidden):
            opened(brahim, household)

    def test_wrong_answers_are_refused_and_nothing_is_lost(self, amina):
        household = registered(amina)
        request = edit(amina, opened(amina, household), rooms="beaucoup")
        with pytest.raises(DeclarationRefused):
            send(amina, request)
        request.refresh_from_db()
        assert (request.status, request.answers["rooms"]) == ("draft", "beaucoup")

    def test_does_not_exchange_two_peoples_numbers(self, amina):
        household = registered(amina)
        request = opened(amina, household)
        edit_person(amina, request, 1, idcs=WIFE)
        edit_person(amina, request, 2, idcs=HEAD)
        with pytest.raises(DeclarationRefused) as refusal:
            send(amina, request)
        assert [problem.path for problem in refusal.value.problems] == ["members.1.idcs", "members.2.idcs"]

    def test_is_of_the_area_even_for_whoever_prepared_it(self, amina, brahim):
        household = registered(amina)
        request = opened(amina, household)
        amina.commune = brahim.commune
        amina.save()
        assert questionnaire(amina, request.token) is None
        with pytest.raises(Forbidden):
            edit(amina, request, rooms="3")

    def test_is_never_sent_as_a_registration(self, amina):
        household = registered(amina)
        request = opened(amina, household)
        with pytest.raises(Forbidden):
            services.submit_registration(token=request.token, answers=town(members=[COUSIN]), on=DAY, by=amina, law=law())

    def test_somebody_registered_elsewhere_cannot_join(self, amina, brahim):
        registered(brahim, town(commune=GUELIZ, members=[GRANDMOTHER | {"relation": "head", "education_level": "none"}]))
        household = registered(amina)
        request = opened(amina, household)
        services.amend_draft(token=request.token, change=lambda kept: kept | {"members": [*kept["members"], GRANDMOTHER]}, by=amina, on=DAY)
        with pytest.raises(DeclarationRefused) as refusal:
            send(amina, request)
        assert [problem.path for problem in refusal.value.problems] == ["members.4.idcs"]


class TestTwoRequestsOnOneHousehold:
    def test_that_touch_other_answers_both_stand(self, amina):
        household = registered(amina)
        one = send(amina, edit(amina, opened(amina, household), rooms="3"))
        two = send(amina, edit(amina, opened(amina, household), mobile_phones="1"))
        casework.process(one.pk, on=DAY, by=amina)
        casework.process(two.pk, on=DAY, by=amina)
        household.refresh_from_db()
        assert (household.rooms, household.mobile_phones) == (3, 1)

    def test_that_change_one_answer_two_ways_are_told_to_each_other(self, amina):
        from households.queries import meeting

        household = registered(amina)
        one = send(amina, edit(amina, opened(amina, household), rooms="3"))
        two = send(amina, edit(amina, opened(amina, household), rooms="4"))
        assert list(meeting(one)) == [two]
        casework.process(one.pk, on=DAY, by=amina)
        with pytest.raises(RequestOutdated) as outdated:
            casework.process(two.pk, on=DAY, by=amina)
        assert [(c.path, c.mine, c.theirs) for c in outdated.value.conflicts] == [("rooms", "4", "3")]
        household.refresh_from_db()
        assert household.rooms == 3


class TestWhatHappensToAFamily:
    def test_the_head_dies_and_his_wife_becomes_head(self, amina, salma):
        household = registered(amina)
        request = opened(amina, household, occasion="death", people=(key(household, HEAD),), new_head=key(household, WIFE), died_on=DAY)
        edit_person(amina, request, 1, education_level="none")
        casework_process(send(amina, request).pk, amina, salma)
        wife, son = household.members.order_by("position")
        assert (wife.relation, wife.marital_status, son.relation) == ("head", "widowed", "child")
        assert (son.father, son.father_status, son.father_died_on, son.charge) == (None, "deceased", DAY, "mother")

    def test_the_heads_death_needs_another_head(self, amina):
        household = registered(amina)
        with pytest.raises(RequestRefused) as refusal:
            opened(amina, household, occasion="death", people=(key(household, HEAD),), died_on=DAY)
        assert list(refusal.value.problems) == ["new_head"]

    def test_a_person_who_leaves_may_register_elsewhere(self, amina, salma):
        household = registered(amina, town(members=[*town()["members"], GRANDMOTHER]))
        request = opened(amina, household, occasion="departure", people=(key(household, OTHER),))
        casework_process(send(amina, request).pk, amina, salma)
        assert names(household) == ["Said", "Fatima", "Adam"]
        assert registered(amina, town(members=[GRANDMOTHER | {"relation": "head", "education_level": "none"}]))

    def test_a_mother_founds_her_own_household_with_her_child(self, amina, salma):
        household = registered(amina)
        leaving = (key(household, WIFE), key(household, SON))
        before = {row.idcs: row.pk for row in household.members.all()}
        request = opened(amina, household, occasion="split", people=leaving)
        edit(amina, request, **{name: value for name, value in town().items() if name != "members"})
        edit_person(amina, request, 1, education_level="none", marital_status="divorced")
        edit_person(amina, request, 2, father_status="alive", charge="mother")
        done = casework_process(send(amina, request).pk, amina, salma)
        assert names(household) == ["Said"]
        assert names(done.other) == ["Fatima", "Adam"]
        assert {row.idcs: row.pk for row in done.other.members.all()} == {idcs: before[idcs] for idcs in (WIFE, SON)}

    def test_a_rare_answer_confirmed_once_stops_no_split(self, amina, salma):
        household = registered(amina, town(rooms=40, confirmed=["rooms=40"]))
        request = opened(amina, household, occasion="split", people=(key(household, WIFE), key(household, SON)))
        edit(amina, request, **{name: value for name, value in town().items() if name != "members"})
        edit_person(amina, request, 1, education_level="none", marital_status="divorced")
        edit_person(amina, request, 2, father_status="alive", charge="mother")
        assert names(casework_process(send(amina, request).pk, amina, salma).other) == ["Fatima", "Adam"]

    def test_a_household_moves_to_a_rural_commune_once_its_questions_are_answered(self, amina, salma, chaima):
        household = registered(amina)
        request = opened(amina, household, occasion="move")
        edit(amina, request, water_bills=None, **{k: v for k, v in country().items() if k != "members"})
        edit_person(amina, request, 1, literate=True)
        edit_person(amina, request, 2, literate=False)
        casework_process(send(amina, request).pk, amina, salma)
        household.refresh_from_db()
        assert (household.milieu, household.commune.code, household.bath, household.cows) == ("rural", country()["commune"], None, 2)

    def test_a_struck_off_household_asks_for_nothing_more_and_its_people_are_free(self, amina, salma):
        household = registered(amina)
        request = opened(amina, household, kind="striking_off", reason="Ils partent à l’étranger.")
        casework_process(send(amina, request).pk, amina, salma)
        household.refresh_from_db()
        assert (household.struck_off_on, household.members.count()) == (DAY, 0)
        with pytest.raises(RequestRefused):
            opened(amina, household)
        assert registered(amina).pk != household.pk


class TestTwoHouseholdsMadeOne:
    @pytest.fixture
    def two(self, amina):
        return registered(amina), registered(amina, town(members=[GRANDMOTHER | {"relation": "head", "education_level": "none"}]))

    def merged(self, two, amina, salma) -> Request:
        kept, absorbed = two
        request = opened(amina, kept, occasion="merge", other_id=absorbed.pk)
        edit_person(amina, request, 4, relation="parent")
        edit_person(amina, request, 1, mother=4)
        return casework_process(send(amina, request).pk, amina, salma)

    def test_do_not_meet_themselves_in_their_own_draft(self, two, amina):
        kept, absorbed = two
        request = opened(amina, kept, occasion="merge", other_id=absorbed.pk)
        found = services.read_draft(request, on=DAY, by=amina, law=law())
        told = met.context(request, found, request.answers, by=amina)
        assert (told["meetings"], told["same_households"], told["likenesses"]) == ([], [], False)

    def test_lose_nobody_and_the_other_is_struck_off(self, two, amina, salma):
        kept, absorbed = two
        self.merged(two, amina, salma)
        absorbed.refresh_from_db()
        assert names(kept) == ["Said", "Fatima", "Adam", "Zahra"]
        assert (absorbed.struck_off_on, absorbed.merged_into) == (DAY, kept)

    def test_need_a_second_person(self, two, amina, salma):
        kept, absorbed = two
        request = opened(amina, kept, occasion="merge", other_id=absorbed.pk)
        edit_person(amina, request, 4, relation="parent")
        sent = send(amina, request)
        with pytest.raises(services.SecondNeeded) as needed:
            casework.process(sent.pk, on=DAY, by=amina)
        sent.refresh_from_db()
        assert "merge" in needed.value.reasons
        assert (sent.status, "merge" in sent.second, names(absorbed)) == ("in_progress", True, ["Zahra"])
        done, _effect = casework.process(sent.pk, on=DAY, by=salma)
        assert (done.processed_by, done.submitted_by) == (salma, amina)

    def test_are_two_again_when_it_is_undone(self, two, amina, salma):
        _kept, absorbed = two
        before = [answers_of(row) for row in two]
        done = self.merged(two, amina, salma)
        undoing = services.undo_request(request_id=done.pk, token=uuid.uuid4(), reason="Deux familles du même nom.", on=DAY, by=amina)
        casework.process(undoing.pk, on=DAY, by=salma)
        for row in two:
            row.refresh_from_db()
        assert [answers_of(row) for row in two] == before
        assert (absorbed.struck_off_on, absorbed.merged_into) == (None, None)

    def test_take_in_what_the_other_has_learnt_until_the_second_signature(self, two, amina, salma):
        kept, absorbed = two
        request = opened(amina, kept, occasion="merge", other_id=absorbed.pk)
        edit_person(amina, request, 4, relation="parent")
        edit_person(amina, request, 1, mother=4)
        sent = send(amina, request)
        update = opened(amina, absorbed)
        learnt = {"members": [answers_of(absorbed)["members"][0] | {"situation": "retired"}, COUSIN]}
        services.amend_draft(token=update.token, change=lambda answers: answers | learnt, by=amina, on=DAY)
        casework_process(send(amina, update).pk, amina, salma)
        with pytest.raises(DeclarationRefused) as refusal:
            casework.process(sent.pk, on=DAY, by=salma)
        assert [problem.path for problem in refusal.value.problems] == ["members.5.relation"]
        assert names(absorbed) == ["Zahra", "Hind"]
        services.return_request(request_id=sent.pk, reason="Dites le lien de Hind.", on=DAY, by=salma)

    def test_are_not_merged_by_who_answers_for_one_of_them_only(self, amina, salma, brahim):
        here = registered(amina)
        there = registered(brahim, town(commune=GUELIZ, members=[GRANDMOTHER | {"relation": "head", "education_level": "none"}]))
        with pytest.raises(Forbidden):
            opened(amina, here, occasion="merge", other_id=there.pk)
        request = opened(engine(), here, occasion="merge", other_id=there.pk)
        edit_person(engine(), request, 4, relation="parent")
        sent = send(engine(), request)
        with pytest.raises(Forbidden):
            casework.process(sent.pk, on=DAY, by=salma)
        assert not requests_of(salma).filter(pk=sent.pk).exists()

    def test_are_not_approved_by_whoever_had_a_hand_in_it(self, two, amina, salma):
        kept, absorbed = two
        request = opened(amina, kept, occasion="merge", other_id=absorbed.pk)
        edit_person(salma, request, 4, relation="parent")
        edit_person(amina, request, 1, mother=4)
        sent = send(amina, request)
        with pytest.raises(services.SecondNeeded):
            casework.process(sent.pk, on=DAY, by=salma)
        assert names(absorbed) == ["Zahra"]

    def test_may_be_asked_apart_again_after_a_refusal_but_not_the_undoing_itself(self, two, amina, salma):
        done = self.merged(two, amina, salma)
        ask = {"request_id": done.pk, "reason": "Deux familles.", "on": DAY, "by": amina}
        refused = services.undo_request(token=uuid.uuid4(), **ask)
        services.answer_request(request_id=refused.pk, status="rejected", answer="Non.", on=DAY, by=salma)
        again = services.undo_request(token=uuid.uuid4(), **ask)
        assert (again.pk != refused.pk, again.status) == (True, "in_progress")
        assert services.undo_request(token=uuid.uuid4(), **ask).pk == again.pk
        undone, _effect = casework.process(again.pk, on=DAY, by=salma)
        with pytest.raises(RequestRefused):
            services.undo_request(request_id=undone.pk, token=uuid.uuid4(), reason="Encore.", on=DAY, by=amina)

    def test_stay_one_when_the_family_has_changed_since(self, two, amina, salma):
        kept, _absorbed = two
        done = self.merged(two, amina, salma)
        casework_process(send(amina, edit(amina, opened(amina, kept), rooms="4")).pk, amina, salma)
        undoing = services.undo_request(request_id=done.pk, token=uuid.uuid4(), reason="Erreur.", on=DAY, by=amina)
        with pytest.raises(RequestRefused) as refusal:
            casework.process(undoing.pk, on=DAY, by=salma)
        assert "a changé depuis" in refusal.value.problems[""]


class TestWordsAlone:
    def test_a_complaint_is_answered_in_part_and_changes_nothing(self, amina):
        household = registered(amina)
        request = send(amina, opened(amina, household, kind="complaint", reason="Mon dossier n’avance pas."))
        before = answers_of(household)
        done = services.answer_request(
            request_id=request.pk, status="partially_accepted", answer="Le dossier est repris.", on=DAY, by=amina
        )
        assert (done.status, done.answer, answers_of(household)) == ("partially_accepted", "Le dossier est repris.", before)
        assert done.due_on == date(2026, 12, 22)

    def test_a_complaint_is_never_applied(self, amina):
        household = registered(amina)
        request = send(amina, opened(amina, household, kind="complaint", reason="Mon dossier n’avance pas."))
        with pytest.raises(RequestRefused):
            casework.process(request.pk, on=DAY, by=amina)

    def test_a_rejection_says_why(self, amina):
        household = registered(amina)
        request = send(amina, edit(amina, opened(amina, household), rooms="3"))
        with pytest.raises(RequestRefused):
            services.answer_request(request_id=request.pk, status="rejected", answer=" ", on=DAY, by=amina)

    def test_the_database_refuses_a_second_signature_by_the_first_person(self, amina):
        household = registered(amina)
        request = send(amina, edit(amina, opened(amina, household), rooms="3"))
        casework.process(request.pk, on=DAY, by=amina)
        with pytest.raises(IntegrityError, match="request_signed_by_a_second_person"), transaction.atomic():
            Request.objects.filter(pk=request.pk).update(second=["merge"])


class TestSeenBeforehand:
    def test_leaves_nothing_behind(self, amina):
        household = registered(amina)
        request = send(amina, edit(amina, opened(amina, household), mobile_phones="5", computer=True, cars="2"))
        effect = casework.foresee(request, on=DAY, by=amina)
        [(before, after)] = effect.pairs
        assert after.standing.score > before.standing.score
        household.refresh_from_db()
        assert (household.mobile_phones, AuditEvent.objects.filter(verb="request.processed").count()) == (2, 0)

    def test_is_what_the_approval_then_does(self, amina, salma):
        household = registered(amina)
        request = send(amina, edit(amina, opened(amina, household), mobile_phones="5", computer=True, cars="2"))
        foreseen = casework.foresee(request, on=DAY, by=salma)
        _done, effect = (
            casework.process(request.pk, on=DAY, by=salma) if foreseen.reasons else casework.process(request.pk, on=DAY, by=amina)
        )
        assert [(b.standing.score, a.standing.score) for b, a in effect.pairs] == [
            (b.standing.score, a.standing.score) for b, a in foreseen.pairs
        ]


ANSWERS = st.fixed_dictionaries({"rooms": st.sampled_from(["1", "2", "3"]), "cars": st.sampled_from(["0", "1"]), "dish": st.booleans()})


@settings(max_examples=cases(80, 400), suppress_health_check=[HealthCheck.too_slow])
@given(base=ANSWERS, mine=ANSWERS, theirs=ANSWERS)
def test_two_peoples_changes_put_together_lose_neither(base, mine, theirs):
    """Where one of them changed an answer it stands; where both did differently mine is kept and told."""
    answers, conflicts = together(town(**base), town(**mine), town(**theirs))
    told = {conflict.path for conflict in conflicts}
    for field in base:
        if mine[field] == base[field]:
            assert answers[field] == theirs[field]
        else:
            assert answers[field] == mine[field]
            assert (field in told) == (theirs[field] not in (base[field], mine[field]))


def test_answers_that_read_alike_are_not_changes():
    assert changes(town(rooms=2, butane_month="75,5", dish=True), town(rooms="2", butane_month="75.50", dish="true")) == []
    assert changes(town(rooms=2), town(rooms="3")) == [Change("", "rooms", 2, "3")]


class TestAnAnswerNobodyIsAsked:
    """A registered family may hold answers that no page would ask today: of another time, or of a former system."""

    @pytest.fixture
    def held(self, amina):
        """The wife's level of studies, asked of the head alone, and the boy's school, though he has turned 26."""
        household = registered(amina)
        household.members.filter(idcs=WIFE).update(education_level="koranic")
        household.members.filter(idcs=SON).update(born_on=date(1999, 9, 1), diploma="none", situation="student", other_allowances=False)
        return household

    def test_stands_when_something_else_changes(self, held, amina, salma):
        request = edit(amina, opened(amina, held), rooms="3")
        done = casework_process(send(amina, request).pk, amina, salma)
        assert held.members.get(idcs=WIFE).education_level == "koranic"
        assert (held.members.get(idcs=SON).schooling, held.members.get(idcs=SON).school_sector) == ("primary", "public")
        assert [change.path for change in changes(done.before, done.after)] == done.touched == ["rooms"]

    def test_of_the_household_stands_too(self, held, amina, salma):
        Household.objects.filter(pk=held.pk).update(dwelling_type="rural_earth", cows=3)
        request = edit(amina, opened(amina, held), rooms="3")
        casework_process(send(amina, request).pk, amina, salma)
        held.refresh_from_db()
        assert (held.rooms, held.dwelling_type, held.cows) == (3, "rural_earth", 3)

    def test_goes_when_somebody_says_so(self, held, amina, salma):
        request = edit_person(amina, opened(amina, held), 2, education_level=None)
        done = casework_process(send(amina, request).pk, amina, salma)
        assert held.members.get(idcs=WIFE).education_level is None
        assert done.touched == [f"{key(held, WIFE)}.education_level"]

    def test_of_those_who_stay_stands_when_somebody_leaves(self, held, amina, salma):
        request = opened(amina, held, occasion="departure", people=(key(held, SON),))
        casework_process(send(amina, request).pk, amina, salma)
        assert held.members.get(idcs=WIFE).education_level == "koranic"

    def test_one_that_the_change_makes_moot_goes_and_is_shown_beforehand(self, amina, salma):
        household = registered(amina)
        request = send(amina, edit_person(amina, opened(amina, household), 3, schooling="no"))
        [side] = effects.foresee(request, on=DAY, by=salma).carried
        sector = f"{key(household, SON)}.school_sector"
        assert [line.path for party in side.parties for line in party.lines] == [sector]
        done = casework_process(request.pk, amina, salma)
        assert household.members.get(idcs=SON).school_sector is None
        assert {change.path for change in changes(done.before, done.after)} == {f"{key(household, SON)}.schooling", sector}

    def test_nothing_follows_a_change_that_makes_nothing_moot(self, held, amina, salma):
        request = send(amina, edit(amina, opened(amina, held), rooms="3"))
        assert effects.foresee(request, on=DAY, by=salma).carried == []
