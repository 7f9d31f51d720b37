"""What a rehearsed formula would change, read from the report of its run: counts, and the families drawn among the losers.

And what the page of any run says beside its ledger.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Max, Q, QuerySet, Sum, TextChoices
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from households.answers import Sex
from households.models import Household
from rsu import statement
from rsu.models import Milieu, Region, User
from rsu.permissions import in_area

from . import queries, runs
from .curve import Count
from .models import LosingFamily, Program, Refusal, Run, Transition
from .programs import facts_of
from .runs.rehearsals import LARGEST_CLASS
from .score import Formula, Term, threshold_points


class Breakdown(TextChoices):
    """The kinds of households a report counts apart; the value is Transition's own column."""

    REGION = "region", _("région")
    MILIEU = "milieu", _("milieu")
    SIZE = "size", _("taille du ménage")
    SEX = "head_sex", _("sexe du chef de ménage")


NOBODY = Count()


@dataclass(frozen=True)
class Moves:
    """Households of one kind before and after; for those outside, `centimes` is what the program would pay them."""

    label: str
    stays_in: Count = NOBODY
    goes_out: Count = NOBODY
    comes_in: Count = NOBODY
    stays_out: Count = NOBODY

    @property
    def net(self) -> Count:
        return self.comes_in - self.goes_out

    @property
    def households(self) -> int:
        return sum(count.households for count in (self.stays_in, self.goes_out, self.comes_in, self.stays_out))


NAMES = {(True, True): "stays_in", (True, False): "goes_out", (False, True): "comes_in", (False, False): "stays_out"}
"""By (before, after)."""


def reads_reports(user: User) -> bool:
    """A report counts by region: whoever reads a smaller area finds nothing of theirs in it."""
    return user.area_level in (User.AreaLevel.KINGDOM, User.AreaLevel.REGION)


def programs_of(run: Run) -> list[Program]:
    """The programs that had a line under the law the rehearsal met."""
    law = runs.law_met(run)
    return [program for program in Program if law.has(program.threshold_key)]


def line_of(run: Run, program: Program) -> int:
    """The program's line that both scores were compared with."""
    return threshold_points(runs.law_met(run).value(program.threshold_key))


def whole(run: Run, program: Program, user: User) -> Moves:
    (moves,) = _moves(_transitions(run, program, user).values("before", "after"), "", {"": ""}) or [Moves("")]
    return moves


def by_kind(run: Run, program: Program, breakdown: Breakdown, user: User) -> list[Moves]:
    """In the order of the regions, of the sizes, of the words."""
    rows = _transitions(run, program, user).values(breakdown.value, "before", "after").order_by(breakdown.value)
    return _moves(rows, breakdown.value, LABELS[breakdown]())


def _transitions(run: Run, program: Program, user: User) -> QuerySet[Transition]:
    return Transition.objects.filter(_in_regions(user), run=run, program=program)


def _in_regions(user: User) -> Q:
    if not user.is_active or not reads_reports(user):
        return Q(pk__in=[])
    return Q() if user.area_level == User.AreaLevel.KINGDOM else Q(region=user.region_id)


def _moves(rows: QuerySet, column: str, labels: Mapping) -> list[Moves]:
    found: dict = {}
    for row in rows.annotate(n=Sum("households"), members=Sum("people"), money=Sum("centimes")):
        moves = found.setdefault(row.get(column, ""), {})
        moves[NAMES[row["before"], row["after"]]] = Count(row["n"], row["members"], row["money"])
    return [Moves(str(labels[value]), **moves) for value, moves in found.items()]


def _sizes() -> dict[int, str]:
    told = {n: ngettext("%(n)d personne", "%(n)d personnes", n) % {"n": n} for n in range(1, LARGEST_CLASS)}
    return told | {LARGEST_CLASS: gettext("%(n)d personnes ou plus") % {"n": LARGEST_CLASS}}


