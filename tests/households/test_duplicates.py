"""People and households recorded twice: found each night, why, and what is never proposed again."""

import os
import threading
import uuid
from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import verhoeff

from eligibility.law import Law, founding
from households.duplicates import blocks, ledger, pairs, people
from households.duplicates.resemblance import AGREEMENTS, FIELDS, LEVELS
from households.models import DuplicatePair, DuplicatePass, Household, Member
from households.services import PairRefused, find_duplicates, settle_pair, submit_registration
from rsu import tasks
from rsu.authentication import engine
from rsu.bench.duplicates import quality
from rsu.models import AuditEvent, User
from rsu.permissions import Forbidden
from rsu.synthesis import doubles
from tests.sizes import cases

from .families import BOY, DAY, GUELIZ, MAN, WOMAN, law, town
from .kingdom import found

LATER = date(2026, 11, 23)


def number(ordinal: int) -> str:
    digits = f"4{ordinal:08d}"
    return digits + verhoeff.calc_check_digit(digits)


def family(first: int, *people, **changes) -> dict:
    """A declaration whose people bear the IDCS of these ordinals."""
    return town(members=[person | {"idcs": number(first + place)} for place, person in enumerate(people)], **changes)


def register(by, answers) -> Household:
    return submit_registration(token=uuid.uuid4(), answers=answers, on=DAY, by=by, law=law()).household


def search(on=DAY, **options) -> DuplicatePass:
    return find_duplicates(law=law(), on=on, by=engine(), **options)


@pytest.fixture
def kingdom(db):
    found()


def levels(first: dict, second: dict) -> dict:
    """The levels of two people, straight from SQL."""
    empty = {"first": "said", "last": "alaoui", "born_on": date(1981, 3, 5), "precise": True, "sex": "male", "commune_id": 1}
    empty |= {name: "" for name in ("phone", "cin", "mother", "father")}
    rows = []
    for person in (empty | first, empty | second):
        rows += person.values()
    columns = ", ".join(empty)
    one = "(VALUES (%s::text, %s::text, %s::date, %s::boolean, %s::text, %s::int, %s::text, %s::text, %s::text, %s::text))"
    with connection.cursor() as cursor:
        sounds = "rsu_sound_name(first) AS first_sound, rsu_sound_name(last) AS last_sound"
        sides = [f"(SELECT *, {sounds} FROM {one} given ({columns})) {side}" for side in "ab"]
        cursor.execute(f"SELECT l.* FROM {sides[0]}, {sides[1]}, LATERAL ({LEVELS}) l", rows)
        return dict(zip(FIELDS, cursor.fetchone(), strict=True))


class TestHowTwoPeopleResembleEachOther:
    @pytest.mark.parametrize(
        ("field", "first", "second", "level"),
        [
            ("last", {}, {}, "same"),
            ("last", {}, {"last": "el alaoui"}, "spelled"),
            ("first", {"first": "mohamed"}, {"first": "mohammed"}, "spelled"),
            ("last", {"last": "benjelloun"}, {"last": "benzellour"}, "two_letters"),
            ("last", {}, {"last": "alazui"}, "one_letter"),
            ("last", {"last": "sbi"}, {"last": "sba"}, "other"),
            ("first", {"first": "karim"}, {"first": "karil"}, "one_letter"),
            ("names", {}, {"first": "alaoui", "last": "said"}, "crossed"),
            ("last", {}, {"first": "alaoui", "last": "said"}, "unknown"),
            ("birth", {}, {}, "same"),
            ("birth", {}, {"born_on": date(1981, 5, 3)}, "swapped"),
            ("birth", {}, {"born_on": date(1981, 3, 6)}, "same_month"),
            ("birth", {}, {"born_on": date(1980, 3, 5)}, "anniversary"),
            ("birth", {}, {"born_on": date(1980, 3, 6)}, "other"),
            ("birth", {}, {"born_on": date(1981, 1, 1), "precise": False}, "year"),
            ("birth", {"precise": False}, {"born_on": date(1982, 1, 1), "precise": False}, "other"),
            ("sex", {}, {"sex": "female"}, "other"),
            ("phone", {"phone": "0612345678"}, {"phone": "0612345678"}, "same"),
            ("phone", {"phone": "0612345678"}, {}, "unknown"),
            ("cin", {"cin": "AB1"}, {"cin": "AB2"}, "other"),
            ("mother", {"mother": "ftm adrs"}, {"mother": "ftm adr"}, "one_letter"),
            ("commune", {}, {"commune_id": 2}, "other"),
        ],
    )
    def test_level_by_level(self, db, field, first, second, level):
        assert levels(first, second)[field] == level

    @settings(max_examples=cases(30, 120), deadline=None)
    @given(data=st.data())
    def test_it_does_not_matter_who_is_first(self, django_db_blocker, django_db_setup, data):
        names = st.text("abcdefs", max_size=9)
        person = st.fixed_dictionaries(
            {
                "first": names, "last": names, "born_on": st.dates(date(1979, 1, 1), date(1981, 12, 31)), "precise": st.booleans(),
                "sex": st.sampled_from(["male", "female"]), "commune_id": st.integers(1, 2), "phone": st.sampled_from(["", "06", "07"]),
                "cin": st.sampled_from(["", "A1", "B2"]), "mother": names, "father": names,
            }
        )  # fmt: skip
        one, other = data.draw(person), data.draw(person)
        with django_db_blocker.unblock():
            straight = levels(one, other)
            assert straight == levels(other, one)
            assert all(level in (*AGREEMENTS[field], "other", "unknown") for field, level in straight.items())
            assert all(level in ("same", "unknown", "year") for level in levels(one, one).values())


