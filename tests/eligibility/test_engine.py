"""Facts to score to standing, through the services; scores compared with the oracle's fractions, chains with the calendar."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from eligibility import queries, services
from eligibility.models import OPEN, Assessment, Determination, Facts, PastAssessment, PastDetermination, PastFacts, Program, Refusal, Tally
from eligibility.programs import facts_of
from eligibility.score import Formula
from eligibility.tasks import fold_tally
from rsu.authentication import engine
from tests.eligibility.families import GUELIZ, child, family, person

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)
DIRHAM = 100


def worked_example(**answers):
    """The family of the published example: urban Casablanca, four people, just within direct aid."""
    pupil = {"schooling": "primary", "school_sector": "public"}
    people = [
        person(born_on=date(1981, 3, 5), marital_status="married", situation="employed", occupation_group="9", work_status="self_employed"),
        person(relation="spouse", sex="female", marital_status="married", spouse=1, situation="homemaker"),
        child(date(2014, 5, 1), mother=2, father=1, **pupil),
        child(date(2016, 6, 1), mother=2, father=1, **pupil),
    ]
    own = {
        "rooms": 1, "bath": True, "electricity_meter": "own", "electricity_bills": [30000, 30000, 30000], "water_bills": [5000, 5000, 5000],
        "butane_month": 75 * DIRHAM, "telecom_bills": [10000, 10000, 10000], "dish": True, "mobile_phones": 3,
    }  # fmt: skip
    return family(*people, **(own | answers))


def assess(*households, on=DAY):
    return services.assess_households([h.pk for h in households], on=on, by=engine())


def chain(household, program="direct_aid"):
    return list(
        Determination.objects.filter(household=household, program=program).order_by("since").values_list("since", "until", "entitled")
    )


def test_the_worked_example_scores_to_its_seven_digits():
    household = worked_example()
    assess(household)
    standing = queries.standing(household, on=DAY)
    assert standing.score == 97392575
    assert sum(term.points for term in standing.terms) == 97392575
    assert {name: program.entitled for name, program in standing.by_program.items()} == {"amo_tadamon": False, "direct_aid": True}
    assert standing.by_program["direct_aid"].distance == 37435
    assert standing.by_program["amo_tadamon"].distance == -4128291


def test_the_same_household_has_the_same_digits_in_sql_and_in_python():
    households = [worked_example(mobile_phones=phones, telecom_bills=[phones * 1111, None, 7]) for phones in range(12)]
    assess(*households)
    formula = Formula.from_value(queries.law(DAY).value("score.formula"))
    for row in Facts.objects.filter(household__in=households):
        assert Assessment.objects.get(household=row.household_id).score == formula.score(facts_of(row))


def test_assessing_again_without_a_change_writes_nothing():
    household = worked_example()
    assess(household)
    before = (Facts.objects.get(household=household).pk, Determination.objects.count(), Tally.objects.count())
    assess(household, on=DAY + timedelta(days=1))
    assert (Facts.objects.get(household=household).pk, Determination.objects.count(), Tally.objects.count()) == before
    assert not PastFacts.objects.exists() and not PastAssessment.objects.exists()


def test_a_changed_answer_keeps_what_it_replaces_and_closes_the_period():
    household = worked_example()
    assess(household)
    first = Facts.objects.get(household=household)
    household.telecom_bills = [12000, 12000, 12000]
    household.save()
    later = DAY + timedelta(days=10)
    assess(household, on=later)
    assert PastFacts.objects.get().pk == first.pk
    assert PastAssessment.objects.get().score == 97392575
    assert Assessment.objects.get(household=household).score == 97573775
    assert chain(household) == [(DAY, later, True), (later, OPEN, False)]
    assert chain(household, "amo_tadamon") == [(DAY, OPEN, False)]


def test_a_change_on_the_same_day_replaces_the_period_and_remembers_it():
    household = worked_example()
    assess(household)
    household.telecom_bills = [12000, 12000, 12000]
    household.save()
    assess(household)
    assert chain(household) == [(DAY, OPEN, False)]
    cut = PastDetermination.objects.get()
    assert (cut.since, cut.entitled, cut.score) == (DAY, True, 97392575)


def test_gaining_and_losing_on_one_day_takes_the_older_period_up_again():
    household = worked_example()
    assess(household)
    later = DAY + timedelta(days=3)
    for amount in (12000, 10000):
        household.telecom_bills = [amount] * 3
        household.save()
        assess(household, on=later)
    assert chain(household) == [(DAY, OPEN, True)]
    assert PastDetermination.objects.get().entitled is False


def test_only_what_opens_or_closes_a_right_awaits_enrollment():
    poor, rich = worked_example(), worked_example(cars=2)
    assess(poor, rich)
    waiting = set(Determination.objects.filter(handled=False).values_list("household", "program"))
    assert waiting == {(poor.pk, "direct_aid")}


def test_a_household_with_a_question_unanswered_is_refused_by_name_and_keeps_its_last_score():
    household = worked_example()
    assess(household)
    household.mobile_phones = None
    household.save()
    assess(household, on=DAY + timedelta(days=1))
    assert Refusal.objects.get().missing == ["mobile_phones"]
    assert queries.standing(household, on=DAY + timedelta(days=1)).score == 97392575
    household.mobile_phones = 3
    household.save()
    assess(household, on=DAY + timedelta(days=2))
    assert not Refusal.objects.exists()


def score_histogram(user) -> list[dict]:
    return queries.score_histogram(user, formula=queries.law(DAY).cite("score.formula").id)


def entitled_by(user, program, level) -> list[dict]:
    return [row for row in queries.entitled_by(user, level) if row["program"] == program]


def test_the_tally_is_what_a_direct_count_gives_after_every_change(chaima):
    households = [worked_example(mobile_phones=n) for n in range(1, 7)] + [family(person(), commune=GUELIZ)]
    assess(*households)
    for change in ({"mobile_phones": 9}, {"cars": 3}):
        type(households[0]).objects.filter(pk=households[0].pk).update(**change)
        assess(households[0])
        histogram = {row["bucket"]: (row["households"], row["people"]) for row in score_histogram(chaima)}
        direct = {}
        for assessment in Assessment.objects.all():
            size = Facts.objects.get(household=assessment.household_id).size
            count = direct.setdefault(assessment.score // 100_000, [0, 0])
            count[0] += 1
            count[1] += size
        assert histogram == {bucket: tuple(count) for bucket, count in direct.items()}
    registered = {row["place_id"]: (row["households"], row["people"]) for row in queries.registered_by(chaima, queries.Level.REGION)}
    assert registered == {6: (6, 24), 7: (1, 1)}


def test_entitled_counts_are_exact_at_the_line_and_stay_within_the_area(chaima, amina, brahim):
    households = [worked_example(mobile_phones=n) for n in range(1, 7)] + [family(person(), commune=GUELIZ)]
    assess(*households)
    for user in (chaima, amina, brahim):
        for program in Program:
            mine = Determination.objects.filter(program=program, entitled=True, until=OPEN)
            if user.commune_id:
                mine = mine.filter(household__commune=user.commune_id)
            counted = entitled_by(user, program, queries.Level.REGION)
            assert sum(row["households"] for row in counted) == mine.count()
            for level in queries.Level:
                split = entitled_by(user, program, level)
                assert [sum(row[name] for row in split) for name in ("households", "people")] == [
                    sum(row[name] for row in counted) for name in ("households", "people")
                ]
            assert {row["place_id"]: row["households"] for row in split} == Counter(mine.values_list("household__commune", flat=True))
            assert sum(row["people"] for row in counted) == (
                Facts.objects.filter(household__in=mine.values("household")).aggregate(n=Sum("size"))["n"] or 0
            )


def test_levers_cross_the_line_when_the_family_makes_the_change():
    household = worked_example()
    assess(household)
    lever = queries.standing(household, on=DAY).by_program["direct_aid"].levers[0]
    assert (lever.fact, lever.dirhams) == ("butane", 3)
    household.butane_month += 3 * DIRHAM
    household.save()
    assess(household)
    assert not queries.standing(household, on=DAY).by_program["direct_aid"].entitled


def test_folding_the_tally_leaves_every_sum_as_it_was(chaima):
    households = [worked_example(mobile_phones=n) for n in range(1, 7)]
    for household in households:
        assess(household)
    before = (score_histogram(chaima), queries.registered_by(chaima, queries.Level.REGION))
    rows = Tally.objects.count()
    fold_tally()
    assert Tally.objects.count() < rows
    assert (score_histogram(chaima), queries.registered_by(chaima, queries.Level.REGION)) == before
    assert fold_tally() == 0


def test_a_household_whose_message_was_lost_is_assessed_by_the_sweep():
    now = timezone.now()
    household, fresh = worked_example(), worked_example()
    household.due_since, fresh.due_since = now - timedelta(minutes=1), now
    household.save()
    fresh.save()
    assert services.assess_waiting(before=now - timedelta(seconds=20), on=DAY, by=engine()) == 1
    household.refresh_from_db()
    assert household.due_since is None
    assert queries.standing(household, on=DAY).score == 97392575
    assert queries.standing(fresh, on=DAY).score is None
