"""What time alone changes: each household is read on the very day its facts change, as of that day, and nobody else is touched."""

from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from random import Random

import pytest
from django.db import connection

from eligibility import queries, services
from eligibility.assessments import reading_parameters, reading_sql
from eligibility.models import OPEN, Determination, Facts, PastFacts, Run
from eligibility.scope import Scope
from eligibility.score import Formula, threshold_points
from households.models import Household, Member
from rsu.authentication import engine
from rsu.models import User
from tests.eligibility import oracle
from tests.eligibility.families import child, family, person
from tests.eligibility.legislating import AID, move_line
from tests.eligibility.test_runs import check_chains, ledger

pytestmark = pytest.mark.django_db
BOUNDS = {"urban": (6, 15), "rural": (15, 19, 30, 60)}


def on_age(born_on: date, age: int) -> date:
    """The day this age is completed, by counting days: a 29 February that does not come is the day after the 28th."""
    year = born_on.year + age
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 2, 28) + timedelta(days=1)


def next_change(births: list[date], milieu: str, on: date) -> date | None:
    """The head was born first in the list."""
    days = [on_age(born_on, age) for born_on in births for age in BOUNDS[milieu]]
    if milieu == "urban":
        days += [on_age(births[0], age) for age in range(130)]
    return min((day for day in days if day > on), default=None)


def assess(*households: Household, on: date) -> None:
    services.assess_households([household.pk for household in households], on=on, by=engine())


def read_on(household: Household, on: date) -> dict:
    """Read from the answers as of a day, nothing stored."""
    scope = Scope([household.pk])
    with connection.cursor() as cursor:
        cursor.execute(reading_sql(scope), reading_parameters(queries.law(on)) | scope.parameters)
        return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))


def stored(household: Household) -> Facts:
    return Facts.objects.get(household=household)


def pupil(born_on: date) -> dict:
    return child(born_on, schooling="primary", school_sector="public", diploma="none", literate=True, situation="student")


# The bounds, one by one

BIRTHDAYS = ["07-15", "02-29", "03-01", "12-31"]


def reaching(age: int, birthday: str) -> date:
    """A birth of a leap year on that day, whose `age` is completed in 2027 or soon after."""
    year = next(year for year in count(2027) if (year - age) % 4 == 0)
    return date.fromisoformat(f"{year - age}-{birthday}")


@pytest.mark.parametrize("birthday", BIRTHDAYS)
@pytest.mark.parametrize(
    ("milieu", "age", "fact", "change"),
    [
        ("urban", 6, "public_pupils", 1),
        ("urban", 15, "public_pupils", -1),
        ("urban", 15, "no_diploma", 1),
        ("rural", 15, "literate", 1),
        ("rural", 19, "aged_19_29", 1),
        ("rural", 30, "aged_30_59", 1),
        ("rural", 60, "aged_60_over", 1),
    ],
)
def test_an_age_bound_changes_its_fact_on_its_day_and_is_planned_for_it(milieu, age, fact, change, birthday, work):
    born_on = reaching(age, birthday)
    day = on_age(born_on, age)
    # The head's own birthdays stand clear of the day looked at.
    head_born = date(day.year - 45, day.month, 10) + timedelta(days=-200)
    household = family(person(born_on=head_born), pupil(born_on), milieu=milieu)
    eve = day - timedelta(days=1)
    assess(household, on=eve)
    before = stored(household)
    assert before.stale_on == day
    assert services.pass_time(on=eve, by=engine()) == []
    (run,) = services.pass_time(on=day, by=engine())
    work(on=day)
    after = stored(household)
    assert getattr(after, fact) - getattr(before, fact) == change
    assert (after.on, ledger(run)) == (day, (1, 1, 0, 0))
    assert services.pass_time(on=day, by=engine()) == []


