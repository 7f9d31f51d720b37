"""Months, each told by its first day."""

from datetime import date, timedelta


def first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def first_of_month_from(day: date) -> date:
    """The day itself if it is the first of a month, otherwise the next first."""
    return day if day.day == 1 else first_of_next_month(day)


def months_between(first: date, last: date) -> list[date]:
    """Every month from `first`, a first day, to that of `last`, both included; none when the second comes before."""
    found, month = [], first
    while month <= last:
        found.append(month)
        month = first_of_next_month(month)
    return found
