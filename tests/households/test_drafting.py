"""Several people, several browsers, a session that ends: one draft, nothing lost, nothing doubled."""

import json
import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from households import services
from households.models import DraftHand, DraftPresence, DraftTrail, Household, Request
from households.questions import PERSON
from rsu import stash
from rsu.models import AuditEvent
from rsu.permissions import Forbidden

from .families import BOY, DAY, GUELIZ, town
from .test_registration import at_desk, draft_of, filled, section, summary  # noqa: F401

pytestmark = pytest.mark.django_db
DWELLING = {"rooms": "2", "bath": "true", "electricity_meter": "own"}


@pytest.fixture
def desk_of(settings):
    """A browser of one's own for anybody."""
    settings.SECURE_SSL_REDIRECT = False

    def opened(user, **options) -> Client:
        client = Client(**options)
        client.force_login(user)
        return client

    return opened


def hidden(page) -> dict:
    """What the page says of itself, as its form sends it back."""
    fields = re.findall(r'<input type="hidden" name="(page_\w+)" value="([^"]*)"', page.content.decode())
    return {name: unescape(value) for name, value in fields}


def opened(client, url) -> dict:
    return hidden(client.get(url))


def stored(token) -> dict:
    return Request.objects.get(token=token).answers


def resumed(token, by) -> Request:
    return services.resume_draft(token=token, at=timezone.now(), on=DAY, by=by)


def test_ones_own_draft_is_found_again_on_another_computer(desk_of, amina):
    token = draft_of(amina, town())
    desk_of(amina).post(section(token, "dwelling"), DWELLING | {"rooms": "4", "later": "1"})
    elsewhere = desk_of(amina)
    assert str(token) in elsewhere.get(reverse("households:register")).content.decode()
    assert 'value="4"' in elsewhere.get(section(token, "dwelling")).content.decode()


def test_a_colleague_of_the_area_takes_up_a_draft_knowingly(desk_of, amina, salma):
    token = draft_of(amina, town())
    supervisor = desk_of(salma)
    listed = supervisor.get(reverse("households:register")).content.decode()
    assert "Brouillons de mes collègues" in listed and "S.\u00a0A." in listed and "Alaoui" not in listed
    offered = supervisor.get(section(token, "dwelling"))
    assert "Reprendre ce brouillon" in offered.content.decode() and "Alaoui" not in offered.content.decode()
    assert supervisor.post(section(token, "dwelling"), DWELLING | {"rooms": "9"}).status_code == 409
    assert stored(token)["rooms"] == 2
    for _press in range(2):
        supervisor.post(reverse("households:resume", kwargs={"token": token}))
    assert 'value="2"' in supervisor.get(section(token, "dwelling")).content.decode()
    supervisor.post(section(token, "dwelling"), DWELLING | {"rooms": "9"})
    assert stored(token)["rooms"] == "9"
    [event] = AuditEvent.objects.filter(verb="draft.resumed")
    assert (event.by, event.details) == (salma, {"creator": amina.pk})
    assert Request.objects.get(token=token).created_by == amina


def test_outside_the_area_there_is_nothing_to_take_up(desk_of, amina, brahim):
    token = draft_of(amina, town())
    assert desk_of(brahim).post(reverse("households:resume", kwargs={"token": token})).status_code == 404
    with pytest.raises(Forbidden):
        resumed(token, brahim)
    assert not DraftHand.objects.exists()


def test_who_took_up_a_draft_loses_it_when_it_moves_out_of_their_area(desk_of, amina, salma):
    token = draft_of(salma, town())
    resumed(token, amina)
    assert desk_of(amina).get(section(token, "dwelling")).status_code == 200
    Request.objects.filter(token=token).update(commune=next(iter(guéliz())))
    assert desk_of(amina).get(section(token, "dwelling")).status_code == 404


def guéliz():
    from rsu.models import Commune

    return Commune.objects.filter(code=GUELIZ)


