"""What is known later: months read again, lines dated by the month they belong to, overpayments taken back only by decision."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.queries import law
from enrollment import runs, services
from enrollment.allowances import allowance_lines
from enrollment.models import Allowance, AllowanceLine, Correction, DueLine, Enrollment, Overpayment
from households.models import Member
from rsu.authentication import engine
from rsu.permissions import Forbidden
from tests.sizes import cases

from .aiding import DECEMBER, aided, lines_of, paid, run_month
from .builders import PUPIL, child, couple

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def pupils(count: int, first_year: int = 2010) -> list[dict]:
    return [child(date(first_year + index, 5, 1), **PUPIL) for index in range(count)]


def write(household, *months):
    for month in months:
        assert runs.write([household.pk], month=month, read_on=month, law=law(month)).paid == 1


def correct(household, *months, **how):
    return services.correct_months(households=[household.pk], months=months, reason="vérifié", on=DECEMBER, by=engine(), **how)


def answer(household, position, **values):
    Member.objects.filter(household=household, position=position).update(**values)


def test_what_was_missing_is_written_with_the_next_month_dated_by_its_own():
    household = couple(*pupils(2), child(date(2014, 5, 1), schooling="no"))
    aided(household)
    write(household, OCTOBER, NOVEMBER)
    answer(household, 5, schooling="primary")
    assert correct(household, OCTOBER, NOVEMBER) == {(household.pk, OCTOBER): 10000, (household.pk, NOVEMBER): 10000}
    run_month()
    assert lines_of(household) == [
        ("child", 1, 300), ("child", 2, 300), ("child", 3, 300),
        ("child", 3, 300, OCTOBER), ("child_not_in_school", 3, -200, OCTOBER),
        ("child", 3, 300, NOVEMBER), ("child_not_in_school", 3, -200, NOVEMBER),
    ]  # fmt: skip
    assert paid(household) == 900 + 200
    assert DueLine.objects.filter(written_in=None).count() == 0


def test_corrected_twice_is_corrected_once():
    household = couple(*pupils(2), child(date(2014, 5, 1), schooling="no"))
    aided(household)
    write(household, NOVEMBER)
    answer(household, 5, schooling="primary")
    assert correct(household, NOVEMBER) == {(household.pk, NOVEMBER): 10000}
    assert correct(household, NOVEMBER) == {}
    run_month()
    assert correct(household, NOVEMBER) == {}


def test_what_was_too_much_is_recorded_and_takes_nothing_back():
    household = couple(*pupils(3))
    aided(household)
    write(household, NOVEMBER)
    answer(household, 5, schooling="no")
    assert correct(household, NOVEMBER) == {(household.pk, NOVEMBER): -10000}
    overpayment = Overpayment.objects.get()
    assert (overpayment.amount, overpayment.month, overpayment.state, overpayment.left) == (10000, NOVEMBER, "recorded", 10000)
    run_month()
    assert paid(household) == 800


def test_an_overpayment_proposed_by_one_and_decided_by_another_is_taken_back_by_shares(amina, salma):
    household = couple(*pupils(3))
    aided(household)
    write(household, OCTOBER, NOVEMBER)
    answer(household, 5, schooling="no")
    correct(household, NOVEMBER)
    overpayment = Overpayment.objects.get()
    services.propose_recovery(overpayment.pk, share=8000, reason="certificat rendu", on=DECEMBER, by=amina)
    with pytest.raises(Forbidden):
        services.decide_recovery(overpayment.pk, accept=True, reason="oui", on=DECEMBER, by=amina)
    services.decide_recovery(overpayment.pk, accept=True, reason="oui", on=DECEMBER, by=salma)
    run_month()
    # 800 dirhams that month: 80 are asked for, the law lets a fifth be withheld.
    assert lines_of(household)[-1] == ("recovery", None, -80, NOVEMBER)
    assert paid(household) == 720
    run_month(date(2027, 1, 1))
    assert paid(household, date(2027, 1, 1)) == 780
    overpayment.refresh_from_db()
    assert (overpayment.state, overpayment.recovered) == ("recovered", 10000)
    run_month(date(2027, 2, 1))
    assert paid(household, date(2027, 2, 1)) == 800


def test_no_more_is_withheld_than_the_share_that_the_law_allows(amina, salma):
    household = couple(*pupils(3))
    aided(household)
    write(household, OCTOBER, NOVEMBER)
    for position in (3, 4, 5):
        answer(household, position, schooling="no")
    correct(household, OCTOBER, NOVEMBER)
    overpayment = Overpayment.objects.order_by("month").first()
    assert overpayment.amount == 30000
    services.propose_recovery(overpayment.pk, share=30000, reason="x", on=DECEMBER, by=amina)
    services.decide_recovery(overpayment.pk, accept=True, reason="x", on=DECEMBER, by=salma)
    run_month()
    assert lines_of(household)[-1] == ("recovery", None, -120, OCTOBER)
    assert paid(household) == 480


def test_a_recovery_refused_leaves_the_household_what_it_received(amina, salma):
    household = couple(*pupils(3))
    aided(household)
    write(household, NOVEMBER)
    answer(household, 5, schooling="no")
    correct(household, NOVEMBER)
    overpayment = Overpayment.objects.get()
    services.propose_recovery(overpayment.pk, share=10000, reason="x", on=DECEMBER, by=amina)
    services.decide_recovery(overpayment.pk, accept=False, reason="bonne foi", on=DECEMBER, by=salma)
    overpayment.refresh_from_db()
    assert overpayment.state == "waived"
    run_month()
    assert paid(household) == 800


def test_what_is_owed_after_all_first_makes_up_for_what_was_received_too_much():
    household = couple(*pupils(3))
    aided(household)
    write(household, NOVEMBER)
    answer(household, 5, schooling="no")
    correct(household, NOVEMBER)
    answer(household, 5, schooling="primary")
    assert correct(household, NOVEMBER) == {(household.pk, NOVEMBER): 10000}
    assert Overpayment.objects.get().state == "recovered"
    run_month()
    assert paid(household) == 900


def test_what_corrections_made_up_before_it_was_kept_apart_is_counted_from_their_lines():
    household = couple(*pupils(3))
    aided(household)
    write(household, OCTOBER, NOVEMBER)
    answer(household, 5, schooling="no")
    answer(household, 4, schooling="no")
    correct(household, OCTOBER, NOVEMBER)
    answer(household, 4, schooling="primary")
    correct(household, NOVEMBER)
    kept = dict(Overpayment.objects.values_list("month", "made_up"))
    assert kept == {OCTOBER: 0, NOVEMBER: 10000}
    Overpayment.objects.update(made_up=0)
    counted = import_module("enrollment.migrations.0100_corrections_already_made_up_are_counted").COUNTED
    with connection.cursor() as cursor:
        cursor.execute(counted)
    assert dict(Overpayment.objects.values_list("month", "made_up")) == kept


def test_a_month_due_and_never_written_is_written_and_the_run_does_not_pay_it_again():
    """A partner speaks on the morning of the 1st, before the run; or of a month that failed for this family and is started again."""
    household = couple(*pupils(3))
    aided(household)
    assert correct(household, NOVEMBER, DECEMBER, as_written=True) == {(household.pk, NOVEMBER): 90000, (household.pk, DECEMBER): 90000}
    assert correct(household, NOVEMBER, DECEMBER) == {}
    run_month(NOVEMBER)
    run_month()
    assert [paid(household, month) for month in (NOVEMBER, DECEMBER)] == [900, 900]
    assert not DueLine.objects.exists()


def test_a_month_to_come_is_left_to_its_day():
    household = couple()
    aided(household)
    assert correct(household, date(2027, 1, 1)) == {}
    assert not Allowance.objects.exists()


def test_a_first_month_that_another_household_was_paid_for_is_not_made_good_by_a_correction():
    left, begins = couple(*pupils(3)), couple()
    aided(left)
    run_month(NOVEMBER)
    Member.objects.filter(household=left, position=5).update(household=begins, position=3)
    aided(begins, since=NOVEMBER)
    assert correct(begins, NOVEMBER) == {}
    assert paid(begins, NOVEMBER) is None and not DueLine.objects.exists()


def test_a_month_written_late_is_corrected_with_the_family_it_was_written_for():
    """Written in December as of 1 November: what was answered in between has no part in November, nor in its correction."""
    household = couple(*pupils(3))
    aided(household)
    allowance = run_late(household, answered={"schooling": "no"})
    assert allowance.amount == 90000 and allowance.read_at < allowance.computed_at
    assert correct(household, NOVEMBER, as_written=True) == {}
    assert correct(household, NOVEMBER) == {(household.pk, NOVEMBER): -10000}


def run_late(household, *, answered: dict) -> Allowance:
    answer(household, 5, **answered)
    as_of = timezone.now() - timedelta(days=20)
    assert runs.write([household.pk], month=NOVEMBER, read_on=NOVEMBER, law=law(NOVEMBER), then=as_of).paid == 1
    return Allowance.objects.get(household=household, month=NOVEMBER)


def test_a_household_suspended_waits_for_what_it_is_owed():
    household = couple(*pupils(2), child(date(2014, 5, 1), schooling="no"))
    enrollment = aided(household)
    write(household, NOVEMBER)
    answer(household, 5, schooling="primary")
    correct(household, NOVEMBER)
    Enrollment.objects.filter(pk=enrollment.pk).update(status="suspended")
    assert run_month().chunks.get().not_due == {"suspended": 1}
    assert paid(household) is None


def test_everyone_s_month_is_corrected_by_a_run_when_the_law_of_it_changes(chaima):
    """The rates of a month gone by are raised by a tenth: the difference of each household waits for the next month."""
    household, flat = couple(*pupils(3)), couple()
    for one in (household, flat):
        aided(one)
    run_month(NOVEMBER)
    provision = law(NOVEMBER).cite("direct_aid.amounts")
    from eligibility.models import Provision

    row = Provision.objects.get(pk=provision.id)
    value = row.value | {"bands": [band | {"young_or_in_school": band["young_or_in_school"] * 11 // 10} for band in row.value["bands"]]}
    Provision.objects.create(key=row.key, since=NOVEMBER, value=value, source="essai", confidence="L")
    [run] = services.correct_changed_amounts(on=DECEMBER, by=engine())
    from enrollment.tasks import take_month_chunks

    take_month_chunks()
    run.refresh_from_db()
    assert (run.status, run.kind) == ("closed", "correction")
    assert list(Correction.objects.values_list("household_id", "amount")) == [(household.pk, 9000)]
    assert services.correct_changed_amounts(on=DECEMBER, by=engine()) == []


def test_nobody_corrects_a_household_out_of_their_area(brahim):
    household = couple()
    aided(household)
    with pytest.raises(Forbidden):
        services.correct_months(households=[household.pk], months=[NOVEMBER], reason="x", on=DECEMBER, by=brahim)


def overpaid(household, by, **fields):
    given = {"household": household, "month": NOVEMBER, "amount": 100, "reason": "x", "recorded_by": by} | fields
    return Overpayment.objects.create(**given)


@pytest.mark.parametrize(
    "fields",
    [{"amount": 0}, {"recovered": 101}, {"recovered": -1}, {"state": "recovering"}],
)
def test_the_database_refuses_an_overpayment_that_cannot_be(fields, amina):
    with pytest.raises(IntegrityError), transaction.atomic():
        overpaid(couple(), amina, **fields)


def test_the_database_refuses_that_one_person_proposes_and_decides(amina):
    with pytest.raises(IntegrityError), transaction.atomic():
        overpaid(couple(), amina, proposed_by=amina, decided_by=amina)


DEEDS = st.lists(
    st.tuples(st.sampled_from(["school", "no_school", "disabled", "able", "orphan", "month", "correct"]), st.integers(3, 6)),
    min_size=3,
    max_size=10,
)
CHANGES = {
    "school": {"schooling": "primary"}, "no_school": {"schooling": "no"}, "disabled": {"disability": "severe"}, "able": {"disability": "none"},
    "orphan": {"father": None, "father_status": "deceased"},
}  # fmt: skip


@settings(max_examples=cases(10, 50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_months_written_and_their_corrections_always_sum_to_what_they_are_worth(db, deeds):
    with transaction.atomic():
        household = couple(*pupils(4))
        aided(household)
        months = [date(2026, number, 1) for number in range(1, 13)]
        written = 0
        for deed, position in deeds:
            if deed in CHANGES:
                answer(household, position, **CHANGES[deed])
            elif deed == "month":
                write(household, months[written])
                written += 1
            else:
                correct(household, *months[:written])
        correct(household, *months[:written])
        for month in months[:written]:
            worth = sum(line.amount for line in allowance_lines([household.pk], month=month, read_on=month, law=law(month)))
            lines = AllowanceLine.objects.filter(allowance__household=household, allowance__month=month, belongs_to=month)
            own = lines.aggregate(sum=Sum("amount", default=0))["sum"]
            due = (
                DueLine.objects.filter(household=household, belongs_to=month)
                .exclude(kind="recovery")
                .aggregate(sum=Sum("amount", default=0))["sum"]
            )
            assert own + due == worth
        for allowance in Allowance.objects.filter(household=household):
            assert allowance.amount == sum(allowance.amounts) >= 0
        made_up = -(DueLine.objects.filter(household=household, kind="recovery").aggregate(sum=Sum("amount", default=0))["sum"])
        sums = Overpayment.objects.filter(household=household).aggregate(
            recovered=Sum("recovered", default=0), made_up=Sum("made_up", default=0)
        )
        assert made_up == sums["made_up"] == sums["recovered"]
        transaction.set_rollback(True)


def test_a_past_month_written_late_holds_nothing_that_belongs_to_a_later_one():
    """The aid starts in November; October, asked for in December, has no right and waits for nobody's lines."""
    household = couple(*pupils(2), child(date(2014, 5, 1), schooling="no"))
    aided(household, since=NOVEMBER)
    write(household, NOVEMBER)
    answer(household, 5, schooling="primary")
    assert correct(household, NOVEMBER) == {(household.pk, NOVEMBER): 10000}
    run = run_month(OCTOBER, on=DECEMBER)
    assert (run.status, run.planned) == ("closed", 0)
    assert paid(household, OCTOBER) is None
    assert services.write_months(household, since=OCTOBER, read_on=OCTOBER, on=DECEMBER) == 1
    assert paid(household, OCTOBER) is None
    assert lines_of(household)[-2:] == [("child", 3, 300, NOVEMBER), ("child_not_in_school", 3, -200, NOVEMBER)]


