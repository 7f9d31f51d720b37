"""Score and law give the standing in each program, with the findings that explain it on a day."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rsu.wording import day

from .determinations import BANDS, GRACE, band_points
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

    `distance` is threshold − score: how far inside the line, negative when outside. `kept_since`: the score has crossed the line
    that day, and the right is kept while somebody verifies; `runs_until`: the right is lost and runs on until that day, excluded.
    `pending`: the law has changed and its run has not reached the household, whose decision of before stands.
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
    kept_since: date | None = None
    runs_until: date | None = None
    pending: bool = False

    @property
    def under_line(self) -> bool:
        return entitled(self.score, self.threshold)

    @property
    def kept(self) -> str:
        """Why a right runs above its line, for the family; empty when it does not."""
        return kept_sentence(self.kept_since) if self.kept_since else grace_sentence(self.runs_until) if self.runs_until else ""

    @property
    def waits(self) -> str:
        """What is said while the decision of before stands against the law of the day; empty when it does not."""
        return pending_sentence(decided=self.entitled) if self.pending else ""

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


@dataclass(frozen=True)
class Kept:
    """A right above its line: `since` the day the loss began to wait, or `until` the first day after its grace."""

    since: date | None = None
    until: date | None = None


def stand(
    program: Program, *, score: int, law: Law, formula: Formula, facts: dict, period=None, kept: Kept | None = None
) -> ProgramStanding:
    """The program's answer to a score, its reasons, and the three smallest changes that would cross its line.

    `period` is the determination of the day: it is what was decided, and stands until a run or a declaration decides again.
    """
    citation = law.cite(program.threshold_key)
    threshold = threshold_points(citation.value)
    kept = kept or Kept()
    wanted = entitled(score, threshold) or kept.since is not None
    answer = wanted if period is None else period.entitled
    findings = _findings(score=score, threshold=threshold, citation=citation, law=law, kept=kept, pending=answer != wanted)
    if answer != wanted:
        findings.append(Finding(pending_sentence(decided=answer), citation))
    return ProgramStanding(
        program=program,
        entitled=answer,
        score=score,
        threshold=threshold,
        citation=citation,
        findings=findings + _softened(program, kept, law=law),
        since=period and period.since,
        determination_id=period and period.pk,
        levers=levers(formula, facts, threshold)[:3],
        kept_since=kept.since,
        runs_until=kept.until,
        pending=answer != wanted,
    )


def pending_sentence(*, decided: bool) -> str:
    if decided:
        return _("La loi a changé et ce droit n’a pas encore été relu : il reste ouvert jusque-là.")
    return _("La loi a changé et ce droit n’a pas encore été relu : il reste fermé jusque-là.")


def kept_right(program: Program, *, score: int, law: Law, period, held_on: date | None) -> Kept:
    """What softens a score above the line on the law's day: `period` is the determination of that day, `held_on` since when a loss waits.

    Read against the line and the band of the day, even while the run that will write it down is at work.
    """
    line = threshold_points(law.value(program.threshold_key))
    if period is None or entitled(score, line):
        return Kept()
    if not period.entitled:
        return Kept(until=grace_on(period, law.on))
    waits = period.since < law.on and score <= line + band_points(program, law)
    return Kept(since=held_on or law.on) if waits else Kept()


def grace_on(period, on: date) -> date | None:
    """The first day without the right, for a period of no that grace still covers on the day."""
    return period.grace_until if not period.entitled and period.grace_until and on < period.grace_until else None


def kept_sentence(since: date) -> str:
    return _("L’indice a passé le seuil de peu : le droit est maintenu depuis le %(day)s, le temps de vérifier les réponses.") % {
        "day": day(since)
    }


def grace_sentence(until: date) -> str:
    """The last day is said, not the first day without the right."""
    return _("Le droit est perdu et court encore jusqu’au %(day)s inclus.") % {"day": day(until - timedelta(days=1))}


def _softened(program: Program, kept: Kept, *, law: Law) -> list[Finding]:
    """With the provision that keeps the right; one that is not in force any more still gave what it gave."""
    if kept.since:
        return [Finding(kept_sentence(kept.since), law.cite(BANDS[program]))]
    if kept.until:
        return [Finding(grace_sentence(kept.until), law.cite(GRACE[program] if law.has(GRACE[program]) else program.threshold_key))]
    return []


def programs_in_force(law: Law) -> list[Program]:
    """Programs that have a threshold on the law's day."""
    return [program for program in Program if law.has(program.threshold_key)]


def _findings(*, score: int, threshold: int, citation: Provision, law: Law, kept: Kept, pending: bool) -> list[Finding]:
    """How the score was made, then where it stands: each sentence with the text it rests on, in the reader's language."""
    formula = law.cite("score.formula")
    values = {"score": _decimal(score), "threshold": _decimal(threshold), "distance": _decimal(abs(threshold - score))}
    computed = _("L’indice de %(score)s vient de la formule : %(source)s.") % (values | {"source": _source(formula)})
    if entitled(score, threshold):
        sentence = (
            _("L’indice ne dépasse pas le seuil de %(threshold)s (%(source)s) ; il en est à %(distance)s.")
            if pending
            else _("L’indice ne dépasse pas le seuil de %(threshold)s (%(source)s) ; il en est à %(distance)s : le droit est ouvert.")
        )
    elif kept != Kept() or pending:
        sentence = _("L’indice dépasse de %(distance)s le seuil de %(threshold)s (%(source)s).")
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
