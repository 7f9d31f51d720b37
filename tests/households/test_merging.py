"""Two pages on one draft: an equality for each way their answers may meet."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from households import drafts, merging
from households.merging import Page, digests, merge
from households.questions import household_questions, person_questions

DWELLING = household_questions("urban", "dwelling")
ROOMS = [question for question in DWELLING if question.field == "rooms"]
BILLS = household_questions("urban", "bills")
words = st.sampled_from([None, "", "2", " 2 ", 2, 7, "7", "deux", "٢", True, False, "true", "own", "none", "x" * 40])
# The first example of a session waits for Hypothesis to read the code under test.
unhurried = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
dwelling = st.fixed_dictionaries({question.field: words for question in DWELLING})


def opened_on(answers, questions=DWELLING, mark="page") -> Page:
    return Page(mark, digests(questions, answers, []))


def entered(answers) -> dict:
    """What the page's form would send."""
    return drafts.entered(DWELLING, drafts.fields(DWELLING, answers))


@unhurried
@given(start=dwelling, theirs=dwelling, mine=dwelling)
def test_every_answer_is_written_kept_or_shown_and_none_is_lost(start, theirs, mine):
    changes, clashes = merge(DWELLING, entered=entered(mine), stored=theirs, page=opened_on(start), written={}, order=[])
    asked = {clash.question.field for clash in clashes}
    for question in DWELLING:
        name = question.field
        begun, now, wanted = (digests([question], answers, [])[name] for answers in (start, theirs, entered(mine)))
        if wanted in (now, begun):
            assert name not in changes and name not in asked  # nothing of mine to write
        elif now == begun:
            assert changes[name] == entered(mine)[name]
        else:
            assert name in asked and name not in changes


@unhurried
@given(start=dwelling, theirs=dwelling, mine=dwelling)
def test_what_was_shown_and_chosen_is_not_asked_again(start, theirs, mine):
    page = opened_on(start)
    _changes, clashes = merge(DWELLING, entered=entered(mine), stored=theirs, page=page, written={}, order=[])
    for choice, kept in (("mine", mine), ("theirs", theirs)):
        settled = Page(page.mark, page.base, [], {clash.question.field: f"{choice}:{clash.digest}" for clash in clashes})
        changes, left = merge(DWELLING, entered=entered(mine), stored=theirs, page=settled, written={}, order=[])
        after = {**theirs, **changes}
        assert not left
        for clash in clashes:
            name = clash.question.field
            assert digests([clash.question], after, []) == digests([clash.question], kept if choice == "theirs" else entered(kept), []), (
                name
            )


@unhurried
@given(start=dwelling, mine=dwelling)
def test_alone_on_a_draft_nobody_is_asked_anything(start, mine):
    changes, clashes = merge(DWELLING, entered=entered(mine), stored=start, page=opened_on(start), written={}, order=[])
    after = {**start, **changes}
    assert not clashes
    assert digests(DWELLING, after, []) == digests(DWELLING, entered(mine), [])


def test_a_choice_made_against_an_answer_that_changed_again_is_asked_again():
    page = Page("p", digests(ROOMS, {"rooms": 2}, []))
    _changes, [clash] = merge(ROOMS, entered={"rooms": "3"}, stored={"rooms": 4}, page=page, written={}, order=[])
    chosen = Page("p", page.base, [], {"rooms": f"mine:{clash.digest}"})
    _changes, again = merge(ROOMS, entered={"rooms": "3"}, stored={"rooms": 5}, page=chosen, written={}, order=[])
    assert [clash.theirs for clash in again] == [{"rooms": 5}]


def test_a_page_never_meets_itself():
    """An autosave whose answer was lost: the page still says what it was opened with, and goes on typing."""
    page = Page("p", digests(ROOMS, {"rooms": 2}, []))
    changes, clashes = merge(ROOMS, entered={"rooms": "34"}, stored={"rooms": "3"}, page=page, written={"rooms": {"page": "p"}}, order=[])
    assert (changes, clashes) == ({"rooms": "34"}, [])
    undone, clashes = merge(ROOMS, entered={"rooms": "2"}, stored={"rooms": "34"}, page=page, written={"rooms": {"page": "p"}}, order=[])
    assert (undone, clashes) == ({"rooms": "2"}, [])


def test_two_and_the_text_two_are_one_answer_and_a_bill_is_one_answer():
    assert digests(ROOMS, {"rooms": 2}, []) == digests(ROOMS, {"rooms": "2"}, [])
    power = [question for question in BILLS if question.field == "electricity_bills"]
    page = Page("p", digests(power, {"electricity_bills": ["10", None, None]}, []))
    _changes, [clash] = merge(
        power,
        entered={"electricity_bills": ["10", "20", None], "electricity_bills_none": False},
        stored={"electricity_bills": [], "electricity_bills_none": False},
        page=page,
        written={},
        order=[],
    )
    assert (clash.mine["electricity_bills"], clash.theirs["electricity_bills"]) == (["10", "20", None], [])


def test_a_pointer_follows_its_person_when_the_list_has_moved():
    family = [question for question in person_questions(None, "family") if question.kind == "member"]
    before, now = ["aa", "bb", "cc"], ["bb", "cc"]
    moved = merging.repointed(family, {"mother": 2, "father": 1, "spouse": None}, before=before, now=now)
    assert moved == {"mother": 1, "father": None, "spouse": None}
    page = Page("p", digests(family, {"mother": 2}, before), before)
    changes, clashes = merge(family, entered=moved, stored={"mother": 1, "father": None}, page=page, written={}, order=now)
    assert (changes, clashes) == ({}, [])


def test_a_page_that_says_nothing_readable_of_itself_is_written_as_it_comes():
    for base in ("", "not json", "[1]", '"a"'):
        page = merging.read_page({"page_base": base})
        assert merge(ROOMS, entered={"rooms": "3"}, stored={"rooms": 9}, page=page, written={}, order=[]) == ({"rooms": "3"}, [])
