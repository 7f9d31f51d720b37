"""What stands: the law of a day, a household's rights on a day, and the counts administrators read; always within the caller's area."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from households.models import Household
from rsu.models import Region, User
from rsu.permissions import communes_of, in_area, in_provinces

from . import law as legal
from .assessments import bucket_sql
from .models import (
    Assessment,
    Determination,
    Facts,
    HeldLoss,
    PastDetermination,
    PastFacts,
    Program,
    Proposal,
    Provision,
    Refusal,
    Run,
    RunChunk,
    ScoreTally,
    Tally,
)
from .programs import Standing, facts_of, kept_right, programs_in_force, stand
from .score import Formula, threshold_points


class ReplayMismatch(Exception):
    """What was stored does not give the stored score again: an alarm, never an answer."""


def law(on: date) -> legal.Law:
    """The law of a day, in one query; callers keep it for the whole of what they do."""
    names = ("id", "key", "since", "value", "source", "gazette", "url", "note", "confidence")
    standing = Provision.objects.filter(since__lte=on).order_by("key", "-since", "-id").distinct("key")
    return legal.Law([legal.Provision(**dict(zip(names, row, strict=True))) for row in standing.values_list(*names)], on)


def standing(household: Household, *, on: date) -> Standing:
    """Score, terms and rights of one household, rebuilt from stored facts; raises ReplayMismatch if they disagree by a digit."""
    today = law(on)
    refusal = Refusal.objects.filter(household=household).first()
    missing = refusal.missing if refusal else []
    formula_row = today.cite("score.formula")
    assessment = Assessment.objects.filter(formula=formula_row.id, household=household).first()
    row = assessment and readings({assessment.facts_id}).get(assessment.facts_id)
    if assessment is None or row is None:
        return Standing(household, on, {}, None, formula_row, [], [], missing)
    formula, facts = Formula.from_value(formula_row.value), facts_of(row)
    terms = formula.terms(facts)
    if formula.score(facts) != assessment.score:
        raise ReplayMismatch(f"household {household.pk}: stored {assessment.score}, replayed {formula.score(facts)}")
    periods = {d.program: d for d in Determination.objects.filter(household=household, since__lte=on, until__gt=on)}
    waiting = dict(HeldLoss.objects.filter(household=household, outcome="").values_list("program", "on"))
    programs = []
    for program in programs_in_force(today):
        period = periods.get(program.value)
        kept = kept_right(program, score=assessment.score, law=today, period=period, held_on=waiting.get(program.value))
        programs.append(stand(program, score=assessment.score, law=today, formula=formula, facts=facts, period=period, kept=kept))
    return Standing(household, on, facts, assessment.score, formula_row, terms, programs, missing)


def readings(ids: set[int]) -> dict[int, Facts | PastFacts]:
    """The readings of these numbers, today's first: one that a declaration moves between the two queries is found in the second."""
    now = Facts.objects.in_bulk(ids)
    return now | PastFacts.objects.in_bulk(ids - now.keys())


@dataclass(frozen=True)
class Scored:
    """A score a household had, `on` the day it counted from, computed `at`, by one formula and one reading of its answers."""

    formula_id: int
    facts_id: int
    score: int
    on: date
    at: datetime

    @property
    def key(self) -> str:
        """What an address names it by."""
        return f"{self.facts_id}-{self.formula_id}"


def scores_of(household: Household, *, on: date) -> list[Scored]:
    """Every score the household had until that day, oldest first, the present one last.

    A rehearsed formula gives scores too: before it is signed they are nobody's, and what the rehearsal scored counts from the
    formula's first day.
    """
    signed = Q(formula__key="score.formula", formula__since__lte=on)
    past = household.past_assessments.filter(signed, assessed_at__gte=F("formula__recorded_at"))
    now = Assessment.objects.filter(signed, household=household)
    names = ("formula", "facts_id", "score", "on", "formula__since", "assessed_at")
    rows = [*past.values_list(*names), *now.values_list(*names)]
    found = [
        (max(day, since), since, formula, at, Scored(formula, facts, score, max(day, since), at))
        for formula, facts, score, day, since, at in rows
    ]
    return [scored for *_when, scored in sorted(found, key=lambda one: one[:4])]


@dataclass(frozen=True)
class LineMove:
    """From `since` on, a program's line stands at `threshold`; None when it is repealed."""

    program: Program
    since: date
    threshold: int | None


def lines_since(day: date, *, on: date) -> list[LineMove]:
    """The lines of every program from a day to another, each from the day it took effect, by program and day."""
    keys = {program.threshold_key: program for program in Program}
    rows = Provision.objects.filter(key__in=keys, since__lte=on).order_by("key", "since", "id")
    last_of_day = {(row.key, row.since): row.value for row in rows}
    moves = [LineMove(keys[key], since, value and threshold_points(value)) for (key, since), value in last_of_day.items()]
    return [one for one, then in zip(moves, [*moves[1:], None], strict=True) if not _over(one, then, day)]


