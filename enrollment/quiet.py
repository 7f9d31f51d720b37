"""The hours and days on which no SMS leaves, as the law of the day sets them."""

from datetime import datetime, time, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FROM, UNTIL, DAYS = "messages.quiet_from", "messages.quiet_until", "messages.quiet_weekdays"


def opens(at: datetime, law) -> datetime | None:
    """The first instant from `at` on at which an SMS may leave; `at` carries Morocco's time. None when no day is left to send one."""
    begins, ends = law.value(FROM), law.value(UNTIL)
    closed = {WEEKDAYS.index(name) for name in law.value(DAYS)} if law.has(DAYS) else set()
    moment = at
    for _day in range(2 * len(WEEKDAYS)):
        if moment.weekday() in closed:
            moment = _next_morning(moment, ends)
        elif _quiet(moment.hour, begins, ends):
            moment = _this_morning(moment, ends) if moment.hour < ends else _next_morning(moment, ends)
        else:
            return moment
    return None


def _quiet(hour: int, begins: int, ends: int) -> bool:
    """From 20 to 8 the night is between them; from 13 to 15, the siesta."""
    return begins <= hour < ends if begins <= ends else hour >= begins or hour < ends


def _this_morning(moment: datetime, ends: int) -> datetime:
    return datetime.combine(moment.date(), time(ends), tzinfo=moment.tzinfo)


def _next_morning(moment: datetime, ends: int) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), time(ends), tzinfo=moment.tzinfo)
