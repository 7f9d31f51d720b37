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
from .claiming import ClaimRefused, Delivery, claim_birth_grant, deliveries_of
from .correcting import correct_months, restore_months
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
from .months import MonthRefused, correct_changed_amounts, correct_everyone, retry_month, start_month, start_month_of_today
from .moves import NotEnrollable
from .overpayments import OverpaymentRefused, decide_recovery, propose_recovery
from .placing import PlacementRefused, end_placement, record_placement, write_placements
from .proposing import propose_due, propose_for_household

__all__ = [
    "MONTHS_AHEAD",
    "ClaimRefused",
    "Delivery",
    "Month",
    "MonthRefused",
    "NotEnrollable",
    "OverpaymentRefused",
    "PlacementRefused",
    "ProposalOutgrown",
    "ScenarioRefused",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "application_month",
    "ask_scenario",
    "claim_birth_grant",
    "correct_changed_amounts",
    "correct_everyone",
    "correct_months",
    "count_scenario",
    "count_scenarios",
    "decide_recovery",
    "deliveries_of",
    "end_enrollment",
    "end_enrollments",
    "end_placement",
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
    "propose_recovery",
    "reconcile_spending",
    "record_placement",
    "recount_contributions",
    "refuse_enrollment",
    "refuse_enrollments",
    "restore_months",
    "retry_month",
    "start_month",
    "start_month_of_today",
    "write_months",
    "write_placements",
    "written_month",
]
