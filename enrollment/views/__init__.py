"""Pages of enrollment: decisions, the months of direct aid, what was received too much, children in institutions."""

from .aid import birth_grant, household_aid, overpayment, overpayments
from .batches import batch, batch_progress, batches, new_batch, reject_batch, retry_batch, sign_batch
from .budget import file as budget_file
from .budget import forecasts as budget_forecasts
from .budget import month as budget_month
from .budget import recount as budget_recount
from .budget import year as budget_year
from .coming import coming, directions
from .deciding import decide, work
from .messages import household_messages, messages, resend
from .months import month, month_correct, month_list, month_progress, month_retry
from .paying import household_payments, payment_differences, reissue_payment, settle_difference
from .payments import payment_deed, payment_file, payment_order, payment_orders, payment_return, payments_owed
from .placements import new_placement, placement, placements
from .ramed import ramed_migration, ramed_migrations, ramed_model, ramed_progress, ramed_refused, retry_ramed
from .ramed_queue import ramed_queue, ramed_row
from .receipts import receipt
from .scenarios import scenario as budget_scenario
from .scenarios import scenario_file as budget_scenario_file
from .scenarios import scenarios as budget_scenarios
from .waiting import settle_hold, waiting, waiting_list

__all__ = [
    "batch",
    "batch_progress",
    "batches",
    "birth_grant",
    "budget_file",
    "budget_forecasts",
    "budget_month",
    "budget_recount",
    "budget_scenario",
    "budget_scenario_file",
    "budget_scenarios",
    "budget_year",
    "coming",
    "decide",
    "directions",
    "household_aid",
    "household_messages",
    "household_payments",
    "messages",
    "month",
    "month_correct",
    "month_list",
    "month_progress",
    "month_retry",
    "new_batch",
    "new_placement",
    "overpayment",
    "overpayments",
    "payment_deed",
    "payment_differences",
    "payment_file",
    "payment_order",
    "payment_orders",
    "payment_return",
    "payments_owed",
    "placement",
    "placements",
    "ramed_migration",
    "ramed_migrations",
    "ramed_model",
    "ramed_progress",
    "ramed_queue",
    "ramed_refused",
    "ramed_row",
    "receipt",
    "reissue_payment",
    "reject_batch",
    "resend",
    "retry_batch",
    "retry_ramed",
    "settle_difference",
    "settle_hold",
    "sign_batch",
    "waiting",
    "waiting_list",
    "work",
]