class TestASearch:
    def test_finds_a_person_recorded_twice_and_says_why(self, kingdom, amina, salma):
        first = register(amina, family(0, MAN, WOMAN))
        alone = MAN | {"relation": "head", "last_name_fr": "Alaouii", "marital_status": "single", "birth_month": 5, "birth_day": 3}
        second = register(amina, family(10, alone))
        search()
        [pair] = [pair for pair in pairs.to_settle(salma) if pair.kind == "people" and pair.household_high_id == second.pk]
        assert (pair.member_low.idcs, pair.member_high.idcs) == (number(0), number(10))
        assert (pair.household_low_id, pair.household_high_id) == (first.pk, second.pk)
        told = {item["field"]: item["level"] for item in pair.evidence}
        assert (told["birth"], told["phone"], told["sex"], told["first"]) == ("swapped", "same", "same", "same")
        assert 5000 <= pair.probability < 10_000
        assert "jour et mois de naissance inversés" in [reason.sentence for reason in pairs.reasons(pair.evidence)]

    def test_a_family_recorded_twice_is_one_pair_of_households(self, kingdom, amina):
        first, second = (register(amina, family(start, MAN, WOMAN, BOY)) for start in (0, 10))
        search()
        [pair] = DuplicatePair.objects.filter(household_low=first, household_high=second)
        assert (pair.kind, pair.member_low_id) == ("households", None)
        assert {(one.low.idcs, one.high.idcs) for one in pairs.alike(pair)} == {(number(n), number(n + 10)) for n in (0, 1, 2)}

    def test_an_agreement_on_a_rare_name_weighs_more_than_on_a_common_one(self, kingdom, amina):
        common = _most_common_last_name()
        for start, name in ((0, common), (20, "Zzyxouari")):
            for place in (0, 10):
                register(amina, family(start + place, MAN | {"last_name_fr": name, "marital_status": "single"}, phone=""))
        search()
        weights = {}
        for pair in DuplicatePair.objects.filter(kind="people").select_related("member_low"):
            weights[pair.member_low.last_name_fr] = next(item["weight"] for item in pair.evidence if item["field"] == "last")
        assert weights["Zzyxouari"] > weights.get(common, 0)

    def test_made_again_it_changes_nothing(self, kingdom, amina):
        register(amina, family(0, MAN))
        register(amina, family(10, MAN))
        search()
        before = list(DuplicatePair.objects.order_by("id").values("id", "status", "probability", "evidence", "fingerprint"))
        search(on=LATER)
        assert list(DuplicatePair.objects.order_by("id").values("id", "status", "probability", "evidence", "fingerprint")) == before
        assert before

    def test_a_pair_that_is_alike_no_longer_lapses(self, kingdom, amina):
        first = register(amina, family(0, MAN))
        register(amina, family(10, MAN))
        search()
        pair = DuplicatePair.objects.get(household_low=first)
        Member.objects.filter(household=first).update(first_name_fr="Zahra", last_name_fr="Quelqu", born_on=date(2001, 1, 9), sex="female")
        search(on=LATER)
        pair.refresh_from_db()
        assert (pair.status, pair.settled_by) == ("lapsed", engine())

    def test_a_struck_off_household_is_not_compared(self, kingdom, amina):
        first = register(amina, family(0, MAN))
        register(amina, family(10, MAN))
        Household.objects.filter(pk=first.pk).update(struck_off_on=DAY)
        search()
        assert not DuplicatePair.objects.filter(household_low=first).exists()

    def test_finds_what_was_planted_and_little_else(self, kingdom):
        """Measured at 100,000 households: 95 % of the people, 99 % of the proposals right; a small kingdom is easier on neither."""
        doubles.give_phones(seed=1)
        planted = doubles.plant(60, seed=1)
        search()
        said = quality(planted)
        assert said.precision >= 0.9
        assert said.recall >= 0.8
        assert said.household_recall >= 0.9


