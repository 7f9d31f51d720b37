"""Cover taken over from RAMED, told to a partner as any other, and only where the agreement reaches."""

import pytest

from rsu.models import Commune
from tests.enrollment.ramed_files import number
from tests.enrollment.test_ramed_settling import cover

from .declarations import GUELIZ

pytestmark = pytest.mark.django_db
SIDI_MOUMEN = "06.141.01.53"


@pytest.mark.parametrize(
    ("commune", "on", "in_force"),
    [(SIDI_MOUMEN, "2023-06-14", True), (SIDI_MOUMEN, "2023-12-01", False), (GUELIZ, "2023-06-14", False)],
)
def test_somebody_moved_from_ramed_is_covered_until_the_score_decides(chu, commune, on, in_force):
    cover(number(1), commune=Commune.objects.get(code=commune))
    answer = chu.post("coverage-checks", {"identifier": number(1), "purpose": "coverage", "on": on}).json()
    period = {"since": "2022-12-01", "until": "2023-12-01"} if in_force else {"since": None, "until": None}
    assert (answer["in_force"], answer["scheme"], answer["period"]) == (in_force, "amo_tadamon" if in_force else None, period)
