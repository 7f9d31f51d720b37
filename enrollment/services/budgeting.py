"""Keeping the budget: months foreseen and kept, scenarios counted, what was written folded."""

import logging
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from eligibility import wording
from eligibility.law import FORMULA, faults_of
from eligibility.models import Proposal, Run
from eligibility.permissions import check_propose
from eligibility.queries import law as law_on
from households.models import Household
from rsu import audit
from rsu.models import User
from rsu.months import first_of_next_month, months_between
from rsu.outbox import send
from rsu.permissions import check_role

from .. import spending
from ..forecasts import Cell, Difference, Reading, compare_months, count_month, digest_of, law_of
from ..models import BudgetForecast, ForecastDifference, ForecastLine, Scenario

logger = logging.getLogger(__name__)
MONTHS_AHEAD = 12
"""The current month and those after it that are always foreseen."""
RECONCILED = 3
"""Months before the current one whose sums are compared with every line, each night."""
AT_ONCE = 60_000
"""Households, counted once a month foreseen, that a page may wait for; a worker counts the others."""


class ScenarioRefused(Exception):
    """The scenario cannot be counted; the message is a sentence for the screen."""


def months_from(first: date, count: int) -> list[date]:
    months = [first.replace(day=1)]
    while len(months) < count:
        months.append(first_of_next_month(months[-1]))
    return months


def forecast_month(*, month: date, on: date, by: User) -> BudgetForecast:
    """The month under the law as it is voted; the last one already made that day under the same words, if there is one."""
    reading = Reading(law_of(month), law_on(on))
    digest = digest_of(reading.law)
    made = BudgetForecast.objects.filter(month=month, made_on=on, digest=digest, scenario=None).first()
    return made or _keep(reading, digest=digest, on=on, by=by)


class MonthGoneBy(Exception):
    """A month that is over is written, not foreseen; the message is a sentence for the screen."""


def recount_month(*, month: date, on: date, by: User) -> BudgetForecast | None:
    """Foresee the month anew, now, beside what was foreseen that day already: the pages read the last. None: a worker counts it, the
    registry is too large for a page. Raises Forbidden, MonthGoneBy.
    """
    _check_recount(month, on=on, by=by)
    if Household.objects.count() > AT_ONCE:
        send("enrollment.recount_month", month.isoformat(), on.isoformat(), by.pk)
        return None
    return count_month_again(month=month, on=on, by=by)


@transaction.atomic
def count_month_again(*, month: date, on: date, by: User) -> BudgetForecast:
    """What `recount_month` leaves to a worker. Two at once count it once. Raises Forbidden, MonthGoneBy."""
    _check_recount(month, on=on, by=by)
    reading = Reading(law_of(month), law_on(on))
    digest = digest_of(reading.law)
    last = BudgetForecast.objects.filter(month=month, made_on=on, digest=digest, scenario=None).order_by("-again").first()
    kept = _keep(reading, digest=digest, on=on, by=by, again=last.again + 1 if last else 0)
    audit.record(by=by, verb="budget.recount", subject=f"month:{month:%Y-%m}", on=str(on), households=kept.households)
    return kept


def _check_recount(month: date, *, on: date, by: User) -> None:
    check_role(by, "administrator")
    if month < on.replace(day=1):
        raise MonthGoneBy(_("Ce mois est passé : ce qui y a été prévu ne se refait pas."))


def forecast_months(*, on: date, by: User) -> int:
    """Every month ahead whose last forecast was made another day or under other words; how many were made."""
    made = 0
    for month in months_from(on, MONTHS_AHEAD):
        before = BudgetForecast.objects.filter(month=month, made_on=on, scenario=None).count()
        forecast_month(month=month, on=on, by=by)
        made += BudgetForecast.objects.filter(month=month, made_on=on, scenario=None).count() - before
    if made:
        audit.record(by=by, verb="budget.forecast", on=str(on), count=made)
        reconcile_spending(on=on, by=by)
    return made


@transaction.atomic
def reconcile_spending(*, on: date, by: User) -> list[date]:
    """Once a day, the truth: contributions of the open months counted again, and any late month whose kept sums are not the sum of its
    lines made again from them, with a trace of both figures. Which months were."""
    this = on.replace(day=1)
    first = months_before(this, RECONCILED)
    spending.count_contributions([months_before(this, 1), this])
    found = spending.unreconciled(first=first, last=this)
    for month, kept, written in found:
        spending.fold_again(month)
        audit.record(by=by, verb="budget.reconciled", subject=f"month:{month:%Y-%m}", kept=kept, written=written)
    return [month for month, _kept, _written in found]


def months_before(month: date, count: int) -> date:
    for _each in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


@transaction.atomic
def _keep(
    reading: Reading, *, digest: str, on: date, by: User, scenario: Scenario | None = None, changed: bool = False, again: int = 0
) -> BudgetForecast:
    """Count and keep; two workers that count the same month of the same day keep one."""
    cells, read = count_month(reading)
    named = {"month": reading.month, "scenario": scenario, "changed": changed}
    rows = BudgetForecast(**named, made_on=on, made_by=by, digest=digest, households=read, again=again)
    BudgetForecast.objects.bulk_create([rows], ignore_conflicts=True)
    own = named if scenario else named | {"made_on": on, "digest": digest, "again": again}
    kept = BudgetForecast.objects.get(**own)
    if not kept.lines_of_it.exists():
        ForecastLine.objects.bulk_create([_line(kept, cell) for cell in cells])
    return kept


