"""The pages of direct aid, through HTTP, by the people who use them."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from eligibility.queries import law
from enrollment import months, runs, services
from enrollment.models import BirthClaim, Overpayment, Placement
from households.models import Member
from rsu.authentication import engine
from tests.eligibility.families import GUELIZ, SIDI_MOUMEN, idcs

from .aiding import aided, run_month
from .builders import PUPIL, child, couple
from .owing import rib

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def pupils(count):
    return [child(date(2010 + index, 5, 1), **PUPIL) for index in range(count)]


def paid(household, *written):
    aided(household)
    for month in written:
        runs.write([household.pk], month=month, read_on=month, law=law(month))
    return household


def text(response) -> str:
    return response.content.decode()


def test_a_household_s_months_are_shown_line_by_line_and_sum_to_the_year(client, amina):
    household = paid(couple(*pupils(3)), OCTOBER, NOVEMBER)
    client.force_login(amina)
    response = client.get(reverse("enrollment:household_aid", args=[household.code]))
    assert response.context["total"] == 180000 == sum(one.amount for one in response.context["months"])
    assert text(response).count("rang") == 6
    assert "Décret" in text(response) or "source non confirmée" in text(response)


def test_the_household_s_page_asks_as_many_questions_whatever_its_months(client, amina, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    one = paid(couple(*pupils(1)), NOVEMBER)
    many = paid(couple(*pupils(5)), *(date(2026, number, 1) for number in range(1, 12)))
    client.force_login(amina)
    counts = []
    for household in (one, many):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(reverse("enrollment:household_aid", args=[household.code]))
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["household_aid", "birth_grant"])
def test_a_household_of_another_area_is_not_there(client, brahim, name):
    household = paid(couple(), NOVEMBER)
    client.force_login(brahim)
    assert client.get(reverse(f"enrollment:{name}", args=[household.code])).status_code == 404


@pytest.mark.parametrize("name", ["household_aid", "birth_grant"])
def test_the_heading_names_the_family(client, amina, name):
    household = paid(couple(child(date(2026, 10, 20))))
    client.force_login(amina)
    page = text(client.get(reverse(f"enrollment:{name}", args=[household.code])))
    heading = page[page.index("<h1") : page.index("</h1>")]
    assert household.members.get(relation="head").last_name_fr in heading
    assert str(household.commune) in page


def test_a_birth_grant_is_claimed_on_its_page_and_said_twice_is_refused(client, amina):
    household = paid(couple(child(date(2026, 10, 20))))
    mother = household.members.get(position=2)
    client.force_login(amina)
    page = reverse("enrollment:birth_grant", args=[household.code])
    answers = {"delivery": f"{mother.pk}:2026-10-20", "before": "0"}
    assert client.post(page, answers).status_code == 302
    assert BirthClaim.objects.get().line.amount == 200000
    again = client.post(page, answers)
    assert again.status_code == 422
    assert BirthClaim.objects.count() == 1


def test_a_third_delivery_said_on_the_form_is_refused_beside_its_field(client, amina):
    household = paid(couple(child(date(2026, 10, 20))))
    mother = household.members.get(position=2)
    client.force_login(amina)
    response = client.post(reverse("enrollment:birth_grant", args=[household.code]), {"delivery": f"{mother.pk}:2026-10-20", "before": "2"})
    assert response.status_code == 422
    assert "celui-ci est le 3" in text(response)
    assert 'value="2"' in text(response)


def test_an_administrator_writes_a_month_and_follows_it(client, chaima):
    household = couple(*pupils(3))
    aided(household)
    client.force_login(chaima)
    assert client.post(reverse("enrollment:months"), {"month": "2026-11"}).status_code == 302
    page = reverse("enrollment:month", args=["2026-11"])
    assert "Prévus" in text(client.get(page))
    from enrollment.tasks import take_month_chunks

    take_month_chunks()
    shown = client.get(page)
    assert shown.context["totals"].holds
    assert "le compte y est" in text(shown)
    assert "La somme des lignes, des régions et des ménages est le même nombre." in text(shown)
    assert client.post(reverse("enrollment:months"), {"month": "2030-01"}).status_code == 422
    assert client.post(reverse("enrollment:months"), {"month": "hier"}).status_code == 422


def test_the_runs_of_a_month_and_what_was_written_otherwise_are_all_its_households(client, chaima, salma):
    """Two runs, the second for who came since; one month written when its file was accepted; one family of another region."""
    accepted, first, second = couple(*pupils(3)), couple(), couple(commune=GUELIZ)
    paid(accepted, NOVEMBER)
    aided(first)
    run_month(NOVEMBER)
    aided(second)
    run_month(NOVEMBER)
    page = reverse("enrollment:month", args=["2026-11"])
    client.force_login(chaima)
    sources, totals = client.get(page).context["sources"], client.get(page).context["totals"]
    assert [(run.planned, run.already, run.paid, run.amount) for run in sources.runs] == [(2, 1, 1, 50000), (3, 2, 1, 50000)]
    assert (sources.otherwise, sources.otherwise_amount) == (1, 90000)
    assert (sources.households, sources.amount) == (3, 190000) == (totals.households, totals.amount)
    shown = text(client.get(page))
    assert "Payé" not in shown and "Total du royaume" not in shown
    client.force_login(salma)
    hers = client.get(page)
    assert (hers.context["totals"].households, hers.context["sources"].households) == (2, 3)
    assert "Total de votre territoire" in text(hers) and "Total du royaume" in text(hers)


def test_only_an_administrator_starts_a_month(client, salma):
    client.force_login(salma)
    assert "Écrire ce mois" not in text(client.get(reverse("enrollment:months")))
    assert client.post(reverse("enrollment:months"), {"month": "2026-11"}).status_code in (403, 500) or not months.counted_runs().exists()


def test_totals_are_those_of_the_reader_s_area(yassine, salma):
    paid(couple(*pupils(3)), NOVEMBER)
    paid(couple(commune=GUELIZ), NOVEMBER)
    everyone, hers = months.totals_of_month(NOVEMBER, yassine), months.totals_of_month(NOVEMBER, salma)
    assert (everyone.amount, everyone.households, everyone.holds) == (140000, 2, True)
    assert hers.amount == 90000
    assert sum(row.amount for row in everyone.regions) == sum(row.amount for row in everyone.kinds) == 140000


def test_an_overpayment_is_proposed_by_a_caseworker_and_decided_by_a_supervisor(client, amina, salma, brahim):
    household = paid(couple(*pupils(3)), NOVEMBER)
    Member.objects.filter(household=household, position=5).update(schooling="no")
    services.correct_months(households=[household.pk], months=[NOVEMBER], reason="vérifié", on=date(2026, 11, 22), by=engine())
    row = Overpayment.objects.get()
    page = reverse("enrollment:overpayment", args=[row.pk])
    client.force_login(brahim)
    assert client.get(page).status_code == 404
    assert row.household.code not in text(client.get(reverse("enrollment:overpayments")))
    client.force_login(amina)
    assert client.post(page, {"deed": "propose", "share": "500", "reason": "x"}).status_code == 422
    assert client.post(page, {"deed": "propose", "share": "50", "reason": "rendu"}).status_code == 302
    client.force_login(salma)
    assert client.post(page, {"deed": "accept", "reason": "d’accord"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.share) == ("recovering", 5000)


def overpaid() -> Overpayment:
    """A hundred dirhams received too much for November."""
    household = paid(couple(*pupils(3)), NOVEMBER)
    Member.objects.filter(household=household, position=5).update(schooling="no")
    services.correct_months(households=[household.pk], months=[NOVEMBER], reason="vérifié", on=date(2026, 11, 22), by=engine())
    return Overpayment.objects.get(household=household)


def test_who_proposed_a_recovery_is_told_that_another_person_decides(client, amina, salma, nadia):
    row = overpaid()
    page = reverse("enrollment:overpayment", args=[row.pk])
    services.propose_recovery(row.pk, share=5000, reason="rendu", on=date(2026, 11, 22), by=nadia)
    client.force_login(nadia)
    shown = text(client.get(page))
    assert "un superviseur autre que vous doit en décider" in shown and "Récupérer</button>" not in shown
    assert 'value="50,00"' in shown and 'value="50.0"' not in shown
    client.force_login(amina)
    assert "Un superviseur autre que" in text(client.get(page))
    client.force_login(salma)
    shown = text(client.get(page))
    assert "Récupérer</button>" in shown and "autre que" not in shown
    assert row.household.members.get(relation="head").name_fr in shown
    refused = client.post(page, {"deed": "accept", "reason": ""})
    assert refused.status_code == 422
    assert client.post(page, {"deed": "propose", "share": "12,50", "reason": "moins"}).status_code == 302
    row.refresh_from_db()
    assert (row.share, row.proposed_by) == (1250, salma)


def test_what_a_correction_makes_up_for_is_not_called_a_recovery(client, amina, yassine):
    row = overpaid()
    Member.objects.filter(household=row.household, position=5).update(schooling="primary")
    services.correct_months(households=[row.household_id], months=[NOVEMBER], reason="retrouvé", on=date(2026, 11, 22), by=engine())
    row.refresh_from_db()
    assert (row.state, row.recovered, row.made_up, row.taken_back, row.decided_by) == ("recovered", 10000, 10000, 0, None)
    client.force_login(amina)
    for page in (reverse("enrollment:overpayment", args=[row.pk]), reverse("enrollment:overpayments")):
        shown = text(client.get(page))
        assert "compensé par une correction" in shown and "✓</span>récupéré" not in shown
    with pytest.raises(IntegrityError), transaction.atomic():
        Overpayment.objects.filter(pk=row.pk).update(made_up=10001)


def test_the_list_of_overpayments_names_families_and_asks_no_more_for_more(client, amina, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(amina)
    counts = []
    for more in (1, 3):
        rows = [overpaid() for _each in range(more)]
        with CaptureQueriesContext(connection) as asked:
            shown = text(client.get(reverse("enrollment:overpayments")))
        counts.append(len(asked))
        assert all(row.household.shown_code[-6:] in shown for row in rows)
    assert counts[0] == counts[1]


def test_a_placement_is_recorded_and_ended_on_its_pages(client, salma):
    from rsu.models import Commune

    client.force_login(salma)
    answers = {
        "idcs": idcs(900_123), "name": "Fictif", "born_on": "2015-01-01", "institution": "Maison d’essai",
        "commune": Commune.objects.get(code=SIDI_MOUMEN).pk, "account": "0" * 23, "since": "2026-03-10",
    }  # fmt: skip
    wrong = client.post(reverse("enrollment:new_placement"), answers)
    assert wrong.status_code == 422
    assert "24 chiffres" in text(wrong)
    assert client.post(reverse("enrollment:new_placement"), answers | {"account": rib(1)}).status_code == 302
    page = reverse("enrollment:placement", args=[Placement.objects.get().pk])
    assert client.post(page, {"deed": "end", "until": "2026-11-20", "reason": "famille"}).status_code == 302
    assert "complément" in text(client.get(page)).lower()
    assert text(client.get(reverse("enrollment:placements"))).count("Fictif") == 1
