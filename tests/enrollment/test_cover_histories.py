"""Any life of a family, followed night by night or once at the end: the same periods, no day twice, no day lost."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.queries import law
from enrollment import services
from enrollment.lifecycle import HOLDING
from enrollment.models import COVERS, Direction, Enrollment
from enrollment.queries import sorted_members
from households.models import Member
from rsu.authentication import engine
from rsu.models import User
from tests.sizes import cases

from .builders import DAY, child, couple
from .lives import born, change, covered, dies, every_night, follow, people, periods

pytestmark = pytest.mark.django_db
END = DAY + timedelta(days=400)

DEEDS = st.sampled_from(["birth", "death", "marriage", "divorce", "job", "job_ends", "studies", "no_studies", "nothing"])
LIFE = st.lists(st.tuples(st.integers(1, 399), DEEDS, st.integers(0, 9)), max_size=6).map(lambda deeds: sorted(deeds))
NIGHTS = st.sets(st.integers(1, 400), max_size=8)
# Grown up, a student's end and a leap day, all within the year that follows.
CHILDREN = [date(2005, 12, 30), date(2006, 2, 28), date(2008, 2, 29), date(2001, 5, 5), date(2020, 1, 1)]


def do(household, deed, which, day):
    """The deed as a processed request does it: covers are followed before it and after it, on its day. Proposals do not wait longer."""
    follow(household, on=day)
    services.accept_household(household, "amo_tadamon", on=day, by=User.objects.get(username="amina"))
    members = people(household)
    who = members[which % len(members)]
    head = next((one for one in members if one.relation == "head"), members[0])
    if deed == "birth":
        mother = next((one for one in members if one.sex == "female" and one.relation in ("head", "spouse")), None)
        born(household, day - timedelta(days=which), mother=mother, father=head if head.sex == "male" else None)
    elif deed == "death" and len(members) > 1:
        heir = next(
            (one for one in members if one.pk != who.pk and one.relation == "spouse"), next(one for one in members if one.pk != who.pk)
        )
        dies(who, day - timedelta(days=which), told=day, head=heir if who.pk == head.pk else None)
    elif deed == "marriage" and who.relation == "child" and who.sex == "male" and who.spouse_id is None:
        born(household, date(2004, 1, 1), relation="other", marital_status="married", spouse=who)
        change(who, marital_status="married")
    elif deed == "divorce" and who.spouse_id:
        change(who.spouse, marital_status="divorced")
        change(who, marital_status="divorced", spouse=None, relation="other" if who.relation == "spouse" else who.relation)
    elif deed == "job":
        with_no_double(lambda: services.confirm_direction(idcs=who.idcs, scheme="amo_employee", since=day, on=day, by=engine()))
    elif deed == "job_ends":
        with_no_double(lambda: services.end_direction(idcs=who.idcs, scheme="amo_employee", until=day, on=day, by=engine()))
    elif deed in ("studies", "no_studies"):
        change(who, schooling="higher" if deed == "studies" else "no")
    follow(household, on=day)


def with_no_double(deed):
    """A job that is known already, or that never was, is refused: nothing happens then."""
    try:
        with transaction.atomic():
            deed()
    except services.NotDirectable:
        pass


def lived(household, life, nights, by):
    """Everybody's periods at the end; what is proposed in somebody's own name is accepted where it stands then."""
    moments = sorted([(offset, 0, None, 0) for offset in nights] + [(offset, 1, deed, which) for offset, deed, which in life])
    for offset, _order, deed, which in moments:
        day = DAY + timedelta(days=offset)
        if deed is None:
            every_night(until=day)
        else:
            do(household, deed, which, day)
    every_night(until=END)
    follow(household, on=END)
    numbers = sorted(set(Enrollment.objects.filter(household=household, program__in=COVERS).values_list("idcs", flat=True)))
    return [periods(number) for number in numbers]


def family_of(by):
    daughters = [
        child(day, sex="female" if place % 2 else "male", schooling="higher" if day.year == 2001 else "no")
        for place, day in enumerate(CHILDREN)
    ]
    return covered(couple(*daughters), by=by)


@settings(max_examples=cases(3, 12), deadline=None, suppress_health_check=list(HealthCheck))
@given(life=LIFE, nights=NIGHTS)
def test_followed_every_night_or_once_at_the_end_the_periods_are_the_same(amina, life, nights):
    told = []
    for seen in (nights, set()):
        with transaction.atomic():
            told.append(lived(family_of(amina), life, seen, amina))
            transaction.set_rollback(True)
    assert told[0] == told[1]


@settings(max_examples=cases(3, 12), deadline=None, suppress_health_check=list(HealthCheck))
@given(life=LIFE, nights=NIGHTS)
def test_no_day_twice_and_no_day_lost_while_entitled_and_insurable(amina, life, nights):
    with transaction.atomic():
        household = family_of(amina)
        first = set(household.members.values_list("idcs", flat=True))
        lived(household, life, nights, amina)
        check_periods(household, first)
        transaction.set_rollback(True)


def check_periods(household, first):
    """Who was covered from the first day and still lives here without another cover has not lost a day; nobody has one twice."""
    found = sorted_members(household, END, law(END))
    insurable = {one.idcs for unit in found.units for one in unit.people}
    for member in Member.objects.filter(household=household):
        rows = Enrollment.objects.filter(idcs=member.idcs, program__in=COVERS, since__isnull=False).exclude(status="refused")
        chain = sorted((row.since, row.until, row.status) for row in rows if row.since < row.until)
        for (_since, until, _status), (following, _until, _after) in pairwise(chain):
            assert until <= following, f"{member.idcs} covered twice: {chain}"
        if member.idcs in first and member.idcs in insurable:
            assert chain[0][0] == DAY
            held = [row for row in chain if row[2] in (*HOLDING, "proposed")]
            assert len(held) == 1 and held[0][1].year == 9999, f"{member.idcs} lost the cover: {chain}"
            gaps = [(until, following) for (_s, until, _st), (following, _u, _a) in pairwise(chain) if until < following]
            for until, following in gaps:
                assert other_cover(household, until, following), f"{member.idcs} lost days {until}–{following}: {chain}"


def other_cover(household, since, until):
    """Whether another compulsory cover fills exactly these days: the person's own, or that of the relative he depends on."""
    return Direction.objects.filter(household=household, since__lte=since, until__gte=until).exists()


def test_the_families_of_these_tests_hold_what_they_are_meant_to(amina):
    household = family_of(amina)
    assert User.objects.get(username="amina") == amina
    assert len(people(household)) == 7
    assert Enrollment.objects.filter(household=household, status="active").count() == 7
