"""The edges of the formula: on each line and a ten-millionth beside it, one member to thirty, no bill and the largest a column holds."""

from datetime import date
from random import Random

import pytest
from django.utils import timezone

from eligibility import queries, services
from eligibility.assessments import score_facts
from eligibility.facts import FACTS
from eligibility.models import OPEN, Assessment, Determination, Facts, Program, Refusal, Run
from eligibility.programs import facts_of
from eligibility.scope import Scope
from eligibility.score import Formula, threshold_points
from rsu.authentication import engine
from rsu.models import Commune
from tests.eligibility import oracle
from tests.eligibility.families import child, family, person
from tests.eligibility.invented import BOTH, OWN, bare, drawn
from tests.eligibility.legislating import AID, DAY, entitled, move_line
from tests.eligibility.test_runs import check_chains, ledger

pytestmark = pytest.mark.django_db
LARGEST_INT, LARGEST_SMALLINT = 2**31 - 1, 2**15 - 1
MONEY = ("butane", "water_power", "telecom")
COLUMNS = {fact.name for fact in FACTS}


def stored(households: list[dict]) -> list[int]:
    """Facts written as they are, of households numbered from one; their scores are given by the product's own statement."""
    commune = Commune.objects.order_by("pk").first().pk
    Facts.objects.bulk_create(
        Facts(
            household_id=number, on=DAY, commune_id=commune, read_at=timezone.now(), milieu=facts["milieu"], region=facts["region"],
            size=facts["size"], **{name: value for name, value in facts.items() if name in COLUMNS},
        )
        for number, facts in enumerate(households, start=1)
    )  # fmt: skip
    ids = list(range(1, len(households) + 1))
    score_facts(Scope(ids), law=queries.law(DAY), run_id=None)
    scores = dict(Assessment.objects.values_list("household_id", "score"))
    return [scores[household] for household in ids]


def formula() -> Formula:
    return Formula.from_value(queries.law(DAY).value("score.formula"))


def agree(households: list[dict]) -> None:
    """PostgreSQL, Python and the exact fractions give the same digits."""
    expected = [oracle.score(facts) for facts in households]
    assert stored(households) == expected
    assert [formula().score(facts) for facts in households] == expected


def utmost(milieu: str, size: int, number: int, money: int) -> dict:
    """Every count and every sum at once at what its column holds."""
    yes_or_no = {name for name, most in (BOTH | OWN[milieu]).items() if most == 1}
    counts = {name: 1 if name in yes_or_no else number for name in BOTH | OWN[milieu]}
    ages = {"head_age": min(number, 150)} if milieu == "urban" else {}
    return bare(milieu, **counts | dict.fromkeys(MONEY, money) | ages, region=6, size=size)


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_the_utmost_a_column_holds_overflows_nothing(milieu):
    sizes = [1, 2, 3, 7, 29, 30, 60]
    agree([utmost(milieu, size, number, money) for size in sizes for number in (0, 30, LARGEST_SMALLINT) for money in (0, 1, LARGEST_INT)])


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_one_member_to_thirty_with_no_bill_the_least_and_the_largest(milieu):
    bills = [0, 1, 12, 999, 50_000_000, LARGEST_INT - 1, LARGEST_INT]
    agree([bare(milieu, size=size, region=12, **dict.fromkeys(MONEY, bill)) for size in range(1, 31) for bill in bills])


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_drawn_households_of_every_size_and_region(milieu):
    random = Random(f"edges {milieu}")
    households = [drawn(random, milieu) | {"size": size, "region": region} for size in range(1, 31) for region in range(1, 13)]
    agree(households)


# On the lines themselves


def bills_for(facts: dict, target: int) -> tuple[int, int]:
    """Centimes of water and of telephone a month, three months running alike but for the rest, that bring the exact score there."""
    size = facts["size"]
    weight = 11 if facts["milieu"] == "urban" else 14.5  # ten-millionths a centime of water a year, before the size divides
    for telecom in range(0, 4000, 4):
        base = oracle.score(facts | {"telecom": telecom})
        near = round((target - base) * size / weight / 4)
        for water in (4 * (near + number) for number in (-1, 0, 1)):
            if water >= 0 and oracle.score(facts | {"telecom": telecom, "water_power": water}) == target:
                return water // 4, telecom // 4
    raise AssertionError(f"no bills bring {facts} to {target}")


