"""The page that simulates a line: what it counts, how it answers a budget, who opens it, what it asks of the database."""

import re

import pytest
from django.urls import reverse

from eligibility import curve, queries, services
from eligibility.models import Program
from eligibility.score import format_points
from rsu.authentication import engine
from rsu.models import Commune, User
from tests.eligibility.families import GUELIZ, SIDI_MOUMEN, child, family, person
from tests.eligibility.legislating import AID, propose, score_of, spread, under

pytestmark = pytest.mark.django_db
IN_FORCE = 97_430_010
PAGE, FIGURES = "eligibility:simulate", "eligibility:simulate_at"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ranked(today) -> list[int]:
    return spread(on=today)


def typed(points: int) -> str:
    return format_points(points).replace(".", ",")


def text_of(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("username", ["amina", "salma", "chaima", "driss", "yassine"])
@pytest.mark.parametrize("page", [PAGE, FIGURES])
def test_administrators_and_auditors_simulate(username, page, as_):
    answer = as_(username).get(reverse(page))
    assert answer.status_code == (200 if username in {"chaima", "driss", "yassine"} else 403)


def test_the_page_opens_on_the_line_in_force(as_, ranked):
    answer = as_("yassine").get(reverse(PAGE))
    assert answer.context["line"] == IN_FORCE and answer.context["program"] == AID
    assert answer.context["comparison"].total.after.households == len(under(IN_FORCE)) > 0
    page = text_of(answer)
    assert "seuil en vigueur" in page and "<svg" in page and 'value="9,7430010"' in page


@pytest.mark.parametrize("by", [-1, 0, 1])
def test_a_line_is_counted_to_the_ten_millionth(by, as_, ranked):
    line = score_of(ranked[5]) + by
    answer = as_("yassine").get(reverse(PAGE), {"program": AID.value, "line": typed(line)})
    total = answer.context["comparison"].total
    assert total.after.households == len(under(line)) == (5 if by < 0 else 6)
    assert total.change.households == len(under(line)) - len(under(IN_FORCE))
    assert sum(lines[-1].after.people for _region, lines in answer.context["comparison"].places) == total.after.people > 0


def test_a_lower_line_says_who_loses_and_a_higher_one_who_gains(as_, ranked):
    client = as_("yassine")
    assert "perdraient" in text_of(client.get(reverse(PAGE), {"line": typed(score_of(ranked[0]))}))
    assert "gagneraient" in text_of(client.get(reverse(PAGE), {"line": typed(score_of(ranked[-1]))}))
    assert "rien ne changerait" in text_of(client.get(reverse(PAGE), {"line": "9,7430011"}))


def test_the_difference_is_told_by_month_and_by_year(as_, ranked):
    total = as_("yassine").get(reverse(PAGE), {"line": typed(score_of(ranked[-1]))}).context["comparison"].total
    assert total.change.centimes > 0 and total.year == 12 * total.after.centimes
    assert total.signed_month.startswith("+") and total.signed_year.startswith("+")


@pytest.mark.parametrize(("program", "estimated"), [(Program.AMO_TADAMON, True), (AID, False)])
def test_what_is_an_estimate_says_so(program, estimated, as_, ranked):
    assert ("Estimation" in text_of(as_("yassine").get(reverse(PAGE), {"program": program.value}))) == estimated


@pytest.mark.parametrize("line", ["neuf", "9,74300101", "", "99999999999", "9,7.4"])
def test_what_is_not_a_line_is_refused_beside_the_field_and_kept(line, as_, ranked):
    client = as_("yassine")
    answer = client.get(reverse(PAGE), {"line": line})
    assert answer.status_code == 422 and list(answer.context["form"].errors) == ["line"]
    assert f'value="{line}"' in text_of(answer) or not line
    assert client.get(reverse(FIGURES), {"line": line}, headers=HTMX).status_code == 422


@pytest.mark.parametrize("line", ["9.5", "9,5", " 9,5 ", "9,5000000", "٩٫٥", "٩,٥"])
def test_a_line_is_typed_as_people_write(line, as_, ranked):
    assert as_("yassine").get(reverse(PAGE), {"line": line}).context["line"] == 95_000_000


def test_the_slider_gets_the_figures_alone_and_the_address_of_the_page(as_, ranked):
    client = as_("yassine")
    line = score_of(ranked[7])
    answer = client.get(reverse(FIGURES), {"program": AID.value, "line": typed(line)}, headers=HTMX)
    assert "<html" not in text_of(answer) and "<svg" not in text_of(answer)
    assert answer.context["comparison"].total.after.households == 8
    assert answer["HX-Replace-Url"] == f"{reverse(PAGE)}?program=direct_aid&line={typed(line).replace(',', '%2C')}"
    assert "<html" in text_of(client.get(reverse(FIGURES), {"line": typed(line)}))


def test_a_budget_gives_the_highest_line_that_fits_and_leads_to_a_proposal(as_, ranked, chaima, today):
    law = queries.law(today)
    whole = curve.curve(chaima, program=AID, law=law)[-1].held.centimes
    budget = whole // 2 // 100 * 100
    wanted = curve.cut_off_for(chaima, program=AID, budget_centimes=budget, law=law)
    for amount, unit in ((str(budget // 100), "dirhams"), (f"{budget // 100:08d}"[:-6] + "," + f"{budget // 100:08d}"[-6:], "millions")):
        answer = as_("chaima").get(reverse(PAGE), {"program": AID.value, "amount": amount, "unit": unit})
        assert answer.context["fit"] == answer.context["line"] == wanted
        assert answer.context["comparison"].total.after.centimes <= budget
        link = f"{reverse('eligibility:propose')}?key={AID.threshold_key}&amp;value={typed(wanted).replace(',', '%2C')}"
        assert link in text_of(answer)
        assert f'value="{typed(wanted)}"' in text_of(as_("chaima").get(link.replace("&amp;", "&")))
    assert "Proposer ce seuil" not in text_of(as_("yassine").get(reverse(PAGE), {"amount": amount, "unit": unit}))


@pytest.mark.parametrize("families", [1, 10, 24])
def test_a_number_of_households_gives_the_lowest_line_that_covers_them(families, as_, ranked):
    answer = as_("yassine").get(reverse(PAGE), {"amount": str(families), "unit": "households"})
    assert answer.context["fit"] == score_of(ranked[families - 1])


def test_more_than_the_registry_holds_is_answered_in_words(as_, ranked):
    client = as_("yassine")
    assert "pas autant" in text_of(client.get(reverse(PAGE), {"amount": "25", "unit": "households"}))
    assert "suffit pour tous" in text_of(client.get(reverse(PAGE), {"amount": "1000", "unit": "millions"}))


@pytest.mark.parametrize(
    ("amount", "unit"),
    [("", "dirhams"), ("-5", "dirhams"), ("12,345", "dirhams"), ("1,5", "people"), ("0", "households"), ("5", "chameaux")],
)
def test_what_is_not_a_budget_is_refused(amount, unit, as_, ranked):
    answer = as_("yassine").get(reverse(PAGE), {"amount": amount, "unit": unit})
    assert answer.status_code == 422 and answer.context["budget"].errors and answer.context["fit"] is None


def test_an_area_sees_its_own_households_only(as_, ranked, chaima):
    elsewhere = Commune.objects.exclude(pk__in=queries.Facts.objects.values("commune_id")).exclude(province=None).first()
    User.objects.filter(pk=chaima.pk).update(area_level="commune", commune=elsewhere)
    assert "Aucun ménage n’a encore d’indice" in text_of(as_("chaima").get(reverse(PAGE)))


def test_nobody_scored_and_another_language_are_pages_too(as_, client, db):
    assert "Aucun ménage n’a encore d’indice" in text_of(as_("yassine").get(reverse(PAGE)))
    client.cookies["django_language"] = "ar"
    assert 'dir="rtl"' in text_of(as_("yassine").get(reverse(PAGE)))


def _queries(client, page: str, **asked) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(page, asked, headers=HTMX if "at" in page else {})
    return len(captured)


def test_the_pages_take_as_many_queries_whatever_the_number_of_households(as_, today):
    client, counts = as_("yassine"), []
    for milieu, commune, number in (("urban", SIDI_MOUMEN, 1), ("rural", GUELIZ, 12)):
        households = [family(person(), *[child(today)] * (size - 1), milieu=milieu, commune=commune) for size in range(1, number + 1)]
        services.assess_households([household.pk for household in households], on=today, by=engine())
        counts.append([_queries(client, reverse(page), line="9,8") for page in (PAGE, FIGURES)])
    assert counts[0] == counts[1] and max(counts[0]) <= 7


def test_the_proposal_tells_what_it_costs_before_and_after(as_, ranked, today):
    new = score_of(ranked[2])
    proposal = propose(new, since=today, on=today)
    answer = as_("driss").get(reverse("eligibility:proposal", args=[proposal.pk]))
    total = answer.context["cost"].total
    assert (total.before.households, total.after.households) == (len(under(IN_FORCE)), 3)
    assert total.change.centimes < 0
    page = text_of(answer)
    assert "Ce que la proposition coûterait" in page
    assert re.search(rf"simulate\?program=direct_aid&amp;line={typed(new)}", page)
