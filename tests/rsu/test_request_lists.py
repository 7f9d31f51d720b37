"""Lists of requests: whose they are, which are late, and what they cost to read."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from households.models import Household, Request
from tests.api.declarations import idcs
from tests.households.families import town
from tests.rsu.asking import (
    SOMEBODY,
    act,
    asked,
    desk,
    fill,
    registered,
    see,
    sent,
    text,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(amina) -> Household:
    return registered(amina)


def _asked(page) -> str:
    """The rows of requests of a page, and nothing else of it."""
    rows = [row for row in page.content.decode().split("<li") if "/requests/" in row and "Mise à jour" in row]
    assert rows
    return " ".join(rows)


class TestTheLists:
    def several(self, amina, n: int) -> list[Request]:
        made = []
        for number in range(n):
            household = registered(amina, town(members=[SOMEBODY | {"idcs": idcs()}]))
            draft = asked(amina, household, "update")
            fill(amina, draft, address=f"{number}, rue Longue")
            made.append(sent(amina, draft))
        return made

    def test_what_is_late_comes_first_and_says_so(self, amina, salma):
        first, second = self.several(amina, 2)
        Request.objects.filter(pk=second.pk).update(due_on=localdate() - timedelta(days=3), second=["loses_right"])
        page = desk(amina).get(reverse("desk:requests") + "?list=area")
        assert [row.pk for row in page.context["page"]] == [second.pk, first.pk]
        assert "en retard : attendue le" in text(page) and "1 demande n’a pas reçu sa réponse à temps." in text(page)
        assert [row.pk for row in desk(salma).get(reverse("desk:requests") + "?list=area&late=1").context["page"]] == [second.pk]
        assert "en retard : réponse attendue" in text(see(amina, second))
        assert [row.pk for row in desk(salma).get("/").context["asked"]] == [second.pk]

    @pytest.mark.parametrize("address", ["/requests/?list=area", "/"])
    def test_families_are_named_in_ones_own_work_and_masked_over_a_whole_area(self, address, amina, salma):
        [request] = self.several(amina, 1)
        Request.objects.filter(pk=request.pk).update(second=["loses_right"])
        family = request.household
        own, wide = (_asked(desk(user).get(address)) for user in (amina, salma))
        assert "Zahra Bennani" in own and family.shown_code in own
        assert "Bennani" not in wide and family.shown_code not in wide
        assert "Z. B." in wide and f"…{family.code[6:10]}-{family.code[10:]}" in wide

    def test_a_supervisor_sees_who_holds_what(self, amina, salma):
        first, _second = self.several(amina, 2)
        act(salma, first, "assign", to=amina.pk)
        page = desk(salma).get(reverse("desk:requests"))
        assert [(share.user, share.waiting) for share in page.context["shares"]] == [(None, 1), (amina, 1)]

    def test_mine_are_those_given_to_me_and_those_i_sent_that_nobody_holds(self, amina, salma):
        first, second = self.several(amina, 2)
        act(salma, first, "assign", to=salma.pk)
        assert [row.pk for row in desk(amina).get(reverse("desk:requests")).context["page"]] == [second.pk]

    def test_kinds_and_states_narrow_the_list(self, family, amina):
        complaint = asked(amina, family, "complaint", reason="Attente.")
        act(amina, complaint, "send")
        draft = asked(amina, family, "update")
        rows = desk(amina).get(reverse("desk:requests") + "?list=area&kind=complaint").context["page"]
        assert [row.pk for row in rows] == [complaint.pk]
        assert [row.pk for row in desk(amina).get(reverse("desk:requests") + "?list=drafts").context["page"]] == [draft.pk]
        assert not list(desk(amina).get(reverse("desk:requests") + "?list=ended&status=rejected").context["page"])

    @pytest.mark.parametrize("address", ["/requests/?list=area", "/", "/requests/?list=drafts"])
    def test_ask_no_more_for_more_rows(self, address, amina, salma):
        counts = []
        self.several(amina, 1)
        for more in (0, 5):
            for _household in range(more):
                household = registered(amina, town(members=[SOMEBODY | {"idcs": idcs()}]))
                asked(amina, household, "update")
                sent_one = asked(amina, household, "complaint", reason="Attente.")
                act(amina, sent_one, "send")
            if not more:
                asked(amina, Household.objects.latest("id"), "update")
            for user in (amina, salma):
                with CaptureQueriesContext(connection) as seen:
                    desk(user).get(address)
                counts.append(len(seen))
        assert counts[:2] == counts[2:]

    def test_the_home_page_holds_the_drafts_of_every_kind(self, family, amina):
        draft = asked(amina, family, "update")
        assert reverse("households:summary", args=[draft.token]) in desk(amina).get("/").content.decode()

    def test_nothing_of_another_commune_is_listed(self, amina, brahim):
        self.several(amina, 1)
        assert not list(desk(brahim).get(reverse("desk:requests") + "?list=area").context["page"])
