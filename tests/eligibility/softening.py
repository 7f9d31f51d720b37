"""A few families whose score is set by hand around a line, and a law with a band and months of grace."""

from datetime import date

from django.db.models import Sum

from eligibility import queries, services
from eligibility.determinations import determine
from eligibility.models import OPEN, Assessment, Determination, Facts, HeldLoss, Provision, Tally
from eligibility.scope import Scope
from eligibility.score import format_points, threshold_points
from rsu.authentication import engine
from rsu.models import User
from tests.eligibility.families import family, person
from tests.eligibility.legislating import AID

LINE = threshold_points("9.7430010")
BAND = threshold_points("0.0100000")
FIRST = date(2026, 11, 2)


def in_force(key: str, value, since: date = FIRST) -> Provision:
    """A provision as two administrators would have made it; a number of points is written as a decimal."""
    return Provision.objects.create(key=key, since=since, value=value, source="Décret n° 2-26-200", confidence="H")


def banded(band: int = BAND, *, since: date = FIRST, program=AID) -> None:
    in_force(f"{program.value}.borderline_band", format_points(band), since)


def enacted(key: str, value, *, on: date) -> None:
    """Proposed by Chaïma and approved by Driss, from that day."""
    chaima, driss = User.objects.get(username="chaima"), User.objects.get(username="driss")
    given = {"source": "Décret n° 2-26-201", "reason": "Stabilité"}
    proposal = services.propose_provision(key=key, since=on, value=value, on=on, by=chaima, **given)
    services.approve_proposal(proposal.pk, on=on, by=driss)


def households(number: int = 1, *, on: date = FIRST, **answers) -> list[int]:
    """Assessed families, under the line of direct aid."""
    ids = [family(person(), **answers).pk for _ in range(number)]
    services.assess_households(ids, on=on, by=engine())
    return ids


def scored(household: int, points: int, *, on: date, program=AID, verified: bool = False) -> None:
    """The household's score becomes this one, and its answer is read on that day."""
    Assessment.objects.filter(household_id=household).update(score=points)
    read([household], on=on, program=program, verified=verified)


def read(ids: list[int], *, on: date, program=AID, verified: bool = False) -> None:
    reason = "verified" if verified else "declaration"
    determine(Scope(ids), program=program, law=queries.law(on), run_id=None, reason=reason, verified=verified)


def chain(household: int, program=AID) -> list[tuple]:
    rows = Determination.objects.filter(household=household, program=program).order_by("since")
    return list(rows.values_list("since", "entitled", "grace_until"))


def is_open(household: int, program=AID) -> bool:
    return Determination.objects.get(household=household, program=program, until=OPEN).entitled


def held(household: int, program=AID) -> list[tuple]:
    return list(HeldLoss.objects.filter(household=household, program=program).order_by("id").values_list("on", "score", "outcome"))


def check_tally(program=AID) -> None:
    """The counter kept by deltas is the number of open rights, losses that wait included."""
    kept = Tally.objects.filter(measure="entitled", program=program).aggregate(h=Sum("households"), p=Sum("people"))
    rights = Determination.objects.filter(program=program, until=OPEN, entitled=True).values("household")
    people = Facts.objects.filter(household__in=rights).aggregate(n=Sum("size"))["n"]
    assert (kept["h"] or 0, kept["p"] or 0) == (rights.count(), people or 0)
