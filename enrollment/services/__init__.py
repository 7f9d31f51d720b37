"""Deeds on enrollments: the engine proposes, people decide."""

from .aiding import Month, application_month, first_of_next_month, month_of, month_of_application, write_months, written_month
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
    "Month",
    "NotEnrollable",
    "ProposalOutgrown",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "application_month",
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
    "write_months",
    "written_month",
]
