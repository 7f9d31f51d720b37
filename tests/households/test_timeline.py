"""What statements come to, day by day: by hand, then for any statements in any order."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from households.timeline import OPEN, drawn, value_on


@dataclass(frozen=True)
class Stated:
    value: str
    since: date
    until: date
    as_of: date
    details: dict = field(default_factory=dict)


def day(text: str) -> date:
    return date.fromisoformat(text)


def said(value, since, until=None, as_of="2026-06-01", **details) -> Stated:
    return Stated(value, day(since), day(until) if until else OPEN, day(as_of), details)


def shown(*statements) -> list[tuple]:
    strips = drawn(statements, negative="no")
    return [(one.value, str(one.since), None if one.until == OPEN else str(one.until), one.implied) for one in strips]


def test_an_end_is_followed_by_nothing_until_the_partner_speaks_again():
    assert shown(said("yes", "2026-02-01", "2026-04-01")) == [
        ("yes", "2026-02-01", "2026-04-01", False),
        ("no", "2026-04-01", None, True),
    ]


def test_a_silence_that_has_a_term_says_nothing_after_it():
    left = said("primary", "2025-09-08", "2026-03-15", ends="2026-09-01")
    assert shown(left) == [("primary", "2025-09-08", "2026-03-15", False), ("no", "2026-03-15", "2026-09-01", True)]


def test_a_break_and_a_return_are_three_periods():
    left = said("primary", "2025-09-08", "2026-03-15", ends="2026-09-01")
    back = said("primary", "2026-04-20", "2026-09-01", ends="2026-09-01")
    assert shown(left, back) == [
        ("primary", "2025-09-08", "2026-03-15", False),
        ("no", "2026-03-15", "2026-04-20", True),
        ("primary", "2026-04-20", "2026-09-01", False),
    ]


def test_the_later_word_corrects_what_begins_on_the_same_day():
    first = said("yes", "2026-02-01", as_of="2026-02-20")
    ended = said("yes", "2026-02-01", "2026-04-01", as_of="2026-04-10")
    assert shown(first, ended) == shown(ended, first) == shown(ended)


def test_what_is_said_comes_before_what_follows_from_an_end_however_late():
    back = said("yes", "2026-05-01", as_of="2026-05-02")
    ended = said("yes", "2026-02-01", "2026-04-01", as_of="2026-06-10")
    assert shown(back, ended) == [
        ("yes", "2026-02-01", "2026-04-01", False),
        ("no", "2026-04-01", "2026-05-01", True),
        ("yes", "2026-05-01", None, False),
    ]


def test_a_later_word_stands_on_the_days_it_speaks_of_and_no_other():
    wide = said("light", "2026-01-01", as_of="2026-01-05")
    inside = said("severe", "2026-03-01", "2026-05-01", as_of="2026-03-05")
    assert [one[:3] for one in shown(wide, inside)] == [
        ("light", "2026-01-01", "2026-03-01"),
        ("severe", "2026-03-01", "2026-05-01"),
        ("light", "2026-05-01", None),
    ]


def test_two_words_of_one_day_have_an_order_of_their_own():
    light, severe = (said(value, "2026-01-01") for value in ("light", "severe"))
    assert shown(light, severe) == shown(severe, light)


DAYS = st.integers(0, 12).map(lambda number: date(2026, 1, 1) + timedelta(days=number))


@st.composite
def statements(draw) -> list[Stated]:
    def one() -> Stated:
        since = draw(DAYS)
        until = draw(st.one_of(st.just(OPEN), st.integers(1, 8).map(lambda length: since + timedelta(days=length))))
        return Stated(draw(st.sampled_from(["yes", "other", "no"])), since, until, draw(DAYS))

    return [one() for _n in range(draw(st.integers(0, 4)))]


@given(statements())
def test_any_order_gives_the_same_periods_which_never_overlap(said):
    strips = drawn(said, negative="no")
    assert all(drawn(order, negative="no") == strips for order in permutations(said))
    assert all(one.since < one.until for one in strips)
    assert all(one.until <= after.since for one, after in pairwise(strips))


@given(statements(), DAYS)
def test_each_day_is_read_as_the_words_about_it_say(said, on):
    """The rule again, for one day, without drawing anything."""
    corrected = [one for one in said if not any(_later(other, one) for other in said if other.since == one.since)]
    speaking = [one for one in corrected if one.since <= on < one.until]
    over = [one for one in corrected if one.value != "no" and one.until <= on]
    expected = max(speaking, key=_rank).value if speaking else ("no" if over else None)
    strip = value_on(drawn(said, negative="no"), on)
    assert (strip and strip.value) == expected


def _rank(one: Stated) -> tuple:
    return one.as_of, one.since, one.until, one.value


def _later(other: Stated, one: Stated) -> bool:
    return _rank(other) > _rank(one)


@pytest.mark.parametrize("value", ["no"])
def test_a_refusal_that_ends_says_nothing_of_what_comes_after(value):
    assert shown(said(value, "2026-02-01", "2026-04-01")) == [("no", "2026-02-01", "2026-04-01", False)]
