"""The public page: whether the registry issued a paper, and not one word about anybody."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.urls import reverse

from eligibility import references, services
from eligibility.models import Notice
from enrollment.models import RightNotice
from households.models import Household
from rsu.models import AuditEvent
from tests.eligibility.families import family, person
from tests.eligibility.papers import telling

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def nobody_asked_yet():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def notice(amina) -> Notice:
    household = family(person())
    household.members.update(first_name_fr="Abdelouahed", last_name_fr="Ouazzani", first_name_ar="عبد الواحد", last_name_ar="الوزاني")
    return issue(household, amina)


def issue(household, by, **changes) -> Notice:
    return services.issue_notice(household=household, tell=lambda: telling(**changes), on=DAY, by=by).notice


def page(client, reference, **headers):
    return client.get(reverse("verify_reference", args=[reference]), headers=headers)


def test_whoever_scans_the_code_reads_that_the_registry_issued_it(client, notice):
    answer = client.get(notice.content["issued"]["url"].removeprefix("http://localhost:8000"))
    text = answer.content.decode()
    assert answer.status_code == 200
    for said in (
        "Émis par le registre",
        references.grouped(notice.reference),
        "22 novembre 2026",
        "Notification de décision",
        notice.short_digest,
    ):
        assert said in text
    assert "remplacé" not in text


@pytest.mark.parametrize("shape", ["{0}", "{1}", " {1} ", "{2}", "{3}"])
def test_a_reference_typed_by_hand_is_read(client, notice, shape):
    reference = notice.reference
    typed = shape.format(
        reference, references.grouped(reference), reference.lower().replace("0", "o").replace("1", "l"), " ".join(reference)
    )
    answer = client.get(reverse("verify"), {"reference": typed})
    assert answer.status_code == 200 and notice.short_digest in answer.content.decode()


def test_a_replaced_paper_says_so_and_does_not_lead_to_the_new_one(client, notice, amina):
    newer = issue(notice.household, amina, score=90_000_000)
    text = page(client, notice.reference).content.decode()
    assert "remplacé depuis" in text and "Un papier plus récent" in text
    assert newer.reference not in text and references.grouped(newer.reference) not in text
    assert "remplacé depuis" not in page(client, newer.reference).content.decode()


def test_nothing_personal_is_said(client, notice):
    household = notice.household
    text = page(client, notice.reference).content.decode()
    member = household.members.get()
    personal = [
        household.code,
        household.shown_code,
        member.idcs,
        "Abdelouahed",
        "Ouazzani",
        "الوزاني",
        household.commune.name_fr,
        "Amina",
        "9,5",
    ]
    assert not [said for said in personal if said in text]


def test_a_mistyped_reference_is_told_from_one_that_does_not_exist(client, notice):
    other = "1" if notice.reference[3] != "1" else "2"
    mistyped = page(client, notice.reference[:3] + other + notice.reference[4:])
    unknown = page(client, references.draw())
    assert mistyped.status_code == unknown.status_code == 404
    assert "faute de frappe" in mistyped.content.decode() and "aucun papier" in unknown.content.decode()
    assert notice.short_digest not in mistyped.content.decode()


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "x" * 500, "\u202e7K3M", "%00", "' OR 1=1 --", "ⵎⵎⵎⵎ"])
def test_anything_may_be_typed(client, typed):
    answer = client.get(reverse("verify"), {"reference": typed})
    assert answer.status_code == 404 and "<script>alert" not in answer.content.decode()


def test_known_unknown_and_mistyped_references_ask_the_database_the_same(client, notice, django_assert_num_queries):
    for reference in (notice.reference, references.draw(), "FAUX"):
        with django_assert_num_queries(2):  # papers issued one by one, then notices of rights
            page(client, reference)


def test_the_page_is_kept_and_listed_by_nobody(client, notice):
    for answer in (page(client, notice.reference), client.get(reverse("verify"))):
        assert answer["Cache-Control"] == "private, no-store" and "noindex" in answer["X-Robots-Tag"]
        assert '<meta name="robots" content="noindex' in answer.content.decode()


def test_the_page_is_in_arabic_for_who_reads_arabic(client, notice):
    text = page(client, notice.reference, accept_language="ar").content.decode()
    assert '<html lang="ar" dir="rtl">' in text and "صادرة عن السجل" in text and "22 نونبر 2026" in text and "إشعار بقرار" in text


def test_nobody_tries_references_by_the_thousand(client, notice, settings):
    rate = int(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["verify"].split("/")[0])
    answers = [page(client, references.draw()).status_code for _ in range(rate + 1)]
    # A minute may end in between: the count then begins again, and the next as many are refused.
    answers += [page(client, references.draw()).status_code for _ in range(rate)] if 429 not in answers else []
    assert 429 in answers
    refused = page(client, notice.reference)
    assert refused.status_code == 429 and int(refused["Retry-After"]) <= 60
    assert notice.short_digest not in refused.content.decode()
    assert page(client, notice.reference, x_forwarded_for="203.0.113.7").status_code == 429
    assert client.get(reverse("verify_reference", args=[notice.reference]), REMOTE_ADDR="203.0.113.7").status_code == 200


def test_the_form_alone_is_not_counted(client, settings):
    assert {client.get(reverse("verify")).status_code for _ in range(40)} == {200}


def test_only_reading_is_answered(client, notice):
    assert client.post(reverse("verify"), {"reference": notice.reference}).status_code == 405


def test_verifying_leaves_no_trace_of_a_person_and_changes_nothing(client, notice):
    events, households = AuditEvent.objects.count(), Household.objects.count()
    page(client, notice.reference)
    assert (AuditEvent.objects.count(), Household.objects.count()) == (events, households)


def test_the_page_tells_nothing_in_its_cookies(client, notice):
    page(client, notice.reference)
    assert not re.search("session", " ".join(client.cookies))


def test_a_notice_of_a_right_is_known_and_says_nothing_of_anybody(client):
    row = right_notice("warned")
    text = page(client, row.reference).content.decode()
    assert row.short_digest in text and "Notification d’un droit" in text and "22 novembre 2026" in text
    assert all(said not in text for said in (row.household.code, "retiré depuis", "dernier papier", "préavis", "Abdelouahed"))
    RightNotice.objects.update(withdrawn_on=DAY)
    assert "retiré depuis" in page(client, row.reference).content.decode()


def test_the_digest_of_a_notice_of_a_right_follows_what_it_tells():
    row = right_notice("opened")
    before = row.short_digest
    row.content = {"reason": "autre"}
    assert row.short_digest != before


def right_notice(deed: str) -> RightNotice:
    household = family(person())
    household.members.update(first_name_fr="Abdelouahed")
    return RightNotice.objects.create(reference=references.draw(), household=household, program="direct_aid", deed=deed, on=DAY, content={})
