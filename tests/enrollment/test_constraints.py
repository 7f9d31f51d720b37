"""What the database refuses whatever the code: each constraint is violated once."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from eligibility.models import Provision
from enrollment.lifecycle import MOVES, MoveRefused, check_move, diagram
from enrollment.models import (
    Adhesion,
    Allowance,
    AllowanceLine,
    Contribution,
    Direction,
    DirectionMove,
    Enrollment,
    EnrollmentMove,
    Placement,
    PlacementMonth,
    Suspension,
)
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


def test_the_two_schemes_share_a_person_s_days(household):
    cover(household, status="ended", until=date(2026, 12, 1))
    refused("person_covered_once", cover, household, program="amo_achamil", since=date(2026, 11, 30))
    assert cover(household, program="amo_achamil", since=date(2026, 12, 1)).pk


def direction(household, **fields):
    base = {"idcs": "2000000006", "scheme": "amo_employee", "state": "directed", "directed_on": DAY}
    return Direction.objects.create(household=household, **(base | fields))


def test_a_person_is_directed_to_one_scheme_at_a_time(household):
    direction(household)
    refused("directed_once", direction, household, scheme="military")


def test_a_known_cover_has_its_days_and_no_other_scheme_shares_them(household):
    refused("direction_known_cover_has_start", direction, household, state="confirmed")
    refused("direction_ended_has_end", direction, household, state="ended", since=DAY)
    refused("direction_forward", direction, household, since=DAY, until=date(2026, 10, 1))
    direction(household, state="confirmed", since=DAY)
    refused("covered_by_one_other_scheme", direction, household, state="ended", since=date(2026, 11, 5), until=date(2026, 11, 9))


def test_the_steps_of_a_direction_are_never_edited(household):
    step = DirectionMove.objects.create(direction=direction(household), after="directed", on_day=DAY, by=engine())
    with pytest.raises(DatabaseError), transaction.atomic():
        DirectionMove.objects.filter(pk=step.pk).update(note="x")


def test_a_contribution_is_of_a_month_positive_and_recorded_by_somebody_when_paid(household):
    enrollment = cover(household, program="amo_achamil")
    refused(
        "adhesion_first_month_is_first_day",
        Adhesion.objects.create,
        enrollment=enrollment,
        joined_on=DAY,
        first_month=date(2026, 11, 2),
        waiting_months=3,
    )
    refused(
        "adhesion_waiting_not_negative", Adhesion.objects.create, enrollment=enrollment, joined_on=DAY, first_month=DAY, waiting_months=-1
    )
    adhesion = Adhesion.objects.create(enrollment=enrollment, joined_on=DAY, first_month=DAY, waiting_months=3)

    def month(**fields):
        base = {"adhesion": adhesion, "month": DAY, "due_on": DAY, "score": 94_000_000, "amount": 14_400}
        return Contribution.objects.create(band=Provision.objects.get(key="amo_achamil.bands"), **(base | fields))

    refused("contribution_month_is_first_day", month, month=date(2026, 11, 2), due_on=date(2026, 11, 3))
    refused("contribution_positive", month, amount=0)
    refused("contribution_due_in_its_month", month, due_on=date(2026, 10, 31))
    refused("contribution_paid_is_recorded", month, paid_on=DAY)


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


@pytest.mark.parametrize(
    "attempt", ["UPDATE enrollment_allowance SET amount = 1", "DELETE FROM enrollment_allowance", "TRUNCATE enrollment_allowance"]
)
def test_a_month_once_written_is_never_changed_nor_lost(attempt, household):
    month(household, aid(household))
    with pytest.raises(DatabaseError, match=r"append-only|Cannot update or delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"{attempt} CASCADE" if attempt.startswith("TRUNCATE") else attempt)


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
        cursor.execute("TRUNCATE enrollment_enrollmentmove CASCADE")


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
