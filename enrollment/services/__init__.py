"""Deeds on enrollments: the engine proposes, people decide."""

from .accounts import AccountRefused, close_account, record_account
from .aiding import Month, application_month, first_of_next_month, month_of, month_of_application, write_months, written_month
from .answering import NotSettled, ReturnRefused, record_return, reissue_payment, settle_difference
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
from .ordering import (
    NothingOwed,
    OrderRefused,
    approve_order,
    cancel_order,
    close_order,
    export_order,
    freeze_order,
    prepare_order,
    read_file,
)
from .proposing import propose_due, propose_for_household

__all__ = [
    "AccountRefused",
    "Month",
    "NotEnrollable",
    "NotSettled",
    "NothingOwed",
    "OrderRefused",
    "ProposalOutgrown",
    "ReturnRefused",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "application_month",
    "approve_order",
    "cancel_order",
    "close_account",
    "close_order",
    "end_enrollment",
    "end_enrollments",
    "export_order",
    "first_of_next_month",
    "freeze_order",
    "keep_enrollment",
    "keep_enrollments",
    "month_of",
    "month_of_application",
    "prepare_order",
    "propose_due",
    "propose_for_household",
    "read_file",
    "record_account",
    "record_return",
    "refuse_enrollment",
    "refuse_enrollments",
    "reissue_payment",
    "settle_difference",
    "write_months",
    "written_month",
]
