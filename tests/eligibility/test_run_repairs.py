"""What a run that was stopped leaves behind: who says so, what takes it up, and what it must not hold back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from eligibility import runs, services
from eligibility.models import Facts, Run
from households.models import Household
from rsu.authentication import engine
from tests.eligibility.families import family, person
from tests.eligibility.legislating import DAY, entitled, move_line, score_of, spread, under

pytestmark = pytest.mark.django_db


@pytest.fixture
def under_way(settings):
    """A run of several chunks, none of them done."""
    settings.RUN_CHUNK = 4
    ranked = spread()
    move_line(score_of(ranked[2]))
    return Run.objects.get()


def claim():
    return runs.claim(worker="one", at=timezone.now())


def state(run: Run) -> str:
    run.refresh_from_db()
    return run.status


# Paused


def test_a_run_paused_before_its_first_chunk_is_timed_from_that_chunk(under_way, chaima):
    services.pause_run(under_way.pk, reason="Une panne", on=DAY, by=chaima)
    services.resume_run(under_way.pk, on=DAY, by=chaima)
    at = timezone.now()
    runs.claim(worker="one", at=at)
    assert (state(under_way), under_way.started_at) == ("running", at)
    runs.claim(worker="two", at=at + timedelta(seconds=1))
    assert (state(under_way), under_way.started_at) == ("running", at)


def birthdays() -> list[tuple[Household, "object"]]:
    """Two families read today, and the days on which their heads turn thirty: the second a week after the first."""
    families = [family(person(born_on=DAY.replace(year=1996) + timedelta(days=later))) for later in (10, 17)]
    services.assess_households([household.pk for household in families], on=DAY, by=engine())
    return [(household, Facts.objects.get(household=household).stale_on) for household in families]


def read_on(household: Household):
    return Facts.objects.get(household=household).on


def test_a_paused_change_of_the_law_holds_back_no_birthday(under_way, work, chaima):
    services.pause_run(under_way.pk, reason="Une panne", on=DAY, by=chaima)
    (household, day), _other = birthdays()
    [run] = services.pass_time(on=day, by=engine())
    work(on=day)
    assert (run.kind, state(run), read_on(household)) == ("time", "closed", day)
    services.resume_run(under_way.pk, on=day, by=chaima)
    work(on=day)
    assert state(under_way) == "closed"


def test_a_paused_day_of_birthdays_keeps_its_households_and_lets_later_days_pass(work, chaima):
    (first, day), (second, later) = birthdays()
    [paused] = services.pass_time(on=day, by=engine())
    services.pause_run(paused.pk, reason="Une panne", on=day, by=chaima)
    assert services.pass_time(on=day, by=engine()) == []
    [run] = services.pass_time(on=later, by=engine())
    work(on=later)
    assert (run.on, state(run), read_on(first), read_on(second)) == (later, "closed", DAY, later)
    services.resume_run(paused.pk, on=later, by=chaima)
    work(on=later)
    assert (state(paused), read_on(first)) == ("closed", day)


# Given up


def test_a_run_whose_last_chunk_is_taken_cannot_be_given_up(under_way, work, chaima):
    taken = [claim() for _chunk in range(under_way.chunks.count())]
    with pytest.raises(services.RunRefused, match="plus rien à annuler"):
        services.cancel_run(under_way.pk, reason="Une panne", on=DAY, by=chaima)
    assert (state(under_way), under_way.reason) == ("running", "")
    for chunk in taken:
        runs.apply(chunk, on=DAY, at=timezone.now())
    work(on=DAY)
    assert state(under_way) == "closed"


# Signed twice for one day


def test_a_line_signed_over_before_its_day_gets_no_run(work):
    ranked, since = spread(), DAY + timedelta(days=3)
    before = entitled()
    move_line(score_of(ranked[20]), since=since)
    move_line(score_of(ranked[4]), since=since)
    [run] = services.pass_time(on=since, by=engine())
    work(on=since)
    assert services.pass_time(on=since, by=engine()) == []
    assert (run.provision.value, entitled()) == (run.provision.proposal.value, under(score_of(ranked[4])))
    assert run.planned == len(before ^ under(score_of(ranked[4])))


def test_a_line_signed_over_on_its_day_before_its_run_leaves_nobody_behind(work):
    ranked, since = spread(), DAY + timedelta(days=3)
    move_line(score_of(ranked[20]), since=since)
    move_line(score_of(ranked[22]), on=since)
    assert services.pass_time(on=since, by=engine()) == []
    work(on=since)
    assert Run.objects.count() == 1
    assert entitled() == under(score_of(ranked[22]))