@pytest.mark.parametrize(("born_on", "days"), [
    (date(1980, 2, 29), [date(2027, 3, 1), date(2028, 2, 29), date(2029, 3, 1)]),
    (date(1980, 2, 28), [date(2027, 2, 28), date(2028, 2, 28), date(2029, 2, 28)]),
    (date(1980, 3, 1), [date(2027, 3, 1), date(2028, 3, 1), date(2029, 3, 1)]),
    (date(1980, 6, 30), [date(2027, 6, 30), date(2028, 6, 30), date(2029, 6, 30)]),
], ids=["29 February", "28 February", "1 March", "30 June"])  # fmt: skip
def test_the_urban_head_is_read_again_on_every_birthday(born_on, days, work):
    household = family(person(born_on=born_on))
    assess(household, on=days[0] - timedelta(days=1))
    for day in days:
        age = stored(household).head_age
        assert stored(household).stale_on == day
        assert services.pass_time(on=day - timedelta(days=1), by=engine()) == []
        services.pass_time(on=day, by=engine())
        work(on=day)
        assert (stored(household).head_age, stored(household).on) == (age + 1, day)


def test_the_rural_head_grows_older_without_being_read(work):
    household = family(person(born_on=date(1980, 6, 30)), milieu="rural")
    assess(household, on=date(2026, 11, 22))
    assert stored(household).stale_on == date(2040, 6, 30)
    assert services.pass_time(on=date(2040, 6, 29), by=engine()) == []


# Families at random


def drawn_family(random: Random, on: date) -> tuple[Household, list[date], str]:
    """A head and up to six others; births crowd around the bounds, the end of February and the day looked at."""
    milieu = random.choice(["urban", "rural"])
    births = [drawn_birth(random, on, random.randint(18, 90))]
    births += [
        drawn_birth(random, on, random.choice([0, 5, 6, 14, 15, 18, 19, 29, 30, 59, 60, random.randint(0, 99)]))
        for _ in range(random.randint(0, 6))
    ]
    others = [pupil(born_on) | {"relation": "other"} for born_on in births[1:]]
    return family(person(born_on=births[0]), *others, milieu=milieu), births, milieu


def drawn_birth(random: Random, on: date, age: int) -> date:
    kind = random.random()
    if kind < 0.25:
        leap = next(year for year in count(on.year - age - 3) if year % 4 == 0 and year != 1900)
        return date(leap, 2, 29) if date(leap, 2, 29) <= on else date(leap - 4, 2, 29)
    base = date(on.year - age, on.month, min(on.day, 28))
    return min(on, base + timedelta(days=random.randint(-3, 3) if kind < 0.7 else random.randint(-364, 0)))