def test_an_overpayment_is_not_taken_back_from_an_earlier_month_nor_from_its_own(amina, salma):
    household = couple(*pupils(3))
    aided(household)
    write(household, NOVEMBER)
    answer(household, 5, schooling="no")
    correct(household, NOVEMBER)
    overpayment = Overpayment.objects.get()
    services.propose_recovery(overpayment.pk, share=10000, reason="x", on=DECEMBER, by=amina)
    services.decide_recovery(overpayment.pk, accept=True, reason="x", on=DECEMBER, by=salma)
    run_month(OCTOBER, on=DECEMBER)
    overpayment.refresh_from_db()
    # October is read on its own 1st, when the third child was a pupil.
    assert (paid(household, OCTOBER), overpayment.recovered) == (900, 0)
    run_month()
    assert lines_of(household)[-1] == ("recovery", None, -100, NOVEMBER)


ORDERS = st.permutations(range(6)).flatmap(
    lambda months: st.tuples(
        st.just(months), st.lists(st.tuples(st.sampled_from(list(CHANGES)), st.integers(3, 6)), min_size=6, max_size=6)
    )
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS)
def test_in_whatever_order_months_are_written_nothing_goes_back_in_time(db, amina, salma, order):
    with transaction.atomic():
        household, months = couple(*pupils(4)), [date(2026, number, 1) for number in range(6, 12)]
        aided(household)
        written = []
        for index, (change, position) in zip(*order, strict=True):
            write(household, months[index])
            written.append(months[index])
            answer(household, position, **CHANGES[change])
            correct(household, *written)
            recover_one(amina, salma)
        for line in AllowanceLine.objects.filter(allowance__household=household).select_related("allowance"):
            assert line.belongs_to <= line.allowance.month
            assert line.kind != "recovery" or line.belongs_to < line.allowance.month
        for due in DueLine.objects.filter(household=household).exclude(written_in=None).select_related("written_in"):
            assert due.belongs_to < due.written_in.month
        run_month()
        assert not DueLine.objects.filter(written_in=None, withheld=False).exists()
        withheld = AllowanceLine.objects.filter(allowance__household=household, kind="recovery").aggregate(sum=Sum("amount", default=0))[
            "sum"
        ]
        assert -withheld == sum(one.taken_back + one.made_up for one in Overpayment.objects.filter(household=household))
        transaction.set_rollback(True)


def recover_one(amina, salma) -> None:
    """The first overpayment that nobody recovers yet, if none of the household's is being recovered."""
    if Overpayment.objects.filter(state="recovering").exists():
        return
    if found := Overpayment.objects.filter(state="recorded").order_by("id").first():
        services.propose_recovery(found.pk, share=found.left, reason="x", on=DECEMBER, by=amina)
        services.decide_recovery(found.pk, accept=True, reason="x", on=DECEMBER, by=salma)
