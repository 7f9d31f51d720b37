"""The pages of files received and of contradictions, in both languages, on a desk and on a phone; a file sent with the keyboard alone."""

import io

import pytest
from django.utils import timezone

from households.models import AnswerConflict, Import
from households.services import receive_import
from rsu.desk.tasks import take_lots
from rsu.models import Agency, User
from tests.eligibility.families import family, person
from tests.households.files import as_csv, rows_of
from tests.households.test_imports import alone
from tests.households.test_verifications import line

from .test_pages import faults_of

BAD = "2000000048"


@pytest.fixture
def scene(committed_db, settings, tmp_path) -> dict:
    """A file with a refused row, a partner's file that contradicts a family."""
    settings.FILES_ROOT = str(tmp_path)
    today, salma = timezone.localdate(), User.objects.get(username="salma")
    household = family(person(cover="none"))
    content = as_csv(rows_of("A", alone(BAD)))
    families = receive_import(file=io.BytesIO(content), name="jour.csv", kind="households", on=today, by=salma)
    statement = as_csv([line(household.members.get().idcs, as_of=today)])
    cnss = Agency.objects.get(code="cnss")
    cover = receive_import(file=io.BytesIO(statement), name="cnss.csv", kind="cover", agency=cnss, on=today, by=salma)
    take_lots()
    return {"families": families.pk, "cover": cover.pk, "conflict": AnswerConflict.objects.get().pk, "household": household.code}


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_pages_answer_fit_and_are_accessible(language, visit, scene, axe):
    visitor = visit()
    visitor.speak(language)
    visitor.enter_as("salma")
    faults = []
    for address in (
        "/households/imports/", "/households/imports/{families}/", "/households/imports/{cover}/", "/conflicts/",
        "/conflicts/{conflict}/", "/household/{household}",
    ):  # fmt: skip
        path = address.format(**scene)
        faults += [f"{address}: {fault}" for fault in faults_of(visitor, path, 200, language, axe)]
    assert not faults, "\n".join(faults)


def test_a_file_is_sent_without_scripts(visit, scene, tmp_path):
    file = tmp_path / "envoi.csv"
    file.write_bytes(as_csv(rows_of("B", alone(BAD, first_name_fr="Autre"))))
    visitor = visit(java_script_enabled=False)
    visitor.enter_as("amina")
    visitor.open("/households/imports/")
    page = visitor.page
    page.locator("input[type=file]").set_input_files(file)
    page.locator("#send button").press("Enter")
    page.wait_for_url("**/households/imports/*/")
    take_lots()
    page.get_by_role("link", name="Actualiser").press("Enter")
    page.get_by_text(BAD).wait_for()
    assert Import.objects.get(name="envoi.csv").status == "closed"
