"""Two scores of a real household: the answers of before made again from the history, and each change given to its cause."""

from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eligibility import comparisons, queries, services
from eligibility.differences import Cause
from households import history
from households.models import Member
from rsu.authentication import engine
from rsu.models import Commune
from tests.eligibility.families import GUELIZ, child, family, idcs, person
from tests.eligibility.formulas import formula_with, propose_formula, sign

pytestmark = pytest.mark.usefixtures("committed_db")
FIRST, LATER = date(2026, 1, 10), date(2026, 9, 20)


def assess(household, *, on):
    services.assess_households([household.pk], on=on, by=engine())


def compared(household, *, on=LATER):
    before, after = queries.scores_of(household, on=on)[-2:]
    found = comparisons.compare(household, before, after)
    assert sum(part.points for part in found.difference.parts) == after.score - before.score == found.points
    return found


def told(found) -> dict[tuple[str, str], int]:
    return {(part.cause.value, part.fact): part.points for part in found.difference.parts}


def couple(**answers):
    man = person(
        born_on=date(1981, 3, 5), marital_status="married", situation="employed", occupation_group="6", work_status="self_employed"
    )
    woman = person(relation="spouse", sex="female", born_on=date(1985, 5, 5), marital_status="married", spouse=1)
    boy = child(
        date(2011, 6, 1), father=1, mother=2, schooling="lower_secondary", school_sector="public", diploma="none", situation="student"
    )
    girl = child(date(2015, 6, 1), father=1, mother=2, schooling="primary", school_sector="public")
    return family(man, woman, boy, girl, **{"telecom_bills": [30_00], "mobile_phones": 2} | answers)


def test_a_birthday_is_the_days_doing_and_an_answer_the_familys():
    home = couple()
    assess(home, on=FIRST)
    home.mobile_phones = 3
    home.save()
    assess(home, on=LATER)
    found = compared(home)
    assert found.rebuilt
    parts = told(found)
    assert parts["answers", "mobile_phones"] == 516_000
    # The head turned 45 in March, the boy 15 in June: he leaves the pupils of 6 to 14 and is one more without a diploma.
    assert parts["age", "head_age"] == -104_000 + 771 * (45**2 - 44**2)
    assert parts["age", "public_pupils"] == 319_000
    assert parts["age", "no_diploma"] == -139_250
    assert set(parts) == {("answers", "mobile_phones"), ("age", "head_age"), ("age", "public_pupils"), ("age", "no_diploma")}


def test_a_child_who_leaves_is_told_as_people_and_the_bill_halved_as_an_answer():
    home = couple()
    assess(home, on=FIRST)
    home.members.get(position=4).delete()
    home.telecom_bills = [15_00]
    home.save()
    assess(home, on=FIRST)
    found = compared(home)
    causes = {cause for cause, _fact in told(found)}
    assert found.rebuilt and causes == {"answers", "people"}
    assert {fact for cause, fact in told(found) if cause == "answers"} == {"telecom"}
    assert told(found)["people", "public_pupils"] == 319_000
    assert len(found.old.members) == 4 and len(found.new.members) == 3


def test_a_birth_is_told_as_people_although_nothing_says_when_a_row_was_inserted():
    home = couple()
    assess(home, on=FIRST)
    Member.objects.create(
        household=home, position=5, idcs=idcs(9_000_001), first_name_fr="Fictif", last_name_fr="Né", **child(date(2026, 8, 1))
    )
    assess(home, on=LATER)
    found = compared(home)
    assert found.rebuilt
    assert [member.last_name_fr for member in found.new.members.values() if member.pk not in found.old.members] == ["Né"]
    assert told(found)["people", "size"] == -1_770_000 + 53_300 * 9


def test_a_move_to_the_country_compares_question_by_question():
    home = couple(dish=True)
    assess(home, on=FIRST)
    rural = Commune.objects.filter(milieu="rural", has_urban_center=False).order_by("id").first()
    home.commune, home.milieu = rural, "rural"
    home.dwelling_type, home.land, home.irrigated_land, home.cows = "rural_stone", True, False, 1
    home.save()
    home.members.update(literate=True)
    assess(home, on=LATER)
    found = compared(home)
    assert found.rebuilt
    parts = told(found)
    assert parts["move", "dish"] == -873_000 and parts["move", "land"] == 2_330_000
    assert ("answers", "dish") not in parts


def test_a_region_is_a_move():
    home = couple()
    assess(home, on=FIRST)
    home.commune = Commune.objects.get(code=GUELIZ)
    home.save()
    assess(home, on=FIRST)
    assert told(compared(home)) == {("move", "region"): 1_940_000 - 2_200_000}


def test_answers_that_cannot_be_made_again_are_not_made_up():
    """A row that lost its history, as after an import of old data: age and answers stay together, and the parts still sum."""
    home = couple()
    assess(home, on=FIRST)
    home.members.filter(position=4).update(school_sector="private")
    home.mobile_phones = 4
    home.save()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        apps.get_model("households", "MemberEvent").objects.filter(household_id=home.pk).delete()
        cursor.execute("SET session_replication_role = origin")
    assess(home, on=LATER)
    found = compared(home)
    assert not found.rebuilt and found.old is None
    causes = {part.fact: part.cause for part in found.difference.parts}
    assert causes["head_age"] is Cause.MIXED and causes["mobile_phones"] is Cause.ANSWERS


def test_history_gives_each_instants_rows():
    home = couple()
    assess(home, on=FIRST)
    first = home.facts.read_at
    for phones in (3, 4):
        home.mobile_phones = phones
        home.save()
        assess(home, on=FIRST)
    past = history.Past(home.pk)
    scores = queries.scores_of(home, on=FIRST)
    rows = queries.readings({scored.facts_id for scored in scores})
    instants = [rows[scored.facts_id].read_at for scored in scores]
    assert instants[0] == first
    assert [past.answers(at, size=4).household.mobile_phones for at in instants] == [2, 3, 4]
    assert past.answers(instants[0], size=5) is None


def test_two_scores_of_a_large_family_cost_the_queries_of_a_small_one():
    counts = []
    for home in (family(person()), couple()):
        assess(home, on=FIRST)
        home.mobile_phones = 9
        home.save()
        assess(home, on=LATER)
        before, after = queries.scores_of(home, on=LATER)
        with CaptureQueriesContext(connection) as asked:
            assert comparisons.compare(home, before, after).rebuilt
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15


def test_scores_stand_in_the_order_of_time_whatever_formula_gave_them():
    home = couple()
    assess(home, on=FIRST)
    sign(propose_formula(formula_with(on=FIRST, U30="0.06"), since=LATER, on=FIRST), on=FIRST, without_report="essai")
    assess(home, on=LATER)
    home.mobile_phones = 5
    home.save()
    assess(home, on=LATER)
    scores = queries.scores_of(home, on=LATER)
    assert len({scored.formula_id for scored in scores}) == 2
    assert [scored.on for scored in scores] == sorted(scored.on for scored in scores)
    by_formula = comparisons.compare(home, scores[0], scores[-1])
    parts = told(by_formula)
    # 2 → 5 telephones and 0.0516 → 0.06: each half on the mean of the other.
    assert parts["formula", "mobile_phones"] == 84_000 * 7 // 2
    assert parts["answers", "mobile_phones"] == 3 * (516_000 + 600_000) // 2
    assert by_formula.rebuilt
