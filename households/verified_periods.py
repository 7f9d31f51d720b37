"""What is true of a person on a day, as SQL: what a partner verified for that day, else what the family answered.

A month of aid reads everybody of its households at once: `VERIFIED` is one query of what partners say of them on the day, a row a
person, and the expressions below read a member `m` beside his row `w` of it (LEFT JOIN on the IDCS). Cover has expressions of its own,
that need no join. A period that contradicts an answer nobody has settled, or that somebody kept against, decides nothing. Of several
partners who speak of the same day, what was said in so many words comes before what follows from an end, then the latest word.
"""

from .models import Member, VerifiedPeriod

TABLE = VerifiedPeriod._meta.db_table
DAY = "%(read_on)s"


def _latest(what: str, kind: str) -> str:
    return f"(array_agg({what} ORDER BY v.implied, v.as_of DESC, v.agency_id) FILTER (WHERE v.kind = '{kind}'))[1]"


VERIFIED = f"""
  SELECT v.idcs,
    {_latest("v.value", "schooling")} AS school_level,
    {_latest("v.details->>'sector'", "schooling")} AS school_sector,
    {_latest("v.value", "disability")} AS disability,
    bool_or(v.kind = 'allowances' AND v.value = 'yes') AS allowances,
    array_agg(lower(v.details->>'scheme')) FILTER (WHERE v.kind = 'allowances' AND v.value = 'no') AS allowances_over
  FROM {Member._meta.db_table} m
  JOIN {TABLE} v ON v.idcs = m.idcs
  WHERE m.household_id = ANY(%(ids)s) AND m.household_id BETWEEN %(first)s AND %(last)s AND v.kind IN ('schooling', 'disability', 'allowances')
    AND v.since <= {DAY} AND v.until > {DAY} AND NOT v.held
  GROUP BY v.idcs
"""
"""The body of a CTE: what partners verified of the people of the households `ids`, from `first` to `last`, on the day `read_on`, all bound by
the caller."""


def in_school(person: str = "m", verified: str = "w") -> str:
    """Whether the person is in school, any level; never NULL."""
    return f"coalesce({school_level(person, verified)} <> 'no', false)"


def school_level(person: str = "m", verified: str = "w") -> str:
    return f"coalesce({verified}.school_level, {person}.schooling)"


def school_sector(person: str = "m", verified: str = "w") -> str:
    """Of a verified level, its sector; NULL for who is in no school."""
    return f"CASE WHEN {verified}.school_level IS NULL THEN {person}.school_sector ELSE {verified}.school_sector END"


def disability_degree(person: str = "m", verified: str = "w", day: str = DAY) -> str:
    """The degree of the certificate valid that day; `none` after it ran out, NULL when the question was never put."""
    return f"coalesce({verified}.disability, CASE WHEN {_runs('disability', person, day)} THEN {person}.disability ELSE 'none' END)"


def allowances_elsewhere(person: str = "m", verified: str = "w", day: str = DAY) -> str:
    """Whether another scheme pays the person family allowances; never NULL.

    Any scheme that says so is enough. A scheme that says it is over answers for itself, not for another one that the family named.
    """
    answered = f"coalesce({person}.other_allowances, false) AND {_runs('other_allowances', person, day)}"
    scheme = f"lower({person}.other_allowances_scheme)"
    over = f"coalesce({verified}.allowances_over IS NOT NULL AND ({scheme} = '' OR {scheme} = ANY({verified}.allowances_over)), false)"
    return f"(coalesce({verified}.allowances, false) OR ({answered} AND NOT {over}))"


def _runs(name: str, person: str, day: str) -> str:
    since, until = f"{person}.{name}_since", f"{person}.{name}_until"
    return f"({since} IS NULL OR {since} <= {day}) AND ({until} IS NULL OR {until} > {day})"


# Cover -----------------------------------------------------------------------------------------------------------------------------


def _cover(person: str, day: str, more: str) -> str:
    of_person = f"v.idcs = {person}.idcs AND v.kind = 'cover'"
    return f"FROM {TABLE} v WHERE {of_person} AND v.since <= {day} AND v.until > {day} AND NOT v.held AND {more}"


def covered_elsewhere(covers: str, person: str = "m", day: str = DAY) -> str:
    """Whether one of `covers` (an SQL array of codes, the law's) covers the person; never NULL. As for allowances."""
    over = _cover(person, day, f"v.value = 'none' AND v.details->>'scheme' = {person}.cover")
    paid = _cover(person, day, f"v.value = ANY({covers})")
    return f"(EXISTS (SELECT {paid}) OR (coalesce({person}.cover = ANY({covers}), false) AND NOT EXISTS (SELECT {over})))"


def covered_elsewhere_since(covers: str, person: str = "m", day: str = DAY) -> str:
    """The first day of the verified cover that runs on that day; NULL when none is verified."""
    running = _cover(person, day, f"v.value = ANY({covers})")
    return f"(SELECT min(v.since) {running})"
