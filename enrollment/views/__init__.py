"""Pages of enrollment."""

from .batches import batch, batch_progress, batches, new_batch, reject_batch, retry_batch, sign_batch
from .deciding import decide, work
from .messages import household_messages, messages, resend
from .receipts import receipt
from .waiting import settle_hold, waiting

__all__ = [
    "batch",
    "batch_progress",
    "batches",
    "decide",
    "household_messages",
    "messages",
    "new_batch",
    "receipt",
    "reject_batch",
    "resend",
    "retry_batch",
    "settle_hold",
    "sign_batch",
    "waiting",
    "work",
]
