"""Files a family brings: judged by their bytes, kept apart, read by who may and on the record, never left alone."""

import hashlib
import os
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from households import files, services
from households.models import Evidence, Request
from rsu.models import AuditEvent

from .families import DAY, law, town
from .test_registration import draft_of

pytestmark = pytest.mark.django_db

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"light" * 40 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + b"dots" * 40 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
PDF = b"%PDF-1.7\n" + b"1 0 obj\n" * 20 + b"%%EOF\n"


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    settings.FILES_ROOT, settings.SECURE_SSL_REDIRECT = tmp_path, False
    return tmp_path


def on_disk(shelf) -> list:
    return sorted(path for path in shelf.rglob("*") if path.is_file())


def added(token, by, content=PDF, proves="bills", note="") -> Evidence:
    return services.add_evidence(token=token, content=content, proves=proves, note=note, at=timezone.now(), on=DAY, by=by)


def page(token) -> str:
    return reverse("households:evidence", kwargs={"token": token})


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(("content", "format"), [(JPEG, "jpeg"), (PNG, "png"), (PDF, "pdf")])
def test_a_file_is_known_by_its_bytes_and_kept_as_it_was_given(amina, shelf, content, format):
    token = draft_of(amina, town())
    sent = SimpleUploadedFile("Facture de Fatima Alaoui.exe", content, content_type="text/html")
    answered = logged_in(amina).post(page(token), {"proves": "bills", "file": sent, "note": "mars"})
    assert answered.url == page(token)
    kept = Evidence.objects.get()
    assert (kept.format, kept.size, kept.sha256) == (format, len(content), hashlib.sha256(content).hexdigest())
    [path] = on_disk(shelf)
    assert path.name == kept.token.hex and path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert AuditEvent.objects.filter(verb="evidence.added", by=amina, subject=f"request:{kept.request_id}").count() == 1
    text = logged_in(amina).get(page(token)).content.decode()
    assert "Factures d’eau" in text and "mars" in text and "Facture de Fatima" not in text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<html><script>alert(1)</script></html>", "ni une photo ni un document"),
        (PDF[:-7], "ni une photo ni un document"),
        (b"GIF89a" + b"x" * 50, "ni une photo ni un document"),
        (b"", "Ce fichier est vide"),
        (JPEG + b"x" * 3000, "ni une photo ni un document"),
    ],
)
def test_what_is_no_whole_photograph_or_document_is_refused_beside_its_field(amina, shelf, content, told):
    token = draft_of(amina, town())
    refused = logged_in(amina).post(page(token), {"proves": "bills", "file": SimpleUploadedFile("a.pdf", content), "note": "mars"})
    text = refused.content.decode()
    assert refused.status_code == 422 and told in text and 'value="mars"' in text
    assert not Evidence.objects.exists() and not on_disk(shelf)


def test_a_file_too_large_is_refused_with_the_limit(amina, settings, shelf):
    settings.FILES_MOST_BYTES = 2_000_000
    token = draft_of(amina, town())
    large = b"%PDF-" + b"0" * 2_000_000 + b"%%EOF"
    refused = logged_in(amina).post(page(token), {"proves": "bills", "file": SimpleUploadedFile("a.pdf", large)})
    assert refused.status_code == 422 and "dépasse 2 Mo" in refused.content.decode()
    assert not on_disk(shelf)


def test_what_it_proves_is_asked(amina):
    token = draft_of(amina, town())
    refused = logged_in(amina).post(page(token), {"file": SimpleUploadedFile("a.pdf", PDF)})
    assert refused.status_code == 422 and "Dites ce que cette pièce prouve." in refused.content.decode()


def test_the_same_file_sent_twice_is_kept_once(amina, shelf):
    token = draft_of(amina, town())
    first, second = added(token, amina), added(token, amina)
    assert first.pk == second.pk and len(on_disk(shelf)) == 1
    assert added(token, amina, proves="residence").pk != first.pk


