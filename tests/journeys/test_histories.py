"""Any life of a small kingdom, in any order: no overlap, no gap, no double payment, and every count is what counting again gives.

Four synthetic families live through random deeds (see living.DEEDS) at days that are told; after each deed everything is counted again in
plain Python from the rows. Few lives are lived by default: `HISTORIES=200 uv run pytest tests/journeys/test_histories.py` lives 200,
and `HISTORIES_LONG=60` makes each as long as 60 deeds (25 by default).
"""

import os
import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.models import OPEN, Determination, Tally
from eligibility.queries import law
from enrollment import spending
from enrollment.allowances import allowance_lines
from enrollment.lifecycle import HOLDING, MOVES
from enrollment.models import (
    COVERS,
    Allowance,
    AllowanceLine,
    Correction,
    Direction,
    DueLine,
    Enrollment,
    EnrollmentMove,
    MigratedCover,
    MonthTally,
    Overpayment,
    Payment,
)
from enrollment.queries import sorted_members
from enrollment.services.ramed_covers import count_covers
from enrollment.services.restoring import joined, without
from households.models import Household, Request
from tests.enrollment.test_ramed_settling import cover

from .living import BEGINS, DEEDS, Kingdom

pytestmark = pytest.mark.django_db

LIVES, MANY = 4, int(os.environ.get("HISTORIES", "0"))
FROM, LONG = int(os.environ.get("HISTORIES_FROM", "0")), int(os.environ.get("HISTORIES_LONG", "25"))
OFTEN = ("accept", "accept", "month", "month", "night", "night", "order", "batch", "richer", "poorer", "appeal", "judge")
STEP = st.tuples(st.integers(0, 12), st.sampled_from([*DEEDS, *OFTEN]), st.integers(0, 3), st.integers(0, 59))
LIFE = st.lists(STEP, min_size=8, max_size=LONG)
STANDING = ("ready", "sent", "paid", "rejected")
PEOPLE = ("caseworker", "supervisor", "administrator")
GRANTS = ("birth_grant", "recovery")


class Undone(Exception):
    pass


def born(moved: bool = False) -> Kingdom:
    """The kingdom on its first day; `moved`: the widow and her child were taken over from RAMED, for two months more."""
    kingdom = Kingdom()
    assert kingdom.refused == {} and len(kingdom.homes) == 4
    if moved:
        home = Household.objects.get(pk=kingdom.homes[2])
        for one in home.members.all():
            quality = "insured" if one.relation == "head" else "dependant"
            cover(
                one.idcs, principal_idcs=home.members.get(relation="head").idcs, quality=quality, commune=home.commune, milieu=home.milieu,
                since=BEGINS - timedelta(days=90), until=BEGINS + timedelta(days=60),
            )  # fmt: skip
        count_covers(MigratedCover.objects.all(), sign=1)
    return kingdom


def lived(kingdom: Kingdom, life) -> None:
    for days, deed, which, number in life:
        if days:
            kingdom.on, kingdom.minutes = kingdom.on + timedelta(days=days), 0
            kingdom.live("night", 0, 0)
        kingdom.live(deed, which, number)
        check(kingdom, f"{deed}({which}, {number}) on {kingdom.on}")


def check(kingdom: Kingdom, after: str) -> None:
    nobody_is_covered_twice(after)
    no_day_is_lost(kingdom, after)
    moves_are_legal(after)
    nobody_is_paid_twice(after)
    counts_are_what_counting_gives(after)


@settings(max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck), derandomize="HISTORIES" not in os.environ)
@given(life=LIFE, moved=st.booleans())
def test_whatever_happens_in_whatever_order_the_register_stays_true(life, moved):
    with pytest.raises(Undone), transaction.atomic():
        kingdom = born(moved)
        lived(kingdom, life)
        months_are_what_reading_again_gives(kingdom)
        raise Undone


@pytest.mark.parametrize("seed", range(FROM, FROM + MANY))
def test_many_lives_stay_true(seed):
    """Long lives, one by one, each known by its seed."""
    chance = random.Random(seed)
    deeds = [*DEEDS, *OFTEN]
    life = [(chance.randint(0, 12), chance.choice(deeds), chance.randint(0, 3), chance.randint(0, 59)) for _ in range(LONG)]
    kingdom = born(chance.random() < 0.5)
    lived(kingdom, life)
    months_are_what_reading_again_gives(kingdom)


