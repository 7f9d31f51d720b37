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
from .ramed_files import forget_ramed, receive_ramed, retry_ramed
from .ramed_lots import (
    apply_ramed_lot,
    claim_ramed_lot,
    close_ramed,
    give_back_ramed_lot,
    ramed_lots_waiting,
    revive_ramed_lots,
)
from .ramed_queue import NotSettled, accept_row, reject_row
from .ramed_refused import NothingToReturn, goes_back_as_workbook, write_ramed_refused
from .ramed_settling import settle_migrated

__all__ = [
    "Month",
    "NotEnrollable",
    "NotSettled",
    "NothingToReturn",
    "ProposalOutgrown",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "accept_row",
    "application_month",
    "apply_ramed_lot",
    "claim_ramed_lot",
    "close_ramed",
    "end_enrollment",
    "end_enrollments",
    "first_of_next_month",
    "forget_ramed",
    "give_back_ramed_lot",
    "goes_back_as_workbook",
    "keep_enrollment",
    "keep_enrollments",
    "month_of",
    "month_of_application",
    "propose_due",
    "propose_for_household",
    "ramed_lots_waiting",
    "receive_ramed",
    "refuse_enrollment",
    "refuse_enrollments",
    "reject_row",
    "retry_ramed",
    "revive_ramed_lots",
    "settle_migrated",
    "write_months",
    "write_ramed_refused",
    "written_month",
]
