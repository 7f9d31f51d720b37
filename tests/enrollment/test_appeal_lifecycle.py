"""The lifecycle of an appeal: every status has an owner and a way in, and nothing leaves an answer."""

import pytest

from enrollment import appeal_lifecycle
from enrollment.appeal_lifecycle import DECIDED, MOVES, OPEN, MoveRefused, check_move
from enrollment.models import Appeal
from rsu.models import User


def test_every_status_has_an_owner_and_a_way_in():
    assert {after for _before, after in MOVES} == set(Appeal.Status.values)
    assert all(roles and set(roles) <= set(User.Role.values) for roles in MOVES.values())
    assert {before for before, _after in MOVES if before} == set(OPEN)
    assert {*OPEN, *DECIDED, "withdrawn"} == set(Appeal.Status.values)


@pytest.mark.parametrize("after", DECIDED)
def test_only_a_supervisor_answers(after):
    for role in ("caseworker", "administrator", "auditor", "engine"):
        with pytest.raises(MoveRefused):
            check_move("in_examination", after, role)
    check_move("in_examination", after, "supervisor")


def test_the_diagram_draws_every_move():
    drawn = appeal_lifecycle.diagram()
    assert drawn.startswith("stateDiagram-v2") and drawn.count("-->") == len(MOVES)
