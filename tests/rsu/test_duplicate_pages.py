"""At the supervisor's desk: the pairs to settle, and what each choice does before it is made."""

import threading
import uuid

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eligibility.queries import law as law_of
from households import services
from households.models import Member, Request
from households.services import PairRefused
from rsu.desk import casework, pairing
from rsu.models import AuditEvent, User
from tests.households.families import BOY, GUELIZ, HEAD, MAN, OTHER, WOMAN, town, with_person
from tests.rsu.doubles import (
    ALONE,
    NUMBERS,
    TODAY,
    family,
    households_pair,
    people_pair,
    register,
    twin,
)


@pytest.fixture
def nadia(db):
    return User.objects.get(username="nadia")


@pytest.fixture
def household(amina):
    return register(amina, town())


class TestTheList:
    def test_asks_no_more_queries_for_more_pairs(self, household, client, amina, salma):
        client.force_login(salma)
        others = [register(amina, family(twin(ALONE, number))) for number in NUMBERS[:4]]
        counts = []
        for other in others:
            people_pair(household, other)
            with CaptureQueriesContext(connections["default"]) as asked:
                assert client.get(reverse("desk:duplicates")).status_code == 200
            counts.append(len(asked))
        assert counts[0] == counts[-1]

    def test_names_are_whole_in_ones_own_work_and_initials_over_a_whole_area(self, household, client, amina, yassine):
        other = register(amina, family(twin(ALONE, NUMBERS[0])))
        people_pair(household, other)
        households_pair(household, other)
        shown = (household.shown_code, other.shown_code, "Said Alaoui", "Said El Alaoui")
        client.force_login(amina)
        own = client.get(reverse("desk:duplicates")).content.decode()
        assert all(told in own for told in shown)
        client.force_login(yassine)
        masked = client.get(reverse("desk:duplicates")).content.decode()
        assert not any(told in masked for told in shown) and "Alaoui" not in masked
        assert "S. A." in masked and "S. E. A." in masked and "Ménage de S. A." in masked and f"-{other.code[10:]}" in masked

    def test_narrows_by_kind_probability_and_commune(self, household, client, amina, salma):
        pair = people_pair(household, register(amina, family(twin(ALONE, NUMBERS[0]))))
        client.force_login(salma)
        link = reverse("desk:duplicate", args=[pair.pk])
        for query, shown in (("kind=people", True), ("kind=households", False), ("least=9900", False), ("least=9000", True),
                             ("commune=06.141.01.53", True), ("commune=06.141.01.31", False), ("least=x&page=z", True)):  # fmt: skip
            assert (link in client.get(reverse("desk:duplicates") + "?" + query).content.decode()) is shown, query

    def test_a_pair_across_areas_is_told_without_details(self, household, client, brahim, salma, nadia):
        other = register(brahim, family(twin(ALONE, NUMBERS[0]), commune=GUELIZ))
        pair = people_pair(household, other)
        client.force_login(salma)
        text = client.get(reverse("desk:duplicates")).content.decode()
        assert "il revient à qui voit les deux" in text and other.code not in text
        assert client.get(reverse("desk:duplicate", args=[pair.pk])).status_code == 404
        client.force_login(nadia)
        assert client.get(reverse("desk:duplicate", args=[pair.pk])).status_code == 200

    def test_the_counter_reads_and_does_not_settle(self, household, client, amina):
        pair = people_pair(household, register(amina, family(twin(ALONE, NUMBERS[0]))))
        client.force_login(amina)
        link = reverse("desk:duplicate", args=[pair.pk])
        assert "réglé par un superviseur" in client.get(link).content.decode()
        assert client.post(link, {"choice": "different", "reason": "x"}).status_code == 403
        pair.refresh_from_db()
        assert pair.is_open


