"""The month of everyone: who is due it, what waits to be written with it, and what must be true before it closes."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.queries import law
from enrollment import runs, services
from enrollment.allowances import allowance_lines
from enrollment.models import Allowance, AllowanceLine, MonthChunk, MonthRun, MonthTally, SchoolGrant, Suspension
from enrollment.tasks import take_month_chunks
from households.models import Member
from rsu.authentication import engine
from rsu.permissions import Forbidden
from tests.sizes import cases

from . import aid_oracle as oracle
from .aiding import DECEMBER, aided, by_hand, lines_of, paid, run_month
from .builders import PUPIL, child, couple, family, man, widow_with, woman

pytestmark = pytest.mark.django_db

JANUARY = date(2027, 1, 1)


def pupils(count: int, first_year: int = 2010) -> list[dict]:
    return [child(date(first_year + index, 5, 1), **PUPIL) for index in range(count)]


def test_everyone_due_is_paid_once_and_the_run_closes_on_its_equation():
    three, none = couple(*pupils(3)), couple()
    foreign = family(man(nationality="sn"))
    for household in (three, none, foreign):
        aided(household)
    run = run_month()
    assert (run.status, run.reason, run.planned) == ("closed", "", 3)
    chunk = run.chunks.get()
    assert (chunk.paid, chunk.already, chunk.not_due) == (2, 0, {"nationality": 1})
    assert (paid(three), paid(none), paid(foreign)) == (900, 500, None)
    assert (chunk.lines, chunk.amount) == (4, 140000)


def test_started_again_the_month_pays_only_who_came_since():
    first, later = couple(*pupils(3)), couple()
    aided(first)
    run_month()
    before = list(Allowance.objects.values_list("id", "amount"))
    aided(later)
    run = run_month()
    assert (run.status, run.chunks.get().paid, run.chunks.get().already) == ("closed", 1, 1)
    assert [row for row in Allowance.objects.values_list("id", "amount") if row in before] == before
    assert Allowance.objects.count() == 2


def test_asked_twice_is_asked_once():
    aided(couple())
    runs_ = {services.start_month(DECEMBER, on=DECEMBER, by=engine()).pk for _ in range(2)}
    assert len(runs_) == 1


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        ({}, 500),
        ({"status": "in_review"}, 500),
        ({"status": "ended", "until": date(2027, 1, 1)}, 500),
        ({"status": "ended", "until": DECEMBER}, None),
        ({"since": JANUARY}, None),
        ({"status": "proposed", "since": None}, None),
        ({"status": "suspended"}, None),
    ],
)
def test_the_right_is_read_on_the_reference_day(fields, amount):
    household = couple()
    aided(household, **fields)
    run_month()
    assert paid(household) == amount


@pytest.mark.parametrize(
    ("since", "until", "amount"),
    [
        (date(2026, 11, 5), date(2026, 12, 1), 500),
        (date(2026, 11, 5), date(2026, 12, 2), None),
        (date(2026, 12, 1), date(9999, 12, 31), None),
        (date(2026, 12, 2), date(9999, 12, 31), 500),
    ],
)
def test_a_suspension_that_covers_the_reference_day_gives_nothing_that_month(since, until, amount, amina):
    household = couple()
    enrollment = aided(household)
    Suspension.objects.create(enrollment=enrollment, since=since, until=until, reason="x", by=amina)
    run_month()
    assert paid(household) == amount


def test_a_household_struck_off_before_the_first_is_not_paid():
    household = couple()
    household.struck_off_on = DECEMBER
    household.save()
    aided(household)
    assert run_month().chunks.get().not_due == {"struck_off": 1}


def test_nobody_writes_a_month_to_come_or_without_being_an_administrator(amina):
    with pytest.raises(services.MonthRefused):
        services.start_month(JANUARY, on=DECEMBER, by=engine())
    with pytest.raises(services.MonthRefused):
        services.start_month(date(2023, 11, 1), on=DECEMBER, by=engine())
    with pytest.raises(Forbidden):
        services.start_month(DECEMBER, on=DECEMBER, by=amina)


def test_the_engine_starts_the_month_on_the_day_of_the_law_once():
    aided(couple())
    assert services.start_month_of_today(on=DECEMBER, by=engine()).planned == 1
    assert services.start_month_of_today(on=date(2026, 12, 2), by=engine()) is None


def test_the_flat_aid_becomes_the_aid_of_a_child_the_month_after_the_birth():
    household = couple()
    aided(household)
    run_month(date(2026, 11, 1))
    baby = Member.objects.filter(household=household).first()
    Member.objects.create(
        household=household, position=3, idcs="2999999990", first_name_fr="Fictif", last_name_fr="B", relation="child", sex="male",
        born_on=date(2026, 11, 2), marital_status="single", schooling="no", mother=baby,
    )  # fmt: skip
    run_month()
    assert lines_of(household, date(2026, 11, 1)) == [("flat", None, 500)]
    assert lines_of(household) == [("child", 1, 300), ("floor", None, 200)]


def test_a_family_that_changed_after_the_reference_day_is_read_as_it_was():
    """The November month is written late: what was answered on a later day does not count in it."""
    household = couple(*pupils(3))
    aided(household)
    eldest = household.members.get(position=3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM households_memberevent")
    Member.objects.filter(pk=eldest.pk).update(schooling="no")
    on = date(2026, 11, 1)
    now = timezone.now()
    late = allowance_lines([household.pk], month=on, read_on=on, law=law(on), then=now.replace(year=2025))
    today = allowance_lines([household.pk], month=on, read_on=on, law=law(on))
    assert [line.kind for line in late] == ["child", "child", "child"]
    assert [line.kind for line in today] == ["child_not_in_school", "child", "child"]


def test_in_summer_who_was_a_pupil_stays_one_until_the_school_year_ends():
    household = couple(*pupils(3))
    Member.objects.filter(household=household, position=3).update(schooling="no")
    months = [date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)]
    kinds = []
    for month in months:
        lines = allowance_lines([household.pk], month=month, read_on=month, law=law(month))
        kinds.append(next(line.kind for line in lines if line.rank == 1))
    # On 1 July the summer has not begun to be lived: what was answered that very day is read.
    assert kinds == ["child_not_in_school", "child", "child_not_in_school"]


def test_the_school_start_grant_comes_with_september_once_a_child_and_year():
    household = couple(
        child(date(2010, 1, 1), schooling="upper_secondary", school_sector="public"),
        child(date(2012, 1, 1), schooling="lower_secondary", school_sector="public"),
        child(date(2014, 1, 1), schooling="primary", school_sector="private"),
        child(date(2023, 1, 1), schooling="no"),
    )
    aided(household)
    run_month(date(2026, 9, 1))
    assert lines_of(household, date(2026, 9, 1)) == [
        ("child", 1, 300), ("child", 2, 300), ("child", 3, 300), ("child", 4, 36), ("school_start", 1, 300), ("school_start", 2, 200),
    ]  # fmt: skip
    assert SchoolGrant.objects.filter(year=2026).count() == 2
    lines = AllowanceLine.objects.filter(allowance__household=household, kind="school_start").select_related("provision")
    assert {line.provision.key for line in lines} == {"direct_aid.school_start"}
    other = couple()
    eldest = household.members.get(position=3)
    Member.objects.filter(pk=eldest.pk).update(household=other, position=3, mother=None, father=None)
    september = date(2026, 9, 1)
    assert "school_start" not in {line.kind for line in allowance_lines([other.pk], month=september, read_on=september, law=law(september))}
    assert "school_start" not in {
        line.kind for line in allowance_lines([other.pk], month=date(2026, 10, 1), read_on=date(2026, 10, 1), law=law(date(2026, 10, 1)))
    }


def test_before_the_first_september_of_the_grant_there_is_none():
    household, september = couple(*pupils(2)), date(2023, 12, 1).replace(year=2024, month=9)
    earlier = allowance_lines([household.pk], month=date(2024, 8, 1), read_on=date(2024, 8, 1), law=law(date(2024, 8, 1)))
    assert {line.kind for line in earlier} == {"child", "floor"}
    assert "school_start" in {line.kind for line in allowance_lines([household.pk], month=september, read_on=september, law=law(september))}


def payee(household):
    aided(household)
    run_month()
    return Allowance.objects.get(household=household).payee


def test_the_payee_is_the_husband_even_when_his_wife_is_the_head():
    household = family(woman(relation="head", spouse=2), man(relation="spouse"), child(date(2015, 1, 1), mother=1, father=2))
    assert payee(household).position == 2


def test_the_payee_of_a_widow_s_children_is_the_widow():
    assert payee(widow_with(child(date(2015, 1, 1)))).position == 1


def test_the_payee_of_a_sister_s_child_is_the_sister_who_has_custody_of_it():
    people = (
        man(marital_status="single"),
        woman(relation="sibling", marital_status="divorced"),
        child(date(2012, 1, 1), relation="other", mother=2),
    )
    assert payee(family(*people)).position == 2


def test_the_head_s_own_children_and_her_sister_s_follow_who_has_the_most():
    people = (
        woman(relation="head", marital_status="widowed"), woman(relation="sibling", marital_status="divorced"),
        child(date(2012, 1, 1), mother=1), child(date(2013, 1, 1), relation="other", mother=2), child(date(2014, 1, 1), relation="other", mother=2),
    )  # fmt: skip
    assert payee(family(*people)).position == 2


def test_the_payee_of_a_child_in_kafala_is_the_head():
    assert (
        payee(family(woman(relation="head", marital_status="single"), child(date(2012, 1, 1), relation="other", charge="kafala"))).position
        == 1
    )


def test_when_nobody_is_at_the_head_the_eldest_receives():
    household = family(woman(relation="parent", born_on=date(1950, 1, 1)), child(date(2012, 1, 1), relation="grandchild"))
    assert payee(household).position == 1


def test_a_household_that_begins_with_someone_paid_elsewhere_this_month_begins_with_the_next():
    left, begins = couple(*pupils(3)), couple()
    aided(left)
    run_month(date(2026, 11, 1))
    Member.objects.filter(household=left, position=5).update(household=begins, position=3)
    aided(begins, since=date(2026, 11, 1))
    done = runs.write([begins.pk], month=date(2026, 11, 1), read_on=date(2026, 11, 20), law=law(date(2026, 11, 1)))
    assert (done.paid, done.not_due) == (0, {"paid_elsewhere": 1})
    assert runs.write([begins.pk], month=DECEMBER, read_on=DECEMBER, law=law(DECEMBER)).paid == 1


def test_totals_by_commune_are_the_sum_of_the_lines_and_are_folded():
    for count in range(4):
        aided(couple(*pupils(count)))
    run_month()
    assert runs.differences(DECEMBER) == []
    tally = {row.kind: (row.count, row.amount) for row in MonthTally.objects.filter(month=DECEMBER)}
    assert tally[""] == (4, 50000 + 50000 + 60000 + 90000)
    assert tally["child"] == (6, 180000)
    assert sum(amount for kind, (_n, amount) in tally.items() if kind) == tally[""][1]


def test_a_month_whose_lines_do_not_sum_to_its_amounts_is_not_closed():
    aided(couple(*pupils(3)))
    run = services.start_month(DECEMBER, on=DECEMBER, by=engine())
    chunk = runs.claim(worker="x", at=timezone.now())
    assert runs.apply(chunk, at=timezone.now())
    with by_hand():
        Allowance.objects.update(amounts=[30000, 30000, 30001])
    [closed] = runs.close_finished(at=timezone.now())
    assert (closed.pk, closed.status) == (run.pk, "failed")
    assert "totaux" in closed.reason


def test_a_chunk_delivered_twice_is_done_once():
    aided(couple())
    services.start_month(DECEMBER, on=DECEMBER, by=engine())
    chunk = runs.claim(worker="x", at=timezone.now())
    assert runs.apply(chunk, at=timezone.now()) is True
    assert runs.apply(chunk, at=timezone.now()) is False
    assert Allowance.objects.count() == 1


def test_a_chunk_that_fails_five_times_has_failed_and_can_be_taken_up_again():
    aided(couple())
    run = services.start_month(DECEMBER, on=DECEMBER, by=engine())
    for _ in range(MonthChunk.MAX_ATTEMPTS):
        runs.give_back(runs.claim(worker="x", at=timezone.now()), error="boom")
    assert runs.claim(worker="x", at=timezone.now()) is None
    runs.close_finished(at=timezone.now())
    run.refresh_from_db()
    assert run.status == "failed"
    services.retry_month(run.pk, on=DECEMBER, by=engine())
    take_month_chunks()
    run.refresh_from_db()
    assert (run.status, Allowance.objects.count()) == ("closed", 1)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (MonthRun, {"month": date(2026, 12, 2)}),
        (MonthRun, {"month": DECEMBER}),
    ],
)
def test_a_month_starts_on_a_first_and_once_at_a_time(model, fields, chaima):
    run = services.start_month(DECEMBER, on=DECEMBER, by=engine())
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(read_on=DECEMBER, on=DECEMBER, provision=run.provision, by=chaima, **fields)


def test_a_child_has_one_school_start_grant_a_year():
    household = couple()
    SchoolGrant.objects.create(idcs="2000000000", year=2026, household=household)
    with pytest.raises(IntegrityError), transaction.atomic():
        SchoolGrant.objects.create(idcs="2000000000", year=2026, household=household)


DAYS = st.dates(date(2001, 1, 1), date(2026, 12, 31))
CHILDREN = st.builds(
    oracle.Child,
    born_on=DAYS,
    schooling=st.sampled_from(["no", "preschool", "primary", "lower_secondary", "upper_secondary", "vocational", "higher", "non_formal"]),
    sector=st.sampled_from([None, "public", "private"]),
    father_died_on=st.none() | st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    disability=st.sampled_from(["none", "moderate", "severe"]),
    disability_since=st.none() | DAYS,
    disability_until=st.none() | st.dates(date(2025, 1, 1), date(2028, 1, 1)),
    married=st.sampled_from([False, False, False, True]),
)
MONTHS = st.sampled_from(
    [date(2024, 8, 1), date(2024, 9, 1), date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 9, 1)]
)


def stored(children: list[oracle.Child]):
    """The family in the tables: a widow whose children have lost their father or never said."""
    return widow_with(
        *(
            child(
                one.born_on, schooling=one.schooling, school_sector=one.sector, disability=one.disability,
                disability_since=one.disability_since, disability_until=one.disability_until,
                marital_status="married" if one.married else "single",
                father_status="deceased" if one.father_died_on else "alive", father_died_on=one.father_died_on,
            )
            for one in children
        )
    )  # fmt: skip


@settings(max_examples=cases(12, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(families=st.lists(st.lists(CHILDREN, max_size=9), min_size=1, max_size=6), month=MONTHS)
def test_the_set_based_statement_gives_every_random_family_what_the_text_gives_it(db, families, month):
    with transaction.atomic():
        households = [stored(children) for children in families]
        lines = allowance_lines([one.pk for one in households], month=month, read_on=month, law=law(month))
        for household, children in zip(households, families, strict=True):
            mine = [(line.kind, line.rank, line.amount / 100) for line in lines if line.household_id == household.pk]
            assert mine == oracle.month(children, month)
        transaction.set_rollback(True)