@pytest.mark.parametrize("on", [date(2026, 11, 22), date(2027, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(2026, 12, 31)], ids=str)
def test_the_day_a_family_becomes_stale_is_the_one_counted_by_hand(on):
    random = Random(f"stale {on}")
    for _ in range(60):
        household, births, milieu = drawn_family(random, on)
        reading = read_on(household, on)
        expected = next_change(births, milieu, on)
        assert reading["stale_on"] == expected, (births, milieu)
        if expected:
            facts = {name for name in reading if name not in ("on", "stale_on", "children", "insured")}
            eve, day = read_on(household, expected - timedelta(days=1)), read_on(household, expected)
            assert {name: eve[name] for name in facts} == {name: reading[name] for name in facts}
            assert milieu == "rural" or day["stale_on"] > expected


def test_only_those_whose_day_it_is_are_touched(work):
    random, on = Random("touched"), date(2027, 2, 20)
    drawn = [drawn_family(random, on) for _ in range(60)]
    households = {household.pk: (births, milieu) for household, births, milieu in drawn}
    assess(*[household for household, _births, _milieu in drawn], on=on)
    due = {pk: next_change(births, milieu, on) for pk, (births, milieu) in households.items()}
    for day in (on + timedelta(days=number) for number in range(1, 12)):
        today = {pk for pk, stale_on in due.items() if stale_on == day}
        ids = dict(Facts.objects.values_list("household_id", "id"))
        planned = services.pass_time(on=day, by=engine())
        assert {household for run in planned for chunk in run.chunks.all() for household in chunk.households} == today
        work(on=day)
        after = dict(Facts.objects.values_list("household_id", "id"))
        assert {pk for pk in ids if ids[pk] != after[pk]} == today
        due |= {pk: next_change(*households[pk], day) for pk in today}
    assert {pk: stale for pk, stale in Facts.objects.values_list("household_id", "stale_on")} == due


# Days without a worker


def score_on(household: Household, day: date, moved: int = 0) -> int:
    return oracle.score(read_on(household, day)) + moved


def caught_up(on: date, work) -> list[Run]:
    """What a worker finds after days away: everything planned and done, each time on the day it is now."""
    planned = []
    while new := services.pass_time(on=on, by=engine()):
        planned += new
        work(on=on)
    return planned


def chain(household: Household) -> list[tuple[date, bool]]:
    return list(Determination.objects.filter(household=household, program=AID).order_by("since").values_list("since", "entitled"))


def expected_chain(first: date, last: date, entitled) -> list[tuple[date, bool]]:
    """The answer of each day from the first to the last, told when it changes."""
    periods: list[tuple[date, bool]] = []
    for day in (first + timedelta(days=number) for number in range((last - first).days + 1)):
        if not periods or periods[-1][1] is not entitled(day):
            periods.append((day, entitled(day)))
    return periods


START = date(2027, 2, 22)


def outage_families() -> list[Household]:
    """Heads and children whose birthdays fall between 23 February and 5 March 2027, 1 March for those of the 29th."""
    births = [date(1970 + number, 2, 23) + timedelta(days=number) for number in range(9)]
    heads = [*births, date(1980, 2, 29), date(1975, 8, 1)]
    return [
        family(person(born_on=born_on), pupil(date(2021, 2, 25)), pupil(date(2012, 2, 29)), mobile_phones=number % 4)
        for number, born_on in enumerate(heads)
    ]


def expected_days(births: list[date], first: date, last: date) -> list[date]:
    days = [next_change(births, "urban", first)]
    while days[-1] <= last:
        days.append(next_change(births, "urban", days[-1]))
    return days[:-1]


def test_after_days_without_a_worker_each_household_is_read_as_of_its_own_days(work):
    households = outage_families()
    assess(*households, on=START)
    last = START + timedelta(days=12)
    planned = caught_up(last, work)
    assert [run.on for run in planned] == sorted({run.on for run in planned})
    assert {run.kind for run in planned} == {"time"}
    for household in households:
        days = sorted({*household.past_facts.values_list("on", flat=True), stored(household).on})
        births = [member.born_on for member in household.members.order_by("position")]
        assert days == [START, *expected_days(births, START, last)]
        assert stored(household).stale_on == next_change(births, "urban", last)
    check_chains()


@pytest.mark.parametrize("seed", range(4))
def test_after_days_without_a_worker_every_right_carries_its_own_day_under_its_own_law(seed, work):
    random = Random(f"outage {seed}")
    households = outage_families()
    assess(*households, on=START)
    last = START + timedelta(days=12)
    scores = sorted({score_on(household, day) for household in households for day in (START, last)})
    lines = {date.min: founding_line()}
    for day in sorted(random.sample([START + timedelta(days=number) for number in range(1, 13)], 3)):
        lines[day] = random.choice(scores) + random.choice([-1, 0, 1])
        move_line(lines[day], since=day, on=START)
    caught_up(last, work)
    for household in households:
        answers = expected_chain(START, last, lambda day, h=household: score_on(h, day) <= lines[max(d for d in lines if d <= day)])
        assert chain(household) == answers
    check_chains()
    assert not Run.objects.exclude(status="closed").exists()


def test_a_line_that_starts_on_a_birthday_starts_before_it(work):
    household = outage_families()[3]
    assess(household, on=START)
    birthday = stored(household).stale_on
    line = score_on(household, birthday - timedelta(days=1)) - 1
    move_line(line, since=birthday, on=START)
    planned = caught_up(birthday, work)
    assert [(run.kind, run.on) for run in planned] == [("threshold", birthday), ("time", birthday)]


def test_a_birthday_done_late_decides_its_own_day_though_a_later_line_was_read_ahead(work):
    """The first birthday, done late, already opens the period of the line that starts after the second."""
    household = family(person(born_on=date(1980, 2, 24)), pupil(date(2012, 2, 26)), pupil(date(2018, 8, 1)))
    assess(household, on=START)
    first, second, later = date(2027, 2, 24), date(2027, 2, 26), date(2027, 3, 1)
    before, after = max(score_on(household, START), score_on(household, first)), score_on(household, second)
    assert before < after
    move_line(before, since=date(2027, 2, 23), on=START)
    move_line(before - 10_000_000, since=later, on=START)
    caught_up(date(2027, 3, 5), work)
    assert chain(household)[-2:] == [chain(household)[-2], (second, False)]
    assert chain(household)[-2][1] is True
    check_chains()


def new_formula(raised_by: str) -> dict:
    """The formula in force, its constants higher."""
    value = deepcopy(queries.law(START).value("score.formula"))
    value["constant"] = {milieu: str(Decimal(text) + Decimal(raised_by)) for milieu, text in value["constant"].items()}
    return value


def sign(key: str, value, *, since: date, on: date) -> None:
    chaima, driss = (User.objects.get(username=name) for name in ("chaima", "driss"))
    proposal = services.propose_provision(key=key, since=since, value=value, source="Décret", reason="Essai", on=on, by=chaima)
    services.approve_proposal(proposal.pk, without_report="essai", on=on, by=driss)


def test_a_formula_that_started_during_days_without_a_worker_decides_from_its_own_day(settings, work):
    settings.RUN_RANGE = 4
    households = outage_families()
    assess(*households, on=START)
    since, last = START + timedelta(days=4), START + timedelta(days=12)
    middle = sorted(score_on(household, START) for household in households)[5]
    move_line(middle + 1_000, since=START + timedelta(days=1), on=START)
    sign("score.formula", new_formula("0.01"), since=since, on=START)
    caught_up(last, work)

    def entitled(household, day):
        line = middle + 1_000 if day > START else founding_line()
        return score_on(household, day, 100_000 if day >= since else 0) <= line

    moved = [chain(household) for household in households]
    assert moved == [expected_chain(START, last, lambda day, h=household: entitled(h, day)) for household in households]
    assert any((since, False) in periods for periods in moved)
    check_chains()


def founding_line() -> int:
    return threshold_points(queries.law(START).value(AID.threshold_key))


def test_a_list_of_the_law_read_late_reads_each_household_as_of_the_day_it_changed(settings, work):
    settings.RUN_RANGE = 4
    households = outage_families()
    Member.objects.filter(household=households[10], relation="head").update(cover="amo_student")
    assess(*households, on=START)
    since, last = START + timedelta(days=2), START + timedelta(days=12)
    covers = queries.law(START).value("score.cover_not_counted")
    sign("score.cover_not_counted", [*covers, "amo_student"], since=since, on=START)
    planned = caught_up(last, work)
    assert [run.on for run in planned] == sorted(run.on for run in planned)
    readings = [*PastFacts.objects.filter(household=households[10]).order_by("on"), stored(households[10])]
    assert [(reading.on, reading.other_cover) for reading in readings] == [
        (START, 1),
        (since, 0),
        (date(2027, 2, 25), 0),
        (date(2027, 3, 1), 0),
    ]
    for household in households[:10]:
        days = {*household.past_facts.values_list("on", flat=True), stored(household).on}
        births = [member.born_on for member in household.members.all()]
        assert days == {START, *expected_days(births, START, last)}


def test_a_household_declared_after_a_line_is_not_given_an_earlier_right_by_a_run_done_late(work):
    household, other = outage_families()[9:11]
    assess(household, other, on=START)
    line = max(score_on(household, START), score_on(other, START)) - 1
    today = START + timedelta(days=5)
    sign("score.formula", new_formula("2"), since=START + timedelta(days=2), on=START)
    Household.objects.filter(pk=other.pk).update(cars=1)
    assess(other, on=today)
    caught_up(today, work)
    formula = Formula.from_value(new_formula("2"))
    assert line < formula.score(read_on(other, today))
    assert [since for since, _entitled in chain(other)][1:] in ([], [today])
    assert (START + timedelta(days=2), False) in chain(household)


def test_a_family_nobody_can_read_does_not_stop_the_days_that_follow(work):
    unread, read = outage_families()[:2]
    assess(unread, read, on=START)
    Household.objects.filter(pk=unread.pk).update(mobile_phones=None)
    last = START + timedelta(days=12)
    caught_up(last, work)
    assert stored(unread).on == START
    assert stored(read).stale_on > last
    assert Determination.objects.filter(household=unread, until=OPEN).count() == 2
