"""Children in institutions: 500 dirhams a month from December 2025, at least 10,000 in all when they leave or come of age."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from enrollment import services
from enrollment.models import Placement, PlacementMonth
from rsu.authentication import engine
from rsu.models import AuditEvent, Commune
from rsu.permissions import Forbidden
from tests.eligibility.families import GUELIZ, SIDI_MOUMEN, idcs

from .builders import child, couple
from .owing import MONTH, ON, answer, line, report, rib, rows_of, sent
from .owing import place as owed

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
ACCOUNT = rib(1)


def place(by, *, number=900_001, born_on=date(2015, 1, 1), since=date(2026, 3, 10), on=TODAY, **more) -> Placement:
    given = {"idcs": idcs(number), "name": "Fictif Un", "institution": "Maison d’essai", "account": ACCOUNT} | more
    return services.record_placement(commune=Commune.objects.get(code=SIDI_MOUMEN), born_on=born_on, since=since, on=on, by=by, **given)


def months(placement):
    return [
        (row.month, row.kind, row.amount // 100) for row in PlacementMonth.objects.filter(placement=placement).order_by("month", "kind")
    ]


def test_every_month_begun_in_the_institution_gives_500_from_december_2025(salma):
    early, late = place(salma, since=date(2024, 5, 1)), place(salma, number=900_002, since=date(2026, 9, 2))
    services.write_placements(on=TODAY, by=engine())
    assert months(early)[0] == (date(2025, 12, 1), "monthly", 500)
    assert len(months(early)) == 12
    assert [month for month, _kind, _amount in months(late)] == [date(2026, 10, 1), date(2026, 11, 1)]


def test_written_twice_is_written_once(salma):
    place(salma)
    assert services.write_placements(on=TODAY, by=engine()) == 8
    assert services.write_placements(on=TODAY, by=engine()) == 0


def test_at_eighteen_a_last_line_completes_ten_thousand(salma):
    placement = place(salma, born_on=date(2008, 6, 15), since=date(2026, 3, 10))
    services.write_placements(on=TODAY, by=engine())
    paid = months(placement)
    assert [(kind, amount) for _month, kind, amount in paid if kind == "monthly"] == [("monthly", 500)] * 3
    assert paid[-2:] == [(date(2026, 6, 1), "completion", 10000 - 1500), (date(2026, 6, 1), "monthly", 500)]


def test_who_turns_eighteen_on_a_first_has_no_longer_that_month(salma):
    placement = place(salma, born_on=date(2008, 6, 1), since=date(2026, 3, 10))
    services.write_placements(on=TODAY, by=engine())
    assert [month for month, kind, _amount in months(placement) if kind == "monthly"] == [date(2026, 4, 1), date(2026, 5, 1)]
    assert sum(amount for _month, _kind, amount in months(placement)) == 10000


def test_who_leaves_for_good_is_completed_and_who_received_more_is_not(salma):
    placement = place(salma)
    services.end_placement(placement.pk, until=date(2026, 11, 20), reason="retour en famille", on=TODAY, by=salma)
    assert months(placement)[-2:] == [(date(2026, 11, 1), "completion", 10000 - 8 * 500), (date(2026, 11, 1), "monthly", 500)]
    longer = place(salma, number=900_003, since=date(2025, 12, 1))
    later = date(2027, 10, 5)
    services.write_placements(on=later, by=engine())
    services.end_placement(longer.pk, until=later, reason="x", on=later, by=salma)
    assert {kind for _month, kind, _amount in months(longer)} == {"monthly"}
    assert sum(amount for _month, _kind, amount in months(longer)) == 23 * 500


def test_a_child_who_is_still_member_of_a_household_leaves_it_first(salma):
    member = couple(child(date(2015, 1, 1))).members.get(position=3)
    with pytest.raises(services.PlacementRefused, match="son départ"):
        place(salma, idcs=member.idcs)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"idcs": "123"}, "idcs"),
        ({"account": "12"}, "account"),
        ({"account": "0" * 24}, "account"),
        ({"born_on": date(2008, 1, 1)}, "born_on"),
        ({"since": date(2026, 11, 23)}, "since"),
        ({"born_on": date(2026, 4, 1)}, "born_on"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(given, field, salma):
    with pytest.raises(services.PlacementRefused) as refusal:
        place(salma, **given)
    assert refusal.value.field == field


def test_a_child_is_placed_once_and_only_by_a_supervisor(salma, amina):
    place(salma)
    with pytest.raises(services.PlacementRefused):
        place(salma, since=date(2026, 5, 1))
    with pytest.raises(Forbidden):
        place(amina, number=900_009)


class TestTheAccountCorrected:
    @pytest.fixture
    def placement(self, salma):
        return place(salma, account=rib(1))

    def correct(self, placement, by, **given):
        return services.correct_account(placement.pk, **{"account": rib(2), "reason": "Relevé du compte"} | given, on=TODAY, by=by)

    def test_by_who_may_record_a_placement_there_and_nobody_else(self, placement, salma, amina, brahim, chaima, yassine):
        for person in (amina, brahim, chaima, yassine):
            with pytest.raises(Forbidden):
                self.correct(placement, person)
        elsewhere = Commune.objects.get(code=GUELIZ)
        Placement.objects.filter(pk=placement.pk).update(commune=elsewhere)
        with pytest.raises(Forbidden):
            self.correct(placement, salma)

    def test_typed_in_groups_it_is_kept_plain_and_traced_without_its_number(self, placement, salma):
        self.correct(placement, salma, account=" ".join((rib(2)[:3], rib(2)[3:6], rib(2)[6:22], rib(2)[22:])))
        self.correct(placement, salma)
        placement.refresh_from_db()
        assert placement.account == rib(2)
        event = AuditEvent.objects.get(verb="correct_placement_account")
        assert event.subject == f"placement:{placement.pk}" and rib(2) not in str(event.details) and rib(1) not in str(event.details)

    @pytest.mark.parametrize(
        ("given", "field"), [({"account": "12"}, "account"), ({"account": rib(2)[:-2] + "00"}, "account"), ({"reason": " "}, "reason")]
    )
    def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(self, given, field, placement, salma, client):
        with pytest.raises(services.PlacementRefused) as refusal:
            self.correct(placement, salma, **given)
        assert refusal.value.field == field
        client.force_login(salma)
        typed = {"deed": "account", "account": rib(2), "reason": "Relevé du compte"} | given
        answer = client.post(reverse("enrollment:placement", args=[placement.pk]), typed)
        assert answer.status_code == 422 and answer.context["account"].errors[field]
        assert f'value="{typed["account"]}"' in answer.content.decode()

    def test_a_rejected_payment_leads_to_it_and_is_issued_again_on_the_new_one(self, client, salma, nadia, chaima, driss, tmp_path):
        month = owed(50000, by=salma)
        order = sent(chaima, driss)
        [payment] = rows_of(order)
        answer(order, report(line(payment.end_to_end_id, "RJCT", reason="BE01")), tmp_path, by=chaima)
        here, page = reverse("enrollment:placement", args=[month.placement_id]), reverse("enrollment:payment_order", args=[order.pk])
        client.force_login(nadia)
        shown = client.get(page).content.decode()
        assert here in shown and "nom ne correspond pas au titulaire" in shown and "BE01" in shown
        refused = client.post(reverse("enrollment:reissue_payment", args=[payment.pk]), {"reason": "le RIB est corrigé"})
        assert refused.status_code == 422
        kept = refused.content.decode()
        assert "toujours celui" in kept and "le RIB est corrigé" in kept
        client.force_login(salma)
        assert "nom ne correspond pas au titulaire" in client.get(here).content.decode()
        assert client.post(here, {"deed": "account", "account": rib(5), "reason": "relevé"}).status_code == 302
        client.force_login(nadia)
        assert client.post(reverse("enrollment:reissue_payment", args=[payment.pk]), {"reason": "RIB corrigé"}).status_code == 302
        assert [one.account for one in rows_of(services.prepare_order(month=MONTH, on=ON, by=chaima))] == [rib(5)]

    def test_the_administrator_reads_who_corrects_it(self, client, chaima):
        month = localdate().replace(day=1)
        owed(50000, by=chaima, account="0" * 24, month=month)
        client.force_login(chaima)
        shown = client.get(reverse("enrollment:payments_owed")).content.decode()
        assert "Un superviseur du territoire de l’établissement corrige le RIB" in shown
