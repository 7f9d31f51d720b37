"""The work list and the decision page, through HTTP, by the people who use them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from eligibility.queries import Level, enrolled_by
from enrollment import queries, services
from rsu.authentication import engine
from rsu.models import AuditEvent
from tests.eligibility.families import GUELIZ

from .builders import PUPIL, child, couple, determine, family, flip, man, woman

pytestmark = pytest.mark.django_db


def proposed(household, program):
    determine(household, program, since=date(2026, 11, 2))
    services.propose_for_household(household.pk, on=localdate(), by=engine())
    return household.enrollments.filter(program=program).order_by("id")


@pytest.fixture
def desk(client, amina):
    client.force_login(amina)
    return client


def decide(enrollment):
    return reverse("enrollment:decide", args=[enrollment.pk])


def send(client, rows, deed, **answers):
    return client.post(decide(rows[0]), {"enrollments": [row.pk for row in rows], "deed": deed} | answers)


class TestWorkList:
    def test_one_row_a_household_program_and_status_oldest_first(self, amina):
        first, second = couple(), couple()
        proposed(second, "direct_aid")
        proposed(first, "amo_tadamon")
        proposed(first, "direct_aid")
        rows = [(row.household, row.program, row.persons) for row in queries.work_list(amina)]
        assert rows == [(second, "direct_aid", 1), (first, "amo_tadamon", 2), (first, "direct_aid", 1)]

    def test_it_narrows_by_program_and_status(self, amina):
        household = couple()
        proposed(household, "amo_tadamon")
        proposed(household, "direct_aid")
        assert [row.program for row in queries.work_list(amina, program="direct_aid")] == ["direct_aid"]
        assert not queries.work_list(amina, status="in_review")
        assert len(queries.work_list(amina, status="proposed")) == 2

    def test_another_commune_is_not_seen(self, amina, brahim, yassine):
        proposed(couple(), "direct_aid")
        proposed(couple(commune=GUELIZ), "direct_aid")
        assert [len(queries.work_list(user)) for user in (amina, brahim, yassine)] == [1, 1, 2]

    def test_the_page_asks_no_more_for_more_rows(self, desk):
        proposed(couple(), "direct_aid")
        with CaptureQueriesContext(connection) as one:
            desk.get(reverse("enrollment:work"))
        for _number in range(6):
            proposed(couple(), "direct_aid")
        with CaptureQueriesContext(connection) as seven:
            page = desk.get(reverse("enrollment:work"))
        assert len(one) == len(seven)
        assert len(page.context["page"].object_list) == 7

    def test_who_does_not_decide_rights_has_no_work_list(self, client, chaima):
        client.force_login(chaima)
        assert client.get(reverse("enrollment:work")).status_code == 403


class TestDecision:
    def test_the_page_shows_units_people_set_aside_and_the_source(self, desk):
        household = family(man(), woman(spouse=1, cover="amo_employee"), child(date(2012, 1, 1), mother=2, father=1, **PUPIL))
        rows = proposed(household, "amo_tadamon")
        page = desk.get(decide(rows[0]))
        text = page.content.decode()
        assert page.status_code == 200
        assert "Chef, conjoint et enfants à charge" in text
        assert "a une autre couverture obligatoire" in text
        assert "2-23-866" in text
        assert AuditEvent.objects.filter(verb="read_household", household_id=household.pk).exists()

    def test_the_page_shows_the_month_line_by_line(self, desk):
        rows = proposed(couple(child(date(2012, 1, 1), **PUPIL)), "direct_aid")
        page = desk.get(decide(rows[0]))
        assert [(line.kind, line.amount) for line, _label, _member in page.context["lines"]] == [("child", 30000), ("floor", 20000)]
        assert page.context["month"].amount == 50000

    def test_a_large_family_asks_no_more_questions_than_a_small_one(self, desk):
        small, large = couple(), couple(*(child(date(2008 + year, 1, 1), **PUPIL) for year in range(7)))
        counts = []
        for household in (small, large):
            rows = proposed(household, "amo_tadamon")
            with CaptureQueriesContext(connection) as asked:
                desk.get(decide(rows[0]))
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_what_a_reason_holds_is_text_and_never_markup(self, desk, amina):
        household = couple()
        rows = proposed(household, "direct_aid")
        services.accept_household(household, "direct_aid", on=localdate(), by=amina)
        flip(household.determinations.get(), on=date(2026, 11, 20))
        services.propose_for_household(household.pk, on=localdate(), by=engine())
        services.keep_enrollment(rows[0].pk, reason="<b>100 % sûr</b>", on=localdate(), by=amina)
        assert "&lt;b&gt;100 % sûr&lt;/b&gt;" in desk.get(decide(rows[0])).content.decode()

    def test_acceptance_goes_back_to_the_file(self, desk):
        household = couple()
        rows = proposed(household, "amo_tadamon")
        answer = send(desk, rows, "accept")
        assert answer.status_code == 302
        assert answer.url == reverse("desk:household", args=[household.code])
        assert {row.status for row in household.enrollments.all()} == {"active"}

    def test_a_refusal_without_reason_keeps_the_page_and_says_why(self, desk):
        rows = proposed(couple(), "direct_aid")
        answer = send(desk, rows, "refuse")
        assert answer.status_code == 422
        assert "Donnez le motif" in answer.content.decode()
        assert rows.get().status == "proposed"

    def test_a_refusal_with_reason(self, desk):
        rows = proposed(couple(), "direct_aid")
        assert send(desk, rows, "refuse", reason="parti à l’étranger").status_code == 302
        assert rows.get().reason == "parti à l’étranger"

    def test_what_cannot_be_taken_is_said_on_the_page(self, desk):
        rows = proposed(family(man(other_allowances=True)), "direct_aid")
        answer = send(desk, rows, "accept")
        assert answer.status_code == 422
        assert "pas de cumul" in answer.content.decode()

    def test_a_family_that_changed_is_proposed_again(self, desk):
        household = couple()
        rows = proposed(household, "amo_tadamon")
        household.members.filter(relation="spouse").update(cover="amo_employee")
        assert send(desk, list(rows), "accept").status_code == 302
        assert [row.status for row in rows.all()] == ["proposed", "refused"]

    def test_a_reviewed_right_is_kept_or_ended(self, desk, amina):
        household = couple()
        row = determine(household, "direct_aid", since=date(2026, 11, 2))
        services.propose_for_household(household.pk, on=localdate(), by=engine())
        services.accept_household(household, "direct_aid", on=localdate(), by=amina)
        flip(row, on=date(2026, 11, 20))
        services.propose_for_household(household.pk, on=localdate(), by=engine())
        rows = household.enrollments.all()
        page = desk.get(decide(rows[0]))
        assert [list(decision.deeds) for decision in page.context["decisions"]] == [["keep", "end", "suspend"]]
        assert send(desk, rows, "keep", reason="recours").status_code == 302
        assert rows.get().status == "active"
        assert send(desk, rows, "end", reason="départ").status_code == 302
        assert rows.get().status == "ended"

    def test_another_area_is_not_found(self, client, brahim):
        client.force_login(brahim)
        assert client.get(decide(proposed(couple(), "direct_aid")[0])).status_code == 404

    def test_the_auditor_reads_and_does_not_decide(self, client, yassine):
        rows = proposed(couple(), "direct_aid")
        client.force_login(yassine)
        page = client.get(decide(rows[0]))
        assert page.status_code == 200
        assert b'name="deed"' not in page.content
        assert send(client, rows, "accept").status_code == 403
        assert rows.get().status == "proposed"

    def test_an_enrollment_of_another_household_cannot_be_slipped_in(self, desk):
        mine, other = proposed(couple(), "direct_aid"), proposed(couple(), "direct_aid")
        answer = desk.post(decide(mine[0]), {"enrollments": [other[0].pk], "deed": "accept"})
        assert answer.status_code == 422
        assert other.get().status == "proposed"


def test_counts_by_region_follow_decisions(amina, yassine):
    household = couple()
    proposed(household, "amo_tadamon")
    services.accept_household(household, "amo_tadamon", on=localdate(), by=amina)
    assert enrolled_by(yassine, Level.REGION) == [{"program": "amo_tadamon", "place_id": 6, "households": 1, "people": 2}]


@pytest.mark.parametrize("model", ["enrollment", "unit", "allowance"])
def test_the_administration_site_reads_and_changes_nothing(model, client, amina):
    household = couple()
    proposed(household, "direct_aid")
    proposed(household, "amo_tadamon")
    services.accept_household(household, "direct_aid", on=localdate(), by=amina)
    amina.is_staff = amina.is_superuser = True
    amina.save()
    client.force_login(amina)
    assert client.get(reverse(f"admin:enrollment_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:enrollment_{model}_add")).status_code == 403


def test_the_head_s_unit_comes_first_on_the_file(db):
    household = couple(child(date(2012, 1, 1), **PUPIL), child(date(1998, 1, 1)))
    services.propose_for_household(determine(household, "amo_tadamon").household_id, on=date(2026, 11, 22), by=engine())
    shown = [(row.member.relation, row.quality) for row in queries.household_enrollments(household)]
    assert shown[0] == ("head", "insured")
    assert [quality for _relation, quality in shown] == ["insured", "dependant", "dependant", "insured"]
