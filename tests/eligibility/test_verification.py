"""A registry computed again from scratch: a clean one has no difference, and each thing altered in it is found and named."""

import json
from datetime import timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eligibility import queries, runs, verification
from eligibility.models import OPEN, Assessment, Determination, HeldLoss, PastFacts, Program, Provision, Run
from eligibility.scope import Scope
from households.models import Household
from rsu.authentication import engine
from tests.eligibility.kept import DAY, altered, assess, first_right, history, random_families
from tests.eligibility.legislating import move_line, spread

pytestmark = pytest.mark.django_db


def kinds(scope=None) -> set[str]:
    return {found.kind for found in verification.differences(scope, on=DAY)}


def told(kind: str, scope=None) -> verification.Difference:
    """The only difference of its kind."""
    [found] = [found for found in verification.differences(scope, on=DAY) if found.kind == kind]
    return found


def code_of(household_id: int) -> str:
    return Household.objects.get(pk=household_id).code


@pytest.mark.parametrize("seed", range(3))
def test_a_registry_nobody_altered_has_no_difference(seed):
    history(Random(seed))
    assert verification.differences(on=DAY) == []


def test_a_moved_line_leaves_no_difference(work):
    ranked = spread()
    score = Assessment.objects.get(household=ranked[len(ranked) // 2]).score
    move_line(score)
    assert "line" in kinds()
    work(on=DAY)
    assert verification.differences(on=DAY) == []


def test_a_household_still_to_read_is_not_a_difference_and_one_forgotten_is():
    first, second = random_families(Random(1), 2)
    Household.objects.filter(pk=first.pk).update(due_since="2026-11-22T10:00Z")
    [found] = verification.differences(on=DAY)
    assert (found.kind, found.household) == ("unread", second.code)


def test_an_answer_changed_behind_the_registry_is_found_and_named():
    [household, *_others] = random_families(Random(2), 3)
    assess(Household.objects.values_list("pk", flat=True))
    Household.objects.filter(pk=household.pk).update(butane_month=999_99)
    found = told("facts")
    assert found.household == household.code
    assert "butane" in found.sentence and str(999_99 * 12) in found.sentence


def test_a_reading_that_time_has_passed_is_left_to_the_passing_of_time():
    [household] = random_families(Random(3), 1)
    assess([household.pk])
    household.facts.stale_on = DAY
    household.facts.save()
    Household.objects.filter(pk=household.pk).update(butane_month=999_99)
    assert kinds() == set()


def test_a_score_changed_by_one_ten_millionth_is_found():
    households = random_families(Random(4), 5)
    assess([household.pk for household in households])
    victim = households[2].pk
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_assessment SET score = score + 1 WHERE household_id = %s", [victim])
    assert told("score").household == code_of(victim)
    assert "assessment" in told("score").sentence


@pytest.mark.parametrize("table", ["determination", "pastdetermination", "pastassessment"])
def test_a_past_score_changed_by_one_ten_millionth_is_found(table):
    history(Random(5))
    with altered() as cursor:
        cursor.execute(
            f"UPDATE eligibility_{table} SET score = score - 1 WHERE id = (SELECT min(id) FROM eligibility_{table}) RETURNING household_id"
        )
        victim = cursor.fetchone()[0]
    found = told("score", Scope([victim]))
    assert found.household == code_of(victim) and f"({table}, " in found.sentence


def test_a_past_reading_that_was_altered_is_found_by_every_score_it_made():
    history(Random(6))
    past = PastFacts.objects.earliest("pk")
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_pastfacts SET butane = butane + 1200 WHERE id = %s", [past.pk])
    found = verification.differences(on=DAY)
    assert {difference.kind for difference in found} == {"score"}
    assert {difference.household for difference in found} == {code_of(past.household_id)}
    assert len(found) >= 2


def test_an_assessment_gone_or_made_from_another_reading_is_found():
    first, second = random_families(Random(7), 2)
    assess([first.pk, second.pk])
    with altered() as cursor:
        cursor.execute("DELETE FROM eligibility_assessment WHERE household_id = %s", [first.pk])
        cursor.execute("UPDATE eligibility_assessment SET facts_id = %s WHERE household_id = %s", [first.facts.pk, second.pk])
    assert told("unscored").household == first.code
    assert told("scored_from_other_facts").household == second.code
    assert told("no_facts").household == second.code


def long_chain() -> list[Determination]:
    """Three periods at least of one household in one program."""
    history(Random(8))
    for right in Determination.objects.order_by("pk"):
        chain = list(Determination.objects.filter(household=right.household_id, program=right.program).order_by("since"))
        if len(chain) >= 3:
            return chain
    raise AssertionError("the seed gives no chain of three")


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("hole", '"until" = "until" - 1'),
        ("overlap", '"until" = "until" + 1'),
        ("repeated", "entitled = NOT entitled"),
        ("answer", "entitled = NOT entitled"),
    ],
)
def test_a_chain_that_was_broken_is_named(kind, change):
    chain = long_chain()
    with altered() as cursor:
        cursor.execute(f"UPDATE eligibility_determination SET {change} WHERE id = %s", [chain[0].pk])
    found = [difference for difference in verification.differences(on=DAY) if difference.kind == kind]
    assert {difference.household for difference in found} == {code_of(chain[0].household_id)}
    assert str(Program(chain[0].program).label) in found[0].sentence


