"""Enrollment in the background."""

from .appeals import escalate_clocks
from .budgeting import count_scenarios, forecast_months, keep_spending, recount_month
from .covers import follow_covers
from .months import correct_reopened_months, start_month, sweep_months, take_month_chunks, write_months
from .payments import order_deed, prepare_order
from .proposing import propose_due
from .ramed import forget_ramed, migrate_ramed, settle_migrated, sweep_ramed, take_ramed_lots
from .telling import decide_batches, notify_families, raise_told_floor, send_messages, sweep_batches, take_decisions, withdraw_lapsed

__all__ = [
    "correct_reopened_months",
    "count_scenarios",
    "decide_batches",
    "escalate_clocks",
    "follow_covers",
    "forecast_months",
    "forget_ramed",
    "keep_spending",
    "migrate_ramed",
    "notify_families",
    "order_deed",
    "prepare_order",
    "propose_due",
    "raise_told_floor",
    "recount_month",
    "send_messages",
    "settle_migrated",
    "start_month",
    "sweep_batches",
    "sweep_months",
    "sweep_ramed",
    "take_decisions",
    "take_month_chunks",
    "take_ramed_lots",
    "withdraw_lapsed",
    "write_months",
]
