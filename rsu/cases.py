"""A worked case: one family in a file, taken through the very services of the product, then undone.

A case is TOML: `title`, `on` (the day), `origin` (who worked it and how), `[answers]` (the declaration as everywhere
else, question by question), `[expect]` (what a jurist found by hand).
"""

import tomllib
import uuid
from datetime import date
from pathlib import Path

from django.db import transaction

import eligibility.queries
import eligibility.runs
import eligibility.services
import enrollment.queries
import enrollment.services
import households.services
from eligibility.score import format_points
from rsu.authentication import engine


class _Undo(Exception):
    """Raised on purpose at the end: nothing of a case stays."""


def read_case(path: Path) -> dict:
    """The file's content. Raises tomllib.TOMLDecodeError with the line."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def assess_case(case: dict) -> dict:
    """Facts, score, terms, decisions and proposed enrollments of the case on its day, as plain JSON values.

    Raises DeclarationRefused if the answers do not pass the checks a family's would.
    """
    result: dict = {}
    try:
        with transaction.atomic():
            result = _assess(case["answers"], on=case["on"])
            raise _Undo
    except _Undo:
        return result


def _assess(answers: dict, *, on: date) -> dict:
    by = engine()
    # Before the households, as whoever writes answers and assesses them in one transaction: a change of the law waits for both.
    eligibility.runs.lock_law_for_reading()
    law = eligibility.queries.law(on)
    request = households.services.submit_registration(token=uuid.uuid4(), answers=answers, on=on, by=by, law=law)
    household = request.household
    eligibility.services.assess_due(household.pk, on=on, by=by)
    enrollment.services.propose_for_household(household.pk, on=on, by=by)
    standing = eligibility.queries.standing(household, on=on)
    score = None if standing.score is None else format_points(standing.score)
    return {
        "on": on.isoformat(),
        "score": score,
        "formula": {"since": standing.formula.since.isoformat(), "source": standing.formula.source},
        "facts": standing.facts,
        "missing": standing.missing,
        "terms": [
            {"code": term.code, "fact": term.fact, "value": term.value, "coefficient": term.coefficient,
             "points": format_points(term.points), "fr": term.fr, "ar": term.ar}
            for term in standing.terms
        ],
        "decisions": {program.program.value: _decision(program) for program in standing.programs},
        "enrollments": [
            {"program": e.program, "quality": e.quality, "idcs": e.idcs, "status": e.status}
            for e in enrollment.queries.household_enrollments(household)
        ],
        "allowance": _allowance(household.pk, on=on, law=law),
    }  # fmt: skip


def _decision(standing) -> dict:
    return {
        "entitled": standing.entitled,
        "threshold": format_points(standing.threshold),
        "distance": format_points(standing.distance),
        "source": standing.citation.source,
        "findings": [finding.sentence for finding in standing.findings],
        "levers": [
            {"fact": lever.fact, "before": lever.before, "after": lever.after, "score": format_points(lever.score)}
            for lever in standing.levers
        ],
    }


def _allowance(household_id: int, *, on: date, law) -> list[dict]:
    """This month's direct aid, read on the day of application, in centimes; empty when there is no right."""
    lines = enrollment.services.month_of_application([household_id], on=on, law=law)
    return [{"kind": line.kind, "rank": line.rank, "amount": line.amount} for line in lines]
