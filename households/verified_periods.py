"""What is true of a person on a day, as SQL: what a partner verified for that day, else what the family answered.

Each function gives one expression over a row of `households_member` under an alias and a day, both named by the caller. A period
that contradicts an answer nobody has settled, or that somebody kept against, decides nothing. Of several partners who speak of the
same day, what was said in so many words comes before what follows from an end, then the latest word.
"""

from .models import VerifiedPeriod

TABLE = VerifiedPeriod._meta.db_table
DAY = "%(read_on)s"


def _of(kind: str, person: str, day: str, *, more: str = "") -> str:
    """FROM … WHERE: the periods of a kind that decide of a person on a day."""
    return (
        f"FROM {TABLE} v WHERE v.idcs = {person}.idcs AND v.kind = '{kind}' AND v.since <= {day} AND v.until > {day} AND NOT v.held{more}"
    )


def _latest(what: str, kind: str, person: str, day: str) -> str:
    return f"(SELECT {what} {_of(kind, person, day)} ORDER BY v.implied, v.as_of DESC, v.agency_id LIMIT 1)"


def in_school(person: str = "m", day: str = DAY) -> str:
    """Whether the person is in school, any level; never NULL."""
    verified = _latest("v.value <> 'no'", "schooling", person, day)
    return f"coalesce({verified}, {person}.schooling <> 'no', false)"


def school_level(person: str = "m", day: str = DAY) -> str:
    return f"coalesce({_latest('v.value', 'schooling', person, day)}, {person}.schooling)"


def school_sector(person: str = "m", day: str = DAY) -> str:
    verified = _latest("v.details->>'sector'", "schooling", person, day)
    return f"coalesce({verified}, {person}.school_sector)"


def disability_degree(person: str = "m", day: str = DAY) -> str:
    """The degree of the certificate valid that day; `none` after it ran out, NULL when the question was never put."""
    answered = (
        f"CASE WHEN ({person}.disability_since IS NULL OR {person}.disability_since <= {day})"
        f" AND ({person}.disability_until IS NULL OR {person}.disability_until > {day}) THEN {person}.disability ELSE 'none' END"
    )
    return f"coalesce({_latest('v.value', 'disability', person, day)}, {answered})"


def allowances_elsewhere(person: str = "m", day: str = DAY) -> str:
    """Whether another scheme pays the person family allowances; never NULL.

    Any scheme that says so is enough. A scheme that says it is over answers for itself, not for another one that the family named.
    """
    answered = (
        f"(coalesce({person}.other_allowances, false)"
        f" AND ({person}.other_allowances_since IS NULL OR {person}.other_allowances_since <= {day})"
        f" AND ({person}.other_allowances_until IS NULL OR {person}.other_allowances_until > {day}))"
    )
    named = f" AND v.value = 'no' AND lower({person}.other_allowances_scheme) IN ('', lower(v.details->>'scheme'))"
    over = f"EXISTS (SELECT {_of('allowances', person, day, more=named)})"
    yes = " AND v.value = 'yes'"
    paid = f"EXISTS (SELECT {_of('allowances', person, day, more=yes)})"
    return f"({paid} OR ({answered} AND NOT {over}))"


def covered_elsewhere(covers: str, person: str = "m", day: str = DAY) -> str:
    """Whether one of `covers` (an SQL array of codes, the law's) covers the person; never NULL. As for allowances."""
    positive = f" AND v.value = ANY({covers})"
    named = f" AND v.value = 'none' AND v.details->>'scheme' = {person}.cover"
    over = f"EXISTS (SELECT {_of('cover', person, day, more=named)})"
    paid = f"EXISTS (SELECT {_of('cover', person, day, more=positive)})"
    return f"({paid} OR (coalesce({person}.cover = ANY({covers}), false) AND NOT {over}))"


def covered_elsewhere_since(covers: str, person: str = "m", day: str = DAY) -> str:
    """The first day of the verified cover that runs on that day; NULL when none is verified."""
    positive = f" AND v.value = ANY({covers})"
    return f"(SELECT min(v.since) {_of('cover', person, day, more=positive)})"