LABELS = {
    Breakdown.REGION: lambda: {region.pk: str(region) for region in Region.objects.all()},
    Breakdown.MILIEU: lambda: dict(Milieu.choices),
    Breakdown.SIZE: _sizes,
    Breakdown.SEX: lambda: dict(Sex.choices) | {"": gettext("pas de chef de ménage")},
}


# Runs over everyone -----------------------------------------------------------------------------------------------


def everyone_of(run: Run) -> int | None:
    """How many households were registered when a run over everyone was planned: what it must have planned; None for another run."""
    last = run.chunks.filter(households=None).aggregate(last=Max("last"))["last"]
    if last is None or run.kind == Run.Kind.LOAD:
        return None
    return Household.objects.filter(pk__lte=last).count()


def refused_households(run: Run, user: User) -> QuerySet[Refusal]:
    """Those refused for an answer that is missing, in the reader's area.

    A run that only scores refuses whoever was never read, as a reading before it has found.
    """
    if run.kind not in (Run.Kind.FORMULA, Run.Kind.REHEARSAL):
        return queries.refusals_of(run, user)
    never_read = Refusal.objects.filter(in_area(user, "household__commune"), household__facts=None)
    return never_read.select_related("household__commune").order_by("household")


# The families that would lose ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One answer under both formulas, in units of 10⁻⁷ as they are shown; `exact` is the rise times 10⁷ × UNIT × size."""

    label: str
    answer: str
    before: int
    after: int
    exact: int

    @property
    def rise(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class Loser:
    """A family of the sample beside the line it would pass; `facts` are those both scores were made from."""

    row: LosingFamily
    line: int
    facts: dict
    region: str
    before: Formula
    after: Formula

    @cached_property
    def differences(self) -> list[Difference]:
        """Every answer that weighs something under one of the formulas, the greatest rise first; their rises sum to the score's."""
        return differences(self.before, self.after, self.facts, region=self.region)

    @property
    def cause(self) -> Difference:
        """The answer whose part of the score rose most."""
        return self.differences[0]

    @property
    def rise(self) -> int:
        return self.row.after - self.row.before

    @property
    def distance(self) -> int:
        return self.row.after - self.line


def losing_families(run: Run, user: User) -> QuerySet[LosingFamily]:
    """The sample, within the reader's area."""
    return run.losing_families.filter(in_area(user, "household__commune")).select_related("household").order_by("program", "household")


def losers(run: Run, rows: Iterable[LosingFamily]) -> list[Loser]:
    """Families of the sample with what both formulas say of them; as many queries for sixty as for one."""
    rows, law = list(rows), runs.law_met(run)
    before, after = Formula.from_value(runs.formula_before(run).value), Formula.from_value(run.proposal.value)
    readings = queries.readings({row.facts_id for row in rows})
    regions = LABELS[Breakdown.REGION]()
    lines = {program.value: threshold_points(law.value(program.threshold_key)) for program in programs_of(run)}
    found = ((row, facts_of(readings[row.facts_id])) for row in rows if row.facts_id in readings)
    return [Loser(row, lines[row.program], facts, regions[facts["region"]], before, after) for row, facts in found]


def differences(before: Formula, after: Formula, facts: dict, *, region: str) -> list[Difference]:
    """Both sums answer by answer: the terms of one fact are one answer, as size and its square are."""
    old, new = (_by_answer(formula.terms(facts)) for formula in (before, after))
    found = [_difference(old.get(name, []), new.get(name, []), facts["size"], region) for name in {**old, **new}]
    kept = [one for one in found if one.before or one.after]
    return sorted(kept, key=lambda one: -one.exact)


def _by_answer(terms: list[Term]) -> dict[str, list[Term]]:
    grouped: dict[str, list[Term]] = {}
    for term in terms:
        grouped.setdefault(term.fact or term.code, []).append(term)
    return grouped


def _difference(old: list[Term], new: list[Term], size: int, region: str) -> Difference:
    label, answer = statement.told((new or old)[0], size, region)
    exact = sum(term.numerator for term in new) - sum(term.numerator for term in old)
    return Difference(label, answer, sum(term.points for term in old), sum(term.points for term in new), exact)