def _most_common_last_name() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_name_fr FROM households_member GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
        return cursor.fetchone()[0]


class TestBlocks:
    def test_a_block_too_large_is_cut_by_commune_and_what_is_left_is_counted(self, kingdom, amina, brahim):
        def same(start, by, commune, many):
            for place in range(many):
                person = MAN | {"marital_status": "single", "birth_month": None, "birth_day": None}
                register(by, family(start + place, person, commune=commune, phone=""))

        same(0, amina, "06.141.01.53", 6)
        same(100, brahim, GUELIZ, 3)
        people.write()
        kind = next(place for place, block in enumerate(blocks.BLOCKS) if block.name == "names_and_year")
        assert blocks.write(kind, slices=1, most=5) == 6
        ids = set(Member.objects.filter(idcs__in=[number(n) for n in range(100, 103)]).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute("SELECT member_id FROM households_duplicatekey WHERE kind = %s", [kind])
            written = {pk for (pk,) in cursor.fetchall()}
        assert ids <= written
        assert not set(Member.objects.filter(idcs__in=[number(n) for n in range(6)]).values_list("pk", flat=True)) & written


class TestTheLedger:
    def test_a_search_cut_between_any_two_steps_ends_as_one_that_was_not(self, kingdom, amina):
        register(amina, family(0, MAN))
        register(amina, family(10, MAN))
        search()
        whole = list(DuplicatePair.objects.order_by("id").values("kind", "probability", "evidence", "fingerprint"))
        under_way = ledger.begin(on=LATER, law=law())
        while under_way.status == "running":
            under_way = ledger.advance(ledger.begin(on=LATER, law=law()).pk, by=engine())
        assert list(DuplicatePair.objects.order_by("id").values("kind", "probability", "evidence", "fingerprint")) == whole
        assert DuplicatePass.objects.filter(on=LATER).count() == 1

    def test_a_server_that_lost_the_work_tables_begins_again(self, kingdom):
        under_way = ledger.begin(on=DAY, law=law())
        for _step in range(4):
            under_way = ledger.advance(under_way.pk, by=engine())
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE households_duplicateperson, households_duplicatekey, households_duplicatealike")
        assert ledger.advance(under_way.pk, by=engine()).position == 1
        assert search().status == "done"

    def test_a_step_that_always_fails_is_tried_five_times(self, kingdom):
        broken = Law([row for row in founding()], DAY)
        under_way = ledger.begin(on=DAY, law=broken)
        DuplicatePass.objects.filter(pk=under_way.pk).update(rates={})
        ledger.advance(under_way.pk, by=engine())
        ledger.advance(under_way.pk, by=engine())
        for _attempt in range(5):
            with pytest.raises(KeyError):
                ledger.advance(under_way.pk, by=engine())
        assert ledger.advance(under_way.pk, by=engine()) is None
        under_way.refresh_from_db()
        assert (under_way.status, under_way.error) == ("failed", "KeyError: 'block'")

    def test_two_processes_share_one_search(self, committed_db, amina):
        found(200)
        register(amina, family(0, MAN))
        register(amina, family(10, MAN))
        start = threading.Barrier(2)

        def run():
            start.wait()
            try:
                while search(on=DAY).status == "running":
                    pass
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(DuplicatePass.objects.values_list("status", flat=True)) == {"done"}
        assert DuplicatePair.objects.filter(kind="people", member_low__idcs=number(0)).count() == 1

    def test_a_killed_process_loses_the_step_under_way_and_no_more(self, committed_db, amina):
        found(200)
        register(amina, family(0, MAN))
        register(amina, family(10, MAN))
        engine()
        under_way = ledger.begin(on=DAY, law=law())
        ledger.advance(under_way.pk, by=engine())
        connections.close_all()
        child = os.fork()
        if child == 0:
            with transaction.atomic():
                ledger._step(under_way.pk, by=engine())
                os.kill(os.getpid(), 9)
        os.waitpid(child, 0)
        under_way.refresh_from_db()
        assert under_way.position == 1
        assert search().status == "done"
        assert DuplicatePair.objects.filter(member_low__idcs=number(0)).count() == 1

    def test_the_nightly_task_searches_once_a_day(self, kingdom):
        assert tasks.find_duplicates() == DuplicatePass.objects.get().proposed
        assert (tasks.find_duplicates(), DuplicatePass.objects.count()) == (0, 1)

    def test_the_command_tells_what_it_found(self, kingdom, capsys):
        call_command("find_duplicates", quiet=True)
        assert "2 000 personnes" in capsys.readouterr().out.replace("\u202f", " ").replace("\xa0", " ")

    def test_only_the_engine_searches(self, salma):
        with pytest.raises(Forbidden):
            find_duplicates(law=law(), on=DAY, by=salma)


@pytest.fixture
def pair(kingdom, amina):
    register(amina, family(0, MAN))
    register(amina, family(10, MAN))
    search()
    return DuplicatePair.objects.get(member_low__idcs=number(0))


def part(pair, by, **options):
    return settle_pair(**{"pair_id": pair.pk, "status": "different", "reason": "deux cousins", "on": DAY, "by": by} | options)


class TestSettling:
    def test_different_is_kept_with_its_reason_and_not_proposed_again(self, pair, salma):
        assert not part(pair, salma).already
        search(on=LATER)
        pair.refresh_from_db()
        assert (pair.status, pair.reason, pair.settled_by) == ("different", "deux cousins", salma)
        event = AuditEvent.objects.get(verb="duplicate.different")
        assert (event.by, event.reason, event.details["people"]) == (salma, "deux cousins", [pair.member_low_id, pair.member_high_id])

    def test_it_is_proposed_again_when_an_answer_that_made_it_changes(self, pair, salma):
        part(pair, salma)
        Member.objects.filter(pk__in=[pair.member_low_id, pair.member_high_id]).update(cin="AB123456")
        search(on=LATER)
        pair.refresh_from_db()
        assert (pair.status, pair.settled_by, pair.earlier[0]["reason"]) == ("open", None, "deux cousins")

    def test_an_answer_that_did_not_make_it_changes_nothing(self, pair, salma):
        part(pair, salma)
        Member.objects.filter(pk=pair.member_low_id).update(occupation="menuisier")
        Household.objects.filter(pk=pair.household_low_id).update(rooms=7)
        search(on=LATER)
        pair.refresh_from_db()
        assert pair.status == "different"

    def test_settled_twice_the_first_word_stands(self, pair, salma):
        nadia = User.objects.get(username="nadia")
        part(pair, salma)
        again = part(pair, nadia, reason="autre chose")
        assert (again.already, again.pair.settled_by, again.pair.reason) == (True, salma, "deux cousins")
        assert AuditEvent.objects.filter(verb="duplicate.different").count() == 1

    def test_a_reason_is_asked(self, pair, salma):
        with pytest.raises(PairRefused):
            part(pair, salma, reason="  ")
        with pytest.raises(PairRefused):
            part(pair, salma, status="open")

    @pytest.mark.parametrize("name", ["amina", "chaima", "yassine"])
    def test_only_supervisors_settle(self, pair, name, request):
        with pytest.raises(Forbidden):
            part(pair, request.getfixturevalue(name))

    def test_both_sides_must_be_in_the_area(self, kingdom, amina, brahim, salma):
        register(amina, family(0, MAN))
        register(brahim, family(10, MAN, commune=GUELIZ))
        search()
        across = DuplicatePair.objects.get(member_low__idcs=number(0))
        nadia = User.objects.get(username="nadia")
        assert pairs.counts(salma)["across"] == 1
        assert across not in pairs.to_settle(salma)
        with pytest.raises(DuplicatePair.DoesNotExist):
            part(across, salma)
        assert across in pairs.to_settle(nadia)
        assert not part(across, nadia).already


class TestWhatTheDatabaseRefuses:
    @pytest.mark.parametrize(
        ("constraint", "sql"),
        [
            ("duplicate_sides_ordered", "UPDATE households_duplicatepair SET member_low_id = member_high_id, member_high_id = member_low_id"),
            ("duplicate_sides_ordered", "UPDATE households_duplicatepair SET kind = 'households'"),
            ("duplicate_probability_in_ten_thousandths", "UPDATE households_duplicatepair SET probability = 10001"),
            ("duplicate_settled_says_by_whom", "UPDATE households_duplicatepair SET status = 'different'"),
            ("duplicate_people_once", "the same row again"),
            ("duplicate_pass_one_at_a_time", "UPDATE households_duplicatepass SET status = 'running', finished_at = NULL"),
            ("duplicate_pass_finished_says_when", "UPDATE households_duplicatepass SET finished_at = NULL"),
        ],
    )  # fmt: skip
    def test_a_row_that_breaks_a_rule(self, pair, constraint, sql):
        if sql == "the same row again":
            twin = DuplicatePair.objects.get(pk=pair.pk)
            twin.pk, twin._state.adding = None, True
            with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
                twin.save(force_insert=True)
            return
        if "one_at_a_time" in constraint:
            search(on=LATER)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
