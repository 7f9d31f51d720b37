"""Deeds on enrollments: the engine proposes, people decide."""

from .aiding import Month, application_month, first_of_next_month, month_of, month_of_application, write_months, written_month
from .budgeting import (
    MONTHS_AHEAD,
    ScenarioRefused,
    ask_scenario,
    count_scenario,
    count_scenarios,
    forecast_month,
    forecast_months,
    keep_spending,
    months_from,
    reconcile_spending,
    recount_contributions,
)
from .deciding import (
    ProposalOutgrown,
    accept_enrollment,
    accept_enrollments,
    accept_household,
    end_enrollment,
    end_enrollments,
    keep_enrollment,
    keep_enrollments,
    refuse_enrollment,
    refuse_enrollments,
)
from .moves import NotEnrollable
from .proposing import propose_due, propose_for_household

__all__ = [
    "MONTHS_AHEAD",
    "Month",
    "NotEnrollable",
    "ProposalOutgrown",
    "ScenarioRefused",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "application_month",
    "ask_scenario",
    "count_scenario",
    "count_scenarios",
    "end_enrollment",
    "end_enrollments",
    "first_of_next_month",
    "forecast_month",
    "forecast_months",
    "keep_enrollment",
    "keep_enrollments",
    "keep_spending",
    "month_of",
    "month_of_application",
    "months_from",
    "propose_due",
    "propose_for_household",
    "reconcile_spending",
    "recount_contributions",
    "refuse_enrollment",
    "refuse_enrollments",
    "write_months",
    "written_month",
]
