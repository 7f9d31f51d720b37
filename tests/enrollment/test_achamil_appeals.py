"""Decisions on AMO ACHAMIL contested like the others: cover goes on without a gap, each month is called once; days and dirhams by hand."""

import uuid
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from enrollment import contested, services
from enrollment.models import Adhesion, Appeal, Contribution, Enrollment, RightNotice
from enrollment.services import AppealRefused
from households.models import Household, Member
from rsu.authentication import engine
from rsu.desk.appeals import effects
from rsu.models import User
from rsu.wording import day
from tests.eligibility.softening import in_force

from .lives import change, near, people, periods
from .test_achamil import joined, pay

pytestmark = pytest.mark.django_db

LEFT_ON, FILED_ON, JUDGED_ON = date(2027, 1, 10), date(2027, 1, 15), date(2027, 3, 5)
DECEMBER, JANUARY, FEBRUARY, MARCH = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)


@pytest.fixture
def home(amina) -> Household:
    """A head and a child just above the line of AMO-TADAMON: 224 dirhams a month, 287 once the cover counts in the score."""
    return near(97_430_010)


@pytest.fixture
def covered(home, amina) -> Adhesion:
    """Covered since 22 November 2026 without waiting, called for December and January, ended by Amina on 10 January with its month."""
    in_force("amo_achamil.waiting_months", 0, since=date(2026, 11, 20))
    return left(joined(home, amina), amina)


def left(adhesion: Adhesion, by: User) -> Adhesion:
    for month in (DECEMBER, JANUARY):
        services.call_contributions(on=month, by=engine())
    services.leave_achamil(adhesion_id=adhesion.pk, reason="Cotisations non payées.", on=LEFT_ON, by=by)
    return adhesion


def ended(household: Household) -> contested.Contested:
    return next(one for one in contested.contestable(household) if one.program == "amo_achamil")


def decided_on(household: Household) -> str:
    return day(timezone.localdate(household.enrollments.latest("decided_at").decided_at))


def appealed(household: Household, filer: User, judge: User) -> Appeal:
    appeal = services.file_appeal(
        household_id=household.pk, key=ended(household).key, ground="rule", words="Nous avons payé.", token=uuid.uuid4(),
        provision="amo_achamil.bands", notified_on=LEFT_ON, at=datetime(2027, 1, 15, 9, tzinfo=UTC), on=FILED_ON, by=filer,
    )  # fmt: skip
    return services.examine_appeal(appeal_id=appeal.pk, on=FILED_ON, by=judge)


def uphold(appeal: Appeal, by: User, **given):
    return services.uphold_appeal(appeal_id=appeal.pk, answer="Les paiements sont retrouvés.", on=JUDGED_ON, by=by, **given)


def called() -> list[tuple[str, str]]:
    return [
        (str(month), status)
        for month, status in Contribution.objects.order_by("month").values_list("month", "adhesion__enrollment__status")
    ]


class TestWhatIsContested:
    def test_an_end_is_offered_with_its_day_and_who_decided_it(self, covered, home, amina):
        found = ended(home)
        assert found.title == f"AMO ACHAMIL : fin du droit décidée le {decided_on(home)}"
        assert (found.kind, found.decided_as, found.by, found.since) == ("enrollment", "ended", amina, found.decided_on)
        assert {one.idcs for one in found.enrollments} == {one.idcs for one in people(home)}

    def test_its_notice_says_until_when_and_the_page_offers_it(self, covered, home, amina, client):
        services.notify_due(at=datetime(2027, 1, 12, 12, tzinfo=UTC), by=engine())
        assert RightNotice.objects.get(deed="ended", program="amo_achamil").appeal_until == date(2027, 1, 27)  # 12 January + 15 days
        client.force_login(amina)
        page = client.get(reverse("desk:file_appeal", args=[home.code])).content.decode()
        assert "AMO ACHAMIL : fin du droit décidée le" in page

    def test_a_refusal_while_rights_are_awaited_is_offered(self, home, amina):
        left(joined(home, amina), amina)
        assert ended(home).title == f"AMO ACHAMIL : inscription refusée le {decided_on(home)}"


