"""What a family must be told before it acts: a health cover it is told to take may cost it the aid it lives on.

The formula adds points as soon as one member has another cover (U14, R13): joining AMO ACHAMIL, or a first registered job.
"""

from dataclasses import dataclass

from .law import Law, Provision
from .models import Program
from .programs import ProgramStanding, Standing
from .score import Formula, entitled, threshold_points

BANDS = "amo_achamil.bands"
ACHAMIL = "amo_achamil"


@dataclass(frozen=True)
class CoverCost:
    """With another cover in the household the score is `after`, and the programs `lost` close.

    `achamil`: the family is one that AMO ACHAMIL is for, and that cover counts; `monthly` is then what it costs, in centimes a
    month, by `citation` (both None where no band of the day holds the score).
    """

    before: int
    after: int
    lost: list[ProgramStanding]
    achamil: bool = False
    monthly: int | None = None
    citation: Provision | None = None


def cost_of_cover(standing: Standing, law: Law) -> CoverCost | None:
    """What a first other cover in the household would lose; None when it would lose nothing, or when there is one already."""
    facts = standing.facts
    if standing.score is None or facts.get("other_cover") != 0:
        return None
    after = Formula.from_value(standing.formula.value).score({**facts, "other_cover": 1})
    lost = [one for one in standing.programs if one.entitled and one.under_line and not entitled(after, one.threshold)]
    if not lost:
        return None
    if not _achamil_is_for(standing, law):
        return CoverCost(standing.score, after, lost)
    monthly, citation = _contribution(standing.score, law)
    return CoverCost(standing.score, after, lost, achamil=True, monthly=monthly, citation=citation)


def _achamil_is_for(standing: Standing, law: Law) -> bool:
    """Who has AMO-TADAMON needs no other cover; a cover that the law stops counting costs nothing."""
    amo = standing.by_program.get(Program.AMO_TADAMON.value)
    return (amo is None or not amo.entitled) and ACHAMIL not in law.value("score.cover_not_counted")


def _contribution(score: int, law: Law) -> tuple[int | None, Provision | None]:
    if not law.has(BANDS):
        return None, None
    cited = law.cite(BANDS)
    for band in cited.value:
        low, high = threshold_points(band["above"]), band.get("up_to")
        if low < score and (high is None or entitled(score, threshold_points(high))):
            return band["monthly"], cited
    return None, None
