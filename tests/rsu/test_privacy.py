"""Who looked at a family's file, and what leaves the registry as a file."""

import csv
import io
import uuid

import pytest
from django.urls import reverse
from django.utils.translation import override

from households.services import submit_registration
from rsu import audit
from rsu.desk.exporting import ReasonMissing, export_households
from rsu.models import AuditEvent
from rsu.permissions import Forbidden
from tests.households.families import DAY, law, town

REASON = "Visite de la commission provinciale"


@pytest.fixture
def household(amina):
    return submit_registration(token=uuid.uuid4(), answers=town(), on=DAY, by=amina, law=law()).household


class TestReaders:
    def test_who_when_and_how_often_in_both_languages(self, household, amina, salma, client):
        client.force_login(amina)
        for _time in range(3):
            client.get(reverse("desk:household", args=[household.code]))
        client.force_login(salma)
        page = client.get(reverse("desk:readers", args=[household.code]))
        assert [(row["by"], row["times"]) for row in page.context["rows"]] == [(amina, 3)]
        text = page.content.decode()
        assert "Agent d’enregistrement" in text and "عون التسجيل" in text and 'dir="rtl"' in text and 'lang="fr"' in text

    def test_names_of_staff_are_shown_to_who_answers_for_them_and_never_printed(self, household, amina, salma, client):
        client.force_login(amina)
        client.get(reverse("desk:household", args=[household.code]))
        assert "d-print-none" not in client.get(reverse("desk:readers", args=[household.code])).content.decode()
        client.force_login(salma)
        assert "d-print-none" in client.get(reverse("desk:readers", args=[household.code])).content.decode()

    @pytest.mark.parametrize(
        "verb",
        ["evidence.read", "issue_notice", "reprint_notice", "issue_receipt", "reprint_receipt", "simulate_household", "met_household"],
    )
    def test_whoever_saw_a_piece_a_paper_or_an_answer_is_told(self, verb, household, amina, salma, client):
        audit.record(by=amina, verb=verb, household=household)
        client.force_login(salma)
        rows = client.get(reverse("desk:readers", args=[household.code])).context["rows"]
        assert [(row["by"], row["times"]) for row in rows] == [(amina, 1)]

    def test_reading_it_is_a_reading(self, household, salma, client):
        client.force_login(salma)
        client.get(reverse("desk:readers", args=[household.code]))
        assert AuditEvent.objects.filter(verb="read_readers", household_id=household.pk, by=salma).count() == 1
        rows = client.get(reverse("desk:readers", args=[household.code])).context["rows"]
        assert [(row["by"], row["times"]) for row in rows] == [(salma, 1)]

    def test_outside_the_area_there_is_no_such_page(self, household, brahim, client):
        client.force_login(brahim)
        assert client.get(reverse("desk:readers", args=[household.code])).status_code == 404


def rows(export) -> list[dict]:
    with io.TextIOWrapper(export.file, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def codes(**options) -> list[str]:
    return [row["Code du ménage"] for row in rows(export_households(reason=REASON, on=DAY, **options))]


class TestExports:
    def test_the_households_of_the_area_with_their_reason_kept(self, household, salma):
        made = export_households(reason=REASON, on=DAY, by=salma)
        found = rows(made)
        assert made.count == len(found) == 1
        assert found[0] == {
            "Code du ménage": household.code, "Code de la commune": household.commune.code, "Commune": household.commune.name_fr,
            "Milieu": "urbain", "Enregistré le": "2026-11-22", "Nombre de personnes": "3", "Indice": "à recalculer",
        }  # fmt: skip
        event = AuditEvent.objects.get(verb="export_households")
        assert (event.by, event.reason, event.details["count"], event.details["personal"]) == (salma, REASON, 1, False)

    def test_headings_and_values_are_in_the_language_of_the_reader(self, household, salma):
        with override("ar"):
            [row] = rows(export_households(reason=REASON, personal=True, on=DAY, by=salma))
        assert (row["الجماعة"], row["الوسط"], row["المؤشر"]) == (household.commune.name_ar, "حضري", "يعاد حسابه")
        assert (row["الاسم العائلي بالحروف اللاتينية"], list(row).index("الهاتف")) == ("Alaoui", 11)

    @pytest.mark.parametrize("reason", ["", "   ", "pour voir"])
    def test_without_a_reason_there_is_no_file_and_no_trace(self, household, salma, reason):
        with pytest.raises(ReasonMissing):
            export_households(reason=reason, on=DAY, by=salma)
        assert not AuditEvent.objects.filter(verb="export_households").exists()

    def test_names_only_for_who_answers_for_them(self, household, amina, salma):
        with pytest.raises(Forbidden):
            export_households(reason=REASON, personal=True, on=DAY, by=amina)
        [row] = rows(export_households(reason=REASON, personal=True, on=DAY, by=salma))
        assert (row["Prénom en lettres latines"], row["Nom en arabe"], row["Téléphone"]) == ("Said", "العلوي", "0612345678")

    def test_a_cell_never_begins_a_formula(self, household, salma):
        household.members.filter(relation="head").update(last_name_fr="=HYPERLINK(1)")
        [row] = rows(export_households(reason=REASON, personal=True, on=DAY, by=salma))
        assert row["Nom en lettres latines"] == "'=HYPERLINK(1)"

    def test_elsewhere_and_other_days_are_not_in_it(self, household, brahim, salma):
        assert codes(by=brahim) == codes(since=DAY.replace(day=23), by=salma) == []
        assert codes(until=DAY, by=salma) == [household.code]

    def test_the_page_asks_why_then_gives_the_file(self, household, amina, client):
        client.force_login(amina)
        assert "personal" not in client.get(reverse("desk:export")).context["form"].fields
        refused = client.post(reverse("desk:export"), {"reason": "  ", "since": "2026-01-01"})
        assert refused.status_code == 422 and refused.context["form"]["since"].value() == "2026-01-01"
        turned = client.post(reverse("desk:export"), {"reason": REASON, "since": "2026-02-01", "until": "2026-01-31"})
        assert turned.status_code == 422 and "until" in turned.context["form"].errors
        answer = client.post(reverse("desk:export"), {"reason": REASON})
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert b"".join(answer.streaming_content).decode().splitlines()[0].startswith("Code du ménage,Code de la commune,Commune")
