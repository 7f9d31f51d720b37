"""What a family must be told before it acts: taking the cover it is told to take may cost it the aid it has.

As the text of the score stands, any cover but those it names counts. A family above the line of AMO-TADAMON is sent to AMO ACHAMIL,
whose contribution follows its score; that cover is weighed like another, and may carry the score over the line of direct aid.
"""

from dataclasses import dataclass

from .law import Law, Provision
from .models import Program
from .programs import Standing
from .score import Formula, entitled, threshold_points

COVER = "amo_achamil"
BANDS, NOT_COUNTED = "amo_achamil.bands", "score.cover_not_counted"


@dataclass(frozen=True)
class Trap:
    """Joining AMO ACHAMIL would bring the score to `score`, above `threshold`; `monthly` is its contribution in centimes."""

    score: int
    threshold: int
    monthly: int | None
    citation: Provision


def achamil_trap(standing: Standing, law: Law) -> Trap | None:
    """For a family that AMO-TADAMON does not take and that has direct aid: whether the other cover would take the aid away."""
    aid, cover = (standing.by_program.get(program.value) for program in (Program.DIRECT_AID, Program.AMO_TADAMON))
    if not aid or not cover or not aid.under_line or cover.under_line or COVER in law.value(NOT_COUNTED):
        return None
    joined = Formula.from_value(standing.formula.value).score(standing.facts | {"other_cover": 1})
    if entitled(joined, aid.threshold):
        return None
    return Trap(joined, aid.threshold, contribution(standing.score, law), law.cite(NOT_COUNTED))


def contribution(score: int, law: Law) -> int | None:
    """Centimes a month of AMO ACHAMIL for a score; None below its first band or while no band is in force."""
    bands = law.value(BANDS) if law.has(BANDS) else []
    found = [band["monthly"] for band in bands if score > threshold_points(band["above"]) and _within(score, band)]
    return found[0] if found else None


def _within(score: int, band: dict) -> bool:
    return "up_to" not in band or entitled(score, threshold_points(band["up_to"]))
