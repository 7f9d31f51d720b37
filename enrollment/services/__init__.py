"""Deeds on enrollments: the engine proposes, people decide."""

from .aiding import Month, application_month, first_of_next_month, month_of, month_of_application, write_months, written_month
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
    "ClaimRefused",
    "Delivery",
    "Month",
    "MonthRefused",
    "NotEnrollable",
    "OverpaymentRefused",
    "PlacementRefused",
    "ProposalOutgrown",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "application_month",
    "claim_birth_grant",
    "correct_changed_amounts",
    "correct_everyone",
    "correct_months",
    "decide_recovery",
    "deliveries_of",
    "end_enrollment",
    "end_enrollments",
    "end_placement",
    "first_of_next_month",
    "keep_enrollment",
    "keep_enrollments",
    "month_of",
    "month_of_application",
    "propose_due",
    "propose_for_household",
    "propose_recovery",
    "record_placement",
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
