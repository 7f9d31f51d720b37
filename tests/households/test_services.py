import threading
import uuid
from datetime import datetime

import pytest
from celery import current_app
from django.db import IntegrityError, connection, connections, transaction

from households.models import Household, Member, Request
from households.services import DeclarationRefused, amend_draft, check_declaration, discard_draft, save_draft, submit_registration
from rsu.authentication import engine
from rsu.models import Agency, AuditEvent, User
from rsu.permissions import Forbidden

from .families import COUNTRY, DAY, GUELIZ, HEAD, ISSAGUEN, OTHER, WIFE, country, law, town, with_person


def submit(by, answers=None, token=None):
    return submit_registration(token=token or uuid.uuid4(), answers=answers, on=DAY, by=by, law=law())


class TestASentDeclaration:
    def test_becomes_one_household_with_typed_values(self, amina):
        household = submit(amina, town()).household
        household.refresh_from_db()
        assert (household.milieu, household.commune_id, household.registered_on) == ("urban", amina.commune_id, DAY)
        assert household.electricity_bills == [10000, None, 20000]
        assert household.water_bills == [4000, None, None]
        assert household.telecom_bills == []
        assert household.butane_month == 7550
        assert (household.dwelling_type, household.cows, household.inside_center) == (None, None, None)

    def test_links_wives_to_their_husband_and_children_to_both(self, amina):
        household = submit(amina, town()).household
        head, wife, son = household.members.order_by("position")
        assert (head.spouse, wife.spouse) == (None, head)
        assert (son.mother, son.father) == (wife, head)

    def test_links_the_wife_when_only_her_husband_named_her(self, amina):
        answers = with_person(with_person(town(), 2, spouse=None), 1, spouse=2)
        head, wife, _son = submit(amina, answers).household.members.order_by("position")
        assert (head.spouse, wife.spouse) == (None, head)

    def test_keeps_the_precision_of_each_birth(self, amina):
        head, wife, _son = submit(amina, town()).household.members.order_by("position")
        assert (head.born_on.isoformat(), head.birth_precision) == ("1981-03-05", "day")
        assert (wife.born_on.isoformat(), wife.birth_precision) == ("1985-01-01", "year")

    def test_is_processed_due_and_traced(self, amina):
        request = submit(amina, town())
        request.household.refresh_from_db()
        assert (request.status, request.submitted_on, request.processed_by) == ("processed", DAY, amina)
        assert isinstance(request.household.due_since, datetime)
        event = AuditEvent.objects.get(verb="household.registered")
        assert (event.by, event.household_id, event.details) == (amina, request.household_id, {"members": 3})

    def test_gets_a_code_of_ten_digits_and_their_check_digit(self, amina):
        from stdnum import verhoeff

        code = submit(amina, town()).household.code
        assert len(code) == 11
        assert verhoeff.is_valid(code)

    def test_writes_members_without_replacing_any_row(self, amina):
        from django.apps import apps

        submit(amina, town())
        assert apps.get_model("households", "MemberEvent").objects.count() == 0

    def test_takes_the_same_number_of_queries_for_three_and_for_thirty_people(self, amina, django_assert_max_num_queries):
        from stdnum import verhoeff

        answers = town()
        for number in range(100, 127):
            digits = f"3{number:08d}"
            sibling = answers["members"][1] | {"idcs": digits + verhoeff.calc_check_digit(digits), "relation": "other"}
            answers["members"].append(sibling | {"marital_status": "single", "spouse": None})
        with django_assert_max_num_queries(24):
            assert submit(amina, answers).household.members.count() == 30

    def test_in_the_country_asks_what_the_country_is_asked(self, chaima, db):
        household = submit(engine(), country()).household
        assert (household.milieu, household.inside_center) == ("rural", False)
        assert (household.dwelling_type, household.cows, household.bath, household.mobile_phones) == ("rural_earth", 2, None, None)
        assert household.water_in_electricity

    def test_inside_the_urban_center_of_a_rural_commune_is_asked_as_in_town(self, db):
        answers = town(commune=ISSAGUEN, inside_center=True)
        assert submit(engine(), answers).household.milieu == "urban"

    def test_stands_even_when_nobody_can_be_told(self, committed_db, amina, monkeypatch):
        monkeypatch.setattr(current_app, "send_task", refuse_connection)
        request = submit(amina, town())
        household = Household.objects.get(pk=request.household_id)
        assert household.due_since is not None


