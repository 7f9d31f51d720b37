"""A migration through HTTP: sent, followed, its refused rows received, mended and sent again, its queue settled by area."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from enrollment.models import MigratedCover, RamedMigration, RamedRow
from enrollment.ramed.columns import NAMES
from enrollment.tasks import take_ramed_lots
from rsu.models import AuditEvent

from .ramed_files import as_csv, dependant, migrate, number, principal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]
NIGHT = "2022-12-01"


@pytest.fixture
def desk(client, chaima):
    client.force_login(chaima)
    return client


def send(client, rows, covered_from=NIGHT):
    content = rows if isinstance(rows, bytes) else as_csv(rows)
    return client.post(reverse("enrollment:ramed"), {"covered_from": covered_from, "file": SimpleUploadedFile("ramed.csv", content)})


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def plain(page: str) -> str:
    return re.sub(r"</?bdi[^>]*>", "", page)


def test_a_file_is_sent_followed_and_closed_on_its_equation(desk):
    answer = send(desk, [principal(1), dependant(2, 1), principal(3, idcs=""), principal(4, sex="?")])
    page = answer.headers["location"]
    assert page == reverse("enrollment:ramed_migration", args=[RamedMigration.objects.get().pk])
    assert "hx-get" in desk.get(page).content.decode()
    assert "hx-get" in desk.get(page + "/progress", headers={"HX-Request": "true"}).content.decode()
    take_ramed_lots()
    text = plain(desk.get(page).content.decode())
    assert "4 = 2 + 0 + 0 + 1 + 1" in text and "le compte y est" in text and "hx-get" not in text
    assert 'class="covered"' in text and 'class="refused"' in text
    assert "Le sexe est « masculin » ou « féminin »." in text
    assert send(desk, [principal(1), dependant(2, 1), principal(3, idcs=""), principal(4, sex="?")]).headers["location"] == page


def test_the_refused_rows_come_back_in_both_languages_are_mended_and_only_they_are_new(desk):
    send(desk, [principal(1), principal(4, sex="?", first_name_fr="")])
    take_ramed_lots()
    made = RamedMigration.objects.get()
    returned = body(desk.get(reverse("enrollment:ramed_refused", args=[made.pk])))
    lines = list(csv.reader(io.StringIO(returned.decode("utf-8-sig")), delimiter=";"))
    refused = dict(zip(lines[0], lines[1], strict=True))
    assert len(lines) == 2 and refused["erreur_ligne"] == "3"
    assert refused["erreur_colonne"].split("\n") == ["first_name_fr", "sex"] and refused["erreur_valeur"].split("\n") == ["", "?"]
    assert "prénom" in refused["erreur_motif_fr"] and "الجنس" in refused["erreur_motif_ar"]
    assert AuditEvent.objects.get(verb="ramed.refused_read").details["rows"] == 1
    mended = [refused | {"sex": "M", "first_name_fr": "Ali"}]
    send(desk, as_csv(mended, tuple(lines[0])))
    take_ramed_lots()
    assert set(MigratedCover.objects.values_list("idcs", flat=True)) == {number(1), number(4)}


def test_what_cannot_be_taken_is_said_beside_its_field_and_nothing_typed_is_lost(desk):
    answer = send(desk, b"%PDF-1.7")
    assert answer.status_code == 422 and "ni un CSV ni un classeur" in answer.content.decode() and NIGHT in answer.content.decode()
    answer = send(desk, [principal(1)], covered_from="2023-12-01")
    assert answer.status_code == 422 and "l’indice décide" in answer.content.decode()
    assert desk.post(reverse("enrollment:ramed"), {"covered_from": NIGHT}).status_code == 422


def test_an_auditor_reads_and_sends_nothing_others_see_nothing(client, yassine, chaima, amina, salma):
    made = migrate([principal(1)], by=chaima)
    pages = [reverse("enrollment:ramed"), reverse("enrollment:ramed_migration", args=[made.pk])]
    client.force_login(yassine)
    assert [client.get(page).status_code for page in pages] == [200, 200]
    assert 'type="file"' not in client.get(pages[0]).content.decode()
    assert send(client, [principal(5)]).status_code == 422 and RamedMigration.objects.count() == 1
    for user in (amina, salma):
        client.force_login(user)
        assert [client.get(page).status_code for page in pages] == [403, 403]


def test_a_supervisor_settles_the_rows_of_the_area(client, chaima, salma):
    migrate([principal(1, idcs=""), dependant(2, 1), principal(3, idcs="", commune="07.351.01.05")], by=chaima)
    here, _follows, far = RamedRow.objects.order_by("number")
    client.force_login(salma)
    text = plain(client.get(reverse("enrollment:ramed_queue")).content.decode())
    assert "2 lignes à régler" in text and here.card in text and far.card not in text
    assert client.get(reverse("enrollment:ramed_row", args=[far.pk])).status_code == 404
    page = reverse("enrollment:ramed_row", args=[here.pk])
    shown = plain(client.get(page).content.decode())
    assert "L’IDCS manque" in shown and "male" not in shown.replace("maternelle", "") and "assuré" in shown
    assert AuditEvent.objects.filter(verb="ramed.row_read").count() == 1
    answer = client.post(page, {"deed": "accept", "idcs": "12", "reason": "vu au guichet"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "dix chiffres" in text and "vu au guichet" in text and 'value="12"' in text
    assert client.post(page, {"deed": "reject", "reason": ""}).status_code == 422
    answer = client.post(page, {"deed": "accept", "idcs": number(9)})
    assert answer.headers["location"] == reverse("enrollment:ramed_queue")
    assert MigratedCover.objects.count() == 2
    assert "0 ligne à régler" in plain(client.get(answer.headers["location"]).content.decode())


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_model_filled_in_is_read_back(desk, language):
    desk.cookies["django_language"] = language
    book = load_workbook(io.BytesIO(body(desk.get(reverse("enrollment:ramed_model", args=["xlsx"])))))
    titles = [cell.value for cell in book.worksheets[0][1]]
    assert len(titles) == len(NAMES)
    row = {title: principal(1).get(name, "") for title, name in zip(titles, NAMES, strict=True)}
    made = migrate(as_csv([row], tuple(titles)), by=desk_user())
    assert (made.status, MigratedCover.objects.count()) == ("closed", 1)
    assert desk.get(reverse("enrollment:ramed_model", args=["else"])).status_code == 404


def desk_user():
    from rsu.models import User

    return User.objects.get(username="chaima")


@pytest.mark.parametrize("name", ["ramed", "ramed_queue"])
def test_lists_take_the_same_queries_for_one_and_for_many(desk, chaima, name):
    def asked(first: int, count: int) -> int:
        for n in range(first, first + count):
            migrate([principal(n, idcs=""), principal(n + 50)], by=chaima)
        with CaptureQueriesContext(connection) as captured:
            desk.get(reverse(f"enrollment:{name}"))
        return len(captured)

    assert asked(1, 1) == asked(10, 4)


def test_the_command_says_the_equation_and_why_rows_stopped(chaima, tmp_path, capsys):
    path = tmp_path / "ramed.csv"
    path.write_bytes(as_csv([principal(1), dependant(2, 1), principal(3, idcs=""), principal(4, sex="?")]))
    call_command("migrate_ramed", str(path), by="chaima", quiet=True)
    said = capsys.readouterr().out
    assert "4 = 2 + 0 + 0 + 1 + 1" in said and "refused sex_unknown 1" in said and "queued idcs_missing 1" in said
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("migrate_ramed", str(path), by="personne")
    with pytest.raises(CommandError, match="administrateur"):
        call_command("migrate_ramed", str(path), by="salma")
