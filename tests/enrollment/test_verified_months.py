"""A month of direct aid read with what partners verified: no cumulation and schooling, month by month."""

from datetime import date

import pytest
from django.db import connection

from enrollment import runs, services
from enrollment.allowances import OTHER_ALLOWANCES, allowance_findings, allowance_lines
from enrollment.models import Enrollment, Overpayment
from households.models import AnswerConflict, MonthsToReview
from households.services import keep_answer
from households.verified_periods import VERIFIED, covered_elsewhere, covered_elsewhere_since, school_level, school_sector
from rsu.authentication import engine
from tests.eligibility.families import child, family, person
from tests.households.delivering import certificate, deliver, law, paid, school

from .builders import PUPIL, couple

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


def months(household, *firsts: str) -> list[list[tuple[str, int]]]:
    """(kind, dirhams) of each line, month by month."""
    told = []
    for first in firsts:
        day = date.fromisoformat(first)
        lines = allowance_lines([household.pk], month=day, read_on=day, law=law(day))
        told.append([(line.kind, line.amount // 100) for line in lines])
    return told


def head_of(household) -> str:
    return household.members.get(relation="head").idcs


SPRING = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")


def test_a_family_paid_by_the_cnss_in_february_and_march_is_paid_in_january_and_again_in_april(salma):
    household = couple(child(date(2020, 5, 5), **PUPIL))
    aid = months(household, "2026-01-01")[0]
    assert aid and months(household, *SPRING) == [aid] * 4
    deliver(salma, "allowances", paid(head_of(household), "2026-02-01", "2026-04-01"), agency="cnss", as_of=date(2026, 4, 10))
    assert months(household, *SPRING) == [aid, [], [], aid]
    finding = allowance_findings([household.pk], month=date(2026, 2, 1), read_on=date(2026, 2, 1), law=law(date(2026, 2, 1)))
    assert [(one[0], one[1]) for one in finding] == [(household.pk, OTHER_ALLOWANCES)]
    assert MonthsToReview.objects.get().since == date(2026, 2, 1)


def test_the_spouses_allowances_count_as_the_payees(salma):
    household = couple(child(date(2020, 5, 5), **PUPIL))
    wife = household.members.get(relation="spouse").idcs
    deliver(salma, "allowances", paid(wife, "2026-02-01", "2026-03-01", scheme="CNOPS"), agency="cnops", as_of=date(2026, 4, 10))
    assert [bool(lines) for lines in months(household, *SPRING)] == [True, False, True, True]


def test_the_month_is_read_on_its_first_day(salma):
    household = couple(child(date(2020, 5, 5), **PUPIL))
    deliver(salma, "allowances", paid(head_of(household), "2026-01-02", "2026-03-02"), agency="cnss", as_of=date(2026, 4, 10))
    assert [bool(lines) for lines in months(household, *SPRING)] == [True, False, False, True]


def test_a_family_that_a_partner_contradicts_is_paid_until_somebody_decides(salma, amina):
    household = couple(child(date(2020, 5, 5), **PUPIL))
    household.members.filter(relation="head").update(other_allowances=False)
    deliver(salma, "allowances", paid(head_of(household), "2026-02-01"), agency="cnss", as_of=date(2026, 2, 10))
    assert all(months(household, *SPRING))
    keep_answer(AnswerConflict.objects.get().pk, reason="erreur de la caisse", on=date(2026, 2, 20), by=amina)
    assert all(months(household, *SPRING))
    AnswerConflict.objects.update(status="taken")
    from households.services.periods import hold_periods

    hold_periods("allowances", [head_of(household)])
    assert [bool(lines) for lines in months(household, *SPRING)] == [True, False, False, False]


def test_a_scheme_that_says_it_is_over_frees_the_months_after(salma):
    declared = {"other_allowances": True, "other_allowances_scheme": "cnss", "other_allowances_since": "2026-01-01"}
    household = family(person(other_allowances_until="2026-04-01", **declared), child(date(2020, 5, 5), mother=1, **PUPIL))
    assert [bool(lines) for lines in months(household, *SPRING)] == [False, False, False, True]
    deliver(salma, "allowances", paid(head_of(household), "2026-01-01", "2026-03-01"), agency="cnss", as_of=date(2026, 4, 10))
    assert [bool(lines) for lines in months(household, *SPRING)] == [False, False, True, True]


YEAR = ("2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01", "2026-08-01", "2026-09-01")


def test_schooling_interrupted_from_mid_march_to_mid_april_lowers_april_alone(salma):
    household = couple(child(date(2016, 5, 5), **PUPIL))
    pupil = household.members.get(relation="child").idcs
    both = [school(pupil, until="2026-03-15"), school(pupil, "2026-04-13")]
    deliver(salma, "schooling", *both, agency="schools", as_of=date(2026, 5, 4))
    kinds = [lines[0][0] for lines in months(household, *YEAR)]
    assert kinds == ["child", "child", "child_not_in_school", "child", "child", "child"]
    assert MonthsToReview.objects.get().since == date(2026, 3, 1)


def test_a_pupil_stays_one_all_summer_and_the_family_is_asked_again_in_september(salma):
    """Declared out of school, enrolled all the year says the partner, and taken: from September the family's answer counts again."""
    household = couple(child(date(2016, 5, 5), schooling="no"))
    pupil = household.members.get(relation="child").idcs
    deliver(salma, "schooling", school(pupil, until="2026-06-26"), agency="schools", as_of=date(2026, 10, 1))
    assert [lines[0][0] for lines in months(household, *YEAR)] == ["child"] * 5 + ["child_not_in_school"]


def test_a_certificate_counts_while_it_is_valid(salma):
    household = couple(child(date(2020, 5, 5), **PUPIL))
    kid = household.members.get(relation="child").idcs
    deliver(salma, "disability", certificate(kid, "2026-02-01", "2026-03-01"), agency="disability", as_of=date(2026, 4, 10))
    shown = [[kind for kind, _amount in lines] for lines in months(household, "2026-01-01", "2026-02-01", "2026-03-01")]
    assert ["disability" in kinds for kinds in shown] == [False, True, False]


def test_level_sector_and_cover_are_read_on_a_day(salma):
    household = couple(child(date(2016, 5, 5), schooling="primary", school_sector="private"))
    kid, head = household.members.get(relation="child").idcs, head_of(household)
    deliver(salma, "schooling", school(kid, "2025-09-08", level="lower_secondary"), agency="schools", as_of=date(2026, 10, 1))
    row = {"idcs": head, "cover": "amo_employee", "cover_quality": "principal", "since": "2026-02-01", "until": "2026-05-01"}
    deliver(salma, "cover", row, agency="cnss", as_of=date(2026, 6, 1))

    def read(expression: str, idcs: str, day: str):
        with connection.cursor() as cursor:
            sql = f"WITH verified AS ({VERIFIED}) SELECT {expression} FROM households_member m LEFT JOIN verified w ON w.idcs = m.idcs"
            values = {"ids": [household.pk], "first": household.pk, "last": household.pk, "idcs": idcs, "read_on": date.fromisoformat(day)}
            cursor.execute(f"{sql} WHERE m.idcs = %(idcs)s", values)
            return cursor.fetchone()[0]

    assert (read(school_level(), kid, "2026-05-01"), read(school_level(), kid, "2026-09-01")) == ("lower_secondary", "primary")
    assert (read(school_sector(), kid, "2026-05-01"), read(school_sector(), kid, "2026-09-01")) == ("public", "private")
    covers = "'{amo_employee,amo_public}'::text[]"
    assert [read(covered_elsewhere(covers), head, day) for day in ("2026-01-31", "2026-02-01", "2026-04-30", "2026-05-01")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert read(covered_elsewhere_since(covers), head, "2026-03-01") == date(2026, 2, 1)


def test_a_month_already_paid_is_read_again_once_the_partner_has_spoken(salma):
    household = couple(child(date(2020, 5, 5), **PUPIL))
    Enrollment.objects.create(
        household=household, commune=household.commune, milieu=household.milieu, program="direct_aid", quality="household", status="active",
        since=date(2026, 1, 1),
    )  # fmt: skip
    for month in SPRING:
        day = date.fromisoformat(month)
        assert runs.write([household.pk], month=day, read_on=day, law=law(day)).paid == 1
    deliver(salma, "allowances", paid(head_of(household), "2026-02-01", "2026-04-01"), agency="cnss", as_of=date(2026, 4, 10))
    again = {"on": date(2026, 4, 20), "by": engine()}
    assert (services.correct_reopened_months(**again), services.correct_reopened_months(**again)) == (1, 0)
    overpaid = Overpayment.objects.order_by("month").values_list("month", "amount", "recovered")
    # One pupil alone at home is worth the household's minimum of 500 dirhams a month.
    assert list(overpaid) == [(date(2026, 2, 1), 50000, 0), (date(2026, 3, 1), 50000, 0)]
    assert not MonthsToReview.objects.exists()