def test_a_draft_sent_is_no_more_to_take_up(amina, salma, desk_of):
    token = draft_of(amina, town())
    desk_of(amina).post(summary(token))
    with pytest.raises(Forbidden):
        resumed(token, salma)


def test_each_sees_who_else_is_on_it_and_since_when(desk_of, amina, salma):
    token = draft_of(amina, town())
    resumed(token, salma)
    supervisor, caseworker = desk_of(salma), desk_of(amina)
    supervisor.get(section(token, "dwelling"))
    since = timezone.localtime(DraftPresence.objects.get().opened_at).strftime("%H:%M")
    seen = caseworker.get(section(token, "bills")).content.decode()
    assert f"Salma a aussi ce brouillon ouvert, depuis {since}." in seen
    assert "Amina a aussi ce brouillon ouvert" in supervisor.get(reverse("households:presence", kwargs={"token": token})).content.decode()


def test_a_browser_that_logs_in_again_is_not_another_one(desk_of, amina):
    token = draft_of(amina, town())
    desk = desk_of(amina)
    desk.get(section(token, "dwelling"))
    mark = desk.cookies["browser"].value
    desk.logout()
    desk.cookies["browser"] = mark
    desk.force_login(amina)
    assert "dans un autre navigateur" not in desk.get(section(token, "bills")).content.decode()
    assert "dans un autre navigateur" in desk_of(amina).get(section(token, "bills")).content.decode()


def test_a_tab_closed_fades_and_one_that_comes_back_is_there_as_of_then(desk_of, amina, salma):
    token = draft_of(amina, town())
    resumed(token, salma)
    desk_of(salma).get(section(token, "dwelling"))
    long_ago = timezone.now() - services.FADES_AFTER - timedelta(seconds=1)
    DraftPresence.objects.update(seen_at=long_ago, opened_at=long_ago)
    assert "Salma a aussi" not in desk_of(amina).get(section(token, "bills")).content.decode()
    request = Request.objects.get(token=token)
    back = timezone.now()
    services.be_present(request=request, window=DraftPresence.objects.get(user=salma).window, at=back, by=salma)
    assert DraftPresence.objects.get(user=salma).opened_at == back


def test_another_browser_of_ones_own_is_told_too(desk_of, amina):
    token = draft_of(amina, town())
    desk_of(amina).get(section(token, "dwelling"))
    assert "dans un autre navigateur" in desk_of(amina).get(section(token, "dwelling")).content.decode()


def test_answers_to_different_questions_merge_by_themselves(desk_of, amina, salma):
    token = draft_of(amina, town())
    resumed(token, salma)
    caseworker, supervisor = desk_of(amina), desk_of(salma)
    mine, theirs = opened(caseworker, section(token, "dwelling")), opened(supervisor, section(token, "dwelling"))
    assert supervisor.post(section(token, "dwelling"), DWELLING | theirs | {"rooms": "7"}).status_code == 302
    assert caseworker.post(section(token, "dwelling"), DWELLING | mine | {"bath": "false"}).status_code == 302
    assert (stored(token)["rooms"], stored(token)["bath"]) == ("7", False)


