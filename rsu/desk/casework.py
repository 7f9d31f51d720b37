"""A request made true with all that follows from it, or seen before it is: the same services either way, kept or undone.

One transaction takes the locks in their order (the law, blocks of households, rows), applies the request, has every household it
touches read, scored and proposed, and compares what stood with what stands. Before an approval the whole is undone; what a
supervisor sees is what will be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

import eligibility.queries
import eligibility.runs
import eligibility.services
import enrollment.queries
import enrollment.services
import households.services
from eligibility.law import Law
from eligibility.models import Program
from eligibility.programs import Standing
from enrollment.services import Month
from households.models import Household, Request
from households.services import SecondNeeded
from rsu.authentication import engine
from rsu.models import User

from .undone import undone

SIGNED = "request.second_signature"
GAINS, LOSES, STRIKING_OFF, MERGE = "gains_right", "loses_right", "striking_off", "merge"


@dataclass(frozen=True)
class Picture:
    """A household on a day: score and rights, the month of aid as the day would read it (None: no right), persons AMO would cover."""

    household: Household
    standing: Standing
    month: Month | None
    covered: int
    size: int

    @property
    def entitled(self) -> set[str]:
        return {one.program.value for one in self.standing.programs if one.entitled}


@dataclass(frozen=True)
class Effect:
    """Each household a request touches, before and after; None where it is not registered yet, or no longer."""

    pairs: list[tuple[Picture | None, Picture | None]]
    reasons: list[str]
    """Why a second person must sign, as the law of the day names it."""
    done: Request | None = None
    """The request as applied, its answers before and after; None where it had been applied already."""


def foresee(request: Request, *, on: date, by: User) -> Effect:
    """What the request would do if it were applied now. Raises as `process` does, save SecondNeeded."""
    with undone():
        effect = _applied(request, on=on, by=by)[1]
    return effect


def foresee_sent(draft: Request, *, on: date, by: User) -> Effect:
    """The same for a draft, as if it had just been sent."""
    with undone():
        eligibility.runs.lock_law_for_reading()
        eligibility.runs.lock_blocks(households.services.households_of_request(draft))
        law = eligibility.queries.law(on)
        sent = households.services.submit_request(token=draft.token, on=on, by=by, law=law)
        effect = _applied(sent, on=on, by=by)[1]
    return effect


def process(request_id: int, *, on: date, by: User) -> tuple[Request, Effect]:
    """Apply the request and all that follows, once. Applied before, its effect is empty.

    Raises Forbidden, RequestRefused, DeclarationRefused, RequestOutdated, and SecondNeeded: nothing is applied then, and the
    request says why it waits for a supervisor.
    """
    request = Request.objects.select_related("household", "other").get(pk=request_id)
    try:
        with transaction.atomic():
            done, effect = _applied(request, on=on, by=by)
            if effect.reasons:
                done = households.services.sign_second(request_id=done.pk, reasons=effect.reasons, on=on, by=by)
            return done, effect
    except SecondNeeded as needed:
        households.services.await_second(request_id=request_id, reasons=needed.reasons, on=on, by=by)
        raise


def _applied(request: Request, *, on: date, by: User) -> tuple[Request, Effect]:
    touched = households.services.households_of_request(request)
    eligibility.runs.lock_law_for_reading()
    eligibility.runs.lock_blocks(touched)
    # Two people who press the button together wait here for one another: the second must see what the first has done.
    was = Request.objects.select_for_update(of=("self",)).values_list("status", flat=True).get(pk=request.pk)
    law = eligibility.queries.law(on)
    _assess(touched, on=on, by=by)
    before = {pk: picture(pk, on=on, law=law) for pk in touched}
    done = households.services.apply_request(request_id=request.pk, on=on, by=by, law=law)
    if was == Request.Status.PROCESSED:
        return done, Effect([], [])
    after_ids = households.services.households_of_request(done)
    _assess(after_ids, on=on, by=by)
    after = {pk: picture(pk, on=on, law=law) for pk in after_ids}
    pairs = [(before.get(pk), after[pk]) for pk in after_ids]
    return done, Effect(pairs, _reasons(done, before, after, law), done)


def _assess(ids: list[int], *, on: date, by: User) -> None:
    due = Household.objects.filter(pk__in=ids).filter(Q(due_since__isnull=False)).order_by("pk").values_list("pk", flat=True)
    if due := list(due):
        eligibility.services.assess_households(due, on=on, by=engine())
    for pk in ids:
        enrollment.services.propose_for_household(pk, on=on, by=engine())


def picture(pk: int, *, on: date, law: Law) -> Picture | None:
    household = Household.objects.select_related("commune__region").get(pk=pk)
    if household.struck_off_on:
        return None
    standing = eligibility.queries.standing(household, on=on)
    entitled = {one.program: one.entitled for one in standing.programs}
    covered = 0
    if entitled.get(Program.AMO_TADAMON):
        covered = sum(len(unit.people) for unit in enrollment.queries.sorted_members(household, on, law).units)
    month = None
    if entitled.get(Program.DIRECT_AID):
        month = enrollment.services.month_of(household, month=on.replace(day=1), read_on=on)
    return Picture(household, standing, month, covered, household.members.count())


def _reasons(request: Request, before: dict, after: dict, law: Law) -> list[str]:
    """Among what the law wants signed twice, what this request does.

    A household founded is compared with the one it came from; who moves from one household to another, with the one they leave.
    """
    asked = law.value(SIGNED)
    origin, survivor = before.get(request.household_id), after.get(request.household_id)
    lived = [(before.get(pk, origin), after[pk] or _heir(request, survivor)) for pk in after]
    if request.occasion == Request.Occasion.TRANSFER:
        here, there = (request.household_id, request.other_id) if request.undoes_id is None else (request.other_id, request.household_id)
        lived.append((before.get(there), after[here]))
    does: dict[str, Callable[[], bool]] = {
        GAINS: lambda: any(_rights(now) - _rights(then) for then, now in lived),
        LOSES: lambda: any(_rights(then) - _rights(now) for then, now in lived),
        STRIKING_OFF: lambda: request.kind == Request.Kind.STRIKING_OFF,
        MERGE: lambda: request.occasion == Request.Occasion.MERGE,
    }
    return [code for code in asked if code in does and does[code]()]


def _heir(request: Request, survivor: Picture | None) -> Picture | None:
    """Who lived in a household that is absorbed lives in the survivor."""
    return survivor if request.occasion in (Request.Occasion.MERGE, Request.Occasion.SPLIT) else None


def _rights(picture: Picture | None) -> set[str]:
    return picture.entitled if picture else set()