def test_every_deed_can_be_done():
    """Otherwise a life would be made of refusals: one path through all of them."""
    path = [
        (0, "accept", 0, 0), (0, "accept", 0, 1), (0, "accept", 1, 0), (0, "accept", 1, 1), (0, "join", 3, 0), (0, "refuse", 2, 1),
        (1, "birth", 0, 3), (1, "school", 0, 1),
        (2, "month", 0, 0), (0, "correct", 0, 1), (0, "fold", 0, 0), (0, "order", 0, 0), (1, "job", 1, 0), (1, "job_ends", 1, 0), (3, "suspend", 0, 1),
        (2, "resume", 0, 1), (1, "marriage", 1, 0), (1, "death", 0, 0), (1, "departure", 0, 0), (1, "transfer", 2, 0), (1, "move", 1, 0),
        (1, "richer", 0, 0), (1, "appeal", 0, 0), (1, "judge", 0, 1), (1, "line", 0, 0), (10, "contribute", 3, 0), (1, "batch", 0, 0), (1, "leave", 3, 0),
        (1, "richer", 1, 0), (1, "keep", 1, 0), (9, "poorer", 3, 0), (1, "richer", 0, 0), (12, "end", 0, 4), (1, "recover", 1, 1),
    ]  # fmt: skip
    kingdom = born(True)
    lived(kingdom, path)
    assert set(DEEDS) - set(kingdom.done) == set(), kingdom.refused
    months_are_what_reading_again_gives(kingdom)


# What must hold -----------------------------------------------------------------------------------------------------------


def covers() -> dict[str, list[tuple]]:
    """{person: [(first day, day after, row)]} of health covers of both schemes, and of what was taken over from RAMED."""
    found = defaultdict(list)
    for row in Enrollment.objects.filter(program__in=COVERS, since__isnull=False, status__in=(*HOLDING, "ended")):
        found[row.idcs].append((row.since, row.until, str(row)))
    for row in MigratedCover.objects.all():
        found[row.idcs].append((row.since, row.until, "migrated"))
    return {idcs: sorted(span for span in spans if span[0] < span[1]) for idcs, spans in found.items()}


def nobody_is_covered_twice(after: str) -> None:
    for idcs, spans in covers().items():
        for (_since, until, one), (since, _until, other) in pairwise(spans):
            assert until <= since, f"{after}: {idcs} is covered twice, {one} until {until} and {other} since {since}"


def no_day_is_lost(kingdom: Kingdom, after: str) -> None:
    """Who is covered once keeps the cover while the household is entitled and the person insurable, and nobody decides otherwise."""
    moved = set(Request.objects.filter(occasion__in=("transfer", "departure", "split")).values_list("household_id", flat=True))
    moved |= set(Request.objects.filter(other__isnull=False).values_list("other_id", flat=True))
    working = set(Direction.objects.values_list("household_id", flat=True))
    reasoned = EnrollmentMove.objects.filter(by__role__in=PEOPLE, after__in=("ended", "suspended", "refused"))
    decided = set(reasoned.values_list("enrollment__household_id", flat=True))
    spans = covers()
    for home in Household.objects.filter(pk__in=kingdom.homes, struck_off_on=None, due_since=None).exclude(
        pk__in=moved | working | decided
    ):
        rights = joined(Determination.objects.filter(household=home, program="amo_tadamon", entitled=True).values_list("since", "until"))
        insurable = {one.idcs for unit in sorted_members(home, kingdom.on, law(kingdom.on)).units for one in unit.people}
        waiting = set(home.enrollments.filter(program__in=COVERS, status="proposed").values_list("idcs", flat=True))
        for idcs in insurable & spans.keys():
            first = spans[idcs][0][0]
            if not any(since <= max(first, BEGINS) and until == OPEN for since, until in rights):
                continue
            gaps = without([(first, kingdom.on + timedelta(days=1))], [(since, until) for since, until, _row in spans[idcs]])
            assert not gaps or idcs in waiting, f"{after}: {idcs} lost {gaps}: {spans[idcs]}"


def moves_are_legal(after: str) -> None:
    chains = defaultdict(list)
    for move in EnrollmentMove.objects.order_by("id"):
        chains[move.enrollment_id].append(move)
    for row in Enrollment.objects.all():
        chain = chains[row.pk]
        assert chain and chain[0].before == "" and chain[-1].after == row.status, f"{after}: {row} {chain}"
        assert all(one.after == two.before for one, two in pairwise(chain)), f"{after}: {row} {chain}"
        assert all((one.before, one.after) in MOVES for one in chain), f"{after}: {row} {chain}"


def own_lines(allowance: Allowance) -> list[tuple]:
    """What the month itself gave, without what was written with it for another month."""
    months = allowance.months or [None] * len(allowance.kinds)
    rows = zip(allowance.kinds, allowance.members, allowance.ranks, allowance.amounts, months, strict=True)
    return [(kind, member, rank, amount) for kind, member, rank, amount, month in rows if month is None and kind not in GRANTS]


