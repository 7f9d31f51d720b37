"""Simulated partners: the same rows for the same seed, in the shares asked for, and what the registry makes of them."""

from datetime import date

import pytest
from django.core.management import call_command

from households.models import AnswerConflict, Import
from households.services import receive_import
from households.sheets import feeds
from rsu.models import Agency
from rsu.partners.deliveries import AGENCIES, NotEnough, Shares, make_rows
from tests.eligibility.families import child, family, person
from tests.households.delivering import DAY, counts, deliver, worked_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


@pytest.fixture
def town():
    """Forty couples with a pupil and a grandmother."""
    answers = {"other_allowances": False, "cover": "none", "cover_quality": None}
    for _n in range(40):
        family(
            person(sex="male", marital_status="married", born_on=date(1985, 2, 3), **answers),
            person(relation="spouse", sex="female", marital_status="married", born_on=date(1990, 2, 3), spouse=1, **answers),
            child(date(2016, 4, 5), schooling="primary", school_sector="public", mother=2, father=1),
            person(relation="sibling", born_on=date(1992, 1, 1), **answers),
            person(relation="parent", sex="female", born_on=date(1950, 1, 1), marital_status="widowed", **answers),
        )


SHARES = Shares(different=10, unknown=10, wrong=10)


@pytest.mark.parametrize("kind", [str(kind) for kind in feeds.DELIVERED if kind != "deaths"])
def test_a_delivery_has_the_shares_it_was_asked(town, salma, kind):
    rows = make_rows(kind, 30, shares=SHARES, on=DAY, seed=5)
    assert rows == make_rows(kind, 30, shares=SHARES, on=DAY, seed=5) != make_rows(kind, 30, shares=SHARES, on=DAY, seed=6)
    delivered = deliver(salma, kind, *rows, agency=AGENCIES[kind])
    assert counts(delivered) == {"applied": 21, "contradicted": 3, "unknown": 3, "refused": 3}
    assert AnswerConflict.objects.count() == 3


def test_deaths_agree_with_nobody(town, salma):
    rows = make_rows("deaths", 20, shares=SHARES, on=DAY)
    assert counts(deliver(salma, "deaths", *rows, agency="rnp")) == {"contradicted": 16, "unknown": 2, "refused": 2}
    with pytest.raises(NotEnough):
        make_rows("deaths", 500, shares=SHARES, on=DAY)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_command_writes_a_file_that_is_taken_in(town, salma, tmp_path, ending, capsys):
    path = tmp_path / f"schools.{ending}"
    call_command("simulate_partner", "schooling", file=path, rows=20, as_of=DAY)
    with path.open("rb") as file:
        schools = Agency.objects.get(code="schools")
        made = receive_import(file=file, name=path.name, kind="schooling", agency=schools, as_of=DAY, on=DAY, by=salma)
    assert (worked_off(made).status, made.rows, counts(made)["contradicted"]) == ("closed", 20, 2)


def test_the_demo_has_deliveries_once(town, amina, capsys):
    for _time in range(2):
        call_command("seed_deliveries")
    kinds = list(Import.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["schooling", "cover", "allowances", "disability", "births", "deaths", "marriages"]
    assert not Import.objects.exclude(status="closed").exists()
    assert AnswerConflict.objects.filter(escalated_on__isnull=False).exists()
    assert AnswerConflict.objects.filter(status="open", told_on=None).exists()
