"""The nightly search for people and households recorded twice."""

import time
from collections.abc import Callable
from datetime import date

from rsu.models import User
from rsu.permissions import check_role

from ..duplicates import ledger
from ..models import DuplicatePass


def find_duplicates(*, law, on: date, by: User, seconds: float | None = None, told: Callable = lambda found: None) -> DuplicatePass:
    """Go on with the search under way, or begin one, until it is over or that time has passed; `told` hears of it after each step.

    Killed at any instant, it loses the step under way and no more; two processes at once share nothing twice.
    """
    check_role(by, User.Role.ENGINE)
    found, begun = ledger.begin(on=on, law=law), time.monotonic()
    while found.status == DuplicatePass.Status.RUNNING and (seconds is None or time.monotonic() < begun + seconds):
        moved = ledger.advance(found.pk, by=by)
        found = moved or DuplicatePass.objects.get(pk=found.pk)
        told(found)
        if moved is None:
            break
    return found


def searched_on(on: date) -> bool:
    """Whether the search of that day was made, or failed."""
    return DuplicatePass.objects.filter(on=on).exclude(status=DuplicatePass.Status.RUNNING).exists()
