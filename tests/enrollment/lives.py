"""What happens to a covered family in tests: the register's rows change as a processed request would change them, then its covers follow."""

from datetime import date
from uuid import uuid4

from django.utils import timezone

import eligibility.queries
import eligibility.services
from enrollment import services
from enrollment.models import COVERS, Enrollment
from households.declared import answers_of
from households.models import Household, Member, Request
from rsu.authentication import engine
from rsu.models import User
from tests.eligibility.families import child, family, idcs, person

from .builders import DAY, determine

_people = iter(range(50_000, 99_999))


def covered(household: Household, *, on: date = DAY, by: User) -> Household:
    """The household is entitled since the day and everybody insurable is accepted."""
    determine(household, "amo_tadamon", since=on)
    services.propose_for_household(household.pk, on=on, by=engine())
    services.accept_household(household, "amo_tadamon", on=on, by=by)
    return household


def follow(household: Household, *, on: date):
    """What a processed deed does for the household."""
    services.propose_for_household(household.pk, on=on, by=engine())


def every_night(*, until: date, on: date | None = None):
    """The night's service, chunk after chunk, as the task calls it."""
    services.open_night(on=until, by=engine())
    while services.follow_covers(on=until, by=engine()):
        pass
    services.close_night(followed=0, on=until)


def born(household: Household, on: date, *, mother: Member | None = None, father: Member | None = None, **answers) -> Member:
    position = max(household.members.values_list("position", flat=True), default=0) + 1
    values = {
        "relation": "child", "sex": "female", "born_on": on, "marital_status": "single", "cover": "none", "disability": "none",
        "first_name_fr": f"Enfant{position}", "last_name_fr": "Essai",
    } | answers  # fmt: skip
    return Member.objects.create(
        household=household, position=position, idcs=idcs(next(_people)), mother=mother, father=father, **values
    )  # fmt: skip


def dies(member: Member, on: date, *, told: date | None = None, head: Member | None = None):
    """A death declared: a processed request keeps its day, the person leaves the household."""
    household = member.household
    by = User.objects.get(username="amina")
    Request.objects.create(
        token=uuid4(), kind="update", occasion="death", status="processed", household=household, before=answers_of(household),
        details={"people": [f"m{member.pk}"], "died_on": on.isoformat()}, created_by=by, submitted_on=told or on, submitted_by=by,
        processed_by=by, processed_at=timezone.now(),
    )  # fmt: skip
    Member.objects.filter(spouse=member).update(marital_status="widowed")
    member.delete()
    if head is not None:
        Member.objects.filter(pk=head.pk).update(relation="head")


def change(member: Member, **answers):
    Member.objects.filter(pk=member.pk).update(**answers)


def periods(person: Member | str) -> list[tuple]:
    """(scheme, status, quality, since, until) of everything that ever covered the person, empty periods left out; dates as text."""
    number = person if isinstance(person, str) else person.idcs
    rows = Enrollment.objects.filter(idcs=number, program__in=COVERS, since__isnull=False).exclude(status="refused")
    return [
        (row.status, row.quality, str(row.since), "" if row.until.year == 9999 else str(row.until))
        for row in rows.order_by("since", "until", "id")
        if row.since < row.until
    ]


def people(household: Household) -> list[Member]:
    return list(household.members.order_by("position"))


def near(points: int, *, on: date = DAY) -> Household:
    """A real family whose real score is brought just above `points` by its telephones: each weighs the same."""
    kid = child(date(2015, 6, 1), father=1, schooling="primary", school_sector="public")
    household = family(person(other_allowances=False), kid, rooms=4)
    bare, one_more = (_with_phones(household, count, on) for count in (0, 1))
    found = _with_phones(household, (points - bare) // (one_more - bare) + 1, on)
    assert bare < points < found
    return Household.objects.get(pk=household.pk)


def _with_phones(household: Household, count: int, on: date) -> int:
    Household.objects.filter(pk=household.pk).update(mobile_phones=count)
    eligibility.services.assess_households([household.pk], on=on, by=engine())
    return eligibility.queries.standing(household, on=on).score
