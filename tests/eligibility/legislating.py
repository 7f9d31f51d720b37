"""A small kingdom whose scores spread around both lines, and an administrator's pen."""

from datetime import date

from eligibility import services
from eligibility.models import OPEN, Assessment, Determination, Program
from eligibility.score import format_points
from rsu.authentication import engine
from rsu.models import User
from tests.eligibility.families import child, family, person

DAY = date(2026, 11, 22)
AID = Program.DIRECT_AID


def spread(on=DAY, sizes=range(1, 7), phones=range(4)) -> list[int]:
    """Two dozen assessed families, ids by rising score; no two scores are equal."""
    households = [
        family(person(), *[child(date(2015, 1, 1 + n)) for n in range(size - 1)], mobile_phones=number)
        for size in sizes
        for number in phones
    ]
    services.assess_households([household.pk for household in households], on=on, by=engine())
    ranked = list(Assessment.objects.order_by("score").values_list("household_id", "score"))
    assert len({score for _household, score in ranked}) == len(households)
    return [household for household, _score in ranked]


def score_of(household: int) -> int:
    return Assessment.objects.get(household_id=household).score


def propose(points: int, *, program=AID, since=DAY, on=DAY, by="chaima", **changes):
    values = {"source": "Décret n° 2-26-100", "reason": "Hausse des prix"} | changes
    value = changes.get("value", format_points(points))
    return services.propose_provision(
        key=program.threshold_key, since=since, on=on, by=User.objects.get(username=by), **(values | {"value": value})
    )


def move_line(points: int, *, on=DAY, since=None, program=AID):
    """Proposed by Chaïma, approved by Driss: the proposal."""
    proposal = propose(points, program=program, since=since or on, on=on)
    return services.approve_proposal(proposal.pk, on=on, by=User.objects.get(username="driss"))


def entitled(program=AID) -> set[int]:
    return set(Determination.objects.filter(program=program, until=OPEN, entitled=True).values_list("household_id", flat=True))


def under(points: int) -> set[int]:
    """Counted one by one, in Python."""
    return {row.household_id for row in Assessment.objects.all() if row.score <= points}
