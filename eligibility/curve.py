"""How many households, people and dirhams a month stand at or under a cut-off, anywhere on the scale, and which cut-off fits a budget.

Whole hundredths come from the tally of scores, the cut-off's own hundredth from the score index; what a cut-off holds is one
statement, so one snapshot.
Money is centimes a month: direct aid at the amounts in force, the State's contribution for AMO-TADAMON, an estimate
(eligibility.prices). Always within the caller's area.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from rsu.models import Milieu, User

from . import prices
from .assessments import BUCKET, bucket_sql
from .law import Law
from .models import Program

LAST = BUCKET - 1


@dataclass(frozen=True)
class Count:
    """Households, the people in them, and centimes of a program a month."""

    households: int = 0
    people: int = 0
    centimes: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.households + other.households, self.people + other.people, self.centimes + other.centimes)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.households - other.households, self.people - other.people, self.centimes - other.centimes)


@dataclass(frozen=True)
class CutOff:
    """Everybody whose score does not exceed `points`, by region and milieu; a place where nobody does has no cell."""

    points: int
    cells: dict[tuple[int, str], Count] = field(default_factory=dict)

    @property
    def total(self) -> Count:
        return sum(self.cells.values(), Count())

    def of(self, region: int, milieu: Milieu | str | None = None) -> Count:
        """In one region, whole or one milieu of it."""
        if milieu is not None:
            return self.cells.get((region, str(milieu)), Count())
        return sum((count for (place, _milieu), count in self.cells.items() if place == region), Count())


@dataclass(frozen=True)
class Point:
    """What a cut-off at the last ten-millionth of a hundredth holds."""

    points: int
    held: Count


def at(user: User, *, program: Program | str, points: int, law: Law, formula_id: int | None = None) -> CutOff:
    """Exact at every ten-millionth, for the formula in force or another that is scored."""
    return several(user, program=program, points=[points], law=law, formula_id=formula_id)[0]


def several(user: User, *, program: Program | str, points: Iterable[int], law: Law, formula_id: int | None = None) -> list[CutOff]:
    """The same at many cut-offs in one statement, in the order given."""
    wanted = list(points)
    cuts = [_Cut(value) for value in sorted(set(wanted))]
    asked = _Asked(user, program, law, formula_id)
    cells: list[dict[tuple[int, str], Count]] = [{} for _cut in cuts]
    for own, number, region, milieu, *sums in asked.rows(_SEVERAL.format(parts=_parts(asked, cuts), centimes=asked.centimes)):
        # Whole hundredths stand under every cut-off from the one after them on, the rest of a cut-off's hundredth under that one alone.
        for held in cells[number : number + 1] if own else cells[number:]:
            held[region, milieu] = held.get((region, milieu), Count()) + Count(*sums)
    found = {cut.points: CutOff(cut.points, _inhabited(held)) for cut, held in zip(cuts, cells, strict=True)}
    return [found[value] for value in wanted]


def _parts(asked: "_Asked", cuts: list["_Cut"]) -> str:
    """Whole hundredths between one cut-off and the next, and each one's own."""
    parts, since = [], None
    for number, cut in enumerate(cuts):
        above = "" if since is None else f"bucket >= {since} AND "
        between = f"(SELECT * FROM ({asked.tallied}) t WHERE {above}bucket < {cut.edge})"
        parts.append(_PART.format(own="FALSE", number=number, sign=1, source=between))
        parts.append(_PART.format(own="TRUE", number=number, sign=cut.sign, source=f"({asked.scored(cut.bounds)})"))
        since = cut.edge
    return " UNION ALL ".join(parts)


def curve(user: User, *, program: Program | str, law: Law, formula_id: int | None = None) -> list[Point]:
    """Cumulated at every hundredth where somebody stands, poorest first."""
    asked = _Asked(user, program, law, formula_id)
    rows = asked.rows(_CURVE.format(tallied=asked.tallied, centimes=asked.centimes))
    return [Point(bucket * BUCKET + LAST, Count(*sums)) for bucket, *sums in rows]