@pytest.mark.parametrize(("choice", "left"), [("mine", "3"), ("theirs", "7")])
def test_one_answer_changed_on_both_sides_is_shown_twice_and_asked(desk_of, amina, salma, choice, left):
    token = draft_of(amina, town())
    resumed(token, salma)
    caseworker, supervisor = desk_of(amina), desk_of(salma)
    mine, theirs = opened(caseworker, section(token, "dwelling")), opened(supervisor, section(token, "dwelling"))
    supervisor.post(section(token, "dwelling"), DWELLING | theirs | {"rooms": "7"})
    asked = caseworker.post(section(token, "dwelling"), DWELLING | mine | {"rooms": "3", "bath": "false"})
    text = asked.content.decode()
    assert asked.status_code == 409
    assert "Salma a écrit une autre réponse" in text
    assert "<bdi>7</bdi>" in text and "<bdi>3</bdi>" in text and 'value="3"' in text
    assert (stored(token)["rooms"], stored(token)["bath"]) == ("7", False)
    # Sent again without a choice, it is asked again.
    again = caseworker.post(section(token, "dwelling"), DWELLING | hidden(asked) | {"rooms": "3", "bath": "false"})
    assert again.status_code == 409 and stored(token)["rooms"] == "7"
    value = re.search(rf'name="settle.rooms" value="({choice}:\w+)"', again.content.decode())[1]
    settled = caseworker.post(section(token, "dwelling"), DWELLING | hidden(again) | {"rooms": "3", "bath": "false", "settle.rooms": value})
    assert settled.status_code == 302
    assert stored(token)["rooms"] == left


def test_an_autosave_shows_what_is_to_settle_and_writes_the_rest(desk_of, amina):
    token = draft_of(amina, town())
    one, other = desk_of(amina), desk_of(amina)
    here, there = opened(one, section(token, "dwelling")), opened(other, section(token, "dwelling"))
    one.post(section(token, "dwelling"), DWELLING | here | {"rooms": "7"}, headers={"X-Autosave": "1"})
    told = other.post(section(token, "dwelling"), DWELLING | there | {"rooms": "3", "bath": "false"}, headers={"X-Autosave": "1"}).json()
    assert set(told["clashes"]) == {"rooms"} and 'name="settle.rooms"' in told["clashes"]["rooms"] and told["said"]
    assert told["base"]["rooms"] == json.loads(there["page_base"])["rooms"]
    assert (stored(token)["rooms"], stored(token)["bath"]) == ("7", False)


def test_a_page_goes_on_after_its_own_autosave_without_being_asked(desk_of, amina):
    token = draft_of(amina, town())
    desk = desk_of(amina)
    page = opened(desk, section(token, "dwelling"))
    for rooms in ("3", "34", "3", "2"):
        kept = desk.post(section(token, "dwelling"), DWELLING | page | {"rooms": rooms}, headers={"X-Autosave": "1"})
        assert kept.json()["clashes"] == {} and stored(token)["rooms"] in (rooms, int(rooms))
    assert desk.post(section(token, "dwelling"), DWELLING | page | {"rooms": "5"}).status_code == 302
    assert stored(token)["rooms"] == "5"


def person_url(token, place) -> str:
    key = stored(token)["members"][place - 1]["key"]
    return reverse("households:person", kwargs={"token": token, "key": key})


def keyed_draft(amina, client) -> uuid.UUID:
    token = draft_of(amina, town())
    client.get(section(token, "members"))
    return token


def test_a_person_removed_meanwhile_keeps_the_page_and_is_put_back_by_its_button(desk_of, amina, salma):
    caseworker, supervisor = desk_of(amina), desk_of(salma)
    token = keyed_draft(amina, caseworker)
    resumed(token, salma)
    boy = person_url(token, 3)
    mine = opened(caseworker, boy)
    supervisor.post(f"{boy}/remove")
    assert len(stored(token)["members"]) == 2
    answered = caseworker.post(boy, filled(PERSON, BOY) | mine | {"first_name_fr": "Adem"})
    text = answered.content.decode()
    assert answered.status_code == 409 and "Salma a retiré cette personne" in text and 'value="Adem"' in text
    assert len(stored(token)["members"]) == 2
    back = caseworker.post(boy, filled(PERSON, BOY) | hidden(answered) | {"first_name_fr": "Adem", "restore": "1"})
    assert back.status_code == 302
    assert [member["first_name_fr"] for member in stored(token)["members"]] == ["Said", "Fatima", "Adem"]
    assert (stored(token)["members"][2]["mother"], stored(token)["members"][2]["father"]) == (2, 1)


