"""What the demo shows of direct aid is made by the services themselves, and once."""

import io
from datetime import date

import pytest
from django.core.management import call_command
from django.utils.timezone import localdate

from enrollment.models import Allowance, Correction, MonthRun, Overpayment, Payment, Placement
from rsu.management.seeding_aid import seed_aid

from .aiding import aided
from .builders import PUPIL, child, couple
from .owing import owe, place

pytestmark = pytest.mark.django_db


def test_a_month_a_correction_each_way_and_a_placement_are_seeded_once():
    for _ in range(3):
        aided(couple(child(date(2010, 5, 1), **PUPIL), child(date(2012, 5, 1), **PUPIL), child(date(2014, 5, 1), **PUPIL)))
    on = date(2026, 11, 22)
    assert "3 aides écrites" in seed_aid(on=on)
    assert seed_aid(on=on) == ""
    assert (MonthRun.objects.get().status, Allowance.objects.count()) == ("closed", 3)
    assert Overpayment.objects.filter(state="proposed").count() == 1
    assert Correction.objects.filter(amount__gt=0).count() == 1
    assert Placement.objects.count() == 1


@pytest.mark.parametrize("children", [0, 3])
def test_the_demo_s_order_has_a_family_s_payment_rejected_for_the_desk_to_mend(children, nadia, chaima, driss, salma):
    month = localdate().replace(day=1)
    for _each in range(3):
        owe(50000, month=month)
    for _each in range(children):
        place(50000, by=salma, month=month)
    call_command("seed_payments", stdout=io.StringIO())
    assert Payment.objects.filter(status="rejected", household__isnull=False).exists()