class TestAnEndUndone:
    def test_cover_goes_on_the_day_after_it_stopped_and_each_month_is_called_once(self, covered, home, nadia, salma):
        appeal = appealed(home, nadia, salma)
        assert called() == [("2026-12-01", "ended"), ("2027-01-01", "ended")]
        appeal, _repair = uphold(appeal, salma)
        for one, quality in zip(people(home), ("insured", "dependant"), strict=True):
            assert periods(one) == [("ended", quality, "2026-11-22", "2027-02-01"), ("active", quality, "2027-02-01", "")]
        assert called() == [("2026-12-01", "ended"), ("2027-01-01", "ended"), ("2027-02-01", "active"), ("2027-03-01", "active")]
        assert set(Member.objects.filter(household=home).values_list("cover", "cover_quality")) == {
            ("amo_achamil", "principal"), ("amo_achamil", "dependant"),
        }  # fmt: skip
        again = Adhesion.objects.get(left_on=None)
        assert (again.joined_on, again.rights_on, again.first_month) == (covered.joined_on, FEBRUARY, FEBRUARY)
        assert [(one["program"], one["since"]) for one in appeal.effect["covers"]] == [("amo_achamil", "2027-02-01")] * 2

    def test_twice_is_once(self, covered, home, nadia, salma):
        appeal = appealed(home, nadia, salma)
        uphold(appeal, salma)
        uphold(appeal, salma)
        assert Adhesion.objects.count() == 2
        assert Enrollment.objects.filter(program="amo_achamil", status="active").count() == 2

    def test_repaired_from_a_later_day_it_is_covered_from_there(self, covered, home, nadia, salma):
        uphold(appealed(home, nadia, salma), salma, since=date(2027, 2, 20))
        assert periods(people(home)[0]) == [("ended", "insured", "2026-11-22", "2027-02-01"), ("active", "insured", "2027-02-20", "")]

    def test_the_decider_sees_it_before_and_nothing_is_written(self, covered, home, nadia, salma):
        appeal = appealed(home, nadia, salma)
        seen = effects.foresee(appeal, accepted=None, since=None, on=JUDGED_ON, by=salma)
        assert [(one.program, one.since) for one in seen.given.covers] == [("AMO ACHAMIL", FEBRUARY)] * 2
        [outcome] = seen.foreseen.outcomes
        assert outcome.after.standing.score - outcome.before.standing.score == 1_510_000  # the cover counts in the score again
        assert Enrollment.objects.filter(program="amo_achamil").exclude(status="ended").count() == 0
        assert Adhesion.objects.count() == 1

    def test_who_works_since_then_hinders_it_and_the_decider_is_told(self, covered, home, nadia, salma):
        appeal = appealed(home, nadia, salma)
        change(people(home)[0], situation="employed", occupation_group="9", work_status="employee_private")
        seen = effects.foresee(appeal, accepted=None, since=None, on=JUDGED_ON, by=salma)
        assert any("régime de son travail" in sentence for sentence in seen.given.hindrances)
        with pytest.raises(AppealRefused, match="ne changerait rien"):
            uphold(appeal, salma)

    def test_who_joined_again_meanwhile_is_not_covered_twice(self, covered, home, amina, nadia, salma):
        appeal = appealed(home, nadia, salma)
        joined(home, amina, on=date(2027, 2, 10))
        with pytest.raises(AppealRefused, match="ne changerait rien"):
            uphold(appeal, salma)

    def test_dismissed_it_changes_nothing_even_where_an_appeal_suspends_losses(self, covered, home, nadia, salma):
        in_force("appeal.suspends", True, since=date(2026, 11, 20))
        appeal = appealed(home, nadia, salma)
        services.dismiss_appeal(appeal_id=appeal.pk, answer="Rien n’a été payé.", on=JUDGED_ON, by=salma)
        assert periods(people(home)[0]) == [("ended", "insured", "2026-11-22", "2027-02-01")]

    def test_who_ended_it_does_not_judge_it(self, covered, home, nadia, amina, salma):
        appeal = appealed(home, nadia, salma)
        assert appeal.contested_by == amina


class TestARefusalUndone:
    def test_the_waiting_goes_on_with_the_months_already_paid(self, home, amina, nadia, salma):
        adhesion = joined(home, amina)
        services.call_contributions(on=DECEMBER, by=engine())
        pay(adhesion, DECEMBER, DECEMBER, amina)
        left(adhesion, amina)
        appeal, _repair = uphold(appealed(home, nadia, salma), salma)
        again = Adhesion.objects.get(left_on=None)
        assert (again.waiting_months, again.rights_on, again.first_month) == (2, None, FEBRUARY)
        assert [str(one.month) for one in again.contributions.order_by("month")] == ["2027-01-01", "2027-02-01", "2027-03-01"]
        assert appeal.effect["covers"] == []
        assert "L’adhésion reprend" in " ".join(appeal.effect["hindrances"])
        for month in (JANUARY, FEBRUARY):
            pay(again, month, JUDGED_ON, amina)
        assert periods(people(home)[0]) == [("active", "insured", "2027-03-05", "")]  # three months paid: rights open with the last
        assert Contribution.objects.values("month").distinct().count() == Contribution.objects.count() == 4