def refuse_connection(*_args, **_options):
    raise ConnectionRefusedError("no broker here")


class TestSendingTwice:
    def test_the_same_token_gives_the_same_household(self, amina):
        token = uuid.uuid4()
        first, second = submit(amina, town(), token), submit(amina, town(), token)
        assert first.household_id == second.household_id
        assert Household.objects.count() == 1

    def test_a_draft_saved_after_sending_changes_nothing(self, amina):
        token = uuid.uuid4()
        submit(amina, town(), token)
        kept = save_draft(token=token, answers={"rooms": 9}, by=amina, on=DAY)
        assert (kept.status, kept.answers["rooms"]) == ("processed", 2)

    def test_a_person_already_registered_is_refused_without_a_word_more(self, amina, brahim):
        submit(amina, town())
        with pytest.raises(DeclarationRefused) as refused:
            submit(brahim, town(commune=GUELIZ))
        found = {problem.path: problem.sentence for problem in refused.value.problems}
        assert found["members.1.idcs"] == "Cet IDCS est déjà enregistré dans un ménage."
        assert len(found) == 3

    def test_at_the_same_instant_makes_one_household(self, committed_db, amina):
        token = uuid.uuid4()
        outcomes = race(lambda: submit(amina, town(), token).household_id, times=2)
        assert outcomes[0] == outcomes[1]
        assert Household.objects.count() == 1

    def test_two_families_claiming_one_person_at_the_same_instant_make_one_household(self, committed_db, amina):
        outcomes = race(lambda: submit(amina, town()).household_id, times=2)
        refusals = [outcome for outcome in outcomes if isinstance(outcome, DeclarationRefused)]
        assert len(refusals) == 1
        assert refusals[0].problems[0].path == "members.1.idcs"
        assert Household.objects.count() == 1
        assert Member.objects.count() == 3


def race(deed, *, times: int) -> list:
    """Run the deed in as many threads, started together; each outcome is what it returned or raised."""
    start, outcomes = threading.Barrier(times), []

    def run():
        start.wait()
        try:
            outcomes.append(deed())
        except Exception as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


class TestADraft:
    def test_keeps_what_was_typed_even_when_it_is_wrong(self, amina):
        token = uuid.uuid4()
        typed = {"rooms": "deux", "electricity_bills": ["12,345", None, None], "members": [{"idcs": "abc"}]}
        save_draft(token=token, answers=typed, by=amina, on=DAY)
        assert Request.objects.get(token=token).answers == typed

    def test_keeps_dates_and_odd_characters_as_text(self, amina):
        kept = save_draft(token=uuid.uuid4(), answers={"address": "a\x00b\ud800c", "day": DAY, "n": float("nan")}, by=amina, on=DAY)
        kept.refresh_from_db()
        assert kept.answers == {"address": "abc", "day": "2026-11-22", "n": "NaN"}

    def test_is_amended_by_two_pages_without_losing_either(self, amina):
        token = uuid.uuid4()
        amend_draft(token=token, change=lambda kept: kept | {"rooms": "2"}, by=amina, on=DAY)
        kept = amend_draft(token=token, change=lambda kept: kept | {"cars": "1"}, by=amina, on=DAY)
        assert kept.answers == {"rooms": "2", "cars": "1"}

    def test_is_sent_as_it_stands(self, amina):
        token = uuid.uuid4()
        save_draft(token=token, answers=town(), by=amina, on=DAY)
        assert submit(amina, token=token).household.members.count() == 3

    def test_stays_a_draft_when_refused(self, amina):
        token = uuid.uuid4()
        save_draft(token=token, answers=town(rooms=None), by=amina, on=DAY)
        with pytest.raises(DeclarationRefused):
            submit(amina, token=token)
        assert Request.objects.get(token=token).status == "draft"
        assert Household.objects.count() == 0

    def test_belongs_to_whoever_made_it(self, amina, brahim):
        token = uuid.uuid4()
        save_draft(token=token, answers=town(), by=amina, on=DAY)
        for deed in (lambda: save_draft(token=token, answers={}, by=brahim, on=DAY), lambda: submit(brahim, token=token)):
            with pytest.raises(Forbidden):
                deed()

    def test_put_aside_is_never_sent(self, amina):
        token = uuid.uuid4()
        save_draft(token=token, answers=town(), by=amina, on=DAY)
        assert discard_draft(token=token, on=DAY, by=amina).status == "rejected"
        with pytest.raises(DeclarationRefused):
            submit(amina, token=token)


