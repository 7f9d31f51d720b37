import io
import uuid

import pytest
from django.utils import timezone

from households.models import Household, Import, ImportChunk, ImportRow, Member, Request
from households.services import (
    DeclarationRefused,
    Unusable,
    apply_lot,
    claim_lot,
    close_imports,
    receive_import,
    submit_registration,
)

from .families import DAUGHTER, DAY, GUELIZ, OTHER, TOWN, country, law, town, with_person
from .files import as_csv, as_xlsx, rows_of


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.FILES_ROOT = str(tmp_path)


def receive(by, content: bytes, name="jour.csv", kind="households", agency=None):
    return receive_import(file=io.BytesIO(content), name=name, kind=kind, on=DAY, by=by, agency=agency)


def work(on=DAY) -> int:
    """Apply every lot that waits, as a worker does."""
    done = 0
    while lot := claim_lot(worker="test", at=timezone.now()):
        done += apply_lot(lot, on=on, at=timezone.now(), law=law())
    close_imports(at=timezone.now())
    return done


def sent(by, rows: list[dict], **how) -> Import:
    importing = receive(by, as_csv(rows, **how))
    work()
    importing.refresh_from_db()
    return importing


def counts(importing: Import) -> dict[str, int]:
    names = ("applied", "already", "refused", "contradicted", "unknown", "households")
    return {name: n for name in names if (n := sum(importing.chunks.values_list(name, flat=True)))}


def renumbered(answers: dict, *idcs: str) -> dict:
    for position, number in enumerate(idcs, start=1):
        answers = with_person(answers, position, idcs=number)
    return answers


def alone(idcs: str, **changes) -> dict:
    """A man who lives alone."""
    return with_person(town(members=[TOWN["members"][0]]), 1, idcs=idcs, marital_status="single", **changes)


class TestAFileOfHouseholds:
    def test_registers_each_household_and_counts_each_row(self, amina):
        importing = sent(amina, rows_of("A", town()) + rows_of("B", alone(OTHER)))
        assert (importing.status, importing.rows, counts(importing)) == ("closed", 4, {"applied": 4, "households": 2})
        assert list(Household.objects.order_by("id").values_list("members__idcs", flat=True).distinct().order_by()) != []
        assert Member.objects.count() == 4
        assert not ImportRow.objects.exists()
