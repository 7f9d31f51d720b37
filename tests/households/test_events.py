"""What the population register tells of people: births, deaths, marriages."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from households import queries
from households.models import AnswerConflict, Member, Request, Verification
from households.services import apply_lot, claim_lot, close_imports, close_taken, keep_answer
from tests.eligibility.families import child, family, person

from .delivering import DAY, act, born, counts, dead, deliver, fresh, law, received
from .test_imports import valid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


class TestEvents:
    @pytest.fixture
    def couple(self):
        man = person(sex="male", marital_status="married")
        woman = person(relation="spouse", sex="female", marital_status="married", spouse=1)
        return family(man, woman, child(date(2015, 4, 2), mother=2, father=1))

    def test_a_birth_proposes_the_child_where_its_mother_lives_and_adds_nobody(self, salma, couple):
        mother, father = couple.members.get(relation="spouse"), couple.members.get(relation="head")
        newborn = valid(4)
        delivered = deliver(salma, "births", born(newborn, mother.idcs, father_idcs=father.idcs), agency="rnp")
        assert counts(delivered) == {"contradicted": 1}
        conflict = AnswerConflict.objects.get()
        draft = conflict.request
        assert (conflict.field, conflict.member, draft.kind, draft.status, draft.household) == ("birth", mother, "update", "draft", couple)
        baby = draft.answers["members"][-1]
        assert (baby["idcs"], baby["mother"], baby["father"], baby["relation"], baby["birth_year"], baby["first_name_fr"]) == (
            newborn, 2, 1, "child", "2026", "Yahya",
        )  # fmt: skip
        assert (couple.members.count(), draft.touched[0].endswith(".member")) == (3, True)
        assert [move.after for move in draft.moves.all()] == ["draft"]
        again = deliver(salma, "births", born(newborn, mother.idcs), agency="rnp", as_of=DAY - timedelta(days=1))
        assert counts(again) == {"already": 1}
        assert Request.objects.count() == 1

    def test_a_child_who_is_registered_is_verified(self, salma, couple):
        kid = couple.members.get(relation="child")
        row = born(kid.idcs, couple.members.get(relation="spouse").idcs, born_on="2015-04-02")
        assert counts(deliver(salma, "births", row, agency="rnp")) == {"applied": 1}
        assert queries.marks_of(couple, [kid])[kid.pk, "born_on"].agrees

    def test_another_day_of_birth_is_a_contradiction(self, salma, couple):
        kid = couple.members.get(relation="child")
        row = born(kid.idcs, couple.members.get(relation="spouse").idcs, born_on="2015-04-12")
        assert counts(deliver(salma, "births", row, agency="rnp")) == {"contradicted": 1}
        assert AnswerConflict.objects.get().verified == {"born_on": "2015-04-12"}
        assert fresh(kid).born_on == date(2015, 4, 2)

    def test_a_death_opens_a_request_that_widows_and_names_a_head_and_removes_nobody(self, salma, couple):
        man, woman = couple.members.get(relation="head"), couple.members.get(relation="spouse")
        assert counts(deliver(salma, "deaths", dead(man.idcs), agency="rnp")) == {"contradicted": 1}
        draft = AnswerConflict.objects.get().request
        assert (draft.occasion, draft.details) == (
            "death",
            {"people": [f"m{man.pk}"], "died_on": "2026-11-02", "new_head": f"m{woman.pk}"},
        )
        left = {one["key"]: one for one in draft.answers["members"]}
        assert (left[f"m{woman.pk}"]["relation"], left[f"m{woman.pk}"]["marital_status"]) == ("head", "widowed")
        assert couple.members.count() == 3

    def test_the_death_of_who_lived_alone_asks_for_the_households_striking_off(self, salma):
        alone = family(person())
        deliver(salma, "deaths", dead(alone.members.get().idcs), agency="rnp")
        assert AnswerConflict.objects.get().request.kind == "striking_off"

    def test_a_death_that_did_not_happen_is_put_aside_and_not_announced_again(self, salma, amina, couple):
        man = couple.members.get(relation="head")
        deliver(salma, "deaths", dead(man.idcs), agency="rnp")
        conflict = AnswerConflict.objects.get()
        keep_answer(conflict.pk, reason="Il s’est présenté au guichet.", on=DAY, by=amina)
        conflict.refresh_from_db()
        assert (conflict.status, conflict.request.status) == ("kept", "rejected")
        again = deliver(salma, "deaths", dead(man.idcs), agency="rnp", as_of=DAY - timedelta(days=1))
        assert counts(again) == {"already": 1} and AnswerConflict.objects.count() == 1

    def test_an_event_is_closed_once_the_registry_knows_it_whoever_declared_it(self, salma, couple):
        kid = couple.members.get(relation="child")
        deliver(salma, "deaths", dead(kid.idcs), agency="rnp")
        assert close_taken(on=DAY) == 0
        Member.objects.filter(pk=kid.pk).delete()
        assert close_taken(on=DAY) == 1
        assert AnswerConflict.objects.get().status == "taken"

    def test_a_marriage_contradicts_who_declares_to_be_single(self, salma, couple):
        single = family(person()).members.get()
        married = couple.members.get(relation="head")
        delivered = deliver(salma, "marriages", act(single.idcs), act(married.idcs, "2014-01-05"), agency="rnp")
        assert counts(delivered) == {"applied": 1, "contradicted": 1}
        conflict = AnswerConflict.objects.get()
        assert (conflict.field, conflict.verified) == ("marital_status", {"marital_status": "married"})

    def test_an_older_act_is_older_by_its_own_day(self, salma):
        member = family(person(marital_status="divorced")).members.get()
        deliver(salma, "marriages", act(member.idcs, "2020-05-01", "divorced"), agency="rnp")
        late = deliver(salma, "marriages", act(member.idcs, "2012-05-01", "married"), agency="rnp", as_of=DAY - timedelta(days=1))
        assert counts(late) == {"already": 1} and not AnswerConflict.objects.exists()

    def test_strangers_leave_nothing(self, salma):
        rows = {"births": born(valid(1), valid(2)), "deaths": dead(valid(1)), "marriages": act(valid(1))}
        for kind, row in rows.items():
            assert counts(deliver(salma, kind, row, agency="rnp")) == {"unknown": 1}
        assert not (AnswerConflict.objects.exists() or Request.objects.exists() or Verification.objects.exists())

    def test_events_cost_the_same_number_of_statements_whatever_their_number(self, salma):
        def statements(people: int) -> int:
            rows = [dead(family(person(), child(date(2015, 4, 2))).members.get(relation="child").idcs) for _n in range(people)]
            received(salma, "deaths", *rows, agency="rnp")
            assert apply_lot(claim_lot(worker="t", at=timezone.now()), on=DAY, at=timezone.now(), law=law())
            lot, rules = claim_lot(worker="t", at=timezone.now()), law()
            with CaptureQueriesContext(connection) as captured:
                apply_lot(lot, on=DAY, at=timezone.now(), law=rules)
            close_imports(at=timezone.now())
            return len(captured)

        assert statements(1) == statements(5)