def _line(forecast: BudgetForecast, cell: Cell) -> ForecastLine:
    names = (
        "program",
        "kind",
        "band",
        "milieu",
        "enrolled",
        "households",
        "people",
        "children",
        "insured",
        "lines",
        "centimes",
        "one_more",
    )
    return ForecastLine(forecast=forecast, region_id=cell.region, **{name: getattr(cell, name) for name in names})


@transaction.atomic
def ask_scenario(
    *, changes: Mapping[str, Any] | None = None, proposal_id: int | None = None, first: date, last: date, on: date, by: User
) -> Scenario:
    """Keep another law to be counted for these months: a proposal's value, or values of one's own. Counted at once if the registry is
    small, otherwise by a worker. Raises Forbidden, ScenarioRefused."""
    check_propose(by)
    proposal = Proposal.objects.get(pk=proposal_id) if proposal_id else None
    formula_id = None
    if proposal:
        changes, formula_id = {proposal.key: proposal.value}, _rehearsed(proposal)
    if not changes:
        raise ScenarioRefused(_("Changez au moins une valeur : le scénario est la loi d’aujourd’hui."))
    _check(changes, first, last, on)
    scenario = Scenario.objects.create(changes=dict(changes), proposal=proposal, formula_id=formula_id, first=first, last=last, asked_by=by)
    audit.record(by=by, verb="budget.scenario", subject=f"scenario:{scenario.pk}", keys=sorted(changes), first=str(first), last=str(last))
    if Household.objects.count() * len(months_of(scenario)) <= AT_ONCE:
        count_scenario(scenario.pk, on=on, by=by)
    else:
        send("enrollment.count_scenarios")
    return scenario


def _rehearsed(proposal: Proposal) -> int | None:
    """The number its scores are kept under; a formula that was not rehearsed gives nobody a score."""
    if proposal.key != FORMULA:
        return None
    run = proposal.rehearsals.filter(status=Run.Status.CLOSED).order_by("-id").first()
    if run is None:
        raise ScenarioRefused(_("Répétez d’abord cette formule sur le registre : sans indices d’essai, rien ne se compte."))
    return run.formula_id


def _check(changes: Mapping[str, Any], first: date, last: date, on: date) -> None:
    """Every value may stand, the months are whole, ahead, and not more than a year."""
    if first < on.replace(day=1) or not 1 <= len(_between(first, last)) <= MONTHS_AHEAD:
        raise ScenarioRefused(_("Choisissez le mois courant ou un mois à venir, sur douze mois au plus."))
    for key, value in changes.items():
        for fault in faults_of(key, value):
            raise ScenarioRefused(f"{wording.KEYS[key].label} : {wording.fault(fault)}" if key in wording.KEYS else wording.fault(fault))


def _between(first: date, last: date) -> list[date]:
    return [month for month in months_from(first, 2 * MONTHS_AHEAD) if month <= last] if first <= last else []


def months_of(scenario: Scenario) -> list[date]:
    return _between(scenario.first, scenario.last)


def count_scenario(scenario_id: int, *, on: date, by: User) -> int:
    """Count the months of a scenario that are not counted yet, each beside the law as it is voted; how many. Twice is once."""
    counted = 0
    scenario = Scenario.objects.get(pk=scenario_id)
    for month in months_of(scenario):
        counted += _count_month(scenario, month, on=on, by=by)
    Scenario.objects.filter(pk=scenario_id, counted_at=None).update(counted_at=Now())
    return counted


@transaction.atomic
def _count_month(scenario: Scenario, month: date, *, on: date, by: User) -> bool:
    """Both laws and their difference come of one transaction, the scenario locked: two workers do not count one month twice."""
    Scenario.objects.select_for_update(of=("self",), no_key=True).get(pk=scenario.pk)
    if BudgetForecast.objects.filter(scenario=scenario, month=month, changed=True).exists():
        return False
    today = law_on(on)
    before = Reading(law_of(month), today)
    after = Reading(law_of(month, scenario.changes, formula_id=scenario.formula_id), today)
    _keep(before, digest=digest_of(before.law), on=on, by=by, scenario=scenario)
    kept = _keep(after, digest=digest_of(after.law), on=on, by=by, scenario=scenario, changed=True)
    ForecastDifference.objects.bulk_create([_difference(kept, one) for one in compare_months(before, after)])
    return True


def _difference(forecast: BudgetForecast, found: Difference) -> ForecastDifference:
    names = ("program", "enrolled", "milieu", "gaining", "losing", "coming_in", "going_out", "gained", "lost")
    return ForecastDifference(forecast=forecast, region_id=found.region, **{name: getattr(found, name) for name in names})


def count_scenarios(*, on: date, by: User) -> int:
    """Every scenario that waits, oldest first; how many months were counted. One whose months have gone by is counted all the same."""
    waiting = Scenario.objects.filter(counted_at=None).order_by("id").values_list("pk", flat=True)
    return sum(count_scenario(pk, on=on, by=by) for pk in list(waiting))


def keep_spending(*, on: date) -> int:
    """Fold what was written, and count the contributions of the months whose covers have changed; how many cells were written."""
    try:
        folded = spending.fold()
    except OperationalError as error:
        logger.info("spending is not folded yet, somebody is writing: %s", error)
        folded = 0
    stale = spending.stale_months(on=on)
    if stale:
        with transaction.atomic():
            spending.note_moves()
            spending.count_contributions(stale)
    return folded


def recount_contributions(*, since: date, on: date) -> int:
    """Months already kept, counted again from the covers as they stand now: after a migration, or a correction of the past."""
    last = (on.replace(day=1) - timedelta(days=1)).replace(day=1)
    return spending.count_contributions(months_between(since.replace(day=1), last))
