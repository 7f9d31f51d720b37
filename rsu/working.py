"""One worker's turn at a ledger (`rsu.ledger`): part after part, whoever else is at it."""

import logging
import os
import socket
import time
from collections.abc import Callable

from django.utils import timezone

logger = logging.getLogger(__name__)

WORK_FOR = 10
"""Seconds that one message keeps a worker; long work is many messages."""


def work_through(
    claim: Callable, apply: Callable, give_back: Callable, *, seconds: float | None = None, after: Callable | None = None
) -> int:
    """Claim and apply parts until none is free, or until that time has passed; how many were done.

    `claim(worker=, at=)` gives the next part or None, `apply(part)` whether it was done, `give_back(part, error)` is told of a
    failure, `after(part)` is called after every part.
    """
    worker, done, begun = f"{socket.gethostname()}:{os.getpid()}", 0, time.monotonic()
    while seconds is None or time.monotonic() < begun + seconds:
        part = claim(worker=worker, at=timezone.now())
        if part is None:
            break
        try:
            done += apply(part)
        except Exception as error:
            logger.exception("%s %s", type(part).__name__, part)
            give_back(part, error)
        if after:
            after(part)
    return done