def test_a_chain_that_ends_starts_late_or_is_not_tied_is_named():
    chain = long_chain()
    with altered() as cursor:
        cursor.execute("ALTER TABLE eligibility_determination DROP CONSTRAINT determination_without_hole")
        cursor.execute("ALTER TABLE eligibility_determination DROP CONSTRAINT determination_one_after_each")
        cursor.execute("UPDATE eligibility_determination SET previous_until = since WHERE id = %s", [chain[0].pk])
        cursor.execute("UPDATE eligibility_determination SET previous_until = NULL WHERE id = %s", [chain[1].pk])
        cursor.execute("""UPDATE eligibility_determination SET "until" = '2027-01-01' WHERE id = %s""", [chain[-1].pk])
    assert {"chain_start", "chain_link", "unfinished", "undetermined"} <= kinds()


def test_a_right_that_does_not_follow_the_line_in_force_is_named():
    ranked = spread()
    victim = first_right(household=ranked[0], program="direct_aid", until=OPEN)
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_determination SET entitled = NOT entitled WHERE id = %s", [victim.pk])
    assert told("line").household == code_of(victim.household_id)


def test_a_loss_held_inside_the_band_is_no_difference_and_one_outside_is():
    ranked = spread(on=DAY - timedelta(days=1))
    household = ranked[0]
    score = Assessment.objects.get(household=household).score
    rest = {"since": DAY, "source": "Arrêté", "confidence": "H"}
    Provision.objects.create(key="direct_aid.borderline_band", value="0.0000001", **rest)
    line = Provision.objects.create(key="direct_aid.threshold", value=_decimal(score - 1), **rest)
    assess([household])
    assert HeldLoss.objects.filter(household=household, outcome="").exists()
    assert verification.differences(Scope([household]), on=DAY) == []
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_provision SET value = %s WHERE id = %s", [json.dumps(_decimal(score - 2)), line.pk])
    assert told("held", Scope([household])).household == code_of(household)


def _decimal(points: int) -> str:
    return f"{points // 10**7}.{points % 10**7:07d}"


def test_a_threshold_that_was_replaced_is_named():
    ranked = spread()
    other = Provision.objects.create(
        key="direct_aid.threshold", since=DAY + timedelta(days=30), value="9.5", source="Décret", confidence="H"
    )
    victim = first_right(household=ranked[-1], program="direct_aid")
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_determination SET threshold_id = %s WHERE id = %s", [other.pk, victim.pk])
    assert f"n° {other.pk}" in told("other_provision").sentence
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_determination SET threshold_id = formula_id WHERE id = %s", [victim.pk])
    assert told("no_provision").household == code_of(victim.household_id)


def test_a_threshold_already_superseded_when_the_right_was_read_is_named():
    ranked = spread()
    newer = Provision.objects.create(key="direct_aid.threshold", since=DAY, value="9.743001", source="Décret", confidence="H")
    assert "other_provision" not in kinds()
    victim = first_right(household=ranked[0], program="direct_aid")
    Determination.objects.filter(pk=victim.pk).update(determined_at=newer.recorded_at + timedelta(seconds=1))
    assert f"n° {victim.threshold_id}" in told("other_provision").sentence


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("eligibility_tally", "measure = 'registered'"),
        ("eligibility_tally", "measure = 'entitled'"),
        ("eligibility_scoretally", "true"),
    ],
)
@pytest.mark.parametrize("column", ["households", "people"])
def test_a_tally_off_by_one_is_named(table, where, column):
    spread()
    with altered() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {column} + 1 WHERE id = (SELECT min(id) FROM {table} WHERE {where})")
    assert [(found.kind, found.household) for found in verification.differences(on=DAY)] == [("tally", "")]


@pytest.mark.parametrize("column", ["aid", "insured"])
def test_a_curve_off_by_one_centime_or_person_is_named(column):
    spread()
    with altered() as cursor:
        cursor.execute(f"UPDATE eligibility_scoretally SET {column} = {column} + 1 WHERE id = (SELECT min(id) FROM eligibility_scoretally)")
    assert kinds() == {"tally"}


