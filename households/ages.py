"""Completed years."""

from datetime import date


def age_on(on: date, born_on: date) -> int:
    """Completed years; born on 29 February, a year is completed on 1 March of a common year."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
