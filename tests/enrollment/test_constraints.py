"""What the database refuses whatever the code: each constraint is violated once."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from eligibility.models import Provision
from enrollment.lifecycle import MOVES, MoveRefused, check_move, diagram
from enrollment.models import Allowance, AllowanceLine, Enrollment, EnrollmentMove, Placement, PlacementMonth, Suspension
from rsu.authentication import engine

from .builders import couple

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)


@pytest.fixture
def household():
    return couple()


def cover(household, **fields):
    base = {"program": "amo_tadamon", "idcs": "2000000006", "quality": "insured", "status": "active", "since": DAY}
    return Enrollment.objects.create(household=household, commune=household.commune, **(base | fields))


def aid(household, **fields):
    base = {"program": "direct_aid", "quality": "household", "status": "active", "since": DAY}
    return Enrollment.objects.create(household=household, commune=household.commune, **(base | fields))


def refused(name, make, *args, **fields):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make(*args, **fields)


def test_a_person_is_covered_once_on_a_day(household):
    cover(household)
    refused("person_covered_once", cover, couple(), since=date(2026, 12, 1))


def test_an_ended_cover_still_holds_its_days_and_frees_the_next(household):
    cover(household, status="ended", until=date(2026, 12, 1))
    refused("person_covered_once", cover, household, since=date(2026, 11, 30))
    assert cover(household, since=date(2026, 12, 1)).pk


def test_a_household_is_aided_once_on_a_day(household):
    aid(household)
    refused("household_aided_once", aid, household, status="in_review", since=date(2026, 12, 1))


def test_a_person_is_proposed_once(household):
    cover(household, status="proposed", since=None)
    refused("enrollment_proposed_once", cover, household, status="proposed", since=None)


def test_a_period_does_not_end_before_it_starts(household):
    refused("enrollment_forward", aid, household, status="refused", until=date(2026, 10, 31))


def test_what_runs_has_a_start(household):
    refused("enrollment_open_has_start", cover, household, since=None)


@pytest.mark.parametrize("fields", [{"idcs": ""}, {"program": "direct_aid"}])
def test_cover_names_a_person_and_aid_names_none(fields, household):
    refused("enrollment_person_or_household", cover, household, **fields)


def month(household, enrollment, **fields):
    base = {"month": DAY, "read_on": DAY, "amount": 50000}
    return Allowance.objects.create(household=household, enrollment=enrollment, **(base | fields))


def test_a_month_is_paid_once(household):
    running = aid(household)
    month(household, running)
    refused("allowance_once_a_month", month, household, running)


def test_a_month_is_its_first_day(household):
    refused("allowance_month_is_first_day", month, household, aid(household), month=date(2026, 11, 2))


def test_a_month_is_not_negative(household):
    refused("allowance_not_negative", month, household, aid(household), amount=-1)


def test_a_line_of_a_month_is_read_in_its_allowance_and_never_written_apart(household):
    provision = Provision.objects.filter(key="direct_aid.amounts").first()
    lines = {"kinds": ["child", "floor"], "members": [None, None], "ranks": [1, None], "amounts": [30000, 20000], "provision": provision}
    allowance = month(household, aid(household), **lines)
    assert [(line.position, line.kind, line.rank, line.amount) for line in allowance.lines.order_by("position")] == [
        (1, "child", 1, 30000), (2, "floor", None, 20000),
    ]  # fmt: skip
    line = {
        "id": 1,
        "allowance": allowance,
        "position": 3,
        "kind": "flat",
        "amount": 1,
        "provision": provision,
        "belongs_to": allowance.month,
    }
    with pytest.raises(DatabaseError, match="view"), transaction.atomic():
        AllowanceLine.objects.create(**line)


def test_a_move_is_never_changed_nor_lost(household):
    moved = EnrollmentMove.objects.create(enrollment=aid(household), before="", after="proposed", by=engine())
    for deed in (lambda: EnrollmentMove.objects.update(reason="autre"), lambda: EnrollmentMove.objects.filter(pk=moved.pk).delete()):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            deed()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE enrollment_enrollmentmove")


@pytest.mark.parametrize("before", ["", "proposed", "active", "in_review", "ended", "refused"])
@pytest.mark.parametrize("after", ["proposed", "active", "in_review", "ended", "refused"])
@pytest.mark.parametrize("role", ["caseworker", "supervisor", "engine", "administrator", "auditor", "agency"])
def test_only_the_moves_of_the_dict_are_allowed(before, after, role):
    if role in MOVES.get((before, after), ()):
        check_move(before, after, role)
    else:
        with pytest.raises(MoveRefused):
            check_move(before, after, role)


def test_what_ended_or_was_refused_moves_no_more():
    assert not [pair for pair in MOVES if pair[0] in ("ended", "refused")]


def test_the_diagram_shows_every_move():
    assert diagram().splitlines()[1] == "    [*] --> proposed: caseworker, supervisor, engine"
    assert len(diagram().splitlines()) == 1 + len(MOVES)


def test_an_enrollment_is_suspended_once_on_a_day(household):
    one = cover(household, status="suspended")
    Suspension.objects.create(enrollment=one, since=DAY, reason="a paper is awaited", by=engine())
    later = {"enrollment": one, "since": date(2027, 1, 1), "reason": "another", "by": engine()}
    refused("suspended_once", Suspension.objects.create, **later)


def test_a_suspended_cover_keeps_its_place(household):
    cover(household, status="suspended")
    refused("person_covered_once", cover, couple(), program="amo_achamil", since=date(2026, 12, 1))


def placement(household, **fields):
    base = {
        "idcs": "2000000006",
        "name": "synthetic",
        "born_on": date(2015, 1, 1),
        "institution": "a home",
        "account": "0" * 24,
        "since": DAY,
    }
    return Placement.objects.create(commune=household.commune, recorded_by=engine(), **(base | fields))


def test_a_child_is_placed_once_on_a_day(household):
    placement(household)
    refused("placed_once", placement, household, since=date(2026, 12, 1))


def test_a_placement_is_owed_a_month_once(household):
    month = {"placement": placement(household), "month": DAY, "amount": 50000, "provision": Provision.objects.first()}
    PlacementMonth.objects.create(**month)
    refused("placement_month_once", PlacementMonth.objects.create, **month)
    refused("placement_month_is_first_day", PlacementMonth.objects.create, **(month | {"month": date(2026, 12, 2)}))
    refused("placement_month_positive", PlacementMonth.objects.create, **(month | {"month": date(2026, 12, 1), "amount": 0}))
