"""The file says why its score moved: the history drawn, any two scores compared, who is without cover, what not to do."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from eligibility import queries, services
from eligibility.levers import levers
from eligibility.score import Formula, threshold_points
from eligibility.traps import achamil_trap, contribution
from enrollment.services import propose_for_household
from households.models import Household
from rsu import score_chart
from rsu.authentication import engine
from rsu.models import AuditEvent
from rsu.score_chart import Spot, Stretch
from tests.eligibility.families import child, family, person

DAY = date(2026, 11, 22)
SPOTS = [
    Spot(date(2025, 1, 5), 95_000_000, "", None),
    Spot(date(2025, 9, 5), 96_000_000, "/a?from=1&to=2", 1_000_000),
    Spot(date(2026, 3, 5), 92_000_000, "/a?from=2&to=3", -4_000_000),
]
LINES = [
    Stretch("AMO", date(2025, 1, 5), DAY, 93_264_284),
    Stretch("Aide", date(2025, 1, 5), date(2025, 6, 1), 97_430_010),
    Stretch("Aide", date(2025, 6, 1), DAY, 97_500_000),
]


@pytest.fixture
def home(db):
    """Two scores on one day: a telephone more between them."""
    home = family(person(), child(date(2015, 6, 1), father=1), mobile_phones=2)
    for phones in (2, 3):
        Household.objects.filter(pk=home.pk).update(mobile_phones=phones)
        services.assess_households([home.pk], on=timezone.localdate(), by=engine())
    return home


def compare(home, **asked):
    return reverse("desk:compare", args=[home.code]) + "?" + "&".join(f"{name}={value}" for name, value in asked.items())


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_each_point_leads_to_what_changed_and_is_named(language):
    with override(language):
        chart = score_chart.score_history(SPOTS, LINES, today=DAY)
    links = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', chart.svg)
    assert [url for url, _name in links] == ["/a?from=1&amp;to=2", "/a?from=2&amp;to=3"]
    assert all("9," in name for _url, name in links)
    assert not re.search(r"<script|<style|style=|javascript:|<image|url\(|xlink:href|vega", chart.svg)
    assert len(chart.rows) == 3 and "/a?from=2&amp;to=3" in chart.rows[0][2]
    assert "9,7500000" in chart.sentence and "9,7430010" not in chart.sentence


def test_the_history_reads_from_the_side_where_reading_begins():
    def places(language):
        with override(language):
            svg = score_chart.score_history(SPOTS, LINES, today=DAY).svg
        return [float(x) for x in re.findall(r'<a href[^>]*><path transform="translate\(([0-9.]+),', svg)]

    french, arabic = places("fr"), places("ar")
    assert len(french) == len(arabic) == 2
    assert french[0] < french[1] and arabic[0] > arabic[1]


def test_the_file_draws_the_history_and_says_the_last_change(client, home, amina):
    client.force_login(amina)
    answer = client.get(reverse("desk:household", args=[home.code]))
    page = answer.content.decode()
    assert answer.context["last_change"].since_last == 516_000
    assert "+0,0516000" in page and "Voir ce qui a changé" in page and 'role="group"' in page
    assert answer.context["last_change"].url.replace("&", "&amp;") in page


def test_the_page_compares_the_last_two_unless_others_are_asked_for(client, home, amina):
    client.force_login(amina)
    first, last = queries.scores_of(home, on=timezone.localdate())
    page = client.get(reverse("desk:compare", args=[home.code]))
    assert (page.context["before"], page.context["after"]) == (first, last)
    assert [(group.cause.value, [row.points for row in group.rows]) for group in page.context["why"].groups] == [("answers", [516_000])]
    assert "Téléphones portables" in page.content.decode() and "+0,0516000" in page.content.decode()
    backwards = client.get(compare(home, **{"from": last.key, "to": first.key}))
    assert (backwards.context["before"], backwards.context["after"]) == (first, last)
    same = client.get(compare(home, **{"from": last.key, "to": last.key}))
    assert "Choisissez deux indices différents." in same.content.decode()
    assert client.get(compare(home, **{"from": "9-9", "to": last.key})).status_code == 404
    assert AuditEvent.objects.filter(verb="read_household", household_id=home.pk, subject="compare").count() == 3


def test_the_page_is_arabic_too_and_closed_to_another_commune(client, home, amina, brahim):
    client.force_login(amina)
    client.cookies["django_language"] = "ar"
    page = client.get(reverse("desk:compare", args=[home.code])).content.decode()
    assert 'dir="rtl"' in page and "ما الذي تغير" in page and "Différence" not in page
    client.force_login(brahim)
    assert client.get(reverse("desk:compare", args=[home.code])).status_code == 404


def test_a_household_with_one_score_has_nothing_to_compare(client, amina):
    home = family(person())
    services.assess_households([home.pk], on=timezone.localdate(), by=engine())
    client.force_login(amina)
    assert "il n’y a rien à comparer" in client.get(reverse("desk:compare", args=[home.code])).content.decode()
    assert client.get(reverse("desk:household", args=[home.code])).context["history"] is None


def test_lines_stand_from_the_day_the_law_moved_them(db):
    moves = queries.lines_since(date(2023, 6, 1), on=DAY)
    assert {(move.program.value, move.threshold) for move in moves} >= {("amo_tadamon", 93_264_284), ("direct_aid", 97_430_010)}
    assert all(move.since <= DAY for move in moves)


def test_who_is_without_cover_is_listed_with_why_and_what_to_do(client, amina):
    home = family(
        person(born_on=date(1980, 1, 1)),
        person(relation="sibling", cover="amo_employee", cover_quality="principal", born_on=date(1990, 1, 1)),
    )
    today = timezone.localdate()
    services.assess_households([home.pk], on=today, by=engine())
    propose_for_household(home.pk, on=today, by=engine())
    client.force_login(amina)
    answer = client.get(reverse("desk:household", args=[home.code]))
    (one,) = answer.context["without_cover"]
    assert one.member.position == 1
    right = answer.context["standing"].by_program["amo_tadamon"].entitled
    expected = "attend une décision" if right else "ne donne pas l’AMO-TADAMON"
    assert expected in one.why and one.why in answer.content.decode() and one.advice in answer.content.decode()
    assert bool(one.enrollment) == right


def near_the_aid_line(gap: int):
    """A lone urban man brought by his telephone bill to just under the line of direct aid, `gap` units below at most."""
    home = family(person(other_allowances=False), rooms=1)
    today = timezone.localdate()
    services.assess_households([home.pk], on=today, by=engine())
    law = queries.law(today)
    formula, line = Formula.from_value(law.value("score.formula")), threshold_points(law.value("direct_aid.threshold"))
    standing = queries.standing(home, on=today)
    bill = next(lever for lever in levers(formula, standing.facts, line - gap) if lever.fact == "telecom")
    Household.objects.filter(pk=home.pk).update(telecom_bills=[abs(bill.after) // 12])
    services.assess_households([home.pk], on=today, by=engine())
    return home, law


def test_a_family_in_direct_aid_is_told_what_amo_achamil_would_cost_it(client, amina):
    home, law = near_the_aid_line(500_000)
    standing = queries.standing(home, on=timezone.localdate())
    assert standing.by_program["direct_aid"].under_line and not standing.by_program["amo_tadamon"].under_line
    trap = achamil_trap(standing, law)
    assert (trap.score, trap.monthly) == (standing.score + 1_510_000, 176_00)
    client.force_login(amina)
    page = client.get(reverse("desk:household", args=[home.code])).content.decode()
    assert "La famille perdrait l’aide en prenant cette couverture." in page
    url = reverse("desk:simulate_household", args=[home.code])
    joined = client.post(url, {"quick": "amo_achamil"})
    assert joined.status_code == 200, joined.context["form"].errors
    assert joined.context["after"].picture.standing.score == trap.score
    assert "droit perdu" in joined.content.decode() and "La famille perdrait l’aide" in joined.content.decode()


def test_where_the_other_cover_would_not_cross_the_line_nothing_is_said(db):
    home, today = family(person(), child(date(2015, 6, 1), father=1), rooms=1), timezone.localdate()
    services.assess_households([home.pk], on=today, by=engine())
    standing = queries.standing(home, on=today)
    assert standing.by_program["direct_aid"].distance > 1_510_000 and not standing.by_program["amo_tadamon"].under_line
    assert achamil_trap(standing, queries.law(today)) is None


@pytest.mark.parametrize(
    ("score", "monthly"), [(93_264_284, None), (93_264_285, 144_00), (95_124_369, 144_00), (95_124_370, 176_00), (120_000_000, 1164_00)]
)
def test_the_contribution_is_that_of_the_band_the_score_stands_in(score, monthly, db):
    assert contribution(score, queries.law(DAY + timedelta(days=1))) == monthly