def cut_off_for(user: User, *, program: Program | str, budget_centimes: int, law: Law, formula_id: int | None = None) -> int | None:
    """The highest cut-off that costs no more than this a month; None where nobody has a score.

    Households of one score are in or out together. When the budget is enough for everybody, the end of the last hundredth.
    """
    asked = _Asked(user, program, law, formula_id)
    first, end = asked.first_over(asked.centimes, budget_centimes)
    return end if first is None else first - 1


def cut_off_covering(
    user: User, *, program: Program | str, law: Law, households: int = 0, people: int = 0, formula_id: int | None = None
) -> int | None:
    """The lowest cut-off that holds at least this many households, or people; None where there are not so many."""
    asked = _Asked(user, program, law, formula_id)
    measure, number = ("people", people) if people else ("households", households)
    return asked.first_over(measure, number - 1)[0]


def _inhabited(cells: dict[tuple[int, str], Count]) -> dict[tuple[int, str], Count]:
    return {place: count for place, count in sorted(cells.items()) if count.households}


class _Cut:
    """A cut-off as whole hundredths below an edge, more or less the households between it and the edge.

    The edge is the nearest, so that at most half a hundredth is counted one by one.
    """

    def __init__(self, points: int) -> None:
        self.points = points
        bucket, inside = divmod(points, BUCKET)
        low = bucket * BUCKET
        if inside < BUCKET // 2:
            self.edge, self.sign, self.bounds = bucket, 1, (low, points)
        else:
            self.edge, self.sign, self.bounds = bucket + 1, -1, (points + 1, low + LAST)


class _Asked:
    """Whose scores, under which formula, and what a month costs: the pieces every statement here is made of."""

    def __init__(self, user: User, program: Program | str, law: Law, formula_id: int | None) -> None:
        in_force = law.cite("score.formula").id
        self.formula = formula_id or in_force
        self.aid = prices.aid_sql(law, "f")
        self.centimes = prices.month_sql(Program(program), law, aid="aid", insured="insured")
        self.level = user.area_level if user.is_active else User.AreaLevel.NOWHERE
        self.place = user.place.pk if user.place else None
        # What stands now was scored from the facts that stand now; a formula that was only rehearsed, from those of its day.
        self.read = ["eligibility_facts"] if self.formula == in_force else ["eligibility_facts", "eligibility_pastfacts"]

    def scored(self, bounds: tuple[int | str, int | str] | None = None) -> str:
        """One row a household of the area; `bounds` are the lowest and the highest score, as numbers or SQL."""
        between = f"AND a.score BETWEEN {bounds[0]} AND {bounds[1]}" if bounds else ""
        joined = _BY_HOUSEHOLD if self.level == User.AreaLevel.COMMUNE else _BY_FACTS
        pieces = {"aid": self.aid, "joined": joined, "area": _AREAS[self.level], "between": between}
        return " UNION ALL ".join(_SCORED.format(facts=facts, **pieces) for facts in self.read)

    @property
    def tallied(self) -> str:
        """One row or more a province, milieu and hundredth. The tally stops at provinces: a commune is counted from its households."""
        if self.level == User.AreaLevel.COMMUNE:
            return _TALLIED_HERE.format(scored=self.scored())
        return _TALLIED.format(area=_TALLY_AREAS[self.level])

    def rows(self, statement: str, **parameters) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"formula": self.formula, "place": self.place} | parameters)
            return cursor.fetchall()

    def first_over(self, measure: str, limit: int) -> tuple[int | None, int | None]:
        """The lowest score at which more than `limit` is held, None if never; and the end of the last hundredth, None if nobody.

        The hundredth first, then within it: asked together, the planner would not know how few scores it needs and read them all.
        """
        [(last, crossed, before)] = self.rows(_CROSSED.format(tallied=self.tallied, measure=measure), limit=limit)
        if crossed is None:
            return None, last if last is None else last * BUCKET + LAST
        scored = self.scored((crossed * BUCKET, crossed * BUCKET + LAST))
        [(score,)] = self.rows(_STEPS.format(scored=scored, measure=measure), limit=limit, before=before)
        # None within it while a run of new amounts is under way: the tally still counts at the old ones.
        return crossed * BUCKET + LAST if score is None else score, last * BUCKET + LAST


