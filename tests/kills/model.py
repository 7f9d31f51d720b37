"""What every right must be, computed from the answers and the law alone: exact fractions, day by day, nothing read that the engine wrote."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from django.db import connection

from eligibility import queries, verification
from eligibility.assessments import reading_parameters, reading_sql
from eligibility.facts import FACTS
from eligibility.law import Law
from eligibility.models import OPEN, Assessment, Determination, Facts, Program, Provision, Refusal, Run, RunChunk
from eligibility.scope import Scope
from eligibility.score import threshold_points
from households.models import Household
from tests.eligibility import oracle

STEP = 5000
COMPARED = ["commune_id", "milieu", "region", "size", "stale_on", *(fact.name for fact in FACTS)]
READING = {milieu: {code: reading for code, reading, _coefficient in lines} for milieu, lines in oracle.LINES.items()}
Answers = dict[str, bool]


class Model:
    """The rights of days gone by, kept; those of today, computed again at each check."""

    def __init__(self, first: date) -> None:
        self.first = first
        self.founding = Provision.objects.get(key="score.formula", proposal=None).value
        self.exact: dict[tuple, Fraction] = {}
        self.history: dict[int, list[tuple[date, Answers]]] = {}

    def live_until(self, day: date) -> None:
        """The answers of every day before this one, from the declarations as they stand now and the law as it is voted now."""
        for number in range((day - self.first).days):
            on = self.first + timedelta(days=number)
            law = queries.law(on)
            for household, reading in readings(law):
                self.history.setdefault(household, []).append((on, self.answers(reading, law)))

    def answers(self, facts: dict, law: Law) -> Answers:
        score = self.score(facts, law)
        return {program.value: score <= threshold_points(law.value(program.threshold_key)) for program in Program}

    def score(self, facts: dict, law: Law) -> int:
        """The oracle's exact score, with what the formula in force has changed since the founding one."""
        key = tuple(facts[name] for name in ("milieu", "region", "size", *(fact.name for fact in FACTS)))
        if key not in self.exact:
            self.exact[key] = oracle.exact_score(facts)
        milieu, value = facts["milieu"], law.value("score.formula")
        moved = Fraction(value["constant"][milieu]) - Fraction(self.founding["constant"][milieu])
        for old, new in zip(self.founding["variables"][milieu], value["variables"][milieu], strict=True):
            if old["coefficient"] != new["coefficient"]:
                change = Fraction(new["coefficient"]) - Fraction(old["coefficient"])
                moved += change * oracle.amount(READING[milieu][new["code"]], facts)
        return oracle.half_up(self.exact[key] + moved)

    # What the registry says, compared

    def check(self, today: date) -> list[str]:
        """Every difference; empty when the whole registry is right."""
        law = queries.law(today)
        found = [*self.ledgers(), *(f"{found.household} {found.sentence}" for found in verification.differences(on=today))]
        formula = law.cite("score.formula").id
        scores = {row.household_id: row for row in Assessment.objects.filter(formula_id=formula)}
        stored = {row["household_id"]: row for row in Facts.objects.values("household_id", "id", *COMPARED)}
        chains = _chains()
        refused = set(Refusal.objects.values_list("household_id", flat=True))
        for household, reading in readings(law):
            if reading["missing"]:
                reading = stored.get(household)
                if household not in refused:
                    found.append(f"{household}: {reading} should be refused")
                if reading is None:
                    continue
            elif household in refused:
                found.append(f"{household}: refused and complete")
            found += self._compare(household, reading, law, stored.get(household), scores.get(household), chains.get(household, {}), today)
        return found

    def _compare(self, household, reading, law, stored, score, chains, today) -> Iterator[str]:
        if stored is None or score is None:
            yield f"{household}: never read or never scored"
            return
        differ = [f"{name} {stored[name]} → {reading[name]}" for name in COMPARED if stored[name] != reading[name]]
        if differ:
            yield f"{household}: facts {', '.join(differ)}"
        if (score.score, score.facts_id) != (self.score(reading, law), stored["id"]):
            yield f"{household}: score {score.score}, {self.score(reading, law)} from scratch"
        now = self.answers(reading, law)
        for program in Program:
            days = [(day, answers[program.value]) for day, answers in self.history.get(household, [])]
            expected = _periods([*days, (today, now[program.value])])
            if chains.get(program.value) != expected:
                yield f"{household} {program.value}: {_told(chains.get(program.value))}, {_told(expected)} from scratch"

    def ledgers(self) -> Iterator[str]:
        """Every run's equation, and nothing left in anybody's hands."""
        for run in Run.objects.order_by("id"):
            chunks = list(RunChunk.objects.filter(run=run).values("size", "applied", "already", "refused", "status"))
            sums = {name: sum(chunk[name] for chunk in chunks) for name in ("size", "applied", "already", "refused")}
            if run.status != "closed" or {chunk["status"] for chunk in chunks} - {"done"}:
                yield f"run {run.pk} {run.kind}: {run.status} {run.reason}"
            if not run.planned == sums["size"] == sums["applied"] + sums["already"] + sums["refused"]:
                yield f"run {run.pk} {run.kind}: {run.planned} planned, {sums}"


def readings(law: Law) -> Iterator[tuple[int, dict]]:
    """Every household's answers read as of the law's day, by ranges."""
    last = Household.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for start in range(0, last + 1, STEP):
        scope = Scope(first=start, last=start + STEP - 1)
        with connection.cursor() as cursor:
            cursor.execute(reading_sql(scope), reading_parameters(law) | scope.parameters)
            names = [column.name for column in cursor.description]
            for row in cursor.fetchall():
                reading = dict(zip(names, row, strict=True))
                yield reading["household_id"], reading


def _chains() -> dict[int, dict[str, list]]:
    """Each chain as its days of change; one that is not contiguous to the end of time is told whole, and equals nothing."""
    chains: dict[int, dict[str, list]] = {}
    columns = ("household_id", "program", "since", "until", "previous_until", "entitled")
    for household, program, since, until, before, entitled in Determination.objects.order_by("since").values_list(*columns):
        chains.setdefault(household, {}).setdefault(program, []).append((since, until, before, entitled))
    return {household: {program: _contiguous(rows) for program, rows in programs.items()} for household, programs in chains.items()}


def _contiguous(rows: list[tuple]) -> list[tuple]:
    ends = [None, *(until for _since, until, _before, _entitled in rows)]
    whole = all(before == end and before in (None, since) for (since, _until, before, _entitled), end in zip(rows, ends, strict=False))
    return [(since, entitled) for since, _until, _before, entitled in rows] if whole and ends[-1] == OPEN else rows


def _periods(days: list[tuple[date, bool]]) -> list[tuple[date, bool]]:
    periods: list[tuple[date, bool]] = []
    for day, entitled in days:
        if not periods or periods[-1][1] is not entitled:
            periods.append((day, entitled))
    return periods


def _told(chain: list[tuple] | None) -> str:
    return " ".join(f"{period[0]}:{period[-1]}" for period in chain or []) or "no chain"
