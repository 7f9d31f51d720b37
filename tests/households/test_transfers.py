"""Somebody leaves one registered household for another: one request, the same day, seen by who answers for both families."""

from datetime import date

import pytest

import eligibility.queries
from households import events, services
from households.models import Member, Request
from households.queries import meeting
from households.services import RequestOutdated, RequestRefused
from households.updates import sides_of
from rsu.authentication import engine
from rsu.desk import casework
from rsu.permissions import Forbidden

from .families import DAUGHTER, DAY, GUELIZ, HEAD, OTHER, SON, WIFE, law, town
from .requesting import COUSIN, GRANDMOTHER, casework_process, edit, edit_person, key, names, opened, registered, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(amina):
    """Where the grandmother lives alone with nobody to look after her; and her son's family, whose boy she takes in."""
    return registered(amina, town(members=[GRANDMOTHER | {"relation": "head", "education_level": "none"}])), registered(amina)


def arriving(by, here, there, *people, **details) -> Request:
    return opened(by, here, occasion="transfer", other_id=there.pk, people=people, **{"told": True, **details})


def taken_in(amina, here, there) -> Request:
    """The boy's request, sent: whoever registers has said what he is to the head and who has charge of him."""
    request = arriving(amina, here, there, key(there, SON))
    edit_person(amina, request, 2, relation="grandchild", charge="guardian", father_status="alive")
    return send(amina, request)


def test_the_person_leaves_there_and_lives_here_under_the_same_record(two, amina, salma):
    here, there = two
    boy = there.members.get(idcs=SON)
    casework_process(taken_in(amina, here, there).pk, amina, salma)
    assert names(here) == ["Zahra", boy.first_name_fr]
    assert there.members.filter(idcs=SON).count() == 0 and there.members.count() == 2
    assert here.members.get(idcs=SON).pk == boy.pk
    assert here.members.get(idcs=SON).relation == "grandchild"


def test_both_households_are_read_again(two, amina, salma):
    here, there = two
    request = taken_in(amina, here, there)
    casework.foresee(request, on=DAY, by=amina)
    before = [eligibility.queries.standing(one, on=DAY).score for one in two]
    casework_process(request.pk, amina, salma)
    after = [eligibility.queries.standing(one, on=DAY).score for one in two]
    assert after[0] != before[0] and after[1] != before[1]
    for household in two:
        household.refresh_from_db()
        assert household.due_since is None


def test_the_effect_on_both_is_told_before(two, amina):
    here, there = two
    request = taken_in(amina, here, there)
    effect = casework.foresee(request, on=DAY, by=amina)
    assert {before.household.pk: (before.size, after.size) for before, after in effect.pairs} == {here.pk: (1, 2), there.pk: (3, 2)}
    assert names(here) == ["Zahra"]
    roles = {side.role: (len(side.before["members"]), len(side.after["members"])) for side in sides_of(request)}
    assert roles == {"": (1, 2), "left": (3, 2)}


def test_who_lived_there_may_not_be_the_last(two, amina):
    here, there = two
    with pytest.raises(RequestRefused) as refusal:
        arriving(amina, there, here, key(here, OTHER))
    assert "réunion des deux ménages" in refusal.value.problems["people"]


def test_a_head_who_comes_leaves_another_head_behind(two, amina, salma):
    here, there = two
    with pytest.raises(RequestRefused) as refusal:
        arriving(amina, here, there, key(there, HEAD))
    assert list(refusal.value.problems) == ["new_head"]
    request = arriving(amina, here, there, key(there, HEAD), new_head=key(there, WIFE))
    edit_person(amina, request, 2, relation="child")
    services.tell_left(token=request.token, key=key(there, WIFE), answers={"education_level": "primary"}, on=DAY, by=amina)
    casework_process(send(amina, request).pk, amina, salma)
    assert there.members.get(relation="head").idcs == WIFE
    assert there.members.get(idcs=SON).relation == "child"


def test_the_other_head_is_told_first(two, amina):
    here, there = two
    with pytest.raises(RequestRefused) as refusal:
        arriving(amina, here, there, key(there, SON), told=False)
    assert list(refusal.value.problems) == ["told"]


