"""The home page: each role finds the tasks it can do, and no other."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from enrollment import services
from rsu.authentication import engine
from tests.enrollment.builders import couple, determine

pytestmark = pytest.mark.django_db


@pytest.fixture
def household():
    made = couple()
    determine(made, "amo_tadamon", since=date(2026, 11, 2))
    services.propose_for_household(made.pk, on=localdate(), by=engine())
    return made


@pytest.mark.parametrize(
    ("who", "tasks"),
    [
        ("amina", {"to_decide_count", "losses_count", "asked_counts", "drafts"}),
        ("salma", {"to_decide_count", "losses_count", "asked_counts", "drafts", "duplicates_count"}),
        ("chaima", {"proposals_open"}),
        ("yassine", set()),
    ],
)
def test_a_role_is_counted_what_it_can_do(household, client, request, who, tasks):
    client.force_login(request.getfixturevalue(who))
    page = client.get(reverse("desk:home"))
    known = ("to_decide_count", "losses_count", "asked_counts", "drafts", "duplicates_count", "proposals_open")
    assert {name for name in known if page.context.get(name) is not None} == tasks
    assert ('id="to-decide"' in page.content.decode()) is ("to_decide_count" in tasks)


def test_an_auditor_reads_the_decisions_that_wait_on_their_own_page(household, client, yassine):
    client.force_login(yassine)
    assert "décision" not in client.get(reverse("desk:home")).content.decode()
    assert reverse("enrollment:decide", args=[household.enrollments.order_by("id").first().pk]) in (
        client.get(reverse("enrollment:work")).content.decode()
    )
