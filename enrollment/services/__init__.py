"""Deeds on enrollments: the engine proposes, people decide."""

from .aiding import Month, application_month, first_of_next_month, month_of, month_of_application, write_months, written_month
from .appealing import (
    AppealRefused,
    Piece,
    admit_appeal,
    answer_due,
    assign_appeal,
    complete_appeal,
    examine_appeal,
    file_appeal,
    last_day_to_file,
    note_appeal,
    withdraw_appeal,
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
from .escalating import escalate_clocks
from .judging_appeals import AppealDecided, Repair, dismiss_appeal, repair_by, told_of, uphold_appeal
from .moves import NotEnrollable
from .proposing import propose_due, propose_for_household
from .restoring import Correction, Months, Restored, restore_months
from .suspending import resume_enrollments, suspend_enrollments

__all__ = [
    "AppealDecided",
    "AppealRefused",
    "Correction",
    "Month",
    "Months",
    "NotEnrollable",
    "Piece",
    "ProposalOutgrown",
    "Repair",
    "Restored",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "admit_appeal",
    "answer_due",
    "application_month",
    "assign_appeal",
    "complete_appeal",
    "dismiss_appeal",
    "end_enrollment",
    "end_enrollments",
    "escalate_clocks",
    "examine_appeal",
    "file_appeal",
    "first_of_next_month",
    "keep_enrollment",
    "keep_enrollments",
    "last_day_to_file",
    "month_of",
    "month_of_application",
    "note_appeal",
    "propose_due",
    "propose_for_household",
    "refuse_enrollment",
    "refuse_enrollments",
    "repair_by",
    "restore_months",
    "resume_enrollments",
    "suspend_enrollments",
    "told_of",
    "uphold_appeal",
    "withdraw_appeal",
    "write_months",
    "written_month",
]