def _over(one: LineMove, then: LineMove | None, day: date) -> bool:
    """Whether a line gave place to the next of its program before the day."""
    return then is not None and then.program is one.program and then.since <= day


@dataclass(frozen=True)
class Chain:
    """A program's periods for one household, latest first, each followed by those a change cut away on its day."""

    program: Program
    rows: list[Determination | PastDetermination]


def chain_of(household: Household) -> list[Chain]:
    """Every right the household had by its score, with line and run, in two queries."""
    rows = [
        row
        for kind in (Determination, PastDetermination)
        for row in kind.objects.filter(household=household).select_related("threshold", "run__by")
    ]
    rows.sort(key=lambda row: (row.since, isinstance(row, Determination), row.determined_at), reverse=True)
    chains = [Chain(program, [row for row in rows if row.program == program]) for program in Program]
    return [chain for chain in chains if chain.rows]


def provisions() -> QuerySet[Provision]:
    return Provision.objects.select_related("proposal__proposed_by", "proposal__decided_by").order_by("key", "-since", "-id")


@dataclass(frozen=True)
class Dated:
    """One key on a day: what is in force (None: nothing, or repealed) and what is already voted for later days."""

    key: str
    now: Provision | None
    coming: list[Provision]


def provisions_on(day: date) -> dict[str, Dated]:
    """Every key that ever had a value, in one query."""
    by_key: dict[str, list[Provision]] = {}
    for row in provisions():
        by_key.setdefault(row.key, []).append(row)
    return {key: _dated(key, rows, day) for key, rows in by_key.items()}


def _dated(key: str, rows: list[Provision], day: date) -> Dated:
    """`rows` latest first, the one that supersedes before those of the same day."""
    now = next((row for row in rows if row.since <= day), None)
    last_of_day: dict[date, Provision] = {}
    for row in rows:
        last_of_day.setdefault(row.since, row)
    coming = [row for since, row in sorted(last_of_day.items()) if since > day]
    return Dated(key, now if now and now.value is not None else None, coming)


def line_before(proposal: Proposal) -> Provision | None:
    """The provision this proposal replaces, or replaced when it was approved."""
    rows = Provision.objects.filter(key=proposal.key, since__lte=proposal.since)
    if proposal.status == Proposal.Status.APPROVED:
        rows = rows.filter(pk__lt=proposal.provision.pk)
    return rows.order_by("-since", "-id").first()


def proposals() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("proposed_by", "decided_by", "provision").order_by("-id")


def runs() -> QuerySet[Run]:
    return Run.objects.select_related("by", "provision").order_by("-id")


def counted_runs() -> QuerySet[Run]:
    """Runs with what their chunks have done: `applied`, `already`, `refused`, `given_up`, `chunk_count`, `done_count`, `failed_count`."""
    sums = {name: Coalesce(Sum(f"chunks__{name}"), 0) for name in ("applied", "already", "refused")}
    counts = {
        f"{name}_count": Count("chunks", filter=Q(chunks__status=status))
        for name, status in (("done", RunChunk.Status.DONE), ("failed", RunChunk.Status.FAILED))
    }
    given_up = Coalesce(Sum("chunks__size", filter=Q(chunks__status=RunChunk.Status.CANCELED)), 0)
    return runs().annotate(**sums, **counts, chunk_count=Count("chunks"), given_up=given_up)


@dataclass(frozen=True)
class Ledger:
    """What a run has done at an instant, and whether it adds up."""

    run: Run
    at: datetime

    @property
    def processed(self) -> int:
        return self.run.applied + self.run.already + self.run.refused

    @property
    def holds(self) -> bool:
        """Households of a chunk that was given up are counted as given up, not as done."""
        return self.run.planned == self.processed + self.run.given_up

    @property
    def finished(self) -> bool:
        return self.run.status in Run.ENDED

    @property
    def seconds(self) -> float:
        """Since the first chunk was taken, to the end or until now."""
        if self.run.started_at is None:
            return 0
        return max(((self.run.finished_at or self.at) - self.run.started_at).total_seconds(), 0)

    @property
    def rate(self) -> int | None:
        """Households a second; None while nothing is done."""
        return round(self.processed / self.seconds) if self.processed and self.seconds else None

    @property
    def ends_at(self) -> datetime | None:
        """When it ends at this pace; None when it has ended, is paused or has not begun."""
        if self.finished or self.run.status == Run.Status.PAUSED or not self.processed:
            return None
        left = self.run.planned - self.processed - self.run.given_up
        return self.at + timedelta(seconds=left * self.seconds / self.processed)