class TestSettling:
    @pytest.fixture
    def other(self, amina):
        return register(amina, family(twin(ALONE, NUMBERS[0])))

    @pytest.fixture
    def pair(self, household, other):
        return people_pair(household, other)

    def post(self, client, pair, **form):
        return client.post(reverse("desk:duplicate", args=[pair.pk]), {"reason": "carte vue", "token": str(uuid.uuid4())} | form)

    def test_the_page_lays_both_files_side_by_side_and_records_both_readings(self, pair, household, other, client, salma):
        client.force_login(salma)
        text = client.get(reverse("desk:duplicate", args=[pair.pk])).content.decode()
        for shown in (HEAD, NUMBERS[0], "identique", "différent", "Même nom de famille, écrit autrement", "12 personnes du registre l’ont"):
            assert shown in text
        read = AuditEvent.objects.filter(verb="read_household", subject=f"duplicate:{pair.pk}").values_list("household_id", flat=True)
        assert set(read) == {household.pk, other.pk}

    def test_different_needs_a_reason_and_keeps_what_was_chosen(self, pair, client, salma):
        client.force_login(salma)
        refused = self.post(client, pair, choice="different", reason=" ")
        assert refused.status_code == 422 and "Dites ce qui a été vérifié" in refused.content.decode()
        assert self.post(client, pair, choice="different").status_code == 302
        pair.refresh_from_db()
        assert (pair.status, pair.settled_by, pair.reason) == ("different", salma, "carte vue")

    def test_nothing_stays_of_what_was_foreseen(self, pair, household, other, client, salma):
        client.force_login(salma)
        single = pair.member_high if pair.member_high.household_id == other.pk else pair.member_low
        text = client.get(reverse("desk:duplicate", args=[pair.pk]) + f"?choice=same_person&side={single.pk}").content.decode()
        assert "Ce dossier est radié" in text and "registre de la population" in text and "second superviseur" in text
        assert Request.objects.exclude(kind="registration").count() == 0
        other.refresh_from_db()
        assert (other.struck_off_on, pair.is_open) == (None, True)

    def test_the_same_person_leaves_when_a_second_supervisor_signs_and_comes_back_undone(
        self, pair, household, other, client, salma, nadia
    ):
        client.force_login(salma)
        single = pair.member_high if pair.member_high.household_id == other.pk else pair.member_low
        assert self.post(client, pair, choice="same_person", side=single.pk).status_code == 302
        pair.refresh_from_db()
        assert (pair.status, pair.request.status, pair.request.kind) == ("same_person", "in_progress", "striking_off")
        assert other.members.count() == 1
        done, _effect = casework.process(pair.request_id, on=TODAY, by=nadia)
        other.refresh_from_db()
        assert (done.status, other.struck_off_on, household.members.count()) == ("processed", TODAY, 3)
        undoing = services.undo_request(request_id=done.pk, token=uuid.uuid4(), reason="erreur", on=TODAY, by=salma)
        casework.process(undoing.pk, on=TODAY, by=nadia)
        other.refresh_from_db()
        assert other.struck_off_on is None
        assert list(other.members.values_list("idcs", "first_name_fr")) == [(NUMBERS[0], "Said")]

    def test_a_head_who_leaves_others_names_the_next(self, pair, household, client, salma):
        client.force_login(salma)
        head = household.members.get(relation="head")
        link = reverse("desk:duplicate", args=[pair.pk]) + f"?choice=same_person&side={head.pk}"
        text = client.get(link).content.decode()
        assert "dites qui devient chef" in text and "Fatima" in text
        wife = household.members.get(relation="spouse")
        assert "Fiches qui partent" in client.get(link + f"&new_head={wife.pk}").content.decode()

    def test_two_households_become_one_each_person_once_and_come_back_undone(self, household, client, amina, salma, nadia):
        people = [twin(one, number) for one, number in zip((MAN, WOMAN, BOY), NUMBERS, strict=False)]
        second = register(amina, family(*people))
        pair = households_pair(household, second)
        before = [
            list(one.members.order_by("position").values_list("idcs", "relation", "mother__idcs", "father__idcs"))
            for one in (household, second)
        ]
        client.force_login(salma)
        self.post(client, pair, choice="same_household", side=household.pk)
        pair.refresh_from_db()
        assert (pair.status, pair.request.occasion, pair.request.status) == ("same_household", "merge", "in_progress")
        done, _effect = casework.process(pair.request_id, on=TODAY, by=nadia)
        second.refresh_from_db()
        assert (second.merged_into_id, second.members.count(), household.members.count()) == (household.pk, 0, 3)
        undoing = services.undo_request(request_id=done.pk, token=uuid.uuid4(), reason="deux familles", on=TODAY, by=salma)
        casework.process(undoing.pk, on=TODAY, by=nadia)
        second.refresh_from_db()
        after = [
            list(one.members.order_by("position").values_list("idcs", "relation", "mother__idcs", "father__idcs"))
            for one in (household, second)
        ]
        assert (after, second.struck_off_on, second.merged_into_id) == (before, None, None)

    def test_somebody_of_the_absorbed_household_comes_along_and_is_asked_for(self, household, client, amina, salma):
        grandmother = WOMAN | {"idcs": OTHER, "first_name_fr": "Zahra", "relation": "parent", "birth_year": "1950", "marital_status": "widowed",
                               "spouse": None, "situation": "elderly"}  # fmt: skip
        second = register(amina, family(twin(MAN, NUMBERS[0], marital_status="single"), grandmother))
        head, double = household.members.get(relation="head"), second.members.get(relation="head")
        pair = people_pair(household, second)
        client.force_login(salma)
        shown = client.get(reverse("desk:duplicate", args=[pair.pk]) + f"?choice=same_household&side={household.pk}").content.decode()
        assert "Personnes qui suivent" in shown and "Zahra" in shown
        self.post(client, pair, choice="same_household", side=household.pk)
        pair.refresh_from_db()
        keys = [member["key"] for member in pair.request.answers["members"]]
        assert f"m{head.pk}" in keys and f"m{double.pk}" not in keys and len(keys) == 4

    def test_pressed_twice_it_is_done_once(self, pair, other, client, salma):
        client.force_login(salma)
        side = next(one.pk for one in (pair.member_low, pair.member_high) if one.household_id == other.pk)
        token = str(uuid.uuid4())
        for _press in range(2):
            self.post(client, pair, choice="same_person", side=side, token=token)
        assert Request.objects.filter(kind="striking_off").count() == 1
        assert AuditEvent.objects.filter(verb="duplicate.same_person").count() == 1

    def test_the_home_page_counts_in_one_query(self, pair, client, salma):
        client.force_login(salma)
        counts = []
        for _time in range(2):
            with CaptureQueriesContext(connections["default"]) as asked:
                client.get(reverse("desk:home"))
            counts.append(sum("households_duplicatepair" in one["sql"] for one in asked.captured_queries))
        assert counts == [1, 1]

    @pytest.mark.parametrize("moved", [False, True])
    def test_a_pair_one_of_whom_left_since_the_search_is_refused_with_a_sentence(self, pair, household, other, client, amina, salma, moved):
        single = Member.objects.get(household=other)
        third = register(amina, family(twin(ALONE, NUMBERS[1])))
        if moved:
            Member.objects.filter(pk=single.pk).update(household=third, position=2, relation="other")
        else:
            single.delete()
        client.force_login(salma)
        sentence = "n’est plus dans le ménage où elle a été trouvée"
        for side in (household, other):
            link = reverse("desk:duplicate", args=[pair.pk]) + f"?choice=same_household&side={side.pk}"
            assert sentence in client.get(link).content.decode()
            answer = self.post(client, pair, choice="same_household", side=side.pk)
            assert answer.status_code == 422 and sentence in answer.content.decode()
        pair.refresh_from_db()
        assert (pair.is_open, household.members.count()) == (True, 3)
        assert not Request.objects.exclude(kind="registration").exists()

    def test_the_only_record_left_of_a_person_does_not_leave(self, pair, household, other, client, salma):
        Member.objects.filter(household=other).delete()
        left = household.members.get(relation="head")
        client.force_login(salma)
        wife = household.members.get(relation="spouse")
        assert self.post(client, pair, choice="same_person", side=left.pk, new_head=wife.pk).status_code == 422
        assert not Request.objects.exclude(kind="registration").exists()

    def test_a_household_that_changed_since_its_request_was_prepared_is_said(self, household, salma):
        def prepared(trade):
            asked = services.open_request(
                household_id=household.pk, kind="update", token=uuid.uuid4(), on=TODAY, by=salma, law=law_of(TODAY), reason="doublon"
            )
            return services.amend_draft(
                token=asked.token, change=lambda answers: with_person(answers, 1, occupation=trade), on=TODAY, by=salma
            )

        first, second = prepared("forgeron"), prepared("boucher")
        assert pairing._as_far_as_it_goes(first, on=TODAY, by=salma).status == "processed"
        with pytest.raises(PairRefused, match="le ménage a changé depuis"):
            pairing._as_far_as_it_goes(second, on=TODAY, by=salma)
        assert household.members.get(relation="head").occupation == "forgeron"

    @pytest.mark.parametrize("choice", ["same_person", "same_household"])
    def test_what_is_foreseen_locks_the_law_then_the_blocks_then_the_households(self, pair, other, salma, choice):
        side = other.members.get().pk if choice == "same_person" else other.pk
        with CaptureQueriesContext(connections["default"]) as asked:
            pairing.foresee(pair, choice=choice, side=side, new_head=None, token=uuid.uuid4(), on=TODAY, by=salma)
        locks = [one["sql"] for one in asked.captured_queries if "pg_advisory" in one["sql"] or "FOR UPDATE" in one["sql"]]
        assert "pg_advisory" in locks[0] and "unnest" not in locks[0]
        assert "pg_advisory" in locks[1] and "unnest" in locks[1]
        assert any("households_household" in lock for lock in locks[2:])

    def test_a_choice_that_is_none_is_refused(self, pair, client, salma):
        client.force_login(salma)
        for form in ({"choice": "x"}, {"choice": "same_person", "side": "12345678"}, {"choice": "same_household", "side": "1"}):
            assert self.post(client, pair, **form).status_code == 422


def test_two_supervisors_at_once_settle_it_once(committed_db, amina):
    first = register(amina, town())
    second = register(amina, family(twin(ALONE, NUMBERS[0])))
    pair = people_pair(first, second)
    side = next(one.pk for one in (pair.member_low, pair.member_high) if one.household_id == second.pk)
    supervisors = [User.objects.get(username=name) for name in ("salma", "nadia")]
    start, outcomes = threading.Barrier(2), []

    def settle(by):
        start.wait()
        try:
            outcomes.append(
                pairing.same_person(pair_id=pair.pk, leaves=side, new_head=None, token=uuid.uuid4(), reason=by.username, on=TODAY, by=by)
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=settle, args=[by]) for by in supervisors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done.settlement.already for done in outcomes) == [False, True]
    assert Request.objects.filter(kind="striking_off").count() == 1
