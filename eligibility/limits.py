"""Time limits as the law counts them: the last day on which something may still be done."""

from datetime import date, timedelta

from .law import Law

DAY_COUNT = "appeal.day_count"
CALENDAR = "calendar_last_day_included"
"""Calendar days, the day that starts the limit not counted, the last one included: the only way of counting that is known."""


class UnknownDayCount(Exception):
    """The law counts days in a way the product does not know: no last day is better than a wrong one."""


def span(law: Law, key: str) -> timedelta:
    """What is added to the day that starts the limit `key` to find its last day. Raises UnknownDayCount."""
    counting = law.value(DAY_COUNT)
    if counting != CALENDAR:
        raise UnknownDayCount(counting)
    return timedelta(days=law.value(key))


def last_day(law: Law, key: str, *, start: date) -> date:
    """The last day, included, of the limit `key` that starts with `start`."""
    return start + span(law, key)
