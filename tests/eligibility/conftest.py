import pytest
from django.utils import timezone

from eligibility import runs
from rsu.models import User


@pytest.fixture
def work():
    """Apply every chunk that waits, as a worker does, on the day given; how many."""

    def until_nothing_waits(*, on, worker="test") -> int:
        done = 0
        while chunk := runs.claim(worker=worker, at=timezone.now()):
            done += runs.apply(chunk, on=on, at=timezone.now())
        runs.close_finished(at=timezone.now())
        return done

    return until_nothing_waits


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def as_(client):
    def log_in(username: str):
        client.force_login(User.objects.get(username=username))
        return client

    return log_in