class TestWhoRegisters:
    @pytest.mark.parametrize("name", ["chaima", "yassine"])
    def test_other_people_may_not(self, name, request):
        with pytest.raises(Forbidden):
            submit(request.getfixturevalue(name), town())

    def test_nobody_registers_outside_the_area(self, brahim):
        with pytest.raises(DeclarationRefused) as refused:
            submit(brahim, town())
        assert {problem.path for problem in refused.value.problems} == {"commune"}

    @pytest.mark.parametrize(
        ("purposes", "since", "until", "may"),
        [
            (["registration"], "2026-01-01", "2027-01-01", True),
            (["coverage"], "2026-01-01", "2027-01-01", False),
            (["registration"], "2026-01-01", "2026-11-22", False),
            (["registration"], "2026-11-23", "2027-01-01", False),
        ],
    )
    def test_an_agency_needs_an_agreement_of_the_day(self, db, purposes, since, until, may):
        user = User.objects.create(username="partner", role="agency", area_level="kingdom")
        Agency.objects.create(user=user, code="partner", name_fr="P", name_ar="ش", purposes=purposes, since=since, until=until)
        if may:
            assert submit(user, town()).status == "processed"
        else:
            with pytest.raises(Forbidden):
                submit(user, town())


class TestWhatTheDatabaseRefuses:
    """Each constraint holds by itself, whatever a program forgets to check."""

    @pytest.mark.parametrize(
        ("constraint", "sql"),
        [
            ("member_idcs_once", f"UPDATE households_member SET idcs = '{HEAD}' WHERE idcs = '{WIFE}'"),
            ("member_one_head", "UPDATE households_member SET relation = 'head'"),
            ("member_position_once", "UPDATE households_member SET position = 1"),
            ("member_idcs_pattern", "UPDATE households_member SET idcs = '1000000008' WHERE position = 1"),
            ("member_not_own_spouse", "UPDATE households_member SET spouse_id = id"),
            ("member_not_own_parent", "UPDATE households_member SET mother_id = id"),
            ("member_occupation_only_if_employed", "UPDATE households_member SET occupation_group = '6' WHERE position = 2"),
            ("household_code_digits", "UPDATE households_household SET code = 'abc'"),
            ("household_counts_not_negative", "UPDATE households_household SET cars = -1"),
            ("request_processed_is_complete", "UPDATE households_request SET submitted_on = NULL"),
        ],
    )
    def test_a_row_that_breaks_a_rule(self, amina, constraint, sql):
        submit(amina, town())
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_everything_to_mend_is_told_at_once(amina):
    answers = with_person(town(rooms="", cars="-1", mobile_phones="many"), 2, idcs=OTHER[:-1] + "0")
    paths = [problem.path for problem in check_declaration(answers, on=DAY, by=amina, law=law())]
    assert paths == ["rooms", "mobile_phones", "cars", "members.2.idcs"]


def test_the_country_declaration_is_right_as_it_stands(db):
    assert check_declaration(COUNTRY, on=DAY, by=engine(), law=law()) == []
