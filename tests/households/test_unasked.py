"""Answers nobody is asked stand, whatever else is read or changed: pure functions, over invented families of town and country."""

from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from households import answers, unasked
from households.declaration import read
from households.entries import typed

from .families import DAY, country, law, town

TOWN, COUNTRY = (SimpleNamespace(milieu=milieu, has_urban_center=False) for milieu in ("urban", "rural"))
BESIDE = st.fixed_dictionaries(
    {},
    optional={
        "education_level": st.sampled_from(answers.EducationLevel.values),
        "schooling": st.sampled_from(answers.Schooling.values),
        "school_sector": st.sampled_from(answers.SchoolSector.values),
        "literate": st.booleans(),
        "permit_number": st.just("AB12"),
        "other_allowances_scheme": st.just("CNSS"),
        "disability_until": st.just("05/03/2030"),
    },
)
"""What may stand in a file beside what is asked: of the wife, who is no head, and of the boy, who is eleven."""


def keyed(declared: dict, wife: dict, boy: dict) -> dict:
    head, second, third = declared["members"]
    return declared | {"members": [head | {"key": "m1"}, second | wife | {"key": "m2"}, third | boy | {"key": "m3"}]}


@settings(deadline=None, max_examples=60)
@given(wife=BESIDE, boy=BESIDE, rural=st.booleans(), cars=st.integers(0, 3))
def test_a_change_of_something_else_loses_no_answer(wife, boy, rural, cars):
    place, declared = (COUNTRY, country(commune="x")) if rural else (TOWN, town(commune="x"))
    before = keyed(declared, wife, boy)
    stood = unasked.left_out(before, place=place, on=DAY, law=law())
    after = before | {"cars": cars}
    found = read(after, place=place, on=DAY, law=law())
    unasked.keep(found, after, stood)
    wrong = {problem.path for problem in found.problems}
    for position, (person, values) in enumerate(zip(after["members"], found.members, strict=True), start=1):
        lost = {name for name in unasked.HELD_BY_PERSON if typed(person.get(name)) and name not in values}
        assert {name for name in lost if f"members.{position}.{name}" not in wrong} == set()
    assert found.household["cars"] == cars


@settings(deadline=None, max_examples=40)
@given(wife=BESIDE)
def test_what_is_kept_is_no_question_that_was_put_and_an_edit_is_followed(wife):
    before = keyed(town(), wife, {})
    stood = unasked.left_out(before, place=TOWN, on=DAY, law=law())
    asked = read(before, place=TOWN, on=DAY, law=law())
    assert not set(stood.get("m2", {})) & set(asked.members[1])
    emptied = keyed(town(), dict.fromkeys(stood.get("m2", {})), {})
    found = read(emptied, place=TOWN, on=DAY, law=law())
    unasked.keep(found, emptied, stood)
    assert not set(stood.get("m2", {})) & set(found.members[1])
