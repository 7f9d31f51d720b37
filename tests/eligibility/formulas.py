"""A formula of the administrators' own, rehearsed and signed."""

from copy import deepcopy

from eligibility import queries, services
from eligibility.models import Proposal
from eligibility.score import scaled_integer
from rsu.models import User
from tests.eligibility.legislating import DAY

FORMULA = "score.formula"


def formula_with(*, on=DAY, milieu="urban", **coefficients: str) -> dict:
    """The formula in force with other coefficients, by code (`U30="0.1"`) or `constant="9.9"`."""
    value = deepcopy(queries.law(on).value(FORMULA))
    if "constant" in coefficients:
        value["constant"][milieu] = coefficients.pop("constant")
    by_code = {row["code"]: row for row in value["variables"][milieu]}
    for code, text in coefficients.items():
        assert scaled_integer(text, 9) != scaled_integer(by_code[code]["coefficient"], 9)
        by_code[code]["coefficient"] = text
    return value


def propose_formula(value: dict, *, since=DAY, on=DAY, by="chaima") -> Proposal:
    return services.propose_provision(
        key=FORMULA,
        value=value,
        since=since,
        on=on,
        source="Décret n° 2-26-200",
        reason="Nouvelle enquête",
        by=User.objects.get(username=by),
    )


def rehearse(proposal: Proposal, *, on=DAY, by="chaima"):
    return services.rehearse_formula(proposal.pk, on=on, by=User.objects.get(username=by))


def sign(proposal: Proposal, *, on=DAY, by="driss", without_report="") -> Proposal:
    return services.approve_proposal(proposal.pk, without_report=without_report, on=on, by=User.objects.get(username=by))
