"""What a search for duplicates finds of what was planted, and what it costs beside reading and grouping the same rows."""

import resource
import time
from dataclasses import dataclass

from django.db import connection

from households.models import DuplicatePair
from rsu.synthesis.doubles import Planted

BARE_KEYS = (
    "cin",
    "first_name_fr, last_name_fr, extract(year FROM born_on)",
    "first_name_fr, last_name_fr, to_char(born_on, 'MMDD')",
    "last_name_fr, born_on",
    "first_name_fr, born_on, sex",
    "first_name_fr, extract(year FROM born_on), sex",
    "phone, sex",
)


def bare() -> float:
    """Seconds that everybody takes to be read and grouped by as many keys, as they are written, and nothing else."""
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        for key in BARE_KEYS:
            joined = "households_member m JOIN households_household h ON h.id = m.household_id"
            cursor.execute(f"SELECT count(*) FROM (SELECT {key} FROM {joined} GROUP BY {key} HAVING count(*) > 1) grouped")
    return time.perf_counter() - begun


def memory_mb() -> float:
    """The most this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(frozen=True)
class Quality:
    """`precision`: proposals that were planted; `recall` of the people planted, `household_recall` of the households."""

    proposals: int
    precision: float
    recall: float
    household_recall: float


def quality(planted: Planted, *, least: int = 0) -> Quality:
    """Of the open pairs of that probability or more; a person planted is found alone, or with the household."""
    people, households, within, right = set(), set(), set(), 0
    for pair in DuplicatePair.objects.filter(status="open", probability__gte=least).iterator():
        if pair.kind == DuplicatePair.Kind.PEOPLE:
            found = (pair.member_low_id, pair.member_high_id)
            people.add(found)
            right += found in planted.people
        else:
            found = (pair.household_low_id, pair.household_high_id)
            households.add(found)
            right += found in planted.households
            within |= {tuple(sorted(one[:2])) for one in pair.evidence[0]["pairs"]}
    proposals = len(people) + len(households)
    return Quality(
        proposals,
        right / max(proposals, 1),
        len((people | within) & planted.people) / max(len(planted.people), 1),
        len(households & planted.households) / max(len(planted.households), 1),
    )
