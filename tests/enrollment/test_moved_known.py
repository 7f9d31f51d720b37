"""Covers moved from RAMED are known wherever covers are: on the pages of the household, in the State's contributions, in the tally."""

from datetime import date

import pytest
from django.db.models import Sum
from django.urls import reverse

from eligibility.models import Tally
from eligibility.queries import law
from enrollment import spending
from enrollment.forecasts import Reading, count_month, law_of
from enrollment.models import MigratedCover
from rsu.models import Commune

from ..eligibility.families import GUELIZ, SIDI_MOUMEN
from .builders import DAY, PUPIL, child, couple, determine
from .kingdom import CASABLANCA, JANUARY, MARRAKECH, covered, three_families
from .ramed_files import NIGHT, dependant, migrate, principal
from .test_ramed_settling import JUNE, cover, moved_family, settle

pytestmark = pytest.mark.django_db


def counted(month: date) -> dict:
    """{(region, milieu): (households, people, insured)} of AMO-TADAMON as the budget counts it."""
    spending.count_contributions([month])
    cells = spending.spent(first=month, last=month)
    return {(s.region, s.milieu): (s.households, s.people, s.insured) for s in cells if s.program == "amo_tadamon" and not s.kind}


def tallied() -> tuple:
    rows = Tally.objects.filter(measure="enrolled", program="amo_tadamon")
    return tuple(rows.aggregate(Sum("households"), Sum("people")).values())


def budgeted(month: date) -> tuple:
    found = counted(month).values()
    return sum(one[0] for one in found), sum(one[1] for one in found)


def test_the_contributions_of_a_month_and_the_dashboards_count_the_same_covers(chaima):
    migrate([principal(1), dependant(2, 1), principal(3, commune="")], by=chaima)
    assert counted(date(2023, 1, 1)) == {(CASABLANCA, "urban"): (1, 2, 1)}
    assert budgeted(date(2023, 1, 1)) == tallied() == (1, 2)
    assert counted(date(2022, 11, 1)) == {}
    assert counted(date(2023, 12, 1)) == {}  # the day from which the score decides is the first without


def test_they_count_the_same_once_some_are_kept_and_others_ended(chaima):
    migrate([principal(1), dependant(2, 1)], by=chaima)
    kept, lost = moved_family(child(date(2015, 5, 1), **PUPIL)), moved_family()
    determine(kept, "amo_tadamon", since=date(2023, 6, 1))
    determine(lost, "amo_tadamon", entitled=False, since=date(2023, 6, 1))
    before = counted(date(2023, 5, 1))
    assert sum(people for _homes, people, _insured in before.values()) == 7
    Tally.objects.filter(measure="enrolled").delete()
    Tally.objects.create(
        measure="enrolled", program="amo_tadamon", commune=Commune.objects.get(code=SIDI_MOUMEN), milieu="urban", households=3, people=7
    )  # fmt: skip
    settle(JUNE)
    assert budgeted(date(2023, 7, 1)) == tallied() == (2, 5)
    # Those who lost it were covered until the end of their last month: the count of its last day has them.
    assert budgeted(date(2023, 6, 1)) == (3, 7)


def test_a_month_is_counted_again_when_a_moved_cover_changes(chaima):
    migrate([principal(1), dependant(2, 1)], by=chaima)
    months = spending.stale_months(on=date(2023, 2, 14))
    assert months == [date(2023, 1, 1), date(2023, 2, 1)]  # those before were counted when the migration closed
    spending.count_contributions(months)
    spending.note_moves()
    assert spending.stale_months(on=date(2023, 2, 14)) == []
    household = moved_family()
    determine(household, "amo_tadamon", entitled=False, since=date(2023, 2, 1))
    settle(date(2023, 2, 14))
    assert spending.stale_months(on=date(2023, 2, 14)) == [date(2023, 1, 1), date(2023, 2, 1)]


def test_a_month_to_come_foresees_the_covers_that_still_run_then():
    three = three_families()
    covered(three[0])
    until, gueliz = date(2026, 3, 1), Commune.objects.get(code=GUELIZ)
    insured = cover("7000000004", since=NIGHT, until=until, commune=gueliz, milieu="urban")
    cover("7000000012", since=NIGHT, until=until, commune=gueliz, milieu="urban", quality="dependant", principal_idcs=insured.idcs)

    def enrolled(month: date) -> dict:
        cells, _read = count_month(Reading(law_of(month), law(DAY)))
        tadamon = [one for one in cells if one.program == "amo_tadamon" and one.enrolled]
        return {(c.region, c.kind): (c.households, c.people, c.insured, c.centimes) for c in tadamon}

    contribution = law(JANUARY).value("amo_tadamon.state_contribution")
    assert enrolled(JANUARY) == {
        (CASABLANCA, ""): (1, 5, 1, contribution), (CASABLANCA, "state_contribution"): (1, 5, 1, contribution),
        (MARRAKECH, ""): (1, 2, 1, contribution), (MARRAKECH, "state_contribution"): (1, 2, 1, contribution),
    }  # fmt: skip
    assert (MARRAKECH, "") not in enrolled(until)


@pytest.mark.parametrize("page", ["desk:household", "desk:cover"])
@pytest.mark.parametrize(("language", "words"), [("fr", "reprise du RAMED"), ("ar", "المنقولة من راميد")])
def test_the_household_s_pages_show_who_is_covered_since_ramed_and_until_when(page, language, words, client, amina):
    household = couple(child(date(2015, 5, 1), **PUPIL))
    head = household.members.get(relation="head")
    cover(head.idcs, since=NIGHT, until=date(2099, 12, 1), commune=household.commune, milieu="urban")
    client.force_login(amina)
    client.cookies["django_language"] = language
    text = client.get(reverse(page, args=[household.code])).content.decode()
    assert words in text
    if language == "fr":
        assert "jusqu’à l’indice du ménage et au plus tard jusqu’au 30 novembre 2099" in text


def test_one_that_ended_says_its_last_day_and_one_gone_by_only_stands_on_the_line_of_time(client, amina):
    household = couple()
    head, spouse = household.members.order_by("position")
    cover(head.idcs, since=NIGHT, until=date(2099, 12, 1), status="ended", commune=household.commune, milieu="urban")
    cover(spouse.idcs, since=NIGHT, until=date(2023, 12, 1), status="ended", commune=household.commune, milieu="urban")
    client.force_login(amina)
    page = client.get(reverse("desk:cover", args=[household.code]))
    assert [row.idcs for row in page.context["moved"]] == [head.idcs]
    assert "dernier jour le 30 novembre 2099" in page.content.decode()
    drawn = [sentence for row in page.context["timeline"].rows for sentence in row.sentences]
    assert len([sentence for sentence in drawn if "reprise du RAMED" in sentence]) == 2


def test_the_page_asks_as_much_for_two_moved_people_as_for_six(client, amina):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(amina)
    asked = []
    for children in (0, 4):
        household = couple(*[child(date(2012 + n, 5, 1), **PUPIL) for n in range(children)])
        for one in household.members.all():
            cover(one.idcs, since=NIGHT, until=date(2099, 12, 1), commune=household.commune, milieu="urban")
        client.get(reverse("desk:cover", args=[household.code]))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("desk:cover", args=[household.code]))
        asked.append(len([one for one in captured if "migratedcover" in one["sql"]]))
    assert asked[0] == asked[1]
    assert MigratedCover.objects.count() == 8
