"""Time limits as the law counts them: the last day on which something may still be done."""

from datetime import date, timedelta

from .law import Law

DAY_COUNT = "appeal.day_count"
CALENDAR = "calendar_last_day_included"
"""Calendar days, the day that starts the limit not counted, the last one included: the only way of counting that is known."""


class UnknownDayCount(Exception):
    """The law counts days in a way the product does not know: no last day is better than a wrong one."""


def last_day(law: Law, key: str, *, start: date) -> date:
    """The last day, included, of the limit `key` that starts with `start`."""
    counting = law.value(DAY_COUNT)
    if counting != CALENDAR:
        raise UnknownDayCount(counting)
    return start + timedelta(days=law.value(key))
