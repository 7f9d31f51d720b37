"""The budget's pages: who reads them, in both languages, what they say, and a number of queries that does not grow."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Proposal
from eligibility.queries import law
from enrollment import services, spending
from enrollment.models import EnrollmentMove, Scenario
from enrollment.runs import write
from rsu.authentication import engine
from rsu.models import Commune, User

from ..eligibility.families import SIDI_MOUMEN
from .builders import couple
from .kingdom import CASABLANCA, MARRAKECH, aided, covered, scored, three_families

pytestmark = pytest.mark.django_db
PAGES = ("budget", "budget_month", "budget_forecasts", "budget_scenarios")
FILES = ("year", "places", "kinds", "forecasts")
NARROW = "\u202f"


def this_month():
    return timezone.localdate().replace(day=1)


@pytest.fixture(scope="module")
def kingdom(module_db):
    """Two families aided and one covered, the month written for the first, the months ahead foreseen."""
    first, second, third = three_families()
    aided(first), aided(second), covered(first)
    month = this_month()
    write([first.pk], month=month, read_on=month, law=law(month))
    spending.fold()
    services.keep_spending(on=timezone.localdate())
    services.forecast_months(on=timezone.localdate(), by=engine())
    return first, second, third


def page(client, user, name="budget", *args, **query):
    client.force_login(user)
    return client.get(reverse(f"enrollment:{name}", args=args), query)


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode())))


@pytest.mark.parametrize("name", PAGES)
def test_administrators_and_auditors_read_and_nobody_else(client, kingdom, name, chaima, yassine, amina, salma):
    assert [page(client, user, name).status_code for user in (chaima, yassine, amina, salma)] == [200, 200, 403, 403]


def test_an_area_smaller_than_a_region_has_no_budget(client, kingdom):
    user = User.objects.create_user("rabat_b", role="administrator", area_level="commune", commune=Commune.objects.get(code=SIDI_MOUMEN))
    answer = page(client, user)
    assert answer.status_code == 403 and "se compte par région" in answer.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_in_arabic(client, kingdom, name, chaima):
    client.cookies["django_language"] = "ar"
    answer = page(client, chaima, name)
    assert answer.status_code == 200 and 'dir="rtl"' in answer.content.decode()


def test_the_year_shows_what_is_spent_what_is_foreseen_and_the_share_of_the_envelope(client, kingdom, chaima):
    answer = page(client, chaima)
    [aid, cover] = [path for path, _chart in answer.context["paths"]]
    now = next(month for month in aid.months if month.month == this_month())
    assert (now.spent, now.foreseen) == (80_000, 50_000)
    assert cover.months[-1].both == 18_000
    shown = answer.content.decode()
    assert "29" + NARROW + "000" + NARROW + "000" + NARROW + "000" in shown
    assert "Ménages inscrits dans ce registre" in shown and "<svg" in shown
    assert [path.whole for path, _chart in answer.context["paths"]] == [path.months[-1].cumulated for path in (aid, cover)]


def test_a_year_without_budget_law_says_so(client, kingdom, chaima):
    answer = page(client, chaima, year="2023")
    assert "Aucune enveloppe n’est connue" in answer.content.decode()
    assert page(client, chaima, year="99999").context["year"] == timezone.localdate().year


def test_a_month_says_who_could_who_does_and_what_each_provision_costs(client, kingdom, chaima):
    answer = page(client, chaima, "budget_month")
    found = {row.program: row for _words, row in answer.context["totals"]}
    aid = found["direct_aid"]
    assert (aid.entitled.households, aid.enrolled.households, aid.spent.households) == (2, 2, 1)
    assert sum(line.row.enrolled.centimes for line in answer.context["kinds"] if line.row.program == "direct_aid") == aid.enrolled.centimes
    shown = answer.content.decode()
    assert "orphelin de père, rangs 1 à 3" in shown and "Un dirham de plus" in shown
    assert page(client, chaima, "budget_month", month="2026-99").context["month"] == this_month()
    asked = page(client, chaima, "budget_month", month="2026-12").context
    assert (asked["before"], asked["after"]) == (date(2026, 11, 1), date(2027, 1, 1))


def test_an_administrator_counts_the_month_again_and_the_families_decided_since_are_in_it(client, kingdom, chaima, yassine):
    asked = f"{this_month():%Y-%m}"
    before = page(client, chaima, "budget_month", month=asked)
    assert "Compter de nouveau" in before.content.decode() and not before.context["decided_since"]
    aided(kingdom[2])
    EnrollmentMove.objects.create(enrollment=kingdom[2].enrollments.get(), before="proposed", after="active", by=chaima)
    stale = page(client, chaima, "budget_month", month=asked)
    assert "Des inscriptions ont été décidées depuis ce compte" in stale.content.decode()
    assert "Des inscriptions ont été décidées depuis" in page(client, chaima).content.decode()
    assert client.post(reverse("enrollment:budget_recount"), {"month": asked}).status_code == 302
    after = page(client, chaima, "budget_month", month=asked)
    assert not after.context["decided_since"]
    counts = [{row.program: row.enrolled.households for row in one.context["view"].totals} for one in (stale, after)]
    assert [one["direct_aid"] for one in counts] == [2, 3]
    client.force_login(yassine)
    assert client.post(reverse("enrollment:budget_recount"), {"month": asked}).status_code == 403
    assert "Compter de nouveau" not in page(client, yassine, "budget_month", month=asked).content.decode()


def test_the_files_hold_the_figures_of_the_pages(client, kingdom, chaima):
    year = rows_of(page(client, chaima, "budget_file", "year"))
    month = f"{this_month():%Y-%m}"
    assert [row[2:4] for row in year if row[1] == month] == [["800.00", "500.00"], ["180.00", "0.00"]]
    assert {table: page(client, chaima, "budget_file", table).status_code for table in FILES} == dict.fromkeys(FILES, 200)
    assert page(client, chaima, "budget_file", "nothing").status_code == 404
    assert page(client, User.objects.get(username="amina"), "budget_file", "year").status_code == 403


def test_a_place_of_fewer_households_than_the_law_says_is_merged_in_the_file(client, kingdom, chaima):
    rows = [row for row in rows_of(page(client, chaima, "budget_file", "places"))[1:] if "aide" in row[0]]
    assert [row[1] for row in rows] == ["regroupées"]
    assert rows[0][3] == "2" and rows[0][5] == "1300.00"


def test_other_values_are_counted_and_shown_beside_the_law(client, kingdom, chaima):
    client.force_login(chaima)
    address = reverse("enrollment:budget_scenarios")
    shown = client.get(address, {"key": "amo_tadamon.state_contribution"})
    assert "180,00" in shown.content.decode() or 'value="180"' in shown.content.decode()
    typed = {"key": "amo_tadamon.state_contribution", "value": "200", "first": this_month().isoformat()}
    answer = client.post(address, typed, follow=True)
    scenario = Scenario.objects.get()
    assert answer.status_code == 200 and scenario.changes == {"amo_tadamon.state_contribution": 20_000}
    cover = next(row for _words, row, _who in answer.context["month_totals"] if row.program == "amo_tadamon")
    assert (cover.before.centimes, cover.after.centimes, cover.change) == (18_000, 20_000, 2_000)
    assert "+20" in answer.content.decode()
    assert page(client, User.objects.get(username="yassine"), "budget_scenario", scenario.pk).status_code == 200
    file = rows_of(page(client, chaima, "budget_scenario_file", scenario.pk))
    assert [row[2:5] for row in file if row[0] == "AMO-TADAMON"] == [["180.00", "200.00", "20.00"]]


def test_a_value_that_cannot_be_read_is_said_beside_its_field_and_nothing_is_lost(client, kingdom, chaima):
    client.force_login(chaima)
    typed = {"key": "direct_aid.threshold", "value": "neuf", "first": this_month().isoformat()}
    answer = client.post(reverse("enrollment:budget_scenarios"), typed)
    assert answer.status_code == 422 and 'value="neuf"' in answer.content.decode()
    same = client.post(reverse("enrollment:budget_scenarios"), typed | {"value": "9,7430010"})
    assert same.status_code == 422 or Scenario.objects.count() == 1
    assert client.post(reverse("enrollment:budget_scenarios"), {"proposal": "x", "first": this_month().isoformat()}).status_code == 422


def test_an_auditor_reads_scenarios_and_asks_for_none(client, kingdom, yassine):
    client.force_login(yassine)
    typed = {"key": "amo_tadamon.state_contribution", "value": "200", "first": this_month().isoformat()}
    assert client.post(reverse("enrollment:budget_scenarios"), typed).status_code == 403
    assert not Scenario.objects.exists()


def test_a_proposal_leads_to_what_it_costs_in_the_budget(client, kingdom, chaima):
    proposal = Proposal.objects.create(
        key="direct_aid.threshold", since=this_month(), value="9.7430011", source="Décret", reason="Motif", proposed_by=chaima
    )
    client.force_login(chaima)
    link = f"{reverse('enrollment:budget_scenarios')}?proposal={proposal.pk}#by-proposal"
    assert link in client.get(reverse("eligibility:proposal", args=[proposal.pk])).content.decode()
    answer = client.post(reverse("enrollment:budget_scenarios"), {"proposal": proposal.pk, "first": this_month().isoformat()}, follow=True)
    aid = next(row for _words, row, _who in answer.context["month_totals"] if row.program == "direct_aid")
    assert (aid.change, aid.could_change) == (0, 50_000)


def test_the_dashboard_shows_the_sum_of_the_lines_by_region(client, kingdom, chaima, yassine, salma):
    client.force_login(chaima)
    money = client.get(reverse("dashboards:kingdom")).context["money"]
    by_region = {line.region.pk: (line.aid, line.contributions) for line in money.lines}
    assert by_region[CASABLANCA] == (80_000, 18_000) and by_region[MARRAKECH] == (0, 0)
    assert (money.total.aid, money.total.contributions, money.total.both) == (80_000, 18_000, 98_000)
    client.force_login(salma)
    assert client.get(reverse("dashboards:kingdom")).context["money"] is None


def test_what_was_foreseen_is_beside_what_was_written(client, kingdom, chaima):
    answer = page(client, chaima, "budget_forecasts")
    aid = next(gap for _words, gap, _kinds in answer.context["gaps"] if gap.program == "direct_aid")
    assert (aid.whole.foreseen.centimes, aid.whole.spent.centimes) == (130_000, 80_000)
    assert aid.whole.by_count + aid.whole.by_mean == -50_000


@pytest.mark.parametrize("name", PAGES)
def test_more_families_ask_no_more_queries(client, kingdom, chaima, name):
    page(client, chaima, name)
    with CaptureQueriesContext(connection) as few:
        page(client, chaima, name)
    families = [couple(commune=commune.code, milieu="urban") for commune in Commune.objects.order_by("region_id", "id")[::300]]
    for household in families:
        scored(household, 90_000_000)
        aided(household)
    month = this_month()
    write([one.pk for one in families], month=month, read_on=month, law=law(month))
    day = timezone.localdate()
    services.forecast_months(on=date(day.year + 1, 1, 1) if day.month == 12 else day.replace(month=day.month + 1, day=1), by=engine())
    with CaptureQueriesContext(connection) as many:
        page(client, chaima, name)
    assert len(few) == len(many) < 25
