"""The curve against a count one by one: any families, any cut-off, any area."""

import random
from copy import copy

import pytest
from django.db import connection, transaction
from django.utils import timezone

from eligibility import curve, prices, queries, tallies
from eligibility.assessments import BUCKET
from eligibility.law import Law, founding
from eligibility.models import Assessment, Facts, PastFacts, Program
from households.models import Household
from rsu.models import Commune, Milieu, User
from tests.eligibility.families import RURAL, URBAN
from tests.eligibility.legislating import DAY

pytestmark = pytest.mark.django_db
AID, COVER = Program.DIRECT_AID, Program.AMO_TADAMON
CONTRIBUTION = 180_00
PLACES = ("06.141.01.53", "06.141.01.05", "06.181.01.01", "07.351.01.05")
"""Two communes of one province, another province of their region, another region."""
WORDS = (None, "", "y", "yo", "Yfx", "yyyooo", "oF")
LEVELS = ("nowhere", "commune", "province", "region", "kingdom")
REHEARSED = 990


@pytest.fixture(scope="module")
def law(module_db):
    return queries.law(DAY)


@pytest.fixture(scope="module")
def communes(module_db):
    known = {commune.code: commune for commune in Commune.objects.select_related("province")}
    return [known.get(code) or next(c for c in known.values() if c.province.code.startswith(code[:6])) for code in PLACES]


def somebody(level: str, commune: Commune) -> User:
    """An administrator of this commune or of what it lies in."""
    place = {"commune": commune, "province": commune.province, "region": commune.region}.get(level)
    return User(role="administrator", area_level=level, **({level: place} if place else {}))


def lived(drawn: random.Random, communes, scores: list[int], *, formula: int, kind=Facts) -> None:
    """A household a score, of any size, children and insured, in any of the communes."""
    latest = Household.objects.order_by("-id").values_list("id", flat=True).first() or 0
    homes = []
    for number, _score in enumerate(scores, start=latest + 1):
        milieu = drawn.choice(Milieu.values)
        answers = URBAN if milieu == "urban" else RURAL
        homes.append(
            Household(code=f"{number:011d}", commune=drawn.choice(communes), milieu=milieu, registered_on=DAY, synthetic=True, **answers)
        )
    homes = Household.objects.bulk_create(homes)
    replaced = {"replaced_at": timezone.now()} if kind is PastFacts else {}
    facts = [
        kind(
            id=10_000 + home.pk, household=home, on=DAY, milieu=home.milieu, region=home.commune.region.pk, commune_id=home.commune_id,
            size=drawn.randint(1, 30), children=drawn.choice(WORDS), insured=drawn.choice([None, 0, 1, 3]), read_at=timezone.now(), **replaced,
        )
        for home in homes
    ]  # fmt: skip
    kind.objects.bulk_create(facts)
    with connection.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO eligibility_assessment (formula_id, household_id, facts_id, score, "on", assessed_at) VALUES (%s, %s, %s, %s, %s, now())',
            [(formula, home.pk, fact.pk, score, DAY) for home, fact, score in zip(homes, facts, scores, strict=True)],
        )


def spread_scores(drawn: random.Random, households: int) -> list[int]:
    """Below zero, on the edges of hundredths, several in one hundredth, several at one score."""
    near = [drawn.randint(-3, 3) * BUCKET for _ in range(4)]
    kinds = (
        lambda: drawn.randint(-20_000_000, 150_000_000),
        lambda: drawn.choice(near) + drawn.choice([-1, 0, 1, 2, BUCKET - 1]),
        lambda: 97_400_000 + drawn.randint(0, 6) * 11_111,
        lambda: 97_430_010,
    )
    return [drawn.choice(kinds)() for _ in range(households)]


