"""Sending a file, following it, receiving what was refused and sending it back mended, through HTTP."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from households.models import Household, Import, ImportRow
from households.services import forget_imports
from households.sheets.columns import folded, household_columns, household_names
from rsu.authentication import engine
from rsu.desk.tasks import take_lots
from rsu.models import AuditEvent

from .families import OTHER, town
from .files import as_csv, as_xlsx, rows_of
from .test_imports import alone, valid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]
BAD = "2000000048"
COLUMNS = {column.name: column for column in household_columns()}


@pytest.fixture
def desk(client, amina):
    client.force_login(amina)
    return client


def send(client, content: bytes, name="jour.csv", **more):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("households:imports"), {"kind": "households", "file": file} | more)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_is_sent_followed_and_closed_on_its_equation(desk):
    answer = send(desk, as_csv(rows_of("A", town()) + rows_of("B", alone(BAD))))
    importing = Import.objects.get()
    assert answer.headers["location"] == reverse("households:import", args=[importing.pk])
    assert "hx-get" in desk.get(answer.headers["location"]).content.decode()
    take_lots()
    page = desk.get(answer.headers["location"]).content.decode()
    assert "4 = 3 + 0 + 1" in page.replace("</bdi>", "").replace('<bdi dir="ltr">', "")
    assert "le compte y est" in page and "hx-get" not in page
    assert BAD in page and "son dernier chiffre ne correspond pas aux autres" in page


@pytest.mark.parametrize("workbook", [False, True])
def test_the_refused_rows_come_back_are_mended_and_register_only_what_is_new(desk, workbook):
    rows = rows_of("A", town()) + rows_of("B", alone(BAD, first_name_fr="=SOMME(A1)"))
    send(desk, as_xlsx(rows) if workbook else as_csv(rows), "jour.xlsx" if workbook else "jour.csv")
    take_lots()
    importing = Import.objects.get()
    returned = body(desk.get(reverse("households:refused_file", args=[importing.pk])))
    assert AuditEvent.objects.get(verb="import.refused_read").details["rows"] == 1
    if workbook:
        lines = [["" if cell is None else str(cell) for cell in row] for row in load_workbook(io.BytesIO(returned)).active.values]
    else:
        lines = list(csv.reader(io.StringIO(returned.decode("utf-8-sig")), delimiter=";"))
    titles, refused = lines[0], dict(zip(lines[0], lines[1], strict=True))
    assert len(lines) == 2
    assert (refused["erreur_ligne"], refused["erreur_colonne"], refused["erreur_valeur"]) == ("5", "idcs", BAD)
    assert "erreur de frappe" in refused["erreur_motif_fr"] and "الرقم" in refused["erreur_motif_ar"]
    assert refused["first_name_fr"] == ("=SOMME(A1)" if workbook else "'=SOMME(A1)")
    mended = [refused | {"idcs": OTHER}]
    content = as_xlsx(mended) if workbook else as_csv(mended)
    assert (refused["erreur_question_fr"], refused["erreur_question_ar"]) == tuple(COLUMNS["idcs"].headings[one] for one in ("fr", "ar"))
    assert titles[-1] == "erreur_code_a_recopier_si_exact"
    if workbook:
        legend = {row[0]: row[1:] for row in load_workbook(io.BytesIO(returned)).worksheets[1].values}
        assert set(legend) - {"colonne"} == {title for title in titles if title.startswith("erreur_")}
        assert "Réponses rares confirmées" in legend["erreur_code_a_recopier_si_exact"][0]
        assert all(re.search("[\u0621-\u064a]", arabic) for _french, arabic in legend.values())
    send(desk, content, "refus.csv")
    take_lots()
    assert Household.objects.count() == 2
    assert Household.objects.latest("id").members.get().first_name_fr == "=SOMME(A1)"


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_page_names_the_question_in_the_readers_language_and_the_code_to_copy(desk, language):
    desk.cookies["django_language"] = language
    send(desk, as_csv(rows_of("A", town(rooms="16")) + rows_of("B", alone(BAD))))
    take_lots()
    page = desk.get(reverse("households:import", args=[Import.objects.get().pk])).content.decode()
    for name in ("rooms", "idcs"):
        assert f'<td>{COLUMNS[name].headings[language]} <span class="muted small d-block"><bdi dir="ltr">{name}</bdi>' in page
    assert "rooms=16" in page and "erreur_code_a_recopier_si_exact" in page
    assert "erreur_code_a_recopier_si_exact" in desk.get(reverse("households:imports")).content.decode()


def test_a_rare_answer_confirmed_by_its_code_is_registered(desk):
    send(desk, as_csv(rows_of("A", town(rooms="16"))))
    take_lots()
    returned = body(desk.get(reverse("households:refused_file", args=[Import.objects.get().pk]))).decode("utf-8-sig")
    refused = list(csv.DictReader(io.StringIO(returned), delimiter=";"))
    [code] = {row["erreur_code_a_recopier_si_exact"] for row in refused} - {""}
    send(desk, as_csv([row | {"confirmed": code if place == 0 else ""} for place, row in enumerate(refused)]), "refus.csv")
    take_lots()
    assert Household.objects.get().rooms == 16


def test_a_file_that_is_none_is_refused_beside_its_field(desk):
    answer = send(desk, b"%PDF-1.7")
    assert answer.status_code == 422
    assert "ni un CSV ni un classeur XLSX" in answer.content.decode()
    assert desk.post(reverse("households:imports"), {"kind": "households"}).status_code == 422


def test_only_who_sent_it_and_their_supervisor_see_it(client, amina, brahim, salma):
    client.force_login(amina)
    send(client, as_csv(rows_of("B", alone(BAD))))
    take_lots()
    page = reverse("households:refused_file", args=[Import.objects.get().pk])
    for user, status in ((brahim, 404), (salma, 200), (amina, 200)):
        client.force_login(user)
        answer = client.get(page)
        assert answer.status_code == status
        assert status == 404 or BAD.encode() in body(answer)


def test_an_auditor_sends_nothing(client, yassine):
    client.force_login(yassine)
    assert client.get(reverse("households:imports")).status_code == 403


def test_a_caseworker_does_not_send_a_partners_file(desk):
    assert send(desk, b"idcs;cover;as_of\n1;2;3", kind="cover").status_code == 422
    assert not Import.objects.exists()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_model_filled_in_is_read_back(desk, language):
    desk.cookies["django_language"] = language
    book = load_workbook(io.BytesIO(body(desk.get(reverse("households:import_model", args=["households", "xlsx"])))))
    titles = [cell.value for cell in book.worksheets[0][1]]
    names = {column.headings[language]: column.name for column in household_columns()}
    row = rows_of("A", alone(OTHER))[0]
    filled = {title: row.get(names[title], "") for title in titles}
    send(desk, as_xlsx([filled]), "rempli.xlsx")
    take_lots()
    assert list(ImportRow.objects.values_list("problems", flat=True)) == []
    assert Household.objects.count() == 1
    codes = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows()]
    assert ["relation", "head", "chef de ménage", "رب الأسرة"] in [line[:4] for line in codes]


def test_every_heading_leads_to_one_column():
    names = household_names()
    for column in household_columns():
        for heading in (column.name, *column.headings.values()):
            assert names[folded(heading)] == column.name, heading


def test_models_in_csv_and_unknown_ones(desk):
    assert body(desk.get(reverse("households:import_model", args=["cover", "csv"]))).decode("utf-8-sig").startswith("Identifiant civil")
    assert b"amo_employee" in body(desk.get(reverse("households:import_model", args=["cover", "codes"])))
    assert desk.get(reverse("households:import_model", args=["else", "csv"])).status_code == 404


def test_the_list_takes_the_same_queries_for_one_and_for_eight(desk):
    def asked(first: int, number: int) -> int:
        for n in range(first, first + number):
            send(desk, as_csv(rows_of("B", alone(valid(n)))))
        take_lots()
        with CaptureQueriesContext(connection) as captured:
            desk.get(reverse("households:imports"))
        return len(captured)

    assert asked(100, 1) == asked(200, 7)


def test_after_a_while_the_bytes_and_the_refused_rows_are_gone_and_the_counts_stay(desk, tmp_path):
    send(desk, as_csv(rows_of("B", alone(BAD))))
    take_lots()
    later = timezone.now() + timedelta(days=31)
    assert forget_imports(at=timezone.now(), by=engine()) == 0
    assert forget_imports(at=later, by=engine()) == 1
    assert forget_imports(at=later, by=engine()) == 0
    assert not ImportRow.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    importing = Import.objects.get()
    page = desk.get(reverse("households:import", args=[importing.pk])).content.decode()
    assert "ont été effacés" in page
    assert desk.get(reverse("households:refused_file", args=[importing.pk])).status_code == 302
