"""What upholding an appeal would do, by doing it and undoing it all; and what it did, as the appeal keeps it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import eligibility.queries
import eligibility.runs
import enrollment.services
from eligibility.models import Determination, PastDetermination
from eligibility.replays import Replay, replay
from enrollment.models import AllowanceLine, Appeal, Enrollment
from enrollment.services import AppealRefused
from households.models import Household, Member, Request
from households.services import DeclarationRefused, RequestOutdated
from households.updates import told_conflicts
from rsu.authentication import engine
from rsu.desk import casework
from rsu.desk.household import bring_up_to_date
from rsu.desk.requests import effects
from rsu.desk.undone import undone
from rsu.models import User
from rsu.templatetags.rsu import person_name


@dataclass(frozen=True)
class Cover:
    """A period given back to one person, or to the household; `until` is exclusive."""

    who: str
    program: str
    since: date
    until: date


@dataclass(frozen=True)
class Month:
    """A month given back: `lines` say why this amount; `written` is what had been written of it, None when nothing had."""

    month: date
    amount: int
    written: int | None = None
    lines: list[tuple[str, int | None, int]] = field(default_factory=list)

    @property
    def difference(self) -> int:
        return self.amount - (self.written or 0)


@dataclass(frozen=True)
class Given:
    """What is given back, or would be."""

    covers: list[Cover] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)
    hindrances: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(one.difference for one in self.months)


@dataclass(frozen=True)
class Seen:
    """Score, rights, month and cover before and after, as a request shows them, and what would be given back."""

    foreseen: effects.Foreseen
    given: Given
    refused: dict[str, str] = field(default_factory=dict)
    """By field, why upholding it so would be refused."""


def foresee(appeal: Appeal, *, accepted: Collection[str] | None, since: date | None, on: date, by: User) -> Seen:
    """An auditor's reading is computed by the engine, who may do everything."""
    doer = by if by.role in (User.Role.CASEWORKER, User.Role.SUPERVISOR) else engine()
    try:
        with undone():
            seen = _applied(appeal, accepted=accepted, since=since, on=on, by=doer)
    except RequestOutdated as outdated:
        return Seen(effects.Foreseen(conflicts=told_conflicts(appeal.request, outdated.conflicts)), Given())
    except DeclarationRefused as refused:
        return Seen(effects.Foreseen(problems=refused.problems), Given())
    except AppealRefused as refused:
        return Seen(effects.Foreseen(refusal=str(refused)), Given(), refused.problems)
    return seen


def _applied(appeal: Appeal, *, accepted: Collection[str] | None, since: date | None, on: date, by: User) -> Seen:
    law = eligibility.queries.law(on)
    eligibility.runs.lock_law_for_reading()
    eligibility.runs.lock_blocks([appeal.household_id])
    bring_up_to_date(Household.objects.get(pk=appeal.household_id), on=on)
    before = casework.picture(appeal.household_id, on=on, law=law)
    repair = enrollment.services.repair_by(appeal, accepted=accepted, since=since, on=on, by=by)
    after = casework.picture(appeal.household_id, on=on, law=law)
    outcomes = effects.outcomes(casework.Effect([(before, after)], []), appeal.request)
    done = Request.objects.get(pk=appeal.request_id) if appeal.ground == Appeal.Ground.ANSWER else None
    carried = effects.carried_by(done, appeal.request.touched)
    return Seen(effects.Foreseen(outcomes, carried=carried), given(appeal, enrollment.services.told_of(repair)))


def given(appeal: Appeal, told: dict) -> Given:
    """From the record of a repair, in words: `told` is `Appeal.effect`, or what would be kept in it."""
    names = {one.idcs: person_name(one) for one in Member.objects.filter(household=appeal.household_id)}
    programs = dict(Enrollment._meta.get_field("program").choices)
    covers = [
        Cover(names.get(one["idcs"], one["idcs"]), str(programs[one["program"]]), *(date.fromisoformat(one[n]) for n in ("since", "until")))
        for one in told.get("covers", ())
    ]
    wanted = [*told.get("months", ()), *told.get("to_correct", ())]
    lines = _lines([one["allowance"] for one in wanted])
    months = [
        Month(
            date.fromisoformat(one["month"]),
            one["due"] if "due" in one else one["amount"],
            one.get("written"),
            [] if "due" in one else lines.get(one["allowance"], []),
        )
        for one in wanted
    ]
    return Given(covers, sorted(months, key=lambda one: one.month), told.get("hindrances", []))


def _lines(ids: list[int]) -> dict[int, list[tuple[str, int | None, int]]]:
    found: dict[int, list] = {}
    for row in AllowanceLine.objects.filter(allowance__in=ids).order_by("allowance", "position"):
        found.setdefault(row.allowance_id, []).append((str(row.get_kind_display()), row.rank, row.amount))
    return found


def replayed(appeal: Appeal) -> Replay | None:
    """The contested right made again from what was stored with it; one that an appeal has cut away is found where it was kept."""
    if appeal.determination_id is None:
        return None
    row = Determination.objects.filter(pk=appeal.determination_id, household=appeal.household_id).first()
    row = row or PastDetermination.objects.filter(determination_id=appeal.determination_id, household=appeal.household_id).first()
    return replay(row) if row else None
