"""The work lists of covers: in the caller's area, the nearest first, as many queries whatever the number of rows; forewarnings once."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from enrollment import services, tasks
from enrollment.models import CoverNight, Direction, Forewarning
from rsu.authentication import engine
from rsu.desk.cover_picture import timeline
from tests.eligibility.families import GUELIZ
from tests.eligibility.softening import in_force

from .builders import DAY, child, couple
from .lives import change, covered, near, people

pytestmark = pytest.mark.django_db


def warn(on):
    while services.forewarn_covers(on=on, by=engine()):
        pass


def told():
    return [(row.what, str(row.on_day), row.lapsed_on) for row in Forewarning.objects.order_by("on_day", "id")]


class TestForewarnings:
    def test_a_majority_is_told_sixty_days_before_and_once(self, amina):
        """21 on 10 February 2027: sixty days before is 12 December 2026."""
        covered(couple(child(date(2006, 2, 10), schooling="no")), by=amina)
        for day in (date(2026, 12, 11), date(2026, 12, 12), date(2026, 12, 13)):
            warn(day)
            assert told() == ([] if day == date(2026, 12, 11) else [("majority", "2027-02-10", None)])

    def test_a_student_is_told_of_26_and_not_of_21(self, amina):
        covered(couple(child(date(2006, 1, 10), schooling="higher"), child(date(2001, 1, 12), schooling="higher")), by=amina)
        warn(date(2026, 12, 20))
        assert told() == [("studies", "2027-01-12", None)]

    def test_certificates_and_permits(self, amina):
        ill = child(date(1996, 5, 5), disability="severe", disability_until=date(2027, 1, 1))
        guest = child(date(2015, 5, 5), nationality="sn", permit_until=date(2027, 1, 3))
        covered(couple(ill, guest), by=amina)
        warn(date(2026, 12, 20))
        assert told() == [("certificate", "2027-01-01", None), ("permit", "2027-01-03", None)]

    def test_who_enrolls_in_higher_education_meanwhile_is_no_longer_warned(self, amina):
        household = covered(couple(child(date(2006, 1, 10), schooling="no")), by=amina)
        warn(date(2026, 12, 20))
        change(people(household)[2], schooling="higher")
        services.propose_for_household(household.pk, on=date(2026, 12, 22), by=engine())
        warn(date(2026, 12, 23))
        assert told() == [("majority", "2027-01-10", date(2026, 12, 23))]

    def test_without_a_number_of_days_nobody_is_warned(self, amina):
        covered(couple(child(date(2006, 1, 10), schooling="no")), by=amina)
        in_force("amo.majority_notice_days", None, since=date(2026, 11, 20))
        warn(date(2026, 12, 20))
        assert told() == []

    def test_the_database_refuses_a_second_one(self, amina):
        household = covered(couple(child(date(2006, 1, 10), schooling="no")), by=amina)
        warn(date(2026, 12, 20))
        row = Forewarning.objects.get()
        with pytest.raises(IntegrityError, match="forewarned_once"), transaction.atomic():
            Forewarning.objects.create(household=household, idcs=row.idcs, what=row.what, on_day=row.on_day, written_on=DAY)


def growing_up(by, number, **answers):
    """Families whose child turns 21 in the days that follow, covered and forewarned."""
    today = timezone.localdate()
    born_on = today.replace(year=today.year - 21) + timedelta(days=20)
    found = [covered(couple(child(born_on, schooling="no"), **answers), on=today, by=by) for _ in range(number)]
    warn(today)
    return found


class TestLists:
    def test_each_sees_the_area_and_no_other(self, client, amina, brahim):
        growing_up(amina, 2)
        growing_up(brahim, 1, commune=GUELIZ)
        for user, number in ((amina, 2), (brahim, 1)):
            client.force_login(user)
            page = client.get(reverse("enrollment:coming"))
            assert len(page.context["page"].object_list) == number

    def test_queries_do_not_grow_with_the_rows(self, client, amina):
        client.force_login(amina)
        counts = {}
        for name in ("coming", "directions"):
            for size in (1, 4):
                for household in growing_up(amina, size):
                    services.direct(member_id=people(household)[0].pk, scheme="amo_employee", on=DAY, by=amina)
                client.get(reverse(f"enrollment:{name}"))
                with CaptureQueriesContext(connection) as seen:
                    assert client.get(reverse(f"enrollment:{name}")).status_code == 200
                counts.setdefault(name, []).append(len(seen))
        assert all(len(set(each)) == 1 for each in counts.values()), counts

    def test_directions_are_filtered_by_state(self, client, amina):
        first, second = growing_up(amina, 2)
        one = services.direct(member_id=people(first)[0].pk, scheme="amo_employee", on=DAY, by=amina)
        services.direct(member_id=people(second)[0].pk, scheme="amo_self_employed", on=DAY, by=amina)
        services.advance(direction_id=one.pk, state="applied", on=DAY, by=amina)
        client.force_login(amina)
        page = client.get(reverse("enrollment:directions"), {"state": "applied"})
        assert [row.pk for row in page.context["page"].object_list] == [one.pk]

    def test_an_administrator_has_no_such_work(self, client, chaima):
        client.force_login(chaima)
        assert client.get(reverse("enrollment:coming")).status_code == 403


class TestHouseholdPage:
    def test_the_page_shows_units_periods_and_what_comes(self, client, amina):
        (household,) = growing_up(amina, 1)
        client.force_login(amina)
        page = client.get(reverse("desk:cover", args=[household.code]))
        text = page.content.decode()
        assert page.status_code == 200
        assert [len(group.rows) for group in page.context["groups"]] == [3]
        assert "n’est plus à charge à cet âge" in text
        assert "AMO-TADAMON, ayant droit, depuis le" in text

    def test_the_page_speaks_arabic(self, client, amina):
        (household,) = growing_up(amina, 1)
        client.force_login(amina)
        client.cookies["django_language"] = "ar"
        text = client.get(reverse("desk:cover", args=[household.code])).content.decode()
        assert 'dir="rtl"' in text and "التغطية الصحية" in text

    def test_time_runs_the_way_one_reads(self, client, amina):
        (household,) = growing_up(amina, 1)
        members, on = people(household), timezone.localdate()
        read = timeline(household, members, on=on)
        with override("ar"):
            mirrored = timeline(household, members, on=on)
        assert mirrored.today == read.width - read.today and {mark.anchor for mark in mirrored.marks} == {"end"}
        assert [mark.x for mark in mirrored.marks] == [read.width - mark.x for mark in read.marks]
        pairs = [
            (one, other) for row, same in zip(read.rows, mirrored.rows, strict=True) for one, other in zip(row.bars, same.bars, strict=True)
        ]
        assert pairs and all(other.x == read.width - one.x - one.width and other.width == one.width for one, other in pairs)

    def test_outside_the_area_there_is_no_such_page(self, client, amina, brahim):
        (household,) = growing_up(amina, 1)
        client.force_login(brahim)
        for name, args in (("cover", []), ("cover_join", [1]), ("open_cover", None)):
            wanted = [household.pk] if args is None else [household.code, *args]
            assert client.get(reverse(f"desk:{name}", args=wanted)).status_code == 404

    def test_a_person_is_directed_then_confirmed_on_the_page(self, client, amina):
        household = covered(couple(), on=timezone.localdate(), by=amina)
        father = people(household)[0]
        change(father, situation="employed", work_status="employee_private", occupation_group="9")
        client.force_login(amina)
        sent = client.post(
            reverse("desk:cover_deed", args=[household.code, "direct", father.pk]), {f"direct-{father.pk}-scheme": "amo_employee"}
        )
        assert sent.status_code == 302
        one = Direction.objects.get()
        url = reverse("desk:cover_deed", args=[household.code, "confirm", one.pk])
        wrong = client.post(url, {f"confirm-{one.pk}-since": "hier"})
        assert wrong.status_code == 422 and 'value="hier"' in wrong.content.decode()
        today = timezone.localdate()
        assert client.post(url, {f"confirm-{one.pk}-since": f"{today:%d/%m/%Y}"}).status_code == 302
        one.refresh_from_db()
        assert (one.state, one.since) == ("confirmed", today)

    def test_a_wrong_payment_is_said_at_its_field(self, client, amina):
        today = timezone.localdate()
        household = near(95_920_010, on=today)
        adhesion = services.join_achamil(
            household_id=household.pk, insured_id=people(household)[0].pk, acknowledged=True, on=today, by=amina
        )  # fmt: skip
        called = date(today.year + today.month // 12, today.month % 12 + 1, 1)
        services.call_contributions(on=called, by=engine())
        row = adhesion.contributions.get()
        client.force_login(amina)
        url, name = reverse("desk:cover_deed", args=[household.code, "pay", row.pk]), f"pay-{row.pk}"
        given = {f"{name}-paid_on": f"{today:%d/%m/%Y}", f"{name}-amount": "1"}
        assert set(client.post(url, given).context["form"].errors) == {"amount"}
        given = {f"{name}-paid_on": f"{today + timedelta(days=1):%d/%m/%Y}", f"{name}-amount": f"{row.amount // 100}"}
        refused = client.post(url, given)
        assert refused.status_code == 422 and set(refused.context["form"].errors) == {"paid_on"}
        assert "placeholder" not in str(refused.context["form"]["paid_on"])

    def test_an_auditor_reads_and_has_no_button(self, client, amina, yassine):
        (household,) = growing_up(amina, 1)
        client.force_login(yassine)
        text = client.get(reverse("desk:cover", args=[household.code])).content.decode()
        assert "cover/direct/" not in text
        assert client.post(reverse("desk:cover_deed", args=[household.code, "direct", 1])).status_code == 403

    def test_joining_shows_the_trap_and_asks_for_a_word(self, client, amina):
        household = near(95_920_010, on=timezone.localdate())
        head = people(household)[0]
        client.force_login(amina)
        url = reverse("desk:cover_join", args=[household.code, head.pk])
        page = client.get(url)
        text = page.content.decode()
        assert page.status_code == 200
        assert page.context.get("unread") is None
        assert "La famille perdrait l’aide en prenant cette couverture." in text and "droit perdu" in text
        assert page.context["after"].picture.standing.score == page.context["trap"].score
        refused = client.post(url, {})
        assert refused.status_code == 422 and "confirmez que la famille en a été informée" in refused.content.decode()
        assert client.post(url, {"acknowledged": "on"}).status_code == 302
        shown = client.get(reverse("desk:cover", args=[household.code])).content.decode()
        assert "Premier mois dû" in shown


def test_the_night_of_covers_is_one_task_and_harmless_twice(amina):
    today = timezone.localdate()
    (household,) = growing_up(amina, 1)
    assert [tasks.follow_covers(), tasks.follow_covers()] == [0, 0]
    assert CoverNight.objects.get().on == today
    assert Forewarning.objects.filter(household=household).count() == 1