def test_a_request_holds_so_many_files_and_no_more(amina, shelf, monkeypatch):
    token = draft_of(amina, town())
    monkeypatch.setattr("households.services.evidence.MOST_FILES", 1)
    added(token, amina)
    with pytest.raises(services.EvidenceRefused):
        added(token, amina, content=PNG)
    assert len(on_disk(shelf)) == 1


def test_it_is_read_apart_on_the_record_and_by_nobody_else(amina, brahim, salma):
    token = draft_of(amina, town())
    piece = added(token, amina, content=PNG)
    address = reverse("households:read_evidence", kwargs={"piece": piece.token})
    read = logged_in(amina).get(address)
    assert read.content == PNG
    assert read["Content-Disposition"].startswith("attachment;") and read["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in read["Content-Security-Policy"] and "no-store" in read["Cache-Control"]
    assert AuditEvent.objects.filter(verb="evidence.read", by=amina).count() == 1
    # A draft is nobody else's; a household is its area's.
    assert logged_in(salma).get(address).status_code == logged_in(brahim).get(address).status_code == 404
    sent = services.submit_registration(token=token, on=DAY, by=amina, law=law())
    assert logged_in(salma).get(address).content == PNG
    assert logged_in(brahim).get(address).status_code == 404
    assert AuditEvent.objects.filter(verb="evidence.read", by=salma, household_id=sent.household_id).count() == 1
    file = logged_in(salma).get(reverse("desk:household", kwargs={"code": sent.household.code})).content.decode()
    assert address in file


def test_it_is_taken_out_of_a_draft_and_never_of_what_was_sent(amina, shelf, django_capture_on_commit_callbacks):
    token = draft_of(amina, town())
    kept, gone = added(token, amina, content=PNG), added(token, amina)
    desk = logged_in(amina)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(reverse("households:remove_evidence", kwargs={"token": token, "piece": gone.token}))
    assert [path.name for path in on_disk(shelf)] == [kept.token.hex]
    assert list(Evidence.objects.all()) == [kept]
    services.submit_registration(token=token, on=DAY, by=amina, law=law())
    desk.post(reverse("households:remove_evidence", kwargs={"token": token, "piece": kept.token}))
    with pytest.raises(services.EvidenceRefused):
        services.remove_evidence(token=token, evidence=kept.token, on=DAY, by=amina)
    assert Evidence.objects.get() == kept


def test_a_file_changed_on_the_disk_is_not_given_for_what_it_was(amina, shelf):
    piece = added(draft_of(amina, town()), amina)
    [path] = on_disk(shelf)
    path.write_bytes(PDF.replace(b"obj", b"OBJ"))
    address = reverse("households:read_evidence", kwargs={"piece": piece.token})
    assert logged_in(amina).get(address).status_code == 409
    path.unlink()
    assert logged_in(amina).get(address).status_code == 409
    assert not AuditEvent.objects.filter(verb="evidence.read").exists()


def test_a_row_that_fails_leaves_no_file(amina, shelf):
    with pytest.raises(Request.DoesNotExist):
        added(uuid.uuid4(), amina)
    assert not on_disk(shelf)


def test_the_sweep_removes_what_has_no_row_once_it_is_old(amina, shelf):
    kept = added(draft_of(amina, town()), amina)
    old, young = uuid.uuid4(), uuid.uuid4()
    now = timezone.now()
    for token in (old, young):
        files.write(token, PDF)
    long_ago = (now - timedelta(hours=2)).timestamp()
    for token in (old, kept.token):
        os.utime(files.path_of(token), (long_ago, long_ago))
    assert services.sweep_files(before=now) == 1
    assert {path.name for path in on_disk(shelf)} == {kept.token.hex, young.hex}


@pytest.mark.parametrize("spoiled", [{"size": 0}, {"sha256": "short"}, {}])
def test_the_table_refuses_what_is_not_evidence(amina, spoiled):
    piece = added(draft_of(amina, town()), amina)
    copy = {
        "request": piece.request, "proves": piece.proves, "format": "pdf", "size": 9, "sha256": piece.sha256,
        "added_by": amina, "added_at": timezone.now(),
    } | spoiled  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(**copy)