_AREAS = {
    User.AreaLevel.NOWHERE: "FALSE",
    User.AreaLevel.COMMUNE: "h.commune_id = %(place)s",
    User.AreaLevel.PROVINCE: "c.province_id = %(place)s",
    User.AreaLevel.REGION: "c.region_id = %(place)s",
    User.AreaLevel.KINGDOM: "TRUE",
}
_TALLY_AREAS = {
    User.AreaLevel.NOWHERE: "FALSE",
    User.AreaLevel.PROVINCE: "t.province_id = %(place)s",
    User.AreaLevel.REGION: "t.province_id IN (SELECT id FROM rsu_province WHERE region_id = %(place)s)",
    User.AreaLevel.KINGDOM: "TRUE",
}
_BY_FACTS = "JOIN rsu_commune c ON c.id = f.commune_id"
# The index by commune is the household's.
_BY_HOUSEHOLD = "JOIN households_household h ON h.id = a.household_id JOIN rsu_commune c ON c.id = h.commune_id"
_SCORED = """
SELECT c.province_id, f.milieu, a.score, 1 AS households, f.size AS people, {aid} AS aid, coalesce(f.insured, 0) AS insured
FROM eligibility_assessment a
JOIN {facts} f ON f.id = a.facts_id {joined}
WHERE a.formula_id = %(formula)s AND {area} {between}
"""
_TALLIED = """
SELECT t.province_id, t.milieu, t.bucket, t.households, t.people, t.aid, t.insured
FROM eligibility_scoretally t WHERE t.formula_id = %(formula)s AND {area}
"""
_TALLIED_HERE = f"""
SELECT province_id, milieu, {bucket_sql("score")} AS bucket, households, people, aid, insured FROM ({{scored}}) s
"""
_SEVERAL = """
SELECT own, number, p.region_id, milieu, sum(households)::bigint, sum(people)::bigint, sum({centimes})::bigint
FROM ({parts}) s JOIN rsu_province p ON p.id = s.province_id GROUP BY 1, 2, 3, 4
"""
# Grouped by the two columns alone, which the planner knows to be few.
_PART = """
SELECT {own} AS own, {number} AS number, province_id, milieu, {sign} * sum(households) AS households, {sign} * sum(people) AS people,
    {sign} * sum(aid) AS aid, {sign} * sum(insured) AS insured
FROM {source} s GROUP BY province_id, milieu
"""
_CURVE = """
SELECT bucket, (sum(sum(households)) OVER poorer)::bigint, (sum(sum(people)) OVER poorer)::bigint,
    (sum(sum({centimes})) OVER poorer)::bigint
FROM ({tallied}) t GROUP BY bucket HAVING sum(households) <> 0 WINDOW poorer AS (ORDER BY bucket) ORDER BY bucket
"""
_CROSSED = """
WITH heights AS MATERIALIZED (
    SELECT bucket, sum({measure}) AS held, sum(sum({measure})) OVER (ORDER BY bucket) AS upto
    FROM ({tallied}) t GROUP BY bucket HAVING sum(households) <> 0
), crossed AS (
    SELECT bucket, upto - held AS before FROM heights WHERE upto > %(limit)s ORDER BY bucket LIMIT 1
)
SELECT max(bucket), (SELECT bucket FROM crossed), (SELECT before FROM crossed) FROM heights
"""
_STEPS = """
SELECT min(score) FROM (
    SELECT score, %(before)s + sum(sum({measure})) OVER (ORDER BY score) AS upto FROM ({scored}) s GROUP BY score
) steps WHERE upto > %(limit)s
"""
