import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from households.models import AnswerConflict, Import, ImportRow, Verification
from tests.eligibility.families import family, person

from .test_imports import valid
from .test_verifications import DAY, cnss, cover_file, declared, line

__all__ = ["cnss"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


class TestTheTables:
    def test_a_partners_word_is_never_changed(self, salma):
        cover_file(salma, line(declared("amo_employee", "principal").idcs))
        for deed in (lambda: Verification.objects.update(value="none"), lambda: Verification.objects.all().delete()):
            with pytest.raises(ProgrammingError), transaction.atomic():
                deed()

    @pytest.mark.parametrize(
        ("constraint", "changes"),
        [
            ("conflict_kept_says_why", {"status": "kept", "reason": "", "settled_at": "2026-11-22T10:00Z"}),
            ("conflict_settled_by_a_person", {"status": "taken"}),
            ("conflict_due_after_it_opens", {"due_on": "2020-01-01"}),
        ],
    )
    def test_constraints_of_a_contradiction(self, salma, constraint, changes):
        cover_file(salma, line(declared("none").idcs))
        if "settled_at" in changes:
            changes = changes | {"settled_by": salma}
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            AnswerConflict.objects.update(**changes)

    def test_one_open_contradiction_a_person_and_question(self, salma):
        cover_file(salma, line(declared("none").idcs))
        again = AnswerConflict.objects.get()
        again.pk = None
        with pytest.raises(IntegrityError, match="conflict_open_once"), transaction.atomic():
            again.save(force_insert=True)

    @pytest.mark.parametrize("subject", [{"idcs": "", "household": None}, {"idcs": "2000000006"}])
    def test_a_word_is_about_one_subject(self, salma, cnss, subject):
        household = family(person())
        importing = cover_file(salma, line(valid(9)))
        given = {"household": household, "field": "cars", "value": 0, "agency": cnss, "importing": importing, "as_of": DAY} | subject
        with pytest.raises(IntegrityError, match="verification_of_one_subject"), transaction.atomic():
            Verification.objects.create(**given)

    @pytest.mark.parametrize(
        ("constraint", "changes"),
        [("import_closed_was_read", {"rows": None}), ("import_of_a_partner_names_it", {"agency": None})],
    )
    def test_constraints_of_an_import(self, salma, constraint, changes):
        cover_file(salma, line(valid(9)))
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Import.objects.update(**changes)

    @pytest.mark.parametrize(
        ("constraint", "changes"),
        [
            ("import_chunk_counts_every_row", {"unknown": 3}),
            ("import_chunk_is_a_range", {"first": None}),
            ("import_chunk_position_once", {"position": 1}),
        ],
    )
    def test_constraints_of_a_lot(self, salma, constraint, changes):
        importing = cover_file(salma, line(valid(9)))
        lots = importing.chunks.filter(position=0 if "position" in changes else 1)
        if "position" in changes:
            changes = changes | {"first": 1, "last": 1}
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            lots.update(**changes)

    def test_a_row_of_a_file_is_kept_once(self, salma):
        importing = cover_file(salma, line(valid(9)))
        with pytest.raises(IntegrityError, match="import_row_once"), transaction.atomic():
            ImportRow.objects.create(importing=importing, number=2, family=5)
