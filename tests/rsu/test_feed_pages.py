"""Deliveries and contradictions on screen: counts, clocks, the draft of an event, and who sees what."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from households.models import AnswerConflict, Import
from households.services import escalate_conflicts, tell_family
from rsu.authentication import engine
from rsu.desk.tasks import escalate_conflicts as hourly
from rsu.desk.tasks import take_lots
from rsu.models import Agency, User
from tests.eligibility.families import GUELIZ, child, family, person
from tests.households.delivering import act, born, dead, deliver, law, paid, school
from tests.households.files import as_csv
from tests.households.test_imports import valid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


def parent(**more):
    return family(person(other_allowances=False), **more).members.get()


def page(client, name: str, *args, **query) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return plain(answer)


def plain(answer) -> str:
    """The page without the marks that keep a number left to right."""
    return re.sub(r"</?bdi[^>]*>|[\u2066-\u2069]", "", answer.content.decode())


def today(**more) -> dict:
    return {"on": localdate(), "as_of": localdate()} | more


def contradiction(by) -> AnswerConflict:
    deliver(by, "allowances", paid(parent().idcs, f"{localdate() - timedelta(days=40)}"), agency="cnss", **today())
    return AnswerConflict.objects.get()


def test_a_delivery_is_sent_on_the_page_and_closed_on_its_equation(client, salma):
    client.force_login(salma)
    content = as_csv([paid(parent().idcs, "2026-02-01"), paid(valid(1), "2026-02-01"), paid("12", "2026-02-01")])
    given = {"kind": "allowances", "agency": Agency.objects.get(code="cnss").pk, "as_of": f"{localdate():%d/%m/%Y}"}
    answer = client.post(reverse("households:imports"), given | {"file": SimpleUploadedFile("cnss.csv", content)})
    assert answer.status_code == 302
    take_lots()
    shown = plain(client.get(answer.headers["location"]))
    assert "3 = 0 + 1 + 0 + 1 + 1" in shown
    assert "livraison 1" in shown and "données constatées le" in shown
    refused = client.get(reverse("households:refused_file", args=[Import.objects.get().pk]))
    assert "12" in b"".join(refused.streaming_content).decode("utf-8-sig")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"agency": ""}, "Choisissez l’organisme"),
        ({"kind": "births"}, "ne prévoit pas ces livraisons"),
        ({"as_of": "31/02/2026"}, "n’existe pas dans le calendrier"),
        ({"as_of": "01/01/2099"}, "dans l’avenir"),
        ({"as_of": ""}, "Colonnes qui manquent : as_of"),
    ],
)
def test_what_is_wrong_in_the_form_is_said_beside_its_field(client, salma, change, sentence):
    client.force_login(salma)
    given = {"kind": "allowances", "agency": Agency.objects.get(code="cnss").pk, "as_of": f"{localdate():%d/%m/%Y}"} | change
    file = SimpleUploadedFile("cnss.csv", as_csv([paid(valid(1), "2026-02-01")]))
    answer = client.post(reverse("households:imports"), given | {"file": file})
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not Import.objects.exists()


def test_deliveries_are_listed_with_the_same_queries_whatever_their_number(client, salma):
    client.force_login(salma)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert "Allocations familiales" in page(client, "households:deliveries")
        return len(captured)

    deliver(salma, "allowances", paid(valid(1), "2026-02-01"), agency="cnss")
    one = queries()
    for number in range(2, 6):
        deliver(salma, "allowances", paid(valid(number), "2026-02-01"), agency="cnss")
    assert queries() == one
    assert "Aucune livraison" in page(client, "households:deliveries", kind="births")


def test_what_an_agency_delivers_itself_is_seen_by_whoever_answers_for_the_kingdom(client, salma, amina, chaima, yassine):
    deliver(Agency.objects.get(code="cnss").user, "allowances", paid(valid(1), "2026-02-01"), agency="cnss")
    for user, seen in ((chaima, True), (yassine, True), (salma, False)):
        client.force_login(user)
        assert ("CNSS" in page(client, "households:deliveries")) is seen
    client.force_login(amina)
    assert client.get(reverse("households:deliveries")).status_code == 403
    client.force_login(salma)
    assert client.get(reverse("households:import", args=[Import.objects.get().pk])).status_code == 404


def test_the_clock_of_a_family_runs_from_its_telling_and_is_late_the_day_after_the_last(client, salma, amina):
    conflict = contradiction(salma)
    client.force_login(amina)
    assert "famille non prévenue" in page(client, "desk:conflicts")
    tell_family(conflict.pk, on=localdate() - timedelta(days=28), by=amina, law=law(localdate()))
    assert "2 jours restent" in page(client, "desk:conflicts")
    assert "1 contradiction à régler" in page(client, "desk:home")
    AnswerConflict.objects.update(due_on=localdate() - timedelta(days=1), opened_on=localdate() - timedelta(days=31))
    assert hourly() == 1
    shown = page(client, "desk:conflicts", late=1)
    assert "passé" in shown and "signalée aux superviseurs le" in shown
    client.force_login(salma)
    assert "le délai de 1 famille est passé" in page(client, "desk:home")
    assert "signalée aux superviseurs" in page(client, "desk:conflict", conflict.pk)


def test_the_household_file_says_who_verified_each_answer(client, salma, amina):
    household = family(
        person(sex="female"), child(localdate() - timedelta(days=4000), schooling="primary", school_sector="public", mother=1)
    )
    kid = household.members.get(relation="child")
    year = localdate().year - (localdate().month < 9)
    said = school(kid.idcs, f"{year}-09-08", year=f"{year}-{year + 1}", sector="private")
    deliver(salma, "schooling", said, agency="schools", **today())
    client.force_login(amina)
    shown = page(client, "desk:household", household.code)
    assert "vérifié par Système d’information scolaire" in shown and "contredit par Système d’information scolaire" in shown


def test_contradictions_are_listed_by_subject_and_by_delivery(client, salma, amina):
    deliver(salma, "allowances", paid(parent().idcs, "2026-02-01"), agency="cnss", **today())
    deliver(salma, "marriages", act(parent().idcs), agency="rnp", **today())
    client.force_login(amina)
    assert "allocations familiales d" in page(client, "desk:conflicts", field="other_allowances")
    married = page(client, "desk:conflicts", field="marital_status")
    assert "Marié" in married and "CNSS" not in married
    latest = Import.objects.order_by("-pk").first()
    assert "CNSS" not in page(client, "desk:conflicts", delivery=latest.pk)
    assert page(client, "desk:conflicts", delivery="9" * 40, field="x")


def test_an_event_shows_what_the_register_says_and_the_draft_that_waits(client, salma, amina):
    household = family(person(sex="female"), child(localdate() - timedelta(days=3000), mother=1))
    mother, kid = household.members.order_by("position")
    deliver(salma, "births", born(valid(4), mother.idcs, f"{localdate() - timedelta(days=9)}"), agency="rnp", **today())
    deliver(salma, "deaths", dead(kid.idcs, f"{localdate() - timedelta(days=8)}"), agency="rnp", **today())
    client.force_login(amina)
    for conflict in AnswerConflict.objects.all():
        shown = page(client, "desk:conflict", conflict.pk)
        assert "Prévenez d’abord la famille" in shown and "Compléter la demande" not in shown
        assert client.post(reverse("desk:take_verified", args=[conflict.pk]), {"reason": "oui"}).status_code == 422
        client.post(reverse("desk:tell_family", args=[conflict.pk]))
        shown = page(client, "desk:conflict", conflict.pk)
        draft = reverse("households:summary", args=[conflict.request.token])
        assert draft in shown
        assert "Yahya" in page(client, "households:summary", conflict.request.token) or conflict.field == "death"
    assert household.members.count() == 2


def test_a_family_outside_the_area_is_nowhere(client, salma, brahim):
    conflict = contradiction(salma)
    client.force_login(brahim)
    assert client.get(reverse("desk:conflict", args=[conflict.pk])).status_code == 404
    assert "Aucune contradiction" in page(client, "desk:conflicts")
    elsewhere = parent(commune=GUELIZ)
    nadia = User.objects.get(username="nadia")
    deliver(nadia, "allowances", paid(elsewhere.idcs, "2026-02-01"), agency="cnss", **today())
    assert "CNSS" in page(client, "desk:conflicts")


def test_the_pages_read_in_arabic(client, salma):
    conflict = contradiction(salma)
    escalate_conflicts(on=conflict.due_on + timedelta(days=1), by=engine())
    User.objects.filter(pk=salma.pk).update(language="ar")
    client.force_login(User.objects.get(pk=salma.pk))
    client.cookies["django_language"] = "ar"
    assert "تسليمات الشركاء" in page(client, "households:deliveries")
    assert "التعويضات العائلية" in page(client, "desk:conflicts")


def test_what_is_refused_is_said_at_its_field_and_what_was_typed_stands(client, salma, amina):
    conflict = contradiction(salma)
    client.force_login(amina)
    kept = client.post(reverse("desk:keep_answer", args=[conflict.pk]), {"reason": " "})
    assert kept.status_code == 422 and 'aria-describedby="keep-help keep-wrong"' in kept.content.decode()
    assert 'id="keep-wrong"' in kept.content.decode() and 'id="take-wrong"' not in kept.content.decode()
    untold = client.post(reverse("desk:take_verified", args=[conflict.pk]), {"reason": "d’accord"})
    assert untold.status_code == 422 and 'id="take-wrong"' not in untold.content.decode()  # about no field: the family first
    tell_family(conflict.pk, on=localdate(), by=amina, law=law(localdate()))
    early = client.post(reverse("desk:take_verified", args=[conflict.pk]), {"reason": ""})
    assert early.status_code == 422 and 'aria-describedby="take-help take-wrong"' in early.content.decode()
