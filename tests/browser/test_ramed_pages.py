"""The pages of RAMED migrations and of their queue, in both languages, on a desk and on a phone."""

import pytest
from django.urls import reverse

from enrollment.models import RamedMigration, RamedRow
from rsu.models import User
from tests.enrollment.ramed_files import dependant, migrate, number, principal, receive

from .test_pages import faults_of


@pytest.fixture
def scene(committed_db, settings, tmp_path) -> list[str]:
    """A migration done, one that waits, a doubtful row; the addresses to read."""
    settings.FILES_ROOT = str(tmp_path)
    chaima = User.objects.get(username="chaima")
    rows = [principal(n, last_name_ar="العلوي", first_name_ar="حسن") for n in range(1, 30)]
    rows += [dependant(40 + n, n, synthetic="oui") for n in range(1, 9)]
    made = migrate([*rows, principal(90, idcs=""), dependant(91, 90), principal(92, sex="?"), dependant(93, 1, idcs=number(1))], by=chaima)
    waiting = receive(b"card;quality;idcs;sex;born_on\nR0000500;principal;;M;1970", by=chaima, name="attente.csv")
    row = RamedRow.objects.get(kind="idcs_missing")
    return [
        reverse("enrollment:ramed"), reverse("enrollment:ramed_migration", args=[made.pk]),
        reverse("enrollment:ramed_migration", args=[waiting.pk]), reverse("enrollment:ramed_queue"),
        reverse("enrollment:ramed_row", args=[row.pk]),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_pages_answer_fit_and_are_accessible(language, visit, scene, axe):
    visitor = visit()
    visitor.speak(language)
    visitor.enter_as("chaima")
    faults = [f"{path}: {fault}" for path in scene for fault in faults_of(visitor, path, 200, language, axe)]
    assert not faults, "\n".join(faults)
    assert RamedMigration.objects.count() == 2
