"""What the demo shows of direct aid is made by the services themselves, and once."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils.timezone import localdate

from enrollment.models import Allowance, Correction, MonthRun, Overpayment, Payment, Placement
from households.models import Household, Request
from rsu.management.seeding_aid import seed_aid

from .appealing import registered
from .owing import owe, place

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 22)


@pytest.fixture
def three_families(amina):
    """Aided since October, four pupils each, November written."""
    for _ in range(3):
        registered(amina)
    Household.objects.update(synthetic=True)


def test_a_month_a_correction_each_way_and_a_placement_are_seeded_once(three_families):
    assert "3 aides écrites" in seed_aid(on=ON)
    assert seed_aid(on=ON) == ""
    assert (MonthRun.objects.get().status, Allowance.objects.filter(month=date(2026, 11, 1)).count()) == ("closed", 3)
    assert Overpayment.objects.filter(state="proposed").count() == 1
    assert Correction.objects.filter(amount__gt=0).count() == 1
    assert Placement.objects.count() == 1


def test_what_the_seed_changes_is_read_again_so_that_verification_finds_nothing(three_families):
    seed_aid(on=ON)
    assert Request.objects.filter(kind="update", status="processed").count() == 3  # one stopped; another stopped, and had not
    assert not Household.objects.exclude(due_since=None).exists()
    told = StringIO()
    call_command("verify", verbosity=0, stdout=told)  # raises where anything differs
    assert "Aucun écart." in told.getvalue()


@pytest.mark.parametrize("children", [0, 3])
def test_the_demo_s_order_has_a_family_s_payment_rejected_for_the_desk_to_mend(children, nadia, chaima, driss, salma):
    month = localdate().replace(day=1)
    for _each in range(3):
        owe(50000, month=month)
    for _each in range(children):
        place(50000, by=salma, month=month)
    call_command("seed_payments", stdout=StringIO())
    assert Payment.objects.filter(status="rejected", household__isnull=False).exists()
