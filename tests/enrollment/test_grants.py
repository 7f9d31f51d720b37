"""Birth grants: once a delivery of the mother, the first two, claimed in time, paid with the month of the claim."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from eligibility.models import Provision
from enrollment import services
from enrollment.models import BirthClaim, DueLine
from rsu.permissions import Forbidden

from .aiding import DECEMBER, aided, lines_of, paid, run_month
from .builders import child, couple

pytestmark = pytest.mark.django_db

BORN, TODAY = date(2026, 10, 20), date(2026, 11, 22)


def claim(household, by, *, born_on=BORN, before=0, on=TODAY):
    mother = household.members.get(position=2)
    return services.claim_birth_grant(household=household, mother_id=mother.pk, born_on=born_on, before=before, on=on, by=by)


def refused(household, by, **how):
    with pytest.raises(services.ClaimRefused) as refusal:
        claim(household, by, **how)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("older", "before", "dirhams"),
    [([], 0, 2000), ([date(2020, 1, 1)], 1, 1000), ([], 1, 1000)],
)
def test_the_first_delivery_gives_2000_and_the_second_1000_those_before_the_scheme_counted(older, before, dirhams, amina):
    household = couple(*(child(day) for day in older), child(BORN))
    aided(household)
    assert claim(household, amina, before=before).line.amount == dirhams * 100
    run_month()
    assert ("birth_grant", None, dirhams, date(2026, 11, 1)) in lines_of(household)


def test_twins_are_one_delivery(amina):
    household = couple(child(BORN), child(BORN))
    aided(household)
    assert claim(household, amina).line.amount == 200000
    assert "déjà été demandée" in refused(household, amina)
    assert DueLine.objects.count() == 1


def test_after_twins_the_next_birth_is_the_second_delivery(amina):
    household = couple(child(date(2024, 1, 1)), child(date(2024, 1, 1)), child(BORN))
    aided(household)
    assert claim(household, amina, before=1).delivery == 2


def test_the_third_delivery_gives_nothing(amina):
    household = couple(child(date(2020, 1, 1)), child(date(2022, 1, 1)), child(BORN))
    aided(household)
    assert "celui-ci est le 3" in refused(household, amina, before=2)
    elsewhere = couple(child(BORN))
    aided(elsewhere)
    assert "celui-ci est le 3" in refused(elsewhere, amina, before=2)


def test_fewer_deliveries_than_the_registry_knows_are_not_believed(amina):
    household = couple(child(date(2020, 1, 1)), child(BORN))
    aided(household)
    assert "connaît déjà 1" in refused(household, amina, before=0)


@pytest.mark.parametrize(("on", "given"), [(date(2027, 4, 20), True), (date(2027, 4, 21), False)])
def test_the_claim_is_made_within_six_months_the_last_day_included(on, given, amina):
    household = couple(child(BORN))
    aided(household)
    if given:
        assert claim(household, amina, on=on).claimed_on == on
    else:
        assert "au plus tard le" in refused(household, amina, on=on)


@pytest.mark.parametrize(("born_on", "given"), [(date(2023, 12, 1), True), (date(2023, 11, 30), False)])
def test_births_count_from_the_first_day_of_the_scheme(born_on, given, amina):
    """The scheme began on 1 December 2023: the eve gives nothing, though the six months have not gone by."""
    household = couple(child(born_on), child(BORN))
    aided(household, since=date(2023, 12, 1))
    if given:
        assert claim(household, amina, born_on=born_on, on=date(2024, 5, 1)).line.amount == 200000
        return
    sentence = refused(household, amina, born_on=born_on, on=date(2024, 5, 1))
    assert sentence.startswith("La prime est donnée pour les accouchements depuis le 1er décembre 2023 (Décret n° 2-23-1067) :")
    with override("ar"):
        assert not [
            letter for letter in refused(household, amina, born_on=born_on, on=date(2024, 5, 1)) if letter.isascii() and letter.isalpha()
        ]
    assert claim(household, amina, before=1).line.amount == 100000  # the one before the scheme makes this one the second


def test_a_later_decree_on_the_grant_does_not_move_the_day_since_which_births_count(amina):
    household = couple(child(date(2023, 11, 1)), child(BORN))
    aided(household)
    since = Provision.objects.get(key="direct_aid.birth_grant")
    Provision.objects.create(key=since.key, since=date(2026, 6, 1), value=since.value, source="Décret nouveau")
    assert "depuis le 1er décembre 2023 (Décret n° 2-23-1067)" in refused(household, amina, born_on=date(2023, 11, 1))


def test_no_grant_without_the_aid_nor_for_a_birth_nobody_registered_nor_from_another_area(amina, brahim):
    household = couple(child(BORN))
    assert "ne reçoit pas" in refused(household, amina)
    aided(household)
    assert "Aucun enfant" in refused(household, amina, born_on=date(2026, 10, 21))
    with pytest.raises(Forbidden):
        claim(household, brahim)


def test_a_grant_claimed_once_the_month_is_written_comes_with_the_next_dated_by_its_month(amina):
    household = couple(child(BORN))
    aided(household)
    run_month()
    claim(household, amina, on=date(2026, 12, 10))
    run_month(date(2027, 1, 1))
    assert lines_of(household, date(2027, 1, 1))[-1] == ("birth_grant", None, 2000, DECEMBER)


def test_a_grant_is_written_with_the_month_of_its_claim_never_with_an_earlier_one_written_late(amina):
    household = couple(child(BORN))
    aided(household, since=DECEMBER)
    claim(household, amina, on=date(2026, 12, 10))
    run_month(date(2026, 11, 1), on=date(2026, 12, 12))
    assert paid(household, date(2026, 11, 1)) is None
    run_month(on=date(2026, 12, 12))
    assert lines_of(household)[-1] == ("birth_grant", None, 2000)


@pytest.mark.parametrize("fields", [{"delivered_on": BORN, "delivery": 2}, {"delivered_on": date(2025, 1, 1), "delivery": 1}])
def test_the_database_refuses_a_second_grant_of_a_delivery(fields, amina):
    household = couple(child(BORN))
    aided(household)
    first = claim(household, amina)
    line = DueLine.objects.create(
        household=household, belongs_to=DECEMBER, kind="birth_grant", amount=1, provision_id=first.line.provision_id
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        BirthClaim.objects.create(household=household, mother_idcs=first.mother_idcs, line=line, claimed_on=TODAY, by=amina, **fields)