def crowd(size: int, milieu: str, **answers):
    others = [child(date(2024, 1, 1 + number % 28)) for number in range(size - 1)]
    return family(person(born_on=date(1986, 5, 4)), *others, milieu=milieu, **answers)


def base_of(size: int, milieu: str) -> dict:
    household = crowd(size, milieu)
    services.assess_households([household.pk], on=DAY, by=engine())
    return facts_of(Facts.objects.get(household=household))


@pytest.mark.parametrize("offset", [-1, 0, 1], ids=["one ten-millionth below", "exactly on", "one ten-millionth above"])
@pytest.mark.parametrize("program", list(Program))
@pytest.mark.parametrize(
    ("milieu", "size"), [("urban", 5), ("urban", 11), ("urban", 30), ("rural", 2), ("rural", 3), ("rural", 13), ("rural", 30)]
)
def test_bills_that_bring_a_household_beside_the_line_of_the_law(milieu, size, program, offset):
    line = threshold_points(queries.law(DAY).value(program.threshold_key))
    month, calls = bills_for(base_of(size, milieu), line + offset)
    # The sum of three months, in one of them: the mean × 12 is four times the sum.
    household = crowd(size, milieu, water_bills=[month, 0, 0], telecom_bills=[0, calls, 0])
    services.assess_households([household.pk], on=DAY, by=engine())
    assert (
        Assessment.objects.get(household=household).score == oracle.score(facts_of(Facts.objects.get(household=household))) == line + offset
    )
    assert Determination.objects.get(household=household, program=program, until=OPEN).entitled is (offset <= 0)


@pytest.mark.parametrize("milieu", ["urban", "rural"])
def test_a_line_moved_beside_each_score_of_one_to_thirty_members(milieu, work):
    households = [crowd(size, milieu) for size in range(1, 31)]
    services.assess_households([household.pk for household in households], on=DAY, by=engine())
    exact = {row.household_id: oracle.score(facts_of(row)) for row in Facts.objects.all()}
    assert dict(Assessment.objects.values_list("household_id", "score")) == exact
    for household in households[::6]:
        for offset in (-1, 0, 1):
            line = exact[household.pk] + offset
            move_line(line)
            work(on=DAY)
            assert entitled(AID) == {pk for pk, score in exact.items() if score <= line}
    check_chains()


# Beyond what a column holds


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"butane_month": LARGEST_INT // 12}, None),
        ({"butane_month": LARGEST_INT // 12 + 1}, "butane"),
        ({"butane_month": LARGEST_INT}, "butane"),
        ({"telecom_bills": [LARGEST_INT // 12]}, None),
        ({"telecom_bills": [LARGEST_INT]}, "telecom"),
        ({"telecom_bills": [LARGEST_INT, LARGEST_INT, LARGEST_INT]}, "telecom"),
        ({"telecom_bills": [LARGEST_INT // 4, 0, 0]}, None),
        ({"water_bills": [LARGEST_INT // 24], "electricity_bills": [LARGEST_INT // 24]}, None),
        ({"water_bills": [LARGEST_INT // 12], "electricity_bills": [LARGEST_INT // 12]}, "water_power"),
        ({"mobile_phones": LARGEST_SMALLINT, "cars": LARGEST_SMALLINT, "motorcycles": LARGEST_SMALLINT, "rooms": LARGEST_SMALLINT}, None),
        ({"rooms": 0}, None),
    ],
)
def test_the_largest_answers_are_scored_or_refused_by_name_and_stop_no_chunk(answers, missing, work):
    extreme, ordinary = family(person(), **answers), family(person())
    with_run = Run.objects.create(kind=Run.Kind.LOAD, on=DAY, by=engine(), planned=2)
    with_run.chunks.create(position=1, first=extreme.pk, last=ordinary.pk, size=2)
    work(on=DAY)
    with_run.refresh_from_db()
    assert (with_run.status, ledger(with_run)) == ("closed", (2, 2 - bool(missing), 0, bool(missing)))
    assert list(Refusal.objects.values_list("household_id", "missing")) == ([(extreme.pk, [missing])] if missing else [])
    for row in Assessment.objects.all():
        assert row.score == oracle.score(facts_of(Facts.objects.get(household=row.household_id)))
    assert Assessment.objects.count() == 2 - bool(missing)