def test_a_page_opened_before_somebody_else_was_removed_points_to_the_right_people(desk_of, amina, salma):
    caseworker, supervisor = desk_of(amina), desk_of(salma)
    token = keyed_draft(amina, caseworker)
    resumed(token, salma)
    boy, father = person_url(token, 3), person_url(token, 1)
    mine = opened(caseworker, boy)
    supervisor.post(f"{father}/remove")
    caseworker.post(boy, filled(PERSON, BOY) | mine | {"first_name_fr": "Adem", "later": "1"})
    wife, son = stored(token)["members"]
    assert (wife["first_name_fr"], son["first_name_fr"], son["mother"], son["father"]) == ("Fatima", "Adem", 1, None)


def test_the_button_for_one_more_person_pressed_twice_adds_one(desk_of, amina):
    desk = desk_of(amina)
    token = keyed_draft(amina, desk)
    boy = person_url(token, 3)
    page = desk.get(boy)
    for _press in range(2):
        answered = desk.post(boy, filled(PERSON, BOY) | hidden(page) | {"another": page.context["another"]})
        assert answered.url == reverse("households:person", kwargs={"token": token, "key": page.context["another"]})
    assert len(stored(token)["members"]) == 4


def test_a_draft_somebody_else_has_open_is_neither_abandoned_nor_sent_behind_their_back(desk_of, amina, salma):
    caseworker, supervisor = desk_of(amina), desk_of(salma)
    token = draft_of(amina, town())
    resumed(token, salma)
    supervisor.get(section(token, "dwelling"))
    caseworker.post(reverse("households:discard", kwargs={"token": token}))
    assert "Salma a ce brouillon ouvert" in caseworker.get(summary(token)).content.decode()
    refused = caseworker.post(summary(token))
    assert refused.status_code == 409 and "Rien n’a été envoyé" in refused.content.decode()
    assert not Household.objects.exists() and Request.objects.get(token=token).status == "draft"
    sent = caseworker.post(summary(token), {"together": "1"})
    assert sent.url == reverse("desk:household", kwargs={"code": Household.objects.get().code})
    late = supervisor.post(section(token, "dwelling"), DWELLING | {"rooms": "9"}, follow=True)
    assert "Amina a enregistré ce ménage" in late.content.decode()
    assert supervisor.post(section(token, "dwelling"), DWELLING, headers={"X-Autosave": "1"}).status_code == 410
    assert Household.objects.get().rooms == 2


def test_a_session_that_ended_is_told_to_the_script_and_not_followed(client, settings, amina):
    settings.SECURE_SSL_REDIRECT = False
    token = draft_of(amina, town())
    assert client.post(section(token, "dwelling"), DWELLING, headers={"X-Autosave": "1"}).status_code == 401
    assert client.get(reverse("households:presence", kwargs={"token": token}), headers={"HX-Request": "true"}).status_code == 401


def test_what_was_typed_when_the_session_ended_comes_back_after_the_login_and_is_written_by_hand(desk_of, amina):
    desk = desk_of(amina)
    token = draft_of(amina, town())
    page = opened(desk, section(token, "dwelling"))
    desk.logout()
    door = desk.post(section(token, "dwelling"), DWELLING | page | {"rooms": "11"})
    assert door.url == f"/login?next={section(token, 'dwelling')}"
    told = desk.get(door.url).content.decode()
    assert "Ce qui a été écrit est gardé" in told and not any(name in told for name in ("amina", str(amina), "Alaoui"))
    desk.force_login(amina)
    back = desk.get(section(token, "dwelling"))
    assert 'value="11"' in back.content.decode() and "Votre session avait pris fin" in back.content.decode()
    assert stored(token)["rooms"] == 2
    assert desk.post(section(token, "dwelling"), DWELLING | hidden(back) | {"rooms": "11"}).status_code == 302
    assert stored(token)["rooms"] == "11"
    assert 'value="11"' in desk.get(section(token, "dwelling")).content.decode()
    assert "Votre session avait pris fin" not in desk.get(section(token, "dwelling")).content.decode()


