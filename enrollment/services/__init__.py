"""Deeds on enrollments: the engine proposes, people decide."""

from .achamil import (
    TrapNotAcknowledged,
    WrongPayment,
    call_contributions,
    check_joinable,
    first_month_due,
    join_achamil,
    joining_family,
    leave_achamil,
    open_rights,
    record_contribution,
    waiting_months,
)
from .aiding import Month, application_month, first_of_next_month, month_of, month_of_application, write_months, written_month
from .covering import close_night, follow_covers, follow_households, open_night
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
from .directing import NotDirectable, advance, confirm_direction, direct, end_direction, scheme_of
from .moves import NotEnrollable
from .proposing import propose_due, propose_for_household
from .warning import forewarn_covers

__all__ = [
    "Month",
    "NotDirectable",
    "NotEnrollable",
    "ProposalOutgrown",
    "TrapNotAcknowledged",
    "WrongPayment",
    "accept_enrollment",
    "accept_enrollments",
    "accept_household",
    "advance",
    "application_month",
    "call_contributions",
    "check_joinable",
    "close_night",
    "confirm_direction",
    "direct",
    "end_direction",
    "end_enrollment",
    "end_enrollments",
    "first_month_due",
    "first_of_next_month",
    "follow_covers",
    "follow_households",
    "forewarn_covers",
    "join_achamil",
    "joining_family",
    "keep_enrollment",
    "keep_enrollments",
    "leave_achamil",
    "month_of",
    "month_of_application",
    "open_night",
    "open_rights",
    "propose_due",
    "propose_for_household",
    "record_contribution",
    "refuse_enrollment",
    "refuse_enrollments",
    "scheme_of",
    "waiting_months",
    "write_months",
    "written_month",
]
