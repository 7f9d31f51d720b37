"""Deeds on enrollments: the engine proposes, people decide."""

from .deciding import (
    ProposalOutgrown,
    accept_enrollment,
    accept_enrollments,
    accept_household,
    application_month,
    end_enrollment,
    end_enrollments,
    first_of_next_month,
    keep_enrollment,
    keep_enrollments,
    refuse_enrollment,
    refuse_enrollments,
)
from .moves import NotEnrollable
from .proposing import propose_due, propose_for_household

__all__ = [
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
    "propose_due",
    "propose_for_household",
    "refuse_enrollment",
    "refuse_enrollments",
]