def test_somebody_else_at_the_same_computer_never_sees_what_was_typed(desk_of, amina, salma):
    desk = desk_of(amina)
    token = draft_of(amina, town())
    resumed(token, salma)
    page = opened(desk, section(token, "dwelling"))
    desk.logout()
    desk.post(section(token, "dwelling"), DWELLING | page | {"rooms": "11"})
    desk.force_login(salma)
    assert 'value="11"' not in desk.get(section(token, "dwelling")).content.decode()
    desk.logout()
    desk.force_login(amina)
    assert 'value="11"' not in desk.get(section(token, "dwelling")).content.decode()


def test_a_form_without_its_authors_mark_is_not_kept(client, settings, amina):
    settings.SECURE_SSL_REDIRECT = False
    token = draft_of(amina, town())
    for mark in ({}, {"page_author": f"{amina.pk}:forged:forged"}):
        client.post(section(token, "dwelling"), DWELLING | mark | {"rooms": "11"})
    assert "stash" not in client.session
    assert "Ce qui a été écrit est gardé" not in client.get("/login").content.decode()


def test_the_door_says_nothing_of_a_form_kept_too_long(desk_of, amina, monkeypatch):
    desk = desk_of(amina)
    token = draft_of(amina, town())
    page = opened(desk, section(token, "dwelling"))
    desk.logout()
    desk.post(section(token, "dwelling"), DWELLING | page | {"rooms": "11"})
    monkeypatch.setattr(stash, "FRESH_FOR", -1)
    assert "Ce qui a été écrit est gardé" not in desk.get("/login").content.decode()


def test_a_page_older_than_the_login_keeps_its_answers_too(desk_of, amina):
    desk = desk_of(amina, enforce_csrf_checks=True)
    token = draft_of(amina, town())
    page = opened(desk, section(token, "dwelling"))
    refused = desk.post(section(token, "dwelling"), DWELLING | page | {"rooms": "11", "csrfmiddlewaretoken": "x" * 64})
    assert refused.status_code == 403 and f'href="{section(token, "dwelling")}"' in refused.content.decode()
    assert stored(token)["rooms"] == 2
    assert 'value="11"' in desk.get(section(token, "dwelling")).content.decode()


@pytest.mark.parametrize("name", ["add_person", "discard", "resume"])
def test_a_deed_asked_before_the_login_leads_to_a_page_and_does_nothing(desk_of, amina, name):
    desk = desk_of(amina)
    token = draft_of(amina, town())
    answered = desk.get(reverse(f"households:{name}", kwargs={"token": token}), follow=True)
    assert answered.status_code == 200
    assert Request.objects.get(token=token).status == "draft" and len(stored(token)["members"]) == 3


def test_the_tables_of_a_draft_hold_each_thing_once(amina):
    request = Request.objects.get(token=draft_of(amina, town()))
    now = timezone.now()
    DraftHand.objects.create(request=request, user=amina, since=now)
    DraftPresence.objects.create(request=request, user=amina, window="w", opened_at=now, seen_at=now)
    DraftTrail.objects.create(request=request)
    for again in (
        lambda: DraftHand.objects.create(request=request, user=amina, since=now),
        lambda: DraftPresence.objects.create(request=request, user=amina, window="w", opened_at=now, seen_at=now),
        lambda: DraftTrail.objects.create(request=request),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            again()


def test_lists_of_drafts_ask_the_same_whatever_their_number(desk_of, amina, salma, django_assert_num_queries):
    supervisor = desk_of(salma)
    draft_of(amina, town())
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        supervisor.get(reverse("households:register"))
    for _more in range(6):
        draft_of(amina, town())
        draft_of(salma, town())
    with django_assert_num_queries(len(one)):
        supervisor.get(reverse("households:register"))
