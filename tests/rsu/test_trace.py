"""The household's file tells how its rights came to be: each period with its line, each move, each reading once."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from eligibility import queries, services
from enrollment.services import propose_for_household
from rsu.authentication import engine
from rsu.models import AuditEvent
from rsu.trace import Line, _gathered
from tests.eligibility.test_engine import worked_example

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


def assess(household, on=DAY):
    services.assess_households([household.pk], on=on, by=engine())


@pytest.fixture
def family():
    """Entitled on a day, no more the next month, and again on the very day it lost the right."""
    household = worked_example()
    for on, phones in ((DAY, 3), (DAY + timedelta(days=30), 9), (DAY + timedelta(days=30), 3)):
        household.mobile_phones = phones
        household.save()
        assess(household, on=on)
    return household


def test_the_chain_keeps_what_a_same_day_change_replaced(family):
    chains = {chain.program: chain.rows for chain in queries.chain_of(family)}
    kept, cut = chains["direct_aid"][-1], chains["direct_aid"][0]
    assert (kept.since, kept.entitled, getattr(kept, "cut_on", None)) == (DAY, True, None)
    assert (cut.entitled, cut.cut_on) == (False, cut.since)
    assert kept.threshold.source and kept.score == 97392575


def test_the_chain_takes_two_queries_whatever_its_length(family):
    with CaptureQueriesContext(connection) as asked:
        assert [row.threshold.value for chain in queries.chain_of(family) for row in chain.rows]
    assert len(asked) == 2


def test_the_file_shows_chain_moves_and_readings(client, family, amina):
    propose_for_household(family.pk, on=DAY, by=engine())
    client.force_login(amina)
    for _time in range(3):
        page = client.get(reverse("desk:household", args=[family.code]))
    text = page.content.decode()
    assert "remplacé le jour même" in text and "Aide sociale directe : les périodes du droit" in text
    assert "9,7392575" in text
    deeds = {line.deed: line for line in page.context["trace"]}
    assert deeds["a consulté le dossier"].times == 3 == AuditEvent.objects.filter(verb="read_household").count()
    assert "3 fois" in text
    assert any(line.enrollments and line.deed.endswith("inscription proposée") for line in page.context["trace"])


def test_readings_far_apart_or_by_another_are_lines_of_their_own():
    now = timezone.now()
    moments = [(0, "a"), (3, "a"), (6, "a"), (7, "b"), (8, "a"), (60, "a")]
    lines = _gathered([Line(now - timedelta(minutes=ago), who, "lu") for ago, who in moments])
    assert [(line.by, line.times) for line in lines] == [("a", 3), ("b", 1), ("a", 1), ("a", 1)]