def nobody_is_paid_twice(after: str) -> None:
    paid_for, households = {}, Counter()
    for allowance in Allowance.objects.order_by("id"):
        households[allowance.household_id, allowance.month] += 1
        people = {member for _kind, member, _rank, _amount in own_lines(allowance) if member}
        if own_lines(allowance):
            people.add(allowance.payee_id)
        for member in people:
            other = paid_for.setdefault((member, allowance.month), allowance.household_id)
            assert other == allowance.household_id, f"{after}: {member} is paid for twice in {allowance.month}"
    assert set(households.values()) <= {1}, after
    standing = Counter()
    for payment in Payment.objects.filter(status__in=STANDING).select_related("allowance"):
        standing[payment.allowance_id] += 1
        assert payment.amount == payment.allowance.amount, after
    assert set(standing.values()) <= {1}, f"{after}: paid twice {standing}"


def counts_are_what_counting_gives(after: str) -> None:
    totals, by_kind = Counter(), Counter()
    for row in MonthTally.objects.all():
        (by_kind if row.kind else totals)[row.month, row.commune_id] += row.amount
    amounts, lines = Counter(), Counter()
    for allowance in Allowance.objects.all():
        amounts[allowance.month, allowance.commune_id] += allowance.amount
        lines[allowance.month, allowance.commune_id] += sum(allowance.amounts)
    assert +totals == +by_kind == +amounts == +lines, after
    read = AllowanceLine.objects.aggregate(sum=Sum("amount", default=0))["sum"]
    cells = spending.spent(first=date(2020, 1, 1), last=date(2099, 1, 1))
    assert sum(cell.centimes for cell in cells if cell.kind and cell.program == "direct_aid") == read == sum(amounts.values()), after

    tallied = {
        (row["program"], row["commune"], row["milieu"]): (row["h"], row["p"])
        for row in Tally.objects.filter(measure="enrolled")
        .values("program", "commune", "milieu")
        .annotate(h=Sum("households"), p=Sum("people"))
        if row["h"] or row["p"]
    }
    people, families = Counter(), defaultdict(set)
    for row in Enrollment.objects.filter(status__in=HOLDING):
        people[row.program, row.commune_id, row.milieu] += row.people
        families[row.program, row.commune_id, row.milieu].add(row.household_id)
    homes = Counter({place: len(found) for place, found in families.items()})
    # Who was moved from RAMED is counted, a household for each insured person, until an enrollment takes over or the cover ends.
    for row in MigratedCover.objects.filter(status="migrated"):
        people["amo_tadamon", row.commune_id, row.milieu] += 1
        homes["amo_tadamon", row.commune_id, row.milieu] += row.quality == "insured"
    assert tallied == {place: (homes[place], people[place]) for place in people}, after


def months_are_what_reading_again_gives(kingdom: Kingdom) -> None:
    """A month written, with its corrections and its overpayments, is the month read again; what was upheld or ended since is left out."""
    judged = set(Request.objects.filter(kind="score_review").values_list("household_id", flat=True))
    for allowance in Allowance.objects.exclude(household__in=judged):
        corrected = DueLine.objects.filter(household=allowance.household_id, belongs_to=allowance.month, correction__isnull=False)
        written = Counter()
        for kind, member, rank, amount in own_lines(allowance):
            written[kind, member, rank] += amount
        for row in corrected.exclude(kind="recovery"):
            written[row.kind, row.member_id, row.rank] += row.amount
        again = allowance_lines(
            [allowance.household_id],
            month=allowance.month,
            read_on=allowance.read_on,
            law=law(allowance.month),
            then=allowance.family_as_of,
        )
        expected = Counter({(row.kind, row.member_id, row.rank): row.amount for row in again})
        if not own_lines(allowance) or (corrected and not _right_on(allowance)):
            continue
        assert +written == +expected, f"{allowance} written {dict(+written)}, read again {dict(+expected)}"
    for over in Overpayment.objects.all():
        assert over.amount == -over.correction.amount == -sum(over.correction.lines.values_list("amount", flat=True))
    for correction in Correction.objects.all():
        rest = correction.lines.exclude(kind="recovery").aggregate(sum=Sum("amount", default=0))["sum"]
        assert rest == correction.amount


def _right_on(allowance: Allowance) -> bool:
    rows = Enrollment.objects.filter(household=allowance.household_id, program="direct_aid", status__in=(*HOLDING, "ended"))
    return rows.filter(since__lte=allowance.read_on, until__gt=allowance.read_on).exists()