def chunks_of(run: Run) -> QuerySet[RunChunk]:
    """What needs eyes first: failed, being done, waiting, then done; without the lists of households."""
    urgency = Case(
        When(status=RunChunk.Status.FAILED, then=0),
        When(status=RunChunk.Status.CLAIMED, then=1),
        When(status=RunChunk.Status.WAITING, then=2),
        default=3,
    )
    return run.chunks.defer("households").order_by(urgency, "position")


def refusals_of(run: Run, user: User) -> QuerySet[Refusal]:
    return Refusal.objects.filter(in_area(user, "household__commune"), run=run).select_related("household__commune").order_by("household")


class Level(StrEnum):
    """The places counts are given by."""

    REGION = "region"
    PROVINCE = "province"
    COMMUNE = "commune"

    @property
    def place(self) -> F:
        return F("commune") if self is Level.COMMUNE else F(f"commune__{self}")

    @property
    def column(self) -> str:
        """Where the same place stands beside the facts `f` and their commune `c`."""
        return {Level.REGION: "f.region", Level.PROVINCE: "c.province_id", Level.COMMUNE: "f.commune_id"}[self]


def registered_by(user: User, level: Level) -> list[dict]:
    """[{place_id, households, people}] of the area, from the tally."""
    rows = _tallied(user, Tally.Measure.REGISTERED).values(place_id=level.place).order_by("place_id")
    return list(rows.annotate(households=Sum("households"), people=Sum("people")))


def enrolled_by(user: User, level: Level) -> list[dict]:
    """[{program, place_id, households, people}]: people are persons covered (AMO) or members of aided households."""
    rows = _tallied(user, Tally.Measure.ENROLLED).values("program", place_id=level.place).order_by("program", "place_id")
    return list(rows.annotate(households=Sum("households"), people=Sum("people")))


def entitled_by(user: User, level: Level) -> list[dict]:
    """[{program, place_id, households, people}] whose score gives the program, from the tally."""
    rows = _tallied(user, Tally.Measure.ENTITLED).values("program", place_id=level.place).order_by("program", "place_id")
    return list(rows.annotate(households=Sum("households"), people=Sum("people")))


def score_histogram(user: User, *, formula: int) -> list[dict]:
    """[{bucket, households, people}], a bucket being one hundredth of score (its floor × 100); of an area, or of one commune."""
    if user.area_level == User.AreaLevel.COMMUNE:
        return _histogram_of_commune(user, formula=formula)
    rows = ScoreTally.objects.filter(in_provinces(user), formula_id=formula).values("bucket").order_by("bucket")
    return [row for row in rows.annotate(households=Sum("households"), people=Sum("people")) if row["households"]]


def _histogram_of_commune(user: User, *, formula: int) -> list[dict]:
    """Counted one by one: the tally of scores stops at the province."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {bucket_sql('a.score')}, count(*), sum(f.size)"
            " FROM eligibility_facts f JOIN eligibility_assessment a ON a.household_id = f.household_id AND a.formula_id = %s"
            " WHERE f.household_id IN (SELECT id FROM households_household WHERE commune_id = ANY(%s)) GROUP BY 1 ORDER BY 1",
            [formula, list(communes_of(user).values_list("pk", flat=True))],
        )
        return [dict(zip(("bucket", "households", "people"), row, strict=True)) for row in cursor.fetchall()]


def _tallied(user: User, measure: str) -> QuerySet[Tally]:
    return Tally.objects.filter(in_area(user), measure=measure)


def _between(user: User, level: Level, *, formula: int, low: int, high: int) -> list[tuple[int, int, int]]:
    """(place, households, people) with low ≤ score ≤ high, by the score index."""
    everywhere = user.area_level == User.AreaLevel.KINGDOM
    communes = None if everywhere else list(communes_of(user).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {level.column}, count(*), sum(f.size)"
            " FROM eligibility_assessment a JOIN eligibility_facts f ON f.household_id = a.household_id"
            " JOIN rsu_commune c ON c.id = f.commune_id"
            " WHERE a.formula_id = %s AND a.score BETWEEN %s AND %s AND (%s::int[] IS NULL OR f.commune_id = ANY(%s::int[]))"
            " GROUP BY 1",
            [formula, low, high, communes, communes],
        )
        return cursor.fetchall()


@dataclass(frozen=True)
class Effect:
    """Who crosses when a line moves: households and the people in them, whole and by region."""

    households: int
    people: int
    regions: list[tuple[Region, int, int]]


def effect_of_line(user: User, *, low: int, high: int, on: date) -> Effect:
    """Households of the area with low < score ≤ high: those a line moved between the two makes gain or lose."""
    rows = _between(user, Level.REGION, formula=law(on).cite("score.formula").id, low=low + 1, high=high)
    places = Region.objects.in_bulk([region for region, _households, _people in rows]) if rows else {}
    regions = [(places[region], households, people) for region, households, people in sorted(rows)]
    return Effect(sum(row[1] for row in rows), sum(row[2] for row in rows), regions)
