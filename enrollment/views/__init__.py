"""Pages of enrollment."""

from .deciding import decide, work
from .paying import household_payments, payment_differences, reissue_payment, settle_difference
from .payments import payment_deed, payment_file, payment_order, payment_orders, payment_return, payments_owed

__all__ = [
    "decide",
    "household_payments",
    "payment_deed",
    "payment_differences",
    "payment_file",
    "payment_order",
    "payment_orders",
    "payment_return",
    "payments_owed",
    "reissue_payment",
    "settle_difference",
    "work",
]