def test_what_the_left_family_learnt_meanwhile_is_kept(two, amina, salma):
    here, there = two
    request = taken_in(amina, here, there)
    other = edit_person(amina, edit(amina, opened(amina, there), rooms="4"), 3, school_sector="private")
    casework_process(send(amina, other).pk, amina, salma)
    casework_process(request.pk, amina, salma)
    there.refresh_from_db()
    assert there.rooms == 4
    assert here.members.get(idcs=SON).school_sector == "private"


def test_somebody_who_has_left_meanwhile_does_not_arrive(two, amina, salma):
    here, there = two
    request = taken_in(amina, here, there)
    gone = opened(amina, there, occasion="departure", people=(key(there, SON),))
    casework_process(send(amina, gone).pk, amina, salma)
    with pytest.raises(RequestOutdated):
        casework.process(request.pk, on=DAY, by=amina)
    assert names(here) == ["Zahra"]


def test_it_is_undone_whole(two, amina, salma):
    here, there = two
    stood = names(there)
    done = casework_process(taken_in(amina, here, there).pk, amina, salma)
    undoing = services.undo_request(request_id=done.pk, token="00000000-0000-4000-8000-000000000001", reason="Erreur.", on=DAY, by=amina)
    casework_process(undoing.pk, amina, salma)
    assert (names(here), sorted(names(there))) == (["Zahra"], sorted(stood))
    assert there.members.get(idcs=SON).relation == "child"


def test_a_territory_cannot_take_somebody_from_another(amina, brahim):
    here, there = (
        registered(amina, town(members=[GRANDMOTHER | {"relation": "head", "education_level": "none"}])),
        registered(engine(), town(commune=GUELIZ)),
    )
    with pytest.raises(Forbidden):
        arriving(amina, here, there, key(there, SON))
    request = arriving(engine(), here, there, key(there, SON))
    for one in (amina, brahim):
        with pytest.raises(Forbidden):
            services.note_request(request_id=request.pk, text="Vu.", on=DAY, by=one)


def test_the_other_familys_open_requests_about_the_same_person_are_shown(two, amina):
    here, there = two
    gone = send(amina, opened(amina, there, occasion="departure", people=(key(there, SON),)))
    request = taken_in(amina, here, there)
    assert list(meeting(request)) == [gone]


def test_a_father_who_founds_his_own_household_is_alive_for_the_children_he_leaves(amina, salma):
    home = registered(amina)
    request = opened(amina, home, occasion="split", people=(key(home, HEAD),), new_head=key(home, WIFE))
    edit(amina, request, **{name: value for name, value in town().items() if name != "members"})
    owed = services.left_problems(request, on=DAY, by=amina, law=law())
    assert [problem.path for problem in owed] == ["members.1.education_level"]
    with pytest.raises(RequestRefused) as refusal:
        send(amina, request)
    assert list(refusal.value.problems) == ["left"]
    services.tell_left(token=request.token, key=key(home, WIFE), answers={"education_level": "primary"}, on=DAY, by=amina)
    casework_process(send(amina, request).pk, amina, salma)
    mother, boy = home.members.get(relation="head"), home.members.get(idcs=SON)
    assert (mother.idcs, mother.education_level) == (WIFE, "primary")
    assert (boy.father_status, boy.charge, boy.father_id) == ("alive", "mother", None)


def test_who_is_taken_out_of_the_draft_stays_where_they_live(two, amina, salma):
    here, there = two
    request = arriving(amina, here, there, key(there, SON), key(there, WIFE))
    services.amend_draft(token=request.token, on=DAY, by=amina, change=lambda kept: events.without(kept, [key(there, WIFE)]))
    edit_person(amina, request, 2, relation="grandchild", charge="guardian", father_status="alive")
    wife = there.members.get(idcs=WIFE).pk
    casework_process(send(amina, request).pk, amina, salma)
    assert there.members.get(idcs=WIFE).pk == wife
    assert here.members.filter(idcs=SON).exists()