def rows_of(law, formula: int, kind=Facts) -> list[dict]:
    """Every household with its score and what a month costs, read one by one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT household_id, {prices.aid_sql(law, 'f')} FROM {kind._meta.db_table} f")
        aid = dict(cursor.fetchall())
    scores = dict(Assessment.objects.filter(formula_id=formula).values_list("household_id", "score"))
    known = kind.objects.filter(household_id__in=scores)
    return [
        {
            "score": scores[row.household_id], "commune": row.commune_id, "region": row.region, "milieu": row.milieu, "size": row.size,
            AID: aid[row.household_id], COVER: (row.insured or 0) * CONTRIBUTION,
        }
        for row in known
    ]  # fmt: skip


def seen_by(user: User, rows: list[dict]) -> list[dict]:
    if user.area_level == "nowhere":
        return []
    if user.area_level == "kingdom":
        return rows
    field = {"commune": "pk", "province": "province", "region": "province__region"}[user.area_level]
    inside = set(Commune.objects.filter(**{field: user.place.pk}).values_list("pk", flat=True))
    return [row for row in rows if row["commune"] in inside]


def counted(rows: list[dict], points: int, program) -> dict:
    cells: dict = {}
    for row in rows:
        if row["score"] <= points:
            held = cells.setdefault((row["region"], row["milieu"]), [0, 0, 0])
            held[0] += 1
            held[1] += row["size"]
            held[2] += row[program]
    return {place: curve.Count(*held) for place, held in cells.items()}


def cut_offs(drawn: random.Random, rows: list[dict]) -> list[int]:
    """On each score, a ten-millionth beside it, on the edges of its hundredth, under everybody, over everybody, anywhere."""
    scores = [row["score"] for row in drawn.sample(rows, 12)]
    edges = [score // BUCKET * BUCKET + inside for score in scores[:4] for inside in (0, BUCKET // 2, BUCKET - 1)]
    beside = [score + by for score in scores for by in (-1, 0, 1)]
    ends = [min(row["score"] for row in rows) - 1, -(10**12), max(row["score"] for row in rows), 10**12]
    return [*edges, *beside, *ends, *(drawn.randint(-20_000_000, 150_000_000) for _ in range(4))]


@pytest.fixture(params=range(4), scope="class")
def kingdom_once(request, law, communes):
    with transaction.atomic():
        drawn = random.Random(request.param)
        formula = law.cite("score.formula").id
        lived(drawn, communes, spread_scores(drawn, 60), formula=formula)
        tallies.count_formula(formula, law=law)
        yield drawn
        transaction.set_rollback(True)


@pytest.fixture
def kingdom(kingdom_once):
    """Sixty households drawn from a seed, counted in the tally; the generator goes on."""
    return copy(kingdom_once)


class TestKingdom:
    @pytest.mark.parametrize("program", [AID, COVER])
    @pytest.mark.parametrize("level", LEVELS)
    def test_every_cut_off_equals_a_count_one_by_one(self, kingdom, law, communes, level, program):
        user = somebody(level, communes[0])
        rows = rows_of(law, law.cite("score.formula").id)
        here = seen_by(user, rows)
        points = cut_offs(kingdom, rows)
        for answer, cut in zip(curve.several(user, program=program, points=points, law=law), points, strict=True):
            assert answer.points == cut and answer.cells == counted(here, cut, program)
        alone = curve.at(user, program=program, points=points[0], law=law)
        assert alone.cells == counted(here, points[0], program)
        assert alone.total == sum(counted(here, points[0], program).values(), curve.Count())

    @pytest.mark.parametrize("program", [AID, COVER])
    @pytest.mark.parametrize("level", LEVELS)
    def test_each_point_of_the_curve_is_what_its_cut_off_holds(self, kingdom, law, communes, level, program):
        user = somebody(level, communes[0])
        here = seen_by(user, rows_of(law, law.cite("score.formula").id))
        drawn = curve.curve(user, program=program, law=law)
        assert [point.points for point in drawn] == sorted({row["score"] // BUCKET * BUCKET + BUCKET - 1 for row in here})
        for point in drawn:
            assert point.held == sum(counted(here, point.points, program).values(), curve.Count())

    @pytest.mark.parametrize("program", [AID, COVER])
    @pytest.mark.parametrize("level", LEVELS[1:])
    def test_the_cut_off_of_a_budget_is_the_highest_that_does_not_exceed_it(self, kingdom, law, communes, level, program):
        user = somebody(level, communes[0])
        here = seen_by(user, rows_of(law, law.cite("score.formula").id))
        steps = sorted({held_by(here, row["score"], program) for row in here})
        whole = steps[-1]
        budgets = [0, *(step + by for step in kingdom.sample(steps, 5) for by in (-1, 0, 1)), whole // 2]
        for budget in (budget for budget in budgets if 0 <= budget < whole):
            found = curve.cut_off_for(user, program=program, budget_centimes=budget, law=law)
            assert held_by(here, found, program) <= budget < held_by(here, found + 1, program)

    @pytest.mark.parametrize("level", LEVELS[1:])
    def test_a_budget_that_is_enough_for_everybody_reaches_the_end_of_the_curve(self, kingdom, law, communes, level):
        user = somebody(level, communes[0])
        end = curve.curve(user, program=AID, law=law)[-1]
        assert curve.cut_off_for(user, program=AID, budget_centimes=end.held.centimes, law=law) == end.points
        assert curve.cut_off_for(user, program=AID, budget_centimes=end.held.centimes - 1, law=law) < end.points

    @pytest.mark.parametrize(("measure", "column"), [("households", "households"), ("people", "size")])
    @pytest.mark.parametrize("level", LEVELS[1:])
    def test_the_cut_off_that_covers_so_many_is_the_lowest_that_holds_them(self, kingdom, law, communes, level, measure, column):
        user = somebody(level, communes[0])
        here = seen_by(user, rows_of(law, law.cite("score.formula").id))
        whole = held_by(here, 10**12, column)
        for number in {1, 2, whole // 3, whole // 2, whole}:
            found = curve.cut_off_covering(user, program=AID, law=law, **{measure: number})
            assert held_by(here, found - 1, column) < number <= held_by(here, found, column)
        assert curve.cut_off_covering(user, program=AID, law=law, **{measure: whole + 1}) is None

    def test_a_cut_off_is_read_by_region_and_milieu(self, kingdom, law, communes):
        user = somebody("kingdom", communes[0])
        held = curve.at(user, program=AID, points=97_430_010, law=law)
        for region in {region for region, _milieu in held.cells}:
            assert held.of(region) == held.of(region, Milieu.URBAN) + held.of(region, Milieu.RURAL) != curve.Count()
        assert held.of(12, Milieu.URBAN) == curve.Count()

    @pytest.mark.parametrize("level", LEVELS)
    def test_each_answer_takes_as_many_queries_whatever_the_number_of_households(
        self, kingdom, law, communes, level, django_assert_num_queries
    ):
        user = somebody(level, communes[0])
        with django_assert_num_queries(1):
            curve.several(user, program=AID, points=[90_000_000, 97_430_010, 120_000_000], law=law)
        with django_assert_num_queries(1):
            curve.curve(user, program=AID, law=law)
        with django_assert_num_queries(1 if level == "nowhere" else 2):
            curve.cut_off_for(user, program=AID, budget_centimes=0, law=law)
        with django_assert_num_queries(1 if level == "nowhere" else 2):
            curve.cut_off_covering(user, program=AID, people=1, law=law)

    def test_while_the_law_does_not_say_what_the_state_pays_cover_costs_nothing(self, kingdom, communes):
        silent = Law([row for row in founding() if row.key != prices.CONTRIBUTION], DAY)
        everybody = curve.at(somebody("kingdom", communes[0]), program=COVER, points=10**9, law=silent).total
        assert (everybody.households, everybody.centimes) == (60, 0)


def held_by(rows: list[dict], points: int, measure) -> int:
    return sum(1 if measure == "households" else row[measure] for row in rows if row["score"] <= points)


@pytest.mark.parametrize("case", ["nobody lives there", "the account is closed", "an account without an area"])
def test_where_nobody_is_seen_every_answer_is_empty(case, law, communes):
    user = User(role="administrator", area_level="nowhere" if "area" in case else "kingdom", is_active="closed" not in case)
    if case != "nobody lives there":
        lived(random.Random(0), communes, [90_000_000], formula=law.cite("score.formula").id)
        tallies.count_formula(law.cite("score.formula").id, law=law)
    assert curve.at(user, program=AID, points=97_430_010, law=law).total == curve.Count()
    assert curve.curve(user, program=AID, law=law) == []
    assert curve.cut_off_for(user, program=AID, budget_centimes=10**9, law=law) is None
    assert curve.cut_off_covering(user, program=AID, law=law, people=1) is None


def test_households_of_one_score_are_in_or_out_together(law, communes):
    formula = law.cite("score.formula").id
    lived(random.Random(1), communes, [90_000_000] + [91_000_003] * 5 + [91_000_004], formula=formula)
    Facts.objects.update(children="", size=4)
    tallies.count_formula(formula, law=law)
    user, flat = somebody("kingdom", communes[0]), law.value(prices.AMOUNTS)["flat_aid"]
    found = [curve.cut_off_for(user, program=AID, budget_centimes=flat * families, law=law) for families in (0, 1, 3, 5, 6)]
    assert found == [89_999_999, 91_000_002, 91_000_002, 91_000_002, 91_000_003]


def test_a_formula_that_is_rehearsed_is_counted_from_the_facts_of_its_day(law, communes):
    """The families have answered again since: what stands now is not what was scored."""
    drawn = random.Random(2)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE eligibility_assessment_{REHEARSED} PARTITION OF eligibility_assessment FOR VALUES IN ({REHEARSED})")
    lived(drawn, communes, spread_scores(drawn, 30), formula=REHEARSED, kind=PastFacts)
    tallies.count_formula(REHEARSED, law=law)
    rows, user = rows_of(law, REHEARSED, PastFacts), somebody("kingdom", communes[0])
    points = cut_offs(drawn, rows)
    for answer, cut in zip(curve.several(user, program=AID, points=points, law=law, formula_id=REHEARSED), points, strict=True):
        assert answer.cells == counted(rows, cut, AID)
    assert curve.at(user, program=AID, points=10**9, law=law).total == curve.Count()