@pytest.mark.parametrize("table", ["facts", "pastfacts", "determination", "pastdetermination", "pastassessment", "assessment"])
def test_a_row_of_no_household_is_found_beyond_the_last_one(table):
    history(Random(9))
    nobody = Household.objects.latest("pk").pk + 50_000
    with altered() as cursor:
        cursor.execute(f"SELECT household_id FROM eligibility_{table} ORDER BY household_id LIMIT 1")
        [victim] = cursor.fetchone()
        cursor.execute(f"UPDATE eligibility_{table} SET household_id = %s WHERE household_id = %s", [nobody, victim])
    if table == "assessment":  # alone, a score is looked for among the ids of everything else
        with altered() as cursor:
            cursor.execute("UPDATE eligibility_determination SET household_id = %s WHERE household_id = %s", [nobody, victim])
    lost = [found for found in verification.differences(on=DAY) if found.kind == "no_household" and f"({table})" in found.sentence]
    assert {found.household for found in lost} == {f"n° {nobody}"}


def test_a_right_whose_reading_is_gone_is_named():
    history(Random(10))
    past = PastFacts.objects.latest("pk")
    with altered() as cursor:
        cursor.execute("DELETE FROM eligibility_pastfacts WHERE id = %s", [past.pk])
    found = verification.differences(on=DAY)
    assert {difference.kind for difference in found} == {"no_facts"}
    assert all(difference.household == code_of(past.household_id) and f"n° {past.pk}" in difference.sentence for difference in found)


def test_a_reading_both_kept_and_replaced_is_named():
    history(Random(11))
    past = PastFacts.objects.latest("pk")
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_facts SET id = %s WHERE household_id = %s", [past.pk, past.household_id])
    assert told("read_twice").household == code_of(past.household_id)


def closed_run(work) -> Run:
    spread()
    run = runs.plan_everyone(Run.Kind.READING, on=DAY, by=engine())
    work(on=DAY)
    run.refresh_from_db()
    assert run.status == Run.Status.CLOSED and verification.differences(on=DAY) == []
    return run


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("run_sizes", "UPDATE eligibility_run SET planned = planned + 1"),
        ("run_equation", "UPDATE eligibility_run SET planned = planned + 1"),
        ("run_sizes", "UPDATE eligibility_runchunk SET size = size - 1"),
        ("chunk", "UPDATE eligibility_runchunk SET already = already - 1"),
        ("run_equation", "UPDATE eligibility_runchunk SET already = already - 1"),
        ("run_unfinished", "UPDATE eligibility_runchunk SET status = 'waiting'"),
    ],
)
def test_a_ledger_that_does_not_add_up_is_named(kind, statement, work):
    run = closed_run(work)
    with altered() as cursor:
        cursor.execute(statement)
    assert f"n° {run.pk}" in told(kind).sentence


# The command -----------------------------------------------------------------------------------------------------------


def test_the_command_counts_what_it_compared_and_ends_well(capsys):
    households = history(Random(12), 10)
    call_command("verify")
    said = capsys.readouterr().out
    assert "Aucun écart." in said and "périodes de droit" in said
    call_command("verify", "--json", "--households", f"{households[0].pk}-{households[4].pk}")
    assert json.loads(capsys.readouterr().out)["compared"]["households"] == 5
    call_command("verify", "--json", "--sample", "100")
    assert 1 <= json.loads(capsys.readouterr().out)["compared"]["households"] <= 10


def test_the_command_shows_the_first_twenty_and_fails(capsys):
    spread()
    with altered() as cursor:
        cursor.execute("UPDATE eligibility_assessment SET score = score + 1")
    with pytest.raises(CommandError, match="écarts"):
        call_command("verify", "--json")
    said = json.loads(capsys.readouterr().out)
    assert len(said["differences"]) == verification.SHOWN < said["found"]


def test_the_command_tells_the_whole_chain_of_one_household(capsys):
    chain = long_chain()
    call_command("verify", "--household", code_of(chain[0].household_id))
    said = capsys.readouterr().out
    assert all(f"Droit n° {right.pk} ·" in said for right in chain)
    assert "Aucun écart." in said


@pytest.mark.parametrize("wrong", [["--households", "1"], ["--household", "123"], ["--sample", "3", "--households", "1-2"]])
def test_the_command_refuses_what_it_does_not_understand(wrong):
    with pytest.raises(CommandError):
        call_command("verify", *wrong)


def test_the_number_of_queries_does_not_grow_with_the_households():
    def asked(scope) -> int:
        with CaptureQueriesContext(connection) as captured:
            list(verification.verify([scope], law=queries.law(DAY), whole=True))
        return len(captured)

    households = [household.pk for household in history(Random(13), 24)]
    assert asked(Scope(households[:2])) == asked(Scope(households))