def test_nobody_left_in_the_draft_is_nobody_who_comes(two, amina):
    here, there = two
    request = arriving(amina, here, there, key(there, SON))
    services.amend_draft(token=request.token, on=DAY, by=amina, change=lambda kept: events.without(kept, [key(there, SON)]))
    with pytest.raises(RequestRefused) as refusal:
        send(amina, request)
    assert "Plus personne ne part" in refusal.value.problems[""]


def test_another_head_is_named_when_the_one_chosen_has_left_meanwhile(two, amina, salma):
    here, there = two
    newcomer = opened(amina, there)
    services.amend_draft(token=newcomer.token, on=DAY, by=amina, change=lambda kept: kept | {"members": [*kept["members"], COUSIN]})
    casework_process(send(amina, newcomer).pk, amina, salma)
    request = arriving(amina, here, there, key(there, HEAD), new_head=key(there, WIFE))
    edit_person(amina, request, 2, relation="child")
    services.tell_left(token=request.token, key=key(there, WIFE), answers={"education_level": "primary"}, on=DAY, by=amina)
    sent = send(amina, request)
    gone = opened(amina, there, occasion="departure", people=(key(there, WIFE),))
    casework_process(send(amina, gone).pk, amina, salma)
    with pytest.raises(RequestRefused) as refusal:
        casework.foresee(sent, on=DAY, by=amina)
    assert "dans le ménage quitté" in refusal.value.problems[""]
    services.return_request(request_id=sent.pk, reason="Le chef choisi est parti.", on=DAY, by=salma)
    heir = key(there, DAUGHTER)
    services.tell_left(token=request.token, key=heir, answers={"education_level": "none"}, new_head=heir, on=DAY, by=amina)
    for name, value in (("charge", "guardian"), ("charge_document", "Acte 1")):
        services.tell_left(token=request.token, key=key(there, SON), answers={name: value}, on=DAY, by=amina)
    casework_process(send(amina, request).pk, amina, salma)
    assert there.members.get(relation="head").idcs == DAUGHTER


def test_the_household_left_is_read_as_it_stands_today(two, amina, salma):
    here, there = two
    request = arriving(amina, here, there, key(there, HEAD), new_head=key(there, WIFE))
    assert [problem.path for problem in services.left_problems(request, on=DAY, by=amina, law=law())] == ["members.1.education_level"]
    mended = opened(amina, there, occasion="departure", people=(key(there, HEAD),), new_head=key(there, WIFE))
    edit_person(amina, mended, 1, education_level="primary")
    casework_process(send(amina, mended).pk, amina, salma)
    assert services.left_problems(request, on=DAY, by=amina, law=law()) == []


def test_who_has_charge_is_asked_again_when_the_mother_leaves(two, amina):
    here, there = two
    Member.objects.filter(household=there, idcs=SON).update(
        father=None, father_status="deceased", father_died_on=date(2020, 1, 1), charge="mother"
    )
    request = arriving(amina, here, there, key(there, WIFE))
    assert [problem.path for problem in services.left_problems(request, on=DAY, by=amina, law=law())] == ["members.2.charge"]


def test_a_grown_child_is_not_asked_where_his_father_lives(two, amina):
    here, there = two
    Member.objects.filter(household=there, idcs=SON).update(born_on=date(1990, 1, 1))
    request = arriving(amina, here, there, key(there, HEAD), new_head=key(there, WIFE))
    left = services.left_by(request)
    assert "father_status" not in next(one for one in left["members"] if one["idcs"] == SON)


def test_what_the_registry_has_learnt_since_stands_before_what_the_draft_was_told(two, amina, salma):
    here, there = two
    request = arriving(amina, here, there, key(there, SON))
    services.tell_left(token=request.token, key=key(there, WIFE), answers={"diploma": "baccalaureate"}, on=DAY, by=amina)
    edit_person(amina, request, 2, relation="grandchild", charge="guardian", father_status="alive")
    sent = send(amina, request)
    learnt = edit_person(amina, opened(amina, there), 2, diploma="primary_certificate")
    casework_process(send(amina, learnt).pk, amina, salma)
    casework_process(sent.pk, amina, salma)
    assert there.members.get(idcs=WIFE).diploma == "primary_certificate"
