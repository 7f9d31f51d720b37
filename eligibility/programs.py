"""Score and law give the standing in each program, with the findings that explain it on a day."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .facts import FACTS
from .law import Law, Provision, in_script
from .levers import Lever, levers
from .models import Program
from .score import Formula, Term, entitled, format_points, threshold_points


@dataclass(frozen=True)
class Finding:
    """One sentence of a decision and the provision it rests on."""

    sentence: str
    citation: Provision


@dataclass(frozen=True)
class ProgramStanding:
    """Where a score stands in one program on a day; `since` is when the present answer began (None: not determined yet).

    `distance` is threshold − score: how far inside the line, negative when outside.
    """

    program: Program
    entitled: bool
    score: int
    threshold: int
    citation: Provision
    findings: list[Finding]
    since: date | None = None
    determination_id: int | None = None
    levers: list[Lever] = field(default_factory=list)

    @property
    def distance(self) -> int:
        return self.threshold - self.score

    @property
    def label(self) -> str:
        return self.program.label


@dataclass(frozen=True)
class Standing:
    """A household's score and rights on a day, all from what was stored; `missing` names the facts its answers do not give."""

    household: object
    on: date
    facts: dict
    score: int | None
    formula: Provision | None
    terms: list[Term]
    programs: list[ProgramStanding]
    missing: list[str]

    @cached_property
    def by_program(self) -> dict[str, ProgramStanding]:
        return {standing.program.value: standing for standing in self.programs}


def stand(program: Program, *, score: int, law: Law, formula: Formula, facts: dict, since=None, determination_id=None) -> ProgramStanding:
    """The program's answer to a score, its reasons, and the three smallest changes that would cross its line."""
    citation = law.cite(program.threshold_key)
    threshold = threshold_points(citation.value)
    return ProgramStanding(
        program=program,
        entitled=entitled(score, threshold),
        score=score,
        threshold=threshold,
        citation=citation,
        findings=_findings(score=score, threshold=threshold, citation=citation, law=law),
        since=since,
        determination_id=determination_id,
        levers=levers(formula, facts, threshold)[:3],
    )


def programs_in_force(law: Law) -> list[Program]:
    """Programs that have a threshold on the law's day."""
    return [program for program in Program if law.has(program.threshold_key)]


def _findings(*, score: int, threshold: int, citation: Provision, law: Law) -> list[Finding]:
    """How the score was made, then where it stands: each sentence with the text it rests on, in the reader's language."""
    formula = law.cite("score.formula")
    values = {"score": _decimal(score), "threshold": _decimal(threshold), "distance": _decimal(abs(threshold - score))}
    computed = _("L’indice de %(score)s vient de la formule : %(source)s.") % (values | {"source": _source(formula)})
    if entitled(score, threshold):
        sentence = _("L’indice ne dépasse pas le seuil de %(threshold)s (%(source)s) ; il en est à %(distance)s : le droit est ouvert.")
    else:
        sentence = _("L’indice dépasse de %(distance)s le seuil de %(threshold)s (%(source)s) : le droit n’est pas ouvert.")
    return [Finding(computed, formula), Finding(sentence % (values | {"source": _source(citation)}), citation)]


def _source(provision: Provision) -> str:
    return in_script(provision.source, arabic=get_language() == "ar")


def _decimal(points: int) -> str:
    return format_points(points).replace(".", ",")


def facts_of(row) -> dict:
    """The facts of a stored row as the formula reads them."""
    return {"milieu": row.milieu, "region": row.region, "size": row.size} | {fact.name: getattr(row, fact.name) for fact in FACTS}
