"""Getting in: failures lock the door for a while, the first accounts of an installation, leaving."""

import getpass

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from rsu.models import User
from rsu.personas import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_failure_remembered():
    cache.clear()
    yield
    cache.clear()


def try_login(client, password, username="amina"):
    return client.post("/login", {"username": username, "password": password})


def test_a_wrong_password_says_so_and_the_right_one_opens(client, amina):
    assert try_login(client, "faux").status_code == 200
    assert try_login(client, PASSWORD).status_code == 302
    assert client.get("/").status_code == 200


def test_repeated_failures_lock_the_account_even_for_the_right_password_and_only_that_one(client, amina, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        try_login(client, "faux")
    locked = try_login(client, PASSWORD)
    assert locked.status_code == 429
    assert "rsu/lockout.html" in [template.name for template in locked.templates]
    assert try_login(client, PASSWORD, username="brahim").status_code == 302


def test_leaving_closes_the_desk(client, amina):
    client.force_login(amina)
    client.post("/logout")
    assert client.get("/").headers["location"].startswith("/login")


def type_passwords(monkeypatch, *typed):
    answers = iter(typed)
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))


def test_the_first_administrators_are_made_at_the_terminal_and_answer_for_themselves(monkeypatch, capsys):
    type_passwords(monkeypatch, "un-long-secret-7", "un-long-secret-7")
    call_command("create_administrator", "houda", "--first-name", "Houda")
    houda = User.objects.get(username="houda")
    assert (houda.role, houda.area_level, houda.is_staff, houda.vouched_by) == ("administrator", "kingdom", True, None)
    with pytest.raises(CommandError, match="existe déjà"):
        call_command("create_administrator", "houda")


@pytest.mark.parametrize(("typed", "reason"), [(("a", "b"), "diffèrent"), (("12345", "12345"), "court|courant|numérique")])
def test_a_password_too_weak_or_typed_twice_differently_makes_no_account(monkeypatch, typed, reason):
    type_passwords(monkeypatch, *typed)
    with pytest.raises(CommandError, match=reason):
        call_command("create_administrator", "houda")
    assert not User.objects.filter(username="houda").exists()
