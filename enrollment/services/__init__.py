"""Deeds on enrollments: the engine proposes, people decide."""

from .aiding import Month, application_month, first_of_next_month, month_of, month_of_application, write_months, written_month
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
from .proposing import propose_due, propose_for_household

__all__ = [
    "Month",
    "MonthRefused",
    "NotEnrollable",
    "ProposalOutgrown",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "application_month",
    "correct_changed_amounts",
    "correct_everyone",
    "correct_months",
    "end_enrollment",
    "end_enrollments",
    "first_of_next_month",
    "keep_enrollment",
    "keep_enrollments",
    "month_of",
    "month_of_application",
    "propose_due",
    "propose_for_household",
    "refuse_enrollment",
    "refuse_enrollments",
    "restore_months",
    "retry_month",
    "start_month",
    "start_month_of_today",
    "write_months",
    "written_month",
]
