"""What a request would do, as the page shows it: score, rights, month of aid and people covered, before and after."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from eligibility.models import Program
from eligibility.wording import WORDS
from enrollment.models import AllowanceLine
from enrollment.services import Month
from households.models import Household, Request
from households.problems import Problem
from households.services import DeclarationRefused, RequestOutdated, RequestRefused
from households.updates import Line, Side, parted, paths_of, sides_of, told_conflicts
from rsu.authentication import engine
from rsu.desk import casework
from rsu.desk.casework import Effect, Picture
from rsu.models import User


@dataclass(frozen=True)
class Right:
    """One program's right; None where the household is not registered."""

    program: Program
    before: bool | None
    after: bool | None


@dataclass(frozen=True)
class Outcome:
    """One household before and after; a side is None where the household is not registered."""

    title: str
    household: Household | None
    before: Picture | None
    after: Picture | None
    rights: list[Right]
    months: list[tuple[str, Month, list[tuple[str, int | None, int]]]]
    """("before" or "after" in words, month, its lines: why, rank of the child, centimes)."""

    @property
    def amounts(self) -> list[int | None]:
        """Centimes of the month, before and after."""
        return [side.month.amount if side and side.month else None for side in (self.before, self.after)]

    @property
    def covered(self) -> list[int | None]:
        return [side.covered if side else None for side in (self.before, self.after)]

    @property
    def sizes(self) -> list[int | None]:
        return [side.size if side else None for side in (self.before, self.after)]

    @property
    def difference(self) -> int | None:
        scores = [side.standing.score for side in (self.before, self.after) if side]
        return scores[1] - scores[0] if len(scores) == 2 and None not in scores else None


@dataclass(frozen=True)
class Foreseen:
    """What would be, or why it cannot be told: conflicts with the registry, answers to mend, a sentence."""

    outcomes: list[Outcome] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    conflicts: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refusal: str = ""
    carried: list[Side] = field(default_factory=list)
    """Answers that would change too, without being named: asked no more once the others have changed."""

    @property
    def ready(self) -> bool:
        return not (self.conflicts or self.problems or self.refusal)


def foresee(request: Request, *, on: date, by: User) -> Foreseen:
    """Computed by doing it and undoing it all; an auditor's reading is computed by the engine, who may do everything."""
    doer = by if by.role in (User.Role.CASEWORKER, User.Role.SUPERVISOR) else engine()
    named = paths_of(sides_of(request))
    drafted = request.status == Request.Status.DRAFT
    try:
        effect = (casework.foresee_sent if drafted else casework.foresee)(request, on=on, by=doer)
    except RequestOutdated as outdated:
        return Foreseen(conflicts=told_conflicts(request, outdated.conflicts))
    except DeclarationRefused as refused:
        return Foreseen(problems=refused.problems)
    except RequestRefused as refused:
        return Foreseen(refusal=" ".join(refused.problems.values()))
    return Foreseen(outcomes(effect, request), reasons_in_words(effect.reasons), carried=carried_by(effect.done, named))


def carried_by(done: Request | None, named: Collection[str]) -> list[Side]:
    """What the request applied has changed beyond what was shown of it."""
    return parted(sides_of(done), named)[1] if done else []


def outcomes(effect: Effect, request: Request) -> list[Outcome]:
    return [_outcome(before, after, request) for before, after in effect.pairs]


def reasons_in_words(codes: Iterable[str]) -> list[str]:
    """Why a second person must sign: what the request does, as the law's own page says it."""
    return [str(WORDS[code]) for code in codes]


def _outcome(before: Picture | None, after: Picture | None, request: Request) -> Outcome:
    household = (after or before).household if after or before else None
    founded = before is None and request.undoes_id is None
    rights = [Right(program, _entitled(before, program), _entitled(after, program)) for program in Program]
    months = [(word, side.month, _lines(side.month)) for word, side in ((_("Avant"), before), (_("Après"), after)) if side and side.month]
    title = _("Le nouveau ménage") if founded else _("Ménage")
    return Outcome(title, None if founded else household, before, after, rights, months)


def _entitled(picture: Picture | None, program: Program) -> bool | None:
    return picture and program.value in picture.entitled


def _lines(month: Month) -> list[tuple[str, int | None, int]]:
    kinds = dict(AllowanceLine.Kind.choices)
    return [(str(kinds[line.kind]), line.rank, line.amount) for line in month.lines]
